"""Backtest of single items: had the open items of the past been forecast by their age, how often would it have held?

At every origin all items under way are forecast from what was seen then; a level holds when the item was done by the
time said. An item decides only if it has had that much time since, and was not cancelled or deleted. Items of one
origin share their world, so the interval, which counts items, is rather too narrow; the number of origins stands
beside it.
The order of a list and its limit are not tested: the log does not know how lists were once ordered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import DAY_US
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Status
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.prediction.backtest import FEWEST, ORIGINS, TESTED, Backtest, level_row, level_table, no_backtest
from pegel.prediction.flow_times import flow_times, unfinished_items
from pegel.prediction.rules import Rules, is_claimed
from pegel.prediction.survival import MINUTE_US


def item_backtest(
    log: FlowLog,
    policy: Policy,
    *,
    windows: nw.LazyFrame[Any],
    rules: Rules,
    origins: int = ORIGINS,
    on_origin: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Hold forecasts of open items by age against what happened; ``windows``: as seen today, attributed."""
    begun = log.engine.collect(windows.select(nw.col("first_us").min()))["first_us"][0]
    first = log.as_of_us if begun is None else int(begun) + rules.least_days * DAY_US
    if log.as_of_us - first < 2 * FEWEST * DAY_US:
        return no_backtest("history_too_short", kind="items")
    moments = np.unique(np.linspace(first, log.as_of_us, origins + 1).astype(np.int64))[:-1]
    later = log.engine.keep(_later(log, windows))
    held = dict.fromkeys(TESTED, 0)
    decided = dict.fromkeys(TESTED, 0)
    used: set[int] = set()
    for number, moment in enumerate(moments.tolist()):
        if on_origin is not None:
            on_origin(number, len(moments))
        for level, done, asked in _one(log.seen_at(moment), policy, later, rules):
            held[level] += done
            decided[level] += asked
            if asked:
                used.add(moment)
    if on_origin is not None:
        on_origin(len(moments), len(moments))
    levels = [level_row(level, held[level], decided[level]) for level in TESTED if decided[level]]
    enough = len(used) >= FEWEST
    empty = no_backtest("too_few_origins", kind="items")
    return Backtest(
        definition=empty.definition,
        status=Status.VALUE if enough else Status.NO_DATA,
        reason=None if enough else empty.reason,
        kind="items",
        origins=len(used),
        asked={},
        levels=level_table(levels),
        detail=empty.detail,
    )


def _later(log: FlowLog, windows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, ending, done_minutes, could_minutes]: flow time, and the time there has been since the start."""
    started = windows.filter(~nw.col("start_us").is_null()).with_columns(moment_us=nw.lit(log.as_of_us))
    could = log.measure(started, start="start_us", end="moment_us", into="could_us")
    return could.select(
        "item",
        "ending",
        done_minutes=nw.col("flow_us") // MINUTE_US,
        could_minutes=(nw.col("could_us") - nw.col("paused_us")) // MINUTE_US,
    )


def _one(seen: FlowLog, policy: Policy, later: nw.LazyFrame[Any], rules: Rules) -> list[tuple[int, int, int]]:
    """Return (level, held, decided) of one origin."""
    table = seen.engine.keep(attribute(seen, policy, item_windows(seen, policy)))
    times = flow_times(seen, policy, table)
    if times.finished < rules.least_items:
        return []
    opened = unfinished_items(seen, table).filter(pl.col("minutes").is_not_null())
    known = seen.engine.collect(later.filter(nw.col("item").is_in(opened["item"].to_list())))
    both = opened.select("item", "minutes").join(known, on="item", how="inner")
    both = both.filter(pl.col("ending").is_in([int(Ending.OPEN), int(Ending.DONE)]))
    ages = np.maximum(both["minutes"].to_numpy().astype(np.float64), 0.0)
    could = both["could_minutes"].to_numpy().astype(np.float64)
    done = both["done_minutes"].fill_null(2**50).to_numpy().astype(np.float64)
    out = []
    for level in TESTED:
        if is_claimed(level, times.finished):
            said = times.whole_time(ages, level / 100)
            decides = ~np.isnan(said) & (said <= could)
            out.append((level, int((decides & (done <= said)).sum()), int(decides.sum())))
    return out
