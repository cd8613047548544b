"""From roles and delegations to grants: who reaches what."""

from datetime import date
from decimal import Decimal

import pytest

from pegel_web.core.actor import Actor, Risk, Through
from pegel_web.core.errors import NotAllowedError
from pegel_web.organisation.models import Delegation, Person
from pegel_web.organisation.queries.actors import actor_of
from tests.pegel_web.company import AT, FROM, Company

TAKE = "organisation.decision.take"


def again(company: Company, name: str) -> Actor:
    return actor_of(company.people[name], at=AT, through=Through.WEB, request_id="test-request")


def test_a_role_reaches_its_unit_and_everything_below(company: Company) -> None:
    actor = company.actor("department_lead", "K")
    assert [actor.allows(TAKE, unit=company.unit(code)) for code in ("K", "K1", "K2", "S", "C")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert not actor.allows(TAKE)


def test_at_the_top_a_role_reaches_everything(company: Company) -> None:
    actor = company.actor("executive", "C")
    assert actor.units_for(TAKE) is None
    assert actor.allows(TAKE)


def test_nobody_without_a_role_may_anything(company: Company) -> None:
    company.person("Nobody")
    actor = again(company, "Nobody")
    assert actor.grants == ()
    with pytest.raises(NotAllowedError) as refused:
        actor.require("organisation.unit.view", unit=company.unit("K"))
    assert refused.value.code == "not_allowed"


def test_a_delegation_is_cut_to_what_its_giver_has(company: Company) -> None:
    giver = company.person("Lead", "department_lead", "K")
    taker = company.person("Deputy", "employee", "S")
    Delegation.objects.create(
        from_person=giver, to_person=taker, permission=TAKE, unit=company.units["C"],
        most_amount=Decimal(5000), most_risk=2, valid_from=FROM,
    )  # fmt: skip
    actor = again(company, "Deputy")
    inside = {"unit": company.unit("K1"), "amount": Decimal(5000), "risk": Risk.MEDIUM}
    assert actor.allows(TAKE, **inside)
    assert not actor.allows(TAKE, **{**inside, "unit": company.unit("S1")})
    with pytest.raises(NotAllowedError) as refused:
        actor.require(TAKE, **{**inside, "amount": Decimal("5000.01")})
    assert refused.value.code == "beyond_limit"
    assert not actor.allows(TAKE, unit=company.unit("K1"))


def test_a_delegation_ends_with_the_role_it_came_from(company: Company) -> None:
    giver = company.person("Lead", "department_lead", "K")
    taker = company.person("Deputy", "employee", "S")
    Delegation.objects.create(
        from_person=giver, to_person=taker, permission=TAKE, unit=company.units["K"], valid_from=FROM
    )
    assert again(company, "Deputy").allows(TAKE, unit=company.unit("K"))
    giver.roles.everything(because="test").update(valid_until=date(2026, 3, 1))
    assert not again(company, "Deputy").has(TAKE)


def test_delegations_in_a_circle_give_nothing(company: Company) -> None:
    one, other = company.person("One", "employee"), company.person("Other", "employee")
    for giver, taker in ((one, other), (other, one)):
        Delegation.objects.create(
            from_person=giver, to_person=taker, permission=TAKE, unit=company.units["C"], valid_from=FROM
        )
    assert not again(company, "One").has(TAKE)


def test_an_agent_has_no_more_than_its_person(company: Company) -> None:
    company.person("Lead", "team_lead", "K1")
    agent = Person.objects.create(kind="agent", answers_for=company.people["Lead"], created_at=AT)
    company.people["Agent"] = agent
    company.person("Agent", "agent", "C")
    actor = again(company, "Agent")
    assert actor.units_for("flow.stream.view") == frozenset({company.unit("K1")})
