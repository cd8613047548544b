"""What the views of all use cases share: how to get from one to another, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.organisation.views.entry import asked_id
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.ui.components import Tab, Tabs

_VIEWS: Final = ("use_case_list", "use_case_board", "use_case_map", "use_case_ranking", "promised_realised")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What was asked for in the address; what makes no sense is left out."""

    unit_id: UUID | None
    horizon: int | None
    state: CaseState | None

    @property
    def address(self) -> dict[str, str]:
        """Return it as parameters."""
        found = {"unit": self.unit_id, "horizon": self.horizon, "state": self.state}
        return {name: str(value) for name, value in found.items() if value is not None}


def filter_of(request: HttpRequest) -> CaseFilter:
    """Return what a request asks for."""
    horizon, state = request.GET.get("horizon", ""), request.GET.get("state", "")
    return CaseFilter(
        unit_id=asked_id(request, "unit"),
        horizon=int(horizon) if horizon in {"1", "2", "3"} else None,
        state=CaseState(state) if state in set(map(str, CaseState)) else None,
    )


def filter_context(asked: CaseFilter, language: Language) -> dict[str, Any]:
    """Return what the form above a view needs."""
    return {
        "states": [
            (one.value, say(f"portfolio.state.{one}", language), one is asked.state) for one in CaseState
        ],
        "horizons": [(number, number == asked.horizon) for number in (1, 2, 3)],
    }  # fmt: skip


def view_tabs(current: str, language: Language) -> Tabs:
    """Return the views of all use cases."""
    return Tabs(
        label=say("portfolio.views.label", language),
        items=[
            Tab(label=say(f"portfolio.views.{name}", language), href=reverse(name), current=name == current)
            for name in _VIEWS
        ],
    )
