"""What was promised against what came of it, in all and by function; never by person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from statistics import fmean
from uuid import UUID

from django.db.models import FloatField, Min, QuerySet
from django.db.models.functions import Cast
from django.utils.timezone import make_aware

from pegel_web.core.actor import Actor
from pegel_web.organisation.group_floor import group_floor
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.scoring import PromisedLine, PromisedRealised, RealisedCase, RealisedLine
from pegel_web.portfolio.lifecycle import LIVE
from pegel_web.portfolio.models import CaseEstimate, CaseStep, RealisedBenefit, UseCase
from pegel_web.portfolio.queries.heads import all_cases
from pegel_web.portfolio.queries.use_cases import seen_case


@dataclass(frozen=True, slots=True)
class _Promise:
    group: str
    author: UUID | None
    case: UUID
    benefit: float


def promised_realised(*, actor: Actor, unit_id: UUID | None = None) -> PromisedRealised:
    """Return realised ÷ promised of use cases of which somebody declared what they bring, in all and by function.

    Promised is the last estimate of each author before the use case first went into production, or, where it never
    did, before the day on which the benefit was seen. Below the floor a group is withheld; where that leaves only one
    group hidden, the next smallest is withheld with it, so that nothing follows from the difference.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    rows = all_cases(actor=actor, unit_id=unit_id)
    realised = _realised(rows)
    promises = _promises(realised)
    least = group_floor()
    groups: dict[str, list[_Promise]] = defaultdict(list)
    for one in promises:
        groups[one.group].append(one)
    hidden = _hidden(groups, least)
    everything = _line(None, promises, realised, withheld=_people(promises) < least)
    lines = [_line(name, groups[name], realised, withheld=name in hidden) for name in sorted(groups)]
    return PromisedRealised(
        lines=(everything, *lines) if promises else (),
        least=least,
        declared=len(realised),
        compared=len({one.case for one in promises}),
        cases=_cases(actor, realised),
    )


def realised_of(*, actor: Actor, use_case_id: UUID) -> RealisedLine | None:
    """Return the benefit that was last declared of a use case; None: nobody declared one.

    Raises
    ------
    NotFoundError: ``use_case_unknown``.
    """
    seen_case(actor, use_case_id)
    row = RealisedBenefit.objects.filter(use_case=use_case_id).order_by("-declared_at", "-id").first()
    if row is None:
        return None
    return RealisedLine(
        use_case_id=use_case_id,
        amount=float(row.amount),
        seen_on=row.seen_on,
        document=row.document,
        note=row.note,
        declared_at=row.declared_at,
    )


def _cases(actor: Actor, realised: Mapping[UUID, tuple[float, datetime]]) -> tuple[RealisedCase, ...]:
    last = {
        one.use_case_id: one
        for one in RealisedBenefit.objects.filter(use_case__in=list(realised))
        .order_by("declared_at", "id")
        .select_related("use_case")
    }
    units = unit_names({one.use_case.unit_id for one in last.values()}, structure_on(actor.at.date()))
    return tuple(
        RealisedCase(
            use_case_id=case,
            number=one.use_case.number,
            title=one.use_case.title,
            unit_name=units.get(one.use_case.unit_id, ""),
            amount=float(one.amount),
            seen_on=one.seen_on,
            document=one.document,
        )
        for case, one in sorted(last.items(), key=lambda pair: -pair[1].use_case.number)
    )


def _realised(rows: QuerySet[UseCase]) -> dict[UUID, tuple[float, datetime]]:
    """Return by use case the amount, and the moment before which an estimate was a promise."""
    found = RealisedBenefit.objects.filter(use_case__in=rows.order_by().values("id")).order_by("declared_at", "id")
    last = {
        case: (amount, make_aware(datetime.combine(day, time.min)))
        for case, amount, day in found.annotate(eur=Cast("amount", FloatField())).values_list(
            "use_case_id", "eur", "seen_on"
        )
    }
    begun = CaseStep.objects.filter(use_case__in=list(last), target__in=list(LIVE)).values("use_case_id")
    for one in begun.annotate(first=Min("at")):
        amount, _ = last[one["use_case_id"]]
        last[one["use_case_id"]] = (amount, one["first"])
    return last


def _promises(realised: Mapping[UUID, tuple[float, datetime]]) -> list[_Promise]:
    rows = (
        CaseEstimate.objects.filter(use_case__in=list(realised))
        .order_by("estimated_at", "id")
        .annotate(eur=Cast("value_likely", FloatField()))
        .values_list("use_case_id", "author_id", "id", "group", "eur", "estimated_at")
    )
    last: dict[tuple[UUID, UUID | int], _Promise] = {}
    for case, author, number, group, benefit, at in rows:
        if at < realised[case][1]:
            last[case, author or number] = _Promise(group, author, case, benefit)
    return [one for one in last.values() if one.benefit > 0]


def _people(promises: Iterable[_Promise]) -> int:
    """Return how many people estimated; who was forgotten cannot be told from anybody else and does not count."""
    return len({one.author for one in promises if one.author is not None})


def _hidden(groups: Mapping[str, Sequence[_Promise]], least: int) -> set[str]:
    hidden = {name for name, promises in groups.items() if _people(promises) < least}
    rest = sorted((name for name in groups if name not in hidden), key=lambda name: (_people(groups[name]), name))
    return hidden | set(rest[:1]) if len(hidden) == 1 else hidden


def _line(
    function: str | None,
    promises: Sequence[_Promise],
    realised: Mapping[UUID, tuple[float, datetime]],
    *,
    withheld: bool,
) -> PromisedLine:
    if withheld:
        return PromisedLine(function=function, withheld=True, cases=None, ratio=None, promised=None, realised=None)
    by_case: dict[UUID, list[float]] = defaultdict(list)
    for one in promises:
        by_case[one.case].append(one.benefit)
    promised = {case: fmean(benefits) for case, benefits in by_case.items()}
    return PromisedLine(
        function=function,
        withheld=False,
        cases=len(promised),
        ratio=fmean(realised[case][0] / benefit for case, benefit in promised.items()),
        promised=round(sum(promised.values()), 2),
        realised=round(sum(realised[case][0] for case in promised), 2),
    )
