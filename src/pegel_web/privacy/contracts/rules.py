"""Works-council mode and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRules:
    """What holds now.

    ``group_floor``: groups with fewer people get no rates, trends or breakdowns; at least 5 while the mode is on.
    ``pseudonyms``: people in logs and histories are shown by pseudonym only. No figure is about a person, in any mode.
    """

    group_floor: int
    pseudonyms: bool
    works_council_mode: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProposal:
    """A proposed change. People are pseudonyms; ``mine``: the reader proposed it. ``may_confirm``: the reader may.

    ``confirmer_role``: the role that the second person needs; empty: nobody holds one.
    """

    proposal_id: UUID
    rule: str
    value: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    outcome: str
    decided_by: str | None
    decided_at: datetime | None
    mine: bool
    may_confirm: bool
    confirmer_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesReport:
    """The rules, since when they hold, and every change proposed so far, the newest first.

    ``set_floor``: the floor as set; it may lie below ``rules.group_floor`` while the mode is on. ``confirmer_role``:
    the role of the second person, should the reader propose something; empty: nobody holds one.
    """

    rules: PrivacyRules
    set_floor: int
    mode_since: datetime | None
    floor_since: datetime | None
    proposals: tuple[RuleProposal, ...]
    confirmer_role: str
    may_propose: bool
