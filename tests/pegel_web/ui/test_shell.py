"""The shell around every page: language, theme, navigation, who is signed in, and what it asks the database."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from pegel_web.ui.navigation import NavigationEntry, navigation_of, sections_of
from tests.pegel_web.company import Company

pytestmark = pytest.mark.django_db


def test_a_page_says_its_language_and_how_to_skip_to_its_content(company: Company):
    html = company.client("employee").get("/ui/").content.decode()

    assert '<html lang="en">' in html
    assert html.index('class="skip" href="#main"') < html.index("<header")
    assert '<main id="main"' in html


def test_the_policy_permits_no_inline_code(company: Company):
    policy = company.client("employee").get("/ui/")["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy


def test_a_language_is_kept_with_the_account(company: Company):
    client = company.client("employee")

    answer = client.post("/ui/language", {"language": "de", "next": "/ui/?streams.sort=items"})

    assert (answer.status_code, answer["Location"]) == (302, "/ui/?streams.sort=items")
    elsewhere = Client(headers={"Accept-Language": "en"})
    elsewhere.force_login(get_user_model().objects.get(pk=client.session["_auth_user_id"]))
    page = elsewhere.get("/ui/")
    assert '<html lang="de">' in page.content.decode()
    assert page["Content-Language"] == "de"


def test_a_language_is_kept_with_the_browser_before_signing_in(db: None):
    client = Client(headers={"Accept-Language": "en"})

    client.post("/ui/language", {"language": "de", "next": "/account/login/"})

    assert '<html lang="de">' in client.get("/account/login/").content.decode()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_with_the_browser(theme, db: None):
    client = Client()

    client.post("/ui/theme", {"theme": theme, "next": "/account/login/"})

    assert f'data-theme="{theme}"' in client.get("/account/login/").content.decode()


def test_the_theme_follows_the_device_again(db: None):
    client = Client()
    client.post("/ui/theme", {"theme": "dark"})
    client.post("/ui/theme", {"theme": "system"})

    assert "data-theme" not in client.get("/account/login/").content.decode()


@pytest.mark.parametrize("hostile", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""])
@pytest.mark.parametrize("address", ["/ui/language", "/ui/theme"])
def test_a_choice_never_leads_to_another_site(address, hostile, db: None):
    assert Client().post(address, {"language": "de", "theme": "dark", "next": hostile})["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "sent"),
    [("/ui/language", {"language": "fr"}), ("/ui/theme", {"theme": "x' onload='"}), ("/ui/theme", {})],
)
def test_a_choice_that_is_none_changes_nothing(address, sent, db: None):
    answer = Client().post(address, sent)

    assert answer.status_code == 302
    assert answer.cookies == {}


def test_a_choice_is_a_post_with_a_token(db: None):
    client = Client(enforce_csrf_checks=True)

    assert client.get("/ui/language").status_code == 405
    assert client.post("/ui/language", {"language": "de"}).status_code == 403


def test_a_hostile_theme_cookie_is_ignored(db: None):
    client = Client()
    client.cookies["pegel_theme"] = 'dark"><script>'

    assert "data-theme" not in client.get("/account/login/").content.decode()


def test_the_navigation_offers_what_somebody_may_do_and_marks_where_they_are(company: Company):
    lead, employee = company.actor("programme_lead"), company.actor("employee")

    assert {entry.name for entry in navigation_of(employee)} < {entry.name for entry in navigation_of(lead)}
    offered = [place for section in sections_of(lead, reverse("streams")) for place in section.places]
    assert [place.words for place in offered if place.current] == ["nav.streams"]


def test_entries_of_the_navigation_lead_somewhere(company: Company):
    client = company.client("programme_lead")
    hrefs = [place.href for section in sections_of(company.actor("programme_lead"), "/") for place in section.places]

    assert hrefs
    assert {href: client.get(href).status_code for href in hrefs} == dict.fromkeys(hrefs, 200)


def test_an_unknown_section_is_refused_where_it_is_declared():
    with pytest.raises(ValueError, match="nope"):
        NavigationEntry(name="x", url_name="home", permission="core.audit.view", section="nope", order=1)


def test_who_is_not_signed_in_sees_neither_navigation_nor_search(db: None):
    html = Client().get("/account/login/").content.decode()

    assert "<nav" not in html
    assert 'name="q"' not in html
    assert "/account/logout/" not in html


def test_the_gallery_is_for_everybody_who_is_signed_in_and_nobody_else(company: Company):
    assert company.client("employee").get("/ui/").status_code == 200
    assert Client().get("/ui/").status_code == 302


def test_the_shell_asks_the_database_for_the_session_the_account_and_the_actor_only(
    company: Company, django_assert_max_num_queries
):
    client = company.client("programme_lead")
    client.get("/ui/")

    # Session, account, person, unit tree, roles, delegations; navigation, language and theme ask nothing.
    with django_assert_max_num_queries(7):
        client.get("/ui/")
