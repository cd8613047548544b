"""Text is escaped wherever it comes from."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.report.markup import Markup, inline, joined, json_data, tag


def test_contents_and_attributes_are_escaped():
    assert tag("p", "<b> & ", tag("i", "x"), title="\"'<>", hidden=True, class_=None) == (
        '<p title="&quot;&#x27;&lt;&gt;" hidden>&lt;b&gt; &amp; <i>x</i></p>'
    )


def test_contents_may_be_nested_and_absent():
    assert joined(["a", None, [Markup("<br>"), "<"]], None) == "a<br>&lt;"


def test_elements_without_content_are_not_closed():
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


@given(st.text())
def test_data_for_scripts_comes_back_and_cannot_end_its_element(text):
    element = json_data({"x": text}, identity="d")
    inside = element.removeprefix('<script type="application/json" id="d">').removesuffix("</script>")

    assert json.loads(inside) == {"x": text}
    assert not set("<>&") & set(inside)


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        json_data({"x": float("nan")}, identity="d")


@pytest.mark.parametrize("text", ["a</SCRIPT >", "<!-- "])
def test_a_script_that_could_end_its_element_is_refused(text):
    with pytest.raises(ValueError, match="script"):
        inline("script", text)
