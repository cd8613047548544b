"""Where folders stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(name="pickup", url_name="pickup_folders", permission="flow.stream.change", section="work", order=18)
)
