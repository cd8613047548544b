"""Value streams for agents: the same contracts as everywhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.flow import mcp_events, mcp_stalls  # noqa: F401  (their tools register themselves)
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.alerts import AlertReport, AlertStatus, StreamAlert
from pegel_web.flow.contracts.comparison import StreamComparison
from pegel_web.flow.contracts.declared import Declared, DeclaredStream, FieldFilter, FilterEffect
from pegel_web.flow.contracts.definitions import MetricDefinition
from pegel_web.flow.contracts.desk import DeskItem, StreamDesk
from pegel_web.flow.contracts.forecast import ItemsForecast
from pegel_web.flow.contracts.item import ItemLife
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.network import (
    DependencyList,
    StreamDependencies,
    TransferOutcome,
    ValueStreamNetwork,
)
from pegel_web.flow.contracts.overview import StreamOverview
from pegel_web.flow.contracts.projects import StreamProjects
from pegel_web.flow.contracts.quarters import BetweenQuarters, QuarterItems
from pegel_web.flow.contracts.reports import Selection, StreamReport
from pegel_web.flow.contracts.responsibility import StepOwner, StreamResponsibility
from pegel_web.flow.contracts.rollup import RollUp
from pegel_web.flow.contracts.side_by_side import SideBySide
from pegel_web.flow.contracts.variants import Judgement, StreamVariants
from pegel_web.flow.contracts.where_it_stalls import WhereItStalls
from pegel_web.flow.contracts.workflow import KindChange, RuleChange, StreamWorkflow, WorkflowEffect, WorkflowVersion
from pegel_web.flow.queries import alerts as alert_queries
from pegel_web.flow.queries import comparison, definitions, rollup
from pegel_web.flow.queries.declared import declared_stream as declaration_of
from pegel_web.flow.queries.declared import filter_effect as effect_of_filters
from pegel_web.flow.queries.forecast import forecast_items as forecast_of_items
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.load_transfer import load_transfer as transferred_load
from pegel_web.flow.queries.network import stream_network as network_of_streams
from pegel_web.flow.queries.overview import stream_overview as overview
from pegel_web.flow.queries.projects import stream_projects as projects_of_stream
from pegel_web.flow.queries.quarters import between_quarters as review_of_quarter
from pegel_web.flow.queries.responsibility import stream_responsibility as responsibility_of_stream
from pegel_web.flow.queries.variants import stream_variants as ways_of_stream
from pegel_web.flow.queries.where_it_stalls import where_it_stalls as stalls_of
from pegel_web.flow.queries.workflow import stream_workflow as workflow_of_stream
from pegel_web.flow.queries.workflow import workflow_effect as effect_of_changes
from pegel_web.flow.services import alerts as alert_services
from pegel_web.flow.services import declared as declaration
from pegel_web.flow.services import desk as desk_services
from pegel_web.flow.services import projects as project_services
from pegel_web.flow.services import refreshing
from pegel_web.flow.services import responsibility as responsibility_services
from pegel_web.flow.services import variants as variant_services
from pegel_web.flow.services import workflow as services
from pegel_web.flow.services.looking import (
    look_at_dependencies,
    look_at_dependency_items,
    look_at_desk,
    look_at_desk_item,
    look_at_item,
    look_at_items,
    look_at_quarter_items,
    look_at_report,
)
from pegel_web.flow.services.side_by_side import side_by_side as compared_sides
from pegel_web.jobs.contracts import JobReport


@tool(permission="flow.stream.view")
def stream_overview(actor: Actor, *, period: str = DEFAULT) -> StreamOverview:
    """List your value streams with their five flow metrics, where each stalls, and which one to look at first.

    period: 13w, 26w, 52w or all, counted back from the last event of each stream.
    """
    return overview(actor=actor, period=period)


@tool(permission="flow.stream.view")
def stream_report(
    actor: Actor,
    *,
    stream_id: UUID,
    period: str = DEFAULT,
    policy: str | None = None,
    from_day: date | None = None,
    until_day: date | None = None,
    types: list[str] | None = None,
    calendar: str | None = None,
    as_of: date | None = None,
) -> StreamReport:
    """Tell where a value stream stalls and why: summary, figures with change and signal or noise, time and load per
    state, waits by cause, ageing items, a forecast with its backtest, and what to know about the data.

    Ids come from stream_overview. period: 13w, 26w, 52w or all.
    policy: first_active_to_last_done or commitment_to_done; left out: the one that suits the stream.
    from_day, until_day: a period of your own. types, calendar, as_of (as it was at the end of that day): narrow it
    further; declared_stream lists what there is. Content null with a job: it is being computed, ask again shortly.
    """
    selection = Selection(
        period=period, policy=policy, from_day=from_day, until_day=until_day, types=tuple(types or ()),
        calendar=calendar, as_of=as_of,
    )  # fmt: skip
    return look_at_report(actor=actor, stream_id=stream_id, selection=selection)


@tool(permission="flow.stream.view")
def side_by_side(actor: Actor, *, stream_id: UUID, first: Selection, second: Selection) -> SideBySide:
    """Put two selections of a value stream next to each other: the five figures, days per finished item in each state
    and by cause of waiting, the differences, what changed most, and whether that is more than the usual up and down.

    first, second: a period, or days, item types, calendar, policy, as_of; see stream_report. Status computing: ask
    again shortly.
    """
    return compared_sides(actor=actor, stream_id=stream_id, first=first, second=second)


@tool(permission="flow.stream.view")
def where_it_stalls(
    actor: Actor, *, stream_id: UUID, period: str = DEFAULT, policy: str | None = None
) -> WhereItStalls:
    """Tell in short where a value stream stalls and why: steps by phase with time and load, the largest causes of
    waiting, what is ageing, and the first step to take. The same answer as on the page of the stream.

    Ids come from stream_overview. period: 13w, 26w, 52w or all. stream_report has everything else.
    """
    return stalls_of(actor=actor, stream_id=stream_id, period=period, policy=policy)


@tool(permission="flow.stream.view")
def forecast_items(
    actor: Actor,
    *,
    stream_id: UUID,
    items: int | None = None,
    until: date | None = None,
    split_rate: float = 1.0,
    policy: str | None = None,
) -> ItemsForecast:
    """Answer "when will 30 items be done" and "how many by a day" for a value stream: days and numbers with 50, 70, 85
    and 95 percent confidence from 10,000 simulated futures, and how often the standing forecast would have held.

    Ids come from stream_overview. items: 1 to 10000; until: a day after the end of the data; both: the probability as
    well; neither: how many in four weeks. split_rate: items that one item becomes, 1 to 5. Always tell the confidence.
    """
    return forecast_of_items(
        actor=actor, stream_id=stream_id, items=items, until=until, split_rate=split_rate, policy=policy
    )


@tool(permission="flow.item.view")
def stream_items(
    actor: Actor,
    *,
    stream_id: UUID,
    metric: str = "flow_time",
    selection: Selection | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> ItemList:
    """List the items that a figure of a value stream counts, the longest first; never who worked on them.

    metric: flow_time, flow_velocity, flow_efficiency, flow_load, flow_distribution, work_item_age, late or
    time_in_state. selection: a period and policy, or one of your own whose stream_report is computed. limit: at most
    500.
    """
    return look_at_items(
        actor=actor,
        stream_id=stream_id,
        metric=metric,
        selection=selection,
        state=state,
        offset=offset,
        limit=max(1, min(limit, MOST)),
    )


@tool(permission="flow.item.view")
def stream_item(actor: Actor, *, stream_id: UUID, item: str) -> ItemLife:
    """Tell one item's life in one sentence and in detail: states, why it waited, blocks, links, hand-offs as a count,
    how it compares with the stream, and what counted by which clock and why; never who worked on it.

    item: as stream_items, stream_report or stream_desk name it.
    """
    return look_at_item(actor=actor, stream_id=stream_id, item=item)


@tool(permission="flow.item.view")
def stream_desk(actor: Actor, *, stream_id: UUID) -> StreamDesk:
    """Tell what a product manager needs at the desk of a value stream: ageing items against percentiles, late first;
    load against limits; what to pull next in the suggested order, each with its reason; decisions on new work.
    """
    return look_at_desk(actor=actor, stream_id=stream_id)


@tool(permission="flow.item.view")
def desk_item(actor: Actor, *, stream_id: UUID, item: str) -> DeskItem:
    """Tell the place of one open item in the suggested order, what people said it is worth, and decisions on it."""
    return look_at_desk_item(actor=actor, stream_id=stream_id, item=item)


@tool(permission="flow.desk.decide", reads=False)
def decide_inflow(
    actor: Actor,
    *,
    stream_id: UUID,
    item: str,
    decision: str,
    reason: str,
    until_date: date | None = None,
    outcome: str = "",
) -> DeskItem:
    """Keep a decision on an item that has not been started, with its reason; it changes nothing in the item's tool.

    decision: pull, defer (with until_date) or refuse. outcome: the goal it serves. Only what a person has decided.
    """
    return desk_services.decide_inflow(
        actor=actor,
        stream_id=stream_id,
        item=item,
        decision=decision,
        reason=reason,
        until_date=until_date,
        outcome=outcome,
    )


@tool(permission="flow.desk.decide", reads=False)
def value_item(
    actor: Actor,
    *,
    stream_id: UUID,
    item: str,
    reason: str,
    points: int | None = None,
    cost_of_delay: Decimal | None = None,
) -> DeskItem:
    """Keep what a person says an open item is worth: points from 1 to 5, or what a day of delay costs, not both."""
    return desk_services.value_item(
        actor=actor, stream_id=stream_id, item=item, reason=reason, points=points, cost_of_delay=cost_of_delay
    )


@tool(permission="flow.stream.view")
def metric_definition(actor: Actor, *, metric: str) -> MetricDefinition:
    """Tell what a figure means: definition, unit, clock, source and the id of the definition."""
    return definitions.metric_definition(actor=actor, metric=metric)


@tool(permission=("flow.stream.change", "flow.refresh.run"), reads=False)
def refresh_stream(actor: Actor, *, stream_id: UUID) -> JobReport:
    """Have a value stream computed anew, if its data has changed; returns the job to ask for."""
    return refreshing.refresh_stream(actor=actor, stream_id=stream_id)


@tool(permission="flow.stream.view")
def stream_workflow(
    actor: Actor, *, stream_id: UUID, version: int | None = None, lake_name: str | None = None
) -> StreamWorkflow:
    """Tell what the states of a value stream mean: category, phase and reason for waiting of each, whether somebody
    confirmed that or Pegel suggested it and how sure it is, the time in each, states that nobody has mapped first.

    version: an older confirmed mapping; left out: the one in force. Its revision is needed to change it.
    lake_name: of which of the stream's projects; left out: the first.
    """
    return workflow_of_stream(actor=actor, stream_id=stream_id, version=version, lake_name=lake_name)


@tool(permission="flow.stream.change")
def workflow_effect(
    actor: Actor,
    *,
    stream_id: UUID,
    changes: list[RuleChange],
    kinds: list[KindChange] | None = None,
    lake_name: str | None = None,
) -> WorkflowEffect:
    """Tell what another meaning of some states would change, without saving it: the share of the time that moves
    between active, waiting and outside, and the five figures before and after.

    changes: rules that replace or add to those in force. category: new, waiting, active, done, cancelled, ignored or
    null (not mapped); phase: intake, planning, execution, reporting; friction: approval, prioritisation, hand_off,
    status_query; type, from_date, until_date: only for that item type and period. kinds: which kind of work an item
    type is: feature, defect, risk, debt or null. lake_name: as for stream_workflow.
    """
    return effect_of_changes(actor=actor, stream_id=stream_id, changes=changes, kinds=kinds or [], lake_name=lake_name)


@tool(permission="flow.stream.change", reads=False)
def confirm_workflow(
    actor: Actor,
    *,
    stream_id: UUID,
    revision: str,
    changes: list[RuleChange] | None = None,
    kinds: list[KindChange] | None = None,
    lake_name: str | None = None,
) -> WorkflowVersion:
    """Save the meaning of the states, with some changes or as it stands, as a new version; the figures follow.

    revision: from stream_workflow. changes, kinds: as for workflow_effect; show its answer to a person before.
    """
    return services.confirm_workflow(
        actor=actor,
        stream_id=stream_id,
        changes=changes or [],
        kinds=kinds or [],
        revision=revision,
        lake_name=lake_name,
    )


@tool(permission="flow.stream.change", reads=False)
def restore_workflow(
    actor: Actor, *, stream_id: UUID, version: int, revision: str, lake_name: str | None = None
) -> WorkflowVersion:
    """Save the content of an older version of the meaning of the states as a new one.

    revision: from stream_workflow.
    """
    return services.restore_workflow(
        actor=actor, stream_id=stream_id, version=version, revision=revision, lake_name=lake_name
    )


@tool(permission="flow.stream.view")
def alert_overview(actor: Actor, *, status: AlertStatus = "open") -> tuple[StreamAlert, ...]:
    """List what calls for a look in your value streams: ageing items, load beyond a declared limit, stalled items, old
    data.

    status: open, quiet (acknowledged or snoozed) or closed (in the last 90 days).
    """
    return alert_queries.alert_overview(actor=actor, status=status)


@tool(permission="flow.stream.view")
def stream_alerts(actor: Actor, *, stream_id: UUID) -> AlertReport:
    """Tell the alert rules of a value stream with what each finds now, and its alerts.

    Ids come from stream_overview.
    """
    return alert_queries.stream_alerts(actor=actor, stream_id=stream_id)


@tool(permission="flow.stream.change", reads=False)
def acknowledge_alert(actor: Actor, *, alert_id: UUID, reason: str) -> StreamAlert:
    """Say that somebody has looked at an alert, and what comes of it; it stays quiet until it closes by itself.

    Ids come from alert_overview. reason: what a person decided, in one sentence.
    """
    return alert_services.acknowledge_alert(actor=actor, alert_id=alert_id, reason=reason)


@tool(permission="flow.stream.change", reads=False)
def snooze_alert(actor: Actor, *, alert_id: UUID, until: date) -> StreamAlert:
    """Let an alert be quiet until a day, at most 92 days ahead. Ids come from alert_overview."""
    return alert_services.snooze_alert(actor=actor, alert_id=alert_id, until=until)


@tool(permission="flow.stream.view")
def stream_network(actor: Actor) -> ValueStreamNetwork:
    """Tell who waits for whom among your value streams: how many dependencies, how long they waited, how many block
    now, and which stream others wait for most. Streams that you may not see are "another stream".
    """
    return network_of_streams(actor=actor)


@tool(permission="flow.item.view")
def dependency_items(
    actor: Actor, *, from_id: UUID, to_id: UUID, kind: str = "blocks", offset: int = 0, limit: int = 50
) -> DependencyList:
    """List the items behind an edge of the network: what is waited for and what waits; never who works on them.

    from_id, to_id: from stream_network; items of both streams must be visible to you. kind: blocks, moves, parent or
    relates. limit: at most 500.
    """
    return look_at_dependency_items(
        actor=actor, from_id=from_id, to_id=to_id, kind=kind, offset=offset, limit=max(1, min(limit, MOST))
    )


@tool(permission="flow.stream.view")
def stream_dependencies(actor: Actor, *, stream_id: UUID) -> StreamDependencies:
    """Tell what a value stream waits for, what waits for it, its longest chains of open dependencies, circles."""
    return look_at_dependencies(actor=actor, stream_id=stream_id)


@tool(permission="flow.stream.view")
def load_transfer(
    actor: Actor, *, from_id: UUID, to_id: UUID, items_per_week: int = 1, capacity_percent: int = 0
) -> TransferOutcome:
    """Simulate 26 weeks in which some items a week arrive at another value stream: load, flow time and departures of
    both, before and after, with the middle 80% of the runs and whether the difference is more than the usual up and
    down. Read the assumptions to people before they decide.

    items_per_week: 1 to 1000. capacity_percent: how much of the capacity goes with them, 0 to 100.
    """
    return transferred_load(
        actor=actor, from_id=from_id, to_id=to_id, items_per_week=items_per_week, capacity_percent=capacity_percent
    )


@tool(permission="flow.stream.view")
def between_quarters(actor: Actor, *, quarter: str | None = None) -> BetweenQuarters:
    """Tell what came unplanned, was changed and was cancelled in a quarter, per value stream and in all, against the
    quarter before.

    quarter: for example 2026-Q1; left out: the latest with data.
    """
    return review_of_quarter(actor=actor, quarter=quarter)


@tool(permission="flow.item.view")
def quarter_items(
    actor: Actor,
    *,
    stream_id: UUID,
    quarter: str,
    list_name: str = "unplanned_work",
    offset: int = 0,
    limit: int = 50,
) -> QuarterItems:
    """List the items behind a list of between_quarters, those with most days spent first; never who worked on them.

    list_name: unplanned_work, changed_work or cancelled_work. limit: at most 500.
    """
    return look_at_quarter_items(
        actor=actor,
        stream_id=stream_id,
        quarter=quarter,
        list_name=list_name,
        offset=offset,
        limit=max(1, min(limit, MOST)),
    )


@tool(permission="flow.stream.view")
def stream_projects(actor: Actor, *, stream_id: UUID, lake_names: list[str] | None = None) -> StreamProjects:
    """Tell over which projects of the data lake a value stream goes, since when, and which are free to be joined.

    lake_names: all over which it might go, its first one among them: tells the effect (items, changes of state, first
    and last event, ids that cannot be told apart) without saving it.
    """
    return projects_of_stream(actor=actor, stream_id=stream_id, lake_names=lake_names)


@tool(permission="flow.stream.change", reads=False)
def set_stream_projects(actor: Actor, *, stream_id: UUID, lake_names: list[str], seen: list[str]) -> StreamProjects:
    """Let a value stream go over some projects of the data lake from today on, and have it computed over all of them.

    lake_names: all of them, the first one of the stream among them; seen: those that stream_projects told. Show a
    person the effect before.
    """
    return project_services.set_stream_projects(actor=actor, stream_id=stream_id, lake_names=lake_names, seen=seen)


@tool(permission="flow.stream.view")
def declared_stream(actor: Actor, *, stream_id: UUID) -> DeclaredStream:
    """Tell what people have declared about a value stream: which item types count and which filters, the clock, the
    calendar, limits of open work, the target for the flow time, the mix of work and what waiting costs; null and
    empty: nobody has said. fields: by which filters can go.
    """
    return declaration_of(actor=actor, stream_id=stream_id)


@tool(permission="flow.stream.change")
def filter_effect(
    actor: Actor, *, stream_id: UUID, types: list[str] | None = None, filters: list[FieldFilter] | None = None
) -> FilterEffect:
    """Tell how many items of a value stream some types and filters would leave, each filter alone and all together,
    without declaring them.

    filters: field and values from the fields of declared_stream; include false: all but those.
    """
    return effect_of_filters(actor=actor, stream_id=stream_id, types=types or (), filters=filters or ())


@tool(permission="flow.stream.change", reads=False)
def declare_stream(actor: Actor, *, stream_id: UUID, revision: int, declared: Declared) -> DeclaredStream:
    """Declare everything about a value stream anew and have it computed; what is left out is undeclared.

    revision: from declared_stream; start from the declaration that it returns, and show a person what changes.
    """
    return declaration.declare_stream(actor=actor, stream_id=stream_id, declared=declared, revision=revision)


@tool(permission="flow.stream.view")
def stream_variants(actor: Actor, *, stream_id: UUID, period: str = DEFAULT, show: int = 80) -> StreamVariants:
    """Tell by which ways the finished work of a value stream really went: sequences of states with how often, flow time
    and waiting, the steps between states, what the team says about each way, and which are new since then.

    period: 13w, 26w, 52w or all. show: the most frequent ways that cover 80, 95 or 100 percent of the items.
    """
    return ways_of_stream(actor=actor, stream_id=stream_id, period=period, show=show)


@tool(permission="flow.variant.confirm", reads=False)
def say_about_variants(
    actor: Actor,
    *,
    stream_id: UUID,
    judgement: Judgement,
    variant: str | None = None,
    picture: str | None = None,
    reason: str = "",
    period: str = DEFAULT,
    show: int = 80,
) -> StreamVariants:
    """Note what a person of the team says about a way of the work, or about the whole picture; never on your own.

    judgement: usual (so we work), unwanted, log_wrong (both with a reason), withdrawn. variant: the key of the way, or
    picture: from stream_variants with the same period and show; exactly one of them.
    """
    return variant_services.say_about_variants(
        actor=actor, stream_id=stream_id, judgement=judgement, variant=variant, picture=picture, reason=reason,
        period=period, show=show,
    )  # fmt: skip


@tool(permission="flow.stream.view")
def stream_responsibility(actor: Actor, *, stream_id: UUID, period: str = DEFAULT) -> StreamResponsibility:
    """Tell which unit is accountable for each step (state) of a value stream, which steps have nobody, how much waiting
    and how many open items lie there, and how often work changes the team.

    period: 13w, 26w, 52w or all.
    """
    return responsibility_of_stream(actor=actor, stream_id=stream_id, period=period)


@tool(permission="flow.stream.change", reads=False)
def change_responsibility(
    actor: Actor, *, stream_id: UUID, owners: list[StepOwner], revision: str
) -> StreamResponsibility:
    """Say from today on which units are accountable for steps; steps that are not named stay.

    revision: from stream_responsibility. unit_id null: nobody. Show the change to a person before.
    """
    return responsibility_services.change_responsibility(
        actor=actor, stream_id=stream_id, owners=owners, revision=revision
    )


@tool(permission="flow.stream.view")
def stream_rollup(actor: Actor, *, by: str = "unit", period: str = DEFAULT) -> RollUp:
    """Add up your value streams by unit or product: what they finish per week, what is open and late, and whether any
    item counts at two levels. Percentiles do not add up: flow times are given as a range.

    by: unit or product. period: 13w, 26w, 52w or all.
    """
    return rollup.stream_rollup(actor=actor, by=by, period=period)


@tool(permission="flow.stream.view")
def stream_comparison(actor: Actor, *, streams: list[UUID], period: str = DEFAULT) -> StreamComparison:
    """Put up to six value streams side by side. They do different work: a difference is a question, not a ranking.

    streams: ids from stream_overview. period: 13w, 26w, 52w or all.
    """
    return comparison.stream_comparison(actor=actor, streams=streams, period=period)
