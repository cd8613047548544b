"""Where people say that work stalls, beside what the log measures. Who wrote a report is told to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Q
from pydantic import TypeAdapter

from pegel.errors import NotFoundError
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import state_name
from pegel.words.numbers import percent
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.stream import REPORT as REPORT_CONTENT
from pegel_web.flow.contracts.reports import ReportContent, StateLine
from pegel_web.flow.contracts.stalls import (
    Stall,
    StallCase,
    StallComparison,
    StallDesk,
    StallEnding,
    StallEvent,
    StallEventKind,
    StallFriction,
    StallOften,
    StallPlace,
    StallState,
    StallStepName,
    StreamStalls,
    WaitStatus,
)
from pegel_web.flow.models import (
    SnapshotKind,
    StallReport,
    StallStatus,
    StallStep,
    StallVoice,
    StreamSnapshot,
    ValueStream,
)
from pegel_web.flow.queries.streams import (
    CHANGE,
    freshness,
    reading,
    seen_stream,
    stream_of,
    streams_seen,
    visible_streams,
)
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.privacy.queries import rules

REPORT: Final = "flow.stall.report"
#: Reports count beside the measurement for as long as the measurement looks back, and longer while they are not closed.
LOOKS_BACK: Final = timedelta(weeks=13)
#: So many reports of a stream, and of a person, are listed: the newest.
MOST: Final = 500
STEP_NAMES: Final[TypeAdapter[tuple[StallStepName, ...]]] = TypeAdapter(tuple[StallStepName, ...])
#: Time there is a wait when it lies within the flow, also in a state of the backlog.
_WAITS: Final = frozenset({"waiting", "new"})
#: Where something can stall: not where items have ended.
_STEPS: Final = _WAITS | {"active", "unmapped"}
_BECAUSE: Final = "of reports in streams that the actor may see"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Who stands behind a step: how many reports, whose (pseudonymous numbers that never leave this module), hours."""

    reports: int
    people: int
    hours: float | None


def stream_stalls(*, actor: Actor, stream_id: UUID) -> StreamStalls:
    """Return what people report about the steps of a stream beside what the log measures there.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see.
    """
    row = seen_stream(actor, stream_id)
    structure, least = structure_on(actor.at.date()), rules().group_floor
    kept = _kept(row)
    report = kept.get(SnapshotKind.REPORT)
    content = None if report is None else REPORT_CONTENT.validate_python(report.payload[actor.language])
    hidden = content is not None and floor_of(actor, structure).withholds(row.unit_id, content.people)
    steps = _steps_of(kept, content, cast(Language, actor.language))
    answers = actor.allows(CHANGE, unit=row.unit_id)
    mine = Q(pk__in=[]) if actor.person_id is None else Q(author=actor.person_id)
    seen = Q() if answers else ~Q(status=StallStatus.CLOSED) | mine
    return StreamStalls(
        stream=stream_of(row, structure),
        floor=least,
        freshness=None if report is None else freshness(row, report, reading(), actor.at),
        steps=steps,
        comparison=_comparison(actor, steps, voices_of(actor, [row.id]).get(row.id, {}), content, hidden, least),
        reports=_stalls(actor, _reports().filter(seen, stream=row).order_by("-reported_at", "id")[:MOST]),
        may_report=actor.allows(REPORT, unit=row.unit_id),
        may_answer=answers,
    )


def stall(*, actor: Actor, stall_id: UUID) -> Stall:
    """Return one report, as far as the reader may know it.

    Raises
    ------
    NotFoundError: ``stall_unknown``, also in a stream that the actor may not see.
    """
    return _stalls(actor, [seen_report(actor, stall_id)])[0]


def stall_desk(*, actor: Actor) -> StallDesk:
    """Return the streams and steps where an actor can report that work stalls, their own reports, and those that wait
    for their answer. There are no figures in it.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(REPORT)
    structure = structure_on(actor.at.date())
    rows = [row for row in streams_seen(actor) if actor.allows(REPORT, unit=row.unit_id)]
    kept = StreamSnapshot.objects.everything(because="of streams that the actor may see")
    names = dict(
        kept.filter(stream__in=[row.id for row in rows], kind=SnapshotKind.START_SMALL, preferred=True).values_list(
            "stream_id", f"payload__{actor.language}__step_names"
        )
    )
    own, waiting = stall_news(actor=actor)
    return StallDesk(
        places=tuple(
            StallPlace(stream=stream_of(row, structure), steps=STEP_NAMES.validate_python(names.get(row.id) or ()))
            for row in rows
        ),
        own=own,
        waiting=waiting,
    )


def stall_news(*, actor: Actor) -> tuple[tuple[Stall, ...], tuple[Stall, ...]]:
    """Return one's own reports, the newest first, and those that wait for one's answer, the oldest first."""
    if actor.person_id is None:
        return (), ()
    found = _visible(actor)
    answered = actor.units_for(CHANGE)
    waits = Q(status=StallStatus.OPEN)
    if answered is not None:
        waits &= Q(stream__unit_id__in=answered)
    rows = list(found.filter(waits | Q(author=actor.person_id)).order_by("-reported_at", "id")[: 2 * MOST])
    listed = _stalls(actor, rows)
    waiting = [one for one in listed if one.may_answer]
    return tuple(one for one in listed if one.mine), tuple(reversed(waiting))


def seen_report(actor: Actor, stall_id: UUID) -> StallReport:
    """Return a report in a stream that an actor may see: one that is not closed, one's own, or one to answer for.

    Raises
    ------
    NotFoundError: ``stall_unknown``.
    """
    row = _visible(actor).filter(pk=stall_id).first()
    if row is None or not _open_to(actor, row):
        raise NotFoundError("stall_unknown", id=stall_id)
    return cast("StallReport", row)


def report_to_answer(actor: Actor, stall_id: UUID) -> StallReport:
    """Return a report that an actor may answer and close.

    Raises
    ------
    NotFoundError: ``stall_unknown``. NotAllowedError: ``not_allowed``.
    """
    row = seen_report(actor, stall_id)
    actor.require(CHANGE, unit=row.stream.unit_id)
    return row


def voices_of(actor: Actor, streams: Iterable[UUID]) -> Mapping[UUID, Mapping[str, Voices]]:
    """Return who stands behind each step (state) of some streams that the actor may see, by stream."""
    since = actor.at - LOOKS_BACK
    rows = list(
        _reports()
        .filter(~Q(status=StallStatus.CLOSED) | Q(reported_at__gte=since), stream__in=list(streams))
        .values_list("id", "stream_id", "state", "author_id", "hours_per_week")
    )
    behind: dict[UUID, list[UUID | None]] = {}
    joined = StallVoice.objects.everything(because=_BECAUSE).filter(report__in=[row[0] for row in rows])
    for report, person in joined.values_list("report_id", "person_id") if rows else ():
        behind.setdefault(report, []).append(person)
    steps: dict[UUID, dict[str, list[Any]]] = {}
    for row in rows:
        steps.setdefault(row[1], {}).setdefault(row[2], []).append(row)
    return {
        stream: {state: _voices(found, behind) for state, found in by_state.items()}
        for stream, by_state in steps.items()
    }


def _voices(rows: Sequence[Any], behind: Mapping[UUID, Sequence[UUID | None]]) -> Voices:
    people = [person for row in rows for person in (row[3], *behind.get(row[0], ()))]
    known = {person for person in people if person is not None}
    hours = [row[4] for row in rows if row[4] is not None]
    # Somebody who was forgotten still stood behind it; whether twice, nobody can tell any more.
    return Voices(reports=len(rows), people=len(known) + people.count(None), hours=sum(hours) if hours else None)


def _visible(actor: Actor) -> Any:
    streams = visible_streams(actor).values("pk")
    return StallReport.objects.visible_to(actor).filter(stream__in=streams).select_related("stream")


def _reports() -> Any:
    return StallReport.objects.everything(because=_BECAUSE).select_related("stream")


def _open_to(actor: Actor, row: StallReport) -> bool:
    mine = actor.person_id is not None and row.author_id == actor.person_id
    return mine or row.status != StallStatus.CLOSED or actor.allows(CHANGE, unit=row.stream.unit_id)


def _stalls(actor: Actor, rows: Iterable[StallReport]) -> tuple[Stall, ...]:
    """Return reports as the actor may know them, in two further statements however many they are, and one for names."""
    listed = list(rows)
    if not listed:
        return ()
    ids = [row.id for row in listed]
    voices: dict[UUID, list[UUID | None]] = {}
    for report, person in (
        StallVoice.objects.everything(because=_BECAUSE).filter(report__in=ids).values_list("report_id", "person_id")
    ):
        voices.setdefault(report, []).append(person)
    steps: dict[UUID, list[StallStep]] = {}
    for step in StallStep.objects.everything(because=_BECAUSE).filter(report__in=ids).order_by("id"):
        steps.setdefault(step.report_id, []).append(step)
    names = office_names({step.by_id for found in steps.values() for step in found})
    least = rules().group_floor
    return tuple(_stall(actor, row, voices.get(row.id, []), steps.get(row.id, []), names, least) for row in listed)


def _stall(
    actor: Actor,
    row: StallReport,
    voices: Sequence[UUID | None],
    steps: Sequence[StallStep],
    names: Mapping[UUID, str],
    least: int,
) -> Stall:
    language, unit = cast(Language, actor.language), row.stream.unit_id
    mine = actor.person_id is not None and row.author_id == actor.person_id
    joined = actor.person_id is not None and actor.person_id in voices
    answers = actor.allows(CHANGE, unit=unit)
    reads = mine or answers
    behind = 1 + len(voices)
    return Stall(
        id=row.id,
        stream_id=row.stream_id,
        stream_name=row.stream.name,
        state=row.state,
        state_name=step_name(row.state, language),
        friction=cast("StallFriction", row.friction),
        status=cast("StallState", row.status),
        ending=cast("StallEnding | None", row.outcome or None),
        reported_date=row.reported_at.date(),
        why=row.why if reads else None,
        often=cast("StallOften | None", row.often or None) if reads else None,
        hours_per_week=row.hours_per_week if reads else None,
        people=behind if behind >= least else None,
        floor=least,
        history=tuple(_event(one, names) for one in steps) if reads or joined else None,
        mine=mine,
        joined=joined,
        may_join=not mine
        and not joined
        and actor.person_id is not None
        and row.status != StallStatus.CLOSED
        and actor.allows(REPORT, unit=unit),
        may_answer=answers and row.status == StallStatus.OPEN,
        may_close=answers and row.status == StallStatus.ANSWERED,
        may_reopen=mine and row.status != StallStatus.OPEN and actor.allows(REPORT, unit=unit),
    )


def _event(step: StallStep, names: Mapping[UUID, str]) -> StallEvent:
    return StallEvent(
        kind=cast("StallEventKind", step.kind),
        ending=cast("StallEnding | None", step.outcome or None),
        text=step.text,
        plan=step.plan,
        by=None if step.by_id is None else names.get(step.by_id),
        on_date=step.at.date(),
    )


def step_name(state: str, language: Language) -> str:
    """Return the name of a step; empty stands for one that the log does not know."""
    return state_name(state, language) if state else say("flow.stalls.outside", language)


def known_steps(row: ValueStream, language: Language) -> tuple[StallStepName, ...]:
    """Return the steps of a stream that a report can be about; empty: nothing is computed yet."""
    kept = _kept(row)
    report = kept.get(SnapshotKind.REPORT)
    content = None if report is None else REPORT_CONTENT.validate_python(report.payload[language])
    return _steps_of(kept, content, language)


def _kept(row: ValueStream) -> Mapping[str, StreamSnapshot]:
    found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
    wanted = Q(kind=SnapshotKind.REPORT, period=DEFAULT) | Q(kind=SnapshotKind.START_SMALL)
    return {one.kind: one for one in found.filter(wanted, stream_id=row.id, preferred=True)}


def _steps_of(
    kept: Mapping[str, StreamSnapshot], content: ReportContent | None, language: Language
) -> tuple[StallStepName, ...]:
    start = kept.get(SnapshotKind.START_SMALL)
    named = () if start is None else STEP_NAMES.validate_python(start.payload[language]["step_names"])
    known = {one.state for one in named}
    others = () if content is None else content.states
    return (
        *named,
        *(
            StallStepName(state=line.state, state_name=line.state_name, category=line.category)
            for line in others
            if line.state not in known and line.category in _STEPS
        ),
    )


def _comparison(
    actor: Actor,
    steps: Sequence[StallStepName],
    voices: Mapping[str, Voices],
    content: ReportContent | None,
    hidden: bool,
    least: int,
) -> tuple[StallComparison, ...]:
    """Return the steps: what is reported most first, then what the log measures most."""
    language = cast(Language, actor.language)
    known = {one.state for one in steps}
    gone = [
        StallStepName(state=state, state_name=step_name(state, language), category="unknown")
        for state in sorted(set(voices) - known)
    ]
    lines = {} if content is None or hidden else {line.state: line for line in content.states}
    waits = sorted(
        (line for line in lines.values() if line.category in _WAITS and line.items),
        key=lambda line: (-(line.share or 0.0), line.state),
    )
    ranks = {line.state: number for number, line in enumerate(waits, start=1)}
    unit = "days" if content is None else content.unit
    found = [
        _compared(one, voices.get(one.state), lines.get(one.state), ranks, content, hidden, least, unit, language)
        for one in (*steps, *gone)
    ]
    return tuple(sorted(found, key=lambda one: (-one.reports, one.rank or len(found) + 1, -(one.share or 0.0))))


def _compared(
    step: StallStepName,
    voices: Voices | None,
    line: StateLine | None,
    ranks: Mapping[str, int],
    content: ReportContent | None,
    hidden: bool,
    least: int,
    unit: str,
    language: Language,
) -> StallComparison:
    status = _wait_status(step, line, computed=content is not None, hidden=hidden)
    measured = line if status == "value" else None
    enough = voices is not None and voices.people >= least
    case, code = _case(step, voices, status, measured, computed=content is not None)
    rank = ranks.get(step.state) if measured is not None else None
    values: dict[str, Any] = {"n": 0 if voices is None else voices.reports}
    if measured is not None and rank is not None:
        values |= {
            "days": duration(measured.days_per_item, language, unit=unit),
            "share": percent(measured.share or 0.0, language),
            "rank": rank,
            "of": len(ranks),
        }
    return StallComparison(
        state=step.state,
        state_name=step.state_name,
        category=step.category,
        reports=0 if voices is None else voices.reports,
        people=voices.people if voices is not None and enough else None if voices is not None else 0,
        hours_per_week=voices.hours if voices is not None and enough else None,
        hours_withheld=voices is not None and voices.hours is not None and not enough,
        wait_status=status,
        wait_days_per_item=None if measured is None else measured.days_per_item,
        share=line.share if line is not None and line.items else None,
        rank=rank,
        case=case,
        sentence=say(f"flow.stalls.case.{code}", language, **values),
    )


def _wait_status(step: StallStepName, line: StateLine | None, *, computed: bool, hidden: bool) -> WaitStatus:
    if hidden:
        return "withheld"
    if "unmapped" in (step.category, None if line is None else line.category):
        return "not_configured"
    if not computed or line is None or not line.items:
        return "no_data"
    return "value" if line.category in _WAITS else "as_work"


def _case(
    step: StallStepName, voices: Voices | None, status: WaitStatus, line: StateLine | None, *, computed: bool
) -> tuple[StallCase, str]:
    """Return which of the cases a step is, and the code of the sentence that says no more than the data allows."""
    reported = voices is not None
    said = "reported" if reported else "silent"
    if status == "withheld":
        return "withheld", f"withheld_{said}"
    if not computed:
        return "not_computed", f"not_computed_{said}"
    if status == "not_configured":
        return "unmapped", f"unmapped_{said}"
    if line is not None and line.days_per_item > 0:
        return ("reported_measured", "reported_measured") if reported else ("measured_only", "measured_only")
    if not reported:
        return "neither", "neither_as_work" if status == "as_work" else "neither"
    if not step.state:
        return "reported_only", "reported_outside"
    return "reported_only", "reported_as_work" if status == "as_work" else "reported_only"
