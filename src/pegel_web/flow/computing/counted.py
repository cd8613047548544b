"""The log of a stream as it counts: its names in the lake together, less what its types and filters leave out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.workbench import find_calendar, open_log
from pegel_web.flow.computing.filters import passing
from pegel_web.flow.contracts.declared import Declared


def counted_log(lake: Lake, names: Sequence[str], declared: Declared, *, as_of: datetime | None = None) -> FlowLog:
    """Open the log that every figure, list and export of a stream is computed from.

    ``names``: what the stream is called in the lake, the one that results call it first.

    Raises
    ------
    NotFoundError: ``unknown_stream``, ``lake_empty``.
    """
    return open_log(
        lake,
        streams=names[:1],
        joined=as_one(names),
        types=declared.types or None,
        items=passing(lake, names, declared.filters),
        as_of=as_of,
        calendar=None if declared.calendar is None else find_calendar(declared.calendar, lake),
    )


def as_one(names: Sequence[str]) -> dict[str, str]:
    """Return which names of the lake are read as the first one.

    >>> as_one(["a", "b", "c"])
    {'b': 'a', 'c': 'a'}
    """
    return dict.fromkeys(names[1:], names[0])
