"""Signing in: password, second factor, limits of tries, list of sign-ins, and the trace of it all."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse

from pegel_web.core.models import AuditEntry
from tests.pegel_web.company import Company

PASSWORD = "correct horse battery"
START = "/organisation/"


@pytest.fixture(autouse=True)
def no_tries_yet(db: None) -> None:
    cache.clear()


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def events() -> list[str]:
    entries = AuditEntry.objects.everything(because="test").order_by("at")
    return [entry.event.removeprefix("organisation.sign_in.") for entry in entries]


def sign_in(email: str, password: str = PASSWORD, client: Client | None = None) -> tuple[Client, Any]:
    client = client or Client(headers={"Accept-Language": "en"})
    return client, client.post(reverse("account_login"), {"login": email, "password": password})


def set_up_second_factor(browser: Client) -> str:
    """Set a second factor up as the page says; returns its secret. The password is asked for again before that."""
    asked = browser.get(reverse("mfa_activate_totp"))
    browser.post(asked["Location"], {"password": PASSWORD})
    secret = re.search(r"\b([A-Z2-7]{32})\b", browser.get(reverse("mfa_activate_totp")).content.decode())
    assert secret is not None, "the secret is written out for people who cannot scan it"
    # What is told after the commit is told at once: a test's transaction is never committed.
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret[1])}).status_code == 302
    return secret[1]


def email_of(company: Company, name: str, role: str) -> str:
    return str(company.person(name, role).identity.email)


def test_without_signing_in_nothing_is_shown(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_password_opens_the_session_and_leaves_a_trace(company: Company) -> None:
    email = email_of(company, "Ada", "team_lead")
    browser, answer = sign_in(email.upper())
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.get("/").status_code == 200
    browser.post(reverse("account_logout"))
    assert browser.get("/").status_code == 302
    assert events() == ["succeeded", "ended"]
    entry = AuditEntry.objects.everything(because="test").order_by("at")[0]
    assert entry.actor_id == company.people["Ada"].id


def test_a_wrong_password_is_traced_without_the_address_and_limited(company: Company) -> None:
    email = email_of(company, "Ada", "team_lead")
    for _ in range(5):
        assert sign_in(email, "wrong")[1].status_code == 200
    answer = sign_in(email)[1]
    assert answer.status_code != 302, "the sixth try is refused although the password is right"
    assert "failed" in events()
    assert email not in str(list(AuditEntry.objects.everything(because="test").values()))


def test_nobody_can_sign_up(client: Client) -> None:
    form = {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), form)
    assert client.get("/").status_code == 302


def test_a_second_factor_is_set_up_and_then_asked_for(company: Company) -> None:
    email = email_of(company, "Ada", "administrator")
    browser, _ = sign_in(email)
    secret = set_up_second_factor(browser)
    other, answer = sign_in(email)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert other.get("/").status_code == 302, "the password alone opens nothing"
    other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert other.get("/").status_code == 302
    code = code_of(secret)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert other.get("/").status_code == 200
    third, _ = sign_in(email)
    third.post(reverse("mfa_authenticate"), {"code": code})
    assert third.get("/").status_code == 302, "a code counts once"
    assert events() == [
        "succeeded", "second_factor_added", "second_factor_added", "second_factor_failed", "succeeded",
        "second_factor_failed",
    ], "set up (with recovery codes), wrong code, right code, right code once more"  # fmt: skip


def test_the_secret_of_the_second_factor_is_not_readable_in_the_database(company: Company) -> None:
    browser, _ = sign_in(email_of(company, "Ada", "administrator"))
    assert set_up_second_factor(browser) not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_privileged_people_are_led_to_the_second_factor_first(company: Company, settings: Any) -> None:
    settings.PEGEL_TWO_FACTOR = "privileged"
    administrator, _ = sign_in(email_of(company, "Ada", "administrator"))
    assert administrator.get("/")["Location"] == reverse("mfa_activate_totp")
    employee, _ = sign_in(email_of(company, "Bob", "employee"))
    assert employee.get("/").status_code == 200
    settings.PEGEL_TWO_FACTOR = "required"
    assert employee.get("/")["Location"] == reverse("mfa_activate_totp")


def test_every_sign_in_is_listed_and_can_be_ended(company: Company) -> None:
    email = email_of(company, "Ada", "team_lead")
    here, _ = sign_in(email)
    there, _ = sign_in(email)
    assert there.get("/").status_code == 200
    page = here.get(reverse("usersessions_list"))
    assert page.status_code == 200
    here.post(reverse("usersessions_list"))
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_where_only_single_sign_on_is_wanted_no_password_opens(company: Company, settings: Any) -> None:
    settings.PEGEL_PASSWORD_SIGN_IN = False
    browser, _ = sign_in(email_of(company, "Ada", "team_lead"))
    assert browser.get("/").status_code == 302


def test_somebody_without_a_role_sees_a_page_but_nothing_of_the_organisation(company: Company) -> None:
    company.person("Nora")
    browser, _ = sign_in(str(company.people["Nora"].identity.email))
    assert browser.get("/").status_code == 200
