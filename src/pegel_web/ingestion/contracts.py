"""What pages, programs and agents learn about files that people bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

State = Literal[
    "looking", "asking", "unreadable", "ready", "importing", "paused", "imported", "undoing", "undone", "discarded"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read; what is empty is found out.

    ``columns``: role → column. ``date_order``: ymd, dmy or mdy. ``zone``: of times without offset. ``titles``: take
    free text over. ``stream``: all items go there; empty: what the file says, else its name.
    """

    format: str = ""
    stream: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""
    zone: str = "UTC"
    titles: bool = False
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    object_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What stands in the way: a code, its values, and for a question the answers to choose from."""

    code: str
    values: Mapping[str, object]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that cannot be used."""

    row: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file holds; see ``pegel.sources.looking.FileLook``. ``confidence``: in the format, 0 to 1; None: named."""

    source: str
    log_kind: str
    confidence: float | None
    candidates: Mapping[str, float]
    header: tuple[str, ...]
    columns: Mapping[str, str]
    left_out: tuple[str, ...]
    notes: Mapping[str, str]
    rows_read: int
    accepted: int
    merged: int
    duplicate: int
    ignored: int
    rejected: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    items: int
    known_items: int
    transitions: int
    streams: Mapping[str, int]
    states: Mapping[str, int]
    earliest: datetime | None
    latest: datetime | None
    answers: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an import did: ``status`` (imported, resumed, already_imported), new records, and the fate of every row."""

    status: str
    rows_read: int
    items: int
    transitions: int
    field_changes: int
    links: int
    accepted: int
    merged: int
    duplicate: int
    ignored: int
    rejected: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeStream:
    """A value stream that has data from the file."""

    lake_name: str
    stream_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """A file in the list."""

    id: UUID
    file_name: str
    unit_id: UUID
    unit_name: str
    size: int
    state: State
    rows: int | None
    rejected: int | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """A file that somebody brought: how far it has come, what it holds, what its import did.

    ``seen``: stands for what is shown; confirming names it, so that nobody confirms what has changed meanwhile.
    """

    line: FileLine
    reading: Reading
    content: Content | None
    problem: Problem | None
    outcome: Outcome | None
    streams: tuple[MadeStream, ...]
    job_id: UUID | None
    seen: str
    may_confirm: bool
    may_undo: bool
