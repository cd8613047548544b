"""Looking at single items: every look is noted in the access log, whichever way it comes in."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.flow.computing.drawings import WITH_ITEMS
from pegel_web.flow.contracts.desk import DeskItem, StreamDesk
from pegel_web.flow.contracts.item import ItemLife
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.network import DependencyList, StreamDependencies
from pegel_web.flow.contracts.quarters import QuarterItems
from pegel_web.flow.contracts.reports import Selection, StreamChart, StreamReport
from pegel_web.flow.queries.dependencies import stream_dependencies
from pegel_web.flow.queries.desk import desk_item, stream_desk
from pegel_web.flow.queries.events import marked_chart
from pegel_web.flow.queries.item import stream_item
from pegel_web.flow.queries.items import MOST, stream_items
from pegel_web.flow.queries.network import dependency_items
from pegel_web.flow.queries.quarters import quarter_items
from pegel_web.flow.queries.selection import is_usual
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.flow.services.selection import chart_of, report_of
from pegel_web.privacy.services import note_access


def look_at_report(*, actor: Actor, stream_id: UUID, selection: Selection) -> StreamReport:
    """Return the report of a stream, and note the look where single items are in it; see ``selection.report_of``."""
    found = report_of(actor=actor, stream_id=stream_id, selection=selection)
    if found.content is not None and found.content.ageing.items:
        note_access(actor, "flow.report", found.stream.unit_id)
    return found


def look_at_chart(*, actor: Actor, stream_id: UUID, name: str, selection: Selection) -> StreamChart:
    """Return a drawing of a stream, and note the look where single items are in it; see ``selection.chart_of``."""
    found = chart_of(actor=actor, stream_id=stream_id, name=name, selection=selection)
    if name in WITH_ITEMS:
        note_access(actor, "flow.report", seen_stream(actor, stream_id).unit_id)
    if not is_usual(seen_stream(actor, stream_id), selection):
        # What happened is told on the usual page; an own selection may end before it.
        return found
    return marked_chart(actor=actor, stream_id=stream_id, chart=found, policy=selection.policy)


def look_at_items(
    *,
    actor: Actor,
    stream_id: UUID,
    metric: str = "flow_time",
    selection: Selection | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int | None = MOST,
) -> ItemList:
    """Return the items that a figure counts, and note the look; see ``stream_items``."""
    found = stream_items(
        actor=actor,
        stream_id=stream_id,
        metric=metric,
        selection=selection,
        state=state,
        offset=offset,
        limit=limit,
    )
    note_access(actor, "flow.items", found.stream.unit_id)
    return found


def look_at_item(*, actor: Actor, stream_id: UUID, item: str) -> ItemLife:
    """Return one item's life, and note the look; see ``stream_item``."""
    found = stream_item(actor=actor, stream_id=stream_id, item=item)
    note_access(actor, "flow.item", found.stream.unit_id)
    return found


def look_at_desk(*, actor: Actor, stream_id: UUID) -> StreamDesk:
    """Return the desk of a stream, and note the look; see ``stream_desk``."""
    found = stream_desk(actor=actor, stream_id=stream_id)
    note_access(actor, "flow.desk", found.stream.unit_id)
    return found


def look_at_desk_item(*, actor: Actor, stream_id: UUID, item: str) -> DeskItem:
    """Return what is known and said of one item at the desk, and note the look; see ``desk_item``."""
    found = desk_item(actor=actor, stream_id=stream_id, item=item)
    note_access(actor, "flow.desk", found.stream.unit_id)
    return found


def look_at_dependency_items(
    *, actor: Actor, from_id: UUID, to_id: UUID, kind: str = "blocks", offset: int = 0, limit: int | None = MOST
) -> DependencyList:
    """Return the items behind an edge of the network, and note the look at both streams; see ``dependency_items``."""
    found = dependency_items(actor=actor, from_id=from_id, to_id=to_id, kind=kind, offset=offset, limit=limit)
    for unit in sorted({found.giver.unit_id, found.taker.unit_id}):
        note_access(actor, "flow.items", unit)
    return found


def look_at_dependencies(*, actor: Actor, stream_id: UUID) -> StreamDependencies:
    """Return what a stream waits for, and note the look where items are named; see ``stream_dependencies``."""
    found = stream_dependencies(actor=actor, stream_id=stream_id)
    if any(link.item is not None for chain in (found.longest, found.oldest, *found.circles) for link in chain):
        note_access(actor, "flow.items", found.stream.unit_id)
    return found


def look_at_quarter_items(
    *, actor: Actor, stream_id: UUID, quarter: str, list_name: str, offset: int = 0, limit: int | None = MOST
) -> QuarterItems:
    """Return the items of a list of a quarter, and note the look; see ``quarter_items``."""
    found = quarter_items(
        actor=actor, stream_id=stream_id, quarter=quarter, list_name=list_name, offset=offset, limit=limit
    )
    note_access(actor, "flow.items", found.stream.unit_id)
    return found
