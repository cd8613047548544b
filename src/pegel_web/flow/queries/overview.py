"""All streams of an actor at a glance, and which of them to look at first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from pegel.errors import InputError
from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT, PERIODS
from pegel_web.flow.computing.stream import OVERVIEW
from pegel_web.flow.contracts.overview import StreamLine, StreamOverview
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import LakeReading, SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.queries.alerts import open_alerts
from pegel_web.flow.queries.streams import (
    CHANGE,
    REFRESH,
    freshness,
    lake_view,
    reading,
    stream_of,
    streams_seen,
)
from pegel_web.flow.queries.withholding import Floor, floor_of, withheld_overview
from pegel_web.organisation.queries.structure import Structure, structure_on

#: From this part of all flow time on, a wait in one state is worth being named first.
_MUCH: Final = 0.2


def stream_overview(*, actor: Actor, period: str = DEFAULT) -> StreamOverview:
    """Return every stream that an actor may see, by name.

    ``period``: ``13w``, ``26w``, ``52w`` or ``all``, counted back from the last event of each stream.

    Raises
    ------
    InputError: ``period_unknown``. NotAllowedError.
    """
    actor.require_somewhere(ValueStream.view_permission)
    require_period(period)
    known = reading()
    rows = list(streams_seen(actor))
    kept = _kept(rows, period)
    structure = structure_on(actor.at.date())
    floor = floor_of(actor, structure)
    calls = open_alerts(actor)
    lines = tuple(
        replace(_line(row, kept.get(row.id), known, structure, floor, actor), alerts=calls.get(row.id, 0))
        for row in rows
    )
    language = cast(Language, actor.language)
    first, sentence = first_to_look_at(lines, language)
    return StreamOverview(
        lines=lines,
        first=sentence,
        first_stream=first,
        periods=period_choices(period, language),
        lake=lake_view(actor, known),
        may_adopt=actor.has(CHANGE),
        may_refresh_all=actor.has(REFRESH),
    )


def require_period(period: str) -> None:
    """Refuse a period that is not computed.

    Raises
    ------
    InputError: ``period_unknown`` with those that are.
    """
    if period not in PERIODS:
        raise InputError("period_unknown", name=period, known=list(PERIODS))


def period_choices(chosen: str, language: Language) -> tuple[Choice, ...]:
    """Return the periods that can be chosen."""
    return tuple(
        Choice(code=code, name=say(f"flow.period.{code}", language), chosen=code == chosen) for code in PERIODS
    )


def first_to_look_at(lines: Iterable[StreamLine], language: Language) -> tuple[Stream | None, str]:
    """Return the stream to look at first, and why in one sentence.

    In this order: the stream whose flow time has got worse beyond the usual up and down, by the most; the one with the
    most open items that are older than 85% of their predecessors; the one that waits most in one state; none.
    """
    shown = [line for line in lines if line.content is not None and not line.withheld]
    if not shown:
        return None, ""
    slower = [line for line in shown if _slower_by(line) > 0]
    if slower:
        line = max(slower, key=_slower_by)
        return line.stream, _said("slower", line, language, change=_time_change(line))
    late = max(shown, key=lambda line: line.content.late if line.content else 0)
    if late.content is not None and late.content.late:
        return late.stream, _said("late", late, language, n=late.content.late)
    waiting = max(shown, key=lambda line: (line.content.stall_share or 0.0) if line.content else 0.0)
    if waiting.content is not None and (waiting.content.stall_share or 0.0) >= _MUCH:
        return waiting.stream, _said("waits", waiting, language)
    return None, say("flow.first.nothing", language)


def _kept(rows: Iterable[ValueStream], period: str) -> Mapping[UUID, StreamSnapshot]:
    found = StreamSnapshot.objects.everything(because="of streams that the actor may see")
    wanted = found.filter(
        stream__in=[row.id for row in rows], kind=SnapshotKind.OVERVIEW, period=period, preferred=True
    )
    return {one.stream_id: one for one in wanted}


def _line(
    row: ValueStream,
    kept: StreamSnapshot | None,
    known: LakeReading | None,
    structure: Structure,
    floor: Floor,
    actor: Actor,
) -> StreamLine:
    stream = stream_of(row, structure)
    if kept is None:
        return StreamLine(stream=stream, content=None, freshness=None, withheld=False)
    language = cast(Language, actor.language)
    content = OVERVIEW.validate_python(kept.payload[language])
    hidden = floor.withholds(row.unit_id, content.people)
    return StreamLine(
        stream=stream,
        content=withheld_overview(content, language) if hidden else content,
        freshness=freshness(row, kept, known, actor.at),
        withheld=hidden,
    )


def _slower_by(line: StreamLine) -> float:
    """Return by how much the flow time has got worse, where that is news; 0 otherwise."""
    if line.content is None:
        return 0.0
    time = next(one for one in line.content.figures if one.metric == "flow_time")
    return (time.change or 0.0) if time.verdict == "signal" and time.tone == "bad" else 0.0


def _time_change(line: StreamLine) -> str:
    figures = () if line.content is None else line.content.figures
    return next((one.change_text for one in figures if one.metric == "flow_time"), "")


def _said(code: str, line: StreamLine, language: Language, **values: object) -> str:
    said = say(f"flow.first.{code}", language, stream=line.stream.name, **values)
    content = line.content
    if content is None or content.stall_state is None or content.stall_share is None:
        return f"{said}."
    stall = say("flow.first.stall", language, stall=content.stall)
    return f"{said}; {stall}."
