"""Who may decide what: delegations, and the matrix of decision rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pegel_web.core.actor import Risk


class DelegationState(StrEnum):
    """How a delegation stands on a day.

    ``without_effect``: it is valid, but who gave it does not have the right (any more).
    """

    PLANNED = "planned"
    ACTIVE = "active"
    WITHOUT_EFFECT = "without_effect"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRecord:
    """A right that one person lets another use.

    ``most_amount`` (EUR), ``most_risk``: as given; ``effective_amount``, ``effective_risk``: cut to what the giver has
    now; None: no limit. ``may_revoke``: the reader may end it.
    """

    delegation_id: UUID
    permission: str
    unit_id: UUID
    unit_name: str
    from_person_id: UUID
    from_name: str
    to_person_id: UUID
    to_name: str
    most_amount: Decimal | None
    most_risk: Risk | None
    effective_amount: Decimal | None
    effective_risk: Risk | None
    reason: str
    valid_from: date
    valid_until: date | None
    revoked_at: datetime | None
    revoked_by_name: str | None
    state: DelegationState
    may_revoke: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A person may decide something in a unit.

    ``role``: the role it comes from; None: from a delegation, by ``given_by_name``. ``from_unit_id``: the unit at which
    the right stands: the unit itself, or one above it. ``until``: last day excluded; None: open.
    """

    permission: str
    unit_id: UUID
    person_id: UUID
    name: str
    role: str | None
    given_by_name: str | None
    from_unit_id: UUID
    from_unit_name: str
    most_amount: Decimal | None
    most_risk: Risk | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsOfUnit:
    """A row of the matrix: a unit, and who may decide what in it, by permission; nearest first."""

    unit_id: UUID
    name: str
    path: str
    kind: str
    depth: int
    rights: dict[str, tuple[Right, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRights:
    """The matrix of decision rights on a day: ``permissions`` are its columns, ``units`` its rows in tree order."""

    on: date
    permissions: tuple[str, ...]
    units: tuple[RightsOfUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRight:
    """What somebody may decide themselves: in a unit and everything below it, up to an amount (EUR) and a risk."""

    permission: str
    unit_id: UUID
    unit_name: str
    role: str | None
    delegation_id: UUID | None
    most_amount: Decimal | None
    most_risk: Risk | None
    limited: bool
    delegable: bool
