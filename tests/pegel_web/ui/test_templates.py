"""No template of the application carries style or script of its own, or a text that is not in the catalogue."""

import re
from pathlib import Path

import pytest

import pegel_web

_TEMPLATES = sorted(Path(pegel_web.__file__).parent.glob("*/templates/**/*.html"))
_FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=|<style\b", re.I),
    "inline script": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", re.I),
    "handler": re.compile(r"\son[a-z]+\s*=", re.I),
    "htmx handler": re.compile(r"hx-(?:on|vals=.js:|vars)", re.I),
    "unescaped value": re.compile(r"\|\s*safe\b|autoescape\s+off"),
}
#: Outside of tags, what is left of a template once its tags are taken out must not be words.
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>|&\w+;", re.S)
_NAMES = {"DE", "EN", "CSV", "XLSX", "SVG", "PNG"}


@pytest.mark.parametrize("template", _TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_template_has_neither_style_nor_script_nor_words_of_its_own(template):
    text = template.read_text(encoding="utf-8")

    assert {name: found.group() for name, pattern in _FORBIDDEN.items() if (found := pattern.search(text))} == {}
    assert set(re.findall(r"[A-Za-zÄÖÜäöü]{2,}", _TAGS.sub(" ", text))) - _NAMES == set()


def test_there_are_templates():
    assert len(_TEMPLATES) > 40


def test_no_third_party_code_is_committed():
    static = Path(pegel_web.__file__).parent / "ui" / "static"
    sizes = {path.name: path.stat().st_size for path in static.rglob("*") if path.is_file()}

    assert max(sizes.values()) < 40_000
