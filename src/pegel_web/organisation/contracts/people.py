"""What is said about people: by name only to those who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A person as a reader may know them. ``shown``: the name, or the pseudonym where ``named`` is false."""

    person_id: UUID
    shown: str
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipLine:
    """A person belongs to a unit for a while."""

    membership_id: int
    unit_id: UUID
    unit_name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """One line of the list of people. ``account``: ``none``, ``invited``, ``active`` or ``closed``."""

    person_id: UUID
    shown: str
    named: bool
    kind: str
    pseudonym: str
    email: str | None
    units: tuple[str, ...]
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """A part of the list of people. ``count``: the length of the whole list."""

    on: date
    people: tuple[PersonSummary, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReport:
    """A person. ``invited_until``: until when the link of an open invitation works."""

    person: PersonSummary
    created_at: datetime
    erased_at: datetime | None
    memberships: tuple[MembershipLine, ...]
    answers_for: PersonName | None
    agents: tuple[PersonName, ...]
    invited_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation. ``token``: the secret of its link; it is shown this once and kept nowhere."""

    person_id: UUID
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSeen:
    """What somebody who opens the link of an invitation is told before they set a password."""

    email: str
    expires_at: datetime
