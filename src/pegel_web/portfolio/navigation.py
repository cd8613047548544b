"""Where use cases stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(
        name="use_cases", url_name="use_case_list", permission="portfolio.use_case.view", section="steer", order=10
    ),
    NavigationEntry(
        name="gate_queue", url_name="gate_queue", permission="portfolio.gate.decide", section="steer", order=20
    ),
    NavigationEntry(
        name="stalled_use_cases", url_name="stalled_use_cases", permission="portfolio.use_case.view", section="steer",
        order=16,
    ),
)  # fmt: skip
