"""Forgetting a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettablePerson:
    """Somebody who could be forgotten, as those who do it have to recognise them."""

    person_id: UUID
    pseudonym: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was done. ``ended``: records that ended or went, by kind. ``remaining``: ``privacy.remaining.CODE``."""

    person_id: UUID
    at: datetime
    ended: Mapping[str, int]
    remaining: tuple[str, ...]
