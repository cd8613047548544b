"""Kinds of audit entries: declared by the app that records them, worded when shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pegel.errors import InternalError


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """Something that is recorded, such as ``organisation.unit.renamed``; its words are ``audit.event.CODE``.

    ``personal``: names of values that tell something about a person. They are kept under that person's key only, so
    that forgetting the person makes them unreadable.
    """

    code: str
    personal: frozenset[str] = field(default_factory=frozenset)


_DECLARED: Final[dict[str, EventType]] = {}


def declare_events(*events: EventType) -> None:
    """Declare the audit events of an app, once, in its ``events.py``.

    Raises
    ------
    InternalError: ``event_twice``.
    """
    for event in events:
        if _DECLARED.setdefault(event.code, event) != event:
            raise InternalError("event_twice", name=event.code)


def event_type(code: str) -> EventType:
    """Return a declared event.

    Raises
    ------
    InternalError: ``event_unknown``: what has no words must not be recorded.
    """
    try:
        return _DECLARED[code]
    except KeyError:
        raise InternalError("event_unknown", name=code) from None


def event_types() -> tuple[EventType, ...]:
    """Return every declared event, by code."""
    return tuple(_DECLARED[code] for code in sorted(_DECLARED))
