"""Load transfer: what if a part of the work of one value stream arrived at another instead?

Question
    Items begin and leave in both streams, week by week. What would load, flow time and weekly departures become if so
    many arrivals a week (and, if wanted, a share of the capacity) moved from one to the other?
Definition
    Both streams are queues in whole weeks: load after a week = max(in hand, load before + arrivals − capacity).
    *In hand* is what is in work even when nothing queues, because work takes its time: the lowest load at the end of
    an observed week; with more or fewer arrivals it changes with them. Arrivals and capacity are those of observed
    weeks, drawn with replacement (a bootstrap). In every drawn week both streams take the same observed week, so that
    what they have in common (holidays) stays. With the transfer, ``items_per_week`` arrivals (at most those that there
    are) go to the other stream, and ``capacity_share`` of the capacity follows.
    Before and after are run on the same drawn weeks. Flow time: in order of arrival, read from the curves of arrivals
    and departures of the second half of the simulated time; what is in progress at first came at the mean pace.
Assumptions
    What was finished in a week is what could be finished (capacity is understated where work was missing); an item
    costs both streams the same; they serve in order of arrival; nothing else changes.
Unit
    Items; items a week; days of 24 hours. Intervals are the middle 80% of the runs.
Clock
    That of the policy: items arrive when they start and depart when they are done, cancelled, deleted or moved out.
Source
    Little, *A Proof for the Queuing Formula L = λW*, Operations Research 9 (1961) 383–387; Efron, *Bootstrap Methods*,
    Annals of Statistics 7 (1979) 1–26; Lindley, *The Theory of Queues with a Single Server*, Mathematical Proceedings
    of the Cambridge Philosophical Society 48 (1952) 277–289, for the recursion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import WEEK_US
from pegel.flow.answer import Answer, Status
from pegel.flow.arrivals_and_departures import arrivals_and_departures
from pegel.flow.log import FlowLog
from pegel.flow.periods import week_of, week_start_us

DEFINITION: Final = "load_transfer/1"
#: Weeks that are looked ahead, weeks that are drawn from at most, and fewest that say anything.
HORIZON_WEEKS: Final = 26
WINDOW_WEEKS: Final = 52
LEAST_WEEKS: Final = 8
RUNS: Final = 1000
#: The middle 80% of the runs.
_LOW, _HIGH = 0.1, 0.9
#: Assumptions, worded under ``assumption.CODE``.
ASSUMPTIONS: Final = (
    "observed_weeks", "capacity_is_finished", "in_hand", "same_effort", "order_of_arrival",
    "nothing_else",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyFlow:
    """Arrivals and departures of a stream in whole observed weeks, the oldest first.

    ``load``: what is in progress now; ``least_load``: at the end of the observed week in which that was lowest.
    """

    stream: str
    load: int
    arrivals: tuple[int, ...]
    departures: tuple[int, ...]
    least_load: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The median of the runs, and the bounds of their middle 80%; None: nothing departs in most runs."""

    middle: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure: ``load`` (at the end), ``departures`` (a week), ``p50_days`` or ``p85_days`` (flow time).

    ``difference``: after less before, run by run. ``usual``: whether the median difference is smaller than the usual up
    and down, which is half of the interval before.
    """

    measure: str
    before: Range
    after: Range
    difference: Range
    usual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A stream (None: both together) before and after."""

    stream: str | None
    measures: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTransfer(Answer):
    """``sides``: giver, taker, both together; empty without a value. ``weeks``: observed weeks that were drawn from."""

    giver: str
    taker: str
    items_per_week: int
    capacity_share: float
    weeks: int = 0
    horizon_weeks: int = HORIZON_WEEKS
    runs: int = RUNS
    seed: int = 0
    sides: tuple[Side, ...] = ()
    assumptions: tuple[str, ...] = ASSUMPTIONS


def weekly_flow(log: FlowLog, policy: Policy, windows: nw.LazyFrame[Any]) -> dict[str, WeeklyFlow]:
    """Return the weekly flow of every stream; ``windows``: of all time, attributed with ``all_streams``.

    Only whole weeks count, at most the last ``WINDOW_WEEKS`` before the log's moment, and none before the stream's
    first arrival.
    """
    table = log.engine.collect(arrivals_and_departures(log, policy, windows, bucket=week_of))
    until = week_start_us(log.as_of_us + 1)
    found = {}
    for (stream,), rows in table.group_by("stream"):
        summed = rows.group_by("day_us").agg(pl.col("arrivals", "departures").sum())
        first = int(summed.select(pl.col("day_us").min()).item())
        since = max(until - WINDOW_WEEKS * WEEK_US, week_start_us(first - 1) + WEEK_US)
        weeks = pl.DataFrame({"day_us": range(since, until, WEEK_US)}, schema={"day_us": pl.Int64()})
        whole = weeks.join(summed, on="day_us", how="left").fill_null(0).sort("day_us")
        older = summed.filter(pl.col("day_us") < since)
        balance = whole["arrivals"] - whole["departures"]
        loads = balance.cum_sum() + int(older["arrivals"].sum()) - int(older["departures"].sum())
        found[str(stream)] = WeeklyFlow(
            stream=str(stream),
            load=int(summed["arrivals"].sum()) - int(summed["departures"].sum()),
            arrivals=tuple(whole["arrivals"].to_list()),
            departures=tuple(whole["departures"].to_list()),
            least_load=max(0, min(loads.to_list(), default=0)),
        )
    return found


def load_transfer(
    giver: WeeklyFlow,
    taker: WeeklyFlow,
    *,
    items_per_week: int,
    capacity_share: float = 0.0,
    horizon_weeks: int = HORIZON_WEEKS,
    runs: int = RUNS,
    seed: int = 0,
) -> LoadTransfer:
    """Return both streams before and after ``items_per_week`` arrivals go from ``giver`` to ``taker``.

    >>> even = WeeklyFlow(stream="IT", load=10, arrivals=(5,) * 8, departures=(5,) * 8)
    >>> idle = WeeklyFlow(stream="Claims", load=4, arrivals=(2,) * 8, departures=(2,) * 8)
    >>> found = load_transfer(even, idle, items_per_week=1)
    >>> [(one.before.middle, one.after.middle) for one in found.sides[1].measures[:1]]  # one more a week for 26 weeks
    [(4.0, 30.0)]

    Raises
    ------
    ValueError: a negative number of items, a share outside 0 to 1, or a stream given to itself.
    """
    if items_per_week < 0 or not 0 <= capacity_share <= 1 or giver.stream == taker.stream:
        raise ValueError("items from 0 on, a share between 0 and 1, and two different streams")
    weeks = min(len(giver.arrivals), len(taker.arrivals))
    shared: dict[str, Any] = {
        "definition": DEFINITION,
        "giver": giver.stream,
        "taker": taker.stream,
        "items_per_week": items_per_week,
        "capacity_share": capacity_share,
        "weeks": weeks,
        "horizon_weeks": horizon_weeks,
        "runs": runs,
        "seed": seed,
    }
    if weeks < LEAST_WEEKS:
        return LoadTransfer(status=Status.NO_DATA, reason="too_few_shared_weeks", **shared)
    drawn = np.random.default_rng(seed).integers(0, weeks, size=(runs, horizon_weeks))
    arrivals, capacity = (
        [np.asarray(getattr(one, name)[-weeks:], dtype=float)[drawn] for one in (giver, taker)]
        for name in ("arrivals", "departures")
    )
    moved, followed = np.minimum(arrivals[0], items_per_week), capacity[0] * capacity_share
    both = (giver, taker)
    before = [_Queue(one, a, c, in_hand=one.least_load) for one, a, c in zip(both, arrivals, capacity, strict=True)]
    after = [
        _Queue(one, a + sign * moved, c + sign * followed, in_hand=one.least_load * _times(a, sign * moved))
        for one, a, c, sign in zip(both, arrivals, capacity, (-1, 1), strict=True)
    ]
    sides = [Side(stream=one.stream, measures=_compared([before[n]], [after[n]])) for n, one in enumerate(both)]
    sides.append(Side(stream=None, measures=_compared(before, after)))
    return LoadTransfer(status=Status.VALUE, sides=tuple(sides), **shared)


class _Queue:
    """A stream simulated: ``load`` at the end of each week, ``left`` in each, (runs, weeks)."""

    def __init__(self, stream: WeeklyFlow, arrivals: np.ndarray, capacity: np.ndarray, *, in_hand: float) -> None:
        runs, weeks = arrivals.shape
        self.load, self.left = np.empty((runs, weeks)), np.empty((runs, weeks))
        now = np.full(runs, float(stream.load))
        for week in range(weeks):
            there = now + arrivals[:, week]
            self.left[:, week] = np.minimum(np.maximum(there - in_hand, 0.0), capacity[:, week])
            now = there - self.left[:, week]
            self.load[:, week] = now
        self.days = 7 * _weeks_inside(float(stream.load), arrivals, self.left)


def _times(arrivals: np.ndarray, more: np.ndarray) -> float:
    """Return how many times as many arrivals there are with some more (or fewer)."""
    pace = float(arrivals.mean())
    return 1.0 if pace == 0 else (pace + float(more.mean())) / pace


def _weeks_inside(load: float, arrivals: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return (runs, weeks): how long the item in the middle of a week's departures was inside; NaN where none left.

    The n-th to arrive is the n-th to leave. Within a week arrivals and departures are spread evenly.
    """
    runs, weeks = arrivals.shape
    ends = np.arange(weeks + 1, dtype=float)
    pace = max(float(arrivals.mean()), 1e-9)
    out = np.full((runs, weeks), np.nan)
    came = load + np.concatenate([np.zeros((runs, 1)), np.cumsum(arrivals, axis=1)], axis=1)
    gone = np.cumsum(left, axis=1) - left / 2
    for run in range(runs):
        number = gone[run]
        # Of several weeks in which nobody came, the earliest: that is when the item was there.
        heights, first = np.unique(came[run], return_index=True)
        at = np.interp(number, heights, ends[first]) if len(heights) > 1 else np.zeros(weeks)
        at = np.where(number < load, -(load - number) / pace, at)
        out[run] = np.where(left[run] > 0, np.maximum(np.arange(weeks) + 0.5 - at, 0.0), np.nan)
    return out


def _compared(before: list[_Queue], after: list[_Queue]) -> tuple[Compared, ...]:
    half = before[0].load.shape[1] // 2
    found = []
    for measure in ("load", "departures", "p50_days", "p85_days"):
        one, other = (_measured(queues, measure, half) for queues in (before, after))
        was, change = _range(one), _range(other - one)
        spread = 0.0 if was.low is None or was.high is None else (was.high - was.low) / 2
        found.append(
            Compared(
                measure=measure,
                before=was,
                after=_range(other),
                difference=change,
                usual=change.middle is not None and abs(change.middle) <= spread,
            )
        )
    return tuple(found)


def _measured(queues: list[_Queue], measure: str, half: int) -> np.ndarray:
    """Return one number per run."""
    if measure == "load":
        return np.asarray(sum(one.load[:, -1] for one in queues))
    if measure == "departures":
        return np.asarray(sum(one.left.mean(axis=1) for one in queues))
    days = np.concatenate([one.days[:, half:] for one in queues], axis=1)
    weights = np.concatenate([one.left[:, half:] for one in queues], axis=1)
    return _weighted(days, weights, 0.5 if measure == "p50_days" else 0.85)


def _weighted(values: np.ndarray, weights: np.ndarray, share: float) -> np.ndarray:
    """Return the percentile of each row; NaN where it has no weight.

    >>> _weighted(np.array([[3.0, 1.0, np.nan]]), np.array([[1.0, 3.0, 0.0]]), 0.85).tolist()
    [3.0]
    """
    order = np.argsort(np.where(np.isnan(values), np.inf, values), axis=1, kind="stable")
    ranked, heavy = np.take_along_axis(values, order, 1), np.take_along_axis(weights, order, 1)
    total = heavy.sum(axis=1)
    place = (np.cumsum(heavy, axis=1) < share * total[:, None] - 1e-9).sum(axis=1)
    picked = ranked[np.arange(len(ranked)), np.minimum(place, ranked.shape[1] - 1)]
    return np.asarray(np.where(total > 0, picked, np.nan))


def _range(runs: np.ndarray) -> Range:
    known = runs[~np.isnan(runs)]
    if len(known) * 2 <= len(runs):
        return Range(middle=None, low=None, high=None)
    low, middle, high = (float(one) for one in np.quantile(known, [_LOW, 0.5, _HIGH]))
    return Range(middle=middle, low=low, high=high)
