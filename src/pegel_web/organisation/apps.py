"""The app."""

from __future__ import annotations

from pegel_web.core.apps import PegelApp


class OrganisationConfig(PegelApp):
    """Units, people, roles, delegation, sign-in."""

    default = True
    name = "pegel_web.organisation"
