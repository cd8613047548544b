"""What all programs are asked: the files of the prepared intervals, and what every place means.

The five tables, per stream and week (Monday 00:00 UTC, in microseconds), under "first active → last done":

* ``velocity``: [stream, type, week_us, finished]
* ``flow_time``: [stream, week_us, n, mean_us, p50_us, p70_us, p85_us, p95_us]
* ``efficiency``: [stream, week_us, active_us, flow_us], sums over the finished items with a flow time
* ``load``: [stream, week_us, load] at the end of each week in which it changed
* ``distribution``: [stream, week_us, kind, share] of the kinds of work in what was finished

A stay in an ignored state decides nothing and its time within the window does not count; an item that goes back to work
was not done, and all its time counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import polars as pl

from pegel.eventlog.schema import DAY_US, OPEN_US, WEEK_US
from pegel.eventlog.workflow import StateCategory
from pegel.lake import prepared
from pegel.worlds.scale import scale_workflow

POLICY = "first_active_to_last_done"
#: 1970-01-01 was a Thursday.
MONDAY_US = 3 * DAY_US


class Codes(IntEnum):
    """Categories of states as small integers, for the programs written by hand."""

    OTHER = 0
    ACTIVE = 1
    DONE = 2
    IGNORED = 3
    CANCELLED = 4

    @classmethod
    def numbers(cls) -> dict[str, int]:
        """Return the numbers that the SQL needs, by name."""
        codes = {code.name.lower(): int(code) for code in cls}
        return {**codes, "open_us": OPEN_US, "week": WEEK_US, "monday": MONDAY_US}


_CODES = {
    StateCategory.ACTIVE: Codes.ACTIVE,
    StateCategory.DONE: Codes.DONE,
    StateCategory.IGNORED: Codes.IGNORED,
    StateCategory.CANCELLED: Codes.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Question:
    """``places``: [place, stream, type, kind, category], sorted by place; ``now_us``: the last event."""

    files: tuple[Path, ...]
    places: pl.DataFrame
    now_us: int
    category_of_state: dict[str, int]
    kind_of_type: dict[str, str]

    @classmethod
    def read(cls, root: Path) -> Question:
        """Read the manifest of a lake's prepared intervals."""
        state = prepared.read(root)
        workflow = scale_workflow()
        category = {rule.state: int(_CODES.get(rule.category, Codes.OTHER)) for rule in workflow.rules}
        kind = {name: kind.value for name, kind in workflow.items.items()}
        places = state.places.sort("place").select(
            "place",
            "stream",
            "type",
            kind=pl.col("type").replace_strict(kind, return_dtype=pl.String),
            category=pl.col("state").replace_strict(category, return_dtype=pl.Int8),
        )
        files = tuple(root / "prepared" / segment.file for segment in state.segments)
        return cls(files, places, state.latest_us or 0, category, kind)
