"""The value stream network: whom an actor's streams wait for, and who waits for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast
from uuid import UUID

import polars as pl

from pegel.charts import network as drawing
from pegel.charts.drawing import specification
from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import from_us
from pegel.flow.answer import Status as Answered
from pegel.network import Dependencies, StreamNetwork, edges_of
from pegel.network.dependencies import DEFINITION as DEPENDENCIES
from pegel.network.moves import PEOPLE
from pegel.network.streams import CASES, DEFINITION, NODES
from pegel.words import Language, say
from pegel.words.names import term
from pegel.words.network import network_sentences
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.contracts.network import (
    Dependency,
    DependencyList,
    NetworkDrawing,
    NetworkEdge,
    NetworkNode,
    ValueStreamNetwork,
)
from pegel_web.flow.queries.items import MOST
from pegel_web.flow.queries.network_kept import KeptNetwork, kept_network
from pegel_web.flow.queries.streams import ITEMS, seen_stream, stream_of

#: Stands for every stream that the actor may not see; no stream of a lake has an empty name.
_HIDDEN: Final = ""
KINDS: Final = ("blocks", "moves", "parent", "relates")


def stream_network(*, actor: Actor) -> ValueStreamNetwork:
    """Return who waits for whom among the streams that an actor may see; all others are "another stream".

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``network_not_computed`` while it is being replaced.
    """
    language = cast(Language, actor.language)
    kept = kept_network(actor)
    if kept is None:
        return ValueStreamNetwork(
            status="no_data", sentence=say("flow.network.not_computed", language), sentences=(), unit="days",
            weeks=0.0, nodes=(), edges=(), circles=(), freshness=None,
        )  # fmt: skip
    edges = edges_seen(kept, cases_seen(kept), language)
    nodes = _nodes(kept, edges)
    first, *others = _sentences(kept, nodes, edges, language)
    return ValueStreamNetwork(
        status="value" if kept.payload["status"] == "value" else "not_configured",
        sentence=first,
        sentences=tuple(others),
        unit=kept.payload["unit"],
        weeks=kept.payload["weeks"],
        nodes=nodes,
        edges=edges,
        circles=_circles(kept),
        freshness=kept.freshness,
    )


def network_chart(found: ValueStreamNetwork, *, actor: Actor) -> NetworkDrawing | None:
    """Return the drawing of a network as the actor may see it; None: there is no waiting to draw."""
    language = cast(Language, actor.language)
    drawn = _library(found.nodes, found.edges, found.circles, found.unit, found.weeks)
    if not drawing.arrows(drawn, language):
        return None
    drawn_up = specification(lambda: drawing.chart(drawn, language))
    return NetworkDrawing(specification=drawn_up, sentence=drawing.sentence(drawn, language))


def dependency_items(
    *,
    actor: Actor,
    from_id: UUID,
    to_id: UUID,
    kind: str = "blocks",
    offset: int = 0,
    limit: int | None = MOST,
) -> DependencyList:
    """Return the items behind an edge: what is waited for and what waits, the open cases first. Nobody is named.

    ``kind``: blocks, moves, parent or relates. ``limit`` None: all of them. Where too few people stand behind one of
    the streams, the waiting is left out.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``network_not_computed``. NotAllowedError: ``not_allowed`` unless the actor may
    see the items of both streams. InputError: ``edge_kind_unknown``.
    """
    if kind not in KINDS:
        raise InputError("edge_kind_unknown", name=kind[:100], known=list(KINDS))
    rows = [seen_stream(actor, one) for one in (from_id, to_id)]
    for row in rows:
        if not actor.allows(ITEMS, unit=row.unit_id):
            raise NotAllowedError("not_allowed", permission=ITEMS)
    kept = kept_network(actor)
    if kept is None:
        raise NotFoundError("network_not_computed")
    giver, taker = (row.lake_name for row in rows)
    hidden = bool({giver, taker} & kept.withheld)
    found = (
        kept.table("cases")
        .filter((pl.col("from_stream") == giver) & (pl.col("to_stream") == taker) & (pl.col("kind") == kind))
        .sort(~pl.col("open"), -pl.col("waited_days").fill_null(0.0), "came_us", "from_name", "to_name")
        .collect()
    )
    return DependencyList(
        giver=stream_of(rows[0], kept.structure),
        taker=stream_of(rows[1], kept.structure),
        kind=kind,
        kind_name=term("edge", kind, cast(Language, actor.language)),
        unit=kept.payload["unit"],
        total=found.height,
        offset=max(0, offset),
        rows=tuple(
            Dependency(
                from_item=one["from_name"] or "",
                to_item=one["to_name"] or "",
                open=one["open"],
                came_at=None if one["came_us"] is None else from_us(one["came_us"]),
                served_at=None if one["served_us"] is None else from_us(one["served_us"]),
                waited_days=None if hidden else one["waited_days"],
            )
            for one in found.slice(max(0, offset), limit).iter_rows(named=True)
        ),
        freshness=kept.freshness,
    )


def cases_seen(kept: KeptNetwork) -> pl.DataFrame:
    """Return the cases that touch a stream which the actor sees; the others are all called ``_HIDDEN``.

    ``few``: too few people stand behind one of the two streams.
    """
    seen = list(kept.seen)
    few = pl.col("from_stream").is_in(list(kept.withheld)) | pl.col("to_stream").is_in(list(kept.withheld))
    return (
        kept.table("cases")
        .filter(pl.col("from_stream").is_in(seen) | pl.col("to_stream").is_in(seen))
        .select(*CASES, few=few)
        .with_columns(
            pl.when(pl.col(end).is_in(seen)).then(pl.col(end)).otherwise(pl.lit(_HIDDEN)).alias(end)
            for end in ("from_stream", "to_stream")
        )
        .collect()
    )


def edges_seen(kept: KeptNetwork, cases: pl.DataFrame, language: Language) -> tuple[NetworkEdge, ...]:
    """Return the edges that some cases make; see ``cases_seen``."""
    few = set(cases.filter("few").select("from_stream", "to_stream", "kind").unique().iter_rows())
    table = edges_of(cases, weeks=max(kept.payload["weeks"], 1 / 7), middle_us=kept.payload["middle_us"])
    found = []
    for row in table.iter_rows(named=True):
        giver, taker, kind = row["from_stream"], row["to_stream"], row["kind"]
        hidden = (giver, taker, kind) in few
        told = {
            name: None if hidden else row[name]
            for name in ("per_week", "waited_days", "p50_days", "p85_days", "overtaken", "first_half", "second_half")
        }
        found.append(
            NetworkEdge(
                from_id=kept.seen[giver].id if giver else None,
                from_name=kept.names[giver] if giver else say("flow.network.another", language),
                to_id=kept.seen[taker].id if taker else None,
                to_name=kept.names[taker] if taker else say("flow.network.another", language),
                kind=kind,
                kind_name=term("edge", kind, language),
                volume=row["volume"],
                open=row["open"],
                withheld=hidden,
                may_see_items={giver, taker} <= kept.opened,
                **told,
            )
        )
    return tuple(found)


def _nodes(kept: KeptNetwork, edges: tuple[NetworkEdge, ...]) -> tuple[NetworkNode, ...]:
    found = []
    for lake_name, row in kept.seen.items():
        figures = kept.figures.get(lake_name)
        if figures is None:
            continue
        hidden = lake_name in kept.withheld
        blocking = [one for one in edges if one.kind == "blocks" and not one.withheld]
        found.append(
            NetworkNode(
                stream_id=row.id,
                name=kept.names[lake_name],
                load=figures["load"],
                finished_per_week=None if hidden else figures["finished_per_week"],
                waits_days=None if hidden else _sum(one for one in blocking if one.to_id == row.id),
                waited_for_days=None if hidden else _sum(one for one in blocking if one.from_id == row.id),
                withheld=hidden,
            )
        )
    return tuple(sorted(found, key=lambda one: (-(one.waited_for_days or 0.0), one.name)))


def _sum(edges: object) -> float:
    return sum(one.waited_days or 0.0 for one in cast("list[NetworkEdge]", edges))


def _circles(kept: KeptNetwork) -> tuple[tuple[str, ...], ...]:
    seen = set(kept.seen)
    return tuple(tuple(kept.names[one] for one in group) for group in kept.payload["cycles"] if set(group) <= seen)


def _sentences(
    kept: KeptNetwork, nodes: tuple[NetworkNode, ...], edges: tuple[NetworkEdge, ...], language: Language
) -> list[str]:
    if kept.payload["status"] != "value":
        return [say(f"reason.{kept.payload['reason']}", language)]
    known = tuple(one for one in edges if one.from_id is not None and one.to_id is not None)
    still = sum(one.open for one in edges if one.kind == "blocks")
    network = _library(nodes, known, _circles(kept), kept.payload["unit"], kept.payload["weeks"])
    return network_sentences(replace(network, dependencies=replace(network.dependencies, open=still)), language, {})


def _library(
    nodes: tuple[NetworkNode, ...],
    edges: tuple[NetworkEdge, ...],
    circles: tuple[tuple[str, ...], ...],
    unit: str,
    weeks: float,
) -> StreamNetwork:
    """Return what the actor sees as the library knows it, without what is withheld, for its words and its drawing."""
    told = [one for one in edges if not one.withheld]
    waited: dict[str, float] = {}
    for one in told:
        for name in (one.from_name, one.to_name):
            waited.setdefault(name, 0.0)
        if one.kind == "blocks":
            waited[one.from_name] += one.waited_days or 0.0
    load = {one.name: one for one in nodes}
    table = pl.DataFrame(
        [
            {
                "stream": name,
                "load": load[name].load if name in load else None,
                "waits_days": None,
                "waited_for_days": days,
                "finished_per_week": load[name].finished_per_week if name in load else None,
            }
            for name, days in sorted(waited.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        schema=NODES,
    )
    most = next(((one.name, one.waited_for_days) for one in nodes if one.waited_for_days), (None, 0.0))
    return StreamNetwork(
        definition=DEFINITION,
        status=Answered.VALUE,
        unit=unit,
        weeks=weeks,
        most_waited_for=most[0],
        most_waited_days=most[1] or 0.0,
        cycles=circles,
        nodes=table,
        edges=_edge_table(told),
        cases=pl.DataFrame(schema=CASES),
        teams=pl.DataFrame(),
        people=pl.DataFrame(schema=PEOPLE),
        people_status=Answered.NOT_CONFIGURED,
        dependencies=Dependencies(definition=DEPENDENCIES, status=Answered.VALUE, unit=unit, board=pl.DataFrame()),
    )


def _edge_table(edges: list[NetworkEdge]) -> pl.DataFrame:
    schema = {
        "from_stream": pl.String(), "to_stream": pl.String(), "kind": pl.String(), "volume": pl.Int64(),
        "open": pl.Int64(), "waited_days": pl.Float64(),
    }  # fmt: skip
    rows = [
        {
            "from_stream": one.from_name, "to_stream": one.to_name, "kind": one.kind, "volume": one.volume,
            "open": one.open, "waited_days": one.waited_days,
        }
        for one in edges
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema)
