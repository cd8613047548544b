"""Working time between two moments: how much of it lies inside a calendar's working hours.

P(t), the *working clock*, is the number of working microseconds from a fixed origin to t. It runs while people work and
stands still otherwise, so the working time of an interval is P(end) − P(start), and intervals add up exactly.

For many rows P is a small table. Time is cut into cells of equal width (some hours, aligned to 1970-01-01T00:00Z); a
cell knows the working time before it, and when work opens and closes within it, so that with ``cell = t // cell_us``

    P(t) = worked_us[cell] + Σ_k (min(max(t, opens_k), closes_k) − opens_k)

which is one join and integer arithmetic: every engine can do that. See docs/methods/calendars.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals as nw
import polars as pl

from pegel.errors import InternalError
from pegel.eventlog import schema
from pegel.eventlog.calendar import Calendar, zone_named

_MINUTE_US: Final = 60 * schema.SECOND_US
#: Widths of a cell that are tried, in hours; each divides the day.
_CELL_HOURS: Final = (24, 12, 8, 6)


def working_spans(calendar: Calendar, from_us: int, until_us: int) -> pl.DataFrame:
    """Return the working time within [from_us, until_us).

    Returns one row per unbroken stretch: ``start_us``, ``end_us`` (UTC microseconds, end not included), ascending.

    Raises
    ------
    InternalError: ``calendar_range_outside`` when the range leaves the times that the event log accepts.
    """
    starts, ends = _worked(calendar, from_us, until_us)
    return pl.DataFrame({"start_us": starts, "end_us": ends}, schema={"start_us": pl.Int64(), "end_us": pl.Int64()})


def day_us(calendar: Calendar | None, on: date | None = None) -> int:
    """Return the working time of a typical working day in microseconds, for saying working time in working days.

    It is the hours of the week divided by its days with working hours, so a full week gives exactly as many days as it
    has working days. ``on``: take the hours in force on that date (None: the calendar's own, without periods). Without
    a calendar a day has 24 hours.

    >>> from pegel.eventlog.calendar import built_in_calendar
    >>> 32 * schema.HOUR_US / day_us(built_in_calendar("de"))
    4.0
    """
    if calendar is None:
        return schema.DAY_US
    week = calendar.week if on is None else calendar.week_on(on)
    minutes = sum(end - start for spans in week for start, end in spans)
    worked_days = sum(1 for spans in week if spans)
    return round(minutes * _MINUTE_US / worked_days) if worked_days else day_us(calendar)


class WorkingTime:
    """The working clock of a calendar over a range of time.

    Parameters
    ----------
    from_us, until_us: times that rows may have, both included; by default all times that the event log accepts. The
        range is widened to whole UTC days, and the clock counts from its beginning (``self.from_us``).

    ``years_without_holidays`` names the years of the range for which no public holidays are known: say so to people.

    >>> from pegel.eventlog.calendar import built_in_calendar
    >>> from datetime import datetime, UTC
    >>> friday, monday = (schema.to_us(datetime(2026, 1, day, hour, tzinfo=UTC)) for day, hour in ((9, 15), (12, 9)))
    >>> WorkingTime(built_in_calendar("de"), friday, monday).between(friday, monday) / schema.HOUR_US
    2.0
    """

    def __init__(self, calendar: Calendar, from_us: int = schema.EARLIEST_US, until_us: int = schema.LATEST_US) -> None:
        if from_us > until_us:
            raise InternalError("calendar_range_outside", from_us=from_us, until_us=until_us)
        self.calendar = calendar
        self.from_us = from_us // schema.DAY_US * schema.DAY_US
        self.until_us = (until_us // schema.DAY_US + 1) * schema.DAY_US
        self._starts, self._ends = _worked(calendar, self.from_us, self.until_us)
        self._before: list[int] = []
        worked = 0
        for start, end in zip(self._starts, self._ends, strict=True):
            self._before.append(worked)
            worked += end - start
        self._wider: WorkingTime | None = None

    @cached_property
    def years_without_holidays(self) -> tuple[int, ...]:
        """Years of the range whose public holidays are unknown and count as working days."""
        return self.calendar.years_without_holidays(
            schema.from_us(self.from_us).date(), schema.from_us(self.until_us).date()
        )

    def covering(self, from_us: int, until_us: int) -> WorkingTime:
        """Return a working time that covers both this range and another (itself, where it already does)."""
        if self.from_us <= from_us and until_us < self.until_us:
            return self
        if self._wider is None or not (self._wider.from_us <= from_us and until_us < self._wider.until_us):
            held = self._wider or self
            self._wider = WorkingTime(self.calendar, min(from_us, held.from_us), max(until_us, held.until_us - 1))
        return self._wider

    def between(self, start_us: int, end_us: int) -> int:
        """Return the working microseconds in [start_us, end_us); negative where end lies before start.

        Times outside the range are looked up in a wider one, never cut off.

        Raises
        ------
        InternalError: ``calendar_range_outside`` for a time that the event log does not accept (an interval that is
            still open needs an end from the caller).
        """
        wide = self.covering(min(start_us, end_us), max(start_us, end_us))
        return wide._position(end_us) - wide._position(start_us)

    def clock(self, at_us: int) -> int:
        """Return the working clock P: working microseconds from the beginning of the range to ``at_us``."""
        return self.between(self.from_us, at_us)

    @property
    def cell_us(self) -> int:
        """Width of a cell of :meth:`table` in microseconds."""
        return self._cells[0]

    def table(self) -> pl.DataFrame:
        """Return the working clock as a table, to be joined on ``cell = t // cell_us``.

        Columns, all integer: ``cell``; ``worked_us``, the clock at the cell's beginning; ``opens_1``, ``closes_1``,
        ``opens_2`` …, the stretches of work within the cell (UTC microseconds; equal where there is none).
        """
        return self._cells[1]

    def add_working_clock(
        self,
        frame: nw.LazyFrame[Any],
        *,
        at: str,
        into: str,
        table: nw.LazyFrame[Any] | None = None,
    ) -> nw.LazyFrame[Any]:
        """Add column ``into``: the working clock at the times in column ``at`` (integer microseconds).

        Null where the time is null or outside the range, never a cut-off figure. Joins do not keep the order of rows.
        ``table``: :meth:`table` loaded into the engine of ``frame``; by default it is taken as a polars frame.
        """
        mark = f"__{into}__"
        cells = nw.from_native(self.table().lazy()) if table is None else table
        lookup = cells.rename({name: mark + name for name in self.table().columns})
        clock = nw.col(mark + "worked_us")
        for k in range(1, _pieces(self.table()) + 1):
            opens, closes = nw.col(f"{mark}opens_{k}"), nw.col(f"{mark}closes_{k}")
            clock = clock + nw.when(nw.col(at) <= opens).then(nw.lit(0, nw.Int64)).otherwise(
                nw.when(nw.col(at) >= closes).then(closes - opens).otherwise(nw.col(at) - opens)
            )
        return (
            frame.with_columns((nw.col(at) // self.cell_us).alias(mark + "cell"))
            .join(lookup, on=mark + "cell", how="left")
            .with_columns(clock.alias(into))
            .drop(mark + name for name in self.table().columns)
        )

    def add_working_time(
        self,
        frame: nw.LazyFrame[Any],
        *,
        start: str,
        end: str,
        into: str,
        table: nw.LazyFrame[Any] | None = None,
    ) -> nw.LazyFrame[Any]:
        """Add column ``into``: working microseconds from column ``start`` to column ``end``.

        Nulls, row order and ``table`` as in :meth:`add_working_clock`. Where the same intervals are asked often, add
        the clock of both ends once and keep it: a difference of two columns is then all that working time costs.
        """
        marks = f"__{into}__start", f"__{into}__end"
        for at, mark in zip((start, end), marks, strict=True):
            frame = self.add_working_clock(frame, at=at, into=mark, table=table)
        return frame.with_columns((nw.col(marks[1]) - nw.col(marks[0])).alias(into)).drop(*marks)

    def _position(self, at_us: int) -> int:
        index = bisect_right(self._starts, at_us) - 1
        return self._before[index] + min(at_us, self._ends[index]) - self._starts[index] if index >= 0 else 0

    @cached_property
    def _cells(self) -> tuple[int, pl.DataFrame]:
        """Cell width and table: the fewest pieces per cell, and among equals the widest cells."""
        spans = pl.DataFrame(
            {"start": self._starts, "end": self._ends}, schema={"start": pl.Int64(), "end": pl.Int64()}
        )
        candidates = [(hours * schema.HOUR_US, _cut(spans, hours * schema.HOUR_US)) for hours in _CELL_HOURS]
        width, pieces = min(candidates, key=lambda candidate: candidate[1]["piece"].max() or 0)
        cells = pl.DataFrame(
            {"cell": range(self.from_us // width, self.until_us // width)}, schema={"cell": pl.Int64()}
        )
        worked = pieces.group_by("cell").agg((pl.col("closes") - pl.col("opens")).sum().alias("worked_us"))
        table = cells.join(worked, on="cell", how="left", maintain_order="left").with_columns(
            pl.col("worked_us").fill_null(0).cum_sum().shift(1, fill_value=0)
        )
        most: Any = pieces["piece"].max()
        for k in range(1, (most or 1) + 1):
            piece = pieces.filter(pl.col("piece") == k).select(
                "cell", pl.col("opens").alias(f"opens_{k}"), pl.col("closes").alias(f"closes_{k}")
            )
            table = table.join(piece, on="cell", how="left", maintain_order="left").with_columns(
                pl.col(f"opens_{k}", f"closes_{k}").fill_null(pl.col("cell") * width)
            )
        return width, table


def _cut(spans: pl.DataFrame, width: int) -> pl.DataFrame:
    """Cut spans at cell boundaries: cell, opens, closes, piece (1, 2 … within its cell)."""
    return (
        spans.with_columns(pl.int_ranges(pl.col("start") // width, (pl.col("end") - 1) // width + 1).alias("cell"))
        .explode("cell")
        .select(
            "cell",
            pl.max_horizontal("start", pl.col("cell") * width).alias("opens"),
            pl.min_horizontal("end", (pl.col("cell") + 1) * width).alias("closes"),
        )
        .with_row_index("row")
        .with_columns(
            # Rows are sorted: the number within a cell is the distance to the cell's first row.
            (pl.col("row") - pl.col("row").min().over("cell") + 1).alias("piece")
        )
    )


def _pieces(table: pl.DataFrame) -> int:
    return (table.width - 2) // 2


def _worked(calendar: Calendar, from_us: int, until_us: int) -> tuple[list[int], list[int]]:
    """Starts and ends of the unbroken stretches of work in [from_us, until_us), UTC."""
    if not schema.EARLIEST_US <= from_us <= until_us <= schema.LATEST_US + schema.DAY_US:
        raise InternalError("calendar_range_outside", from_us=from_us, until_us=until_us)
    # No zone is more than a day away from UTC.
    first = schema.from_us(from_us).date() - timedelta(days=1)
    until = schema.from_us(until_us).date() + timedelta(days=2)
    walls = list(_wall_clock_spans(calendar, first, until))
    wall_ends = [end for _, end in walls]
    starts: list[int] = []
    ends: list[int] = []
    for start, end, offset in _offsets(zone_named(calendar.zone), from_us, until_us):
        for index in range(bisect_right(wall_ends, start + offset), len(walls)):
            wall_start, wall_end = walls[index]
            if wall_start >= end + offset:
                break
            opens, closes = max(wall_start - offset, start), min(wall_end - offset, end)
            if ends and ends[-1] == opens:
                ends[-1] = closes
            else:
                starts.append(opens)
                ends.append(closes)
    return starts, ends


def _wall_clock_spans(calendar: Calendar, first: date, until: date) -> Iterator[tuple[int, int]]:
    """Working hours of the local dates in [first, until), in microseconds of the wall clock since its 1970-01-01."""
    midnight = (first - schema.EPOCH.date()).days * schema.DAY_US
    weekday = first.weekday()
    for off, week in zip(calendar.days_off(first, until), calendar.weeks_between(first, until), strict=True):
        if not off:
            for start, end in week[weekday]:
                yield midnight + start * _MINUTE_US, midnight + end * _MINUTE_US
        midnight += schema.DAY_US
        weekday = (weekday + 1) % 7


def _offsets(zone: ZoneInfo, from_us: int, until_us: int) -> Iterator[tuple[int, int, int]]:
    """Cut [from_us, until_us) where the zone's distance to UTC changes: start, end, offset in microseconds.

    A look every three days is enough: since 1970 no zone has changed twice within six days.
    """

    def offset(at_us: int) -> timedelta:
        return schema.from_us(at_us).astimezone(zone).utcoffset() or timedelta()

    step = 3 * schema.DAY_US
    moment, end = schema.from_us(from_us), schema.from_us(until_us)
    start, before, current = from_us, from_us, offset(from_us)
    while before < until_us:
        moment = min(moment + timedelta(days=3), end)
        after = min(before + step, until_us)
        distance = moment.astimezone(zone).utcoffset()
        if distance is not None and distance != current:
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            yield start, high, current // timedelta(microseconds=1)
            start, current = high, distance
        before = after
    if start < until_us:
        yield start, until_us, current // timedelta(microseconds=1)
