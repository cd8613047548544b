"""A right is handed on within a limit, used up to it, and taken back: two people, each at a screen of their own."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.pegel_web.browser.barriers import barriers, overhang

TAKE = "organisation.decision.take"


def ask(visitor: Any, title: str, amount: str) -> str:
    """Raise a question for the team Household; return its address."""
    page = visitor.go("/organisation/decisions/new/")
    page.fill("input[name=title]", title)
    page.select_option("select[name=unit_id]", visitor.site.units["K2"])
    page.fill("input[name=amount]", amount)
    page.select_option("select[name=risk]", "1")
    page.locator("form.form button.primary").click()
    page.wait_for_url("**/organisation/decisions/*-*/")
    return str(page.url.removeprefix(visitor.site.url))


def give(visitor: Any, amount: str) -> None:
    """Hand on the right to decide in Household to Tina."""
    page = visitor.go("/organisation/rights/delegations/new/")
    tina = page.locator("select[name=to_person_id] option", has_text="Tina").get_attribute("value")
    page.select_option("select[name=to_person_id]", tina)
    page.select_option("select[name=permission]", TAKE)
    page.select_option("select[name=unit_id]", visitor.site.units["K2"])
    page.fill("input[name=most_amount]", amount)
    page.locator("form.form button.primary").click()


def row(page: Page, table: str, text: str) -> Locator:
    """Return the lines of a table in which a text stands."""
    return page.locator(f"#table-{table} tbody tr", has_text=text)


def test_a_right_is_given_used_and_taken_back(visit: Any) -> None:
    karl, tina = visit(language="de", width=390), visit(language="en")
    karl.sign_in("Karl")
    tina.sign_in("Tina")
    small, large = ask(karl, "Ein Werkzeug für Haushalt", "5.000"), ask(karl, "Ein teures Werkzeug", "5.000,51")
    answer = tina.page.locator("form[action$='/take/']")

    tina.go("/organisation/rights/own/")
    expect(row(tina.page, "own", "Household")).to_have_count(0)

    give(karl, "viel")
    expect(karl.page.get_by_text("Das ist kein Betrag.")).to_be_visible()
    assert barriers(karl.page) == []
    give(karl, "5.000,50")
    expect(karl.page.locator(".messages")).to_contain_text("Das Recht wurde an Tina delegiert.")
    delegation = karl.page.url.removeprefix(karl.site.url)
    assert overhang(karl.page) == 0

    karl.go("/organisation/rights/")
    expect(row(karl.page, "matrix", "Household")).to_contain_text("Tina (delegiert von Karl, bis 5.000,50 €)")

    tina.go("/organisation/rights/own/")
    expect(row(tina.page, "own", "Household")).to_contain_text("up to €5,000.50")
    expect(row(tina.page, "own", "Household")).to_contain_text("Delegation")
    tina.go(small)
    tina.page.check("input[name=outcome][value=approved]")
    tina.page.fill("textarea[name=reason]", "It saves the third copy.")
    answer.locator("button").click()
    expect(tina.page.locator("main")).to_contain_text("approved")
    expect(answer).to_have_count(0)
    tina.go(large)
    expect(tina.page.get_by_role("heading", level=1)).to_contain_text("Ein teures Werkzeug")
    expect(answer).to_have_count(0)

    karl.go(delegation)
    karl.page.locator("form[action$='/revoke/'] button").click()
    expect(karl.page.locator(".messages")).to_contain_text("Die Delegation an Tina ist beendet.")
    expect(karl.page.locator("form[action$='/revoke/']")).to_have_count(0)
    karl.go("/organisation/rights/")
    expect(row(karl.page, "matrix", "Household")).not_to_contain_text("Tina")
    tina.go("/organisation/rights/own/")
    expect(row(tina.page, "own", "Household")).to_have_count(0)


def test_nobody_hands_on_more_than_they_have(visit: Any) -> None:
    lead = visit(language="en", scripts=False)
    page = lead.sign_in("Tina")
    lead.go("/organisation/rights/delegations/new/")
    offered = page.locator("select[name=unit_id] option").all_inner_texts()
    assert [one.strip() for one in offered] == ["Motor"]
