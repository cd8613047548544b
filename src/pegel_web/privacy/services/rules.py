"""Changing the rules: one person proposes, another one confirms. More protection needs nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.queries.known_people import people_by_id
from pegel_web.privacy.contracts import RuleProposal
from pegel_web.privacy.models import RuleChange
from pegel_web.privacy.models.rules import Outcome, Rule
from pegel_web.privacy.queries.rules import (
    FROZEN_FLOOR,
    LEAST_FLOOR,
    MOST_FLOOR,
    confirmer_role,
    holders_today,
    in_force,
    proposal_of,
)
from pegel_web.privacy.reasons import given_text

OPEN_FOR: Final = timedelta(days=14)
_LONGEST_REASON: Final = 500


def propose_rule_change(*, actor: Actor, rule: str, value: int, reason: str) -> RuleProposal:
    """Propose another mode (0 or 1) or another group floor; switching the mode on holds at once.

    Raises
    ------
    NotAllowedError: ``not_allowed``, ``only_in_person``. InputError: ``rule_unknown``, ``rule_value_invalid``, see
    ``given_text``. ConflictError: ``rule_unchanged``, ``floor_frozen``, ``proposal_open``.
    """
    _require_in_person(actor)
    text = given_text(reason, field="reason", most=_LONGEST_REASON)
    with transaction.atomic():
        before = _check(rule, value)
        _expire(rule, actor)
        protects = rule == Rule.WORKS_COUNCIL_MODE and value == 1
        try:
            with transaction.atomic():
                if protects:
                    RuleChange.objects.filter(rule=rule, outcome=Outcome.OPEN).update(
                        outcome=Outcome.REFUSED, decided_by=actor.person(), decided_at=actor.at
                    )
                change = RuleChange.objects.create(
                    rule=rule,
                    value=value,
                    reason=text,
                    proposed_by_id=actor.person(),
                    proposed_at=actor.at,
                    expires_at=actor.at + OPEN_FOR,
                    outcome=Outcome.CONFIRMED if protects else Outcome.OPEN,
                    decided_at=actor.at if protects else None,
                )
        except IntegrityError:
            raise ConflictError("proposal_open", rule=rule) from None
        event = "privacy.rule.protected" if protects else "privacy.rule.proposed"
        _record(actor, event, change, before=before, after=value)
    return proposal_of(change, people_by_id([change.proposed_by_id]), actor, holders_today(actor))


def confirm_rule_change(*, actor: Actor, proposal_id: UUID) -> RuleProposal:
    """Confirm what somebody else proposed: from here on it holds.

    The second person holds the role works council where anybody else but the proposer does, otherwise data protection
    officer.

    Raises
    ------
    NotFoundError: ``proposal_unknown``. NotAllowedError: ``not_allowed``, ``only_in_person``, ``two_people_needed``,
    ``confirmer_role_needed`` (role). ConflictError: ``proposal_ended``, ``floor_frozen``, ``rule_unchanged``.
    """
    _require_in_person(actor)
    with transaction.atomic():
        change = _open(proposal_id, actor)
        if change.proposed_by_id == actor.person():
            raise NotAllowedError("two_people_needed")
        role, holders = confirmer_role(proposer=change.proposed_by_id, holders=holders_today(actor))
        if actor.person() not in holders:
            raise NotAllowedError("confirmer_role_needed", role=role or "works_council")
        before = _check(change.rule, change.value)
        _decide(change, Outcome.CONFIRMED, actor)
        _record(actor, "privacy.rule.confirmed", change, before=before, after=change.value)
    return proposal_of(change, people_by_id([change.proposed_by_id, change.decided_by_id]), actor, holders_today(actor))


def end_proposal(*, actor: Actor, proposal_id: UUID) -> RuleProposal:
    """Withdraw one's own proposal, or refuse somebody else's.

    Raises
    ------
    NotFoundError: ``proposal_unknown``. NotAllowedError: ``not_allowed``, ``only_in_person``. ConflictError:
    ``proposal_ended``.
    """
    _require_in_person(actor)
    with transaction.atomic():
        change = _open(proposal_id, actor)
        own = change.proposed_by_id == actor.person()
        _decide(change, Outcome.WITHDRAWN if own else Outcome.REFUSED, actor)
        event = "privacy.rule.withdrawn" if own else "privacy.rule.refused"
        _record(actor, event, change, before=change.value, after=None)
    return proposal_of(change, people_by_id([change.proposed_by_id, change.decided_by_id]), actor, holders_today(actor))


def _require_in_person(actor: Actor) -> None:
    """Neither a token nor a program counts as a person: two of them would be one pair of hands."""
    actor.require("privacy.settings.change")
    person = people_by_id([actor.person()]).get(actor.person())
    if actor.scopes is not None or person is None or person.kind != "person":
        raise NotAllowedError("only_in_person")


def _check(rule: str, value: int) -> int:
    """Return what holds now; refuse what cannot be proposed."""
    mode, floor, _, _ = in_force()
    if rule == Rule.WORKS_COUNCIL_MODE:
        if value not in {0, 1}:
            raise InputError("rule_value_invalid", least=0, most=1)
        if value == int(mode):
            raise ConflictError("rule_unchanged")
        return int(mode)
    if rule != Rule.GROUP_FLOOR:
        raise InputError("rule_unknown", name=rule[:40])
    if not LEAST_FLOOR <= value <= MOST_FLOOR:
        raise InputError("rule_value_invalid", least=LEAST_FLOOR, most=MOST_FLOOR)
    if mode and value < FROZEN_FLOOR:
        raise ConflictError("floor_frozen", least=FROZEN_FLOOR)
    if value == floor:
        raise ConflictError("rule_unchanged")
    return floor


def _expire(rule: str, actor: Actor) -> None:
    late = RuleChange.objects.filter(rule=rule, outcome=Outcome.OPEN, expires_at__lte=actor.at)
    late.update(outcome=Outcome.EXPIRED)


def _open(proposal_id: UUID, actor: Actor) -> RuleChange:
    change = RuleChange.objects.select_for_update().filter(pk=proposal_id).first()
    if change is None:
        raise NotFoundError("proposal_unknown", id=str(proposal_id))
    if change.outcome != Outcome.OPEN or change.expires_at <= actor.at:
        ended = Outcome.EXPIRED if change.outcome == Outcome.OPEN else change.outcome
        raise ConflictError("proposal_ended", outcome=str(ended))
    return change


def _decide(change: RuleChange, outcome: Outcome, actor: Actor) -> None:
    change.outcome, change.decided_by_id, change.decided_at = outcome, actor.person(), actor.at
    change.save(update_fields=["outcome", "decided_by", "decided_at"])


def _record(actor: Actor, event: str, change: RuleChange, *, before: int, after: int | None) -> None:
    record(
        actor,
        event,
        subject=("privacy_rule", change.id),
        before={change.rule: before},
        after={change.rule: after, "reason": change.reason},
    )
