"""What streams are called in the lake: by one name, or by those of several projects that are read as one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import F, Q

from pegel_web.core.reading import once
from pegel_web.flow.models import StreamProject, ValueStream


def names_in_lake(row: ValueStream) -> tuple[str, ...]:
    """Return what a stream is called in the lake, its first name first, the others in the order of their joining."""
    return (row.lake_name, *(name for stream, name, _ in _further() if stream == row.id))


def joined_names() -> dict[str, str]:
    """Return the names of the lake that are read as the first name of the stream to which they belong."""
    return {name: first for _, name, first in _further()}


def _further() -> tuple[tuple[UUID, str, str], ...]:
    """Return (stream, name, first name of the stream) of the names that are joined today: few, and read once."""

    def read() -> tuple[tuple[UUID, str, str], ...]:
        rows = StreamProject.objects.everything(because="which names belong together, of streams that the caller knows")
        mine = rows.filter(valid_until=None).exclude(lake_name=F("stream__lake_name"))
        return tuple(
            mine.order_by("valid_from", "lake_name").values_list("stream_id", "lake_name", "stream__lake_name")
        )

    return once("names joined to streams", read)


def with_name_like(text: str) -> list[UUID]:
    """Return the streams to which a name is joined that contains a text."""
    return [stream for stream, name, _ in _further() if text.casefold() in name.casefold()]


def taken_names(day: date) -> set[str]:
    """Return the names of the lake that belong to a stream on a day."""
    rows = ValueStream.objects.everything(because="which names are taken, not whose they are")
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    first = set(rows.filter(valid).values_list("lake_name", flat=True))
    joined = StreamProject.objects.everything(because="the same").filter(valid_until=None)
    return first | set(joined.values_list("lake_name", flat=True))


def streams_by_name(names: Iterable[str]) -> dict[str, UUID]:
    """Return which stream each of some names of the lake belongs to today; those that nobody has taken are missing."""
    wanted = list(names)
    rows = ValueStream.objects.everything(because="whose a name of the lake is").filter(valid_until=None)
    found = dict(rows.filter(lake_name__in=wanted).values_list("lake_name", "id"))
    joined = StreamProject.objects.everything(because="the same").filter(valid_until=None, lake_name__in=wanted)
    return found | dict(joined.values_list("lake_name", "stream_id"))
