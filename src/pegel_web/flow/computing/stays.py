"""How often and how long items were in the states of a stream: what every meaning of these states is weighed by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import narwhals as nw

from pegel.eventlog.schema import DELETED_STATE, OPEN_US
from pegel.eventlog.suggestion import Suggestion
from pegel.eventlog.workflow import StateCategory, StateRule, Workflow
from pegel.lake.store import Lake, open_lake
from pegel.lake.workflows import suggestion
from pegel.workbench import open_log
from pegel_web.flow.computing.mapping import ENDS
from pegel_web.flow.computing.stream import people_in
from pegel_web.flow.computing.versions import imports_of

#: Answers kept in the process; each is a few hundred numbers.
_KEPT: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The stays in one state of items of one type that began in one period.

    ``at_us``: when the period began; None: it is the first. ``entries``: stays; ``total_us``: their time, of open ones
    until the last event of the stream.
    """

    state: str
    type: str | None
    at_us: int | None
    entries: int
    total_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Every stay in a stream. ``people``: how many people the log names; None: it names nobody."""

    cells: tuple[Cell, ...]
    people: int | None

    @property
    def entries(self) -> int:
        """Return how many stays there are."""
        return sum(cell.entries for cell in self.cells)

    @property
    def types(self) -> tuple[str, ...]:
        """Return the item types that occur, by name."""
        return tuple(sorted({cell.type for cell in self.cells if cell.type is not None}))


def stays_of(lake: Lake, stream: str, workflows: Iterable[Workflow]) -> Stays:
    """Return the stays in a stream, apart for every period in which one of some mappings means something else.

    Raises
    ------
    NotFoundError: ``unknown_stream``, ``lake_empty``.
    """
    boundaries = tuple(sorted({moment for one in workflows for moment in one.boundaries_us()}))
    return _stays(lake.root, tuple(imports_of(lake)), stream, boundaries)


def suggestion_of(lake: Lake, stream: str) -> Suggestion:
    """Return what the library suggests for a stream.

    Raises
    ------
    NotFoundError: ``unknown_stream``.
    """
    return _suggestion(lake.root, tuple(imports_of(lake)), stream)


def read_by(workflow: Workflow, cells: Iterable[Cell]) -> dict[Cell, StateRule | None]:
    """Return the rule that counts for the stays of each cell; None: nobody has said what they are."""
    rules: dict[str, list[StateRule]] = {}
    for rule in workflow.rules:
        rules.setdefault(rule.state, []).append(rule)
    # A mapping of one state at a time: the library looks through all rules for each question.
    small = {state: replace(workflow, rules=tuple(mine)) for state, mine in rules.items()}
    return {
        cell: small[cell.state].rule(cell.state, type=cell.type, at_us=cell.at_us) if cell.state in small else None
        for cell in cells
    }


def category_of(rule: StateRule | None) -> StateCategory:
    """Return what stays are by their rule."""
    return StateCategory.UNMAPPED if rule is None else rule.category


def time_us(cells: Iterable[Cell], *readings: Mapping[Cell, StateRule | None]) -> int:
    """Return the time of the stays in which items are not at their end, by at least one of some readings."""
    return sum(cell.total_us for cell in cells if any(category_of(one[cell]) not in ENDS for one in readings))


@lru_cache(maxsize=_KEPT)
def _stays(root: Path, imports: tuple[str, ...], stream: str, boundaries: tuple[int, ...]) -> Stays:
    del imports  # only tells whether the lake has changed
    log = open_log(open_lake(root), streams=[stream])
    mine = {place.code: place for place in log.places if place.stream == stream and place.state != DELETED_STATE}
    period = nw.lit(0)
    for boundary in boundaries:
        period = period + (nw.col("entered_us") >= boundary).cast(nw.Int64)
    left = nw.when(nw.col("left_us") == OPEN_US).then(nw.lit(log.as_of_us)).otherwise(nw.col("left_us"))
    found = log.engine.collect(
        log.rows()
        .filter(nw.col("place").is_in(sorted(mine)))
        .with_columns(time_us=left - nw.col("entered_us"), period=period)
        .group_by("place", "period")
        .agg(nw.col("time_us").sum(), entries=nw.len())
    )
    starts = (None, *boundaries)
    cells = [
        Cell(
            state=mine[row["place"]].state,
            type=mine[row["place"]].type,
            at_us=starts[row["period"]],
            entries=row["entries"],
            total_us=row["time_us"],
        )
        for row in found.sort("place", "period").iter_rows(named=True)
    ]
    return Stays(cells=tuple(cells), people=people_in(log))


@lru_cache(maxsize=_KEPT)
def _suggestion(root: Path, imports: tuple[str, ...], stream: str) -> Suggestion:
    del imports  # the same
    return suggestion(open_lake(root), stream)
