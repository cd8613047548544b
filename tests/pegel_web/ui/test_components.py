"""Every component in both languages, with what hostile people write, and with the promises each one makes."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.test import RequestFactory
from django.utils import translation

from pegel_web.ui import components
from pegel_web.ui.component import Component
from pegel_web.ui.components import (
    Action,
    Badge,
    Breadcrumbs,
    Chart,
    Column,
    Contents,
    Definition,
    EmptyState,
    Facts,
    Figure,
    FigureRow,
    FormCard,
    Missing,
    Notice,
    PageHeader,
    Progress,
    Tab,
    Tabs,
    table_of,
)

_HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7|add:7 }}{% url 'home' %}"


class _HostileForm(forms.Form):
    name = forms.CharField(label=_HOSTILE, help_text=_HOSTILE)
    hidden = forms.CharField(widget=forms.HiddenInput)
    file = forms.FileField(required=False)


def _form(text):
    form = _HostileForm({"name": "", "hidden": text})
    form.add_error("name", text)
    form.add_error(None, text)
    return form


def _all(text):
    """Return every component with one text wherever a text can stand."""
    request = RequestFactory().get("/x", {"t.q": text, text: text} if text != "\ud800" else {})
    empty = EmptyState(title=text, text=text, action_label=text, action_href=text)
    table = table_of(
        request,
        identity="t",
        caption=text,
        columns=[Column(key="a", label=text, href_key="h"), Column(key="b", label=text, kind="badge")],
        rows=[{"a": text, "h": text, "b": Badge(text=text)}],
        empty=empty,
    )
    figure = Figure(label=text, value=text, unit=text, change=text, note=text, definition_href=text, rows_href=text)
    actions = [Action(label=text, href=text), Action(label=text, href=text, method="post")]
    crumbs = Breadcrumbs(trail=[(text, text), (text, None)])
    return [
        table,
        empty,
        Notice(text=text, title=text, kind="bad"),
        Badge(text=text),
        figure,
        FigureRow(figures=[figure]),
        Chart(identity="c", specification={"title": text}, summary=text, title=text, table=table),
        FormCard(form=_form(text), submit_label=text, action=text, title=text, cancel_href=text, lead=text),
        crumbs,
        PageHeader(title=text, lead=text, breadcrumbs=crumbs, actions=actions),
        *actions,
        Contents(places=[(text, text)]),
        Tabs(items=[Tab(label=text, href=text, count=3)], label=text),
        Progress(label=text, done=1, total=3, cancel_href=text, href=text),
        Definition(term=text, text=text, href=text),
        Facts(pairs=[(text, text), (text, Badge(text=text))]),
    ]


class _Elements(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self):
        super().__init__()
        self.elements = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def _elements(html):
    parser = _Elements()
    parser.feed(html)
    return parser.elements


def test_every_component_is_among_those_drawn_here():
    offered = {one for one in vars(components).values() if isinstance(one, type) and issubclass(one, Component)} - {
        Component
    }

    assert {type(one) for one in _all("x")} == offered


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("component", _all("Wort"), ids=lambda it: type(it).__name__)
def test_every_component_draws_in_both_languages(component, language):
    with translation.override(language):
        html = component.html(language)

    assert "Wort" in html


@pytest.mark.parametrize("component", _all(_HOSTILE), ids=lambda it: type(it).__name__)
def test_what_hostile_people_write_stays_text(component):
    found = _elements(component.html("en"))

    scripts = [attrs for tag, attrs in found if tag == "script"]
    assert [one.get("type") for one in scripts] == ["application/json"] * len(scripts)
    assert not [tag for tag, _ in found if tag == "img"]
    assert not [name for _, attrs in found for name in attrs if name.startswith("on") or name == "style"]
    assert "14" not in [attrs.get("value") for _, attrs in found]


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\u202e", "x" * 1_000_000, ""])
@pytest.mark.parametrize("position", range(len(_all("x"))))
def test_odd_texts_break_no_component(text, position):
    assert _all(text)[position].html("de")


def test_a_form_in_a_page_carries_its_token_and_its_errors_beside_the_fields():
    request = RequestFactory().get("/x")
    card = FormCard(form=_form("wrong"), submit_label="Save", request=request)
    found = _elements(card.html("en"))
    inputs = {attrs.get("name"): attrs for tag, attrs in found if tag == "input"}

    assert len(inputs["csrfmiddlewaretoken"]["value"]) == 64
    assert inputs["name"]["aria-invalid"] == "true"
    assert inputs["name"]["aria-describedby"] == "id_name_helptext id_name_error"
    assert {attrs["id"] for _, attrs in found if attrs.get("id", "").startswith("id_name_")} == {
        "id_name_helptext", "id_name_error",
    }  # fmt: skip
    assert next(attrs for tag, attrs in found if tag == "form")["enctype"] == "multipart/form-data"


def test_a_form_outside_a_page_has_no_token():
    html = FormCard(form=_form("x"), submit_label="Save").html("en")

    assert "csrfmiddlewaretoken" not in html


@pytest.mark.parametrize(
    ("figure", "english", "german"),
    [
        (Figure(label="x", value=12.44, change=-2.1), ["12.4", "−2.1"], ["12,4", "−2,1"]),
        (Figure(label="x", value=1234, change=87), ["1,234", "+87"], ["1.234", "+87"]),
        (
            Figure(label="x", value=0.184, change=0.021, kind="percent"),
            ["18%", "+2.1 points"],
            ["18\u202f%", "+2,1 Prozentpunkte"],
        ),
        (Figure(label="x", value=0, change=0), [">0<"], [">0<"]),
        (Figure(label="x", value=None, unit="days"), ["no data"], ["keine Daten"]),
        (Figure(label="x", value=Missing.UNDEFINED), ["undefined"], ["nicht definiert"]),
        (Figure(label="x", value="12–14"), ["12–14"], ["12–14"]),
    ],
)  # fmt: skip
def test_figures_are_written_by_language(figure, english, german):
    assert [text for text in english if text not in figure.html("en")] == []
    assert [text for text in german if text not in figure.html("de")] == []


def test_a_figure_without_value_has_no_unit():
    assert "days" not in Figure(label="x", value=Missing.TOO_FEW, unit="days").html("en")


def test_progress_asks_until_it_is_done():
    running = Progress(label="x", done=1, total=3, href="/jobs/1").html("en")
    done = Progress(label="x", done=3, total=3, href="/jobs/1").html("en")
    unknown = Progress(label="x", done=0, total=None).html("en")

    assert 'hx-get="/jobs/1"' in running
    assert '<meta http-equiv="refresh"' in running
    assert 'value="1" max="3"' in running
    assert "hx-get" not in done
    assert "refresh" not in done
    assert "max=" not in unknown


def test_progress_beyond_its_end_is_done():
    assert Progress(label="x", done=5, total=3).share == 1.0
    assert Progress(label="x", done=-1, total=3).share == 0.0
    assert Progress(label="x", done=0, total=0).finished is False


def test_a_specification_cannot_leave_its_script():
    html = Chart(identity="c", specification={"title": "</script><script>alert(1)"}, summary="s").html("en")

    assert html.count("<script") == 1
    assert "\\u003C/script" in html


def test_a_progress_is_found_again_whatever_it_says_by_then() -> None:
    before = Progress(label="Importing: 10 rows", done=1, total=10, href="/here")
    after = Progress(label="Handing over", done=10, total=None, href="/here")
    elsewhere = Progress(label="Importing: 10 rows", done=1, total=10, href="/there")
    assert before.identity == after.identity != elsewhere.identity
