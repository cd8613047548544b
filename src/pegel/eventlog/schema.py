"""The tables of the event log: one model for every tool and every department.

All times are integer microseconds since 1970-01-01T00:00:00Z (column names end in ``_us``). Names are strings here;
the prepared ``intervals`` replace them by integer codes. ``row`` is the number of the source row (1 = first data row
or record) that a record came from: it is how every row of an import is accounted for, and is not stored.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = 1
SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
DAY_US: Final = 24 * HOUR_US
WEEK_US: Final = 7 * DAY_US

#: An interval that has not ended. Far outside every accepted time, small enough to subtract without overflow.
OPEN_US: Final = 2**61

#: Events outside these bounds are rejected as ``time_out_of_range``: year 0 and year 9999 are placeholders, not times.
EARLIEST_US: Final = 0
LATEST_US: Final = int((datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))

#: Longest accepted name of an item, state, type, stream or team (characters). Longer cells are broken input.
LONGEST_NAME: Final = 500
#: Longest accepted title or field value (characters); longer ones are cut, the rest is not needed for any figure.
LONGEST_TEXT: Final = 2_000

#: State of an item that exists but whose first state the log does not say.
CREATED_STATE: Final = "(created)"
#: State of an item after it was deleted in its tool.
DELETED_STATE: Final = "(deleted)"

ITEMS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "item": pl.String(),  # id in its tool, unique within the lake
    "stream": pl.String(),  # value stream it belongs to (today)
    "type": pl.String(),  # work item type (today); null: the source has none
    "parent": pl.String(),  # item id; null: none
    "created_us": pl.Int64(),  # null: unknown
    "title": pl.String(),  # only where switched on
    "attributes": pl.String(),  # JSON object of strings; null: none
}
TRANSITIONS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "item": pl.String(),
    "at_us": pl.Int64(),
    "sequence": pl.Int64(),  # order among equal times of one item
    "from_state": pl.String(),  # null: the source does not say
    "to_state": pl.String(),
    "actor": pl.String(),  # raw identity inside a Batch; pseudonymised before it is stored
}
FIELD_CHANGES: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "item": pl.String(),
    "at_us": pl.Int64(),
    "sequence": pl.Int64(),
    "field": pl.String(),  # assignee, team, priority, rank, type, stream, flag, comment_count, parent, deleted …
    "from_value": pl.String(),
    "to_value": pl.String(),
    "actor": pl.String(),
}
LINKS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "item": pl.String(),  # "item KIND other": A blocks B, A parent B (A is the parent of B) …
    "kind": pl.String(),  # blocks | parent | relates | duplicates
    "other": pl.String(),
    "at_us": pl.Int64(),  # null: unknown since when
}
REJECTS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "reason": pl.String(),  # stable code, worded in pegel.words
    "detail": pl.String(),  # the offending value, cut to 200 characters; never a person's name
}

TABLES: Final[dict[str, dict[str, pl.DataType]]] = {
    "items": ITEMS,
    "transitions": TRANSITIONS,
    "field_changes": FIELD_CHANGES,
    "links": LINKS,
    "rejects": REJECTS,
}

#: Fields of ``field_changes`` whose values name a person: pseudonymised like ``actor``.
PERSONAL_FIELDS: Final = frozenset({"assignee", "reporter", "owner"})
LINK_KINDS: Final = frozenset({"blocks", "parent", "relates", "duplicates"})


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime.

    >>> to_us(datetime(1970, 1, 2, tzinfo=UTC)) == DAY_US
    True
    """
    if moment.tzinfo is None:
        raise ValueError("a time without zone has no place on the time line")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(moment_us: int) -> datetime:
    """Aware UTC datetime of microseconds since 1970.

    >>> from_us(DAY_US).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return EPOCH + timedelta(microseconds=moment_us)
