"""The kept network, and how much of it an actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from uuid import UUID

import polars as pl

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.versions import network_version
from pegel_web.flow.contracts.network import LakeFreshness
from pegel_web.flow.models import LakeResult, LakeResultKind, ValueStream
from pegel_web.flow.place import tables_folder
from pegel_web.flow.queries.names import joined_names
from pegel_web.flow.queries.streams import ITEMS, reading, streams_seen, streams_valid_on, versions_of
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.structure import Structure, structure_on

#: Where the tables of the network lie, beside those of the streams.
FOLDER: Final = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNetwork:
    """The network of all streams, and what belongs to the actor.

    ``seen``: streams that the actor may see, by their name in the lake; ``names``: what they are called on pages;
    ``opened``: those whose single items they may see. ``withheld``: streams, seen or not, for whose figures too few
    people stand. ``figures``: what is known of each stream of the lake.
    """

    payload: dict[str, Any]
    seen: Mapping[str, ValueStream]
    names: Mapping[str, str]
    opened: frozenset[str]
    withheld: frozenset[str]
    figures: Mapping[str, dict[str, Any]]
    freshness: LakeFreshness
    structure: Structure

    def table(self, part: str) -> pl.LazyFrame:
        """Return a table behind the network: ``cases`` or ``open``; see ``computing.network``.

        Raises
        ------
        NotFoundError: ``network_not_computed``; it is being replaced just now, or somebody emptied the folder.
        """
        path = tables_folder() / FOLDER / f"{self.payload['file']}.{part}.parquet"
        if not path.is_file():
            raise NotFoundError("network_not_computed")
        return pl.scan_parquet(path)

    def lake_name(self, stream_id: UUID) -> str:
        """Return what a stream is called in the lake.

        Raises
        ------
        NotFoundError: ``stream_unknown``, also for one that the actor may not see.
        """
        found = next((name for name, row in self.seen.items() if row.id == stream_id), None)
        if found is None:
            raise NotFoundError("stream_unknown", id=stream_id)
        return found


def kept_network(actor: Actor) -> KeptNetwork | None:
    """Return the network as far as an actor may see it; None: none is computed yet.

    Raises
    ------
    NotAllowedError: ``not_allowed`` for people who may see no stream at all.
    """
    actor.require_somewhere(ValueStream.view_permission)
    kept = LakeResult.objects.filter(kind=LakeResultKind.NETWORK).first()
    if kept is None:
        return None
    seen = {row.lake_name: row for row in streams_seen(actor)}
    structure = structure_on(actor.at.date())
    versions = versions_of(reading())
    return KeptNetwork(
        payload=kept.payload,
        seen=seen,
        names=_names(seen),
        opened=frozenset(name for name, row in seen.items() if actor.allows(ITEMS, unit=row.unit_id)),
        withheld=_withheld(actor, structure, kept.payload["streams"]),
        figures={one["lake_name"]: one for one in kept.payload["streams"]},
        freshness=LakeFreshness(
            data_at=kept.as_of.astimezone(UTC),
            computed_at=kept.computed_at.astimezone(UTC),
            stale=bool(versions) and network_version(versions, joined_names()) != kept.lake_version,
        ),
        structure=structure,
    )


def _names(seen: Mapping[str, ValueStream]) -> dict[str, str]:
    """Return the names on pages; two streams of the same name are told apart by what they are called in the lake."""
    taken = [row.name for row in seen.values()]
    return {
        lake_name: row.name if taken.count(row.name) == 1 else f"{row.name} ({lake_name})"
        for lake_name, row in seen.items()
    }


def _withheld(actor: Actor, structure: Structure, streams: list[dict[str, Any]]) -> frozenset[str]:
    floor = floor_of(actor, structure)
    units = streams_valid_on(actor.at.date())
    hidden = set()
    for one in streams:
        unit, people = units.get(one["lake_name"]), one["people"]
        few = people is not None and people < floor.least if unit is None else floor.withholds(unit, people)
        if few:
            hidden.add(one["lake_name"])
    return frozenset(hidden)
