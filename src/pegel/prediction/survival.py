"""Unfinished work counts: how long does work take, if what is not finished yet is not left out?

Definition
    The product-limit estimate of the flow time of all items that were started in a period. Finished items count with
    their flow time; open ones with their age so far, as "at least that long" (censored). Percentiles beside those of
    the finished items alone. A percentile that the data does not reach has no value ("not reached").
Unit
    Days of 24 hours, or working days. Times are counted in whole minutes.
Clock
    That of the policy, pauses taken off. Cancelled and deleted items are censored at their end: the figure is the time
    to done of work that is not cancelled. Items finished without ever starting have no time and are counted apart.
Source
    Kaplan & Meier, *Nonparametric estimation from incomplete observations*, JASA 53 (1958) 457–481.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy, TimeKind
from pegel.eventlog.schema import DAY_US
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_time import PERCENTILES
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.prediction.product_limit import ProductLimit, product_limit

DEFINITION: Final = "unfinished_work/1"
MINUTE_US: Final = 60_000_000
#: Points of the curve that are handed out; more are thinned evenly, first and last kept.
MOST_POINTS: Final = 400
Cohort = Literal["month", "quarter"]
_TRUNCATE: Final[dict[Cohort, str]] = {"month": "1mo", "quarter": "1q"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedWork(Answer):
    """``percentiles``: [percentile, days, low, high, finished_only, difference]; null: not reached.

    ``low``, ``high``: 95% interval. ``curve``: [days, at_risk, finished, censored, unfinished, low, high]. ``cohorts``:
    [cohort_us, n, finished, open, left, p50, p85, p50_finished_only, p85_finished_only] by the ``cohort`` of starting.
    ``n`` started items: ``finished``, ``open``, ``left`` (cancelled or deleted); ``undefined``: never started.
    """

    unit: str = "days"
    cohort: Cohort = "month"
    n: int = 0
    finished: int = 0
    open: int = 0
    left: int = 0
    undefined: int = 0
    percentiles: pl.DataFrame
    curve: pl.DataFrame
    cohorts: pl.DataFrame


def observed_times(
    log: FlowLog,
    policy: Policy,
    items: nw.LazyFrame[Any],
    *,
    from_us: int,
    until_us: int,
    cohort: Cohort = "month",
) -> nw.LazyFrame[Any]:
    """Return [cohort_us, minutes, ending, items] of the items started in [from, until), counted.

    ``minutes``: flow time, or the time so far, rounded down to whole minutes of the log's time.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Done"), ("B", "2026-01-06", "Doing")],
    ...                   load_workflow("states: {Doing: active, Done: done}"), as_of="2026-01-09")
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> windows = attribute(log, policy, item_windows(log, policy))
    >>> counted = log.engine.collect(observed_times(log, policy, windows, from_us=0, until_us=2**60))
    >>> counted.sort("minutes").select(pl.col("minutes") // 1440, "ending", "items").rows()
    [(2, 1, 1), (3, 0, 1)]
    """
    start = nw.col("start_us")
    chosen = items.filter(~start.is_null() & (start >= from_us) & (start < until_us))
    if policy.time is TimeKind.SUM_OF_STATES:
        timed = chosen.with_columns(time_us=nw.col("active_us"))
    else:
        ended = chosen.with_columns(ended_us=nw.col("end_us").fill_null(log.as_of_us))
        timed = log.measure(ended, start="start_us", end="ended_us", into="span_us").with_columns(
            time_us=nw.col("span_us") - nw.col("paused_us")
        )
    time = nw.col("time_us")
    started = start.cast(nw.Datetime("us")).dt.truncate(_TRUNCATE[cohort])
    return (
        timed.with_columns(
            minutes=nw.when(time > 0).then(time // MINUTE_US).otherwise(nw.lit(0, dtype=nw.Int64())),
            cohort_us=started.cast(nw.Int64()),
        )
        .group_by("cohort_us", "minutes", "ending")
        .agg(items=nw.len())
    )


def unfinished_work(
    log: FlowLog,
    policy: Policy,
    *,
    items: nw.LazyFrame[Any] | None = None,
    from_us: int | None = None,
    until_us: int | None = None,
    cohort: Cohort = "month",
) -> UnfinishedWork:
    """Return the flow time of the items started in [from, until), unfinished ones counted.

    ``items``: attributed item windows, where they are at hand. None: all times of the log.
    """
    windows = log.engine.keep(attribute(log, policy, item_windows(log, policy))) if items is None else items
    period = {"from_us": -(2**61) if from_us is None else from_us, "until_us": 2**61 if until_us is None else until_us}
    counted = log.engine.collect(observed_times(log, policy, windows, **period, cohort=cohort))
    never = windows.filter((nw.col("ending") == int(Ending.DONE)) & nw.col("start_us").is_null())
    ends = never.filter((nw.col("end_us") >= period["from_us"]) & (nw.col("end_us") < period["until_us"]))
    undefined = int(log.engine.collect(ends.select(n=nw.len())).item())
    return summarise_unfinished_work(counted, day_us=log.day_us, unit=log.unit, cohort=cohort, undefined=undefined)


def summarise_unfinished_work(
    counted: pl.DataFrame,
    *,
    day_us: int = DAY_US,
    unit: str = "days",
    cohort: Cohort = "month",
    undefined: int = 0,
) -> UnfinishedWork:
    """Summarise a collected ``observed_times`` table; ``day_us`` is the length of a day in the table's time."""
    per_day = day_us / MINUTE_US
    by_time = _by_time(counted, "cohort_us")
    curve = _curve(_added(by_time))
    counts = _counts(counted)
    n, finished, still_open, left = (int(counts[name].sum()) for name in _COUNTS)
    status, reason = (
        (Status.VALUE, None)
        if finished
        else (Status.UNDEFINED, "nothing_finished_yet")
        if n
        else (Status.NO_DATA, "nothing_started")
    )
    return UnfinishedWork(
        definition=DEFINITION,
        status=status,
        reason=reason,
        unit=unit,
        cohort=cohort,
        n=n,
        finished=finished,
        open=still_open,
        left=left,
        undefined=undefined,
        percentiles=pl.DataFrame(
            [_percentile(share, curve, per_day) for share in PERCENTILES], schema=_PERCENTILES, orient="row"
        ),
        curve=_curve_table(curve, per_day),
        cohorts=pl.DataFrame(
            [
                _cohort_row(row, _curve(part), per_day)
                for row, part in zip(
                    counts.iter_rows(), by_time.partition_by("cohort_us", maintain_order=True), strict=True
                )
            ],
            schema=_COHORTS,
            orient="row",
        ),
    )


def curve_of(counted: pl.DataFrame) -> ProductLimit:
    """Return the product-limit estimate of a collected ``observed_times`` table, in minutes."""
    return _curve(_by_time(counted))


def _by_time(counted: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return [*by, minutes, finished, censored], in that order."""
    done, none, items = pl.col("ending") == int(Ending.DONE), pl.lit(0, pl.Int64), pl.col("items").cast(pl.Int64)
    split = counted.select(
        *by,
        "minutes",
        finished=pl.when(done).then(items).otherwise(none),
        censored=pl.when(done).then(none).otherwise(items),
    )
    return _added(split, *by)


def _added(split: pl.DataFrame, *by: str) -> pl.DataFrame:
    return split.group_by(*by, "minutes").agg(pl.col("finished", "censored").sum()).sort(*by, "minutes")


def _curve(table: pl.DataFrame) -> ProductLimit:
    return product_limit(table["minutes"].to_numpy(), table["finished"].to_numpy(), table["censored"].to_numpy())


_PERCENTILES: Final = {
    "percentile": pl.Int64(),
    **dict.fromkeys(("days", "low", "high", "finished_only", "difference"), pl.Float64()),
}
_COHORTS: Final = {
    **dict.fromkeys(("cohort_us", "n", "finished", "open", "left"), pl.Int64()),
    **dict.fromkeys(("p50", "p85", "p50_finished_only", "p85_finished_only"), pl.Float64()),
}


#: Columns of ``_counts`` and which endings they count.
_COUNTS: Final = {
    "n": tuple(Ending),
    "finished": (Ending.DONE,),
    "open": (Ending.OPEN,),
    "left": (Ending.CANCELLED, Ending.DELETED),
}


def _counts(counted: pl.DataFrame) -> pl.DataFrame:
    """Return [cohort_us, n, finished, open, left] by cohort."""
    items = pl.col("items").cast(pl.Int64)
    return (
        counted.group_by("cohort_us")
        .agg(
            items.filter(pl.col("ending").is_in([int(one) for one in endings])).sum().alias(name)
            for name, endings in _COUNTS.items()
        )
        .sort("cohort_us")
    )


def _percentile(share: int, curve: ProductLimit, per_day: float) -> tuple[float | None, ...]:
    days, low, high = (
        None if value is None else value / per_day
        for value in (curve.percentile(share / 100), *curve.interval(share / 100))
    )
    alone = _finished_only(share / 100, curve, per_day)
    difference = None if days is None or alone is None else days - alone
    return share, days, low, high, alone, difference


def _finished_only(share: float, curve: ProductLimit, per_day: float) -> float | None:
    """Return the percentile of the finished items alone, by the same rule: the least time that the share reaches."""
    total = int(curve.finished.sum())
    if not total:
        return None
    index = int(np.searchsorted(np.cumsum(curve.finished), share * total - 1e-9))
    return float(curve.time[index]) / per_day


def _cohort_row(counts: tuple[int, ...], curve: ProductLimit, per_day: float) -> tuple[float | None, ...]:
    percentiles = (curve.percentile(0.5), curve.percentile(0.85))
    return (
        *counts,
        *(None if value is None else value / per_day for value in percentiles),
        *(_finished_only(share, curve, per_day) for share in (0.5, 0.85)),
    )


def _curve_table(curve: ProductLimit, per_day: float) -> pl.DataFrame:
    n = len(curve.time)
    kept = np.arange(n) if n <= MOST_POINTS else np.unique(np.linspace(0, n - 1, MOST_POINTS).round().astype(np.int64))
    return pl.DataFrame(
        {
            "days": curve.time[kept] / per_day,
            "at_risk": curve.at_risk[kept],
            "finished": _between(curve.finished, kept),
            "censored": _between(curve.censored, kept),
            "unfinished": curve.unfinished[kept],
            "low": curve.lower[kept],
            "high": curve.upper[kept],
        },
        schema={
            "days": pl.Float64(),
            **dict.fromkeys(("at_risk", "finished", "censored"), pl.Int64()),
            **dict.fromkeys(("unfinished", "low", "high"), pl.Float64()),
        },
    )


def _between(counts: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Add up counts from one kept point (not included) to the next."""
    return np.diff(np.cumsum(counts)[kept], prepend=0) if len(kept) else counts
