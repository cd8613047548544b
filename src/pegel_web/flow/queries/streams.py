"""Which streams there are, whose they are, and what the lake holds that nobody answers for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from pegel.errors import NotFoundError
from pegel.eventlog.schema import from_us
from pegel_web.core.actor import Actor
from pegel_web.core.reading import once
from pegel_web.flow.computing.versions import version_of
from pegel_web.flow.contracts.streams import Freshness, LakeStream, LakeView, Stream
from pegel_web.flow.models import LakeReading, StreamSelection, StreamSnapshot, ValueStream
from pegel_web.flow.queries.names import names_in_lake, taken_names
from pegel_web.organisation.queries.structure import Structure

VIEW: Final = "flow.stream.view"
CHANGE: Final = "flow.stream.change"
ITEMS: Final = "flow.item.view"
REFRESH: Final = "flow.refresh.run"


def visible_streams(actor: Actor) -> QuerySet[ValueStream]:
    """Return the streams of today that an actor may see, by name."""
    found = ValueStream.objects.visible_to(actor).filter(_valid_on(actor.at.date()))
    return cast("QuerySet[ValueStream]", found.order_by("name", "id"))


def streams_seen(actor: Actor) -> tuple[ValueStream, ...]:
    """Return the same as rows, read once per request."""
    return once(("streams", actor), lambda: tuple(visible_streams(actor)))


def seen_stream(actor: Actor, stream_id: UUID) -> ValueStream:
    """Return a stream that an actor may see.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see.
    """
    row = once(("stream", actor, stream_id), lambda: visible_streams(actor).filter(pk=stream_id).first())
    if row is None:
        raise NotFoundError("stream_unknown", id=stream_id)
    return row


def may_refresh(actor: Actor, unit_id: UUID) -> bool:
    """Tell whether an actor may have the streams of a unit computed."""
    return actor.has(REFRESH) or actor.allows(CHANGE, unit=unit_id)


def stream_of(row: ValueStream, structure: Structure) -> Stream:
    """Return a stream as others see it."""
    node = structure.nodes.get(row.unit_id)
    return Stream(
        id=row.id,
        name=row.name,
        lake_name=row.lake_name,
        lake_names=names_in_lake(row),
        unit_id=row.unit_id,
        unit_name="" if node is None else node.name,
        product_id=row.product_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def reading() -> LakeReading | None:
    """Return what the lake held when it was last read."""
    return once("lake reading", lambda: LakeReading.objects.filter(number=1).first())


def lake_view(actor: Actor, known: LakeReading | None) -> LakeView:
    """Return what an actor may know of the lake."""
    if known is None:
        return LakeView(read_at=None, imports=0, unclaimed=())
    listed: tuple[LakeStream, ...] = ()
    if actor.has(CHANGE):
        claimed = taken_names(actor.at.date())
        listed = tuple(_lake_stream(one) for one in known.streams if one["lake_name"] not in claimed)
    return LakeView(read_at=known.read_at, imports=known.imports, unclaimed=listed)


def lake_streams(*, actor: Actor) -> tuple[LakeStream, ...]:
    """Return the streams of the lake that no value stream stands for.

    Raises
    ------
    NotAllowedError: ``not_allowed`` for people who may not adopt any.
    """
    if not actor.has(CHANGE):
        actor.require(CHANGE)
    return lake_view(actor, reading()).unclaimed


def versions_of(known: LakeReading | None) -> dict[str, str]:
    """Return the version of each stream of the lake, by its name there."""
    return {} if known is None else {one["lake_name"]: one["version"] for one in known.streams}


def streams_valid_on(day: date) -> dict[str, UUID]:
    """Return which unit answers for each name of the lake on a day."""
    rows = ValueStream.objects.everything(because="only to hold the group floor, also of streams that nobody here sees")
    return dict(rows.filter(_valid_on(day)).values_list("lake_name", "unit_id"))


def freshness(
    row: ValueStream, kept: StreamSnapshot | StreamSelection, known: LakeReading | None, at: datetime
) -> Freshness:
    """Return how old a result is."""
    return Freshness(
        data_at=kept.as_of.astimezone(UTC),
        data_days=max(0, (at - kept.as_of).days),
        computed_at=kept.computed_at.astimezone(UTC),
        stale=(version_of(names_in_lake(row), versions_of(known)) or kept.lake_version) != kept.lake_version,
    )


def _lake_stream(one: dict[str, Any]) -> LakeStream:
    latest = one["latest_us"]
    return LakeStream(
        lake_name=one["lake_name"], items=one["items"], latest_at=None if latest is None else from_us(latest)
    )


def _valid_on(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
