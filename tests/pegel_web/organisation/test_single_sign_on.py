"""Single sign-on against a certified OpenID Connect provider (npm `oidc-provider`) that runs on loopback."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from django.urls import reverse

from pegel_web.organisation.models import Person, User
from tests.pegel_web.company import Company, make_company

PROVIDER = Path(__file__).parent / "provider"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the provider and what it needs, from the package registry."""
    if shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("node and npm are needed: single sign-on is tested against a real provider")
        pytest.skip("node and npm are not installed")
    folder = tmp_path_factory.mktemp("provider")
    for file in PROVIDER.iterdir():
        shutil.copy(file, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True, timeout=120)
    return folder


@pytest.fixture
def provider(installed: Path, live_server: Any, settings: Any) -> Iterator[str]:
    """Run the provider and make it known to the application."""
    port = free_port()
    callback = live_server.url + reverse("openid_connect_callback", kwargs={"provider_id": "sso"})
    command = ["node", "provider.mjs", str(port), callback]
    with subprocess.Popen(
        command, cwd=installed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        issuer = f"http://127.0.0.1:{port}"
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": "sso", "name": "Company", "client_id": "pegel",
                        "secret": "a secret of the tests", "settings": {"server_url": issuer},
                    }
                ],
            }
        }  # fmt: skip
        yield issuer
        process.terminate()


@pytest.fixture
def staff(transactional_db: None) -> Company:
    return make_company()


class Browser:
    """Follows redirects and fills in the provider's two forms, as a person would."""

    def __init__(self, client: httpx.Client, start: str) -> None:
        self.client = client
        self.start = start

    def sign_in(self, name: str) -> httpx.Response:
        page = self.client.get(self.start + reverse("account_login"))
        token = self.client.cookies["csrftoken"]
        page = self.client.post(
            self.start + reverse("openid_connect_login", kwargs={"provider_id": "sso"}),
            data={"csrfmiddlewaretoken": token},
            headers={"Referer": str(page.url)},
        )
        page = self.answer(page, {"prompt": "login", "login": name, "password": "any"})
        return self.answer(page, {"prompt": "consent"})

    def answer(self, page: httpx.Response, form: dict[str, str]) -> httpx.Response:
        target = re.search(r'action="([^"]+)"', page.text)
        assert target is not None, page.text[:500]
        return self.client.post(urljoin(str(page.url), target[1]), data=form)

    def signed_in(self) -> bool:
        return self.client.get(self.start + "/", follow_redirects=False).status_code == 200


@pytest.fixture
def browsers(live_server: Any) -> Iterator[tuple[Browser, Browser]]:
    """Return two browsers that know nothing of each other."""
    options: dict[str, Any] = {"follow_redirects": True, "headers": {"Accept-Language": "en"}}
    with httpx.Client(**options) as one, httpx.Client(**options) as other:
        yield Browser(one, live_server.url), Browser(other, live_server.url)


def test_somebody_known_signs_in_by_their_verified_address(
    staff: Company, provider: str, browsers: tuple[Browser, Browser]
) -> None:
    ada = staff.person("Ada", "team_lead", "K1")
    browser, _ = browsers
    browser.sign_in(str(ada.identity.email))
    assert browser.signed_in()
    assert User.objects.count() == 1
    again = browsers[1]
    again.sign_in(str(ada.identity.email))
    assert again.signed_in()


def test_a_person_without_an_account_is_joined_to_it(
    staff: Company, provider: str, browsers: tuple[Browser, Browser], settings: Any
) -> None:
    settings.PEGEL_NEW_PEOPLE = True
    ada = staff.person("Ada", "team_lead", "K1", user=False)
    browser, _ = browsers
    browser.sign_in(str(ada.identity.email))
    assert browser.signed_in()
    ada.refresh_from_db()
    assert ada.user is not None
    assert Person.objects.count() == 1


def test_an_unverified_address_opens_nothing(
    staff: Company, provider: str, browsers: tuple[Browser, Browser], settings: Any
) -> None:
    settings.PEGEL_NEW_PEOPLE = True
    ada = staff.person("Ada", "team_lead", "K1")
    browser, _ = browsers
    browser.sign_in(f"unverified-{ada.identity.email}")
    assert not browser.signed_in()
    assert User.objects.count() == 1


def test_a_stranger_is_let_in_only_where_that_is_wanted(
    staff: Company, provider: str, browsers: tuple[Browser, Browser], settings: Any
) -> None:
    browser, _ = browsers
    browser.sign_in("stranger@example.org")
    assert not browser.signed_in()
    assert User.objects.count() == 0
    settings.PEGEL_NEW_PEOPLE = True
    other = browsers[1]
    other.sign_in("stranger@example.org")
    assert other.signed_in()
    person = Person.objects.get()
    assert (person.identity.name, person.roles.everything(because="test").count()) == ("Ada Example", 0)
