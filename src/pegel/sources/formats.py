"""The contract of a readable format, and the registry that detection walks through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final, Literal

from pegel.errors import NotFoundError
from pegel.eventlog.batch import EventSource

DateOrder = Literal["ymd", "dmy", "mdy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a person says about a file; None means: find out, and refuse where that would be guessing.

    Parameters
    ----------
    stream: value stream of all items; None: what the source says (project, table), else the file's name.
    columns: role → column name (roles: item, at, state, from_state, sequence, type, stream, parent, created, closed,
        actor, title, activity, lifecycle …), overriding detection.
    date_order: order of day and month in dates such as 03/04/2026.
    zone: IANA zone of times without offset.
    titles: take titles (free text) over.
    attributes: further columns or fields to keep as attributes; everything else is left out.
    object_type: type of the objects that are the items, in an object-centric log.
    batch_rows: source rows per batch, a bound for memory, not a part of the meaning.
    """

    stream: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    zone: str = "UTC"
    titles: bool = False
    attributes: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    object_type: str | None = None
    batch_rows: int = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The beginning of an input, enough to recognise its format.

    Parameters
    ----------
    path: where the input lies. ``name``: its name without .gz/.zip ("export.csv").
    data: first bytes after decompression (up to 256 KiB).
    text: ``data`` decoded, if it is text, else "".
    header: cells of the first non-empty line when it looks like a table, else empty.
    rows: some following rows, as cells.
    """

    path: Path
    name: str
    data: bytes
    text: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A readable format.

    ``recognise`` returns a confidence from 0 (not this) to 1 (certainly this) and must not raise; ``open`` checks what
    can be checked at once (columns, dates) and raises ``AmbiguousInputError`` or ``InputError`` before any row is read.
    """

    name: str  # "csv.transitions"
    recognise: Callable[[Head], float]
    open: Callable[[Path, ReadOptions], EventSource]


#: Modules whose ``FORMAT`` (or ``FORMATS``) is known to detection, most specific first.
_MODULES: Final = (
    "pegel.sources.xes",
    "pegel.sources.ocel",
    "pegel.sources.jira.rest",
    "pegel.sources.jira.csv_export",
    "pegel.sources.servicenow.table_api",
    "pegel.sources.servicenow.uci",
    "pegel.sources.azure_boards",
    "pegel.sources.trello",
    "pegel.sources.github",
    "pegel.sources.bugzilla",
    "pegel.sources.sap",
    "pegel.sources.git_history",
    "pegel.sources.actionable_agile",
    "pegel.sources.transitions",
    "pegel.sources.dates_only",
)


def all_formats() -> tuple[Format, ...]:
    """Every registered format, most specific first."""
    found: list[Format] = []
    for name in _MODULES:
        module = import_module(name)
        found.extend(getattr(module, "FORMATS", None) or [module.FORMAT])
    return tuple(found)


def format_named(name: str) -> Format:
    """Return one format by its name."""
    for one in all_formats():
        if one.name == name:
            return one
    raise NotFoundError("unknown_format", name=name, known=[one.name for one in all_formats()])
