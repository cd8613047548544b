"""What is said about the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pegel_web.core.actor import Through

#: shown: here it is · withheld: the reader may not know whom it is about · forgotten: its key is gone for good.
Legible = Literal["shown", "withheld", "forgotten"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value before and after."""

    name: str
    before: object
    after: object
    legible: Legible = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing that was done. ``actor_id``: None for Pegel itself. ``seal``: None: not sealed yet."""

    id: UUID
    at: datetime
    event: str
    actor_id: UUID | None
    through: Through
    request_id: str
    subject_type: str
    subject_id: str
    unit_id: UUID | None
    about_person_id: UUID | None
    changes: tuple[Change, ...]
    seal: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A part of the audit, the newest first; ``total``: how many lines there are with the same filter."""

    lines: tuple[AuditLine, ...]
    total: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with the audit: words ``audit.finding.CODE``."""

    code: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerification:
    """What checking the whole audit found; no findings: it is whole."""

    entries: int
    unsealed: int
    seals: int
    head_number: int
    head_digest: str
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings
