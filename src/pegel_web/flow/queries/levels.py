"""At which level streams count, as last computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from pegel_web.flow.computing.levels import LEVEL
from pegel_web.flow.contracts.rollup import CountingLevel
from pegel_web.flow.models import SnapshotKind, StreamSnapshot


def kept_levels(streams: Iterable[UUID]) -> Mapping[UUID, CountingLevel]:
    """Return what is known of some streams that the caller may see; those that are not computed are missing."""
    kept = StreamSnapshot.objects.everything(because="of streams that the caller may see")
    rows = kept.filter(stream__in=list(streams), kind=SnapshotKind.LEVEL, preferred=True)
    return {one.stream_id: LEVEL.validate_python(one.payload["en"]) for one in rows}
