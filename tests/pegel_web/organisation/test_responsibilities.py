"""Who answers for what: gaps, doubles, people who have left; and use against ownership of tools."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError, UserError
from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.areas import areas
from pegel_web.organisation.contracts.responsibilities import Finding, ResponsibilityLine
from pegel_web.organisation.models import Membership, Person, Product, Responsibility, ToolUse
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.responsibilities import responsibility_map
from pegel_web.organisation.queries.tool_use import tool_map
from pegel_web.organisation.services.responsibilities import (
    assign_responsibility,
    declare_tool_use,
    end_responsibility,
)
from tests.pegel_web.company import AT, FROM, Company

TODAY = AT.date()


def held(company: Company, name: str, unit: str, area: str, letter: str = "A", **values: object) -> Responsibility:
    return Responsibility.objects.create(
        unit=company.units[unit], area=area, letter=letter, person=company.person(name), valid_from=FROM, **values
    )


def line(actor: Actor, unit: str, area: str, company: Company) -> ResponsibilityLine:
    found = responsibility_map(actor=actor).lines
    return next(one for one in found if one.unit_id == company.unit(unit) and one.area == area)


def test_areas_are_expected_where_the_file_says(company: Company) -> None:
    found = responsibility_map(actor=company.actor("employee", "K1"))
    at = {kind: sum(kind in area.at for area in areas().values()) for kind in ("organisation", "department", "team")}
    assert found.expected == at["organisation"] + 2 * at["department"] + 4 * at["team"] == 21
    assert (found.gaps, found.in_order, found.doubles, found.ended) == (21, 0, 0, 0)


def test_gaps_doubles_and_people_who_have_left(company: Company) -> None:
    held(company, "One", "K", "data")
    held(company, "One", "C", "security")
    held(company, "Two", "C", "security")
    held(company, "Gone", "C", "platform")
    held(company, "Doer", "K", "budget", "R")
    held(company, "One", "K2", "learning")
    Membership.objects.create(
        person=company.people["Gone"], unit=company.units["K1"], valid_from=FROM, valid_until=TODAY
    )
    Membership.objects.create(person=company.people["One"], unit=company.units["K1"], valid_from=FROM)
    actor = company.actor("employee", "K1")
    assert line(actor, "K", "data", company).finding is None
    assert line(actor, "C", "security", company).finding is Finding.DOUBLE
    assert line(actor, "C", "platform", company).finding is Finding.ENDED
    assert line(actor, "K", "budget", company).finding is Finding.GAP
    assert [(one.name, one.letter, one.ended) for one in line(actor, "C", "platform", company).people] == [
        ("Gone", "A", True)
    ]
    assert not line(actor, "K2", "learning", company).expected
    found = responsibility_map(actor=actor)
    assert (found.expected, found.in_order, found.doubles, found.ended, found.gaps) == (21, 1, 1, 1, 18)


def test_the_day_decides(company: Company) -> None:
    held(company, "One", "C", "data", valid_until=TODAY)
    assert line(company.actor("employee"), "C", "data", company).finding is Finding.GAP
    before = company.actor("employee", at=AT - timedelta(days=1))
    assert line(before, "C", "data", company).finding is None


def test_one_person_twice_is_no_double(company: Company) -> None:
    held(company, "One", "C", "data")
    held(company, "One", "C", "data")
    assert line(company.actor("employee"), "C", "data", company).finding is None


def test_a_product_needs_exactly_one(company: Company) -> None:
    product = Product.objects.create(code="P", name="Motor policy", owner_unit=company.units["K1"], valid_from=FROM)
    lead = company.actor("team_lead", "K1")
    assert line(lead, "K1", "product", company).finding is Finding.GAP
    one = company.person("One")
    done = assign_responsibility(actor=lead, person_id=one.id, letter=Letter.ACCOUNTABLE, product_id=product.id)
    assert (done.finding, done.product_name) == (None, "Motor policy")
    second = assign_responsibility(
        actor=lead, person_id=company.person("Two").id, letter=Letter.ACCOUNTABLE, product_id=product.id
    )
    assert second.finding is Finding.DOUBLE


def test_a_hand_over_leaves_neither_gap_nor_double(company: Company) -> None:
    old, lead = held(company, "Old", "K", "data"), company.actor("department_lead", "K")
    done = assign_responsibility(
        actor=lead, person_id=company.person("New").id, letter=Letter.ACCOUNTABLE, unit_id=company.unit("K"),
        area="data", instead_of=old.id,
    )  # fmt: skip
    assert [(one.name, one.letter) for one in done.people] == [("New", "A")]
    old.refresh_from_db()
    assert old.valid_until == TODAY
    assert sorted(one.event for one in AuditEntry.objects.everything(because="test")) == [
        "organisation.responsibility.assigned", "organisation.responsibility.ended",
    ]  # fmt: skip
    with pytest.raises(ConflictError):
        end_responsibility(actor=lead, responsibility_id=old.id)
    end_responsibility(actor=lead, responsibility_id=done.people[0].responsibility_id)
    assert line(lead, "K", "data", company).finding is Finding.GAP


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"unit_id": "S"}, NotAllowedError, "not_allowed"),
        ({"unit_id": "none"}, NotFoundError, "unit_unknown"),
        ({"unit_id": None}, InputError, "responsibility_of_what"),
        ({"area": None}, InputError, "responsibility_of_what"),
        ({"area": "galaxies"}, InputError, "area_unknown"),
        ({"area": "product"}, InputError, "area_unknown"),
        ({"product_id": uuid4()}, InputError, "responsibility_of_what"),
        ({"product_id": uuid4(), "unit_id": None, "area": None}, NotFoundError, "product_unknown"),
        ({"person_id": uuid4()}, NotFoundError, "person_unknown"),
        ({"person_id": "agent"}, InputError, "responsibility_of_program"),
        ({"person_id": "Old"}, ConflictError, "responsibility_exists"),
        ({"instead_of": uuid4()}, NotFoundError, "responsibility_unknown"),
        ({"instead_of": "other"}, NotFoundError, "responsibility_unknown"),
    ],
)
def test_what_cannot_be_assigned(
    company: Company, changed: dict[str, object], kind: type[UserError], code: str
) -> None:
    held(company, "Old", "K", "data")
    other = held(company, "Old", "K", "budget")
    agent = Person.objects.create(kind="agent", answers_for=company.people["Old"], created_at=AT)
    named = {
        "S": company.unit("S"),
        "none": uuid4(),
        "agent": agent.id,
        "Old": company.people["Old"].id,
        "other": other.id,
    }
    values = {
        "unit_id": company.unit("K"), "area": "data", "person_id": company.person("New").id,
        **{name: named.get(value, value) if isinstance(value, str) else value for name, value in changed.items()},
    }  # fmt: skip
    with pytest.raises(kind) as refused:
        assign_responsibility(actor=company.actor("department_lead", "K"), letter=Letter.ACCOUNTABLE, **values)
    assert refused.value.code == code
    assert Responsibility.objects.everything(because="test").count() == 2


@pytest.mark.parametrize(("role", "may"), [("employee", False), ("works_council", False), ("team_lead", True)])
def test_who_declares_the_use_of_tools(company: Company, role: str, *, may: bool) -> None:
    values = {"tool": "Copilot", "unit_id": company.unit("K1"), "people": 7, "owner_unit_id": company.unit("S")}
    if not may:
        with pytest.raises(NotAllowedError):
            declare_tool_use(actor=company.actor(role, "K1"), **values)
        return
    done = declare_tool_use(actor=company.actor(role, "K1"), **values)
    assert (done.tool, done.unit_name, done.owner_unit_name, done.people) == ("Copilot", "Motor", "Sales", 7)
    declare_tool_use(actor=company.actor(role, "K1"), **{**values, "tool": " COPILOT", "people": 9})
    assert [(one.tool, one.people) for one in ToolUse.objects.everything(because="test")] == [("Copilot", 9)]
    entry = AuditEntry.objects.everything(because="test").order_by("at").last()
    assert entry is not None
    assert entry.event == "organisation.tool_use.declared"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"people": -1}, "people_out_of_range"), ({"people": 10**18}, "people_out_of_range"),
        ({"tool": ""}, "text_missing"), ({"tool": "x" * 121}, "text_too_long"), ({"tool": "a\0b"}, "text_unprintable"),
    ],
)  # fmt: skip
def test_what_is_no_declaration(company: Company, changed: dict[str, object], code: str) -> None:
    values = {"tool": "Copilot", "unit_id": company.unit("K1"), "people": 7, **changed}
    with pytest.raises(InputError) as refused:
        declare_tool_use(actor=company.actor("team_lead", "K1"), **values)
    assert refused.value.code == code


def use(company: Company, tool: str, unit: str, people: int, owner: str | None, on: date = TODAY) -> None:
    ToolUse.objects.create(
        tool=tool, unit=company.units[unit], people=people, declared_on=on,
        owner_unit=None if owner is None else company.units[owner],
    )  # fmt: skip


def test_use_against_ownership_by_hand(company: Company) -> None:
    """Claims: 30 + 10 people use what Sales owns; Sales: 10 use their own.

    p = (Claims 40/50, Sales 10/50), q = (Sales 50/50). ½ · (|0.8 − 0| + |0.2 − 1|) = 0.8; inside: 10 of 50.
    """
    use(company, "A", "K1", 30, "S")
    use(company, "A", "K2", 10, "S1")
    use(company, "A", "S1", 10, "S")
    found = tool_map(actor=company.actor("employee", "K1"))
    assert (found.overall.people, found.overall.inside, found.overall.imbalance) == (50, 0.2, 0.8)
    assert [(one.name, one.using, one.owning) for one in found.departments] == [("Claims", 40, 0), ("Sales", 10, 50)]
    assert (found.tools[0].tool, found.tools[0].inside, found.tools[0].imbalance) == ("A", 0.2, 0.8)


def test_over_all_tools_ownership_may_balance_what_each_tool_does_not(company: Company) -> None:
    """Claims uses what Sales owns and the other way round, with as many people: nobody inside, but no imbalance."""
    use(company, "A", "K1", 10, "S")
    use(company, "B", "S1", 10, "K")
    found = tool_map(actor=company.actor("employee"))
    assert (found.overall.inside, found.overall.imbalance) == (0.0, 0.0)
    assert [(one.inside, one.imbalance) for one in found.tools] == [(0.0, 1.0), (0.0, 1.0)]


def test_what_nobody_owns_is_a_group_of_its_own(company: Company) -> None:
    use(company, "A", "K1", 10, None)
    found = tool_map(actor=company.actor("employee"))
    assert (found.overall.inside, found.overall.imbalance, found.unowned) == (0.0, 1.0, ("A",))
    assert [(one.name, one.using, one.owning) for one in found.departments] == [("Claims", 10, 0), (None, 0, 10)]


def test_small_groups_count_nowhere_and_show_no_number(company: Company) -> None:
    use(company, "A", "K1", 10, "K")
    use(company, "A", "K2", 4, "S")
    use(company, "B", "K2", 4, "S")
    found = tool_map(actor=company.actor("executive"))
    assert (found.overall.people, found.overall.inside, found.left_out) == (10, 1.0, 2)
    assert [(one.tool, one.unit_name, one.people) for one in found.declared] == [
        ("A", "Household", None), ("A", "Motor", 10), ("B", "Household", None),
    ]  # fmt: skip
    assert [(one.tool, one.status, one.inside) for one in found.tools] == [("A", "value", 1.0), ("B", "too_few", None)]


def test_the_latest_declaration_counts_and_zero_ends_the_use(company: Company) -> None:
    yesterday = TODAY - timedelta(days=1)
    use(company, "A", "K1", 10, "K", yesterday)
    use(company, "a", "K1", 20, "K")
    use(company, "B", "K1", 10, "K", yesterday)
    use(company, "B", "K1", 0, "K")
    use(company, "C", "K1", 10, "K", TODAY + timedelta(days=1))
    found = tool_map(actor=company.actor("employee"))
    assert [(one.tool, one.people) for one in found.declared] == [("a", 20)]


def test_nothing_declared_is_no_data_and_not_zero(company: Company) -> None:
    found = tool_map(actor=company.actor("employee"))
    assert (found.overall.status, found.overall.inside, found.overall.imbalance) == ("no_data", None, None)


def test_an_agent_sees_its_part_only(company: Company) -> None:
    use(company, "A", "K1", 10, "K")
    use(company, "A", "S1", 10, "K")
    owner = company.person("Lead", "team_lead", "K1")
    agent = Person.objects.create(kind="agent", answers_for=owner, created_at=AT)
    company.people["Agent"] = agent
    company.person("Agent", "agent", "K1")
    actor = actor_of(agent, at=AT, through=Through.MCP, request_id="test-request")
    assert [one.unit_name for one in tool_map(actor=actor).declared] == ["Motor"]
    assert {one.unit_name for one in responsibility_map(actor=actor).lines} <= {"Motor"}
