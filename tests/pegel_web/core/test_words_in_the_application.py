"""Hints name what a reader can use: options on the command line, fields and pages in the application."""

import asyncio
import json
import re
from importlib.resources import files

import pytest
import yaml
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from pegel.errors import UserError
from pegel.words.catalogue import LANGUAGES, _entries, codes, forms_of, has, placeholders, say, shown_in
from pegel.words.explanation import explain
from pegel_web.config.mcp_server import _failed, in_thread
from pegel_web.core.problems import IN_APPLICATION, WordsMiddleware

COMMAND_LINE = re.compile(r"--[a-z]|\bpegel [a-z]+\b")
#: Reasons are said on pages, where nobody edits that file.
FILES = re.compile(r"workflow file|Workflow-Datei")
PREFIX = f"{IN_APPLICATION}."
#: Said by the command line alone.
NOT_IN_ANSWERS = ("cli.", "export.column.")
_TEXTS = files("pegel.words").joinpath("texts")
OF_LIBRARY = {
    code
    for file in _TEXTS.iterdir()
    if file.name.endswith(".yaml")
    for code, _, _ in _entries(yaml.safe_load(file.read_text(encoding="utf-8")))
}


def texts(code: str) -> list[str]:
    return [text for language in LANGUAGES for text in forms_of(code, language).values()]


def test_no_answer_names_options_of_the_command_line() -> None:
    named = {
        code
        for code in OF_LIBRARY
        if not code.startswith(NOT_IN_ANSWERS)
        and any(
            COMMAND_LINE.search(text) or (code.startswith("reason.") and FILES.search(text)) for text in texts(code)
        )
    }
    assert "error.name_a_stream.do" in named, "the walk finds what it looks for"
    assert not [code for code in sorted(named) if not has(PREFIX + code)]


def test_words_instead_stand_for_words_there_are_and_name_no_options() -> None:
    instead = [code for code in codes() if code.startswith(PREFIX)]
    assert len(instead) > 30
    for code in instead:
        before = {name for text in texts(code.removeprefix(PREFIX)) for name in placeholders(text)}
        for text in texts(code):
            assert placeholders(text) <= before, code
            assert not COMMAND_LINE.search(text), code


def test_a_page_has_its_own_words_and_the_command_line_keeps_those_of_the_library() -> None:
    error = UserError("name_a_stream", known=["a", "b"])
    assert explain(error, "en").do == "Say which one you mean with --stream: a, b."

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(explain(error, "en").do + explain(error, "de").do)

    response = WordsMiddleware(answer)(RequestFactory().get("/"))
    assert response.content.decode() == "Say which one you mean: a, b.Sagen Sie, welchen Sie meinen: a, b."
    assert explain(error, "en").do == "Say which one you mean with --stream: a, b."


def fails_there() -> None:
    with shown_in(IN_APPLICATION):
        assert "--zone" not in say("note.zone_assumed", "en", value="UTC")
        assert say("count.items", "en", n=2) == "2 items"
        raise RuntimeError


def test_what_has_no_words_of_its_own_there_keeps_the_librarys_and_an_error_leaves_nothing_behind() -> None:
    with pytest.raises(RuntimeError):
        fails_there()
    assert "--zone" in say("note.zone_assumed", "en", value="UTC")


@pytest.mark.django_db
def test_programs_read_the_words_of_the_application_too() -> None:
    async def asked() -> str:
        result = await in_thread(lambda: _failed(UserError("name_a_stream", known=["a"]), "en"))
        return str(json.loads(result.content[0].text)["do"])

    assert asyncio.run(asked()) == "Say which one you mean: a."
