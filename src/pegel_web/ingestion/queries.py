"""Files that people brought, as an actor may see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast
from uuid import UUID

from pegel.errors import NotFoundError
from pegel.eventlog.schema import from_us
from pegel_web.core.actor import Actor
from pegel_web.flow.models import ValueStream
from pegel_web.flow.queries.names import streams_by_name
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.ingestion.contracts import (
    Content,
    FileLine,
    FileReport,
    MadeStream,
    Outcome,
    Problem,
    Reading,
    Rejected,
    State,
)
from pegel_web.ingestion.models import BroughtFile, FileState
from pegel_web.jobs.models import OPEN, Job
from pegel_web.organisation.queries.structure import Structure, structure_on

#: So many are listed, the newest first.
MOST: Final = 500
#: Where a file stands when the work on it was left, and why.
_LEFT: Final = {
    FileState.LOOKING: (FileState.UNREADABLE, "brought_left"),
    FileState.IMPORTING: (FileState.PAUSED, ""),
    FileState.UNDOING: (FileState.IMPORTED, ""),
}
#: Values of an error under which the answers to a question stand.
_CHOICES: Final = ("choices", "candidates")


def brought_files(*, actor: Actor) -> tuple[FileLine, ...]:
    """Return the files for the units whose streams an actor may change, the newest first; at most 500.

    Raises
    ------
    NotAllowedError: ``not_allowed`` for people who may change no streams.
    """
    if not actor.has(CHANGE):
        actor.require(CHANGE)
    rows = BroughtFile.objects.visible_to(actor).exclude(state=FileState.DISCARDED).defer("look")
    structure = structure_on(actor.at.date())
    listed = [cast("BroughtFile", row) for row in rows.order_by("-created_at", "id")[:MOST]]
    settle(listed)
    return tuple(line_of(row, structure) for row in listed)


def brought_file(*, actor: Actor, file_id: UUID) -> FileReport:
    """Return one file.

    Raises
    ------
    NotFoundError: ``brought_unknown``, also for a file that the actor may not see.
    """
    return report_of(seen_file(actor, file_id), actor)


def rejected_rows(*, actor: Actor, file_id: UUID) -> tuple[Rejected, ...]:
    """Return the rows that cannot be used, at most 1,000 of them.

    Raises
    ------
    NotFoundError: ``brought_unknown``.
    """
    look = seen_file(actor, file_id).look or {}
    return tuple(Rejected(**one) for one in look.get("rejects", ()))


def seen_file(actor: Actor, file_id: UUID) -> BroughtFile:
    """Return a file that an actor may see.

    Raises
    ------
    NotFoundError: ``brought_unknown``.
    """
    row = cast("BroughtFile | None", BroughtFile.objects.visible_to(actor).filter(pk=file_id).first())
    if row is None:
        raise NotFoundError("brought_unknown", id=file_id)
    settle([row])
    return row


def settle(rows: Sequence[BroughtFile]) -> None:
    """Let files whose work has ended without them (cancelled, failed) stand where it left them; nothing is saved."""
    working = {row.job: row for row in rows if row.state in _LEFT}
    jobs = Job.objects.everything(because="whether the work goes on, not whose it is")
    going_on = set(jobs.filter(pk__in=list(working), state__in=OPEN).values_list("id", flat=True))
    for job, row in working.items():
        if job not in going_on:
            row.state, problem = _LEFT[FileState(row.state)]
            if problem:
                row.problem = {"code": problem, "values": {"file": row.file_name}}


def report_of(row: BroughtFile, actor: Actor) -> FileReport:
    """Return a file as others see it."""
    allowed = actor.allows(CHANGE, unit=row.unit_id)
    return FileReport(
        line=line_of(row, structure_on(actor.at.date())),
        reading=Reading(**row.options),
        content=None if row.look is None else _content(row.look),
        problem=None if row.problem is None else _problem(row.problem),
        outcome=None if row.result is None else Outcome(**{name: row.result[name] for name in _OUTCOME}),
        streams=_streams(row.streams, actor),
        job_id=row.job,
        seen=seen_of(row),
        may_confirm=allowed and row.state in (FileState.READY, FileState.PAUSED),
        may_undo=allowed and row.state == FileState.IMPORTED and bool(row.lake_import),
    )


def line_of(row: BroughtFile, structure: Structure) -> FileLine:
    """Return a file as a line of the list."""
    node = structure.nodes.get(row.unit_id)
    result = row.result
    return FileLine(
        id=row.id,
        file_name=row.file_name,
        unit_id=row.unit_id,
        unit_name="" if node is None else node.name,
        size=row.size,
        state=cast("State", row.state),
        rows=None if result is None else result["rows_read"],
        rejected=None if result is None else result["rejected"],
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def seen_of(row: BroughtFile) -> str:
    """Return what stands for the file and how it was read."""
    said = json.dumps([row.digest, row.options, row.look], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


_OUTCOME: Final = (
    "status", "rows_read", "items", "transitions", "field_changes", "links", "accepted", "merged", "duplicate",
    "ignored", "rejected", "reasons", "warnings",
)  # fmt: skip


def _content(look: dict[str, Any]) -> Content:
    plain = {name: value for name, value in look.items() if name not in ("rejects", "earliest_us", "latest_us")}
    for name in ("header", "left_out"):
        plain[name] = tuple(plain[name])
    return Content(
        **plain,
        confidence=look["candidates"].get(look["source"]),
        rows_read=sum(look[name] for name in ("accepted", "merged", "duplicate", "ignored", "rejected")),
        earliest=None if look["earliest_us"] is None else from_us(look["earliest_us"]),
        latest=None if look["latest_us"] is None else from_us(look["latest_us"]),
    )


def _problem(problem: dict[str, Any]) -> Problem:
    values = problem["values"]
    choices: Sequence[str] = next((values[name] for name in _CHOICES if name in values), ())
    return Problem(code=problem["code"], values=values, choices=tuple(choices))


def _streams(names: Iterable[str], actor: Actor) -> tuple[MadeStream, ...]:
    listed = list(names)
    taken = streams_by_name(listed)
    rows = ValueStream.objects.visible_to(actor).filter(pk__in=set(taken.values()))
    seen = {row.id: row for row in cast("Iterable[ValueStream]", rows)}
    known = {name: seen[stream] for name, stream in taken.items() if stream in seen}
    return tuple(
        MadeStream(lake_name=name, stream_id=row.id if row else None, name=row.name if row else name)
        for name in listed
        for row in (known.get(name),)
    )
