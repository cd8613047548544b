"""People: who is known to whom, where they belong, and how they get an account."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Identity, Membership, Person, RoleAssignment, User
from pegel_web.organisation.queries.people import names_of, people_list, person_report
from pegel_web.organisation.services.accounts import (
    accept_invitation,
    close_account,
    invitation_seen,
    invite_person,
    reopen_account,
)
from pegel_web.organisation.services.people import (
    add_membership,
    create_person,
    end_membership,
    move_person,
    rename_person,
)
from tests.pegel_web.company import AT, FROM, Company

TODAY = AT.date()
ON = date(2026, 7, 1)
PASSWORD = "a long and quiet river"


def added(company: Company, name: str = "Berta", unit: str = "K1", email: str = "", **more: object) -> Person:
    report = create_person(
        actor=company.actor("programme_lead"),
        name=name,
        unit_id=company.unit(unit),
        valid_from=FROM,
        email=email,
        **more,
    )  # type: ignore[arg-type]  # passed on as given
    return Person.objects.get(id=report.person.person_id)


def test_a_person_comes_with_a_name_that_can_be_forgotten(company: Company) -> None:
    person = added(company, " Berta ", email="Berta@Example.org")
    identity = Identity.objects.get(person=person)
    assert (identity.name, identity.email, identity.key != "") == ("Berta", "berta@example.org", True)
    entry = AuditEntry.objects.everything(because="test").get(event="organisation.person.created")
    assert entry.after["name"].keys() == {"sealed"}
    assert "Berta" not in str(entry.after)
    assert entry.unit_id == company.unit("K1")


@pytest.mark.parametrize(
    ("role", "unit", "named"),
    [
        ("team_lead", "K1", True),
        ("department_lead", "K", True),
        ("team_lead", "K2", False),
        ("employee", "C", False),
        ("works_council", "C", False),
        ("compliance", "C", True),
        ("administrator", "C", True),
        ("agent", "C", False),
    ],
)
def test_names_are_for_those_who_may_see_people_there(company: Company, role: str, unit: str, named: bool) -> None:
    person = added(company)
    actor = company.actor(role, unit)
    known = names_of(actor=actor, person_ids=[person.id])[person.id]
    assert (known.shown, known.named) == (("Berta", True) if named else (person.pseudonym, False))
    if named:
        assert person_report(actor=actor, person_id=person.id).person.shown == "Berta"
    else:
        with pytest.raises(NotFoundError):
            person_report(actor=actor, person_id=person.id)


def test_everybody_knows_themselves(company: Company) -> None:
    actor = company.actor("employee")
    assert person_report(actor=actor, person_id=actor.person()).person.shown == "employee-C"


def test_who_has_left_is_a_pseudonym_for_their_lead(company: Company) -> None:
    person = added(company)
    lead = company.actor("team_lead", "K1")
    membership = Membership.objects.everything(because="test").get(person=person)
    end_membership(actor=company.actor("administrator"), membership_id=membership.id, on=TODAY)
    assert not names_of(actor=lead, person_ids=[person.id])[person.id].named


def test_the_list_is_cut_to_the_readers_units(company: Company) -> None:
    added(company, "Berta", "K1", "berta@example.org")
    added(company, "Carl", "S1")
    lead = company.actor("team_lead", "K1")
    assert [one.shown for one in people_list(actor=lead).people] == ["Berta", "team_lead-K1"]
    page = people_list(actor=company.actor("administrator"), text="BERTA@")
    assert ([one.shown for one in page.people], page.count) == (["Berta"], 1)
    assert page.people[0].units == ("Motor",)
    assert people_list(actor=company.actor("administrator"), unit_id=company.unit("S1")).people[0].shown == "Carl"
    assert people_list(actor=lead, text="Carl").count == 0
    assert people_list(actor=lead, text="%").count == 0
    assert people_list(actor=lead, text="\0").count == 2
    with pytest.raises(NotAllowedError):
        people_list(actor=company.actor("employee"))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": ""}, "text_missing"),
        ({"name": "\x07"}, "text_unprintable"),
        ({"email": "nobody"}, "email_invalid"),
        ({"email": "a@b.de\nBcc: x@y.de"}, "text_unprintable"),
        ({"kind": "ghost"}, "person_kind_unknown"),
        ({"kind": "agent"}, "answers_for_missing"),
    ],
)
def test_what_cannot_be_kept_is_refused(company: Company, values: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as refused:
        added(company, **values)  # type: ignore[arg-type]  # hostile on purpose
    assert refused.value.code == code
    assert not Person.objects.exclude(user__isnull=False).exists()


def test_an_address_belongs_to_one_person(company: Company) -> None:
    added(company, "Berta", email="berta@example.org")
    with pytest.raises(ConflictError) as refused:
        added(company, "Other", email="BERTA@example.org")
    assert refused.value.code == "email_taken"
    assert "Berta" not in str(refused.value.values)


def test_an_agent_has_somebody_who_answers_for_it(company: Company) -> None:
    lead = company.person("Lead", "team_lead", "K1")
    agent = added(company, "Scribe", kind="agent", answers_for_id=lead.id)
    report = person_report(actor=company.actor("administrator"), person_id=agent.id)
    assert report.answers_for is not None
    assert report.answers_for.shown == "Lead"
    with pytest.raises(InputError) as refused:
        added(company, "Second", kind="service", answers_for_id=agent.id)
    assert refused.value.code == "answers_for_no_person"


def test_memberships_have_dates_and_no_doubles(company: Company) -> None:
    admin = company.actor("administrator")
    person = added(company)
    report = add_membership(actor=admin, person_id=person.id, unit_id=company.unit("S1"), valid_from=ON)
    assert [(one.unit_name, one.valid_from, one.valid_until) for one in report.memberships] == [
        ("Field sales", ON, None), ("Motor", FROM, None),
    ]  # fmt: skip
    with pytest.raises(ConflictError) as refused:
        add_membership(actor=admin, person_id=person.id, unit_id=company.unit("S1"), valid_from=TODAY)
    assert refused.value.code == "membership_held_already"
    add_membership(actor=admin, person_id=person.id, unit_id=company.unit("S1"), valid_from=TODAY, valid_until=ON)
    with pytest.raises(InputError) as wrong:
        add_membership(actor=admin, person_id=person.id, unit_id=company.unit("S2"), valid_from=ON, valid_until=ON)
    assert wrong.value.code == "date_order"


def test_a_move_ends_everything_else(company: Company) -> None:
    admin = company.actor("administrator")
    person = added(company)
    report = move_person(actor=admin, person_id=person.id, unit_id=company.unit("S2"), on=ON)
    assert [(one.unit_name, one.valid_from, one.valid_until) for one in report.memberships] == [
        ("Back office", ON, None), ("Motor", FROM, ON),
    ]  # fmt: skip
    again = move_person(actor=admin, person_id=person.id, unit_id=company.unit("S2"), on=ON)
    assert again.memberships == report.memberships
    with pytest.raises(NotAllowedError):
        move_person(actor=company.actor("department_lead", "K"), person_id=person.id, unit_id=company.unit("S1"), on=ON)


def test_a_rename_is_sealed_in_the_audit(company: Company) -> None:
    person = added(company, email="b@example.org")
    rename_person(actor=company.actor("programme_lead"), person_id=person.id, name="Berta Neu", email="b@example.org")
    entry = AuditEntry.objects.everything(because="test").get(event="organisation.person.renamed")
    assert "Neu" not in str(entry.after)
    with pytest.raises(NotAllowedError):
        rename_person(actor=company.actor("team_lead", "K1"), person_id=person.id, name="X")
    with pytest.raises(NotFoundError):
        rename_person(actor=company.actor("administrator"), person_id=uuid4(), name="X")


def nobody() -> Actor:
    return Actor(person_id=None, at=AT, through=Through.WEB, request_id="test-request")


def test_an_invitation_works_once(company: Company) -> None:
    admin = company.actor("administrator")
    person = added(company, email="berta@example.org")
    invited = invite_person(actor=admin, person_id=person.id)
    assert invitation_seen(token=invited.token, at=AT).email == "berta@example.org"
    assert person_report(actor=admin, person_id=person.id).invited_until == invited.expires_at
    with pytest.raises(InputError) as weak:
        accept_invitation(actor=nobody(), token=invited.token, password="berta@example.org")
    assert weak.value.code == "password_refused"
    assert accept_invitation(actor=nobody(), token=invited.token, password=PASSWORD) == person.id
    assert User.objects.get(email="berta@example.org").check_password(PASSWORD)
    for call in (
        lambda: accept_invitation(actor=nobody(), token=invited.token, password=PASSWORD),
        lambda: invitation_seen(token=invited.token, at=AT),
        lambda: invitation_seen(token="\udcff", at=AT),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(ConflictError) as used:
        invite_person(actor=admin, person_id=person.id)
    assert used.value.code == "account_in_use"


def test_a_second_invitation_ends_the_first_and_each_ends_after_a_week(company: Company) -> None:
    admin = company.actor("administrator")
    person = added(company, email="berta@example.org")
    first, second = (invite_person(actor=admin, person_id=person.id) for _ in range(2))
    with pytest.raises(NotFoundError):
        invitation_seen(token=first.token, at=AT)
    week = timedelta(days=7)
    assert invitation_seen(token=second.token, at=AT + week - timedelta(seconds=1))
    with pytest.raises(NotFoundError):
        invitation_seen(token=second.token, at=AT + week)


def test_who_holds_the_link_becomes_the_person_so_few_may_make_one(company: Company) -> None:
    person = added(company, email="berta@example.org")
    with pytest.raises(NotAllowedError):
        invite_person(actor=company.actor("department_lead", "K"), person_id=person.id)
    local = company.actor("administrator", "K")
    assert invite_person(actor=local, person_id=person.id).token
    RoleAssignment.objects.create(person=person, role="executive", unit=company.units["C"], valid_from=ON)
    with pytest.raises(NotAllowedError):
        invite_person(actor=local, person_id=person.id)


def test_an_invitation_needs_an_address(company: Company) -> None:
    with pytest.raises(ConflictError) as refused:
        invite_person(actor=company.actor("administrator"), person_id=added(company).id)
    assert refused.value.code == "email_missing"


def test_a_closed_account_lets_nobody_in(company: Company) -> None:
    admin = company.actor("administrator")
    person = company.person("Dora", "employee", "K1")
    close_account(actor=admin, person_id=person.id)
    person.refresh_from_db()
    assert person.user is not None
    assert not User.objects.get(id=person.user_id).is_active
    reopen_account(actor=admin, person_id=person.id)
    assert User.objects.get(id=person.user_id).is_active


def test_the_last_administrator_cannot_be_locked_out(company: Company) -> None:
    admin = company.actor("administrator")
    with pytest.raises(ConflictError) as refused:
        close_account(actor=admin, person_id=admin.person())
    assert refused.value.code == "last_administrator"
    assert User.objects.get(person__id=admin.person()).is_active
