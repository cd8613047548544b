"""The causes of waiting: a closed list, in the order in which they claim time."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pegel.eventlog.workflow import Friction


class Cause(StrEnum):
    """Why an item waits; docs/methods/waits.md says which evidence each one needs."""

    BLOCKED = "blocked"
    APPROVAL = "approval"
    BATCHING = "batching"
    PRIORITISATION = "prioritisation"
    HAND_OFF = "hand_off"
    STATUS_QUERY = "status_query"
    CONTENTION = "contention"
    CALENDAR = "calendar"
    UNEXPLAINED = "unexplained"


#: What a state's friction is as a cause.
OF_FRICTION: Final = {friction: Cause(friction.value) for friction in Friction}
CAUSES: Final = tuple(Cause)


def number_of(cause: Cause) -> int:
    """Return the number that stands for a cause in tables: its place in the order."""
    return CAUSES.index(cause)


def column(cause: Cause) -> str:
    """Return the name of the column that holds a cause's microseconds."""
    return f"{cause.value}_us"


#: Columns of the parts of a wait; together they are the wait.
PARTS: Final = tuple(map(column, CAUSES))
