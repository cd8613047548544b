"""Platforms and guardrails, for agents and the command line."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.platforms import PlatformCatalogue, PlatformReport
from pegel_web.organisation.queries import platforms as queries
from pegel_web.organisation.queries.responsibilities import VIEW


@tool(permission=VIEW)
def platform_catalogue(actor: Actor, *, on: date | None = None) -> PlatformCatalogue:
    """List the platforms one may build on and the guardrails that hold, with their use and what is missing.

    on: a day; today where it is left out. Tools that run on no platform are listed, too.
    """
    return queries.platform_catalogue(actor=actor, on=on)


@tool(permission=VIEW)
def platform_report(actor: Actor, *, platform_id: UUID, on: date | None = None) -> PlatformReport:
    """Show one platform: what it is for, how to get it, who answers for it, its guardrails, the tools on it.

    platform_id: from platform_catalogue. on: a day; today where it is left out.
    """
    return queries.platform_report(actor=actor, platform_id=platform_id, on=on)
