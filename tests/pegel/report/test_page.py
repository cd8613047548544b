"""The page: complete, self-contained, correct for every kind of answer, and safe whatever the names are."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from xml.etree.ElementTree import fromstring

import pytest

from pegel.eventlog.workflow import load_workflow
from pegel.report import render_html
from pegel.report.figures import vega_bundle
from pegel.report.notes import METRICS
from pegel.words import LANGUAGES, say
from tests.pegel.report import reports

_VOID = {"meta", "link", "br", "hr", "col"}


class Page(HTMLParser):
    """What a browser would see: elements with attributes, scripts and styles with their text, the text of the rest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[tuple[str, dict[str, str | None], str]] = []
        self.text: list[str] = []
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tag, attributes = self.open[-1] if self.open else ("", {})
        if tag in ("script", "style"):
            self.inline.append((tag, attributes, data))
        else:
            self.text.append(data)

    def data(self, identity):
        return json.loads("".join(text for _, attributes, text in self.inline if attributes.get("id") == identity))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_html(reports.weekly(), "de", title="Schäden & Reklamationen", notes=["Erfunden <b>."]))


def test_language_title_and_landmarks(page):
    names = [name for name, _ in page.elements]

    assert page.all("html") == [{"lang": "de"}]
    assert "Schäden & Reklamationen" in page.text
    assert [names.count(name) for name in ("header", "nav", "main", "footer", "h1")] == [1, 1, 1, 1, 1]
    assert page.all("a")[0] == {"href": "#content", "class": "skip"}


def test_the_summary_comes_first(page):
    summary = page.text.index(next(text for text in page.text if "der Arbeit dauert höchstens" in text))

    assert summary < page.text.index("Wo es stockt", summary)


def test_nothing_is_loaded_from_anywhere(page):
    loading = {"src", "srcset", "data", "poster", "action", "formaction", "background"}

    assert [(name, found) for name, found in page.elements if loading & set(found)] == []
    assert {found.get("href", "")[:1] for name, found in page.elements if name in ("a", "link")} == {"#"}
    style = next(text for tag, _, text in page.inline if tag == "style")
    assert "url(" not in style
    assert "@import" not in style


def test_only_our_own_script_and_style_may_act(page):
    policy = next(found["content"] for found in page.all("meta") if "content-security-policy" in str(found).lower())
    executed = [text for tag, found, text in page.inline if tag == "script" and "type" not in found]
    styles = [text for tag, _, text in page.inline if tag == "style"]

    def hashes(name):
        return re.search(rf"{name} ([^;]+)", policy).group(1).split(" ")

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert hashes("script-src") == [_hash(text) for text in executed]
    assert hashes("style-src") == [_hash(text) for text in styles]
    assert [found for _, found in page.elements if "style" in found] == []
    assert [key for _, found in page.elements for key in found if key.startswith("on")] == []


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_every_link_on_the_page_leads_somewhere_and_no_name_is_used_twice(page):
    identities = [found["id"] for _, found in page.elements if "id" in found]

    assert len(identities) == len(set(identities))
    assert {found["href"][1:] for found in page.all("a")} <= set(identities)


def test_every_metric_is_linked_to_its_definition(page):
    targets = {found["href"] for found in page.all("a")}

    assert {f"#define-{name}" for name in METRICS} <= targets


def test_every_chart_has_a_sentence_a_still_drawing_and_data(page):
    charts = page.data("charts")

    assert len(charts) == 9
    assert len(page.all("svg")) == 9
    drawings = [found for name, found in page.elements if found.get("class") == "chart"]
    assert len(drawings) == 9
    assert all(found["role"] == "img" and found["aria-label"] for found in drawings)
    assert all(found.get("hidden", "no") is None for _, found in page.elements if found.get("class") == "live")


def test_tables_have_captions_and_heads_with_scope(page):
    tables = len(page.all("table"))

    assert tables == 10
    assert len(page.all("caption")) == tables
    assert {found.get("scope") for found in page.all("th")} == {"col", "row"}


def test_notes_are_text(page):
    assert "Erfunden <b>." in page.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [reports.empty, reports.not_configured, reports.never_started])
def test_answers_that_are_no_values_are_shown_as_such(make, language):
    report = make()
    page = Page(render_html(report, language, title="x"))
    text = " ".join(page.text)

    for metric in (report.flow_time, report.flow_efficiency, report.flow_distribution):
        if metric.status != "value":
            assert say(f"status.{metric.status}", language) in text
            assert say(f"reason.{metric.reason}", language) in text
    assert "None" not in text
    assert "nan" not in text.split()


def test_states_without_meaning_are_listed():
    text = " ".join(Page(render_html(reports.never_started(), "en", title="x")).text)

    assert "One state is not mapped. Time in it does not count as work." in text
    assert "Secret" in text


_HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--<script>",
    "{{constructor}} ${7*7} \u2028 &lt;b&gt; '",
)


def test_hostile_names_stay_text_wherever_they_stand():
    states = _HOSTILE
    lines = [f"  {json.dumps(state)}: {category}" for state, category in
             zip(states, ("new", "active", "waiting", "done"), strict=True)]  # fmt: skip
    workflow = load_workflow("states:\n" + "\n".join(lines))
    report = reports.weekly(12, workflow=workflow, names=states, stream=_HOSTILE[1])
    names = {int(number): f"{_HOSTILE[0]}{number}" for number in report.work_item_age.items["item"].to_list()}

    html = render_html(report, "en", title=_HOSTILE[0], notes=list(_HOSTILE), item_names=names)
    page = Page(html)

    assert len(page.all("script")) == 4  # words, charts, the bundle, ours
    assert page.all("img") == []
    assert "alert(1)" not in html.replace("&lt;script&gt;alert(1)", "").replace("onerror=alert(1)&gt;", "").replace(
        "onerror=alert(1)\\u003e", ""
    ).replace("\\u003cscript\\u003ealert(1)", "")
    assert names[max(names)] in page.text
    embedded = json.dumps(page.data("charts"))
    assert "</script>" in json.loads(json.dumps(embedded))
    for tag, found, text in page.inline:
        if found.get("type") == "application/json":
            assert tag == "script"
            assert not set("<>&\u2028\u2029") & set(text)


def test_still_drawings_are_well_formed():
    html = render_html(reports.weekly(12), "en", title="x")
    drawings = re.findall(r'<svg xmlns[^>]* class="marks".*?</svg>', html, flags=re.DOTALL)

    assert len(drawings) == 9
    assert all(fromstring(drawing).tag.endswith("svg") for drawing in drawings)


def test_the_bundle_cannot_end_its_element():
    assert "</script" not in vega_bundle().lower()
    assert "<!--" not in vega_bundle()


def test_the_same_report_gives_the_same_page():
    assert render_html(reports.weekly(12), "de", title="x") == render_html(reports.weekly(12), "de", title="x")


def test_long_logs_stay_small():
    report = reports.weekly(1200)
    charts = Page(render_html(report, "en", title="x")).data("charts")

    assert max(_rows(chart) for chart in charts.values()) < 4000


def _rows(node: object) -> int:
    if isinstance(node, dict):
        here = len(node["values"]) if isinstance(node.get("values"), list) else 0
        return here + sum(_rows(value) for value in node.values())
    return sum(_rows(value) for value in node) if isinstance(node, list) else 0
