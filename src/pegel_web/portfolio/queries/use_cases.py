"""Use cases as an actor may see them: the list, and one with everything about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from pegel.errors import NotFoundError
from pegel.words import Language
from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import streams_seen
from pegel_web.organisation.queries.known_people import seen_by
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.contracts.use_cases import (
    CaseContent,
    CaseLine,
    CaseList,
    CaseReport,
    DeclaredLine,
    DutyLine,
    EstimateLine,
    MoveLine,
    PilotLine,
    Range3,
    StepLine,
)
from pegel_web.portfolio.declaring import PASSING, PERMISSION, VALUES
from pegel_web.portfolio.gate_registry import criteria_for
from pegel_web.portfolio.lifecycle import MAIN, OPEN, CaseMove, CaseState, moves_from
from pegel_web.portfolio.models import (
    CaseDuty,
    CaseEstimate,
    CaseSource,
    CaseStep,
    Declaration,
    GateRequest,
    Pilot,
    UseCase,
)
from pegel_web.portfolio.models.declarations import Subject
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.models.use_cases import Origin
from pegel_web.portfolio.queries.criteria import criterion_lines
from pegel_web.portfolio.queries.facts import facts_of, last_estimates
from pegel_web.portfolio.queries.measured_wait import measured_wait
from pegel_web.portfolio.queries.requests import request_lines

VIEW: Final = "portfolio.use_case.view"
CHANGE: Final = "portfolio.use_case.change"
REGISTER: Final = "portfolio.idea.register"
ESTIMATE: Final = "portfolio.estimate.give"
CONTENT: Final = tuple(CaseContent.__dataclass_fields__)
_NOTHING: Final = Decimal(0)


def use_case_list(
    *,
    actor: Actor,
    state: CaseState | None = None,
    unit_id: UUID | None = None,
    stream_id: UUID | None = None,
    horizon: int | None = None,
    text: str = "",
) -> CaseList:
    """Return the use cases that an actor may see, the newest first.

    ``unit_id``: of this unit and those below it. ``text``: in title, pain or hoped effect.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    rows = chosen_cases(actor, state=state, unit_id=unit_id, stream_id=stream_id, horizon=horizon, text=text)
    structure = structure_on(actor.at.date())
    by_state = counted(visible(actor))
    lines = case_lines(list(rows.order_by("-number")), actor=actor, structure=structure)
    return CaseList(lines=lines, by_state=by_state, total=sum(by_state.values()))


def counted(rows: QuerySet[UseCase]) -> dict[str, int]:
    """Return how many use cases stand where."""
    found = dict(rows.order_by().values_list("state").annotate(count=Count("id")))
    return {str(one): found.get(str(one), 0) for one in CaseState}


def chosen_cases(
    actor: Actor,
    *,
    state: CaseState | None = None,
    unit_id: UUID | None = None,
    stream_id: UUID | None = None,
    horizon: int | None = None,
    text: str = "",
) -> QuerySet[UseCase]:
    """Return the use cases that an actor may see and asks for, as :func:`use_case_list` does, not read yet.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    actor.require_somewhere(VIEW)
    rows = visible(actor)
    if state is not None:
        rows = rows.filter(state=state)
    if unit_id is not None:
        structure = structure_on(actor.at.date())
        if unit_id not in structure.nodes:
            raise NotFoundError("unit_unknown", id=unit_id)
        rows = rows.filter(unit_id__in=structure.below(unit_id))
    if stream_id is not None:
        rows = rows.filter(stream_id=stream_id)
    if horizon is not None:
        rows = rows.filter(horizon=horizon)
    if words := text.replace("\0", "").strip()[:200]:
        rows = rows.filter(Q(title__icontains=words) | Q(pain__icontains=words) | Q(hoped_effect__icontains=words))
    return rows


def visible(actor: Actor) -> QuerySet[UseCase]:
    """Return the use cases of the units that an actor may see, and those that the actor registered."""
    rows: QuerySet[UseCase] = UseCase.objects.everything(because="narrowed in the next lines")
    units = actor.units_for(VIEW)
    if units is None:
        return rows
    seen = Q(unit_id__in=units)
    return rows.filter(seen if actor.person_id is None else seen | Q(submitted_by=actor.person_id))


def seen_case(actor: Actor, use_case_id: UUID) -> UseCase:
    """Return a use case that an actor may see.

    Raises
    ------
    NotFoundError: ``use_case_unknown``.
    """
    row = visible(actor).filter(id=use_case_id).first()
    if row is None:
        raise NotFoundError("use_case_unknown", id=use_case_id)
    return row


def may_change(actor: Actor, row: UseCase, duties: Iterable[tuple[str, str, UUID | None]] = ()) -> bool:
    """Tell whether an actor may change a use case: by right, as who answers for it, or as who had the idea.

    ``duties``: duty, letter, person of each; the person who registered an idea may mend it while it is one.
    """
    if actor.allows(CHANGE, unit=row.unit_id):
        return True
    if actor.person_id is None or not (actor.scopes is None or actor.scopes & {"write", CHANGE}):
        return False
    if row.submitted_by_id == actor.person_id and row.state == CaseState.IDEA:
        return True
    return any(letter == Letter.ACCOUNTABLE and person == actor.person_id for _, letter, person in duties)


def case_lines(rows: Sequence[UseCase], *, actor: Actor, structure: Structure) -> tuple[CaseLine, ...]:
    """Return lines of use cases, read in a number of statements that does not grow with them."""
    if not rows:
        return ()
    ids = [row.id for row in rows] if len(rows) < _MANY else None
    owners = _owners(ids)
    risks = _risks(ids)
    estimates = last_estimates(ids) if ids is not None else last_estimates(_estimated())
    asked = GateRequest.objects.everything(because="which use cases wait, of those already narrowed")
    waiting = dict(_of(asked.filter(closed_at=None), ids).values_list("use_case_id", "gate"))
    ends = dict(_of(Pilot.objects.filter(closed_at=None), ids).values_list("use_case_id", "ends_on"))
    names = office_names(owners.values())
    units = unit_names((row.unit_id for row in rows), structure)
    return tuple(
        CaseLine(
            use_case_id=row.id,
            number=row.number,
            title=row.title,
            state=row.state,
            days=max(0, (actor.at - row.state_since).days),
            unit_id=row.unit_id,
            unit_name=units.get(row.unit_id, ""),
            stream_id=row.stream_id,
            step=row.step,
            function=row.function,
            origin=row.origin,
            usage=row.usage,
            horizon=row.horizon,
            benefit=_mean(estimates.get(row.id, ()), "value"),
            effort=_mean(estimates.get(row.id, ()), "effort"),
            risk_class=risks.get(row.id),
            result_owner=names.get(owners[row.id]) if row.id in owners else None,
            waiting_at_gate=waiting.get(row.id),
            pilot_ends_on=ends.get(row.id),
            shadow=row.shadow,
            submitted_at=row.submitted_at,
            source=row.source,
            source_state=row.source_state,
            revision=row.revision,
        )
        for row in rows
    )


#: From so many on, what hangs on use cases is read whole instead of by their ids.
_MANY: Final = 500


def _of(rows: QuerySet, ids: list[UUID] | None) -> QuerySet:  # type: ignore[type-arg]  # of any model
    return rows if ids is None else rows.filter(use_case__in=ids)


def _estimated() -> list[UUID]:
    return list(CaseEstimate.objects.values_list("use_case_id", flat=True).distinct())


def _owners(ids: list[UUID] | None) -> dict[UUID, UUID]:
    rows = CaseDuty.objects.filter(duty=Duty.RESULT, letter=Letter.ACCOUNTABLE, person__erased_at=None)
    return dict(_of(rows, ids).values_list("use_case_id", "person_id"))


def _risks(ids: list[UUID] | None) -> dict[UUID, str]:
    rows = Declaration.objects.filter(subject=Subject.RISK_CLASS).order_by("declared_at", "id")
    return dict(_of(rows, ids).values_list("use_case_id", "value"))


def _mean(estimates: Sequence[CaseEstimate], field: str) -> Range3 | None:
    if not estimates:
        return None
    count = len(estimates)
    low, likely, high = (
        (sum((getattr(one, f"{field}_{part}") for one in estimates), _NOTHING) / count).quantize(Decimal("0.01"))
        for part in ("low", "likely", "high")
    )
    return Range3(low=low, likely=likely, high=high)


def use_case(*, actor: Actor, use_case_id: UUID) -> CaseReport:
    """Return everything about one use case.

    Raises
    ------
    NotFoundError: ``use_case_unknown``.
    """
    row = seen_case(actor, use_case_id)
    structure = structure_on(actor.at.date())
    facts = facts_of([row], actor.at.date())[row.id]
    language = cast(Language, actor.language)
    state = CaseState(row.state)
    gate = next_gate(state)
    requests = request_lines(
        list(
            GateRequest.objects.everything(because="of a use case that the actor sees")
            .filter(use_case=row)
            .select_related("use_case", "decision")
            .order_by("-raised_at")
        ),
        actor=actor,
        structure=structure,
    )
    steps = list(CaseStep.objects.filter(use_case=row).select_related("pattern").order_by("-at", "-id"))
    pilots = list(Pilot.objects.filter(use_case=row).select_related("pattern").order_by("-planned_at"))
    named = office_names(
        [
            row.submitted_by_id,
            row.champion_id,
            *(one.person_id for one in facts.duties),
            *(one.by_id for one in steps),
            *(one.declared_by_id for one in facts.declared.values()),
            *(one.author_id for one in facts.estimates),
        ]
    )
    authors = seen_by(actor, [one for one in (*(e.author_id for e in facts.estimates), row.submitted_by_id) if one])
    line = case_lines([row], actor=actor, structure=structure)[0]
    changes = may_change(actor, row, [(one.duty, one.letter, one.person_id) for one in facts.duties])
    other = None if row.other_id is None else visible(actor).filter(id=row.other_id).first()
    stream = next((one for one in streams_seen(actor) if one.id == row.stream_id), None)
    waiting = any(one.status == "open" for one in requests)
    return CaseReport(
        line=line,
        content=content_of(row),
        submitted_by=None
        if row.submitted_by_id is None or row.submitted_by_id not in authors
        else named[row.submitted_by_id],
        champion_name=None if row.champion_id is None else named.get(row.champion_id),
        stream_name=None if stream is None else stream.name,
        parked_until=row.parked_until,
        other_id=None if other is None else other.id,
        other_title=None if other is None else other.title,
        wait=measured_wait(actor=actor, row=row, stream=stream),
        duties=_duties(facts, named, structure),
        duties_open=tuple(str(one) for one in facts.without_accountable),
        declarations=_declarations(facts, named, actor),
        tools=facts.tools,
        estimates=tuple(_estimate(one, named, authors, actor) for one in facts.estimates),
        pilots=tuple(_pilot(one) for one in pilots),
        gate=None if gate is None else str(gate),
        criteria=() if gate is None else criterion_lines(facts, gate, language),
        moves=tuple(_move(one, facts, may=changes, waiting=waiting) for one in moves_from(state)),
        steps=tuple(_step(one, named) for one in steps),
        requests=requests,
        warnings=warnings_of(row, facts),
        source_details=_source_details(row),
        may_change=changes,
        may_estimate=actor.allows(ESTIMATE, unit=row.unit_id) and actor.person_id is not None,
        may_ask=changes and not waiting,
        is_open=state in OPEN,
    )


def _source_details(row: UseCase) -> dict[str, str]:
    found = CaseSource.objects.filter(use_case=row).values_list("details", flat=True).first()
    return {str(name): str(value) for name, value in (found or {}).items()}


def next_gate(state: CaseState) -> CaseState | None:
    """Return the state ahead whose entry has criteria; None: none is ahead, or it stands aside."""
    if state not in MAIN or state is MAIN[-1]:
        return None
    ahead = MAIN[MAIN.index(state) + 1]
    return ahead if criteria_for(ahead) else None


def warnings_of(row: UseCase, facts: CaseFacts) -> tuple[str, ...]:
    """Return what should make one think, as codes of words ``portfolio.warning.CODE``."""
    found = []
    if row.origin == Origin.TOOL and not (row.goal and row.pain):
        found.append("tool_first")
    elif not row.pain and not row.goal:
        found.append("no_pain_no_goal")
    if facts.tools and row.state == CaseState.IDEA:
        found.append("tools_before_problem")
    return tuple(found)


def content_of(row: UseCase) -> CaseContent:
    """Return what people wrote about a use case."""
    return CaseContent(**{name: getattr(row, name) for name in CONTENT})


def _duties(facts: CaseFacts, named: Mapping[UUID, str], structure: Structure) -> tuple[DutyLine, ...]:
    units = unit_names((one.unit_id for one in facts.duties), structure)
    order = [str(one) for one in Duty]
    letters = [str(one) for one in Letter]
    found = [
        DutyLine(
            duty_id=one.pk,
            duty=one.duty,
            letter=one.letter,
            person_id=one.person_id,
            unit_id=one.unit_id,
            name=_name(one, named, units),
            gone=one.person_id in facts.gone,
        )
        for one in facts.duties
    ]
    return tuple(sorted(found, key=lambda one: (order.index(one.duty), letters.index(one.letter), one.name)))


def _name(one: CaseDuty, named: Mapping[UUID, str], units: Mapping[UUID, str]) -> str:
    if one.person_id is not None:
        return named.get(one.person_id, "")
    return "" if one.unit_id is None else units.get(one.unit_id, "")


def _declarations(facts: CaseFacts, named: Mapping[UUID, str], actor: Actor) -> tuple[DeclaredLine, ...]:
    found = []
    for subject in Subject:
        last = facts.declared.get(subject)
        expired = last is not None and last.valid_until is not None and last.valid_until <= facts.on
        found.append(
            DeclaredLine(
                subject=str(subject),
                value=None if last is None else last.value,
                declared_on=None if last is None else last.declared_on,
                declared_by=None if last is None or last.declared_by_id is None else named.get(last.declared_by_id),
                document="" if last is None else last.document,
                note="" if last is None else last.note,
                valid_until=None if last is None else last.valid_until,
                expired=expired,
                passes=last is not None and last.value in PASSING and not expired,
                choices=tuple(str(one) for one in VALUES[subject]),
                may=actor.allows(PERMISSION[subject], unit=facts.row.unit_id),
            )
        )
    return tuple(found)


def _estimate(one: CaseEstimate, named: Mapping[UUID, str], authors: frozenset[UUID], actor: Actor) -> EstimateLine:
    return EstimateLine(
        benefit=Range3(low=one.value_low, likely=one.value_likely, high=one.value_high),
        effort=Range3(low=one.effort_low, likely=one.effort_likely, high=one.effort_high),
        evidence=one.evidence,
        author=named.get(one.author_id) if one.author_id in authors else None,
        group=one.group,
        estimated_at=one.estimated_at,
        mine=one.author_id is not None and one.author_id == actor.person_id,
    )


def _pilot(one: Pilot) -> PilotLine:
    return PilotLine(
        hypothesis=one.hypothesis,
        baseline=one.baseline,
        kill_criterion=one.kill_criterion,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        people=one.people,
        pattern=None if one.pattern is None else one.pattern.name,
        closed_at=one.closed_at,
        as_planned=one.as_planned,
        why=one.why,
        change=one.change,
    )


def _move(one: CaseMove, facts: CaseFacts, *, may: bool, waiting: bool) -> MoveLine:
    wanted = criteria_for(one.target) if one.direction == "forward" or one.gate else ()
    open_ = [each for each in wanted if each.binding and each.check(facts).standing != "met"]
    return MoveLine(
        target=str(one.target),
        direction=one.direction,
        gate=None if one.gate is None else str(one.gate),
        needs_reason=one.reason,
        needs_other=one.other,
        takes_until=one.until,
        open=len(open_),
        may=may and not (waiting and one.gate is not None),
    )


def _step(one: CaseStep, named: Mapping[UUID, str]) -> StepLine:
    return StepLine(
        source=one.source,
        target=one.target,
        at=one.at,
        by=None if one.by_id is None else named.get(one.by_id),
        reason=one.reason,
        decision_id=one.decision_id,
        pattern=None if one.pattern is None else one.pattern.name,
    )
