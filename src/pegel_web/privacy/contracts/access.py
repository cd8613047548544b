"""The access log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLine:
    """One look. ``who``: a pseudonym; empty: somebody forgotten. ``unit_name``: empty: the whole organisation."""

    at: datetime
    who: str
    roles: tuple[str, ...]
    what: str
    unit_id: UUID | None
    unit_name: str
    through: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCount:
    """How often, by how many people, something was looked at; by ``what``, ``unit`` or ``role``."""

    key: str
    looks: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReport:
    """The access log in a period. ``lines``: the newest; ``total``: all of the period."""

    since: datetime
    until: datetime
    lines: tuple[AccessLine, ...]
    total: int
    people: int
    by_what: tuple[AccessCount, ...]
    by_unit: tuple[AccessCount, ...]
    by_role: tuple[AccessCount, ...]
    kept_days: int
