"""Pre-approved patterns, and experiments that begin under one without a gate and end by themselves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation import entered
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseMove, CaseState
from pegel_web.portfolio.models import ExperimentPattern, Pilot, UseCase
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.use_cases import DataClass
from pegel_web.portfolio.queries.facts import facts_of
from pegel_web.portfolio.queries.patterns import CHANGE, pattern, patterns_for
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services.moves import take_step
from pegel_web.portfolio.services.rows import changeable_case

LONGEST_NAME: Final = 120
LONGEST_TEXT: Final = 4000
LONGEST_TOOLS: Final = 1000
MOST_PEOPLE: Final = 1_000_000
MOST_DAYS: Final = 730
_FROM: Final = (CaseState.IDEA, CaseState.ASSESSED, CaseState.PRIORITISED)
#: What nobody may try, whoever approved the pattern.
_STOPS: Final = frozenset({DeclarationValue.PROHIBITED, DeclarationValue.HIGH})


def set_pattern(
    *,
    actor: Actor,
    name: str,
    description: str,
    unit_id: UUID,
    most_data_class: DataClass,
    most_people: int,
    most_days: int,
    most_amount: Decimal,
    tools: str = "",
    valid_until: date | None = None,
    pattern_id: UUID | None = None,
) -> Pattern:
    """Allow a kind of experiment in a unit and below it, within caps; ``pattern_id``: change one, from now on.

    What runs already keeps the end it began with.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``, ``pattern_unknown``. InputError:
    ``caps_impossible``, ``amount_invalid`` and those of ``entered``.
    """
    if unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    actor.require(CHANGE, unit=unit_id)
    if not 0 < most_people <= MOST_PEOPLE or not 0 < most_days <= MOST_DAYS:
        raise InputError("caps_impossible", field="most_days", people=MOST_PEOPLE, days=MOST_DAYS)
    today = actor.at.date()
    with transaction.atomic():
        row = ExperimentPattern(valid_from=today)
        if pattern_id is not None:
            rows = ExperimentPattern.objects.visible_to(actor).select_for_update()
            found = rows.filter(id=pattern_id).first()
            if found is None:
                raise NotFoundError("pattern_unknown", id=pattern_id)
            actor.require(CHANGE, unit=found.unit_id)
            row = found
        row.name = cleaned(name, field="name", most=LONGEST_NAME)
        row.description = entered.paragraph(description, field="description", most=LONGEST_TEXT, required=True)
        row.tools = entered.paragraph(tools, field="tools", most=LONGEST_TOOLS)
        row.unit_id, row.most_data_class = unit_id, most_data_class
        row.most_people, row.most_days = most_people, most_days
        row.most_amount = entered.amount(most_amount) or Decimal(0)
        entered.forward(row.valid_from, valid_until)
        row.valid_until, row.changed_at = valid_until, actor.at
        row.save()
        record(
            actor,
            "portfolio.pattern.set",
            subject=("pattern", row.id),
            unit=unit_id,
            after={
                "name": row.name, "most_data_class": str(most_data_class), "most_people": most_people,
                "most_days": most_days, "most_amount": row.most_amount, "valid_until": valid_until,
            },
        )  # fmt: skip
    return pattern(actor=actor, pattern_id=row.id)


def end_pattern(*, actor: Actor, pattern_id: UUID) -> None:
    """End a pattern: nothing new begins under it; what runs goes on to its end.

    Raises
    ------
    NotFoundError: ``pattern_unknown``. NotAllowedError: ``not_allowed``.
    """
    with transaction.atomic():
        row = ExperimentPattern.objects.visible_to(actor).select_for_update().filter(id=pattern_id).first()
        if row is None:
            raise NotFoundError("pattern_unknown", id=pattern_id)
        actor.require(CHANGE, unit=row.unit_id)
        today = actor.at.date()
        # What began today and ends today allowed nothing for a whole day; a period needs one.
        row.valid_from, row.valid_until = min(row.valid_from, today - timedelta(days=1)), today
        row.changed_at = actor.at
        row.save(update_fields=["valid_from", "valid_until", "changed_at"])
        record(
            actor, "portfolio.pattern.ended", subject=("pattern", row.id), unit=row.unit_id, after={"name": row.name}
        )


def start_experiment(
    *,
    actor: Actor,
    use_case_id: UUID,
    pattern_id: UUID,
    hypothesis: str,
    kill_criterion: str,
    people: int,
    days: int,
    amount: Decimal,
    baseline: str = "",
) -> CaseReport:
    """Try a use case without a gate, within the caps of a pre-approved pattern; it ends by itself.

    Raises
    ------
    NotFoundError: ``use_case_unknown``, ``pattern_unknown``. NotAllowedError: ``not_allowed``. ConflictError:
    ``move_not_possible``, ``pattern_not_here``, ``experiment_prohibited``, ``beyond_cap`` (what, most). InputError:
    ``data_class_missing`` and those of ``entered``.
    """
    tried = entered.paragraph(hypothesis, field="hypothesis", most=LONGEST_TEXT, required=True)
    stops = entered.paragraph(kill_criterion, field="kill_criterion", most=LONGEST_TEXT, required=True)
    without = entered.paragraph(baseline, field="baseline", most=LONGEST_TEXT)
    sum_ = entered.amount(amount) or Decimal(0)
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        allowed = {one.pattern_id: one for one in patterns_for(actor=actor, unit_id=row.unit_id)}
        if pattern_id not in allowed:
            raise ConflictError("pattern_not_here")
        caps = allowed[pattern_id]
        state = CaseState(row.state)
        if state not in _FROM:
            raise ConflictError("move_not_possible", state=row.state, target=str(CaseState.PILOT))
        _require_harmless(row, actor.at.date())
        if not row.data_class:
            raise InputError("data_class_missing", field="data_class")
        ranks = list(DataClass.values)
        if ranks.index(row.data_class) > ranks.index(caps.most_data_class):
            raise ConflictError("beyond_cap", what="data_class", most=caps.most_data_class)
        for what, given, most in (
            ("people", people, caps.most_people), ("days", days, caps.most_days), ("amount", sum_, caps.most_amount)
        ):  # fmt: skip
            if given > most:
                raise ConflictError("beyond_cap", what=what, most=most)
            if what != "amount" and given < 1:
                raise InputError("caps_impossible", field=what, people=MOST_PEOPLE, days=MOST_DAYS)
        found = ExperimentPattern.objects.everything(because="chosen among those that hold here").get(id=pattern_id)
        Pilot.objects.filter(use_case=row, closed_at=None).update(closed_at=actor.at)
        Pilot.objects.create(
            use_case=row, hypothesis=tried, baseline=without, kill_criterion=stops, starts_on=actor.at.date(),
            ends_on=actor.at.date() + timedelta(days=days), people=people, pattern=found, planned_at=actor.at,
        )  # fmt: skip
        take_step(actor, row, CaseMove(state, CaseState.PILOT, "forward"), pattern=found)
        record(
            actor,
            "portfolio.experiment.started",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"pattern": found.id, "people": people, "days": days, "amount": sum_},
        )
    return use_case(actor=actor, use_case_id=use_case_id)


def expire_experiments(*, actor: Actor) -> int:
    """End the experiments whose day has come: back to assessed, on record. Returns how many. For Pegel itself."""
    due = Pilot.objects.filter(closed_at=None, pattern__isnull=False, ends_on__lte=actor.at.date())
    ended = 0
    for case in list(due.values_list("use_case_id", flat=True)):
        with transaction.atomic():
            rows = UseCase.objects.everything(because="experiments end by themselves")
            row = rows.select_for_update(of=("self",)).get(id=case)
            pilot = Pilot.objects.filter(use_case=row, closed_at=None, pattern__isnull=False).first()
            # Somebody may have moved it since it was looked up.
            if pilot is None or pilot.ends_on is None or pilot.ends_on > actor.at.date():
                continue
            if row.state == CaseState.PILOT:
                take_step(actor, row, CaseMove(CaseState.PILOT, CaseState.ASSESSED, "back"))
            Pilot.objects.filter(pk=pilot.pk).update(closed_at=actor.at)
            record(
                actor,
                "portfolio.experiment.expired",
                subject=("use_case", row.id),
                unit=row.unit_id,
                after={"ends_on": pilot.ends_on},
            )
            ended += 1
    return ended


def _require_harmless(row: UseCase, day: date) -> None:
    """Refuse what is declared to be prohibited or of high risk: no pattern reaches that far."""
    declared = facts_of([row], day)[row.id].declared
    values = {declared[one].value for one in (Subject.RISK_CLASS, Subject.POLICY_BUCKET) if one in declared}
    if values & _STOPS:
        raise ConflictError("experiment_prohibited")
