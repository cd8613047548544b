"""What happened to a stream: noted by people, known to Pegel, or found in the figures; and the marks in its charts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final, cast
from uuid import UUID

from pydantic import ValidationError

from pegel.charts.event_marks import Mark, with_marks
from pegel.eventlog.schema import from_us, to_us
from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.core.models import AuditEntry
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.stream import REPORT
from pegel_web.flow.contracts.events import EventKind, EventLine, StreamEvents
from pegel_web.flow.contracts.reports import ReportContent, StreamChart
from pegel_web.flow.models import SnapshotKind, StreamEvent, ValueStream
from pegel_web.flow.queries.mapping import CONFIRMED, RESTORED
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.reports import kept_part
from pegel_web.flow.queries.streams import CHANGE, seen_stream, stream_of
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.structure import structure_on

#: Drawings over time in which events are marked.
TRENDS: Final = ("flow_time", "throughput")
#: Imports listed at most, the latest: logs that are brought every day say nothing by that.
MOST_IMPORTS: Final = 12


def stream_events(*, actor: Actor, stream_id: UUID, policy: str | None = None) -> StreamEvents:
    """Return what happened to a stream, by day.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``policy_not_computed``.
    """
    row, language = seen_stream(actor, stream_id), cast(Language, actor.language)
    content = _content(row, policy, language)
    structure = structure_on(actor.at.date())
    hidden = content is not None and floor_of(actor, structure).withholds(row.unit_id, content.people)
    found = [*_noted(row), *_mappings(row, language), *_imports(row, language)]
    if content is not None and not hidden:
        found += [("change", from_us(one.week_us).date(), one.sentence, None) for one in content.steadiness.levels]
    found.sort(key=lambda one: (one[1], one[0], one[2]))
    return StreamEvents(
        stream=stream_of(row, structure),
        lines=tuple(
            EventLine(
                number=number,
                day=day,
                kind=kind,
                kind_name=say(f"flow.events.kind.{kind}", language),
                text=text,
                event_id=event,
            )
            for number, (kind, day, text, event) in enumerate(found, 1)
        ),
        withheld=hidden,
        may_note=actor.allows(CHANGE, unit=row.unit_id),
    )


def marked_chart(*, actor: Actor, stream_id: UUID, chart: StreamChart, policy: str | None = None) -> StreamChart:
    """Return a drawing with the events of its time marked; other drawings than trends as they are."""
    if chart.name not in TRENDS:
        return chart
    events = stream_events(actor=actor, stream_id=stream_id, policy=policy).lines
    # A day is marked at its beginning in UTC, as all days of a drawing are.
    marks = [
        Mark(at_us=to_us(datetime.combine(one.day, time(), tzinfo=actor.at.tzinfo)), sign=str(one.number),
             text=f"{one.kind_name}: {one.text}")
        for one in events
    ]  # fmt: skip
    marked = with_marks(json.loads(chart.specification), marks, cast(Language, actor.language))
    return replace(chart, specification=json.dumps(marked, ensure_ascii=False, separators=(",", ":")))


def _content(row: ValueStream, policy: str | None, language: Language) -> ReportContent | None:
    kept = kept_part(row, SnapshotKind.REPORT, DEFAULT, policy)
    try:
        return None if kept is None else REPORT.validate_python(kept.payload[language])
    except ValidationError:
        return None


_Found = tuple[EventKind, date, str, UUID | None]


def _noted(row: ValueStream) -> Iterator[_Found]:
    found = StreamEvent.objects.everything(because="of a stream that the actor may see")
    for one in found.filter(stream=row, withdrawn_at=None):
        yield "noted", one.day, one.text, one.id


def _mappings(row: ValueStream, language: Language) -> Iterator[_Found]:
    entries = AuditEntry.objects.everything(because="when the meaning of the states of a visible stream changed")
    for entry in entries.filter(event__in=[CONFIRMED, RESTORED], after__lake_name__in=names_in_lake(row)):
        said = say("flow.workflow.version", language, n=(entry.after or {}).get("version", 0))
        yield "mapping", entry.at.date(), said, None


def _imports(row: ValueStream, language: Language) -> Iterator[_Found]:
    kept = kept_part(row, SnapshotKind.IMPORTS)
    for day in [] if kept is None else kept.payload["days"][-MOST_IMPORTS:]:
        yield "import", date.fromisoformat(day), say("flow.events.imported", language), None
