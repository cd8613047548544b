"""The catalogue: both languages say the same things, and values are written by the rules of each."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InternalError
from pegel.eventlog.setting_file import read_settings
from pegel.words import LANGUAGES, say
from pegel.words.catalogue import _catalogue, codes, forms_of, placeholders, quoted, shown

TEXTS = sorted((Path(__file__).parents[3] / "src").rglob("texts/*.yaml"))


def test_every_code_has_words_in_both_languages():
    assert {code: set(entry) for code, entry in _catalogue().items() if set(entry) != set(LANGUAGES)} == {}


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: f"{file.parents[1].name}-{file.stem}")
def test_the_quick_reader_of_our_own_files_sees_what_the_strict_one_sees(file):
    """No key twice, no alias: the quick one would keep the last of two and unfold the other."""
    text = file.read_text(encoding="utf-8")

    assert read_settings(text, unreadable="settings_unreadable") == yaml.load(text, Loader=yaml.CSafeLoader)


def test_there_are_texts_of_the_library_and_of_the_application():
    assert {file.parents[2].name for file in TEXTS} >= {"pegel", "pegel_web"}


def test_every_code_has_the_same_placeholders_in_both_languages_and_in_all_forms():
    different = {
        code: found
        for code in codes()
        if len(
            found := {
                placeholders(text) - {"n"} for language in LANGUAGES for text in forms_of(code, language).values()
            }
        )
        != 1
    }

    assert different == {}


def test_every_plural_has_both_forms_in_both_languages():
    odd = {code for code in codes() if not {frozenset(forms_of(code, one)) for one in LANGUAGES} <= _ALLOWED_FORMS} | {
        code for code in codes() if set(forms_of(code, "de")) != set(forms_of(code, "en"))
    }

    assert odd == set()


_ALLOWED_FORMS = {frozenset({"other"}), frozenset({"one", "other"})}


def test_no_text_is_empty_or_has_loose_space():
    texts = [
        (code, text)
        for code in codes()
        if not code.startswith("cli.")
        for language in LANGUAGES
        for text in forms_of(code, language).values()
    ]

    assert [code for code, text in texts if not text or text != text.strip()] == []


def test_german_addresses_people_with_sie():
    informal = {" du ", " dein", " dir ", " dich "}
    texts = {code: " ".join(forms_of(code, "de").values()) for code in codes()}

    assert {code for code, text in texts.items() if any(word in f" {text.lower()} " for word in informal)} == set()


@pytest.mark.parametrize(
    ("count", "language", "text"),
    [
        (0, "en", "0 items"),
        (1, "en", "1 item"),
        (2, "en", "2 items"),
        (1234, "en", "1,234 items"),
        (0, "de", "0 Arbeitseinheiten"),
        (1, "de", "1 Arbeitseinheit"),
        (1234, "de", "1.234 Arbeitseinheiten"),
    ],
)
def test_the_form_follows_the_number(count, language, text):
    assert say("count.items", language, n=count) == text


def test_an_unknown_code_is_a_mistake_of_ours():
    with pytest.raises(InternalError) as caught:
        say("no.such.code", "de")

    assert caught.value.code == "words_missing"


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (None, "–", "–"),
        (True, "ja", "yes"),
        (False, "nein", "no"),
        (-1234567, "−1.234.567", "−1,234,567"),
        (0.25, "0,2", "0.2"),
        (date(2026, 12, 31), "31.12.2026", "31 Dec 2026"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "02.01.2026", "2 Jan 2026"),
        ([], "keine", "none"),
        (["b", "a"], "b, a", "b, a"),
        ({"b", "a"}, "a, b", "a, b"),
        (list(range(14)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (2 weitere)", None),
    ],
)
def test_values_are_written_as_the_language_writes_them(value, german, english):
    assert shown(value, "de") == german
    if english is not None:
        assert shown(value, "en") == english


def test_a_placeholder_inside_a_value_is_not_filled():
    assert say("summary.waits", "en", share="{share.__class__}") == "{share.__class__} of that time it waits."


def test_hostile_values_become_harmless():
    assert shown("a\x1b[31m\x00b\u202etxt", "en") == "a\ufffd[31m\ufffdb\ufffdtxt"
    assert len(shown("x" * 10_000_000, "en")) == 300


@given(st.text())
def test_any_text_can_be_shown_and_encoded(text):
    assert len(shown(text, "de").encode("utf-8")) <= 1200


def test_names_stand_in_the_quotation_marks_of_the_language():
    assert (quoted("A", "de"), quoted("A", "en")) == ("„A“", "“A”")
