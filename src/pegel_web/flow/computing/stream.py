"""Everything that pages show of one stream, computed from the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import narwhals as nw
import polars as pl
from pydantic import TypeAdapter

from pegel.eventlog.policy import BUILT_IN, Policy
from pegel.eventlog.schema import DAY_US, from_us
from pegel.flow.attribution import attribute, of_streams
from pegel.flow.flow_report import FlowReport, default_policy, flow_report
from pegel.flow.item_windows import Ending, item_windows
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.prediction.forecast import forecast
from pegel.prediction.predictability import predictability
from pegel.quality.facts import LakeFacts
from pegel.quality.report import quality_report
from pegel.waits.causes import wait_causes
from pegel.words import LANGUAGES
from pegel.workbench import open_log
from pegel_web.flow.computing.drawings import drawings
from pegel_web.flow.computing.periods import PERIODS, before_us, bounds_us
from pegel_web.flow.computing.report import Answers, overview_content, report_content
from pegel_web.flow.computing.rows import item_tables
from pegel_web.flow.contracts.overview import OverviewContent
from pegel_web.flow.contracts.reports import ReportContent, StreamChart

#: The page asks how many items will be done so far ahead.
AHEAD_US: Final = 28 * DAY_US

#: Contracts to plain JSON and back.
OVERVIEW: Final[TypeAdapter[OverviewContent]] = TypeAdapter(OverviewContent)
REPORT: Final[TypeAdapter[ReportContent]] = TypeAdapter(ReportContent)
CHARTS: Final[TypeAdapter[tuple[StreamChart, ...]]] = TypeAdapter(tuple[StreamChart, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """One result, ready to be kept: ``payload`` by language; ``period`` empty: of all time."""

    kind: str
    policy: Policy
    period: str
    preferred: bool
    payload: dict[str, Any]
    definitions: tuple[str, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTables:
    """The rows behind the figures under one policy; see ``computing.rows``."""

    policy: Policy
    preferred: bool
    items: pl.DataFrame
    stays: pl.DataFrame
    unit: str
    as_of: datetime


def policies_of(log: FlowLog) -> tuple[Policy, ...]:
    """Return the policies that a stream is read by, the one that suits it first."""
    suited = default_policy(log)
    others = ("commitment_to_done",) if suited == "first_active_to_last_done" else ()
    return tuple(BUILT_IN[name] for name in (suited, *others))


def compute_stream(
    lake: Lake, lake_name: str, facts: LakeFacts, *, on_step: Callable[[], None]
) -> Iterator[Computed | ItemTables]:
    """Yield every result about a stream; ``on_step`` is called before each longer piece of work.

    Raises
    ------
    NotFoundError: ``unknown_stream``, ``lake_empty``.
    """
    log = open_log(lake, streams=[lake_name])
    for number, policy in enumerate(policies_of(log)):
        yield from _under(lake, log, policy, facts, preferred=number == 0, on_step=on_step)


def people_in(log: FlowLog) -> int | None:
    """Return how many different people a log names by their pseudonyms; None: it names nobody."""
    actors = log.engine.collect(log.rows().select("actor").unique())["actor"].drop_nulls()
    return len(actors) or None


def _under(
    lake: Lake, log: FlowLog, policy: Policy, facts: LakeFacts, *, preferred: bool, on_step: Callable[[], None]
) -> Iterator[Computed | ItemTables]:
    on_step()
    everywhere = log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
    windows = of_streams(log, everywhere)
    open_now = (nw.col("ending") == int(Ending.OPEN)) & ~nw.col("start_us").is_null()
    load = int(log.engine.collect(windows.filter(open_now).select(nw.len())).item())
    people = people_in(log)
    steadiness = predictability(log, policy, items=windows)
    ahead = forecast(log, policy, until_us=log.as_of_us + AHEAD_US, windows=windows)
    all_open = forecast(log, policy, items=load, windows=windows, with_backtest=False) if load else None
    on_step()
    quality = quality_report(log, policy, lake=facts, windows=everywhere)
    as_of = from_us(log.as_of_us)
    whole: FlowReport | None = None
    for period in PERIODS:
        on_step()
        from_, until = bounds_us(log, period)
        report = flow_report(log, policy, from_us=from_, until_us=until)
        past = before_us(log, period)
        before = None if past is None else flow_report(log, policy, from_us=past[0], until_us=past[1])
        names = lake.item_names(report.work_item_age.items["item"].head(50).to_list())
        answers = Answers(
            period=period,
            report=report,
            before=before,
            waits=wait_causes(log, policy, items=windows, from_us=from_, until_us=until),
            steadiness=steadiness,
            forecast=ahead,
            all_open=all_open,
            quality=quality,
            people=people,
            names=names,
        )
        yield from _of_period(answers, preferred=preferred)
        whole = report
    on_step()
    flow = cast(FlowReport, whole).cumulative_flow
    charts: dict[str, Any] = {
        one: CHARTS.dump_python(tuple(drawings(flow, steadiness, all_open, one)), mode="json") for one in LANGUAGES
    }
    yield Computed(
        kind="charts",
        policy=policy,
        period="",
        preferred=preferred,
        payload={**charts, "people": people},
        definitions=(flow.definition, steadiness.definition, ahead.definition),
        as_of=as_of,
    )
    items, stays = item_tables(lake, log, policy, cast(FlowReport, whole).work_item_age)
    yield ItemTables(policy=policy, preferred=preferred, items=items, stays=stays, unit=log.unit, as_of=as_of)


def _of_period(answers: Answers, *, preferred: bool) -> Iterator[Computed]:
    report = answers.report
    told = (
        report.flow_time,
        report.flow_velocity,
        report.flow_efficiency,
        report.flow_load,
        report.flow_distribution,
    )
    shared: dict[str, Any] = {
        "policy": report.policy,
        "period": answers.period,
        "preferred": preferred,
        "as_of": from_us(report.as_of_us),
    }
    figures = tuple(one.definition for one in told)
    further = (
        report.time_in_state,
        report.work_item_age,
        answers.waits,
        answers.steadiness,
        answers.forecast,
        answers.quality,
    )
    yield Computed(
        kind="overview",
        payload={one: OVERVIEW.dump_python(overview_content(answers, one), mode="json") for one in LANGUAGES},
        definitions=figures,
        **shared,
    )
    yield Computed(
        kind="report",
        payload={one: REPORT.dump_python(report_content(answers, one), mode="json") for one in LANGUAGES},
        definitions=(*figures, *(one.definition for one in further)),
        **shared,
    )
