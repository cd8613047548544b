"""What waits at gates for a person's decision, on their first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pegel_web.core.actor import Actor
from pegel_web.organisation.home_registry import declare_home_section
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.use_cases import RequestLine
from pegel_web.portfolio.queries.requests import DECIDE, gate_requests
from pegel_web.ui.components import Component

#: So many are listed at most; the others are one click away.
MOST: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesAtHome(Component):
    """Requests that the person may decide, the longest waiting first."""

    found: tuple[RequestLine, ...]

    @property
    def shown(self) -> list[tuple[str, str, float]]:
        """Return those that are listed: name, address, days waited."""
        address = addresses("gate_request")
        return [(f"UC-{one.number} {one.title}", address(one.request_id), one.days) for one in self.found[:MOST]]

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the section as HTML."""
        del page
        return render_to_string("portfolio/home.html", {"it": self, "language": language})


def my_gates(actor: Actor) -> GatesAtHome | None:
    """Return the section; None where nothing waits for this person."""
    found = gate_requests(actor=actor, status="open", mine=True)
    return GatesAtHome(found=found) if found else None


declare_home_section(12, DECIDE, my_gates)
