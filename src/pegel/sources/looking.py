"""What a file holds, before anything of it is imported: its format, the fate of every row, states, times, questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from pegel.eventlog.batch import Batch, SourceInfo, rows_of
from pegel.sources.detection import detect, open_source
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head

#: Rejected rows that are kept with their reason; all of them are counted.
MOST_REJECTED: Final = 1_000
#: States, streams and columns that are listed; a file with more of them has put something else there.
MOST_NAMES: Final = 500
_LONGEST_NAME: Final = 200
_PRIORITY: Final = frozenset({"priority", "rank"})
_PEOPLE: Final = frozenset({"assignee", "team"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that cannot be used. ``row``: its number, from 1; the head is none. ``reason``: a code of ``row.*``."""

    row: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLook:
    """What a file holds.

    ``candidates``: formats it may have, with the confidence (0 to 1) in each, best first; empty when one was named.
    ``header``: the cells of its first line, if it is a table. ``columns``: role → column that is read.
    ``accepted`` … ``rejected``: fates of the rows, see ``pegel.eventlog.batch``; ``reasons``, ``warnings`` by code.
    ``streams``: items by the stream they would go to. ``states``: entries by state, the most frequent first.
    ``earliest_us``, ``latest_us``: first and last event (microseconds, UTC); None: there is none.
    ``answers``: question → whether this file can answer it (``QUESTIONS``).
    """

    source: str
    log_kind: str
    candidates: Mapping[str, float]
    header: tuple[str, ...]
    columns: Mapping[str, str]
    left_out: tuple[str, ...]
    notes: Mapping[str, str]
    accepted: int
    merged: int
    duplicate: int
    ignored: int
    rejected: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    rejects: tuple[RejectedRow, ...]
    items: int
    transitions: int
    streams: Mapping[str, int]
    states: Mapping[str, int]
    earliest_us: int | None
    latest_us: int | None
    answers: Mapping[str, bool]

    @property
    def rows_read(self) -> int:
        """Rows of the file, each counted once."""
        return self.accepted + self.merged + self.duplicate + self.ignored + self.rejected


#: What people want to know of their work. Which of it a file can answer depends on what it says.
QUESTIONS: Final = (
    "how_long",  # flow time, velocity, load: needs a beginning and an end
    "where",  # time and load per state: needs the moves in between
    "hand_offs",  # needs who (as a pseudonym)
    "overtaking",  # needs changes of priority or rank
    "blocked",  # needs flags
    "dependencies",  # needs links between items
    "types",  # needs item types
)


@dataclass(slots=True)
class _Sum:
    accepted: int = 0
    merged: int = 0
    duplicate: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[RejectedRow] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)
    items: list[pl.DataFrame] = field(default_factory=list)
    transitions: int = 0
    links: int = 0
    actors: bool = False
    earliest_us: int | None = None
    latest_us: int | None = None

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        self.accepted += rows_of(batch).len()
        self.merged += batch.merged
        self.duplicate += batch.duplicate
        self.ignored.update(batch.ignored)
        self.warnings.update(batch.warnings)
        self.reasons.update(batch.rejects["reason"].to_list())
        room = max(0, MOST_REJECTED - len(self.rejects))
        rows = batch.rejects.head(room).select("row", "reason", "detail").iter_rows()
        self.rejects += [RejectedRow(row=row, reason=reason, detail=detail or "") for row, reason, detail in rows]
        self.states.update(dict(batch.transitions.group_by("to_state").len().iter_rows()))
        self.fields.update(batch.field_changes["field"].unique().to_list())
        self.items.append(batch.items.select("item", "stream", "type"))
        self.transitions += batch.transitions.height
        self.links += batch.links.height
        frames = (batch.transitions, batch.field_changes)
        self.actors = self.actors or any(frame["actor"].null_count() < frame.height for frame in frames)
        times = pl.concat([batch.transitions["at_us"], batch.items["created_us"].drop_nulls().rename("at_us")])
        if times.len():
            low, high = int(times.min()), int(times.max())  # type: ignore[arg-type]  # not empty
            self.earliest_us = low if self.earliest_us is None else min(low, self.earliest_us)
            self.latest_us = high if self.latest_us is None else max(high, self.latest_us)


def look_at_file(
    path: Path,
    options: ReadOptions | None = None,
    *,
    format: str | None = None,  # noqa: A002  the option's name
    on_part: Callable[[int, float | None], None] | None = None,
    on_items: Callable[[pl.DataFrame], None] | None = None,
) -> FileLook:
    """Read a whole file as an import would, and keep nothing but what it holds.

    Parameters
    ----------
    on_part: called after each part with the rows read so far and the share of the file (0 to 1; None: unknown).
    on_items: called at the end with all items [item, stream], each once.

    Raises
    ------
    InputError, AmbiguousInputError, NotFoundError: as ``pegel.sources.detection.open_source``.
    """
    options = options or ReadOptions()
    candidates = {} if format else {one.name: confidence for one, confidence in detect(path, options)}
    source = open_source(path, options, format=format)
    total = _Sum()
    for batch in source.batches():
        total.add(batch)
        if on_part is not None:
            read = total.accepted + total.merged + total.duplicate + total.ignored.total() + total.reasons.total()
            on_part(read, source.progress())
    items = (pl.concat(total.items) if total.items else pl.DataFrame(schema=_ITEMS)).unique("item", keep="last")
    if on_items is not None:
        on_items(items.select("item", "stream"))
    head = read_head(path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
    return _look(total, items, source.info(), candidates, head.header)


_ITEMS: Final = {"item": pl.String, "stream": pl.String, "type": pl.String}


def _look(
    total: _Sum, items: pl.DataFrame, info: SourceInfo, candidates: Mapping[str, float], header: tuple[str, ...]
) -> FileLook:
    streams = items.group_by("stream").len().sort("len", "stream", descending=[True, False]).head(MOST_NAMES)
    return FileLook(
        source=info.source,
        log_kind=info.log_kind,
        candidates=candidates,
        # A file that is no table has no header, whatever its first line looks like.
        header=tuple(cell[:_LONGEST_NAME] for cell in header[:MOST_NAMES]) if info.columns else (),
        columns=dict(info.columns),
        left_out=tuple(info.left_out[:MOST_NAMES]),
        notes=dict(info.notes),
        accepted=total.accepted,
        merged=total.merged,
        duplicate=total.duplicate,
        ignored=total.ignored.total(),
        rejected=total.reasons.total(),
        reasons={**total.ignored, **total.reasons},
        warnings=dict(total.warnings),
        rejects=tuple(total.rejects),
        items=items.height,
        transitions=total.transitions,
        streams=dict(streams.iter_rows()),
        states=dict(total.states.most_common(MOST_NAMES)),
        earliest_us=total.earliest_us,
        latest_us=total.latest_us,
        answers=_answers(total, items, info),
    )


def _answers(total: _Sum, items: pl.DataFrame, info: SourceInfo) -> dict[str, bool]:
    return {
        "how_long": bool(total.transitions),
        "where": bool(total.transitions) and info.log_kind != "dates",
        "hand_offs": total.actors or bool(total.fields & _PEOPLE),
        "overtaking": bool(total.fields & _PRIORITY),
        "blocked": "flag" in total.fields,
        "dependencies": bool(total.links),
        "types": items["type"].null_count() < items.height,
    }
