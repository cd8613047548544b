"""What pages, programs and agents learn about folders from which files are picked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pegel_web.ingestion.contracts import Problem, Reading

State = Literal["active", "paused"]
FileState = Literal["seen", "claimed", "imported", "repeated", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupLine:
    """A folder in the list.

    ``problem``: why it is paused, or what the last look met; None: nothing, or a person paused it. ``last_look_at``:
    None: nobody has looked yet. ``waiting``, ``imported``, ``refused``: files; one that repeats another counts nowhere.
    """

    id: UUID
    name: str
    unit_id: UUID
    unit_name: str
    example_id: UUID
    example_name: str
    state: State
    problem: Problem | None
    last_look_at: datetime | None
    waiting: int
    imported: int
    refused: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupOverview:
    """Folders. ``configured``: whether the installation names a folder below which they lie."""

    configured: bool
    folders: tuple[PickupLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedLine:
    """A file that was found. ``brought_id``: the import that its content came with; None: it was not brought."""

    id: UUID
    file_name: str
    size: int
    state: FileState
    reason: Problem | None
    brought_id: UUID | None
    seen_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupReport:
    """A folder: how its files are read, and the latest of them (at most 100)."""

    line: PickupLine
    reading: Reading
    files: tuple[PickedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An import whose reading a folder can take over."""

    file_id: UUID
    file_name: str
    unit_name: str
    imported_at: datetime
