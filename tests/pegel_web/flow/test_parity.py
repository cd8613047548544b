"""What the application says is what the library answers for the same log."""

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import pegel
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import WEEK_US
from pegel.flow.flow_report import FlowReport, flow_report
from pegel.quality.facts import lake_facts
from pegel.quality.report import quality_report
from pegel.waits.causes import wait_causes
from pegel.words import LANGUAGES, Language
from pegel.words.durations import duration
from pegel.words.quality import quality_sentences
from pegel.words.summary import summary, where_it_stalls
from pegel.words.waits import waits_sentence
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.mcp import stream_report as agent_report
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.items import stream_items
from pegel_web.flow.queries.overview import stream_overview
from pegel_web.flow.queries.reports import stream_chart, stream_report
from tests.pegel_web.company import Company

WEEKS = {"13w": 13, "26w": 26, "all": None}


def asked(period: str, policy: str) -> FlowReport:
    log = pegel.open_log(pegel.open_lake(lake_folder()), streams=["Claims"])
    weeks = WEEKS[period]
    bounds = {} if weeks is None else {"from_us": log.as_of_us + 1 - weeks * WEEK_US, "until_us": log.as_of_us + 1}
    return flow_report(log, BUILT_IN[policy], **bounds)


def test_the_report_is_the_library_s(boss: Actor, claims: Stream) -> None:
    for policy in ("first_active_to_last_done", "commitment_to_done"):
        for period in WEEKS:
            compare(boss, claims, period, policy)


def compare(boss: Actor, claims: Stream, period: str, policy: str) -> None:
    truth = asked(period, policy)
    found = stream_report(actor=boss, stream_id=claims.id, period=period, policy=policy).content
    assert found is not None
    figures = {one.metric: one for one in found.figures}
    assert {name: one.value for name, one in figures.items()} == {
        "flow_time": truth.flow_time.p85,
        "flow_velocity": truth.flow_velocity.per_week,
        "flow_efficiency": truth.flow_efficiency.share,
        "flow_load": truth.flow_load.now,
        "flow_distribution": None,
    }
    assert figures["flow_distribution"].status == "not_configured"
    assert figures["flow_time"].definition == "flow_time/1"
    assert found.summary == summary(truth, "en")
    assert found.stall == where_it_stalls(truth, "en")
    assert found.counts == {name: getattr(truth.counts, name) for name in truth.counts.__slots__}
    shown = {(line.state, line.days, line.share, line.items) for line in found.states if line.items}
    assert shown == {
        (row["state"], row["days"], row["share"], row["items"])
        for row in truth.time_in_state.by_state.iter_rows(named=True)
    }
    assert (found.ageing.open, found.ageing.late) == (truth.work_item_age.n, truth.work_item_age.beyond_p85)


def test_a_case_by_hand(boss: Actor, claims: Stream) -> None:
    """One day of work and two of review, every time: three days, a third of them work."""
    found = stream_report(actor=boss, stream_id=claims.id).content
    assert found is not None
    figures = {one.metric: one for one in found.figures}
    assert figures["flow_time"].value == 3.0
    assert figures["flow_time"].text == duration(3.0, "en") == "3 days"
    assert figures["flow_efficiency"].value == pytest.approx(1 / 3)
    assert (figures["flow_time"].previous, figures["flow_time"].change) == (3.0, 0.0)
    assert (figures["flow_time"].verdict, figures["flow_time"].tone) == ("noise", "neutral")


def test_waits_and_quality_in_both_languages(company: Company, claims: Stream) -> None:
    for language in LANGUAGES:
        compare_words(company, claims, language)


def compare_words(company: Company, claims: Stream, language: Language) -> None:
    actor = replace(company.actor("programme_lead", "C"), language=language)
    found = stream_report(actor=actor, stream_id=claims.id, period="all").content
    assert found is not None
    lake = pegel.open_lake(lake_folder())
    log = pegel.open_log(lake, streams=["Claims"])
    policy = BUILT_IN["first_active_to_last_done"]
    waits = wait_causes(log, policy)
    assert found.waits.sentence == waits_sentence(waits, language)
    by_cause = waits.by_cause.filter(~pl.col("open") & pl.col("days").is_not_null())
    assert {line.cause: line.days for line in found.waits.lines if line.days is not None} == dict(
        by_cause.select("cause", "days").iter_rows()
    )
    quality = quality_report(log, policy, lake=lake_facts(lake))
    assert list(found.quality.sentences) == quality_sentences(quality, language)


def test_the_rows_behind_a_number_are_those_it_counts(boss: Actor, claims: Stream) -> None:
    for period in WEEKS:
        compare_rows(boss, claims, period)


def compare_rows(boss: Actor, claims: Stream, period: str) -> None:
    truth = asked(period, "first_active_to_last_done")
    counted = {
        metric: stream_items(actor=boss, stream_id=claims.id, metric=metric, selection=Selection(period=period)).total
        for metric in ("flow_time", "flow_velocity", "flow_efficiency", "flow_load", "work_item_age", "late")
    }
    assert counted == {
        "flow_time": truth.flow_time.n,
        "flow_velocity": truth.flow_velocity.finished,
        "flow_efficiency": truth.flow_efficiency.n,
        "flow_load": truth.flow_load.now,
        "work_item_age": truth.work_item_age.n,
        "late": truth.work_item_age.beyond_p85,
    }
    review = stream_items(
        actor=boss,
        stream_id=claims.id,
        metric="time_in_state",
        selection=Selection(period=period),
        state="Review",
        limit=None,
    )
    row = truth.time_in_state.by_state.filter(pl.col("state") == "Review").row(0, named=True)
    assert review.total == row["items"]
    assert sum(one.days or 0 for one in review.rows) == pytest.approx(row["days"])


def test_an_agent_gets_the_same(boss: Actor, claims: Stream) -> None:
    assert agent_report(boss, stream_id=claims.id) == stream_report(actor=boss, stream_id=claims.id)


def test_the_overview_says_what_the_report_says(boss: Actor, claims: Stream) -> None:
    line = stream_overview(actor=boss, period="26w").lines[0]
    report = stream_report(actor=boss, stream_id=claims.id, period="26w")
    assert line.content is not None
    assert report.content is not None
    assert line.content.figures == report.content.figures
    assert line.freshness == report.freshness


def test_drawings_hold_items_and_no_people(boss: Actor, claims: Stream, tmp_path: Path) -> None:
    content = stream_report(actor=boss, stream_id=claims.id).content
    assert content is not None
    names = [one.name for one in content.charts]
    assert names == ["waits", "work_item_age", "cumulative_flow", "flow_time", "throughput", "forecast"]
    charts = [stream_chart(actor=boss, stream_id=claims.id, name=name) for name in names]
    assert all(json.loads(one.specification)["$schema"] for one in charts)
    assert re.search(r"person\d", "".join(one.specification for one in charts)) is None
    for table in (tmp_path / "data" / "flow").rglob("*.parquet"):
        assert "actor" not in pl.read_parquet(table).columns
