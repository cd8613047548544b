"""What is known of one use case, read once, for criteria and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pegel_web.portfolio.models import CaseDuty, CaseEstimate, Declaration, Pilot, UseCase
from pegel_web.portfolio.models.duties import Duty, Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A use case and what hangs on it, on a day.

    ``declared``: the last declaration of each subject. ``estimates``: the last of each author. ``pilot``: the open
    one, else the last. ``gone``: people named who have left or were forgotten: they answer for nothing any more.
    ``introductions``, ``most_introductions``: pilots and roll-outs that the unit has at once, without this one, and
    how many it may (None: not configured).
    """

    row: UseCase
    on: date
    duties: tuple[CaseDuty, ...]
    declared: Mapping[str, Declaration]
    estimates: tuple[CaseEstimate, ...]
    pilot: Pilot | None
    tools: tuple[str, ...] = ()
    gone: frozenset[UUID] = frozenset()
    introductions: int = 0
    most_introductions: int | None = None

    def accountable(self, duty: Duty) -> UUID | None:
        """Return who answers for something and is still there."""
        found = (one.person_id for one in self.duties if one.duty == duty and one.letter == Letter.ACCOUNTABLE)
        person = next(found, None)
        return None if person in self.gone else person

    @property
    def without_accountable(self) -> tuple[Duty, ...]:
        """Return the duties for which nobody answers."""
        return tuple(duty for duty in Duty if self.accountable(duty) is None)
