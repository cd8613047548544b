"""A value stream, and what the lake holds that nobody answers for yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A value stream. ``lake_names``: what it is called in the lake, the names of all its projects; ``lake_name``: the
    first of them, by which results call it. ``unit_name``: as of the day of the request.
    """

    id: UUID
    name: str
    lake_name: str
    lake_names: tuple[str, ...]
    unit_id: UUID
    unit_name: str
    product_id: UUID | None
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeStream:
    """A stream of the lake: how many items, the moment of its last event (None: it has none)."""

    lake_name: str
    items: int
    latest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeView:
    """What the lake held when it was last looked at. ``read_at`` None: there is no lake yet, or nobody has looked.

    ``unclaimed``: its streams that no value stream stands for; empty for people who may not adopt any.
    """

    read_at: datetime | None
    imports: int
    unclaimed: tuple[LakeStream, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old an answer is.

    ``data_at``: the last event it rests on. ``data_days``: whole days from then to the request. ``computed_at``: when
    it was computed. ``stale``: the lake or the meaning of the states has changed since.
    """

    data_at: datetime
    data_days: int
    computed_at: datetime
    stale: bool
