"""Value streams for programs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.alerts import AlertReport, AlertStatus, AlertThresholds, StreamAlert
from pegel_web.flow.contracts.comparison import StreamComparison
from pegel_web.flow.contracts.declared import DeclaredStream, FilterEffect
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
from pegel_web.flow.contracts.overview import StreamLine
from pegel_web.flow.contracts.projects import StreamProjects
from pegel_web.flow.contracts.quarters import BetweenQuarters, QuarterItems
from pegel_web.flow.contracts.reports import Selection, StreamReport
from pegel_web.flow.contracts.responsibility import StepOwner, StreamResponsibility
from pegel_web.flow.contracts.rollup import RollUp
from pegel_web.flow.contracts.side_by_side import SideBySide
from pegel_web.flow.contracts.streams import LakeStream, Stream
from pegel_web.flow.contracts.variants import Judgement, StreamVariants
from pegel_web.flow.contracts.where_it_stalls import WhereItStalls
from pegel_web.flow.contracts.workflow import KindChange, RuleChange, StreamWorkflow, WorkflowEffect, WorkflowVersion
from pegel_web.flow.queries import alerts as alert_queries
from pegel_web.flow.queries import comparison, definitions, rollup
from pegel_web.flow.queries.declared import DECLARED
from pegel_web.flow.queries.declared import declared_stream as declaration_of
from pegel_web.flow.queries.declared import filter_effect as effect_of_filters
from pegel_web.flow.queries.forecast import MOST_ITEMS, MOST_SPLIT
from pegel_web.flow.queries.forecast import forecast_items as forecast_of_items
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.load_transfer import load_transfer as transferred_load
from pegel_web.flow.queries.network import stream_network as network_of_streams
from pegel_web.flow.queries.overview import stream_overview as overview
from pegel_web.flow.queries.projects import stream_projects as projects_of_stream
from pegel_web.flow.queries.quarters import between_quarters as review_of_quarter
from pegel_web.flow.queries.responsibility import stream_responsibility as responsibility_of_stream
from pegel_web.flow.queries.streams import lake_streams
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
from pegel_web.flow.services import streams as services
from pegel_web.flow.services import variants as variant_services
from pegel_web.flow.services import workflow as workflow_services
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

router = Router(tags=["streams"])


class StreamFields(Schema):
    """What people say about a stream."""

    name: str = Field(max_length=500)
    unit_id: UUID = Field(description="The unit that answers for it.")
    product_id: UUID | None = None


class NewStream(StreamFields):
    """A stream of the lake to be adopted."""

    lake_name: str = Field(max_length=500, description="What it is called in the lake.")


class Ahead(Schema):
    """What is asked of a forecast; neither a number nor a day: how many in four weeks."""

    items: int | None = Field(None, ge=1, le=MOST_ITEMS, description="When will so many items be done?")
    until: date | None = Field(None, description="How many will be done by the end of this day?")
    split_rate: float = Field(1.0, ge=1, le=MOST_SPLIT, description="Items that one item becomes on the way.")
    policy: str | None = Field(None, max_length=200)


class Selected(Schema):
    """What of a stream is looked at."""

    period: str = Field(DEFAULT, max_length=20, description="`13w`, `26w`, `52w` or `all`.")
    policy: str | None = Field(None, max_length=200)
    from_day: date | None = Field(None, description="First day of the period; it then stands instead of `period`.")
    until_day: date | None = Field(None, description="Last day of the period.")
    type: list[str] = Field([], max_length=200, description="Only items of these types; left out: as declared.")
    calendar: str | None = Field(None, max_length=200, description="`elapsed`, or the name of a calendar.")
    as_of: date | None = Field(None, description="As it was at the end of this day.")

    def selection(self) -> Selection:
        """Return it as a selection."""
        return _selection(self.dict())


class Rows(Selected):
    """Which items."""

    metric: str = Field("flow_time", max_length=100, description="Which figure counts them.")
    state: str | None = Field(None, max_length=1000, description="Only items that were (open ones: are) in this state.")
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=MOST)


class Sides(Selected):
    """Two selections; those of the second begin with `with_`."""

    with_period: str = Field("52w", max_length=20)
    with_policy: str | None = Field(None, max_length=200)
    with_from_day: date | None = None
    with_until_day: date | None = None
    with_type: list[str] = Field([], max_length=200)
    with_calendar: str | None = Field(None, max_length=200)
    with_as_of: date | None = None

    def second(self) -> Selection:
        """Return the second selection."""
        return _selection({name.removeprefix("with_"): one for name, one in self.dict().items() if "with_" in name})


def _selection(sent: dict[str, Any]) -> Selection:
    names = ("period", "policy", "from_day", "until_day", "calendar", "as_of")
    return Selection(**{name: sent[name] for name in names}, types=tuple(sent["type"]))


class Named(Schema):
    """Which item."""

    item: str = Field("", max_length=1000, description="As its tool calls it.")


class Inflow(Schema):
    """A decision on an item that has not been started."""

    item: str = Field(max_length=500)
    decision: str = Field(max_length=10, description="`pull`, `defer` or `refuse`.")
    reason: str = Field(max_length=2000)
    until_date: date | None = Field(None, description="Only with `defer`: on this day it is suggested again.")
    outcome: str = Field("", max_length=500, description="The goal it serves.")


class Value(Schema):
    """What an item is worth: one of the two."""

    item: str = Field(max_length=500)
    reason: str = Field(max_length=2000)
    points: int | None = Field(None, ge=1, le=5)
    cost_of_delay: Decimal | None = Field(None, ge=0, description="Of a day, in the currency of the stream.")


class Edge(Schema):
    """Which edge of the network."""

    from_id: UUID = Field(description="The stream that is waited for, or that gave work away.")
    to_id: UUID = Field(description="The stream that waits, or that took it.")
    kind: str = Field("blocks", max_length=20, description="`blocks`, `moves`, `parent` or `relates`.")
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=MOST)


class Transfer(Schema):
    """What is moved between two streams."""

    from_id: UUID
    to_id: UUID
    items_per_week: int = Field(1, ge=1, le=1000, description="Arrivals a week that go to the other stream.")
    capacity_percent: int = Field(0, ge=0, le=100, description="Percent of the capacity that goes with them.")


class QuarterRows(Schema):
    """Which list of which quarter."""

    stream_id: UUID
    quarter: str = Field(max_length=20, description="For example `2026-Q1`.")
    list_name: str = Field(
        "unplanned_work", max_length=50, description="`unplanned_work`, `changed_work` or `cancelled_work`."
    )
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=MOST)


class Rule(Schema):
    """Another meaning of a state."""

    state: str = Field(max_length=2000)
    category: str | None = Field(
        None, max_length=20,
        description="`new`, `waiting`, `active`, `done`, `cancelled` or `ignored`; left out: no rule, not mapped.",
    )  # fmt: skip
    phase: str | None = Field(None, max_length=20, description="`intake`, `planning`, `execution` or `reporting`.")
    friction: str | None = Field(
        None, max_length=20,
        description="Why items wait there: `approval`, `prioritisation`, `hand_off` or `status_query`.",
    )  # fmt: skip
    type: str | None = Field(None, max_length=2000, description="Only for this item type; left out: for all.")
    from_date: date | None = Field(None, description="In force from this day.")
    until_date: date | None = Field(None, description="In force before this day.")


class LimitFields(Schema):
    """At most so many items in a state."""

    state: str = Field(max_length=2000)
    limit: int


class ShareFields(Schema):
    """The share of a kind of work that is meant; left out: free on that side."""

    kind: str = Field(max_length=20, description="`feature`, `defect`, `risk` or `debt`.")
    least: float | None = None
    most: float | None = None


class FilterFields(Schema):
    """Only items whose field holds one of some values today, or all but those."""

    field: str = Field(max_length=500)
    values: list[str] = Field(max_length=100, description="Empty text: items of which nothing is known there.")
    include: bool = Field(True, description="False: all but those.")


class Filtering(Schema):
    """Types and filters whose effect is asked for."""

    types: list[str] = Field([], max_length=500)
    filters: list[FilterFields] = Field([], max_length=50)


class Declaration(Schema):
    """Everything that is declared about a stream; what is left out is undeclared."""

    revision: int = Field(ge=0, le=2**31 - 1, description="Of the declaration that was read before.")
    types: list[str] = Field([], max_length=500, description="Only these item types count; empty: all.")
    filters: list[FilterFields] = Field([], max_length=50, description="Of these types only what passes all of them.")
    policy: str | None = Field(None, max_length=100)
    calendar: str | None = Field(None, max_length=100)
    load_limit: int | None = None
    state_limits: list[LimitFields] = Field([], max_length=500)
    target_days: float | None = None
    target_share: float | None = None
    shares: list[ShareFields] = Field([], max_length=10)
    currency: str | None = Field(None, max_length=10)
    cost_of_delay: float | None = None
    labour_rate: float | None = None
    minutes_per_status_query: float | None = None


class Projects(Schema):
    """All projects of the lake that a stream goes over."""

    lake_names: list[str] = Field(max_length=100, description="The first one of the stream among them.")
    seen: list[str] = Field(max_length=100, description="Those that were read before.")


class Kind(Schema):
    """Which kind of work an item type is."""

    type: str = Field(max_length=2000)
    kind: str | None = Field(None, max_length=20, description="`feature`, `defect`, `risk` or `debt`; left out: none.")


class Changes(Schema):
    """Rules that replace or add to those in force, and kinds of work of item types; all others stay."""

    changes: list[Rule] = Field(max_length=5000)
    kinds: list[Kind] = Field([], max_length=5000)
    lake_name: str | None = Field(None, max_length=500, description="Of which project; left out: the first.")


class Confirmation(Changes):
    """Changes to be saved."""

    revision: str = Field(max_length=100, description="Of the mapping that they were made for, as it was read.")


class Restoration(Schema):
    """An older version to be brought back."""

    version: int = Field(ge=1, le=10_000)
    revision: str = Field(max_length=100, description="Of the mapping in force, as it was read.")
    lake_name: str | None = Field(None, max_length=500, description="Of which project; left out: the first.")


class Acknowledgement(Schema):
    """What comes of an alert."""

    reason: str = Field(max_length=1000)


class Snooze(Schema):
    """Until when an alert is to be quiet."""

    until: date


class Thresholds(Schema):
    """From when on there is an alert."""

    late_from: int = Field(description="So many items older than 85% of their predecessors.")
    stalled_after_days: int = Field(description="Nothing has happened to an open item for so many days.")
    stale_after_days: int = Field(description="The last event is more days old than this.")


@router.get("/streams", response=list[StreamLine])
@paginate
def stream_overview(request: ApiRequest, period: str = DEFAULT) -> tuple[StreamLine, ...]:
    """Your value streams, each with its five figures, where it stalls, and how old that answer is."""
    return overview(actor=request.actor, period=period).lines


@router.get("/streams/together", response=RollUp)
def stream_rollup(request: ApiRequest, by: str = "unit", period: str = DEFAULT) -> RollUp:
    """Your value streams added up by `unit` or `product`, with what shows that nothing counts twice."""
    return rollup.stream_rollup(actor=request.actor, by=by, period=period)


@router.get("/streams/compare", response=StreamComparison)
def stream_comparison(
    request: ApiRequest, stream: Annotated[tuple[UUID, ...], Query(max_length=6)] = (), period: str = DEFAULT
) -> StreamComparison:
    """Some value streams side by side."""
    return comparison.stream_comparison(actor=request.actor, streams=stream, period=period)


@router.get("/streams/in-the-lake", response=list[LakeStream])
@paginate
def streams_to_adopt(request: ApiRequest) -> tuple[LakeStream, ...]:
    """Streams of the lake that no unit answers for yet."""
    return lake_streams(actor=request.actor)


@router.post("/streams", response={201: Stream})
def adopt_stream(request: ApiRequest, sent: NewStream) -> Status[Stream]:
    """Let a unit answer for a stream of the lake, and have it computed."""
    return Status(201, services.adopt_stream(actor=request.actor, **sent.dict()))


@router.post("/streams/refresh", response={202: JobReport})
def refresh_streams(request: ApiRequest) -> Status[JobReport]:
    """Have every stream computed that has changed."""
    return Status(202, refreshing.refresh_streams(actor=request.actor))


@router.get("/streams/alerts", response=list[StreamAlert])
@paginate
def alert_overview(request: ApiRequest, status: AlertStatus = "open") -> tuple[StreamAlert, ...]:
    """What calls for a look in your value streams; `quiet`: acknowledged or snoozed; `closed`: of the last 90 days."""
    return alert_queries.alert_overview(actor=request.actor, status=status)


@router.get("/streams/alerts/{uuid:alert_id}", response=StreamAlert)
def stream_alert(request: ApiRequest, alert_id: UUID) -> StreamAlert:
    """One alert."""
    return alert_queries.stream_alert(actor=request.actor, alert_id=alert_id)


@router.post("/streams/alerts/{uuid:alert_id}/acknowledge", response=StreamAlert)
def acknowledge_alert(request: ApiRequest, alert_id: UUID, sent: Acknowledgement) -> StreamAlert:
    """Say that somebody has looked, and what comes of it; it stays quiet until it closes by itself."""
    return alert_services.acknowledge_alert(actor=request.actor, alert_id=alert_id, reason=sent.reason)


@router.post("/streams/alerts/{uuid:alert_id}/snooze", response=StreamAlert)
def snooze_alert(request: ApiRequest, alert_id: UUID, sent: Snooze) -> StreamAlert:
    """Let an alert be quiet until a day."""
    return alert_services.snooze_alert(actor=request.actor, alert_id=alert_id, until=sent.until)


@router.get("/streams/{uuid:stream_id}/alerts", response=AlertReport)
def stream_alerts(request: ApiRequest, stream_id: UUID) -> AlertReport:
    """The rules of a stream with what each finds now, and its alerts."""
    return alert_queries.stream_alerts(actor=request.actor, stream_id=stream_id)


@router.put("/streams/{uuid:stream_id}/alerts/thresholds", response=AlertThresholds)
def change_alert_thresholds(request: ApiRequest, stream_id: UUID, sent: Thresholds) -> AlertThresholds:
    """Say from when on there is an alert about a stream."""
    return alert_services.change_alert_thresholds(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.get("/streams/{uuid:stream_id}", response={200: StreamReport, 202: StreamReport})
def stream_report(request: ApiRequest, stream_id: UUID, asked: Query[Selected]) -> StreamReport | Status[StreamReport]:
    """Where a stream stalls and why, its figures, what is ageing, what comes next, how good the data is.

    A selection that is not computed yet is answered with 202, without content, with the job that computes it.
    """
    found = look_at_report(actor=request.actor, stream_id=stream_id, selection=asked.selection())
    return found if found.job is None else Status(202, found)


@router.get("/streams/{uuid:stream_id}/compare", response={200: SideBySide, 202: SideBySide})
def side_by_side(request: ApiRequest, stream_id: UUID, asked: Query[Sides]) -> SideBySide | Status[SideBySide]:
    """Two selections of a stream next to each other: figures, days per state and cause of waiting, differences.

    202 while one of them is being computed; its side then names the job.
    """
    found = compared_sides(actor=request.actor, stream_id=stream_id, first=asked.selection(), second=asked.second())
    return Status(202, found) if found.status == "computing" else found


@router.get("/streams/{uuid:stream_id}/where-it-stalls", response=WhereItStalls)
def where_it_stalls(
    request: ApiRequest, stream_id: UUID, period: str = DEFAULT, policy: str | None = None
) -> WhereItStalls:
    """Where a stream stalls and why: its steps by phase, the largest causes, what is ageing, the first step to take."""
    return stalls_of(actor=request.actor, stream_id=stream_id, period=period, policy=policy)


@router.put("/streams/{uuid:stream_id}", response=Stream)
def change_stream(request: ApiRequest, stream_id: UUID, sent: StreamFields) -> Stream:
    """Give a stream another name, unit or product."""
    return services.change_stream(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.delete("/streams/{uuid:stream_id}", response={204: None})
def end_stream(request: ApiRequest, stream_id: UUID) -> Status[None]:
    """Let a stream end today."""
    services.end_stream(actor=request.actor, stream_id=stream_id)
    return Status(204, None)


@router.post("/streams/{uuid:stream_id}/refresh", response={202: JobReport})
def refresh_stream(request: ApiRequest, stream_id: UUID) -> Status[JobReport]:
    """Have a stream computed, if anything has changed."""
    return Status(202, refreshing.refresh_stream(actor=request.actor, stream_id=stream_id))


@router.get("/streams/{uuid:stream_id}/items", response=ItemList)
def stream_items(request: ApiRequest, stream_id: UUID, asked: Query[Rows]) -> ItemList:
    """The items that a figure counts, the longest first. Never who worked on them."""
    return look_at_items(
        actor=request.actor,
        stream_id=stream_id,
        metric=asked.metric,
        selection=asked.selection(),
        state=asked.state,
        offset=asked.offset,
        limit=asked.limit,
    )


@router.get("/streams/{uuid:stream_id}/forecast", response=ItemsForecast)
def forecast_items(request: ApiRequest, stream_id: UUID, asked: Query[Ahead]) -> ItemsForecast:
    """When so many items will be done, and how many by a day, with its confidence."""
    return forecast_of_items(actor=request.actor, stream_id=stream_id, **asked.dict())


@router.get("/streams/{uuid:stream_id}/item", response=ItemLife)
def stream_item(request: ApiRequest, stream_id: UUID, named: Query[Named]) -> ItemLife:
    """One item's life: states, waits with cause, blocks, links, what counted by which clock and why."""
    return look_at_item(actor=request.actor, stream_id=stream_id, item=named.item)


@router.get("/streams/{uuid:stream_id}/desk", response=StreamDesk)
def stream_desk(request: ApiRequest, stream_id: UUID) -> StreamDesk:
    """What ages, how full the stream is against its limits, what to pull next and why, decisions on new work."""
    return look_at_desk(actor=request.actor, stream_id=stream_id)


@router.get("/streams/{uuid:stream_id}/desk/item", response=DeskItem)
def desk_item(request: ApiRequest, stream_id: UUID, named: Query[Named]) -> DeskItem:
    """What is known and said of one open item at the desk."""
    return look_at_desk_item(actor=request.actor, stream_id=stream_id, item=named.item)


@router.post("/streams/{uuid:stream_id}/desk/decisions", response={201: DeskItem})
def decide_inflow(request: ApiRequest, stream_id: UUID, sent: Inflow) -> Status[DeskItem]:
    """Decide whether an item that has not been started is pulled, deferred or refused. Nothing changes in its tool."""
    return Status(201, desk_services.decide_inflow(actor=request.actor, stream_id=stream_id, **sent.dict()))


@router.post("/streams/{uuid:stream_id}/desk/values", response={201: DeskItem})
def value_item(request: ApiRequest, stream_id: UUID, sent: Value) -> Status[DeskItem]:
    """Say what an open item is worth: points, or the cost of a day of delay."""
    return Status(201, desk_services.value_item(actor=request.actor, stream_id=stream_id, **sent.dict()))


@router.get("/streams/{uuid:stream_id}/workflow", response=StreamWorkflow)
def stream_workflow(
    request: ApiRequest, stream_id: UUID, version: int | None = None, lake_name: str | None = None
) -> StreamWorkflow:
    """What the states of a stream mean, how sure that is, and the time in them; those not mapped first."""
    return workflow_of_stream(actor=request.actor, stream_id=stream_id, version=version, lake_name=lake_name)


@router.post("/streams/{uuid:stream_id}/workflow/effect", response=WorkflowEffect)
def workflow_effect(request: ApiRequest, stream_id: UUID, sent: Changes) -> WorkflowEffect:
    """What another meaning of some states would change, without saving it."""
    return effect_of_changes(
        actor=request.actor,
        stream_id=stream_id,
        changes=_changes(sent),
        kinds=_kinds(sent),
        lake_name=sent.lake_name,
    )


@router.post("/streams/{uuid:stream_id}/workflow", response=WorkflowVersion)
def confirm_workflow(request: ApiRequest, stream_id: UUID, sent: Confirmation) -> WorkflowVersion:
    """Save the meaning of the states, with some changes or as it stands, as a new version."""
    return workflow_services.confirm_workflow(
        actor=request.actor,
        stream_id=stream_id,
        changes=_changes(sent),
        kinds=_kinds(sent),
        revision=sent.revision,
        lake_name=sent.lake_name,
    )


@router.post("/streams/{uuid:stream_id}/workflow/restore", response=WorkflowVersion)
def restore_workflow(request: ApiRequest, stream_id: UUID, sent: Restoration) -> WorkflowVersion:
    """Save the content of an older version as a new one."""
    return workflow_services.restore_workflow(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.get("/streams/network", response=ValueStreamNetwork)
def stream_network(request: ApiRequest) -> ValueStreamNetwork:
    """Who waits for whom among your streams; streams that you may not see are "another stream"."""
    return network_of_streams(actor=request.actor)


@router.get("/streams/network/items", response=DependencyList)
def dependency_items(request: ApiRequest, asked: Query[Edge]) -> DependencyList:
    """The items behind an edge of the network: what is waited for and what waits. Never who works on them."""
    return look_at_dependency_items(actor=request.actor, **asked.dict())


@router.get("/streams/network/what-if", response=TransferOutcome)
def load_transfer(request: ApiRequest, asked: Query[Transfer]) -> TransferOutcome:
    """What would change if some items a week arrived at another stream, by simulation, with intervals."""
    return transferred_load(actor=request.actor, **asked.dict())


@router.get("/streams/{uuid:stream_id}/dependencies", response=StreamDependencies)
def stream_dependencies(request: ApiRequest, stream_id: UUID) -> StreamDependencies:
    """What a stream waits for, what waits for it, its longest chains and its circles."""
    return look_at_dependencies(actor=request.actor, stream_id=stream_id)


@router.get("/streams/between-quarters", response=BetweenQuarters)
def between_quarters(request: ApiRequest, quarter: str | None = None) -> BetweenQuarters:
    """What came unplanned, was changed and was cancelled in a quarter (`2026-Q1`; left out: the latest)."""
    return review_of_quarter(actor=request.actor, quarter=quarter)


@router.get("/streams/between-quarters/items", response=QuarterItems)
def quarter_items(request: ApiRequest, asked: Query[QuarterRows]) -> QuarterItems:
    """The items behind a list of a quarter, those with most days spent first."""
    return look_at_quarter_items(actor=request.actor, **asked.dict())


@router.get("/definitions", response=list[MetricDefinition])
@paginate
def metric_definitions(request: ApiRequest) -> list[MetricDefinition]:
    """What the figures mean."""
    return definitions.metric_definitions(actor=request.actor)


@router.get("/definitions/{metric}", response=MetricDefinition)
def metric_definition(request: ApiRequest, metric: str) -> MetricDefinition:
    """What one figure means."""
    return definitions.metric_definition(actor=request.actor, metric=metric)


def _kinds(sent: Changes) -> list[KindChange]:
    return [KindChange(**one.dict()) for one in sent.kinds]


def _changes(sent: Changes) -> list[RuleChange]:
    return [RuleChange(**one.dict()) for one in sent.changes]


@router.get("/streams/{stream_id}/projects", response=StreamProjects)
def stream_projects(
    request: ApiRequest, stream_id: UUID, lake_name: Annotated[list[str] | None, Query(max_length=100)] = None
) -> StreamProjects:
    """Over which projects of the lake a stream goes. `lake_name`: over which it might; shows the effect."""
    return projects_of_stream(actor=request.actor, stream_id=stream_id, lake_names=lake_name)


@router.put("/streams/{stream_id}/projects", response=StreamProjects)
def set_stream_projects(request: ApiRequest, stream_id: UUID, sent: Projects) -> StreamProjects:
    """Let a stream go over some projects of the lake from today on, and have it computed over all of them."""
    return project_services.set_stream_projects(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.get("/streams/{stream_id}/declaration", response=DeclaredStream)
def declared_stream(request: ApiRequest, stream_id: UUID) -> DeclaredStream:
    """What people have declared about a stream: how it is counted and what it is measured against."""
    return declaration_of(actor=request.actor, stream_id=stream_id)


@router.post("/streams/{stream_id}/declaration/effect", response=FilterEffect)
def filter_effect(request: ApiRequest, stream_id: UUID, sent: Filtering) -> FilterEffect:
    """How many items some types and filters would leave, without declaring them."""
    wanted = DECLARED.validate_python(sent.dict())
    return effect_of_filters(actor=request.actor, stream_id=stream_id, types=wanted.types, filters=wanted.filters)


@router.put("/streams/{stream_id}/declaration", response=DeclaredStream)
def declare_stream(request: ApiRequest, stream_id: UUID, sent: Declaration) -> DeclaredStream:
    """Declare everything about a stream anew; its figures are computed with it."""
    given = sent.model_dump(exclude={"revision"})
    declared = DECLARED.validate_python(given)
    return declaration.declare_stream(
        actor=request.actor, stream_id=stream_id, declared=declared, revision=sent.revision
    )


class Word(Schema):
    """What is said about one way of the work, or about all that are shown."""

    judgement: Judgement = Field(description="`usual`, `unwanted`, `log_wrong` (both with a reason) or `withdrawn`.")
    variant: str | None = Field(None, max_length=40, description="Key of the way; left out: the whole picture.")
    picture: str | None = Field(None, max_length=40, description="What stands for the ways shown, as it was read.")
    reason: str = Field("", max_length=2000)
    period: str = Field(DEFAULT, max_length=20, description="`13w`, `26w`, `52w` or `all`.")
    show: int = Field(80, description="Which part of the items the ways cover: 80, 95 or 100 percent.")


class Owner(Schema):
    """Who is accountable for a step."""

    state: str = Field(max_length=2000)
    unit_id: UUID | None = Field(None, description="Left out: nobody.")


class Owners(Schema):
    """Who is accountable from today on; steps that are not named stay."""

    owners: list[Owner] = Field(max_length=5000)
    revision: str = Field(max_length=100, description="Of what is declared, as it was read.")


@router.get("/streams/{uuid:stream_id}/variants", response=StreamVariants)
def stream_variants(request: ApiRequest, stream_id: UUID, period: str = DEFAULT, show: int = 80) -> StreamVariants:
    """The ways by which the finished work really went, their steps, and what the team says about them."""
    return ways_of_stream(actor=request.actor, stream_id=stream_id, period=period, show=show)


@router.post("/streams/{uuid:stream_id}/variants", response=StreamVariants)
def say_about_variants(request: ApiRequest, stream_id: UUID, sent: Word) -> StreamVariants:
    """Say of a way that it is meant, that it should not happen, or that the log is wrong there."""
    return variant_services.say_about_variants(actor=request.actor, stream_id=stream_id, **sent.dict())


@router.get("/streams/{uuid:stream_id}/responsibility", response=StreamResponsibility)
def stream_responsibility(request: ApiRequest, stream_id: UUID, period: str = DEFAULT) -> StreamResponsibility:
    """Which unit is accountable for each step, which steps have none, and what lies there."""
    return responsibility_of_stream(actor=request.actor, stream_id=stream_id, period=period)


@router.put("/streams/{uuid:stream_id}/responsibility", response=StreamResponsibility)
def change_responsibility(request: ApiRequest, stream_id: UUID, sent: Owners) -> StreamResponsibility:
    """Say from today on which units are accountable for steps."""
    return responsibility_services.change_responsibility(
        actor=request.actor,
        stream_id=stream_id,
        owners=[StepOwner(**one.dict()) for one in sent.owners],
        revision=sent.revision,
    )
