"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class PortfolioConfig(PegelApp):
    """Use cases, their gates, estimates, pilots."""

    default = True
    name = "pegel_web.portfolio"

    def ready(self) -> None:
        """Register what the app declares: criteria of gates, and what it keeps about people."""
        super().ready()
        from pegel_web.portfolio import criteria, home, kept_about_people, step_offer  # noqa: F401, PLC0415  (they register themselves)
