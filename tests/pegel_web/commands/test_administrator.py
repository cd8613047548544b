"""The first administrator: made once, with everything that is missing, and never somebody else's password."""

import pytest
from django.test import Client

from pegel.errors import InputError
from pegel_web.commands.first_administrator import make_administrator
from pegel_web.commands.installation import whoever_has_the_machine
from pegel_web.core.errors import ConflictError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Person, RoleAssignment, Unit, User
from pegel_web.organisation.queries.actors import actor_of
from tests.pegel_web.company import Company


def make(email: str = "erika@example.org") -> object:
    actor = whoever_has_the_machine("en")
    return make_administrator(actor=actor, email=email, name="Erika", organisation="Example AG")


def test_in_an_empty_installation_everything_is_made(db: None) -> None:
    made = make()
    person = Person.objects.get(pk=made.person_id)
    actor = actor_of(
        person, at=whoever_has_the_machine("en").at, through=whoever_has_the_machine("en").through, request_id="r"
    )
    assert actor.allows("organisation.role.assign")
    assert Unit.objects.everything(because="test").count() == 1
    assert made.password is not None
    assert len(made.password) >= 20
    assert User.objects.get(email="erika@example.org").check_password(made.password)
    events = set(AuditEntry.objects.everything(because="test").values_list("event", "through"))
    assert ("organisation.role.assigned", "cli") in events


def test_run_twice_it_changes_nothing(db: None) -> None:
    first = make()
    before = AuditEntry.objects.everything(because="test").count()
    again = make("Erika@Example.org")
    assert again.person_id == first.person_id
    assert again.password is None
    assert User.objects.get(email="erika@example.org").check_password(first.password)
    assert AuditEntry.objects.everything(because="test").count() == before


def test_somebody_who_is_there_gets_the_role_and_keeps_the_account(company: Company) -> None:
    person = company.person("Lead", "team_lead", "K1")
    email = person.identity.email
    made = make(email)
    assert (made.person_id, made.password) == (person.id, None)
    held = RoleAssignment.objects.everything(because="test").filter(person=person, role="administrator")
    assert [one.unit_id for one in held] == [company.unit("C")]


def test_a_closed_account_is_not_opened_by_the_way(company: Company) -> None:
    person = company.person("Gone", "team_lead", "K1")
    User.objects.filter(pk=person.user_id).update(is_active=False)
    with pytest.raises(ConflictError):
        make(person.identity.email)
    assert not RoleAssignment.objects.everything(because="test").filter(role="administrator").exists()


@pytest.mark.parametrize("email", ["", "erika", "a b@example.org", "x@" + "y" * 300 + ".org", "a\0@example.org"])
def test_what_is_no_address_is_refused_and_nothing_is_made(db: None, email: str) -> None:
    with pytest.raises(InputError):
        make(email)
    assert not Unit.objects.everything(because="test").exists()


def test_the_administrator_can_sign_in(db: None) -> None:
    made = make()
    client = Client()
    response = client.post("/account/login/", {"login": "erika@example.org", "password": made.password})
    assert response.status_code == 302
