"""Works-council mode: on from the beginning, and only two people together take anything away from it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Person
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.privacy.contracts import PrivacyRules
from pegel_web.privacy.models import RuleChange
from pegel_web.privacy.queries import rules, rules_report
from pegel_web.privacy.services import confirm_rule_change, end_proposal, propose_rule_change
from tests.pegel_web.company import AT, Company

STRICT = PrivacyRules(group_floor=5, pseudonyms=True, works_council_mode=True)
OFF = {"rule": "works_council_mode", "value": 0, "reason": "agreement of 1 March"}


def later(actor: Actor, **by: float) -> Actor:
    return replace(actor, at=actor.at + timedelta(**by))


def events() -> list[str]:
    rows = AuditEntry.objects.everything(because="test").filter(event__startswith="privacy.")
    return sorted(rows.values_list("event", flat=True))


def test_the_mode_is_on_from_the_beginning(company: Company) -> None:
    assert rules() == STRICT


def test_one_proposes_and_the_works_council_confirms(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    proposal = propose_rule_change(actor=admin, **OFF)
    assert (proposal.outcome, proposal.mine, proposal.may_confirm) == ("open", True, False)
    assert rules() == STRICT
    confirmed = confirm_rule_change(actor=council, proposal_id=proposal.proposal_id)
    assert (confirmed.outcome, confirmed.decided_by) == (
        "confirmed",
        Person.objects.get(pk=council.person_id).pseudonym,
    )
    assert rules() == PrivacyRules(group_floor=5, pseudonyms=False, works_council_mode=False)
    assert events() == ["privacy.rule.confirmed", "privacy.rule.proposed"]


def test_nobody_is_both(company: Company) -> None:
    council = company.actor("works_council")
    company.person("Other", "works_council")
    proposal = propose_rule_change(actor=council, **OFF)
    with pytest.raises(NotAllowedError) as refused:
        confirm_rule_change(actor=council, proposal_id=proposal.proposal_id)
    assert refused.value.code == "two_people_needed"
    assert rules() == STRICT


def test_the_data_protection_officer_cannot_stand_in_while_there_is_a_works_council(company: Company) -> None:
    admin, officer = company.actor("administrator"), company.actor("data_protection_officer")
    company.person("Council", "works_council", "K")
    proposal = propose_rule_change(actor=admin, **OFF)
    with pytest.raises(NotAllowedError) as refused:
        confirm_rule_change(actor=officer, proposal_id=proposal.proposal_id)
    assert (refused.value.code, refused.value.values["role"]) == ("confirmer_role_needed", "works_council")


def test_without_a_works_council_the_data_protection_officer_confirms(company: Company) -> None:
    admin, officer = company.actor("administrator"), company.actor("data_protection_officer")
    proposal = propose_rule_change(actor=admin, **OFF)
    confirm_rule_change(actor=officer, proposal_id=proposal.proposal_id)
    assert not rules().works_council_mode


def test_when_the_only_works_council_proposes_the_data_protection_officer_confirms(company: Company) -> None:
    council, officer = company.actor("works_council"), company.actor("data_protection_officer")
    proposal = propose_rule_change(actor=council, **OFF)
    confirm_rule_change(actor=officer, proposal_id=proposal.proposal_id)
    assert not rules().works_council_mode


def test_without_either_nothing_can_be_switched_off(company: Company) -> None:
    one, other = company.actor("administrator"), company.actor("administrator", "C")
    company.person("Second", "administrator")
    other = actor_of(company.people["Second"], at=AT, through=Through.WEB, request_id="test-request")
    proposal = propose_rule_change(actor=one, **OFF)
    with pytest.raises(NotAllowedError) as refused:
        confirm_rule_change(actor=other, proposal_id=proposal.proposal_id)
    assert refused.value.code == "confirmer_role_needed"
    assert rules_report(actor=one).confirmer_role == ""


def test_somebody_who_was_forgotten_or_whose_role_ended_does_not_count(company: Company) -> None:
    admin, officer = company.actor("administrator"), company.actor("data_protection_officer")
    gone = company.person("Gone", "works_council")
    gone.erased_at = AT
    gone.save()
    former = company.person("Former", "works_council")
    former.roles.everything(because="test").update(valid_until=AT.date())
    proposal = propose_rule_change(actor=admin, **OFF)
    assert confirm_rule_change(actor=officer, proposal_id=proposal.proposal_id).outcome == "confirmed"


def test_fourteen_days_and_not_a_moment_longer(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    proposal = propose_rule_change(actor=admin, **OFF)
    with pytest.raises(ConflictError) as refused:
        confirm_rule_change(actor=later(council, days=14), proposal_id=proposal.proposal_id)
    assert (refused.value.code, refused.value.values["outcome"]) == ("proposal_ended", "expired")
    again = propose_rule_change(actor=later(admin, days=14), **OFF)
    just = later(council, days=28, seconds=-1)
    assert confirm_rule_change(actor=just, proposal_id=again.proposal_id).outcome == "confirmed"
    assert [one.outcome for one in rules_report(actor=just).proposals] == ["confirmed", "expired"]


def test_only_one_proposal_is_open(company: Company) -> None:
    admin = company.actor("administrator")
    propose_rule_change(actor=admin, **OFF)
    with pytest.raises(ConflictError) as refused:
        propose_rule_change(actor=admin, **OFF)
    assert refused.value.code == "proposal_open"


def test_a_proposal_ends_once(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    first = propose_rule_change(actor=admin, **OFF)
    assert end_proposal(actor=council, proposal_id=first.proposal_id).outcome == "refused"
    with pytest.raises(ConflictError):
        confirm_rule_change(actor=council, proposal_id=first.proposal_id)
    second = propose_rule_change(actor=admin, **OFF)
    assert end_proposal(actor=admin, proposal_id=second.proposal_id).outcome == "withdrawn"
    with pytest.raises(NotFoundError):
        confirm_rule_change(actor=council, proposal_id=uuid4())
    assert events().count("privacy.rule.refused") == events().count("privacy.rule.withdrawn") == 1


def test_switching_it_on_again_needs_nobody_else(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    confirm_rule_change(actor=council, proposal_id=propose_rule_change(actor=admin, **OFF).proposal_id)
    on = propose_rule_change(actor=later(admin, hours=1), rule="works_council_mode", value=1, reason="safer")
    assert on.outcome == "confirmed"
    assert rules() == STRICT
    assert "privacy.rule.protected" in events()


def test_the_floor_is_frozen_while_the_mode_is_on(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    with pytest.raises(ConflictError) as refused:
        propose_rule_change(actor=admin, rule="group_floor", value=4, reason="smaller")
    assert refused.value.code == "floor_frozen"
    higher = propose_rule_change(actor=admin, rule="group_floor", value=8, reason="larger")
    assert rules().group_floor == 5
    confirm_rule_change(actor=council, proposal_id=higher.proposal_id)
    assert rules().group_floor == 8


def test_a_floor_lowered_without_the_mode_is_lifted_when_the_mode_comes_back(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    confirm_rule_change(actor=council, proposal_id=propose_rule_change(actor=admin, **OFF).proposal_id)
    low = propose_rule_change(actor=admin, rule="group_floor", value=3, reason="small teams")
    confirm_rule_change(actor=council, proposal_id=low.proposal_id)
    assert rules() == PrivacyRules(group_floor=3, pseudonyms=False, works_council_mode=False)
    propose_rule_change(actor=later(admin, hours=1), rule="works_council_mode", value=1, reason="safer")
    assert rules() == STRICT


def test_a_lower_floor_waiting_when_the_mode_comes_back_cannot_be_confirmed(company: Company) -> None:
    admin, council = company.actor("administrator"), company.actor("works_council")
    confirm_rule_change(actor=council, proposal_id=propose_rule_change(actor=admin, **OFF).proposal_id)
    low = propose_rule_change(actor=admin, rule="group_floor", value=3, reason="small teams")
    propose_rule_change(actor=later(admin, hours=1), rule="works_council_mode", value=1, reason="safer")
    with pytest.raises(ConflictError) as refused:
        confirm_rule_change(actor=later(council, hours=2), proposal_id=low.proposal_id)
    assert refused.value.code == "floor_frozen"


@pytest.mark.parametrize(
    ("rule", "value", "code"),
    [
        ("group_floor", 1, "rule_value_invalid"),
        ("group_floor", 101, "rule_value_invalid"),
        ("group_floor", 10**30, "rule_value_invalid"),
        ("works_council_mode", 2, "rule_value_invalid"),
        ("works_council_mode", -1, "rule_value_invalid"),
        ("x" * 5000, 1, "rule_unknown"),
        ("works_council_mode", 1, "rule_unchanged"),
        ("group_floor", 5, "rule_unchanged"),
    ],
)
def test_what_cannot_be_proposed(company: Company, rule: str, value: int, code: str) -> None:
    with pytest.raises((InputError, ConflictError)) as refused:
        propose_rule_change(actor=company.actor("administrator"), rule=rule, value=value, reason="why not")
    assert refused.value.code == code


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "x" * 10_000_000, "a\0b", "\u202eevil"])
def test_a_reason_is_given(company: Company, reason: str) -> None:
    with pytest.raises(InputError):
        propose_rule_change(actor=company.actor("administrator"), rule="group_floor", value=9, reason=reason)


@pytest.mark.parametrize("role", ["employee", "team_lead", "executive", "security", "compliance", "finance_controller"])
def test_nobody_else_may(company: Company, role: str) -> None:
    with pytest.raises(NotAllowedError):
        propose_rule_change(actor=company.actor(role), **OFF)


def test_a_role_in_a_part_does_not_decide_for_the_whole(company: Company) -> None:
    with pytest.raises(NotAllowedError):
        propose_rule_change(actor=company.actor("administrator", "K"), **OFF)


def test_a_token_is_nobody_in_person(company: Company) -> None:
    admin = company.actor("administrator")
    with pytest.raises(NotAllowedError) as refused:
        propose_rule_change(actor=replace(admin, scopes=frozenset({"read", "write"})), **OFF)
    assert refused.value.code == "only_in_person"


def test_a_program_is_no_second_person(company: Company) -> None:
    admin = company.actor("administrator")
    company.person("Council", "works_council")
    program = Person.objects.create(kind="agent", answers_for=company.people["Council"], created_at=AT)
    company.people["Program"] = program
    company.person("Program", "works_council")
    actor = actor_of(program, at=AT, through=Through.API, request_id="test-request")
    assert actor.has("privacy.settings.change")
    with pytest.raises(NotAllowedError) as refused:
        confirm_rule_change(actor=actor, proposal_id=propose_rule_change(actor=admin, **OFF).proposal_id)
    assert refused.value.code == "only_in_person"


def test_the_database_knows_that_it_takes_two(company: Company) -> None:
    person = company.person("Alone", "administrator")
    alone = {
        "rule": "works_council_mode",
        "value": 0,
        "reason": "x",
        "proposed_by": person,
        "proposed_at": AT,
        "expires_at": AT,
        "outcome": "confirmed",
        "decided_at": AT,
    }
    for decided_by in (person, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleChange.objects.create(**alone, decided_by=decided_by)
