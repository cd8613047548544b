"""The flow figures with and without some items, from one table of windows that was computed once.

The figures are those of the flow report of the same selection, period and policy; "without" is what the report would
say if the log had never held the items. Sums are taken apart item by item, so a set of items costs one look at the
windows, not a new report; only the load of items that changed their stream or type is read from the log again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pegel.eventlog.policy import Attribution, Policy, TimeKind
from pegel.eventlog.schema import DAY_US, WEEK_US
from pegel.flow.arrivals_and_departures import arrivals_and_departures
from pegel.flow.attribution import of_streams
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog

#: What of the windows is asked for.
_WINDOW: Final = ("item", "stream", "first_us", "start_us", "end_us", "ending", "flow_us", "active_us", "split")
_MEDIAN: Final = 0.5
_USUAL: Final = 0.85
#: Relative difference below which two figures are equal: sums of floats end in other digits.
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Flow figures; None: the figure has no value. Times in days of the log's time.

    ``timed``: finished items with a flow time; ``efficiency``: share, 0 to 1; ``load_mean``, ``load_now``: items.
    """

    timed: int
    p50: float | None
    p85: float | None
    finished: int
    per_week: float | None
    efficiency: float | None
    load_mean: float | None
    load_now: int | None

    def differing(self, other: Figures) -> tuple[str, ...]:
        """Return the names of the figures that are not the same in the other ones."""
        return tuple(one.name for one in fields(self) if not _equal(getattr(self, one.name), getattr(other, one.name)))


class Measured:
    """Windows of a selection, taken apart so that figures without some items are cheap.

    Parameters
    ----------
    everywhere: kept item windows of the policy, attributed with ``all_streams``.
    from_us, until_us: period of the figures, half-open; None: as in ``flow_report``.
    """

    def __init__(
        self, log: FlowLog, policy: Policy, everywhere: nw.LazyFrame[Any], *, from_us: int | None, until_us: int | None
    ) -> None:
        self.log, self.policy = log, policy
        self.everywhere = everywhere
        self.windows = log.engine.collect(of_streams(log, everywhere).select(*_WINDOW))
        first: Any = self.windows["first_us"].min()
        self.until_us = until_us = log.as_of_us + 1 if until_us is None else until_us
        self.from_us = from_us = (until_us if first is None else int(first)) if from_us is None else from_us
        end = pl.col("end_us")
        done = self.windows.filter((pl.col("ending") == int(Ending.DONE)) & (end >= from_us) & (end < until_us))
        self.finished_items = done["item"].to_numpy()
        #: Finished items with a flow time, the shortest first: [item, flow_us, active_us].
        self.timed = done.filter(pl.col("flow_us").is_not_null()).sort("flow_us").select("item", "flow_us", "active_us")
        self.days = (self.timed["flow_us"] / log.day_us).set_sorted()
        self._timed_items = self.timed["item"].to_numpy()
        self._sums = {name: _sum(self.timed[name]) for name in ("active_us", "flow_us")}
        self._efficient = policy.time is not TimeKind.SUM_OF_STATES and log.has_active_states()
        self._first_day = from_us // DAY_US
        self._last_day = max(from_us, until_us - 1) // DAY_US
        self._moved, self._loads = self._load_parts()
        self._moving = self._moving_load(self._moved) if self._moved.height else (0, 0, False)
        highest = log.engine.collect(everywhere.select(nw.col("item").max())).item()
        self._flags: NDArray[np.bool_] = np.zeros((highest or 0) + 1, dtype=bool)

    @property
    def items(self) -> int:
        """Items of the selection."""
        return self.windows.height

    def known_items(self) -> pl.DataFrame:
        """Return [item]: every item of which the log has a moment, in whatever stream."""
        return self.log.engine.collect(self.everywhere.select("item"))

    def figures(self, left_out: pl.Series | None = None) -> Figures:
        """Return the figures, ``left_out``: as if these items (numbers) had never been in the log."""
        flags = self._flags
        numbers = np.array([], dtype=np.int64) if left_out is None else left_out.to_numpy()
        numbers = numbers[numbers < flags.size]
        flags[numbers] = True
        try:
            kept = ~flags[self._timed_items]
            finished = int((~flags[self.finished_items]).sum())
            mean, now = self._load(flags)
        finally:
            flags[numbers] = False
        everything = bool(kept.all())
        days = self.days if everything else self.days.filter(pl.Series(kept)).set_sorted()
        return Figures(
            timed=days.len(),
            p50=_quantile(days, _MEDIAN),
            p85=_quantile(days, _USUAL),
            finished=finished,
            per_week=finished * WEEK_US / (self.until_us - self.from_us) if self.until_us > self.from_us else None,
            efficiency=self._efficiency(None if everything else ~kept),
            load_mean=mean,
            load_now=now,
        )

    def _efficiency(self, gone: NDArray[np.bool_] | None) -> float | None:
        sums = self._sums
        if gone is not None:
            lost = self.timed.filter(pl.Series(gone))
            sums = {name: value - _sum(lost[name]) for name, value in sums.items()}
        return sums["active_us"] / sums["flow_us"] if self._efficient and sums["flow_us"] > 0 else None

    def _load_parts(self) -> tuple[pl.DataFrame, dict[str, NDArray[np.int64]]]:
        """Split the started items into those that changed stream or type on the way, and days of load of the others."""
        follows = Attribution.AT_THE_TIME in (self.policy.move, self.policy.retype)
        moves = pl.col("split") & (pl.col("end_us").is_null() | (pl.col("end_us") > pl.col("start_us")))
        columns = ["item", "start_us", "end_us"]
        started = self.windows.filter(pl.col("start_us").is_not_null())
        whole = (started.filter(~moves) if follows else started).select(columns)
        moved = pl.DataFrame(schema={"item": pl.Int32()})
        if follows:
            chosen = self.everywhere.filter(nw.col("split") & ~nw.col("start_us").is_null()).select(*columns, "split")
            moved = self.log.engine.collect(chosen).filter(moves).select("item")
        begin = whole["start_us"].to_numpy() // DAY_US
        end = (whole["end_us"].fill_null(self._never_us) // DAY_US).to_numpy()
        last = np.minimum(end, self._last_day + 1)
        days = np.maximum(last - np.maximum(begin, self._first_day), 0)
        now = ((begin <= self._last_day) & (end > self._last_day)).astype(np.int64)
        return moved, {"item": whole["item"].to_numpy(), "days": days, "now": now}

    @property
    def _never_us(self) -> int:
        return (self._last_day + 2) * DAY_US

    def _load(self, flags: NDArray[np.bool_]) -> tuple[float | None, int | None]:
        kept = ~flags[self._loads["item"]]
        days, now, started = int(self._loads["days"][kept].sum()), int(self._loads["now"][kept].sum()), bool(kept.any())
        staying = self._moved.filter(pl.Series(~flags[self._moved["item"].to_numpy()]))
        if staying.height:
            all_stay = staying.height == self._moved.height
            more_days, more_now, more_started = self._moving if all_stay else self._moving_load(staying)
            days, now, started = days + more_days, now + more_now, started or more_started
        if not started:
            return None, None
        return days / (self._last_day - self._first_day + 1), now

    def _moving_load(self, items: pl.DataFrame) -> tuple[int, int, bool]:
        """Days of load within the period, and load on its last day, of items that changed stream or type."""
        chosen = self.log.engine.table({"item": items["item"].to_list()}, {"item": nw.Int32()})
        changes = self.log.engine.collect(
            arrivals_and_departures(self.log, self.policy, self.everywhere.join(chosen, on="item", how="semi"))
        )
        daily = changes.select(
            day=pl.col("day_us") // DAY_US,
            change=pl.col("arrivals").cast(pl.Int64) - pl.col("departures").cast(pl.Int64),
        ).filter(pl.col("day") <= self._last_day)
        # A change counts on its day and on every later one of the period.
        counted = self._last_day + 1 - pl.max_horizontal("day", pl.lit(self._first_day))
        days, now = daily.select(days=(pl.col("change") * counted).sum(), now=pl.col("change").sum()).row(0)
        return int(days), int(now), changes.height > 0


def _quantile(days: pl.Series, share: float) -> float | None:
    found = days.quantile(share, "linear")
    return None if found is None else float(found)


def _sum(values: pl.Series) -> int:
    """Microseconds of a large log do not fit into 64 bits."""
    return int(values.cast(pl.Int128).sum() or 0)


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME * max(abs(one), abs(other))
