"""Reading what criteria need, for one use case or several, in a number of statements that does not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from pegel_web.organisation.queries.responsibilities import gone_people
from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.models import (
    CaseDuty,
    CaseEstimate,
    CaseTool,
    Declaration,
    Pilot,
    UseCase,
)
from pegel_web.portfolio.queries.introductions import introductions_of


def facts_of(rows: Sequence[UseCase], day: date) -> dict[UUID, CaseFacts]:
    """Return the facts of some use cases on a day."""
    ids = [row.id for row in rows]
    duties: dict[UUID, list[CaseDuty]] = defaultdict(list)
    for duty in CaseDuty.objects.filter(use_case__in=ids).order_by("duty", "letter", "id"):
        duties[duty.use_case_id].append(duty)
    declared: dict[UUID, dict[str, Declaration]] = defaultdict(dict)
    for one in Declaration.objects.filter(use_case__in=ids).order_by("declared_at", "id"):
        declared[one.use_case_id][one.subject] = one
    estimates = last_estimates(ids)
    pilots: dict[UUID, Pilot] = {}
    for pilot in Pilot.objects.filter(use_case__in=ids).order_by("planned_at", "id"):
        # The open one counts, however late another was planned.
        if pilot.use_case_id not in pilots or pilots[pilot.use_case_id].closed_at is not None:
            pilots[pilot.use_case_id] = pilot
    tools: dict[UUID, list[str]] = defaultdict(list)
    for case, name in CaseTool.objects.filter(use_case__in=ids).order_by("id").values_list("use_case_id", "name"):
        tools[case].append(name)
    people = {one.person_id for of_case in duties.values() for one in of_case if one.person_id is not None}
    people |= {row.champion_id for row in rows if row.champion_id is not None}
    gone = gone_people(people, day) if people else frozenset()
    introduced = introductions_of(rows, day)
    return {
        row.id: CaseFacts(
            row=row,
            on=day,
            duties=tuple(duties[row.id]),
            declared=declared[row.id],
            estimates=tuple(estimates.get(row.id, ())),
            pilot=pilots.get(row.id),
            tools=tuple(tools[row.id]),
            gone=gone,
            introductions=introduced[row.id][0] if row.id in introduced else 0,
            most_introductions=introduced[row.id][1] if row.id in introduced else None,
        )
        for row in rows
    }


def last_estimates(ids: Iterable[UUID]) -> dict[UUID, list[CaseEstimate]]:
    """Return the last estimate of each author, by use case; who was forgotten counts with each of theirs."""
    last: dict[tuple[UUID, UUID | int], CaseEstimate] = {}
    rows = CaseEstimate.objects.filter(use_case__in=list(ids)).order_by("estimated_at", "id")
    for one in rows:
        last[one.use_case_id, one.author_id or one.pk] = one
    found: dict[UUID, list[CaseEstimate]] = defaultdict(list)
    for (case, _), one in last.items():
        found[case].append(one)
    return found
