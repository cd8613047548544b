"""Signing in as a person does: with a password and a one-time code, in both languages, wide and narrow, by keyboard."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def enter_code(page: Page, secret: str) -> None:
    """Type the code of now; one that was typed at the end of its 30 seconds may come too late, the next does not."""
    for _ in range(2):
        page.fill("input[name=code]", code_of(secret))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        if page.locator("input[name=code]").count() == 0:
            return


@pytest.mark.parametrize(("language", "title"), [("de", "Anmelden"), ("en", "Sign in")])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_sign_in_page_fits_and_speaks_the_language(visit: Any, language: str, title: str, width: int) -> None:
    page = visit(language=language, width=width).go("/account/login/")
    assert page.get_attribute("html", "lang") == language
    assert title in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_with_the_keyboard_only(visit: Any) -> None:
    visitor = visit()
    page = visitor.go("/account/login/")
    page.locator("input[name=login]").focus()
    page.keyboard.type(visitor.site.emails["Tina"])
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.name") != "password":
        page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url(visitor.site.url + "/")


def test_without_javascript(visit: Any) -> None:
    page = visit(scripts=False).sign_in("Tina")
    assert page.locator("nav").count() >= 1


def test_a_second_factor_is_set_up_and_asked_for(visit: Any) -> None:
    visitor = visit()
    page = visitor.sign_in("Wanda")
    visitor.go("/account/2fa/totp/activate/")
    page.fill("input[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/totp/activate/**")
    secret = re.search(r"\b([A-Z2-7]{32})\b", page.content())
    assert secret is not None
    enter_code(page, secret[1])
    page.wait_for_url(re.compile(r"/2fa/(recovery-codes/.*)?$"))
    other = visit()
    page = other.go("/account/login/")
    page.fill("input[name=login]", other.site.emails["Wanda"])
    page.fill("input[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    enter_code(page, secret[1])
    page.wait_for_url(other.site.url + "/")
