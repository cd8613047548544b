"""Value streams for agents: the same contracts as everywhere."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.definitions import MetricDefinition
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.overview import StreamOverview
from pegel_web.flow.contracts.reports import StreamReport
from pegel_web.flow.queries import definitions
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.overview import stream_overview as overview
from pegel_web.flow.services import refreshing
from pegel_web.flow.services.looking import look_at_items, look_at_report
from pegel_web.jobs.contracts import JobReport


@tool(permission="flow.stream.view")
def stream_overview(actor: Actor, *, period: str = DEFAULT) -> StreamOverview:
    """List your value streams with their five flow metrics, where each stalls, and which one to look at first.

    period: 13w, 26w, 52w or all, counted back from the last event of each stream.
    """
    return overview(actor=actor, period=period)


@tool(permission="flow.stream.view")
def stream_report(actor: Actor, *, stream_id: UUID, period: str = DEFAULT, policy: str | None = None) -> StreamReport:
    """Tell where a value stream stalls and why: summary, figures with change and signal or noise, time and load per
    state, waits by cause, ageing items, a forecast with its backtest, and what to know about the data.

    Ids come from stream_overview. period: 13w, 26w, 52w or all.
    policy: first_active_to_last_done or commitment_to_done; left out: the one that suits the stream.
    """
    return look_at_report(actor=actor, stream_id=stream_id, period=period, policy=policy)


@tool(permission="flow.item.view")
def stream_items(
    actor: Actor,
    *,
    stream_id: UUID,
    metric: str = "flow_time",
    period: str = DEFAULT,
    policy: str | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> ItemList:
    """List the items that a figure of a value stream counts, the longest first; never who worked on them.

    metric: flow_time, flow_velocity, flow_efficiency, flow_load, flow_distribution, work_item_age, late or
    time_in_state. limit: at most 500.
    """
    return look_at_items(
        actor=actor,
        stream_id=stream_id,
        metric=metric,
        period=period,
        policy=policy,
        state=state,
        offset=offset,
        limit=max(1, min(limit, MOST)),
    )


@tool(permission="flow.stream.view")
def metric_definition(actor: Actor, *, metric: str) -> MetricDefinition:
    """Tell what a figure means: definition, unit, clock, source and the id of the definition."""
    return definitions.metric_definition(actor=actor, metric=metric)


@tool(permission="flow.stream.change", reads=False)
def refresh_stream(actor: Actor, *, stream_id: UUID) -> JobReport:
    """Have a value stream computed anew, if its data has changed; returns the job to ask for."""
    return refreshing.refresh_stream(actor=actor, stream_id=stream_id)
