"""Which functions take part in which product: by hand-made cases, per role, over time, without telling small groups."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from pegel.errors import InputError, NotFoundError
from pegel.words import LANGUAGES
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.core.tools import tool_named
from pegel_web.organisation.contracts.coverage import FunctionCoverage, ProductCoverage
from pegel_web.organisation.models import Membership, Person, Responsibility, WantedFunction
from pegel_web.organisation.pages.coverage import sentence
from pegel_web.organisation.queries.coverage import function_coverage
from pegel_web.organisation.services.coverage import set_wanted_functions
from pegel_web.organisation.services.products import create_product
from tests.pegel_web.company import AT, FROM, Company

DAY = timedelta(days=1)


def product(company: Company, code: str, unit: str) -> UUID:
    actor = company.actor("administrator")
    return create_product(
        actor=actor, code=code, name=code.title(), owner_unit_id=company.unit(unit), valid_from=FROM
    ).product_id


def people(company: Company, number: int, *units: str, since: date = FROM, until: date | None = None) -> list[Person]:
    made = [Person.objects.create(created_at=AT) for _ in range(number)]
    for one in made:
        for unit in units:
            Membership.objects.create(person=one, unit=company.units[unit], valid_from=since, valid_until=until)
    return made


def want(company: Company, product_id: UUID | None, *units: str, days: int = 0) -> None:
    actor = company.actor("administrator", at=AT + days * DAY)
    set_wanted_functions(actor=actor, product_id=product_id, unit_ids=[company.unit(one) for one in units])


def coverage(company: Company, on: date | None = None) -> FunctionCoverage:
    return function_coverage(actor=company.actor("employee"), on=on)


def told(one: ProductCoverage) -> dict[str, int | None]:
    return {each.name: each.people for each in one.functions}


def test_functions_are_the_departments_of_a_products_people(company: Company) -> None:
    product(company, "lens", "K1")
    people(company, 6, "K1")  # Claims
    people(company, 5, "K1", "S1")  # Claims and Sales
    people(company, 9, "S2")  # Sales, and in no product
    people(company, 30, "K")  # the department above the team is not the team
    found = coverage(company)
    assert [one.name for one in found.functions] == ["Claims", "Sales"]
    (lens,) = found.products
    assert (lens.people, told(lens)) == (11, {"Claims": 11, "Sales": 5})
    # 6 + 5 + 9 + 30 = 50 people, of whom 9 + 30 = 39 belong to no product.
    assert (found.people, found.line_only, found.line_only_share) == (50, 39, 39 / 50)
    assert (lens.state, found.covered_share, found.configured) == ("not_configured", None, 0)


def test_who_answers_for_a_product_belongs_to_it(company: Company) -> None:
    lens = product(company, "lens", "K1")
    people(company, 5, "K1")
    for letter, (person,) in (
        ("A", people(company, 1, "S1")),
        ("R", people(company, 1, "S")),
        ("I", people(company, 1, "S")),
    ):
        Responsibility.objects.create(
            product_id=lens, unit=company.units["K1"], area="product", letter=letter, person=person, valid_from=FROM
        )
    (found,) = coverage(company).products
    # Five and the two who are accountable or responsible; Sales has those two, which is too few to tell.
    assert found.people == 7
    assert {each.name: each.present for each in found.functions} == {"Claims": True, "Sales": True}


@pytest.mark.parametrize(
    ("claims", "sales", "expected"),
    [
        (5, 5, {"Claims": 5, "Sales": 5}),
        (4, 9, {"Claims": None, "Sales": None}),  # 13 - 9 would tell the four
        (3, 3, {"Claims": None, "Sales": None}),
        (7, 0, {"Claims": 7}),
        (2, 0, {"Claims": None}),
    ],
)
def test_small_groups_are_not_told_and_cannot_be_told_from_the_rest(
    company: Company, claims: int, sales: int, expected: dict[str, int | None]
) -> None:
    product(company, "lens", "C")
    people(company, claims, "K1", "C")
    people(company, sales, "S1", "C")
    (found,) = coverage(company).products
    assert told(found) == expected
    assert found.people == (claims + sales if claims + sales >= 5 else None)


@pytest.mark.parametrize(
    ("inside", "outside", "share"), [(5, 5, 0.5), (4, 6, None), (6, 4, None), (0, 8, 1.0), (8, 0, 0.0), (0, 0, None)]
)
def test_the_share_in_the_line_only_needs_two_groups_of_five(
    company: Company, inside: int, outside: int, share: float | None
) -> None:
    product(company, "lens", "K1")
    people(company, inside, "K1")
    people(company, outside, "K2")
    found = coverage(company)
    assert found.line_only_share == share
    assert (found.line_only is None) == (share is None and inside + outside > 0)


def test_what_is_missing_follows_the_declaration_of_the_product_or_that_for_all(company: Company) -> None:
    lens, claim, empty = product(company, "lens", "K1"), product(company, "claim", "K2"), product(company, "dust", "S2")
    people(company, 5, "K1", "S1")
    people(company, 5, "K2")
    want(company, None, "K", "S")
    by_name = {one.name: one for one in coverage(company).products}
    assert {name: one.state for name, one in by_name.items()} == {
        "Lens": "covered", "Claim": "incomplete", "Dust": "nobody",
    }  # fmt: skip
    assert [one.name for one in by_name["Claim"].missing] == ["Sales"]
    assert {one.name: (one.present, one.wanted) for one in by_name["Claim"].functions} == {
        "Claims": (True, True), "Sales": (False, True),
    }  # fmt: skip
    found = coverage(company)
    assert (found.configured, found.covered, found.covered_share) == (3, 1, 1 / 3)
    want(company, claim, "K")
    own = {one.product_id: one for one in coverage(company).products}
    assert (own[claim].state, own[claim].own_declaration) == ("covered", True)
    assert (own[lens].own_declaration, own[empty].state) == (False, "nobody")
    want(company, claim)
    assert coverage(company).covered == 1
    # Claim lacks Sales; Dust, which has nobody, lacks both.
    expected = "1 of 3 products have every function they need. Missing most often: Sales, in 2 products."
    assert sentence(found, "en") == expected


def test_history_is_kept(company: Company) -> None:
    lens = product(company, "lens", "K1")
    people(company, 5, "K1", since=FROM, until=AT.date() + 20 * DAY)
    want(company, lens, "S")
    want(company, lens, "K", days=10)
    today = AT.date()
    states = [coverage(company, today + days * DAY).products[0].state for days in (-1, 0, 9, 10, 19, 20)]
    assert states == ["not_configured", "incomplete", "incomplete", "covered", "covered", "nobody"]
    assert WantedFunction.objects.count() == 2
    want(company, lens, "K", "S", days=10)
    want(company, lens, "K", days=10)
    assert WantedFunction.objects.count() == 2, "what never held for a day leaves nothing"
    assert coverage(company, FROM - DAY).products == ()


def test_declaring_takes_the_right_over_the_product_or_over_everything_and_is_recorded(company: Company) -> None:
    lens = product(company, "lens", "K1")
    sales = company.unit("S")
    for role, unit, product_id in (
        ("employee", "C", lens), ("team_lead", "K1", lens), ("department_lead", "S", lens),
        ("department_lead", "K", None),
    ):  # fmt: skip
        with pytest.raises(NotAllowedError):
            set_wanted_functions(actor=company.actor(role, unit), product_id=product_id, unit_ids=[sales])
    lead = company.actor("department_lead", "K")
    set_wanted_functions(actor=lead, product_id=lens, unit_ids=[sales, sales])
    set_wanted_functions(actor=lead, product_id=lens, unit_ids=[sales])
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="organisation.wanted_functions.set")
    assert entry.after == {"units": [str(sales)]}
    for unit in (company.unit("K1"), company.unit("C"), uuid4()):
        with pytest.raises(InputError, match="function_unknown"):
            set_wanted_functions(actor=lead, product_id=lens, unit_ids=[unit])
    with pytest.raises(NotFoundError):
        set_wanted_functions(actor=lead, product_id=uuid4(), unit_ids=[sales])


def test_the_page_says_what_to_do_and_exports_the_matrix(company: Company) -> None:
    place, form = reverse("function_coverage"), reverse("set_wanted_functions")
    reader, lead = company.client("employee"), company.client("programme_lead")
    assert "There are no products on this day" in reader.get(place).content.decode()
    assert "Add a product" in lead.get(place).content.decode()
    lens = product(company, "lens", "K1")
    people(company, 5, "K1")
    page = reader.get(place).content.decode()
    assert "One product; which functions it needs is not declared yet." in page
    assert form not in page
    assert form in lead.get(place).content.decode()
    assert reader.get(form).status_code == 403
    assert lead.get(f"{form}?product={lens}").status_code == 200
    assert lead.post(f"{form}?product={lens}", {"unit_ids": ["nonsense"]}).status_code == 422
    sent = {"unit_ids": [str(company.unit("S")), str(company.unit("K"))]}
    assert lead.post(f"{form}?product={lens}", sent).status_code == 302
    assert "Missing most often: Sales, in one product." in reader.get(place).content.decode()
    rows = reader.get(place + "?coverage.export=csv").content.decode("utf-8-sig").splitlines()
    assert rows == [
        "Product,State,Functions missing,People,Claims,Sales,Unit that answers for it",
        "Lens,functions missing,1,5,5,missing,Motor",
    ]  # fmt: skip
    german = reader.get(place, headers={"Accept-Language": "de"}).content.decode()
    assert "Am häufigsten fehlt Sales, in einem Produkt." in german
    assert reader.get(f"{place}?on=1990-01-01").status_code == 200
    assert reader.get(f"{place}?on=nonsense").status_code in (200, 400, 422)


def test_programs_get_the_same(company: Company) -> None:
    lens = product(company, "lens", "K1")
    people(company, 5, "K1")
    client, actor = company.client("administrator"), company.actor("administrator", at=timezone.now())
    sent: dict[str, Any] = {"product_id": str(lens), "unit_ids": [str(company.unit("S"))]}
    by_rest = client.put("/api/v1/coverage/wanted", sent, content_type="application/json")
    assert by_rest.status_code == 200
    assert by_rest.json() == tool_named("set_wanted_functions").call(actor, sent)
    assert client.get("/api/v1/coverage").json() == tool_named("function_coverage").call(actor, {})
    assert client.get("/api/v1/coverage").json()["products"][0]["missing"][0]["name"] == "Sales"


def test_every_sentence_exists_in_both_languages(company: Company) -> None:
    product(company, "lens", "K1")
    product(company, "dust", "S2")
    for declared in ((), ("K", "S")):
        want(company, None, *declared)
        assert all(sentence(coverage(company), language) for language in LANGUAGES)
