"""On a person's first page: what waits for their answer, what became of their reports, and the way to report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.stalls import Stall
from pegel_web.flow.queries.stalls import REPORT, stall_news
from pegel_web.flow.queries.streams import streams_seen
from pegel_web.organisation.home_registry import declare_home_section
from pegel_web.ui.components import Component

#: Reports listed at most; the others are one click away.
MOST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StallsAtHome(Component):
    """Reports that wait for this person's answer (``waiting`` of them in all), and own ones that were answered."""

    waiting: int
    oldest: tuple[Stall, ...]
    answered: tuple[Stall, ...]

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the section as HTML."""
        del page
        return render_to_string("flow/stall_home.html", {"it": self, "language": language})


def my_stalls(actor: Actor) -> StallsAtHome | None:
    """Return the section; None for people who have no stream to report about."""
    own, waiting = stall_news(actor=actor)
    if not own and not waiting and not any(actor.allows(REPORT, unit=row.unit_id) for row in streams_seen(actor)):
        return None
    answered = tuple(one for one in own if one.status == "answered")
    return StallsAtHome(waiting=len(waiting), oldest=waiting[:MOST], answered=answered[:MOST])


declare_home_section(15, REPORT, my_stalls)
