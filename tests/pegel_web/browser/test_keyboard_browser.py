"""Without a mouse: past the navigation, to a unit by the search, a table sorted, a question raised."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

#: Whoever presses Tab this often has lost the way.
_MOST = 80
#: How the focus is drawn, and whether it is where it should be.
_STOP = """wanted => {
  const it = document.activeElement;
  return [getComputedStyle(it).outlineStyle, it.matches(wanted)];
}"""


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is on an element that fits; every stop on the way can be seen."""
    for _ in range(_MOST):
        page.keyboard.press(key)
        seen, there = page.evaluate(_STOP, selector)
        assert seen != "none", page.evaluate("document.activeElement.outerHTML")
        if there:
            return
    raise AssertionError(f"{selector} was not reached by {_MOST} times {key}")


def test_the_skip_link_is_first_and_leads_past_the_navigation(visit: Any) -> None:
    visitor = visit(language="de")
    page = visitor.sign_in("Tina")
    visitor.go("/organisation/rights/")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_the_search_leads_to_a_unit(visit: Any) -> None:
    visitor = visit(language="en")
    page = visitor.sign_in("Tina")
    page.keyboard.press("Control+k")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("motor")
    hit = page.locator("#found-here a", has_text="Motor").first
    expect(hit).to_be_visible()
    while not hit.evaluate("it => it === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/organisation/units/*/")
    expect(page.locator("h1")).to_have_text("Motor")


def test_a_table_is_sorted_and_keeps_the_focus(visit: Any) -> None:
    visitor = visit(language="en")
    page = visitor.sign_in("Tina")
    visitor.go("/organisation/?as=list")
    codes = page.locator("#table-units tbody tr td:nth-child(2)")
    first = codes.all_inner_texts()
    heading = "#table-units thead th:nth-child(2) a"
    tab_to(page, heading)
    page.keyboard.press("Enter")
    expect(page.locator("#table-units thead th:nth-child(2)")).to_have_attribute("aria-sort", "ascending")
    assert codes.all_inner_texts() == sorted(first) != first
    expect(page.locator(heading)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#table-units thead th:nth-child(2)")).to_have_attribute("aria-sort", "descending")
    assert codes.all_inner_texts() == sorted(first, reverse=True)


def test_a_branch_of_the_tree_is_folded(visit: Any) -> None:
    visitor = visit(language="en")
    page = visitor.sign_in("Tina")
    visitor.go("/organisation/")
    household = page.locator(".tree").get_by_role("link", name="Household")
    expect(household).to_be_visible()
    tab_to(page, "summary[aria-label='Claims: units below']")
    page.keyboard.press("Enter")
    expect(household).to_be_hidden()
    page.keyboard.press("Enter")
    expect(household).to_be_visible()


def test_a_form_is_sent_after_its_mistake_is_mended(visit: Any) -> None:
    visitor = visit(language="de")
    page = visitor.sign_in("Tina")
    visitor.go("/organisation/decisions/new/")
    tab_to(page, "input[name=amount]")
    page.keyboard.type("zwei Euro")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Bitte prüfen Sie die markierten Felder.")
    tab_to(page, "input[name=title][aria-invalid=true]")
    page.keyboard.type("Ein Werkzeug ohne Maus")
    tab_to(page, "input[name=amount][aria-invalid=true]")
    page.keyboard.press("Control+a")
    page.keyboard.type("1.200,50")
    tab_to(page, "form.form button.primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/organisation/decisions/*-*/")
    expect(page.locator("h1")).to_have_text("Ein Werkzeug ohne Maus")
    expect(page.locator("main")).to_contain_text("1.200,50 €")
