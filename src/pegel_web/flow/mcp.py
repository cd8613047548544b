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
from pegel_web.flow.contracts.workflow import RuleChange, StreamWorkflow, WorkflowEffect, WorkflowVersion
from pegel_web.flow.queries import definitions
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.overview import stream_overview as overview
from pegel_web.flow.queries.workflow import stream_workflow as workflow_of_stream
from pegel_web.flow.queries.workflow import workflow_effect as effect_of_changes
from pegel_web.flow.services import refreshing
from pegel_web.flow.services import workflow as services
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


@tool(permission="flow.stream.view")
def stream_workflow(actor: Actor, *, stream_id: UUID, version: int | None = None) -> StreamWorkflow:
    """Tell what the states of a value stream mean: category, phase and reason for waiting of each, whether somebody
    confirmed that or Pegel suggested it and how sure it is, the time in each, states that nobody has mapped first.

    version: an older confirmed mapping; left out: the one in force. Its revision is needed to change it.
    """
    return workflow_of_stream(actor=actor, stream_id=stream_id, version=version)


@tool(permission="flow.stream.change")
def workflow_effect(actor: Actor, *, stream_id: UUID, changes: list[RuleChange]) -> WorkflowEffect:
    """Tell what another meaning of some states would change, without saving it: the share of the time that moves
    between active, waiting and outside, and the five figures before and after.

    changes: rules that replace or add to those in force. category: new, waiting, active, done, cancelled, ignored or
    null (not mapped); phase: intake, planning, execution, reporting; friction: approval, prioritisation, hand_off,
    status_query.
    """
    return effect_of_changes(actor=actor, stream_id=stream_id, changes=changes)


@tool(permission="flow.stream.change", reads=False)
def confirm_workflow(
    actor: Actor, *, stream_id: UUID, revision: str, changes: list[RuleChange] | None = None
) -> WorkflowVersion:
    """Save the meaning of the states, with some changes or as it stands, as a new version; the figures follow.

    revision: from stream_workflow. changes: as for workflow_effect; show its answer to a person before.
    """
    return services.confirm_workflow(actor=actor, stream_id=stream_id, changes=changes or [], revision=revision)


@tool(permission="flow.stream.change", reads=False)
def restore_workflow(actor: Actor, *, stream_id: UUID, version: int, revision: str) -> WorkflowVersion:
    """Save the content of an older version of the meaning of the states as a new one.

    revision: from stream_workflow.
    """
    return services.restore_workflow(actor=actor, stream_id=stream_id, version=version, revision=revision)
