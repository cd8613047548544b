"""Tables of transitions (CSV, XLSX): one row says that an item came into, or is in, a state at a time.

Rows may be real transitions, snapshots after each change, or events of an activity log (a column ``activity`` instead
of a state); they may stand in any order, and the file may be larger than memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pegel.eventlog.batch import EventSource
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.transitions.columns import find_roles
from pegel.sources.transitions.source import open_transitions

#: A table whose header names item and time and state, and nothing of a special tool.
_CONFIDENCE: Final = 0.8


def recognise(head: Head) -> float:
    """Confidence that a table has an item, a time and a state (or an activity) per row."""
    roles = find_roles(head.header)
    if "item" not in roles or "at" not in roles or not roles.keys() & {"state", "activity"}:
        return 0.0
    place = head.header.index(roles["item"])
    items = [row[place] for row in head.rows if len(row) > place]
    one_row_each = len(items) >= 20 and len(set(items)) == len(items)
    # Twenty rows without any repetition look like a list of items as they are today, not like their history.
    return _CONFIDENCE / 2 if one_row_each and "from_state" not in roles else _CONFIDENCE


def open_source(path: Path, options: ReadOptions) -> EventSource:
    """Open a table of transitions; see :func:`pegel.sources.transitions.source.open_transitions`."""
    return open_transitions(path, options)


FORMAT: Final = Format(name="csv.transitions", recognise=recognise, open=open_source)
