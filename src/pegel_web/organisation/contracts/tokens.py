"""What is told about tokens; never the token itself, except once, to the person who has just made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

TokenState = Literal["active", "expired", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token as it stands. ``shown``: its first letters. ``person_id``: for whom it acts.

    ``agent_name``: the agent or service it acts for; None: the person who asks. ``last_used_on``: None: never.
    """

    id: UUID
    person_id: UUID
    agent_name: str | None
    name: str
    shown: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_on: date | None
    state: TokenState


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A new token and its ``secret``, which is shown this once and kept nowhere."""

    token: AccessToken
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHolder:
    """Somebody for whom a token can be made: the person, or an agent or service that the person answers for."""

    person_id: UUID
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedProgram:
    """A program that a person has let in by OAuth. ``origins``: where it leads to. ``expires_at``: at the latest."""

    client_id: str
    name: str
    origins: tuple[str, ...]
    scopes: tuple[str, ...]
    granted_at: datetime
    expires_at: datetime | None
