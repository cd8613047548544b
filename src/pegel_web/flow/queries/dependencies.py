"""What one stream waits for, what waits for it, and the chains and circles of its items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

import polars as pl

from pegel.network import chains_of
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.network import ChainLink, NetworkEdge, StreamDependencies
from pegel_web.flow.queries.network import cases_seen, edges_seen
from pegel_web.flow.queries.network_kept import KeptNetwork, kept_network
from pegel_web.flow.queries.streams import seen_stream, stream_of
from pegel_web.organisation.queries.structure import structure_on


def stream_dependencies(*, actor: Actor, stream_id: UUID) -> StreamDependencies:
    """Return what a stream waits for and what waits for it; items of streams that the actor may not open stay unnamed.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``network_not_computed`` while it is being replaced.
    """
    row = seen_stream(actor, stream_id)
    language = cast(Language, actor.language)
    kept = kept_network(actor)
    if kept is None:
        return StreamDependencies(
            stream=stream_of(row, structure_on(actor.at.date())), status="no_data",
            sentence=say("flow.network.not_computed", language), unit="days", waits_for=(), waited_by=(), inside=0,
            longest=(), oldest=(), oldest_days=None, circles=(), withheld=False, freshness=None,
        )  # fmt: skip
    name, few = row.lake_name, row.lake_name in kept.withheld
    cases = cases_seen(kept).filter((pl.col("from_stream") == name) | (pl.col("to_stream") == name))
    edges = edges_seen(kept, cases, language)
    waits_for = tuple(one for one in edges if one.to_id == row.id)
    waited_by = tuple(one for one in edges if one.from_id == row.id)
    still = kept.table("open").collect()
    chains = chains_of(still, name)
    known = _links(kept, still)
    there = kept.payload["status"] == "value"
    return StreamDependencies(
        stream=stream_of(row, kept.structure),
        status="value" if there else "not_configured",
        sentence=_sentence(waits_for, waited_by, few=few, language=language, unit=kept.payload["unit"])
        if there
        else say(f"reason.{kept.payload['reason']}", language),
        unit=kept.payload["unit"],
        waits_for=waits_for,
        waited_by=waited_by,
        inside=still.filter((pl.col("blocker_stream") == name) & (pl.col("blocked_stream") == name)).height,
        longest=_chain(chains.longest, known),
        oldest=_chain(chains.oldest, known),
        oldest_days=None if few or not chains.oldest else chains.oldest_days,
        circles=tuple(_chain(group, known) for group in chains.cycles),
        withheld=few,
        freshness=kept.freshness,
    )


def _chain(items: Iterable[int], known: Mapping[int, ChainLink]) -> tuple[ChainLink, ...]:
    return tuple(known[item] for item in items)


def _links(kept: KeptNetwork, still: pl.DataFrame) -> dict[int, ChainLink]:
    found: dict[int, ChainLink] = {}
    for number, name, stream in [
        *still.select("blocker", "from_name", "blocker_stream").iter_rows(),
        *still.select("blocked", "to_name", "blocked_stream").iter_rows(),
    ]:
        found[number] = ChainLink(item=name if stream in kept.opened else None, stream=kept.names.get(stream))
    return found


def _sentence(
    waits_for: tuple[NetworkEdge, ...],
    waited_by: tuple[NetworkEdge, ...],
    *,
    few: bool,
    language: Language,
    unit: str,
) -> str:
    """Return what it waits for most, and how much waits for it now."""
    if few:
        return say("reason.stream_group_too_small", language)
    told = [one for one in waits_for if one.kind == "blocks" and one.waited_days]
    said = []
    if told:
        most = max(told, key=lambda one: one.waited_days or 0.0)
        time = duration(most.waited_days or 0.0, language, unit=unit)
        said.append(say("flow.dependencies.most", language, stream=most.from_name, time=time, n=most.volume))
    else:
        said.append(say("flow.dependencies.for_nobody", language))
    now = sum(one.open for one in waited_by if one.kind == "blocks")
    code = "flow.dependencies.blocks" if now else "flow.dependencies.blocks_none"
    said.append(say(code, language, n=now))
    return " ".join(said)
