"""Flow times to draw from: the product-limit estimate of recent work, for new items and for those already under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import DAY_US
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.prediction.product_limit import ProductLimit
from pegel.prediction.survival import MINUTE_US, curve_of, observed_times

#: Flow times are taken from the items started so many days before the log's moment.
STARTED_WITHIN_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTimes:
    """``curve`` in minutes of the log's time; ``finished``: items that it stands on."""

    curve: ProductLimit
    finished: int

    @property
    def last_finished(self) -> float:
        """Longest flow time of a finished item; below 0 where there is none."""
        done = np.flatnonzero(self.curve.finished)
        return float(self.curve.time[done[-1]]) if len(done) else -1.0

    @property
    def mean(self) -> float:
        """Mean time, whatever the data does not reach ending with the longest time observed (Efron)."""
        steps = np.diff(self.curve.time, prepend=0.0)
        return float((np.concatenate([[1.0], self.curve.unfinished[:-1]]) * steps).sum())

    def draw(self, ages: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (time, reached): whole flow times of items that are ``ages`` minutes old, from uniform chances.

        Where the data does not reach, the time is the longest observed, and ``reached`` is false: it is at least that.
        Both arguments are broadcast against each other; ages must be below ``last_finished``.
        """
        left = np.concatenate([[1.0], self.curve.unfinished])
        now = left[np.searchsorted(self.curve.time, ages, side="right")]
        place = np.searchsorted(-self.curve.unfinished, -(chances * now), side="left")
        reached = place < len(self.curve.time)
        return self.curve.time[np.minimum(place, len(self.curve.time) - 1)], reached

    def whole_time(self, ages: np.ndarray, share: float) -> np.ndarray:
        """Return by which whole flow time this share of items of such ages is done, in minutes; nan: not reached."""
        time, reached = self.draw(ages, np.full(len(ages), 1 - share + 1e-12))
        out: np.ndarray = np.where(reached & (ages < self.last_finished), time, np.nan)
        return out


def flow_times(log: FlowLog, policy: Policy, items: nw.LazyFrame[Any]) -> FlowTimes:
    """Return the flow times of the items that were started in the year before the log's moment."""
    from_us = log.as_of_us - STARTED_WITHIN_DAYS * DAY_US
    counted = log.engine.collect(observed_times(log, policy, items, from_us=from_us, until_us=log.as_of_us + 1))
    done = counted.filter(pl.col("ending") == int(Ending.DONE))["items"].sum()
    return FlowTimes(curve=curve_of(counted), finished=int(done))


def unfinished_items(log: FlowLog, items: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return [item, stream, type, start_us, minutes] of open items; ``minutes``: age, null: not started."""
    opened = items.filter(nw.col("ending") == int(Ending.OPEN)).with_columns(moment_us=nw.lit(log.as_of_us))
    aged = log.measure(opened, start="start_us", end="moment_us", into="age_us")
    minutes = (nw.col("age_us") - nw.col("paused_us")) // MINUTE_US
    return log.engine.collect(aged.select("item", "stream", "type", "start_us", minutes=minutes)).sort("item")
