"""What is said about roles and who has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """A person has a role in a unit for a while. ``person``: name or pseudonym, as the reader may know it."""

    assignment_id: UUID
    person_id: UUID
    person: str
    named: bool
    role: str
    unit_id: UUID
    unit_name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDescription:
    """What a role permits: ``may`` in its unit and below, ``wide`` in the whole organisation."""

    name: str
    may: tuple[str, ...]
    wide: tuple[str, ...]
