"""Long series made short: weeks become months, days become ends of weeks, so that a page stays small and readable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import polars as pl

from pegel.eventlog.schema import DAY_US, from_us, to_us
from pegel.flow.periods import week_start_us

#: More weeks than this are added up by month; more days than this are thinned to the last day of each week.
MOST_WEEKS: Final = 130
MOST_DAYS: Final = 400


def month_start_us(moment_us: int) -> int:
    """Return the beginning of the UTC month of a moment.

    >>> from_us(month_start_us(40 * DAY_US)).date().isoformat()
    '1970-02-01'
    """
    moment = from_us(moment_us)
    return to_us(datetime(moment.year, moment.month, 1, tzinfo=UTC))


def by_month(frame: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Add up the other columns of a weekly table per month, counting a week to the month of its Monday."""
    months = {week: month_start_us(week) for week in frame["week_us"].unique().to_list()}
    monthly = frame.with_columns(pl.col("week_us").replace_strict(months, return_dtype=pl.Int64))
    return monthly.group_by("week_us", *by).agg(pl.exclude("week_us", *by).sum()).sort("week_us", *by)


def thinned(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a daily table as it is if short; else the last day of each week (Sunday), and the last day of all."""
    days = frame["day_us"].unique().sort()
    if days.len() <= MOST_DAYS:
        return frame
    last = int(days[-1])
    kept = [day for day in days.to_list() if day == last or week_start_us(day + DAY_US) == day + DAY_US]
    if len(kept) > MOST_DAYS:
        step = -(-len(kept) // MOST_DAYS)
        kept = kept[::-1][::step]
    return frame.filter(pl.col("day_us").is_in(kept))
