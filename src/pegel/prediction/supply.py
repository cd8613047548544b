"""Supply: how many items were finished on each day of the reference window, per stream, and which days are to come.

With a calendar the days are its local dates; only working days are drawn and only working days pass, so holidays and
blackout days of the past dilute nothing and those of the future deliver nothing. What was finished on a day off counts
for the next working day. Without a calendar days are UTC days and every day of the week is drawn from its own kind, so
that the weekly pattern stays as it was observed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import narwhals as nw
import numpy as np

from pegel.eventlog.calendar import Calendar, zone_named
from pegel.eventlog.schema import DAY_US, to_us
from pegel.flow.flow_velocity import finished_in
from pegel.flow.log import FlowLog

_MINUTE_US: Final = 60_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
#: No forecast looks further ahead than this many days of work.
HORIZON: Final = 3650
#: Calendar days that are looked at to find them: nobody works less than one day in four weeks.
_LOOK_AHEAD: Final = 28 * HORIZON
_STEP: Final = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Daily completions of the reference window.

    Parameters
    ----------
    streams: names of the columns of ``counts``; a single None: all chosen streams together.
    days: the days that can be drawn, as days since 1970-01-01, ascending. ``counts``: (days, streams).
    first_day, until_day: the window, half-open, whether or not its days are worked.
    next_day: first day that a forecast may use.
    calendar: None: every day counts, drawn by day of the week.
    """

    streams: tuple[str | None, ...]
    days: np.ndarray
    counts: np.ndarray
    first_day: int
    until_day: int
    next_day: int
    calendar: Calendar | None

    @property
    def finished(self) -> int:
        """Items finished in the window, in all streams."""
        return int(self.counts.sum())

    def strata(self, days: np.ndarray) -> np.ndarray:
        """Return the kind of each day: days are drawn from their own kind."""
        return np.zeros(len(days), dtype=np.int64) if self.calendar else (days + 3) % 7

    def coming_days(self, n: int = HORIZON, *, until_day: int | None = None) -> np.ndarray:
        """Return the next ``n`` days of work, at most those before ``until_day``, as days since 1970."""
        last = min(self.next_day + _LOOK_AHEAD, date.max.toordinal() - _EPOCH - 1)
        end = last if until_day is None else min(until_day, last)
        if self.calendar is None:
            return np.arange(self.next_day, max(self.next_day, min(end, self.next_day + n)))
        found: list[np.ndarray] = []
        start, missing = self.next_day, n
        while start < end and missing > 0:
            stop = min(start + _STEP, end)
            days = np.arange(start, stop)[worked_days(self.calendar, start, stop)][:missing]
            found.append(days)
            missing -= len(days)
            start = stop
        return np.concatenate(found) if found else np.arange(0)


def supply(
    log: FlowLog,
    items: nw.LazyFrame[Any],
    *,
    window_days: int,
    streams: Sequence[str] | None = None,
) -> Supply:
    """Return the daily completions of the last ``window_days`` days that the log has seen whole.

    ``items``: attributed item windows. ``streams``: one column each; None: all together. The window begins with the
    first day of the log where that is later.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Done")],
    ...                   load_workflow("states: {Doing: active, Done: done}"), as_of="2026-01-09")
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> found = supply(log, attribute(log, policy, item_windows(log, policy)), window_days=90)
    >>> found.counts[:, 0].tolist()  # 5 to 8 January
    [0, 0, 1, 0]
    """
    calendar = log.working.calendar if log.working else None
    until_day = day_of(log.as_of_us + 1, calendar)
    begun = log.engine.collect(items.select(nw.col("first_us").min()))["first_us"][0]
    first_day = until_day if begun is None else max(until_day - window_days, day_of(int(begun), calendar))
    first_day = min(first_day, until_day)
    counts = daily_completions(log, items, first_day=first_day, until_day=until_day, streams=streams)
    days = np.arange(first_day, until_day)
    if calendar is not None:
        days, counts = _on_working_days(calendar, days, counts)
    return Supply(
        streams=(None,) if streams is None else tuple(streams),
        days=days,
        counts=counts,
        first_day=first_day,
        until_day=until_day,
        next_day=until_day if log.as_of_us <= midnight_us(until_day, calendar) else until_day + 1,
        calendar=calendar,
    )


def daily_completions(
    log: FlowLog,
    items: nw.LazyFrame[Any],
    *,
    first_day: int,
    until_day: int,
    streams: Sequence[str] | None = None,
) -> np.ndarray:
    """Return (days, streams): items finished on each day in [first_day, until_day)."""
    calendar = log.working.calendar if log.working else None
    names = [None] if streams is None else list(streams)
    out = np.zeros((max(0, until_day - first_day), len(names)), dtype=np.int64)
    if until_day <= first_day:
        return out
    midnights = np.array([midnight_us(day, calendar) for day in range(first_day, until_day + 1)])
    done = finished_in(items, from_us=int(midnights[0]), until_us=int(midnights[-1]))
    minute = done.select(nw.col("stream").cast(nw.String()), minute=nw.col("end_us") // _MINUTE_US)
    table = log.engine.collect(minute.group_by("stream", "minute").agg(n=nw.len()))
    where = np.searchsorted(midnights, table["minute"].to_numpy() * _MINUTE_US, side="right") - 1
    of_stream = table["stream"].to_list()
    for column, name in enumerate(names):
        mine = np.ones(len(of_stream), dtype=bool) if name is None else np.array([one == name for one in of_stream])
        mine = mine.astype(bool) & (where >= 0) & (where < len(out))
        np.add.at(out[:, column], where[mine], table["n"].to_numpy()[mine].astype(np.int64))
    return out


def day_of(moment_us: int, calendar: Calendar | None) -> int:
    """Return the day of a moment as days since 1970, in the calendar's zone or UTC."""
    if calendar is None:
        return moment_us // DAY_US
    # No zone is more than a day away from UTC.
    day = moment_us // DAY_US - 1
    while midnight_us(day + 1, calendar) <= moment_us:
        day += 1
    return day


def midnight_us(day: int, calendar: Calendar | None) -> int:
    """Return the moment at which a day begins, in the calendar's zone or UTC."""
    if calendar is None:
        return day * DAY_US
    start = date.fromordinal(_EPOCH + day)
    return to_us(datetime(start.year, start.month, start.day, tzinfo=zone_named(calendar.zone)).astimezone(UTC))


def worked_days(calendar: Calendar, first_day: int, until_day: int) -> np.ndarray:
    """Tell for each day in [first_day, until_day) whether people work on it."""
    first, until = date.fromordinal(_EPOCH + first_day), date.fromordinal(_EPOCH + until_day)
    off = np.frombuffer(bytes(calendar.days_off(first, until)), dtype=np.uint8) == 1
    weeks = calendar.weeks_between(first, until)
    hours = np.array([bool(week[(first_day + 3 + number) % 7]) for number, week in enumerate(weeks)], dtype=bool)
    worked: np.ndarray = hours & ~off
    return worked


def _on_working_days(calendar: Calendar, days: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the working days; what was finished on a day off counts for the next one, or else for the one before."""
    if not len(days):
        return days, counts
    worked = np.flatnonzero(worked_days(calendar, int(days[0]), int(days[-1]) + 1))
    if not len(worked):
        return days[:0], counts[:0]
    target = np.minimum(np.searchsorted(worked, np.arange(len(days))), len(worked) - 1)
    moved = np.zeros((len(worked), counts.shape[1]), dtype=np.int64)
    np.add.at(moved, target, counts)
    return days[worked], moved
