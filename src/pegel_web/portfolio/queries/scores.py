"""What people entered for scores, and what the criteria weigh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db.models import CharField, F, QuerySet
from django.db.models.functions import Cast

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.portfolio.contracts.scoring import WeightLine, Weights
from pegel_web.portfolio.models import CaseScore, CriteriaWeights, UseCase
from pegel_web.portfolio.queries.use_cases import VIEW
from pegel_web.portfolio.scoring import CRITERIA, EQUAL_WEIGHTS, Method

SETTING: Final = "portfolio.setting.change"


def criteria_weights(*, actor: Actor) -> Weights:
    """Return what the criteria weigh now.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    row = CriteriaWeights.objects.order_by("-version").first()
    weights = EQUAL_WEIGHTS if row is None else row.weights
    by = None if row is None or row.set_by_id is None else row.set_by_id
    return Weights(
        version=0 if row is None else row.version,
        lines=tuple(WeightLine(criterion=name, weight=weights.get(name, 0)) for name in CRITERIA),
        reason="" if row is None else row.reason,
        set_at=None if row is None else row.set_at,
        set_by=None if by is None else office_names([by]).get(by),
        may_change=actor.allows(SETTING) and actor.person_id is not None,
    )


def weights_now() -> tuple[int, Mapping[str, int]]:
    """Return the version of the weights in force, and the weights."""
    found = CriteriaWeights.objects.order_by("-version").values_list("version", "weights").first()
    return (0, EQUAL_WEIGHTS) if found is None else found


def entered_for(rows: QuerySet[UseCase], method: Method) -> dict[int, list[Mapping[str, float]]]:
    """Return what each author last entered for a method, by number of the use case.

    Who was forgotten counts with each of theirs.
    """
    found = (
        CaseScore.objects.filter(method=method, use_case__in=rows.order_by().values("id"))
        .order_by("scored_at", "id")
        .annotate(by=Cast(F("author_id"), CharField()))
        .values_list("use_case__number", "by", "id", "entered")
    )
    last: dict[tuple[int, str | int], Mapping[str, float]] = {}
    for case, author, number, entered in found:
        last[case, author or number] = entered
    by_case: dict[int, list[Mapping[str, float]]] = defaultdict(list)
    for (case, _), entered in last.items():
        by_case[case].append(entered)
    return by_case


def own_entry(*, actor: Actor, use_case_id: UUID, method: Method) -> Mapping[str, float]:
    """Return what the actor last entered for a use case; empty: nothing yet."""
    if actor.person_id is None:
        return {}
    rows = CaseScore.objects.filter(use_case=use_case_id, method=method, author=actor.person_id)
    found: Mapping[str, float] | None = rows.order_by("-scored_at", "-id").values_list("entered", flat=True).first()
    return found or {}
