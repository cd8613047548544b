"""Who answered for a product on a day: a change ends one period and begins another, and nothing before it moves."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from hypothesis import given
from hypothesis import strategies as st

from pegel_web.organisation.models import Product, ProductOwner
from pegel_web.organisation.queries.products import product_list, product_report
from pegel_web.organisation.queries.units import unit_report
from pegel_web.organisation.services.import_confirmation import confirm_import
from pegel_web.organisation.services.product_owners import owners_from
from pegel_web.organisation.services.products import change_product, create_product, end_product
from pegel_web.organisation.services.structure_import import preview_import
from pegel_web.organisation.services.units import end_unit
from tests.pegel_web.company import AT, FROM, Company, make_company

TODAY = AT.date()
DAY = timedelta(days=1)


def lens(company: Company, unit: str = "K1") -> Product:
    made = create_product(
        actor=company.actor("administrator"),
        code="lens",
        name="Lens",
        owner_unit_id=company.unit(unit),
        valid_from=FROM,
    )
    return Product.objects.everything(because="test").get(id=made.product_id)


def owners(company: Company, product: Product) -> list[tuple[str, date, date | None]]:
    found = product_report(actor=company.actor("executive"), product_id=product.id)
    return [(one.unit_name, one.valid_from, one.valid_until) for one in found.owners]


def owner_on(company: Company, day: date) -> list[str]:
    return [one.owner_unit_name for one in product_list(actor=company.actor("executive"), on=day)]


def to(company: Company, product: Product, unit: str, days: int = 0) -> None:
    actor = company.actor("administrator", at=AT + timedelta(days=days))
    change_product(actor=actor, product_id=product.id, name="Lens", owner_unit_id=company.unit(unit))


def test_a_new_owner_leaves_what_was_before(company: Company) -> None:
    product = lens(company)
    assert owners(company, product) == [("Motor", FROM, None)]
    to(company, product, "K2")
    to(company, product, "S1", days=10)
    assert owners(company, product) == [
        ("Motor", FROM, TODAY), ("Household", TODAY, TODAY + 10 * DAY), ("Field sales", TODAY + 10 * DAY, None),
    ]  # fmt: skip
    days = (FROM - DAY, FROM, TODAY - DAY, TODAY, TODAY + 9 * DAY, TODAY + 10 * DAY)
    assert [owner_on(company, day) for day in days] == [
        [], ["Motor"], ["Motor"], ["Household"], ["Household"], ["Field sales"],
    ]  # fmt: skip
    actor = company.actor("executive")
    of_motor = [unit_report(actor=actor, unit_id=company.unit("K1"), on=day).products for day in (TODAY - DAY, TODAY)]
    assert [len(found) for found in of_motor] == [1, 0]


def test_a_name_alone_changes_no_owner_and_a_day_holds_one(company: Company) -> None:
    product = lens(company)
    actor = company.actor("administrator")
    change_product(actor=actor, product_id=product.id, name="Lens 2", owner_unit_id=company.unit("K1"))
    assert owners(company, product) == [("Motor", FROM, None)]
    to(company, product, "K2")
    to(company, product, "S1")
    assert owners(company, product) == [("Motor", FROM, TODAY), ("Field sales", TODAY, None)]
    to(company, product, "K1")
    assert owners(company, product) == [("Motor", FROM, None)]


def test_the_end_of_a_product_ends_who_answers_for_it(company: Company) -> None:
    product = lens(company)
    to(company, product, "K2")
    end_product(actor=company.actor("administrator"), product_id=product.id, on=TODAY + DAY)
    assert owners(company, product) == [("Motor", FROM, TODAY), ("Household", TODAY, TODAY + DAY)]


def test_the_successor_of_a_unit_answers_from_its_end(company: Company) -> None:
    product = lens(company)
    on = TODAY + 30 * DAY
    end_unit(actor=company.actor("administrator"), unit_id=company.unit("K1"), on=on, successor_id=company.unit("K2"))
    assert owners(company, product) == [("Motor", FROM, on), ("Household", on, None)]


def test_an_import_says_who_answers_from_its_day_on(company: Company) -> None:
    product = lens(company)
    on = TODAY + 30 * DAY
    for content in ("lens;Lens;K2\ncup;Cup;S1\n", "lens;Lens;S2\ncup;Cup 2;S1\n"):
        shown = preview_import(
            actor=company.actor("administrator"), content=b"code;name;owner\n" + content.encode(), file_name="p.csv",
            effective_date=on, kind="products",
        )  # fmt: skip
        confirm_import(actor=company.actor("administrator"), import_id=shown.import_id, seen=shown.digest)
        on += 10 * DAY
    first, second = TODAY + 30 * DAY, TODAY + 40 * DAY
    assert owners(company, product) == [
        ("Motor", FROM, first), ("Household", first, second), ("Back office", second, None),
    ]  # fmt: skip
    cup = Product.objects.everything(because="test").get(code="cup")
    assert owners(company, cup) == [("Field sales", first, None)]
    assert owner_on(company, TODAY) == ["Motor"]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(-20, 40)), max_size=8),
    st.one_of(st.none(), st.integers(1, 40)),
)
def test_owners_are_without_gaps(changes: Sequence[tuple[int, int]], ends: int | None) -> None:
    until = None if ends is None else FROM + ends * DAY
    begun = owners_from((), UUID(int=1), FROM, valid_from=FROM, valid_until=None)
    for owner, day in changes:
        on = FROM + day * DAY
        before, begun = begun, owners_from(begun, UUID(int=owner), on, valid_from=FROM, valid_until=None)
        assert begun[-1][0] == UUID(int=owner)
        if before[-1][0] != UUID(int=owner):
            assert [one for one in begun if one[1] < on][: len(before)] == [one for one in before if one[1] < on]
    last = begun[-1][0]
    begun = owners_from(begun, last, FROM, valid_from=FROM, valid_until=until)
    assert begun[0][1] == FROM
    assert all(one[1] < other[1] and one[0] != other[0] for one, other in pairwise(begun))
    assert until is None or begun[-1][1] < until


@pytest.mark.django_db(transaction=True)
def test_products_of_before_keep_the_owner_that_is_known() -> None:
    company = make_company()
    targets = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("organisation", "0002_import_in_the_background")])
        for code, until in (("a", None), ("b", date(2025, 1, 1))):
            Product.objects.create(
                code=code, name=code, owner_unit=company.units["K1"], valid_from=FROM, valid_until=until
            )
    finally:
        MigrationExecutor(connection).migrate(targets)
    rows = ProductOwner.objects.order_by("product__code").values_list("unit__code", "valid_from", "valid_until")
    assert list(rows) == [("K1", FROM, None), ("K1", FROM, date(2025, 1, 1))]
