"""The chapters on bottlenecks and on where to start: chart, table twin, and words for every code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pegel.charts import bottlenecks as drawing
from pegel.report import bottlenecks as report
from pegel.report.figures import Figures
from pegel.waits.bottlenecks import bottlenecks
from pegel.waits.picker import Pace, start_small
from pegel.waits.removal_options import Option, RemovalOption, Strength
from pegel.waits.stage_queues import QueueTrend
from pegel.waits.stages import StageKind
from pegel.words import LANGUAGES, Language
from pegel.words.bottlenecks import bottleneck_sentence, evidence_text, pick_sentence
from pegel.words.catalogue import has
from tests.pegel.waits.flows import POLICY, planted

LOG = planted(
    lambda week, number: [
        ("Doing", 0.5),
        ("Review", 1 + 0.3 * (week % 3)),
        *([("Side", 3)] if number == 0 else []),
        ("Done", 0),
    ]
)
FOUND = bottlenecks(LOG, POLICY)
FEW = bottlenecks(planted(lambda *_: [("Doing", 1), ("Review", 2), ("Done", 0)], weeks=2), POLICY)
NONE = bottlenecks(planted(lambda *_: [("Doing", 1)], weeks=2), POLICY)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("found", [FOUND, FEW, NONE], ids=["value", "few", "none"])
def test_the_chapter_in_both_languages(language: Language, found) -> None:
    figures = Figures(language)
    page = report.chapter(found, language, figures)
    assert 'id="bottlenecks"' in page
    assert bottleneck_sentence(found, language).split("„")[0].split("“")[0] in page
    assert ("chart-bottlenecks" in figures.specifications) == bool(found.stages.height)
    # Every chart has its table.
    assert ("<table" in page) == bool(found.stages.height)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chapter_on_starting_small(language: Language) -> None:
    page = report.start_small_chapter(start_small(LOG, POLICY), language)
    assert "Review" in page
    # Side has no phase and stands in a table of its own.
    assert page.count("<table") == 2
    assert report.start_small_chapter(start_small(LOG, POLICY, from_us=0, until_us=1), language).count("<table") == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_chart_is_valid_and_draws_the_interval(language: Language, mode) -> None:
    assert drawing.chart(FOUND, language, mode=mode).to_dict()["width"] == "container"
    rows = drawing.rows(FOUND, language)
    assert [row["state"] for row in rows] == ["Review", "Side"]
    assert rows[0]["low"] < rows[0]["delay"] < rows[0]["high"]
    assert not any(row["known"] for row in drawing.rows(FEW, language))


def test_the_sentence_says_where_the_longest_state_misleads() -> None:
    assert "The longest time per visit is in “Side” (3 days), but only 12 items were there" in bottleneck_sentence(
        FOUND, "en"
    )
    assert "cannot be said. Fewer than 30 finished items" in bottleneck_sentence(FEW, "en")


def test_the_sentences_say_that_nobody_has_confirmed_the_mapping() -> None:
    assert "nobody has confirmed" not in bottleneck_sentence(FOUND, "en")
    unsure = replace(FOUND, workflow_status="suggested")
    assert bottleneck_sentence(unsure, "en").endswith("meaning of the states that nobody has confirmed yet.")
    picked = start_small(LOG, POLICY, ranked=unsure)
    assert pick_sentence(picked, "en").endswith("meaning of the states that nobody has confirmed yet.")


def test_the_sentence_names_the_queue_that_grows() -> None:
    log = planted(lambda _, number: [("Doing", 0.1), ("Review", 0.2), *([("Done", 0)] if number < 3 else [])])
    assert "Work piles up in “Review”: 2 more come in per week than go out; 24 are in it now" in bottleneck_sentence(
        bottlenecks(log, POLICY), "en"
    )


@pytest.mark.parametrize(
    ("group", "vocabulary"),
    [
        ("removal", Option),
        ("strength", Strength),
        ("queue_trend", QueueTrend),
        ("stage_kind", StageKind),
        ("step_pace", Pace),
        ("bottleneck", StageKind),
    ],
)
def test_every_code_has_words(group: str, vocabulary) -> None:
    assert [one.value for one in vocabulary if not has(f"{group}.{one.value}")] == []


@pytest.mark.parametrize(
    "code", ["no_full_week", "nothing_finished", "no_time_passed", "policy_adds_up_states", "too_few_items",
             "too_few_weeks", "no_phases_mapped", "no_active_states_in_part", "no_time_in_part", "none_proven",
             "nothing_lost"]
)  # fmt: skip
def test_every_reason_has_words(code: str) -> None:
    assert has(f"reason.{code}")


def test_evidence_is_written_by_what_it_measures() -> None:
    evidence = {
        "friction_confirmed": None,
        "delay_per_item_days": 2.0,
        "busiest_weekday": 0.0,
        "busiest_departure_share": 0.62,
        "net_per_week": 2.5,
    }
    option = RemovalOption(
        rank=1, stream="S", type=None, state="A", option=Option.BATCHING, strength=Strength.HINT, evidence=evidence
    )
    assert evidence_text(option, "en", unit="days") == (
        "mapped so and confirmed; 2 days per finished item; most leave on Monday (UTC); 62% of departures on that day; "
        "2.5 more come in per week than go out"
    )
