"""Who acts: a frozen value that carries its grants, its moment and its way in; built at the entry, compared here."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pegel.errors import InternalError
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.permissions import permission


class Through(enum.StrEnum):
    """The way by which a request came in."""

    WEB = "web"
    API = "api"
    MCP = "mcp"
    CLI = "cli"
    JOB = "job"


class Risk(enum.IntEnum):
    """The risk of what is decided, from harmless to what only the top may decide."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One permission over a part of the organisation.

    ``units``: the units it reaches, with everything below them already spelt out; None: the whole organisation.
    ``most_amount`` (EUR), ``most_risk``: its limits; None: none. ``source``: ``role:…`` or ``delegation:…``.
    """

    permission: str
    units: frozenset[UUID] | None
    source: str
    most_amount: Decimal | None = None
    most_risk: Risk | None = None

    def reaches(self, unit: UUID | None) -> bool:
        """Tell whether it covers a unit; None stands for the organisation as a whole."""
        return self.units is None or (unit is not None and unit in self.units)

    def covers(self, amount: Decimal | None, risk: Risk | None) -> bool:
        """Tell whether it covers an amount and a risk. What is not known is not covered by a limit."""
        enough = self.most_amount is None or (amount is not None and amount <= self.most_amount)
        return enough and (self.most_risk is None or (risk is not None and risk <= self.most_risk))


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, when, by which way, with which rights.

    ``person_id``: None only for Pegel itself. ``scopes``: what the token may be used for; None: the person is there in
    person. ``at``: the moment of the request (UTC, aware); nothing below the entry reads the clock.
    """

    person_id: UUID | None
    at: datetime
    through: Through
    request_id: str
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    language: str = "de"

    def allows(
        self, code: str, *, unit: UUID | None = None, amount: Decimal | None = None, risk: Risk | None = None
    ) -> bool:
        """Tell whether this actor may do something, there and up to that amount and risk."""
        return any(grant.reaches(unit) and grant.covers(amount, risk) for grant in self.grants_of(code))

    def has(self, code: str) -> bool:
        """Tell whether this actor may do something anywhere at all: enough to offer it, never enough to do it."""
        return any(True for _ in self.grants_of(code))

    def grants_of(self, code: str) -> Iterable[Grant]:
        """Yield the grants of one permission, as far as the token permits it."""
        permission(code)
        if self.scopes is not None and not (code in self.scopes or _kind_of(code) in self.scopes):
            return
        yield from (grant for grant in self.grants if grant.permission == code)

    def units_for(self, code: str) -> frozenset[UUID] | None:
        """Return the units in which this actor may do something; None: everywhere; empty: nowhere."""
        found: set[UUID] = set()
        for grant in self.grants_of(code):
            if grant.units is None:
                return None
            found |= grant.units
        return frozenset(found)

    def require(
        self, code: str, *, unit: UUID | None = None, amount: Decimal | None = None, risk: Risk | None = None
    ) -> None:
        """Refuse what is not allowed.

        Raises
        ------
        NotAllowedError: ``not_allowed``; ``beyond_limit`` where only the amount or the risk is too high.
        """
        if self.allows(code, unit=unit, amount=amount, risk=risk):
            return
        if any(grant.reaches(unit) for grant in self.grants_of(code)):
            raise NotAllowedError("beyond_limit", permission=code)
        raise NotAllowedError("not_allowed", permission=code)

    def require_somewhere(self, code: str) -> None:
        """Refuse a list of things to whoever has the permission nowhere; which of them are shown is the query's scope.

        Raises
        ------
        NotAllowedError: ``not_allowed``.
        """
        if not self.has(code):
            raise NotAllowedError("not_allowed", permission=code)

    def person(self) -> UUID:
        """Return the person who acts.

        Raises
        ------
        InternalError: ``actor_without_person``, where Pegel itself acts and a person is needed.
        """
        if self.person_id is None:
            raise InternalError("actor_without_person", request=self.request_id)
        return self.person_id


def _kind_of(code: str) -> str:
    """Return the broad scope that a permission belongs to: ``read`` for what only looks, otherwise ``write``."""
    return "read" if code.rsplit(".", 1)[-1] == "view" else "write"
