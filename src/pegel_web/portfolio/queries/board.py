"""The main way as a board: a column per state, a card per use case."""

from __future__ import annotations

from collections import Counter
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.scoring import Board, BoardCard, BoardColumn
from pegel_web.portfolio.lifecycle import MAIN, CaseState
from pegel_web.portfolio.models import CaseDuty, GateRequest, UseCase
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.queries.heads import all_cases

#: So many cards of a column are read and drawn; the list holds all of them.
MOST_CARDS: Final = 20


def case_board(*, actor: Actor, unit_id: UUID | None = None, horizon: int | None = None) -> Board:
    """Return the board; in each column those come first that have been in their state longest.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    rows = all_cases(actor=actor, unit_id=unit_id, horizon=horizon)
    places = list(rows.order_by("state_since", "number").values_list("id", "state"))
    counts = Counter(state for _, state in places)
    chosen: dict[str, list[UUID]] = {str(state): [] for state in MAIN}
    for case, state in places:
        if state in chosen and len(chosen[state]) < MOST_CARDS:
            chosen[state].append(case)
    ids = [case for column in chosen.values() for case in column]
    found = UseCase.objects.everything(because="of those that were narrowed to the actor above").filter(id__in=ids)
    known = {row.id: row for row in found.only("id", "number", "title", "unit_id", "state_since")}
    asked = GateRequest.objects.everything(because="which of the cards wait").filter(closed_at=None, use_case__in=ids)
    waiting = dict(asked.values_list("use_case_id", "gate"))
    owned = set(
        CaseDuty.objects.filter(
            use_case__in=ids, duty=Duty.RESULT, letter=Letter.ACCOUNTABLE, person__erased_at=None
        ).values_list("use_case_id", flat=True)
    )
    units = unit_names({row.unit_id for row in known.values()}, structure_on(actor.at.date()))
    columns = []
    for state, cases in chosen.items():
        cards = tuple(
            BoardCard(
                use_case_id=case,
                number=known[case].number,
                title=known[case].title,
                unit_name=units.get(known[case].unit_id, ""),
                days=max(0, (actor.at - known[case].state_since).days),
                has_owner=case in owned,
                waiting_at_gate=waiting.get(case),
            )
            for case in cases
            if case in known
        )
        columns.append(BoardColumn(state=state, cards=cards, count=counts[state]))
    return Board(
        columns=tuple(columns), aside={str(one): counts[str(one)] for one in CaseState if str(one) not in chosen}
    )
