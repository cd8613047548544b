"""The page of a verdict: says the answer first, in both languages, and draws what can be drawn."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from pegel.impact.verdicts.measurement import Measurement, measure
from pegel.impact.verdicts.plan import DataPlan, MeasurementPlan, MetricPlan
from pegel.report.measurement import render_measurement
from pegel.words import LANGUAGES
from pegel.worlds.panels import planted_panel

HOSTILE = "<script>alert(1)</script> & Co"


@pytest.fixture(scope="module")
def found() -> Measurement:
    world = planted_panel(units=12, periods=24, cohorts={12: 3, 15: 3}, effect=-2.0, noise=0.5, seed=2).panel
    metric = MetricPlan(name="outcome", better="lower", smallest_effect=0.5, relative=False)
    guard = MetricPlan(name="guard", better="lower", smallest_effect=0.5, relative=False)
    plan = MeasurementPlan(name=HOSTILE, data=DataPlan(panel="-"), metric=metric, guards=(guard,), draws=199)
    return measure(world.assign(guard=1.0 + world["time"].astype("int64") % 7), plan)


class Page(HTMLParser):
    """Counts ids, and the links that lead to none."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        href = given.get("href") or ""
        if tag == "a" and href.startswith("#"):
            self.links.append(href[1:])


def test_the_answer_comes_first_and_every_link_leads_somewhere(found: Measurement) -> None:
    answers = {"de": "Hat geholfen.", "en": "Helped."}
    for language in LANGUAGES:
        text = render_measurement(found, language)
        main = text.split("<main", 1)[1]
        assert answers[language] in main[:400]
        page = Page(text)
        assert len(page.ids) == len(set(page.ids))
        assert set(page.links) <= set(page.ids)
        for chart in ("chart-verdict", "chart-lines", "chart-event-study"):
            assert chart in page.ids
        assert found.hashes["data"] in text


def test_hostile_names_stay_text(found: Measurement) -> None:
    text = render_measurement(found, "en")
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in text


def test_an_answer_without_an_estimate_still_has_a_page(found: Measurement) -> None:
    world = planted_panel(units=6, periods=24, cohorts={12: 6}, seed=2).panel
    nothing = measure(world.assign(guard=1.0), found.plan)
    text = render_measurement(nothing, "de")
    assert "Noch nicht zu sagen." in text
    assert "Zum Vergleich ist niemand übrig." in text
    assert "∞" not in text  # no advice about an effect that cannot be estimated
    assert not {"effect", "opinions", "advice"} & set(Page(text).ids)
