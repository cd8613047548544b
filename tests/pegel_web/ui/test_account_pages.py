"""Pages of the account: in the shell, in both languages, with "Sie"."""

import ast
import gettext
import re
from pathlib import Path

import allauth
import pytest
from django.test import Client
from django.utils import translation

import pegel_web.ui
from tests.pegel_web.company import Company

_OURS = Path(pegel_web.ui.__file__).parent / "locale" / "de" / "LC_MESSAGES"
_THEIRS = Path(allauth.__file__).parent / "locale" / "de" / "LC_MESSAGES" / "django.mo"
_INFORMAL = re.compile(
    r"\b(du|dich|dir|dein|deine[rnms]?|hast|bist|musst|kannst|möchtest|gib|rufe|klick|lass|nutzt|verwende|überprüfe"
    r"|versuche|melde|wende|bestätige)\b",
    re.I,
)
_ENGLISH = re.compile(r"\b(the|your|you|please|password|sign|email)\b", re.I)
_PAGES = (
    "/account/password/change/",
    "/account/2fa/",
    "/account/sessions/",
    "/account/email/",
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/3rdparty/",
    "/account/inactive/",
)


def _catalogue(path: Path) -> dict[object, str]:
    with path.open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]  # the only way to all of it


def test_no_german_text_of_the_account_says_du():
    with translation.override("de"):
        said = {text: translation.gettext(text) for text in _catalogue(_THEIRS) if isinstance(text, str) and text}

    assert {english: german for english, german in said.items() if _INFORMAL.search(german)} == {}


def test_every_text_of_ours_still_belongs_to_one_of_theirs_and_keeps_its_placeholders():
    ours, theirs = _catalogue(_OURS / "django.mo"), _catalogue(_THEIRS)
    placeholder = re.compile(r"%\(\w+\)s|%[sd]")
    texts = {english: german for english, german in ours.items() if english}

    assert [english for english in texts if english not in theirs] == []
    assert [
        english
        for english, german in texts.items()
        if sorted(placeholder.findall(str(english))) != sorted(placeholder.findall(german))
    ] == []


def test_the_compiled_texts_are_those_that_can_be_read():
    source = (_OURS / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid (".*")\nmsgstr (".*")$', source, re.M)
    read = {ast.literal_eval(english): ast.literal_eval(german) for english, german in pairs}
    compiled = _catalogue(_OURS / "django.mo")

    assert {english: german for english, german in read.items() if english} == {
        english: german for english, german in compiled.items() if english
    }


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("address", ["/account/login/", "/account/password/reset/", "/account/password/reset/done/"])
def test_the_way_in_is_drawn_in_the_shell(address, language):
    html = Client(headers={"Accept-Language": language}).get(address).content.decode()

    assert f'<html lang="{language}">' in html
    assert 'class="card entrance"' in html
    assert "/account/signup/" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("address", _PAGES)
def test_pages_of_the_account_are_german_where_somebody_wants_german(address, company: Company):
    client = company.client("employee")
    client.post("/ui/language", {"language": "de"})
    answer = client.get(address, follow=True)
    main = re.sub(r"<[^>]*>|employee-\w+@\S+", " ", answer.content.decode().split("<main")[1].split("</main>")[0])

    assert answer.status_code == 200
    assert _ENGLISH.findall(main) == []
    assert _INFORMAL.findall(main) == []


@pytest.mark.django_db
def test_a_wrong_password_is_said_beside_the_form_and_in_a_notice():
    answer = Client(headers={"Accept-Language": "de"}).post(
        "/account/login/", {"login": "a@example.org", "password": "x"}
    )
    html = answer.content.decode()

    assert 'class="notice bad" role="alert"' in html
    assert 'value="x"' not in html
