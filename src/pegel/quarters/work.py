"""What the three lists share: the items of the quarter, and the days already spent on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import OPEN_US
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.quarters.quarter import Quarter

#: Columns of the items of a list. ``what``: which fields changed, or how it ended; codes, separated by commas.
LISTED: Final[dict[str, pl.DataType]] = {
    "item": pl.Int32(),
    "at_us": pl.Int64(),
    "started": pl.Boolean(),
    "days": pl.Float64(),
    "what": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterList(Answer):
    """One of the three lists. ``of``: items that were in progress at some moment of the quarter.

    ``n``: those of them that are listed, ``share`` of ``of`` (None: nothing was in progress), ``days`` spent on them.
    ``not_started``: listed ones that nobody had started; they are in neither number. ``items``: columns of ``LISTED``.
    """

    unit: str = "days"
    n: int = 0
    of: int = 0
    share: float | None = None
    days: float = 0.0
    not_started: int = 0
    items: pl.DataFrame


def in_progress(items: pl.DataFrame, quarter: Quarter, as_of_us: int) -> pl.DataFrame:
    """Return the items that were in progress at some moment of a quarter, as far as the log goes."""
    until = min(quarter.until_us, as_of_us + 1)
    end = pl.col("end_us").fill_null(OPEN_US)
    return items.filter((pl.col("start_us") < until) & (end >= quarter.from_us))


def with_days(log: FlowLog, items: pl.DataFrame, quarter: Quarter) -> pl.DataFrame:
    """Add ``days``: from the start to the end of the item, the end of the quarter or the log's moment; 0: not started.

    In the log's time; pauses are not taken off.
    """
    stop = min(quarter.until_us, log.as_of_us)
    bounded = items.with_columns(stop_us=pl.min_horizontal(pl.col("end_us").fill_null(stop), pl.lit(stop)))
    measured = log.engine.collect(
        log.measure(nw.from_native(bounded.lazy()), start="start_us", end="stop_us", into="spent_us")
    )
    spent = pl.col("spent_us").fill_null(0).clip(lower_bound=0)
    return measured.with_columns(days=spent / log.day_us).drop("spent_us", "stop_us")


def listed(log: FlowLog, definition: str, quarter: Quarter, items: pl.DataFrame, found: pl.DataFrame) -> QuarterList:
    """Return a list of ``found``: item windows with ``at_us`` and ``what``."""
    of = in_progress(items, quarter, log.as_of_us).height
    timed = with_days(log, found, quarter).with_columns(started=pl.col("start_us").is_not_null())
    rows = timed.select(pl.col(name).cast(kind) for name, kind in LISTED.items()).sort(
        "days", "item", descending=[True, False]
    )
    n = int(rows["started"].sum())
    return QuarterList(
        definition=definition,
        status=Status.VALUE,
        unit=log.unit,
        n=n,
        of=of,
        share=n / of if of else None,
        days=float(rows["days"].sum()),
        not_started=rows.height - n,
        items=rows,
    )


def without(definition: str, log: FlowLog, status: Status, *, reason: str) -> QuarterList:
    """Return the answer of a list that cannot be made."""
    return QuarterList(
        definition=definition, status=status, reason=reason, unit=log.unit, items=pl.DataFrame(schema=LISTED)
    )


def windows_of(log: FlowLog, windows: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return what the lists need of the item windows of a log."""
    wanted = windows.select("item", "first_us", "start_us", "end_us", "ending")
    return log.engine.collect(wanted)
