"""Roles: who may give them, to whom, and that somebody always remains who can."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.words import LANGUAGES
from pegel.words.catalogue import has, say
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.permissions import permissions
from pegel_web.organisation.models import RoleAssignment
from pegel_web.organisation.queries.roles import role_assignments, role_catalogue
from pegel_web.organisation.roles import roles
from pegel_web.organisation.services.administrators import first_gap
from pegel_web.organisation.services.roles import assign_role, end_role
from pegel_web.organisation.services.units import end_unit
from tests.pegel_web.company import AT, FROM, Company

TODAY = AT.date()
ON = date(2026, 7, 1)
DAY = timedelta(days=1)


def held(company: Company, name: str) -> RoleAssignment:
    return RoleAssignment.objects.everything(because="test").get(person=company.people[name])


def test_a_role_is_given_and_ended(company: Company) -> None:
    admin = company.actor("administrator")
    person = company.person("Berta")
    line = assign_role(
        actor=admin, person_id=person.id, role_name="team_lead", unit_id=company.unit("K1"), valid_from=TODAY
    )
    assert (line.person, line.role, line.unit_name, line.valid_until) == ("Berta", "team_lead", "Motor", None)
    assert company.actor("works_council").person_id is not None
    with pytest.raises(ConflictError) as refused:
        assign_role(actor=admin, person_id=person.id, role_name="team_lead", unit_id=company.unit("K1"), valid_from=ON)
    assert refused.value.code == "role_held_already"
    end_role(actor=admin, assignment_id=line.assignment_id, on=ON)
    assert held(company, "Berta").valid_until == ON
    with pytest.raises(ConflictError):
        end_role(actor=admin, assignment_id=line.assignment_id, on=ON)
    end_role(actor=admin, assignment_id=line.assignment_id, on=TODAY)
    assert not RoleAssignment.objects.everything(because="test").filter(person=person).exists()


@pytest.mark.parametrize(
    ("giver", "where", "unit", "allowed"),
    [
        ("administrator", "C", "K1", True),
        ("administrator", "K", "K1", True),
        ("administrator", "K", "S1", False),
        ("administrator", "K", "C", False),
        ("programme_lead", "C", "K1", False),
        ("department_lead", "K", "K1", False),
        ("works_council", "C", "K1", False),
    ],
)
def test_nobody_gives_what_is_beyond_their_reach(
    company: Company, giver: str, where: str, unit: str, allowed: bool
) -> None:
    person = company.person("Berta", "employee", "K1")
    actor = company.actor(giver, where)
    call = {"person_id": person.id, "role_name": "team_lead", "unit_id": company.unit(unit), "valid_from": TODAY}
    if allowed:
        assert assign_role(actor=actor, **call).unit_id == company.unit(unit)  # type: ignore[arg-type]  # as given
    else:
        with pytest.raises((NotAllowedError, NotFoundError)):
            assign_role(actor=actor, **call)  # type: ignore[arg-type]  # as given


def test_nobody_extends_their_own_rights(company: Company) -> None:
    admin = company.actor("administrator")
    for role, allowed in (("data_protection_officer", False), ("employee", True)):
        call = {"person_id": admin.person(), "role_name": role, "unit_id": company.unit("C"), "valid_from": TODAY}
        if allowed:
            assign_role(actor=admin, **call)  # type: ignore[arg-type]  # as given
        else:
            with pytest.raises(NotAllowedError) as refused:
                assign_role(actor=admin, **call)  # type: ignore[arg-type]  # as given
            assert refused.value.code == "role_for_oneself"


def test_slips_are_refused(company: Company) -> None:
    admin = company.actor("administrator")
    person = company.person("Berta", "employee", "K1")
    good = {"person_id": person.id, "role_name": "champion", "unit_id": company.unit("K1"), "valid_from": TODAY}
    for change, error, code in (
        ({"role_name": "king"}, NotFoundError, "role_not_found"),
        ({"person_id": uuid4()}, NotFoundError, "person_unknown"),
        ({"unit_id": uuid4()}, NotFoundError, "unit_unknown"),
        ({"valid_until": TODAY}, InputError, "date_order"),
        ({"valid_from": date(2020, 1, 1)}, ConflictError, "unit_not_there"),
    ):
        with pytest.raises(error) as refused:
            assign_role(actor=admin, **{**good, **change})  # type: ignore[arg-type]  # as given
        assert refused.value.code == code


def test_the_last_administrator_stays(company: Company) -> None:
    admin = company.actor("administrator")
    own = held(company, "administrator-C")
    with pytest.raises(ConflictError) as refused:
        end_role(actor=admin, assignment_id=own.id, on=ON)
    assert (refused.value.code, refused.value.values) == ("last_administrator", {"on": ON})
    second = company.person("Second")
    line = assign_role(
        actor=admin, person_id=second.id, role_name="administrator", unit_id=company.unit("C"), valid_from=ON
    )
    with pytest.raises(ConflictError):
        end_role(actor=admin, assignment_id=own.id, on=ON - DAY)
    end_role(actor=admin, assignment_id=own.id, on=ON)
    with pytest.raises(ConflictError):
        end_role(actor=admin, assignment_id=line.assignment_id, on=ON + DAY)


def test_who_cannot_sign_in_is_no_administrator(company: Company) -> None:
    admin = company.actor("administrator")
    no_account = company.person("Second", user=False)
    assign_role(
        actor=admin, person_id=no_account.id, role_name="administrator", unit_id=company.unit("C"), valid_from=FROM
    )
    company.person("Local", "administrator", "K")
    with pytest.raises(ConflictError):
        end_role(actor=admin, assignment_id=held(company, "administrator-C").id, on=ON)


def test_a_role_ends_with_its_unit(company: Company) -> None:
    company.person("Berta", "team_lead", "K1")
    end_unit(actor=company.actor("programme_lead"), unit_id=company.unit("K1"), on=ON)
    assert held(company, "Berta").valid_until == ON


def test_first_gap() -> None:
    day = [date(2026, 1, number) for number in range(1, 9)]
    assert first_gap([], day[3]) == day[3]
    assert first_gap([(day[0], day[2]), (day[2], day[5]), (day[6], None)], day[1]) == day[5]
    assert first_gap([(day[0], day[2]), (day[1], None)], day[0]) is None


def test_holders_are_pseudonyms_where_roles_are_seen_and_people_are_not(company: Company) -> None:
    person = company.person("Berta", "team_lead", "K1")
    seen = {
        role: role_assignments(actor=company.actor(role), person_id=person.id)
        for role in ("works_council", "executive", "employee")
    }
    assert [line.person for line in seen["works_council"]] == [person.pseudonym]
    assert [line.person for line in seen["executive"]] == ["Berta"]
    assert seen["employee"] == ()
    own = company.actor("employee")
    assert [line.role for line in role_assignments(actor=own, person_id=own.person_id)] == ["employee"]


def test_every_role_and_permission_has_words() -> None:
    codes = [f"role.{name}" for name in roles()] + [f"organisation.role_about.{name}" for name in roles()]
    codes += [f"permission.{one.code}" for one in permissions()]
    assert [code for code in codes if not has(code)] == []
    assert all(say(code, language) for code in codes for language in LANGUAGES)
    assert {one.name for one in role_catalogue()} == set(roles())
