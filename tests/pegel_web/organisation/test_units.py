"""Reorganisation: what changes, what stays, what is refused."""

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Membership, Product, RoleAssignment, UnitPeriod
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.units import organisation_tree, unit_report
from pegel_web.organisation.services.units import create_unit, end_unit, move_unit, rename_unit
from tests.pegel_web.company import AT, FROM, Company, make_company

ON = date(2026, 7, 1)
DAY = timedelta(days=1)


def names(company: Company, on: date) -> list[tuple[int, str]]:
    return [(line.depth, line.name) for line in organisation_tree(actor=company.actor("executive"), on=on).lines]


def events() -> list[str]:
    return list(AuditEntry.objects.everything(because="test").order_by("at", "event").values_list("event", flat=True))


def test_the_tree_of_a_day(company: Company) -> None:
    assert names(company, ON) == [
        (0, "Company"), (1, "Claims"), (2, "Household"), (2, "Motor"), (1, "Sales"),
        (2, "Back office"), (2, "Field sales"),
    ]  # fmt: skip
    assert names(company, FROM - DAY) == []


def test_a_reorganisation_keeps_last_years_structure(company: Company) -> None:
    lead = company.actor("programme_lead")
    rename_unit(actor=lead, unit_id=company.unit("K1"), name="Vehicles", kind="department", on=ON)
    move_unit(actor=lead, unit_id=company.unit("K1"), parent_id=company.unit("S"), on=ON)
    assert [node.name for node in structure_on(ON - DAY).path(company.unit("K1"))] == ["Company", "Claims", "Motor"]
    assert [node.name for node in structure_on(ON).path(company.unit("K1"))] == ["Company", "Sales", "Vehicles"]
    report = unit_report(actor=lead, unit_id=company.unit("K1"), on=ON)
    assert [(one.name, one.valid_from, one.valid_until, one.parent_name) for one in report.periods] == [
        ("Vehicles", ON, None, "Sales"), ("Motor", FROM, ON, "Claims"),
    ]  # fmt: skip
    assert events() == ["organisation.unit.moved", "organisation.unit.renamed"]


def test_a_new_unit_and_one_that_begins_again(company: Company) -> None:
    lead = company.actor("department_lead", "K")
    made = create_unit(
        actor=lead, code=" K3 ", name="Liability", kind="team", parent_id=company.unit("K"), valid_from=ON
    )
    assert (made.code, made.name, made.parent_id) == ("K3", "Liability", company.unit("K"))
    with pytest.raises(ConflictError) as refused:
        create_unit(actor=lead, code="K3", name="Again", kind="team", parent_id=company.unit("K"), valid_from=ON)
    assert refused.value.code == "unit_code_taken"
    everywhere = company.actor("programme_lead")
    end_unit(actor=everywhere, unit_id=made.unit_id, on=ON + 10 * DAY)
    again = create_unit(
        actor=everywhere, code="K3", name="Again", kind="team", parent_id=company.unit("S"), valid_from=ON + 20 * DAY
    )
    assert again.unit_id == made.unit_id
    assert [structure_on(ON + days * DAY).nodes.get(made.unit_id) is not None for days in (0, 9, 10, 19, 20)] == [
        True, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "  ", "text_missing"),
        ("name", "x" * 201, "text_too_long"),
        ("name", "x" * 10_000_000, "text_too_long"),
        ("name", "a\0b", "text_unprintable"),
        ("name", "a\u202eb", "text_unprintable"),
        ("code", "\ud800", "text_unprintable"),
        ("kind", "kingdom", "unit_kind_unknown"),
        ("valid_from", date(20, 1, 1), "date_out_of_range"),
        ("valid_from", date(9999, 1, 1), "date_out_of_range"),
    ],
)
def test_what_cannot_be_kept_is_refused(company: Company, field: str, value: object, code: str) -> None:
    good: dict[str, object] = {"code": "N", "name": "New", "kind": "team", "valid_from": ON}
    with pytest.raises(InputError) as refused:
        create_unit(actor=company.actor("programme_lead"), parent_id=company.unit("K"), **{**good, field: value})  # type: ignore[arg-type]  # hostile on purpose
    assert refused.value.code == code


def test_markup_is_only_text(company: Company) -> None:
    name = "<script>=cmd()|' /C calc'!A0</script>"
    made = create_unit(
        actor=company.actor("programme_lead"),
        code="N",
        name=name,
        kind="team",
        parent_id=company.unit("K"),
        valid_from=ON,
    )
    assert made.name == name


def test_there_is_one_top(company: Company) -> None:
    with pytest.raises(ConflictError) as refused:
        create_unit(
            actor=company.actor("administrator"), code="N", name="N", kind="team", parent_id=None, valid_from=ON
        )
    assert refused.value.code == "unit_second_top"


def test_no_unit_hangs_under_itself_on_any_day(company: Company) -> None:
    lead = company.actor("programme_lead")
    later = ON + 100 * DAY
    with pytest.raises(ConflictError) as refused:
        move_unit(actor=lead, unit_id=company.unit("K"), parent_id=company.unit("K1"), on=ON)
    assert refused.value.code == "unit_cycle"
    move_unit(actor=lead, unit_id=company.unit("S1"), parent_id=company.unit("K1"), on=later)
    with pytest.raises(ConflictError) as refused:
        move_unit(actor=lead, unit_id=company.unit("K1"), parent_id=company.unit("S1"), on=ON)
    assert refused.value.code == "unit_cycle"
    with pytest.raises(ConflictError):
        move_unit(actor=lead, unit_id=company.unit("K1"), parent_id=company.unit("K1"), on=ON)


def test_a_parent_must_be_there_as_long_as_its_child(company: Company) -> None:
    lead = company.actor("programme_lead")
    end_unit(actor=lead, unit_id=company.unit("S1"), on=ON)
    with pytest.raises(ConflictError) as refused:
        move_unit(actor=lead, unit_id=company.unit("K1"), parent_id=company.unit("S1"), on=ON - DAY)
    assert refused.value.code == "unit_parent_missing"


def test_a_unit_with_something_in_it_ends_only_into_a_successor(company: Company) -> None:
    lead = company.actor("programme_lead")
    person = company.person("Anna", "team_lead", "K1")
    Membership.objects.create(person=person, unit=company.units["K"], valid_from=FROM)
    product = Product.objects.create(code="p", name="P", owner_unit=company.units["K"], valid_from=FROM)
    RoleAssignment.objects.create(person=person, role="department_lead", unit=company.units["K"], valid_from=FROM)
    with pytest.raises(ConflictError) as refused:
        end_unit(actor=lead, unit_id=company.unit("K"), on=ON)
    assert refused.value.code == "unit_not_empty"
    assert refused.value.values == {"children": 2, "members": 1, "products": 1}
    done = end_unit(actor=lead, unit_id=company.unit("K"), on=ON, successor_id=company.unit("S"))
    assert (done.children, done.members, done.products, done.roles) == (2, 1, 1, 1)
    assert [name for _, name in names(company, ON)] == [
        "Company", "Sales", "Back office", "Field sales", "Household", "Motor",
    ]  # fmt: skip
    assert [name for _, name in names(company, ON - DAY)][1] == "Claims"
    product.refresh_from_db()
    assert product.owner_unit_id == company.unit("S")
    held = Membership.objects.everything(because="test").filter(person=person).order_by("valid_from")
    assert list(held.values_list("unit__code", "valid_from", "valid_until")) == [("K", FROM, ON), ("S", ON, None)]
    roles = RoleAssignment.objects.everything(because="test").filter(person=person).order_by("role")
    assert list(roles.values_list("role", "valid_until")) == [("department_lead", ON), ("team_lead", None)]


def test_a_successor_below_is_refused(company: Company) -> None:
    with pytest.raises(ConflictError):
        end_unit(
            actor=company.actor("programme_lead"), unit_id=company.unit("K"), on=ON, successor_id=company.unit("K1")
        )
    assert structure_on(ON).nodes[company.unit("K1")].parent_id == company.unit("K")


@pytest.mark.parametrize(
    ("role", "unit", "allowed"),
    [
        ("programme_lead", "C", True),
        ("administrator", "C", True),
        ("department_lead", "K", True),
        ("department_lead", "S", False),
        ("executive", "C", False),
        ("team_lead", "K1", False),
        ("employee", "C", False),
        ("works_council", "C", False),
        ("agent", "C", False),
    ],
)
def test_who_may_reorganise(company: Company, role: str, unit: str, allowed: bool) -> None:
    actor = company.actor(role, unit)
    if allowed:
        rename_unit(actor=actor, unit_id=company.unit("K1"), name="New", kind="team", on=ON)
    else:
        with pytest.raises(NotAllowedError):
            rename_unit(actor=actor, unit_id=company.unit("K1"), name="New", kind="team", on=ON)
    assert UnitPeriod.objects.filter(unit=company.unit("K1")).count() == (2 if allowed else 1)


def test_moving_takes_both_ends(company: Company) -> None:
    with pytest.raises(NotAllowedError):
        move_unit(
            actor=company.actor("department_lead", "K"), unit_id=company.unit("K1"), parent_id=company.unit("S"), on=ON
        )


def test_what_nobody_knows_is_not_found(company: Company) -> None:
    lead = company.actor("programme_lead")
    for call in (
        lambda: unit_report(actor=lead, unit_id=uuid4()),
        lambda: rename_unit(actor=lead, unit_id=uuid4(), name="N", kind="team", on=ON),
        lambda: end_unit(actor=lead, unit_id=uuid4(), on=ON),
    ):
        with pytest.raises(NotFoundError) as missing:
            call()
        assert missing.value.code == "unit_unknown"


def test_an_agent_of_one_unit_sees_only_that(company: Company) -> None:
    tree = organisation_tree(actor=company.actor("agent", "K"))
    assert [(line.depth, line.name) for line in tree.lines] == [(0, "Claims"), (1, "Household"), (1, "Motor")]
    with pytest.raises(NotFoundError):
        unit_report(actor=company.actor("agent", "K"), unit_id=company.unit("S"))


def test_small_groups_are_not_counted_for_everybody(company: Company) -> None:
    for number in range(6):
        person = company.person(f"P{number}", user=False)
        unit = company.units["K1" if number < 5 else "K2"]
        Membership.objects.create(person=person, unit=unit, valid_from=FROM)
    Membership.objects.create(person=company.people["P0"], unit=company.units["K2"], valid_from=FROM)

    def counts(role: str, unit: str = "C") -> dict[str, tuple[int | None, int | None]]:
        tree = organisation_tree(actor=company.actor(role, unit))
        return {line.code: (line.people, line.direct_people) for line in tree.lines}

    assert counts("executive") == {
        "C": (6, 0), "K": (6, 0), "K1": (5, 5), "K2": (2, 2), "S": (0, 0), "S1": (0, 0), "S2": (0, 0),
    }  # fmt: skip
    assert counts("employee")["K2"] == (None, None)
    assert counts("employee")["K1"] == (5, 5)
    assert counts("team_lead", "K2")["K2"] == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_of_two_reorganisations_at_once_one_wins() -> None:
    """K under S and S under K: each alone is sound, both together are a ring."""
    company = make_company()
    actor = company.actor("programme_lead")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def move(unit: str, parent: str) -> None:
        try:
            start.wait()
            move_unit(actor=actor, unit_id=company.unit(unit), parent_id=company.unit(parent), on=ON)
            outcomes.append("moved")
        except ConflictError as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in (("K", "S"), ("S", "K"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "unit_cycle"]
    assert len(organisation_tree(actor=actor, on=ON).lines) == 7


def test_a_failed_change_leaves_nothing(company: Company) -> None:
    before = AuditEntry.objects.everything(because="test").count()
    with pytest.raises(ConflictError), transaction.atomic():
        end_unit(actor=company.actor("programme_lead"), unit_id=company.unit("K"), on=ON)
    assert AuditEntry.objects.everything(because="test").count() == before
    assert AT.date() < ON
