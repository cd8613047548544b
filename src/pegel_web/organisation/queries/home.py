"""What a person should look at first."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.delegations import DelegationRecord, DelegationState
from pegel_web.organisation.contracts.frame import FrameLine
from pegel_web.organisation.contracts.home import HeldRole, Home
from pegel_web.organisation.contracts.responsibilities import ResponsibilityLine
from pegel_web.organisation.models import Delegation, RoleAssignment
from pegel_web.organisation.queries import frame as frames
from pegel_web.organisation.queries import platforms
from pegel_web.organisation.queries.decisions import decision_records, visible
from pegel_web.organisation.queries.delegations import delegation_records
from pegel_web.organisation.queries.responsibilities import CHANGE, VIEW, responsibility_map
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.validity import valid_on

SOON: Final = timedelta(days=30)
_MOST: Final = 2_000


def home(*, actor: Actor) -> Home:
    """Return what waits for the actor; for Pegel itself and strangers there is nothing."""
    structure = structure_on(actor.at.date())
    assignments = RoleAssignment.objects.everything(because="one's own roles")
    held = list(
        assignments.filter(valid_on(structure.on), person_id=actor.person_id).order_by("id")
        if actor.person_id is not None
        else []
    )
    soon = structure.on + SOON
    open_or_due = Q(decided_at=None) | Q(decided_by=actor.person_id, review_date__lt=soon)
    rows = visible(actor).filter(open_or_due).order_by("raised_at")[:_MOST] if actor.person_id is not None else ()
    decisions = decision_records(rows, actor=actor, structure=structure)
    return Home(
        roles=tuple(
            HeldRole(role=one.role, unit_name=structure.nodes[one.unit_id].name)
            for one in held
            if one.unit_id in structure.nodes
        ),
        waiting=tuple(one for one in decisions if one.may_take and actor.person_id in one.decider_ids),
        reviews=tuple(one for one in decisions if one.decided_at is not None),
        own_questions=tuple(one for one in decisions if one.may_withdraw),
        expiring=_expiring(actor, structure),
        findings=_findings(actor),
        direction=_direction(actor, held, structure),
        units=bool(structure.nodes),
        platform_gaps=_platform_gaps(actor),
    )


def _expiring(actor: Actor, structure: Structure) -> tuple[DelegationRecord, ...]:
    if actor.person_id is None:
        return ()
    rows = Delegation.objects.everything(because="one's own delegations").filter(
        Q(from_person=actor.person_id) | Q(to_person=actor.person_id),
        valid_on(structure.on),
        revoked_at=None,
        valid_until__lte=structure.on + SOON,
    )
    found = delegation_records(rows.order_by("valid_until", "id"), actor=actor, structure=structure)
    return tuple(one for one in found if one.state is DelegationState.ACTIVE)


def _findings(actor: Actor) -> tuple[ResponsibilityLine, ...]:
    if not actor.has(CHANGE):
        return ()
    return tuple(one for one in responsibility_map(actor=actor).lines if one.finding is not None and one.may_change)


def _platform_gaps(actor: Actor) -> int | None:
    if not actor.has(platforms.CHANGE) or not actor.has(VIEW):
        return None
    found = platforms.platform_catalogue(actor=actor)
    return sum(bool(one.gaps) and one.may_change for one in found.platforms) + len(found.tools_without)


def _direction(actor: Actor, held: list[RoleAssignment], structure: Structure) -> tuple[FrameLine, ...]:
    unit = next((one.unit_id for one in held if one.unit_id in structure.nodes), None)
    if unit is None or not actor.has(frames.VIEW):
        return ()
    return frames.frame_of(actor=actor, unit_id=unit).direction
