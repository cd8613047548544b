"""The two-minute idea on a phone, and a gate: asked by one person, decided by another, each in their language."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.pegel_web.browser.barriers import barriers, overhang


def send(page: Any) -> None:
    """Send the form of the page."""
    page.locator("form.form button.primary").click()


def test_an_idea_in_four_fields_and_a_gate(visit: Any) -> None:
    tina, karl = visit(language="de", width=390), visit(language="en")
    tina.sign_in("Tina")
    karl.sign_in("Karl")
    page = tina.go("/use-cases/new/")
    assert (barriers(page), overhang(page)) == ([], 0)
    page.fill("textarea[name=pain]", "Jede Rechnung wartet auf drei Unterschriften. Immer.")
    page.select_option("select[name=unit_id]", tina.site.units["K1"])
    page.fill("textarea[name=hoped_effect]", "Zwei Tage weniger")
    send(page)
    expect(page.locator("h1")).to_contain_text("Jede Rechnung wartet auf drei Unterschriften")
    address = page.url.removeprefix(tina.site.url)
    expect(page.locator("#gate")).to_contain_text("Wo")
    assert (barriers(page), overhang(page)) == ([], 0)

    tina.go(f"{address}change/")
    page.fill("input[name=place_note]", "Nur auf Papier")
    page.select_option("select[name=horizon]", "1")
    send(page)
    tina.go(f"{address}estimate/")
    for name, value in (("low", "1.000"), ("likely", "2.000"), ("high", "3.000")):
        page.fill(f"input[name=benefit_{name}]", value)
        page.fill(f"input[name=effort_{name}]", value)
    page.fill("input[name=benefit_low]", "9.000")
    send(page)
    # What makes no sense is told beside the form, and nothing typed is lost.
    expect(page.locator("form.form")).to_contain_text("nicht in dieser Reihenfolge")
    page.fill("input[name=benefit_low]", "1.000")
    send(page)
    expect(page.locator("#table-estimates")).to_contain_text("2.000")

    page.get_by_role("link", name="Weiter zu: Bewertet").click()
    send(page)
    expect(page.locator(".messages")).to_contain_text("Bewertet")
    tina.go(f"{address}duties/new/?duty=result&letter=A")
    hers = page.locator("select[name=person_id] option", has_text="Tina").get_attribute("value")
    page.select_option("select[name=person_id]", hers)
    send(page)
    page.get_by_role("link", name="Gate 1: priorisiert beantragen").click()
    page.fill("textarea[name=options]", "Oder wir warten ein Quartal.")
    send(page)
    expect(page.locator("main")).to_contain_text("wartet")

    seen = karl.go("/use-cases/gates/?mine=1")
    seen.locator("#table-requests tbody tr", has_text="drei Unterschriften").get_by_role("link").first.click()
    expect(seen.locator("main")).to_contain_text("Oder wir warten ein Quartal.")
    seen.get_by_role("link", name="Decide").click()
    seen.select_option("select[name=outcome]", "approved")
    seen.fill("textarea[name=trade_offs]", "Time of the team")
    send(seen)
    expect(seen.locator("main")).to_contain_text("approved")
    tina.go(address)
    expect(page.locator("main")).to_contain_text("Priorisiert")


def test_two_people_write_the_same_and_both_versions_stand_there(visit: Any) -> None:
    tina, karl = visit(language="de"), visit(language="de")
    tina.sign_in("Tina")
    karl.sign_in("Karl")
    address = f"/use-cases/{tina.site.things['use_case_id']}/change/"
    hers, his = tina.go(address), karl.go(address)
    his.fill("textarea[name=pain]", "Vier Unterschriften")
    send(his)
    hers.fill("textarea[name=pain]", "Fünf Unterschriften")
    send(hers)
    expect(hers.locator("main")).to_contain_text("Vier Unterschriften")
    expect(hers.locator("textarea[name=pain]")).to_have_value("Fünf Unterschriften")
    assert barriers(hers) == []
    hers.fill("textarea[name=pain]", "Vier oder fünf Unterschriften")
    send(hers)
    expect(hers.locator("#about")).to_contain_text("Vier oder fünf Unterschriften")
