"""What the library answers about a stream: under one policy, for one period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import DAY_US
from pegel.flow.flow_report import FlowMetrics, FlowReport, flow_metrics, flow_report
from pegel.flow.item_windows import Ending
from pegel.prediction.forecast import Forecast, forecast
from pegel.prediction.predictability import Predictability, predictability
from pegel.quality.report import QualityReport, quality_report
from pegel.waits.causes import WaitCauses, wait_causes
from pegel_web.flow.computing.computed import Reading
from pegel_web.flow.contracts.declared import Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds in every period: ``ahead``: the next four weeks; ``all_open``: when everything in progress is done."""

    steadiness: Predictability
    ahead: Forecast
    all_open: Forecast | None
    quality: QualityReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the library answered about a stream: under one policy, for one period and the one before.

    ``people``: how many people the log names; None: none. ``names``: ids of the open items by number. ``places``: what
    each state means, as ``FlowLog.place_table`` has it.
    """

    period: str
    report: FlowReport
    before: FlowMetrics | None
    waits: WaitCauses
    standing: Standing
    people: int | None
    names: Mapping[int, str]
    places: pl.DataFrame
    declared: Declared


#: The page asks how many items will be done so far ahead.
AHEAD_US: Final = 28 * DAY_US
#: Open items named one by one, the oldest.
MOST_NAMED: Final = 600


def standing_of(reading: Reading) -> Standing:
    """Return what holds in every period."""
    log, policy, windows = reading.log, reading.policy, reading.windows
    open_now = (nw.col("ending") == int(Ending.OPEN)) & ~nw.col("start_us").is_null()
    load = int(log.engine.collect(windows.filter(open_now).select(nw.len())).item())
    return Standing(
        steadiness=predictability(log, policy, items=windows),
        ahead=forecast(log, policy, until_us=log.as_of_us + AHEAD_US, windows=windows),
        all_open=forecast(log, policy, items=load, windows=windows, with_backtest=False) if load else None,
        quality=quality_report(log, policy, lake=reading.facts, windows=reading.everywhere),
    )


def answers_of(
    reading: Reading,
    standing: Standing,
    period: str,
    *,
    from_us: int | None,
    until_us: int | None,
    past: tuple[int, int] | None,
) -> Answers:
    """Return the answers about a period. ``past``: the period to compare it with; None: there is none."""
    log, policy = reading.log, reading.policy
    basis = reading.basis
    report = flow_report(log, policy, from_us=from_us, until_us=until_us, basis=basis)
    return Answers(
        period=period,
        report=report,
        before=None if past is None else flow_metrics(basis, from_us=past[0], until_us=past[1]),
        waits=wait_causes(log, policy, items=reading.windows, from_us=from_us, until_us=until_us),
        standing=standing,
        people=reading.people,
        names=reading.lake.item_names(report.work_item_age.items["item"].head(MOST_NAMED).to_list()),
        places=log.engine.collect(log.place_table()),
        declared=reading.declared,
    )
