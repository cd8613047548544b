"""Use cases in short, for views of all of them at once: read as plain values, in a number of statements that is fixed.

Amounts are read as floating-point numbers: views compare them, none of them books them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import CharField, F, FloatField, QuerySet
from django.db.models.functions import Cast

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.scoring import Span
from pegel_web.portfolio.lifecycle import ENDED, CaseState
from pegel_web.portfolio.models import CaseEstimate, UseCase
from pegel_web.portfolio.queries.use_cases import VIEW, visible

_FIELDS: Final = ("value_low", "value_likely", "value_high", "effort_low", "effort_likely", "effort_high")


@dataclass(frozen=True, slots=True)
class CaseHead:
    """A use case in short."""

    use_case_id: UUID
    number: int
    title: str
    state: str
    state_since: datetime
    unit_id: UUID
    horizon: int | None
    function: str


class OneEstimate(NamedTuple):
    """The last estimate of one author: benefit per year and effort once, EUR."""

    benefit_low: float
    benefit: float
    benefit_high: float
    effort_low: float
    effort: float
    effort_high: float


def all_cases(*, actor: Actor, unit_id: UUID | None = None, horizon: int | None = None) -> QuerySet[UseCase]:
    """Return the use cases that an actor may see and asked for; ``unit_id``: of this unit and those below it.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    actor.require_somewhere(VIEW)
    rows = visible(actor)
    if unit_id is not None:
        structure = structure_on(actor.at.date())
        if unit_id not in structure.nodes:
            raise NotFoundError("unit_unknown", id=unit_id)
        rows = rows.filter(unit_id__in=structure.below(unit_id))
    return rows if horizon is None else rows.filter(horizon=horizon)


def chosen_cases(
    *, actor: Actor, unit_id: UUID | None = None, horizon: int | None = None, state: CaseState | None = None
) -> QuerySet[UseCase]:
    """Return as :func:`all_cases` those in one state; without ``state`` those that have not ended."""
    rows = all_cases(actor=actor, unit_id=unit_id, horizon=horizon)
    return rows.exclude(state__in=ENDED) if state is None else rows.filter(state=state)


def heads_of(rows: QuerySet[UseCase]) -> list[CaseHead]:
    """Return use cases in short, the newest first."""
    values = rows.order_by("-number").values_list(
        "id", "number", "title", "state", "state_since", "unit_id", "horizon", "function"
    )
    return [CaseHead(*one) for one in values]


def units_of(heads: Sequence[CaseHead], actor: Actor) -> Mapping[UUID, str]:
    """Return the names of the units of some use cases."""
    return unit_names({one.unit_id for one in heads}, structure_on(actor.at.date()))


def estimates_of(rows: QuerySet[UseCase]) -> dict[int, list[OneEstimate]]:
    """Return the last estimate of each author by number of the use case.

    Who was forgotten counts with each of theirs.
    """
    amounts = {f"{name}_eur": Cast(F(name), FloatField()) for name in _FIELDS}
    found = (
        CaseEstimate.objects.filter(use_case__in=rows.order_by().values("id"))
        .order_by("estimated_at", "id")
        .annotate(by=Cast(F("author_id"), CharField()), **amounts)
        .values_list("use_case__number", "by", "id", *amounts)
    )
    last: dict[tuple[int, str | int], OneEstimate] = {}
    for case, author, number, *six in found:
        last[case, author or number] = OneEstimate(*six)
    by_case: dict[int, list[OneEstimate]] = defaultdict(list)
    for (case, _), one in last.items():
        by_case[case].append(one)
    return by_case


def spans_of(estimates: Sequence[OneEstimate]) -> tuple[Span, Span]:
    """Return the means of low, likely and high, to the cent: of the benefit, and of the effort."""
    count = len(estimates)
    means = estimates[0] if count == 1 else [round(sum(column) / count, 2) for column in zip(*estimates, strict=True)]
    low, likely, high, least, usual, most = means
    return Span(low=low, likely=likely, high=high), Span(low=least, likely=usual, high=most)
