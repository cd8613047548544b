"""Use cases in short, for views of all of them at once: read as plain values, in a number of statements that is fixed.

Amounts are read as floating-point numbers: views compare them, none of them books them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Final
from uuid import UUID

from django.db.models import F, FloatField, QuerySet
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


@dataclass(frozen=True, slots=True)
class OneEstimate:
    """The last estimate of one author."""

    author: UUID | None
    benefit: Span
    effort: Span


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


def estimates_of(rows: QuerySet[UseCase]) -> dict[UUID, list[OneEstimate]]:
    """Return the last estimate of each author by use case; who was forgotten counts with each of theirs."""
    amounts = {f"{name}_eur": Cast(F(name), FloatField()) for name in _FIELDS}
    found = (
        CaseEstimate.objects.filter(use_case__in=rows.order_by().values("id"))
        .order_by("estimated_at", "id")
        .annotate(**amounts)
        .values_list("use_case_id", "author_id", "id", *amounts)
    )
    last: dict[tuple[UUID, UUID | int], OneEstimate] = {}
    for case, author, number, *six in found:
        low, likely, high, least, usual, most = six
        benefit, effort = Span(low=low, likely=likely, high=high), Span(low=least, likely=usual, high=most)
        last[case, author or number] = OneEstimate(author, benefit, effort)
    by_case: dict[UUID, list[OneEstimate]] = defaultdict(list)
    for (case, _), one in last.items():
        by_case[case].append(one)
    return by_case


def mean_span(spans: Sequence[Span]) -> Span:
    """Return the mean of low, likely and high, to the cent."""
    if len(spans) == 1:
        return spans[0]
    return Span(
        low=round(fmean(one.low for one in spans), 2),
        likely=round(fmean(one.likely for one in spans), 2),
        high=round(fmean(one.high for one in spans), 2),
    )
