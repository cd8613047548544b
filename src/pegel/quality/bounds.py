"""Between which values a figure lies where leaving items out would say nothing: what is missing bounds it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isinf
from typing import Final

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pegel.eventlog.schema import WEEK_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.item_windows import clip, paused_stays, within_window
from pegel.quality.figures import Measured

_SHARES: Final = {"p50": 0.5, "p85": 0.85}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A figure (name as in ``Figures``) lies between ``low`` and ``high``; None: nothing limits it on that side."""

    figure: str
    low: float | None
    high: float | None


def never_started(measured: Measured, items: pl.Series) -> tuple[Bounds, ...]:
    """Flow time if finished items without a start had one: between no time at all and all time since they are known."""
    log = measured.log
    done = measured.windows.filter(
        pl.col("item").is_in(items.implode()) & pl.col("item").is_in(pl.Series(measured.finished_items).implode())
    )
    lives = log.engine.collect(
        log.measure(
            nw.from_native(done.select("first_us", "end_us").lazy()), start="first_us", end="end_us", into="whole_us"
        )
    )
    longest = (lives["whole_us"] / log.day_us).to_numpy()
    known = measured.days.to_numpy()
    if not len(longest):
        return ()
    # Known times are in order already: a stable sort only puts the others between them.
    low, high = (
        np.sort(np.concatenate([known, np.sort(more)]), kind="stable") for more in (np.zeros(len(longest)), longest)
    )
    return tuple(Bounds(figure=name, low=_at(low, share), high=_at(high, share)) for name, share in _SHARES.items())


def lengthened(measured: Measured, items: pl.Series) -> tuple[Bounds, ...]:
    """Flow time if the histories of these items began earlier than the log knows, nobody knows how much."""
    chosen = measured.timed["item"].is_in(items.implode())
    if not chosen.any():
        return ()
    known = measured.days.to_numpy()
    high = np.concatenate([known[~chosen.to_numpy()], np.full(int(chosen.sum()), np.inf)])
    return tuple(Bounds(figure=name, low=_at(known, share), high=_at(high, share)) for name, share in _SHARES.items())


def some_lengthened(measured: Measured, count: int) -> tuple[Bounds, ...]:
    """Flow time if the histories of so many items are cut off, nobody knows which: at worst those of the shortest."""
    known = measured.days.to_numpy()
    if not len(known) or not count:
        return ()
    gone = min(count, len(known))
    high = np.concatenate([known[gone:], np.full(gone, np.inf)])
    return tuple(Bounds(figure=name, low=_at(known, share), high=_at(high, share)) for name, share in _SHARES.items())


def unread_rows(measured: Measured, count: int, finished: int) -> tuple[Bounds, ...]:
    """Velocity if each of so many rejected rows had finished an item."""
    length = measured.until_us - measured.from_us
    if not count or length <= 0:
        return ()
    weekly = WEEK_US / length
    return (
        Bounds(figure="finished", low=finished, high=finished + count),
        Bounds(figure="per_week", low=finished * weekly, high=(finished + count) * weekly),
    )


def unmapped_as_work(measured: Measured) -> tuple[Bounds, ...]:
    """Efficiency if the time in states without meaning, which counts as waiting, were all work."""
    log, policy = measured.log, measured.policy
    now = measured.figures().efficiency
    unmapped = log.in_category(StateCategory.UNMAPPED)
    if now is None or unmapped is None:
        return ()
    timed = measured.windows.filter(pl.col("item").is_in(measured.timed["item"].implode()))
    bounds = nw.from_native(timed.select("item", "start_us", "end_us").lazy())
    stays = (
        log.rows()
        .select("item", "place", "entered_us", "left_us", paused=paused_stays(log, policy))
        .filter(unmapped & ~nw.col("paused"))
        .join(bounds, on="item", how="inner")
        .filter(within_window(log, policy))
    )
    inside = log.engine.collect(clip(log, stays, begin="start_us", until="end_us").select("inside"))["inside"]
    flow, active = (int(measured.timed[name].cast(pl.Int128).sum()) for name in ("flow_us", "active_us"))
    return (Bounds(figure="efficiency", low=now, high=(active + int(inside.cast(pl.Int128).sum() or 0)) / flow),)


def _at(ordered: NDArray[np.float64], share: float) -> float | None:
    """Return a percentile of ordered values by linear interpolation; None where it is without limit."""
    if not len(ordered):
        return None
    place = share * (len(ordered) - 1)
    low, high = float(ordered[floor(place)]), float(ordered[ceil(place)])
    if isinf(low) or isinf(high):
        return None
    return low + (high - low) * (place - floor(place))
