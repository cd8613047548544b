"""Where background work stands in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(name="jobs", url_name="jobs", permission="jobs.own.view", section="system", order=80)
)
