"""Reads single values out of foreign JSON: times, texts, whole numbers, members. Never raises; None means unusable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pegel.eventlog import schema

_NOTHING: Final[Mapping[str, Any]] = {}


def moment_us(value: object) -> int | None:
    """Microseconds since 1970 of an ISO 8601 time (without offset: UTC), or None where it is none or out of range.

    >>> moment_us("1970-01-01T01:00:01.500+01:00"), moment_us("soon"), moment_us("9999-12-31T00:00:00Z"), moment_us(7)
    (1500000, None, None, None)
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        at_us = schema.to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return at_us if schema.EARLIEST_US <= at_us < schema.LATEST_US else None


def text(value: object) -> str | None:
    """Text of a JSON value as a person would write it, or None for nothing.

    >>> text([{"name": "A"}, 2]), text({"name": " Bug "}), text(" "), text(False)
    ('A, 2', 'Bug', None, 'false')
    """
    if isinstance(value, list):
        parts = (None if isinstance(one, list) else text(one) for one in value)
        return ", ".join(part for part in parts if part) or None
    if isinstance(value, dict):
        return next((name for key in ("name", "title", "value") if (name := member(value, key))), None)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def member(value: object, name: str) -> str | None:
    """Text member of an object, without space around it; None where there is none or it is empty."""
    found = value.get(name) if isinstance(value, dict) else None
    return found.strip() or None if isinstance(found, str) else None


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; everything else in it is left out.

    >>> objects([{"a": 1}, None, 2]), objects("no list")
    ([{'a': 1}], [])
    """
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: object) -> int | None:
    """Whole number from 0 of at most 15 digits.

    >>> number(12), number(-1), number(True), number("12")
    (12, None, None, None)
    """
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15
    return value if isinstance(value, int) and fits else None
