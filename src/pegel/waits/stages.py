"""Stages: the states of a stream as places where items lose time, and what each of them costs.

A stage is a state of a stream with one meaning (category, phase, friction); with ``by_type`` also of one type. The sums
here are what bottlenecks and the start-small picker stand on: both read the same rows once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import WEEK_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.attribution import attribute
from pegel.flow.flow_velocity import finished_in
from pegel.flow.item_windows import item_windows
from pegel.flow.log import FlowLog
from pegel.flow.periods import week_of, week_start_us
from pegel.flow.time_in_state import stage_times

#: Full weeks before the log's moment that figures rest on, unless somebody chose a period.
REFERENCE_WEEKS: Final = 12
#: The share of items whose time in a stage is its "best quarter".
BEST_QUARTER: Final = 0.25
_MEANING: Final = ("category", "phase", "friction")


class StageKind(StrEnum):
    """What time in a stage is, which decides how much of it could go."""

    WAIT = "wait"  # nobody works on it: all of it could go
    WORK = "work"  # only what lies above the stage's own best quarter could go
    UNKNOWN = "unknown"  # nobody has said: treated as work, which claims less
    ENDED = "ended"  # between a first end and being reopened: all of it would go if nothing came back


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSums:
    """What a period's finished items spent where.

    Attributes
    ----------
    from_us, until_us: the reference period, half-open.
    stages: [stage, stream, type, state, category, phase, friction, stage_kind], ``stage`` counting from 0.
    places: [place, stage]; ``times``: lazy [item, stage, time_us, stays, week_us], kept: one row per item and stage.
    totals: [stage, items, stays, time_us, quarter_us, p50_us, p85_us], one row per stage that has time.
    weekly: [stage, week_us, items, time_us, excess_us]; ``excess_us``: above the stage's best quarter.
    by_stream: [stream, week_us, items, time_us]: finished items with time in the stream, and that time.
    lives: the log of the finished items alone, their rows kept, so that they are read once.
    finished: lazy item windows; ``by_week``: [week_us, n, flow_us], all finished items that have a flow time.
    """

    from_us: int
    until_us: int
    by_type: bool
    stages: pl.DataFrame
    places: pl.DataFrame
    times: nw.LazyFrame[Any]
    totals: pl.DataFrame
    weekly: pl.DataFrame
    by_stream: pl.DataFrame
    lives: FlowLog
    finished: nw.LazyFrame[Any]
    by_week: pl.DataFrame

    @property
    def weeks(self) -> float:
        """Length of the period in weeks."""
        return max(0, self.until_us - self.from_us) / WEEK_US

    @property
    def week_starts(self) -> list[int]:
        """Beginnings of the calendar weeks that the period touches."""
        if self.until_us <= self.from_us:
            return []
        return list(range(week_start_us(self.from_us), week_start_us(self.until_us - 1) + 1, WEEK_US))

    @property
    def n(self) -> int:
        """Finished items that have a flow time."""
        return int(self.by_week["n"].sum())

    @property
    def weeks_with_data(self) -> int:
        """Weeks in which such an item was finished."""
        return self.by_week.height

    @property
    def flow_us(self) -> int:
        """Sum of their flow times."""
        return sum(self.by_week["flow_us"].to_list())


def reference_period(as_of_us: int, first_us: int | None, *, weeks: int = REFERENCE_WEEKS) -> tuple[int, int]:
    """Return the last full weeks before a moment, not before the week of the first event; empty if there is none.

    A week is full when the log's moment lies at or after its last microsecond.

    >>> from pegel.eventlog.schema import from_us, to_us
    >>> from datetime import UTC, datetime
    >>> start, end = reference_period(to_us(datetime(2026, 3, 11, tzinfo=UTC)), None)  # a Wednesday
    >>> from_us(start).date().isoformat(), from_us(end).date().isoformat()
    ('2025-12-15', '2026-03-09')
    """
    until = week_start_us(as_of_us + 1)
    start = until - weeks * WEEK_US
    if first_us is not None:
        start = max(start, week_start_us(first_us))
    return min(start, until), until


def stage_sums(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    by_type: bool = False,
    items: nw.LazyFrame[Any] | None = None,
) -> StageSums:
    """Add up the time of the period's finished items per stage.

    Parameters
    ----------
    from_us, until_us: period, half-open; None: see ``reference_period``. ``by_type``: tell the types of a state apart.
    items: attributed item windows, where the caller has them already.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Review"),
    ...                    ("A", "2026-01-09", "Done")], workflow, as_of="2026-01-12")
    >>> sums = stage_sums(log, built_in_policy("first_active_to_last_done"))
    >>> named = sums.totals.join(sums.stages, on="stage").sort("state")
    >>> [(state, us // log.day_us) for state, us in named.select("state", "time_us").iter_rows()]
    [('Doing', 1), ('Review', 3)]
    """
    collect, keep = log.engine.collect, log.engine.keep
    windows = keep(attribute(log, policy, item_windows(log, policy))) if items is None else items
    first: Any = collect(windows.select(nw.col("first_us").min())).item()
    start, end = reference_period(log.as_of_us, first)
    start, end = (start if from_us is None else from_us), (end if until_us is None else until_us)
    finished = keep(
        finished_in(windows, from_us=start, until_us=end)
        .filter(~nw.col("flow_us").is_null())
        .with_columns(week_us=week_of(nw.col("end_us")))
    )
    rows = keep(log.rows().join(finished.select("item"), on="item", how="semi"))
    lives = replace(log, intervals=rows, cut=False)
    stages, places = stage_tables(log, by_type=by_type)
    stage_of = place_lookup(log, places)
    streams = log.engine.table(
        {"stage": stages["stage"].to_list(), "stream_no": _codes(stages["stream"])},
        {"stage": nw.Int32(), "stream_no": nw.Int32()},
    )
    times = keep(
        stage_times(lives, policy, finished)
        .filter(~nw.col("paused"))
        .join(stage_of, on="place", how="inner")
        .group_by("item", "stage")
        .agg(nw.col("inside_us").sum().alias("time_us"), stays=nw.len())
        .join(finished.select("item", "week_us"), on="item", how="inner")
        .join(streams, on="stage", how="inner")
    )
    time = nw.col("time_us")
    totals = keep(
        times.group_by("stage")
        .agg(
            time.sum(),
            nw.col("stays").sum(),
            items=nw.len(),
            quarter_us=time.quantile(BEST_QUARTER, interpolation="linear"),
            p50_us=time.quantile(0.5, interpolation="linear"),
            p85_us=time.quantile(0.85, interpolation="linear"),
        )
        .with_columns(nw.col("quarter_us").cast(nw.Int64()))
    )
    excess = nw.max_horizontal(time - nw.col("quarter_us"), nw.lit(0, dtype=nw.Int64()))
    weekly = (
        times.join(totals.select("stage", "quarter_us"), on="stage", how="inner")
        .with_columns(excess_us=excess)
        .group_by("stage", "week_us")
        .agg(nw.col("time_us", "excess_us").sum(), items=nw.len())
    )
    by_stream = (
        times.group_by("item", "stream_no", "week_us")
        .agg(time.sum())
        .group_by("stream_no", "week_us")
        .agg(time.sum(), items=nw.len())
    )
    by_week = finished.group_by("week_us").agg(nw.col("flow_us").sum(), n=nw.len())
    names = pl.DataFrame({"stream": stages["stream"].unique().sort()}).with_row_index("stream_no")
    return StageSums(
        from_us=start,
        until_us=end,
        by_type=by_type,
        stages=stages,
        places=places,
        times=times,
        totals=collect(totals).sort("stage"),
        weekly=collect(weekly).sort("stage", "week_us"),
        by_stream=collect(by_stream)
        .join(names.with_columns(pl.col("stream_no").cast(pl.Int32)), on="stream_no", how="inner")
        .select("stream", "week_us", "items", "time_us")
        .sort("stream", "week_us"),
        lives=lives,
        finished=finished,
        by_week=collect(by_week).sort("week_us"),
    )


def stage_tables(log: FlowLog, *, by_type: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the stages of the log's streams and [place, stage]; shapes in ``StageSums``."""
    places = log.engine.collect(log.place_table()).drop("kind")
    if log.streams is not None:
        places = places.filter(pl.col("stream").is_in(sorted(log.streams)))
    if not by_type:
        places = places.with_columns(type=pl.lit(None, pl.String))
    keys = ["stream", "state", "type", *_MEANING]
    stages = places.select(keys).unique().sort(keys).with_row_index("stage")
    stages = stages.with_columns(pl.col("stage").cast(pl.Int32))
    found = places.join(stages, on=keys, how="inner", nulls_equal=True).select("place", "stage").sort("place")
    working = {name for name in log.workflows if log.meanings.says_what_is_work(name)}
    kinds = [_kind(row["category"], known=row["stream"] in working) for row in stages.iter_rows(named=True)]
    named = stages.with_columns(stage_kind=pl.Series(kinds, dtype=pl.String))
    return named.select("stage", "stream", "type", "state", *_MEANING, "stage_kind"), found


def mapping_status(log: FlowLog, sums: StageSums) -> str:
    """Return whether somebody has confirmed what the stages mean: ``suggested``, ``confirmed`` or ``mixed``."""
    names = sums.stages["stream"].unique()
    found = {log.workflows[name].status for name in names if name in log.workflows} or {"suggested"}
    return found.pop() if len(found) == 1 else "mixed"


def place_lookup(log: FlowLog, places: pl.DataFrame) -> nw.LazyFrame[Any]:
    """Return [place, stage] in the form of the log's engine."""
    columns = {name: places[name].to_list() for name in ("place", "stage")}
    return log.engine.table(columns, dict.fromkeys(columns, nw.Int32()))


def _kind(category: str, *, known: bool) -> str:
    if category in (StateCategory.DONE, StateCategory.CANCELLED, StateCategory.DELETED):
        return StageKind.ENDED
    if not known or category == StateCategory.UNMAPPED:
        return StageKind.UNKNOWN
    return StageKind.WORK if category == StateCategory.ACTIVE else StageKind.WAIT


def _codes(names: pl.Series) -> list[int]:
    numbers = {name: number for number, name in enumerate(names.unique().sort())}
    return [numbers[name] for name in names]
