"""Everything beyond the ten metrics, timed one by one on a log with people, flags, priorities and comments."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from five_tables.question import POLICY
from five_tables.with_pegel import tables_of
from pegel import open_log
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.schema import DAY_US
from pegel.flow import attribute, item_windows
from pegel.flow.attribution import of_streams
from pegel.flow.log import FlowLog
from pegel.lake.store import open_lake
from pegel.network import stream_network
from pegel.prediction.forecast import forecast
from pegel.prediction.predictability import predictability
from pegel.prediction.survival import unfinished_work
from pegel.quality.facts import lake_facts
from pegel.quality.report import quality_report
from pegel.waits.bottlenecks import bottlenecks
from pegel.waits.causes import wait_causes
from pegel.waits.friction import friction_counts
from pegel.waits.picker import start_small
from pegel.waits.records import records_of
from pegel.waits.rework import rework
from pegel.waits.stages import stage_sums
from pegel.waits.stay_sequences import stays_of_states

_AHEAD_US = 28 * DAY_US


def answers(root: Path) -> dict[str, float]:
    """Return the seconds of each answer, in a process that has answered before; ``five``: the five tables."""
    lake = open_lake(root)
    _timed(open_log(lake), root)
    return _timed(open_log(lake), root)


def rework_of(root: Path) -> dict[str, int]:
    """Return, by active state, how many items came back to it."""
    log = open_log(open_lake(root))
    found = rework(log, stays_of_states(log, actors=False), from_us=0, until_us=log.as_of_us + 1)
    counts: dict[str, int] = {}
    for row in found.by_state.iter_rows(named=True):
        counts[row["state"]] = counts.get(row["state"], 0) + row["returning_items"]
    return {state: count for state, count in counts.items() if count}


def _timed(log: FlowLog, root: Path) -> dict[str, float]:
    seconds: dict[str, float] = {}

    def lap(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        found = work()
        seconds[name] = time.perf_counter() - began
        return found

    policy = built_in_policy(POLICY)
    lap("five", lambda: tables_of(log))
    everywhere = lap(
        "windows", lambda: log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
    )
    items = of_streams(log, everywhere)
    records = lap("records", lambda: records_of(log))
    lap("waits", lambda: wait_causes(log, policy, items=items, records=records))
    lap("friction", lambda: friction_counts(log, policy, items=items, records=records))
    sums = lap("stages", lambda: stage_sums(log, policy, items=items))
    ranked = lap("bottlenecks", lambda: bottlenecks(log, policy, sums=sums))
    lap("start small", lambda: start_small(log, policy, sums=sums, ranked=ranked))
    lap("predictability", lambda: predictability(log, policy, items=items))
    lap("unfinished work", lambda: unfinished_work(log, policy, items=items))
    until_us = log.as_of_us + _AHEAD_US
    lap("forecast", lambda: forecast(log, policy, until_us=until_us, windows=items, with_backtest=False))
    facts = lap("facts", lambda: lake_facts(open_lake(root)))
    lap("quality", lambda: quality_report(log, policy, lake=facts, windows=everywhere))
    lap("network", lambda: stream_network(log, policy, everywhere))
    return seconds
