"""The flow report: every metric of one selection of streams, in one consistent reading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy, TimeKind
from pegel.eventlog.schema import DAY_US, OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Status
from pegel.flow.arrivals_and_departures import (
    ArrivalsAndDepartures,
    arrivals_and_departures,
    summarise_arrivals_and_departures,
)
from pegel.flow.attribution import attribute, of_streams
from pegel.flow.cumulative_flow import CumulativeFlow, cumulative_flow, summarise_cumulative_flow
from pegel.flow.flow_distribution import FlowDistribution, flow_distribution, summarise_flow_distribution
from pegel.flow.flow_efficiency import FlowEfficiency, flow_efficiency, summarise_flow_efficiency
from pegel.flow.flow_load import FlowLoad, summarise_flow_load
from pegel.flow.flow_time import FlowTime, flow_time, summarise_flow_time
from pegel.flow.flow_velocity import FlowVelocity, finished_in, flow_velocity, summarise_flow_velocity
from pegel.flow.item_windows import Ending, item_windows
from pegel.flow.littles_law import LittlesLaw, littles_law, summarise_littles_law
from pegel.flow.log import FlowLog
from pegel.flow.time_in_state import TimeInState, summarise_time_in_state, time_in_state
from pegel.flow.work_item_age import WorkItemAge, age_at_leaving, open_items, summarise_work_item_age


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCounts:
    """How the items of the selection stand as of the report's moment."""

    items: int
    finished: int  # of all time
    open: int  # started and open
    not_started: int
    cancelled: int
    deleted: int
    reopened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedState:
    """A state that nobody has mapped, with the time items have spent in it."""

    stream: str
    state: str
    days: float
    share: float  # of all recorded time of the selection
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMetrics:
    """The five flow metrics of a period."""

    flow_time: FlowTime
    flow_velocity: FlowVelocity
    flow_efficiency: FlowEfficiency
    flow_load: FlowLoad
    flow_distribution: FlowDistribution


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowReport(FlowMetrics):
    """The figures of one selection: ``streams``, the period [from, until), the moment it is seen from, the rules."""

    streams: tuple[str, ...]
    from_us: int
    until_us: int
    as_of_us: int
    policy: Policy
    calendar: str
    unit: str
    workflow_status: str  # suggested | confirmed | mixed
    counts: ItemCounts
    work_item_age: WorkItemAge
    time_in_state: TimeInState
    cumulative_flow: CumulativeFlow
    arrivals_and_departures: ArrivalsAndDepartures
    littles_law: LittlesLaw
    unmapped: tuple[UnmappedState, ...]

    def named_items(self) -> list[int]:
        """Return the numbers of the items that the report lists one by one: those that are open."""
        return self.work_item_age.items["item"].to_list()


class Basis:
    """What the figures of every period of a log start from under one policy; each part is computed when first needed.

    ``everywhere``: attributed item windows of every stream that the items visited; None: they are read from the log.
    """

    def __init__(self, log: FlowLog, policy: Policy, *, everywhere: nw.LazyFrame[Any] | None = None) -> None:
        self.log, self.policy = log, policy
        if everywhere is None:
            everywhere = log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
        self.everywhere = everywhere
        self.windows = of_streams(log, everywhere)

    @cached_property
    def table(self) -> pl.DataFrame:
        """The item windows of the log's own streams."""
        return self.log.engine.collect(self.windows)

    @cached_property
    def changes(self) -> pl.DataFrame:
        """Arrivals and departures of all time."""
        return self.log.engine.collect(arrivals_and_departures(self.log, self.policy, self.everywhere))

    @cached_property
    def opened(self) -> pl.DataFrame:
        """The items in progress."""
        return self.log.engine.collect(open_items(self.log, self.windows))

    @cached_property
    def cumulative(self) -> pl.DataFrame:
        """Items by phase and day, of all time."""
        return self.log.engine.collect(cumulative_flow(self.log))

    @cached_property
    def unmapped(self) -> tuple[UnmappedState, ...]:
        """The states without meaning."""
        return _unmapped(self.log)

    def bounds(self, from_us: int | None, until_us: int | None) -> dict[str, int]:
        """Return a period with its ends; see ``flow_report``."""
        first = self.table["first_us"].min()
        until = self.log.as_of_us + 1 if until_us is None else until_us
        start = (int(first) if isinstance(first, int) else until) if from_us is None else from_us
        return {"from_us": start, "until_us": until}


def flow_metrics(basis: Basis, *, from_us: int | None = None, until_us: int | None = None) -> FlowMetrics:
    """Compute the five metrics of a period; see ``flow_report``."""
    log, policy, windows, collect = basis.log, basis.policy, basis.windows, basis.log.engine.collect
    period = basis.bounds(from_us, until_us)
    velocity = collect(flow_velocity(windows, **period))
    return FlowMetrics(
        flow_time=summarise_flow_time(collect(flow_time(windows, **period)), day_us=log.day_us, unit=log.unit),
        flow_velocity=summarise_flow_velocity(velocity, **period),
        flow_efficiency=summarise_flow_efficiency(
            collect(flow_efficiency(windows, **period)),
            finished=int(velocity["finished"].sum()),
            unanswered=_no_efficiency(log, policy),
            day_us=log.day_us,
        ),
        flow_load=summarise_flow_load(basis.changes, **period),
        flow_distribution=summarise_flow_distribution(flow_distribution(velocity)),
    )


def flow_report(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    basis: Basis | None = None,
) -> FlowReport:
    """Compute every metric of a log under a policy.

    Parameters
    ----------
    from_us, until_us: period, half-open; None: from the first known moment, up to and including the log's moment.
    basis: what the periods of a log share, of this log and policy, where several are asked for.
    """
    basis = Basis(log, policy) if basis is None else basis
    windows, collect = basis.windows, log.engine.collect
    period = basis.bounds(from_us, until_us)
    finished = log.engine.keep(finished_in(windows, **period))
    moves = collect(
        arrivals_and_departures(log, policy, basis.everywhere, from_us=period["from_us"], until_us=period["until_us"])
    )
    five = flow_metrics(basis, from_us=from_us, until_us=until_us)
    return FlowReport(
        streams=tuple(sorted(log.streams)) if log.streams else tuple(sorted({place.stream for place in log.places})),
        **period,
        as_of_us=log.as_of_us,
        policy=policy,
        calendar=log.working.calendar.name if log.working else "elapsed",
        unit=log.unit,
        workflow_status=_workflow_status(log),
        counts=_counts(basis.table),
        flow_time=five.flow_time,
        flow_velocity=five.flow_velocity,
        flow_efficiency=five.flow_efficiency,
        flow_load=five.flow_load,
        flow_distribution=five.flow_distribution,
        work_item_age=summarise_work_item_age(log, basis.opened, collect(age_at_leaving(log, policy, finished))),
        time_in_state=summarise_time_in_state(log, collect(time_in_state(log, policy, finished))),
        cumulative_flow=summarise_cumulative_flow(log, basis.cumulative, **period),
        arrivals_and_departures=summarise_arrivals_and_departures(moves, ever_started=basis.changes.height > 0),
        littles_law=summarise_littles_law(collect(littles_law(windows, as_of_us=log.as_of_us, **period)), **period),
        unmapped=basis.unmapped,
    )


def default_policy(log: FlowLog) -> str:
    """Name the policy that suits a log when nobody chose one.

    First active → last done needs states that are mapped as work in every stream; a log without any (activities without
    start events, created/closed dates) is read from commitment to done.
    """
    return "first_active_to_last_done" if log.has_active_states() else "commitment_to_done"


def _no_efficiency(log: FlowLog, policy: Policy) -> tuple[Status, str] | None:
    if policy.time is TimeKind.SUM_OF_STATES:
        return Status.UNDEFINED, "policy_adds_up_states"
    return None if log.has_active_states() else (Status.NOT_CONFIGURED, "no_active_states")


def _workflow_status(log: FlowLog) -> str:
    names = log.streams or {place.stream for place in log.places}
    found = {log.workflows[name].status for name in names if name in log.workflows} or {"suggested"}
    return found.pop() if len(found) == 1 else "mixed"


def _counts(table: pl.DataFrame) -> ItemCounts:
    ending, started = pl.col("ending"), pl.col("start_us").is_not_null()

    def count(condition: pl.Expr) -> int:
        return int(table.select(condition.sum()).item() or 0)

    return ItemCounts(
        items=table.height,
        finished=count(ending == int(Ending.DONE)),
        open=count((ending == int(Ending.OPEN)) & started),
        not_started=count((ending == int(Ending.OPEN)) & ~started),
        cancelled=count(ending == int(Ending.CANCELLED)),
        deleted=count(ending == int(Ending.DELETED)),
        reopened=count(pl.col("reopened")),
    )


def _unmapped(log: FlowLog) -> tuple[UnmappedState, ...]:
    """List the states without meaning, with the time spent in them, most time first."""
    unmapped = log.in_category(StateCategory.UNMAPPED)
    if unmapped is None:
        return ()
    left = nw.when(nw.col("left_us") == OPEN_US).then(nw.lit(log.as_of_us)).otherwise(nw.col("left_us"))
    rows = log.rows().with_columns(time_us=left - nw.col("entered_us"))
    total = int(log.engine.collect(rows.select(nw.col("time_us").sum())).item() or 0)
    found = log.engine.collect(
        rows.filter(unmapped).group_by("place").agg(nw.col("time_us").sum(), items=nw.col("item").n_unique())
    )
    by_code = {place.code: place for place in log.places}
    listed = [
        UnmappedState(
            stream=by_code[row["place"]].stream,
            state=by_code[row["place"]].state,
            days=row["time_us"] / DAY_US,
            share=row["time_us"] / total if total else 0.0,
            items=row["items"],
        )
        for row in found.iter_rows(named=True)
        if log.streams is None or by_code[row["place"]].stream in log.streams
    ]
    return tuple(sorted(listed, key=lambda one: (-one.days, one.stream, one.state)))
