"""The floor that two people set holds in the organisation's figures, too: of six people nothing is told below 8."""

import pytest
from django.urls import reverse

from pegel_web.organisation.models import Membership, Person
from pegel_web.organisation.queries.coverage import function_coverage
from pegel_web.organisation.queries.tool_use import tool_map
from pegel_web.organisation.queries.units import organisation_tree
from pegel_web.organisation.services.products import create_product
from pegel_web.organisation.services.responsibilities import declare_tool_use
from pegel_web.privacy.services import confirm_rule_change, propose_rule_change
from tests.pegel_web.company import AT, FROM, Company


@pytest.fixture
def six(company: Company) -> Company:
    """Six people in one team, who answer for one product and use one tool."""
    for _ in range(6):
        Membership.objects.create(
            person=Person.objects.create(created_at=AT), unit=company.units["K1"], valid_from=FROM
        )
    boss = company.actor("administrator")
    create_product(actor=boss, code="LENS", name="Lens", owner_unit_id=company.unit("K1"), valid_from=FROM)
    declare_tool_use(
        actor=company.actor("team_lead", "K1"),
        tool="Copilot",
        unit_id=company.unit("K1"),
        owner_unit_id=company.unit("S"),
        people=6,
    )
    return company


def raise_floor(company: Company, floor: int) -> None:
    change = propose_rule_change(
        actor=company.actor("administrator"), rule="group_floor", value=floor, reason="agreed on 1 March"
    )
    confirm_rule_change(actor=company.actor("works_council"), proposal_id=change.proposal_id)


def told(company: Company) -> list[int | None]:
    reader = company.actor("employee")
    (lens,) = function_coverage(actor=reader).products
    tools = tool_map(actor=reader)
    tree = {line.code: line.people for line in organisation_tree(actor=reader).lines}
    return [lens.people, lens.functions[0].people, tools.overall.people, tools.declared[0].people, tree["K1"]]


def test_a_higher_floor_hides_what_a_lower_one_told(six: Company) -> None:
    assert told(six) == [6, 6, 6, 6, 6]
    raise_floor(six, 8)
    assert told(six) == [None] * 5


def test_the_pages_name_the_floor_in_force(six: Company) -> None:
    raise_floor(six, 8)
    pages = six.client("employee")
    pages.cookies["pegel_language"] = "de"
    assert "weniger als 8" in pages.get(reverse("organisation_tree")).content.decode()
    assert "weniger als 8 Menschen" in pages.get(reverse("tool_map")).content.decode()
    assert "kleiner als 8 ist" in pages.get(reverse("function_coverage")).content.decode()
