"""What a person should look at first."""

from __future__ import annotations

from dataclasses import dataclass

from pegel_web.organisation.contracts.decisions import DecisionRecord
from pegel_web.organisation.contracts.delegations import DelegationRecord
from pegel_web.organisation.contracts.frame import FrameLine
from pegel_web.organisation.contracts.responsibilities import ResponsibilityLine


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that the reader has, and where."""

    role: str
    unit_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What waits for a person today.

    ``waiting``: questions that are theirs to decide. ``reviews``: own decisions whose review is due within 30 days.
    ``own_questions``: what they asked and is open. ``expiring``: delegations they gave or got that end within 30 days.
    ``findings``: gaps and doubles they may put right. ``direction``: where their unit is heading. ``units``: whether
    there is an organisation at all. ``platform_gaps``: platforms they may change that lack something and tools on no
    platform, together; None: they look after no platforms.
    """

    roles: tuple[HeldRole, ...]
    waiting: tuple[DecisionRecord, ...]
    reviews: tuple[DecisionRecord, ...]
    own_questions: tuple[DecisionRecord, ...]
    expiring: tuple[DelegationRecord, ...]
    findings: tuple[ResponsibilityLine, ...]
    direction: tuple[FrameLine, ...]
    units: bool
    platform_gaps: int | None
