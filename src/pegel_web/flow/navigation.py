"""Where value streams stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(name="streams", url_name="streams", permission="flow.stream.view", section="work", order=10)
)
