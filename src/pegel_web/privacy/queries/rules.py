"""What holds now, and what was proposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.reading import once
from pegel_web.organisation.queries.known_people import KnownPerson, people_by_id
from pegel_web.organisation.queries.role_holders import people_with_role
from pegel_web.privacy.contracts import PrivacyRules, RuleProposal, RulesReport
from pegel_web.privacy.models import RuleChange
from pegel_web.privacy.models.rules import Outcome, Rule

#: While the mode is on no group is smaller.
FROZEN_FLOOR: Final = 5
#: Below it a group would be a person.
LEAST_FLOOR: Final = 2
MOST_FLOOR: Final = 100
_SHOWN: Final = 50

Holders = Callable[[str], frozenset[UUID]]


def rules() -> PrivacyRules:
    """Return what holds now, for everybody; one query per reading request."""
    return once("privacy_rules", _rules)


def _rules() -> PrivacyRules:
    mode, floor, _, _ = in_force()
    return rules_of(mode=mode, floor=floor)


def rules_of(*, mode: bool, floor: int) -> PrivacyRules:
    """Return the rules that follow from mode and floor."""
    return PrivacyRules(
        group_floor=max(floor, FROZEN_FLOOR) if mode else floor, pseudonyms=mode, works_council_mode=mode
    )


def in_force() -> tuple[bool, int, datetime | None, datetime | None]:
    """Return mode and floor as last decided, and since when; None: since the installation."""
    confirmed = RuleChange.objects.filter(outcome=Outcome.CONFIRMED).order_by("decided_at", "proposed_at")
    last = {rule: (value, at) for rule, value, at in confirmed.values_list("rule", "value", "decided_at")}
    mode, mode_since = last.get(Rule.WORKS_COUNCIL_MODE, (1, None))
    floor, floor_since = last.get(Rule.GROUP_FLOOR, (FROZEN_FLOOR, None))
    return bool(mode), floor, mode_since, floor_since


def rules_report(*, actor: Actor) -> RulesReport:
    """Return the rules with the changes proposed so far.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require("privacy.settings.view")
    mode, floor, mode_since, floor_since = in_force()
    changes = list(RuleChange.objects.order_by("-proposed_at", "id")[:_SHOWN])
    people = people_by_id([person for one in changes for person in (one.proposed_by_id, one.decided_by_id)])
    holders = holders_today(actor)
    return RulesReport(
        rules=rules_of(mode=mode, floor=floor),
        set_floor=floor,
        mode_since=mode_since,
        floor_since=floor_since,
        proposals=tuple(proposal_of(one, people, actor, holders) for one in changes),
        confirmer_role=confirmer_role(proposer=actor.person_id, holders=holders)[0],
        may_propose=actor.allows("privacy.settings.change") and actor.scopes is None,
    )


def holders_today(actor: Actor) -> Holders:
    """Return the answer to who holds a role today; each role is looked up once, when it is first asked for."""
    return cache(lambda role: people_with_role(role, on=actor.at.date()))


def confirmer_role(*, proposer: UUID | None, holders: Holders) -> tuple[str, frozenset[UUID]]:
    """Return which role the second person must hold, and who holds it beside the proposer; nobody: empty."""
    for role in ("works_council", "data_protection_officer"):
        if others := holders(role) - {proposer}:
            return role, frozenset(one for one in others if one is not None)
    return "", frozenset()


def proposal_of(change: RuleChange, people: Mapping[UUID, KnownPerson], actor: Actor, holders: Holders) -> RuleProposal:
    """Return a proposal as a reader sees it."""
    outcome = change.outcome
    if outcome == Outcome.OPEN and change.expires_at <= actor.at:
        outcome = Outcome.EXPIRED
    mine = actor.person_id is not None and change.proposed_by_id == actor.person_id
    role, others = confirmer_role(proposer=change.proposed_by_id, holders=holders)
    return RuleProposal(
        proposal_id=change.id,
        rule=change.rule,
        value=change.value,
        reason=change.reason,
        proposed_by=_pseudonym(change.proposed_by_id, people),
        proposed_at=change.proposed_at,
        expires_at=change.expires_at,
        outcome=outcome,
        decided_by=None if change.decided_by_id is None else _pseudonym(change.decided_by_id, people),
        decided_at=change.decided_at,
        mine=mine,
        may_confirm=outcome == Outcome.OPEN
        and not mine
        and actor.person_id in others
        and actor.scopes is None
        and actor.allows("privacy.settings.change"),
        confirmer_role=role,
    )


def _pseudonym(person: UUID, people: Mapping[UUID, KnownPerson]) -> str:
    found = people.get(person)
    return "" if found is None or found.forgotten else found.pseudonym
