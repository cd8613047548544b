"""Choosing a person among many: a list of names up to 200, then a part of the name and the matches, without scripts."""

import pytest
from django.test import Client
from django.urls import reverse

from pegel_web.organisation.forms.fields import MOST_LISTED
from pegel_web.organisation.forms.person_search import MOST_MATCHES
from pegel_web.organisation.models import Delegation, Identity, Membership, Person
from tests.pegel_web.company import AT, FROM, Company

TERMS = {"permission": "organisation.decision.take", "valid_from": "2027-01-01", "reason": "holidays"}


def crowd(company: Company, number: int, unit: str = "K1", called: str = "Person") -> list[Person]:
    people = Person.objects.bulk_create(Person(created_at=AT) for _ in range(number))
    Identity.objects.bulk_create(Identity(person=one, name=f"{called} {n}", key="") for n, one in enumerate(people))
    Membership.objects.bulk_create(Membership(person=one, unit=company.units[unit], valid_from=FROM) for one in people)
    return people


@pytest.fixture
def client(company: Company) -> Client:
    return company.client("department_lead", "K")


def sent(client: Client, company: Company, status: int, **values: str) -> str:
    named = {name.replace("_", "-") if name != "to_person_id" else name: value for name, value in values.items()}
    named = {name.replace("person-", "to_person_id-"): value for name, value in named.items()}
    response = client.post(reverse("give_delegation"), {**TERMS, "unit_id": str(company.unit("K1")), **named})
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


@pytest.mark.parametrize(("others", "searched"), [(MOST_LISTED - 1, False), (MOST_LISTED, True)])
def test_few_are_listed_and_many_are_looked_for(company: Company, client: Client, others: int, searched: bool) -> None:
    crowd(company, others)  # and who is signed in
    page = client.get(reverse("give_delegation")).content.decode()
    assert ('name="to_person_id-text"' in page) is searched
    assert page.count(">Person ") == (0 if searched else others)


def test_from_a_part_of_the_name_to_the_person(company: Company, client: Client) -> None:
    people = crowd(company, MOST_LISTED + 20)
    page = sent(client, company, 422, person_text="person 11", person_look="1")
    # 11 and 110 to 119.
    assert page.count('type="radio"') == 11
    assert "Choose the person among those found." in page
    assert 'value="holidays"' in page
    assert Delegation.objects.everything(because="test").count() == 0
    sent(client, company, 302, person_text="person 11", person_shown="person 11", to_person_id=str(people[115].id))
    assert Delegation.objects.everything(because="test").get().to_person_id == people[115].id


def test_the_key_enter_sends_the_form_once_somebody_is_chosen(company: Company, client: Client) -> None:
    """It presses the first button of the form, which looks; with the same text there is nothing new to look for."""
    people = crowd(company, MOST_LISTED + 20)
    chosen = {"person_look": "1", "person_shown": "person 11", "to_person_id": str(people[115].id)}
    page = sent(client, company, 422, person_text="person 12", **chosen)
    assert page.count('type="radio"') == 11
    sent(client, company, 302, person_text="person 11", **chosen)


def test_not_all_matches_are_shown(company: Company, client: Client) -> None:
    crowd(company, MOST_LISTED + 20)
    page = sent(client, company, 422, person_text="PERSON", person_look="1")
    assert page.count('type="radio"') == MOST_MATCHES
    assert "There are more." in page
    assert "Nobody is called that" in sent(client, company, 422, person_text="nobody", person_look="1")
    assert "Type a part of the name" in sent(client, company, 422)


def test_whom_one_does_not_see_one_does_not_find_or_choose(company: Company, client: Client) -> None:
    crowd(company, MOST_LISTED + 20)
    hidden = crowd(company, 1, unit="S1", called="Hidden")[0]
    assert "Nobody is called that" in sent(client, company, 422, person_text="hidden", person_look="1")
    sent(client, company, 422, person_text="hidden", person_shown="hidden", to_person_id=str(hidden.id))
    oneself = company.people["department_lead-K"]
    assert "Nobody is called that" in sent(client, company, 422, person_text="department_lead", person_look="1")
    sent(client, company, 422, to_person_id=str(oneself.id))
    assert Delegation.objects.everything(because="test").count() == 0


@pytest.mark.parametrize("text", ["<script>", "%", "_", "a\0b", "x" * 5_000, "' OR 1=1 --"])
def test_hostile_texts(company: Company, client: Client, text: str) -> None:
    crowd(company, MOST_LISTED + 20)
    page = sent(client, company, 422, person_text=text, person_look="1", to_person_id="no id")
    assert "<script>" not in page
    assert 'type="radio"' not in page


def test_who_answers_for_something_is_looked_for_as_well(company: Company) -> None:
    crowd(company, MOST_LISTED + 20)
    client = company.client("department_lead", "K")
    address = reverse("assign_responsibility") + f"?unit={company.unit('K1')}&area=data"
    page = client.get(address).content.decode()
    assert 'name="person_id-text"' in page
    assert page.count(">Person ") == 0
