"""The language is switched by the control in the page, and stays: on every page, signed out, in another browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect


def switch(page: Page, language: str) -> None:
    """Press the control in the head of the page."""
    page.get_by_role("button", name={"de": "Deutsch", "en": "English"}[language]).click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def sign_out(page: Page) -> None:
    """Sign out by the menu of the account, and confirm where that is asked."""
    page.locator("button[popovertarget=account]").click()
    page.locator("#account form[action='/account/logout/'] button").click()
    page.wait_for_url("**/account/login/**")


@pytest.mark.parametrize("scripts", [True, False], ids=["", "without_javascript"])
def test_before_signing_in(visit: Any, scripts: bool) -> None:
    visitor = visit(language="en", scripts=scripts, width=390)
    page = visitor.go("/account/login/")
    expect(page.locator("h1")).to_have_text("Sign in")
    switch(page, "de")
    expect(page.locator("h1")).to_have_text("Anmelden")
    visitor.go("/account/password/reset/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    switch(page, "en")
    visitor.go("/account/login/")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_it_stays_on_the_page_and_is_kept_with_the_account(visit: Any) -> None:
    visitor = visit(language="en")
    page = visitor.sign_in("Emil")
    visitor.go("/organisation/?as=list&units.sort=code")
    switch(page, "de")
    assert page.url == visitor.site.url + "/organisation/?as=list&units.sort=code"
    expect(page.locator("#table-units-caption")).to_have_text("Liste der Einheiten")
    expect(page.get_by_role("button", name="Deutsch")).to_have_attribute("aria-pressed", "true")
    for path, title in (
        ("/organisation/frame/", "Rahmen von Company"),
        ("/definitions/", "Was die Zahlen bedeuten"),
        ("/jobs/", "Hintergrund"),
    ):
        visitor.go(path)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator("h1")).to_contain_text(title)

    sign_out(page)
    expect(page.locator("h1")).to_have_text("Anmelden")

    elsewhere = visit(language="en")
    expect(elsewhere.go("/account/login/").locator("h1")).to_have_text("Sign in")
    expect(elsewhere.sign_in("Emil").locator("html")).to_have_attribute("lang", "de")
    switch(elsewhere.page, "en")
    expect(elsewhere.go("/organisation/").locator("html")).to_have_attribute("lang", "en")
