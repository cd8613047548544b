"""The pages of who waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.network import (
    ChainLink,
    DependencyList,
    LakeFreshness,
    NetworkDrawing,
    NetworkEdge,
    StreamDependencies,
    ValueStreamNetwork,
)
from pegel_web.flow.pages.addresses import definition_href
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.ui.components import (
    Action,
    Chart,
    Column,
    EmptyState,
    Missing,
    Notice,
    PageHeader,
    Table,
    table_of,
)
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now

#: Links of a chain that are listed; a circle of thousands is told by its number.
MOST_LINKS = 30


def network_page(request: HttpRequest, found: ValueStreamNetwork, chart: NetworkDrawing | None) -> dict[str, Any]:
    """Return the context of the network."""
    language = language_now()
    title = say("flow.network.title", language)
    there = found.status == "value"
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.network.lead", language),
            breadcrumbs=((say("flow.overview.title", language), reverse("streams")), (title, None)),
            actions=[Action(label=say("flow.transfer.link", language), href=reverse("load_transfer"))]
            if len(found.nodes) > 1
            else [],
        ),
        "tabs": section_tabs(request, "stream_network"),
        "notices": freshness_notices(found.freshness, language),
        "found": found,
        "there": there,
        "empty": None if there else _empty(found, language),
        "chart": None
        if chart is None
        else Chart(
            identity="chart-network",
            specification=chart.specification,
            summary=chart.sentence,
            title=say("flow.network.drawing", language),
        ),
        "circles": [" ↔ ".join(group) for group in found.circles],
        "edges": edge_table(request, found.edges, language, identity="edges"),
        "nodes": _nodes(request, found, language),
        "definition_href": definition_href("value_stream_network"),
    }


def dependencies_page(request: HttpRequest, found: StreamDependencies) -> dict[str, Any]:
    """Return the context of what one stream waits for."""
    language = language_now()
    title = say("flow.dependencies.title", language, name=found.stream.name)
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.dependencies.lead", language),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (found.stream.name, reverse("stream", args=[found.stream.id])),
                (say("flow.tabs.stream_dependencies", language), None),
            ),
            actions=[Action(label=say("flow.dependencies.network", language), href=reverse("stream_network"))],
        ),
        "tabs": stream_tabs(request, found.stream, "stream_dependencies"),
        "notices": freshness_notices(found.freshness, language),
        "found": found,
        "empty": None
        if found.status == "value"
        else EmptyState(
            title=say(f"status.{found.status}", language),
            text=found.sentence,
            action_label=say("flow.dependencies.network", language),
            action_href=reverse("stream_network"),
        ),
        "waits_for": edge_table(request, found.waits_for, language, identity="waits_for"),
        "waited_by": edge_table(request, found.waited_by, language, identity="waited_by"),
        "chains": _chains(found, language),
        "circles": [_listed(group, language) for group in found.circles],
        "inside": say("flow.dependencies.inside", language, n=found.inside) if found.inside else "",
    }


def dependency_items_page(request: HttpRequest, found: DependencyList) -> dict[str, Any]:
    """Return the context of the items behind an edge."""
    language = language_now()
    title = f"{found.giver.name} {found.kind_name} {found.taker.name}"
    cut = len(found.rows) < found.total
    said = say("flow.items.cut", language, shown=len(found.rows), total=found.total)
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.network.items_lead", language, n=found.total),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (say("flow.network.title", language), reverse("stream_network")),
                (title, None),
            ),
        ),
        "notice": Notice(kind="info", text=said) if cut else None,
        "table": _cases(request, found, language),
    }


def edge_table(request: HttpRequest, edges: Sequence[NetworkEdge], language: Language, *, identity: str) -> Table:
    """Return edges as a table: from, to, how many, how long they waited, how many block now, in which order."""
    rows = [
        {
            "from": one.from_name,
            "from_href": _stream_href(one.from_id),
            "kind": one.kind_name,
            "to": one.to_name,
            "to_href": _stream_href(one.to_id),
            "volume": one.volume,
            "href": items_href(one),
            "open": one.open if one.kind in ("blocks", "moves") else None,
            "waited": _told(one, one.waited_days),
            "p50": _told(one, one.p50_days),
            "p85": _told(one, one.p85_days),
            "order": _order(one, language),
            "trend": Missing.TOO_FEW if one.withheld else f"{one.first_half} → {one.second_half}",
        }
        for one in edges
    ]
    return table_of(
        request,
        identity=identity,
        caption=say(f"flow.network.caption.{identity}", language),
        columns=(
            Column(key="from", label=say("column.from_stream", language), href_key="from_href"),
            Column(key="kind", label=say("column.edge", language)),
            Column(key="to", label=say("column.to_stream", language), href_key="to_href"),
            Column(key="volume", label=say("column.volume", language), kind="number", href_key="href"),
            Column(key="open", label=say("flow.network.blocking_now", language), kind="number"),
            Column(key="waited", label=say("column.waited_days", language), kind="days"),
            Column(key="p50", label=say("column.edge_p50", language), kind="days"),
            Column(key="p85", label=say("column.edge_p85", language), kind="days"),
            Column(key="order", label=say("flow.network.order", language)),
            Column(key="trend", label=say("flow.network.trend", language), sortable=False),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.network.none_title", language), text=say(f"flow.network.none.{identity}", language)
        ),
    )


def freshness_notices(found: LakeFreshness | None, language: Language) -> list[Notice]:
    """Return what to say about the age of a result about the whole lake; nothing where it is current."""
    if found is None or not found.stale:
        return []
    return [Notice(kind="info", text=say("flow.network.stale", language))]


def items_href(one: NetworkEdge) -> str | None:
    """Return the address of the items behind an edge; None where the person may not see them."""
    if not one.may_see_items or one.from_id is None or one.to_id is None:
        return None
    wanted = {"from": one.from_id, "to": one.to_id, "kind": one.kind}
    return f"{reverse('dependency_items')}?{urlencode(wanted)}"


def _stream_href(stream_id: object) -> str | None:
    return None if stream_id is None else reverse("stream_dependencies", args=[stream_id])


def _told(one: NetworkEdge, value: float | None) -> object:
    if one.withheld:
        return Missing.TOO_FEW
    return value


def _order(one: NetworkEdge, language: Language) -> object:
    """Return whether those who came first were served first."""
    if one.withheld:
        return Missing.TOO_FEW
    if one.overtaken is None:
        return None
    if one.overtaken == 0:
        return say("flow.network.in_order", language)
    return say("flow.network.overtaken", language, share=written(one.overtaken, "percent", language))


def _empty(found: ValueStreamNetwork, language: Language) -> EmptyState:
    return EmptyState(
        title=say(f"status.{found.status}", language),
        text=found.sentence,
        action_label=say("flow.network.to_streams", language),
        action_href=reverse("streams"),
    )


def _nodes(request: HttpRequest, found: ValueStreamNetwork, language: Language) -> Table:
    rows = [
        {
            "name": one.name,
            "href": reverse("stream_dependencies", args=[one.stream_id]),
            "load": one.load,
            "finished": Missing.TOO_FEW if one.withheld else one.finished_per_week,
            "waited_for": Missing.TOO_FEW if one.withheld else one.waited_for_days,
            "waits": Missing.TOO_FEW if one.withheld else one.waits_days,
        }
        for one in found.nodes
    ]
    return table_of(
        request,
        identity="nodes",
        caption=say("flow.network.caption.nodes", language),
        columns=(
            Column(key="name", label=say("column.stream", language), href_key="href"),
            Column(key="load", label=say("metric.flow_load.label", language), kind="number"),
            Column(key="finished", label=say("flow.network.finished", language), kind="number"),
            Column(key="waited_for", label=say("flow.network.waited_for", language), kind="days"),
            Column(key="waits", label=say("flow.network.waits", language), kind="days"),
        ),
        rows=rows,
        empty=EmptyState(title=say("flow.network.none_title", language), text=say("flow.network.none.nodes", language)),
    )


def _chains(found: StreamDependencies, language: Language) -> list[dict[str, Any]]:
    """Return the longest chains; the same one twice is told once."""
    chains = []
    if len(found.longest) > 1:
        chains.append(
            {
                "title": say("flow.dependencies.longest", language, n=len(found.longest)),
                "links": _listed(found.longest, language),
            }
        )
    if found.oldest != found.longest and len(found.oldest) > 1 and found.oldest_days is not None:
        days = written(found.oldest_days, "days", language)
        title = say("flow.dependencies.oldest", language, days=days)
        chains.append({"title": title, "links": _listed(found.oldest, language)})
    return chains


def _listed(links: Sequence[ChainLink], language: Language) -> list[str]:
    said = [_link(one, language) for one in links[:MOST_LINKS]]
    if len(links) > MOST_LINKS:
        said.append(say("flow.dependencies.more", language, n=len(links) - MOST_LINKS))
    return said


def _link(one: ChainLink, language: Language) -> str:
    item = one.item or say("flow.dependencies.an_item", language)
    return f"{item} ({one.stream or say('flow.network.another', language)})"


def _cases(request: HttpRequest, found: DependencyList, language: Language) -> Table:
    rows = [
        {
            "from": one.from_item,
            "to": one.to_item,
            "open": say("yes" if one.open else "no", language),
            "came": one.came_at if one.came_at is not None else Missing.NO_DATA,
            "served": one.served_at,
            "waited": one.waited_days,
        }
        for one in found.rows
    ]
    moves = found.kind == "moves"
    heads = ("flow.network.moved_item", "") if moves else ("flow.network.from_item", "flow.network.to_item")
    return table_of(
        request,
        identity="items",
        caption=say("flow.network.caption.items", language),
        columns=(
            Column(key="from", label=say(heads[0], language)),
            *(() if moves else (Column(key="to", label=say(heads[1], language)),)),
            Column(key="open", label=say("flow.network.open", language)),
            Column(key="came", label=say("column.since", language), kind="date"),
            Column(key="served", label=say("flow.network.served", language), kind="date"),
            Column(key="waited", label=say("column.waited_days", language), kind="days"),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.items.none_title", language),
            text=say("flow.network.none.items", language),
            action_label=say("flow.network.title", language),
            action_href=reverse("stream_network"),
        ),
    )
