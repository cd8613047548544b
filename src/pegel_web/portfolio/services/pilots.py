"""Planning a pilot, and closing it with what was learned."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.queries.baselines import baselines
from pegel_web.organisation import entered
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import Pilot
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services.rows import changeable_case

LONGEST_TEXT: Final = 4000
MOST_PEOPLE: Final = 1_000_000


def plan_pilot(
    *,
    actor: Actor,
    use_case_id: UUID,
    hypothesis: str,
    baseline: str,
    kill_criterion: str,
    ends_on: date | None,
    starts_on: date | None = None,
    people: int | None = None,
    baseline_id: UUID | None = None,
) -> CaseReport:
    """Plan a pilot, or say its plan anew: what is tried, how it is without, what ends it, and when it ends.

    ``baseline_id``: a baseline that was taken of a stream, so that it cannot be said differently later.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``pilot_not_now``,
    ``experiment_end_is_fixed``. InputError: ``baseline_unknown``, ``pilot_backwards``, ``day_in_the_past``,
    ``people_impossible`` and those of ``entered``.
    """
    texts = {
        name: entered.paragraph(text, field=name, most=LONGEST_TEXT)
        for name, text in (("hypothesis", hypothesis), ("baseline", baseline), ("kill_criterion", kill_criterion))
    }
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if day is not None:
            entered.day(day)
            if field == "ends_on" and day <= actor.at.date():
                raise InputError("day_in_the_past", field=field, day=day)
    if starts_on is not None and ends_on is not None and ends_on <= starts_on:
        raise InputError("pilot_backwards", field="ends_on")
    if people is not None and not 0 < people <= MOST_PEOPLE:
        raise InputError("people_impossible", field="people", most=MOST_PEOPLE)
    if baseline_id is not None and all(one.id != baseline_id for one in baselines(actor=actor)):
        raise InputError("baseline_unknown", field="baseline_id")
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        if row.state not in {CaseState.IDEA, CaseState.ASSESSED, CaseState.PRIORITISED, CaseState.PILOT}:
            raise ConflictError("pilot_not_now", state=row.state)
        pilot = Pilot.objects.filter(use_case=row, closed_at=None).first()
        before = None if pilot is None else {"ends_on": pilot.ends_on, "kill_criterion": pilot.kill_criterion}
        if pilot is None:
            pilot = Pilot(use_case=row, planned_at=actor.at)
        elif pilot.pattern_id is not None and ends_on != pilot.ends_on:
            # What was tried without a gate ends on the day its pattern set.
            raise ConflictError("experiment_end_is_fixed", day=pilot.ends_on)
        for name, text in texts.items():
            setattr(pilot, name, text)
        pilot.starts_on, pilot.ends_on, pilot.people = starts_on, ends_on, people
        pilot.baseline_id = baseline_id
        pilot.save()
        record(
            actor,
            "portfolio.pilot.planned",
            subject=("use_case", row.id),
            unit=row.unit_id,
            before=before,
            after={"starts_on": starts_on, "ends_on": ends_on, "kill_criterion": texts["kill_criterion"]},
        )
    return use_case(actor=actor, use_case_id=use_case_id)


def close_pilot(*, actor: Actor, use_case_id: UUID, as_planned: bool, why: str, change: str) -> CaseReport:
    """Write down what a pilot taught: as planned or not, why, and what changes now. Everybody may read it.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``pilot_missing``. InputError:
    ``text_missing``.
    """
    said = entered.paragraph(why, field="why", most=LONGEST_TEXT, required=True)
    will = entered.paragraph(change, field="change", most=LONGEST_TEXT, required=True)
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        pilots = Pilot.objects.filter(use_case=row).order_by("-planned_at")
        pilot = pilots.filter(closed_at=None).first() or pilots.first()
        if pilot is None or (pilot.closed_at is None and row.state != CaseState.PILOT):
            raise ConflictError("pilot_missing")
        pilot.as_planned, pilot.why, pilot.change = as_planned, said, will
        pilot.save(update_fields=["as_planned", "why", "change"])
        record(
            actor,
            "portfolio.pilot.closed",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"as_planned": as_planned},
        )
    return use_case(actor=actor, use_case_id=use_case_id)
