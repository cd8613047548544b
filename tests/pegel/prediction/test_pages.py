"""Charts, sentences and chapters of predictability, unfinished work and forecasts, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import pegel.prediction
from pegel.charts import forecast as forecast_chart
from pegel.charts import item_forecast as item_chart
from pegel.charts import predictability as predictability_chart
from pegel.charts import survival as survival_chart
from pegel.flow import log_of_rows
from pegel.prediction.forecast import forecast
from pegel.prediction.item_forecast import forecast_items
from pegel.prediction.predictability import predictability
from pegel.prediction.rules import Rules
from pegel.prediction.survival import unfinished_work
from pegel.report import forecast as forecast_page
from pegel.report import predictability as predictability_page
from pegel.report.figures import Figures
from pegel.words.catalogue import has
from tests.pegel.prediction.worlds import DAY_US, MONDAY, POLICY, WORKFLOW, log_of, moment

QUICK = Rules(runs=300)
LANGUAGES = ["de", "en"]


def log(days=120, **options):
    items = {str(day): (day, day + 2.5) for day in range(days - 2)} | {"Open<b>": (days - 1.5, None)}
    return log_of(items, as_of=days, **options)


LOG = log()
STREAMS = log(stream={**{str(day): "XY"[day % 2] for day in range(118)}, "Open<b>": "X"})
WHEN = forecast(LOG, POLICY, items=10, rules=QUICK)
BOTH = forecast(LOG, POLICY, items=10, until_us=LOG.as_of_us + 30 * DAY_US, rules=QUICK, with_backtest=False)
HOW_MANY = forecast(LOG, POLICY, until_us=LOG.as_of_us + 6 * DAY_US, rules=QUICK, with_backtest=False)
JOINT = forecast(STREAMS, POLICY, items={"X": 5, "Y": 6}, rules=QUICK, with_backtest=False)
FEW = forecast(log(days=10), POLICY, items=10, rules=QUICK)
ITEMS = forecast_items(LOG, POLICY, [119], rules=QUICK)
#: From the second week on: in the first one work is only begun.
FLOW = predictability(LOG, POLICY, from_us=(MONDAY + 7) * DAY_US)
UNFINISHED = unfinished_work(LOG, POLICY)
NO_FLOW = predictability(log_of_rows([("A", moment(0), "Doing")], WORKFLOW, as_of=moment(9)), POLICY)
NO_UNFINISHED = unfinished_work(log_of_rows([("A", moment(0), "Open")], WORKFLOW, as_of=moment(9)), POLICY)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_chart_is_a_valid_specification(language, mode):
    charts = [
        forecast_chart.chart(WHEN, language, mode=mode),
        item_chart.chart(ITEMS, language, mode=mode, names={119: "X"}),
        predictability_chart.chart(FLOW.throughput, language, mode=mode, changes=FLOW.changes),
        predictability_chart.chart(FLOW.flow_time, language, mode=mode),
        survival_chart.chart(UNFINISHED, language, mode=mode),
    ]
    for chart in charts:
        assert chart.to_dict()["width"] == "container"


def test_the_forecast_says_its_day():
    # One a day: ten items by the tenth day, which is 14 May 2026.
    assert forecast_chart.sentence(WHEN, "en") == (
        "With 85% confidence 10 items are done by 14 May 2026; as likely as not by 14 May 2026."
    )
    assert "Sicherheit sind 10 Arbeitseinheiten bis 14.05.2026 fertig" in forecast_chart.sentence(WHEN, "de")
    assert "a probability of ≥ 95%" in forecast_chart.sentence(BOTH, "en")
    assert forecast_chart.sentence(HOW_MANY, "en") == (
        "By 11 May 2026 at least 7 items get finished with 85% confidence."
    )
    assert "all streams are done" in forecast_chart.sentence(JOINT, "en")


def test_the_forecast_says_what_it_rests_on_and_how_it_would_have_done():
    assert "90 items on 90 days (1.00 per day)" in forecast_chart.basis(WHEN, "en")
    assert "held 24 times (100%" in forecast_chart.backtest_sentence(WHEN.backtest, "en")
    assert forecast_chart.backtest_sentence(BOTH.backtest, "en") == "No backtest was made."


def test_an_answer_without_a_value_says_why_and_what_to_do():
    assert "--window" in forecast_chart.sentence(FEW, "en")
    assert "--window" in forecast_chart.sentence(FEW, "de")
    assert predictability_chart.sentence(NO_FLOW, "en").startswith("Nothing was finished")
    assert survival_chart.sentence(NO_UNFINISHED, "en") == "Nothing has been started yet."


def test_sentences_about_predictability_and_unfinished_work():
    assert predictability_chart.sentence(FLOW, "en").startswith("7 per week on average, 7 to 7 is usual; 0 of")
    assert "2.5 days" in predictability_chart.flow_time_sentence(FLOW.flow_time, "en")
    assert "1.0 times the median" in predictability_chart.tail_sentence(FLOW.tail, "en")
    assert survival_chart.sentence(UNFINISHED, "en").endswith("Unfinished work hardly changes the picture.")
    assert "119 started: 118 finished, 1 open" in survival_chart.counts_sentence(UNFINISHED, "en")


def test_the_slow_part_still_open_is_said():
    items = {f"fast{n}": (n, n + 1.0) for n in range(10)} | {f"slow{n}": (n, None) for n in range(20)}
    said = survival_chart.sentence(unfinished_work(log_of(items, as_of=40), POLICY), "en")

    assert "not reached yet" in said
    assert said.endswith("the slow part is still open.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapters_have_their_figures_tables_and_assumptions(language):
    figures = Figures(language)
    page = "".join(
        [
            forecast_page.chapter(WHEN, language, figures),
            forecast_page.chapter(JOINT, language, figures),
            forecast_page.item_chapter(ITEMS, language, figures, {119: "Open<b>"}),
            predictability_page.chapter(FLOW, language, figures),
            predictability_page.unfinished_chapter(UNFINISHED, language, figures),
        ]
    )
    assert page.count("<svg") == 7
    assert page.count("<table") >= 10
    assert "<b>" not in page.replace("&lt;b&gt;", "")
    assert set(figures.specifications) >= {"chart-forecast", "chart-item-forecast", "chart-unfinished-work"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_without_a_figure_say_why(language):
    figures = Figures(language)
    for made in (
        forecast_page.chapter(FEW, language, figures),
        predictability_page.chapter(NO_FLOW, language, figures),
        predictability_page.unfinished_chapter(NO_UNFINISHED, language, figures),
    ):
        assert "<svg" not in made
        assert "<p>" in made


def test_the_chart_of_a_change_marks_its_week():
    counts = [4, 5, 4, 3, 5, 4, 4, 5, 3, 4, 9, 10, 9, 8, 10, 9, 9, 10, 8, 9]
    items = {f"{week}-{n}": (7 * week, 7 * week + 2.5) for week, count in enumerate(counts) for n in range(count)}
    found = predictability(log_of(items, as_of=140), POLICY)
    (said,) = predictability_chart.change_sentences(found, "en")

    assert said == "Throughput: since the week from 16 Mar 2026 9 instead of 4."
    assert found.changes.filter(pl.col("series") == "throughput").height == 1


def test_every_code_of_the_package_has_words():
    folder = Path(pegel.prediction.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    reasons = set(re.findall(r'reason="(\w+)"|no_backtest\("(\w+)"|return "(\w+_\w+)"', source))
    codes = {code for found in reasons for code in found if code}
    assert codes >= {"window_too_short", "history_too_short", "dependency_cycle", "too_few_for_a_tail"}
    assert {code for code in codes if not has(f"reason.{code}")} == set()
    assumptions = {*WHEN.assumptions, *JOINT.assumptions, *ITEMS.assumptions, *BOTH.assumptions}
    assert {code for code in assumptions if not has(f"assumption.{code}")} == set()
    for group, codes in {
        "backtest_finding": ("fits", "optimistic", "cautious"),
        "forecast_answer": ("value", "not_claimed", "beyond_horizon"),
        "left_out": ("older_than_any_finished", "waits_for_left_out", "not_open"),
        "steadiness": ("steady", "signals", "changed"),
        "tail": ("heavy", "light"),
        "cohort": ("month", "quarter"),
    }.items():
        assert all(has(f"{group}.{code}") for code in codes)
