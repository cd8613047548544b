"""Handing on rights: within limits, revocable, never further than the giver, and logged."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError, UserError
from pegel_web.core.actor import Actor, Risk, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.contracts.delegations import DelegationState
from pegel_web.organisation.models import Delegation, FrameEntry, Person
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.delegations import delegations, own_rights
from pegel_web.organisation.services.delegations import give_delegation, revoke_delegation
from tests.pegel_web.company import AT, FROM, Company

TAKE = "organisation.decision.take"
ASSIGN = "organisation.responsibility.change"
TODAY = AT.date()


def again(company: Company, name: str, days: int = 0) -> Actor:
    at = AT + timedelta(days=days)
    return actor_of(company.people[name], at=at, through=Through.WEB, request_id="test-request", language="en")


@pytest.fixture
def lead(company: Company) -> Actor:
    return company.actor("department_lead", "K")


def test_a_delegation_gives_the_right_within_its_limits_and_is_logged(company: Company, lead: Actor) -> None:
    deputy = company.person("Deputy", "employee", "S1")
    given = give_delegation(
        actor=lead, to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K1"),
        most_amount=Decimal("500"), most_risk=Risk.LOW, reason="holidays", valid_until=date(2026, 4, 1),
    )  # fmt: skip
    assert (given.state, given.from_name, given.to_name, given.unit_name) == (
        DelegationState.ACTIVE, "department_lead-K", "Deputy", "Motor",
    )  # fmt: skip
    assert (given.most_amount, given.effective_amount, given.effective_risk) == (500, 500, Risk.LOW)
    actor = again(company, "Deputy")
    assert actor.allows(TAKE, unit=company.unit("K1"), amount=Decimal(500), risk=Risk.LOW)
    assert not actor.allows(TAKE, unit=company.unit("K1"), amount=Decimal("500.01"), risk=Risk.LOW)
    assert not actor.allows(TAKE, unit=company.unit("K1"), amount=Decimal(1), risk=Risk.MEDIUM)
    assert not actor.allows(TAKE, unit=company.unit("K2"), amount=Decimal(1), risk=Risk.LOW)
    entry = AuditEntry.objects.everything(because="test").get()
    assert (entry.event, entry.actor_id, entry.unit_id) == (
        "organisation.delegation.given", lead.person_id, company.unit("K1"),
    )  # fmt: skip
    assert entry.after == {
        "permission": TAKE, "to": str(deputy.id), "most_amount": "500.00", "most_risk": 1,
        "valid_from": "2026-03-02", "valid_until": "2026-04-01",
    }  # fmt: skip


def test_its_period_is_half_open(company: Company, lead: Actor) -> None:
    deputy = company.person("Deputy", "employee", "S1")
    given = give_delegation(
        actor=lead, to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K1"),
        valid_from=TODAY + timedelta(days=2), valid_until=TODAY + timedelta(days=4),
    )  # fmt: skip
    assert given.state is DelegationState.PLANNED
    assert [again(company, "Deputy", day).has(TAKE) for day in range(6)] == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"unit": "S1"}, NotAllowedError, "not_allowed"),
        ({"unit": "C"}, NotAllowedError, "not_allowed"),
        ({"permission": "organisation.unit.change"}, InputError, "permission_not_delegable"),
        ({"permission": "no.such.thing"}, InputError, "permission_not_delegable"),
        ({"permission": ASSIGN, "most_amount": Decimal(5)}, InputError, "limit_not_applicable"),
        ({"to": "self"}, InputError, "delegation_to_oneself"),
        ({"to": "nobody"}, NotFoundError, "person_unknown"),
        ({"to": "agent"}, InputError, "delegation_to_program"),
        ({"to": "erased"}, NotFoundError, "person_unknown"),
        ({"unit": "none"}, NotFoundError, "unit_unknown"),
        ({"valid_from": TODAY - timedelta(days=1)}, InputError, "delegation_in_the_past"),
        ({"valid_until": TODAY}, InputError, "validity_backwards"),
        ({"valid_until": date(9999, 1, 1)}, InputError, "date_out_of_range"),
        ({"most_amount": Decimal("-0.01")}, InputError, "amount_invalid"),
        ({"most_amount": Decimal("0.001")}, InputError, "amount_invalid"),
        ({"most_amount": Decimal("1e40")}, InputError, "amount_invalid"),
        ({"most_amount": Decimal("NaN")}, InputError, "amount_invalid"),
        ({"reason": "x" * 301}, InputError, "text_too_long"),
        ({"reason": "x" * 10_000_000}, InputError, "text_too_long"),
        ({"reason": "a\0b"}, InputError, "text_unprintable"),
        ({"reason": "a\u202eb"}, InputError, "text_unprintable"),
        ({"reason": "a\ud800b"}, InputError, "text_unprintable"),
    ],
)  # fmt: skip
def test_what_cannot_be_given(
    company: Company, lead: Actor, changed: dict[str, object], kind: type[UserError], code: str
) -> None:
    deputy = company.person("Deputy", "employee", "S1")
    erased = Person.objects.create(created_at=AT, erased_at=AT)
    agent = Person.objects.create(kind="agent", answers_for=deputy, created_at=AT)
    people = {"self": lead.person_id, "nobody": uuid4(), "agent": agent.id, "erased": erased.id, "Deputy": deputy.id}
    wanted = {"to": "Deputy", "unit": "K1", "permission": TAKE, **changed}
    unit = uuid4() if wanted.pop("unit") == "none" else company.unit(str({"unit": "K1", **changed}["unit"]))
    with pytest.raises(kind) as refused:
        give_delegation(actor=lead, to_person_id=people[wanted.pop("to")], unit_id=unit, **wanted)  # type: ignore[index,arg-type]
    assert refused.value.code == code
    assert not Delegation.objects.everything(because="test").exists()
    assert not AuditEntry.objects.everything(because="test").exists()


def test_nobody_gives_more_than_they_were_given(company: Company, lead: Actor) -> None:
    other_lead = company.person("Second", "team_lead", "S1")
    give_delegation(
        actor=lead, to_person_id=other_lead.id, permission=TAKE, unit_id=company.unit("K1"), most_amount=Decimal(500)
    )
    third = company.person("Third", "employee", "S2")
    second = again(company, "Second")
    with pytest.raises(NotAllowedError) as refused:
        give_delegation(
            actor=second, to_person_id=third.id, permission=TAKE, unit_id=company.unit("K1"), most_amount=Decimal(100)
        )
    # They may use the right in K1, but not hand it on there: that right they have in S1 only.
    assert refused.value.code == "not_allowed"


def test_chains_are_cut_and_end_with_their_first_link(company: Company, lead: Actor) -> None:
    second = company.person("Second", "team_lead", "K1")
    third = company.person("Third", "employee", "S2")
    # The team lead's own right is limited by the frame; a delegation from above reaches further.
    FrameEntry.objects.create(
        unit=company.units["C"], kind="limit", text="teams", amount=Decimal(100), level="team", valid_from=FROM
    )
    with pytest.raises(NotAllowedError) as refused:
        give_delegation(
            actor=again(company, "Second"), to_person_id=third.id, permission=TAKE, unit_id=company.unit("K1"),
            most_amount=Decimal(300),
        )  # fmt: skip
    assert refused.value.code == "delegation_beyond_own_right"
    first = give_delegation(
        actor=lead, to_person_id=second.id, permission=TAKE, unit_id=company.unit("K1"), most_amount=Decimal(500)
    )
    with pytest.raises(NotAllowedError):
        give_delegation(
            actor=again(company, "Second"), to_person_id=third.id, permission=TAKE, unit_id=company.unit("K1")
        )
    give_delegation(
        actor=again(company, "Second"), to_person_id=third.id, permission=TAKE, unit_id=company.unit("K1"),
        most_amount=Decimal(300),
    )  # fmt: skip
    in_motor = {"unit": company.unit("K1"), "risk": Risk.HIGH}
    assert again(company, "Third").allows(TAKE, amount=Decimal(300), **in_motor)
    assert not again(company, "Third").allows(TAKE, amount=Decimal(301), **in_motor)
    revoke_delegation(actor=lead, delegation_id=first.delegation_id)
    # What is left is what the team lead has by their own role.
    assert again(company, "Third").allows(TAKE, amount=Decimal(100), **in_motor)
    assert not again(company, "Third").allows(TAKE, amount=Decimal(101), **in_motor)


def test_an_ended_role_ends_what_was_given_and_the_list_says_so(company: Company, lead: Actor) -> None:
    deputy = company.person("Deputy", "employee", "S1")
    give_delegation(actor=lead, to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K"))
    company.people["department_lead-K"].roles.everything(because="test").update(valid_until=TODAY)
    assert not again(company, "Deputy").has(TAKE)
    assert [one.state for one in delegations(actor=again(company, "Deputy"))] == [DelegationState.WITHOUT_EFFECT]


def test_the_same_is_not_given_twice(company: Company, lead: Actor) -> None:
    deputy = company.person("Deputy", "employee", "S1")
    same = {"to_person_id": deputy.id, "permission": TAKE, "unit_id": company.unit("K1")}
    until = TODAY + timedelta(days=10)
    give_delegation(actor=lead, valid_until=until, **same)
    with pytest.raises(ConflictError) as refused:
        give_delegation(actor=lead, valid_from=until - timedelta(days=1), **same)
    assert refused.value.code == "delegation_exists"
    give_delegation(actor=lead, valid_from=until, **same)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("giver", True), ("receiver", True), (("executive", "C"), True), (("programme_lead", "C"), True),
        (("department_lead", "K"), True), (("team_lead", "K1"), False), (("department_lead", "S"), False),
        (("employee", "C"), False), (("administrator", "C"), False), (("works_council", "C"), False),
    ],
)  # fmt: skip
def test_who_may_take_it_back(company: Company, who: object, *, may: bool) -> None:
    giver = company.person("Giver", "department_lead", "K")
    receiver = company.person("Deputy", "employee", "S1")
    given = give_delegation(
        actor=again(company, "Giver"), to_person_id=receiver.id, permission=TAKE, unit_id=company.unit("K1")
    )
    named = {"giver": "Giver", "receiver": "Deputy"}
    actor = again(company, named[who]) if isinstance(who, str) else company.actor(*who)
    assert giver.id != receiver.id
    if not may:
        with pytest.raises(NotAllowedError):
            revoke_delegation(actor=actor, delegation_id=given.delegation_id)
        assert again(company, "Deputy").has(TAKE)
        return
    ended = revoke_delegation(actor=actor, delegation_id=given.delegation_id)
    assert (ended.state, ended.revoked_at, ended.may_revoke) == (DelegationState.REVOKED, AT, False)
    assert not again(company, "Deputy").has(TAKE)
    with pytest.raises(ConflictError) as refused:
        revoke_delegation(actor=actor, delegation_id=given.delegation_id)
    assert refused.value.code == "delegation_over"


def test_what_is_not_known_is_not_found(company: Company, lead: Actor) -> None:
    with pytest.raises(NotFoundError) as refused:
        revoke_delegation(actor=lead, delegation_id=uuid4())
    assert refused.value.code == "delegation_unknown"


def test_a_token_that_only_reads_gives_and_takes_nothing(company: Company, lead: Actor) -> None:
    deputy = company.person("Deputy", "employee", "S1")
    given = give_delegation(actor=lead, to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K1"))
    person = company.people["department_lead-K"]
    reading = actor_of(person, at=AT, through=Through.API, request_id="test-request", scopes=frozenset({"read"}))
    assert [one.may_revoke for one in delegations(actor=reading)] == [False]
    with pytest.raises(NotAllowedError):
        revoke_delegation(actor=reading, delegation_id=given.delegation_id)
    with pytest.raises(NotAllowedError):
        give_delegation(actor=reading, to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K2"))


def test_what_may_i_decide(company: Company, lead: Actor) -> None:
    deputy = company.person("Deputy", "team_lead", "S1")
    FrameEntry.objects.create(
        unit=company.units["S"], kind="limit", text="Sales", amount=Decimal(900), risk=2, valid_from=FROM
    )
    given = give_delegation(
        actor=lead, to_person_id=deputy.id, permission=TAKE, unit_id=company.unit("K1"), most_amount=Decimal(500)
    )
    found = [
        (one.permission, one.unit_name, one.role, one.delegation_id, one.most_amount, one.most_risk)
        for one in own_rights(actor=again(company, "Deputy"))
    ]
    assert found == [
        (TAKE, "Field sales", "team_lead", None, Decimal(900), Risk.MEDIUM),
        ("organisation.responsibility.change", "Field sales", "team_lead", None, None, None),
        ("portfolio.gate.decide", "Field sales", "team_lead", None, Decimal(900), Risk.MEDIUM),
        ("portfolio.use_case.change", "Field sales", "team_lead", None, None, None),
        (TAKE, "Motor", None, given.delegation_id, Decimal(500), None),
    ]
