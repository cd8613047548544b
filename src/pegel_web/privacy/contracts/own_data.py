"""What Pegel knows about the person who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pegel_web.core.contracts import AuditLine
from pegel_web.privacy.contracts.rules import PrivacyRules


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccess:
    """How often people with a role looked at something about a unit of the person."""

    what: str
    unit_name: str
    role: str
    looks: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyNotice:
    """What a person is told: the rules, what is kept about them (numbers), and who looked at their units lately."""

    rules: PrivacyRules
    mode_since: datetime | None
    pseudonym: str
    kept: tuple[tuple[str, int], ...]
    accesses: tuple[OwnAccess, ...]
    access_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """Everything, as GDPR Art. 15(3) wants it. ``records``: by subject, as kept by the organisation."""

    made_at: datetime
    person_id: str
    pseudonym: str
    records: Mapping[str, Sequence[Mapping[str, object]]]
    jobs: Sequence[Mapping[str, object]]
    looks: Sequence[Mapping[str, object]]
    audit: Sequence[AuditLine]
