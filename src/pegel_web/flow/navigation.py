"""Where value streams stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(name="streams", url_name="streams", permission="flow.stream.view", section="work", order=10),
    NavigationEntry(
        name="start_small", url_name="start_small", permission="flow.stream.view", section="work", order=14
    ),
    NavigationEntry(name="stalls", url_name="stall_desk", permission="flow.stall.report", section="work", order=16),
    NavigationEntry(name="alerts", url_name="alerts", permission="flow.stream.view", section="work", order=15),
)
