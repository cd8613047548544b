"""What only the lake knows: records that contradict each other or the clock, and what the imports report."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import pegel
from pegel.cli import run
from pegel.flow.answer import Status
from pegel.quality import QualityReport, lake_facts, quality_report
from pegel.quality.bounds import Bounds
from pegel.quality.catalogue import CODES
from pegel.report.figures import Figures
from pegel.report.quality import chapter
from pegel.words import LANGUAGES
from pegel.words.quality import effect_sentence, quality_sentences

HEAD = "item;at;state;parent;created;previous state\n"
CLAIMS = (
    HEAD
    + """\
A;2026-01-05T08:00Z;Open;;2026-01-05T08:00Z;
A;2026-01-06T08:00Z;In Progress;;;
A;2026-01-10T08:00Z;Done;;;
B;2026-01-05T08:00Z;Open;A;2026-01-07T08:00Z;
B;2026-01-08T08:00Z;In Progress;A;;
C;2026-01-08T08:00Z;Done;;;In Progress
D;2026-03-01T08:00Z;In Progress;;2026-01-08T08:00Z;
E;not a date;Open;;;
"""
)
SEEN = datetime(2026, 2, 1, tzinfo=UTC)


def brought(tmp_path: Path, *contents: str) -> pegel.Lake:
    lake = pegel.create_lake(tmp_path / "lake")
    for number, content in enumerate(contents):
        file = tmp_path / f"claims-{number}.csv"
        file.write_text(content, encoding="utf-8")
        pegel.import_file(lake, file, seen_at=SEEN)
    return lake


def checked(lake: pegel.Lake) -> tuple[QualityReport, dict[str, list[str]]]:
    log = pegel.open_log(lake, as_of=datetime(2026, 4, 1, tzinfo=UTC))
    report = quality_report(log, pegel.find_policy("first_active_to_last_done"), lake=lake_facts(lake))
    names = lake.item_names(report.found["item"].to_list())
    return report, {
        one.code: sorted(names[number] for number in report.items_of(one.code)) for one in report.checks if one.items
    }


def test_records_that_contradict_themselves_or_the_clock(tmp_path: Path) -> None:
    report, found = checked(brought(tmp_path, CLAIMS))
    # B moved two days before it was created: the import says so, and puts its creation there.
    assert (report.check("negative_span").items, report.check("negative_span").rows) == (0, 1)
    assert report.check("negative_span").reasons.rows() == [("created_after_first_event", 1)]
    # D moves a month after the file was read; C came from a state that it was in before.
    assert found["future_time"] == ["D"]
    assert found["history_begins_late"] == ["C"]
    # A is done, its child B is not.
    assert found["open_children"] == ["A"]
    rejected = report.check("rows_rejected")
    assert (rejected.rows, rejected.share, rejected.items) == (1, 1 / 8, None)
    assert rejected.reasons.rows() == [("unreadable_time", 1)]
    assert (rejected.bounds[0].figure, rejected.bounds[0].low, rejected.bounds[0].high) == ("finished", 2, 3)
    assert report.check("conflicting_records").reason == "one_import"


def test_an_item_that_moved_before_it_was_created(tmp_path: Path) -> None:
    lake = brought(tmp_path, CLAIMS)
    facts = lake_facts(lake)
    later = pl.when(pl.col("item") == 2).then(pl.col("created_us") + 1).otherwise("created_us")
    wrong = replace(facts, known=facts.known.with_columns(created_us=later))
    report = quality_report(pegel.open_log(lake), pegel.find_policy("first_active_to_last_done"), lake=wrong)
    assert report.items_of("negative_span") == [2]


def test_an_item_without_any_moment_is_counted(tmp_path: Path) -> None:
    lake = brought(tmp_path, CLAIMS.split("D;")[0])
    facts = lake_facts(lake)
    ghost = pl.DataFrame({"item": [99], "stream": ["claims-0"], "created_us": [None]}, schema=facts.known.schema)
    seen = replace(facts, known=pl.concat([facts.known, ghost]))
    report = quality_report(pegel.open_log(lake), pegel.find_policy("first_active_to_last_done"), lake=seen)
    assert (report.unseen, report.items) == (1, 3)
    assert "1 item has no moment at all" in " ".join(quality_sentences(report, "en"))


def test_imports_that_contradict_each_other(tmp_path: Path) -> None:
    same = HEAD + "A;2026-01-06T08:00Z;In Progress;;2026-01-05T08:00Z;\n"
    other = HEAD + "B;2026-01-08T08:00Z;Review;A;;\nD;2026-03-02T08:00Z;Done;;2026-01-09T08:00Z;\n"
    report, found = checked(brought(tmp_path, CLAIMS, same, other))
    # B was in progress and in review at 8:00; D was created on the 8th and on the 9th.
    assert found["conflicting_records"] == ["B", "D"]
    assert report.check("conflicting_records").status is Status.VALUE


def test_known_at_leaves_later_imports_out(tmp_path: Path) -> None:
    lake = brought(tmp_path, CLAIMS)
    facts = lake_facts(lake, known_at_us=0)
    assert (facts.known.height, facts.imports, facts.future.height) == (0, (), 0)


def test_histories_that_are_cut_off_bound_the_flow_time(tmp_path: Path) -> None:
    lake = brought(tmp_path, CLAIMS)
    (line,) = lake.register().committed
    result = json.loads(line["result"])
    result["account"]["warnings"] = {"history_truncated": 1, "unreadable_created": 2}
    facts = pegel.quality.import_facts({**line, "result": json.dumps(result)}, {})
    log = pegel.open_log(lake)
    report = quality_report(log, pegel.find_policy("first_active_to_last_done"), [facts])
    check = report.check("history_truncated")
    # One finished item has a flow time, of 4 days; its history may have begun any time before.
    assert (check.rows, check.items) == (1, None)
    assert check.bounds == (Bounds(figure="p50", low=4.0, high=None), Bounds(figure="p85", low=4.0, high=None))
    others = report.check("import_warnings")
    assert (others.rows, others.reasons.rows()) == (2, [("unreadable_created", 2)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_words(tmp_path: Path, language: Any) -> None:
    report, _ = checked(brought(tmp_path, CLAIMS))
    sentences = quality_sentences(report, language)
    assert sentences[0].startswith({"de": "Vieles ist zweifelhaft: 3 Arbeitseinheiten von 4",
                                    "en": "Much is doubtful: 3 items of 4"}[language])  # fmt: skip
    lost = {"de": "1 Zeile der Importe wurde abgelehnt", "en": "1 row of the imports was rejected"}[language]
    assert lost in " ".join(sentences)
    for code in CODES:
        assert effect_sentence(report.check(code), report, language)
    page = chapter(report, language, Figures(language), {1: "<A>"})
    assert "<A>" not in page
    assert {"de": "Bewegt vor der Anlage", "en": "Moved before it was created"}[language] in page


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(brought(tmp_path, CLAIMS).root)
    assert run(["quality", "--lake", path, "--as-of", "2026-04-01", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["items"], body["definition"], body["policy"]["name"]) == (
        4, "data_quality/1", "first_active_to_last_done",
    )  # fmt: skip
    checks = {one["code"]: one for one in body["checks"]}
    assert list(checks) == list(CODES)
    assert checks["future_time"]["examples"] == ["D"]
    assert checks["future_time"]["without"]["finished"] == 2
    assert run(["quality", "--lake", path, "--language", "en"]) == 0
    assert "Moved before" in capsys.readouterr().out
    assert run(["quality", "--lake", path, "--check", "open_children", "--language", "en"]) == 0
    assert "\n  A\n" in capsys.readouterr().out
    assert run(["quality", "--lake", path, "--check", "rows_rejected", "--language", "de"]) == 0
    assert "Zeitpunkt ist nicht lesbar" in capsys.readouterr().out
    assert run(["quality", "--lake", path, "--check", "no_such_check"]) == 2
    assert run(["quality", "--lake", path, "--from", "2026-02-01", "--until", "2026-01-01"]) == 3
