"""What a log offers besides its intervals: who moved an item, what else changed, what is linked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

import pegel
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.log import FlowLog
from pegel.flow.open_log import _moment
from pegel.lake.intervals import actor_code
from pegel.lake.pseudonyms import Pseudonyms

WORKFLOW = load_workflow("states: {Open: new, Doing: active, Done: done}")


def example(as_of: str | None = None) -> FlowLog:
    return log_of_rows(
        [("A", "2026-01-01", "Open", "ann"), ("A", "2026-01-03", "Doing", "bob"), ("A", "2026-01-04", "Done", "bob"),
         ("B", "2026-01-02", "Open")],
        WORKFLOW,
        as_of=as_of,
        changes=[("A", "2026-01-02", "priority", "low", "high"), ("B", "2026-01-05", "flag", None, "blocked")],
        links=[("B", "blocks", "A")],
    )  # fmt: skip


def test_intervals_know_who_brought_the_item_there() -> None:
    rows = example().engine.collect(example().rows()).sort("item", "entered_us")
    ann, bob, again, nobody = rows["actor"].to_list()
    assert ann != bob == again
    assert nobody is None


def test_changes_and_links_are_seen_only_once_they_have_happened() -> None:
    log = example(as_of="2026-01-04")
    changes = log.engine.collect(log.changes_of("priority", "flag"))
    assert changes.select("item", "field", "to_value").rows() == [(1, "priority", "high")]
    assert log.engine.collect(log.changes_of("flag")).height == 0
    assert log.engine.collect(log.links_of("blocks")).select("item", "other").rows() == [(2, 1)]
    assert log.engine.collect(log.links_of("parent")).height == 0


def test_an_item_that_changes_its_type_keeps_who_brought_it_into_its_state() -> None:
    log = log_of_rows(
        [("A", "2026-01-01", "Open", "ann"), ("A", "2026-01-05", "Doing", "bob")],
        WORKFLOW,
        changes=[("A", "2026-01-03", "type", "Bug", "Story")],
    )
    rows = log.engine.collect(log.rows()).sort("entered_us")
    first, second, third = rows["actor"].to_list()
    assert first == second != third
    assert rows["entered_us"].to_list() == [_moment(f"2026-01-0{day}") for day in (1, 3, 5)]


def test_a_lake_tells_who_and_what(tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(
        "item;at;state;actor\nA;2026-01-05T08:00;Open;Ann\nA;2026-01-06T08:00;Doing;Bob\nB;2026-01-06T08:00;Open;\n",
        encoding="utf-8",
    )
    lake = pegel.create_lake(tmp_path / "lake")
    pegel.import_file(lake, file, seen_at=datetime(2026, 2, 1, tzinfo=UTC))
    log = pegel.open_log(lake)
    rows = log.engine.collect(log.rows()).sort("item", "entered_us")
    names = Pseudonyms(lake.root)
    expected = [pl.select(actor_code(pl.lit(names.of(name)))).item() for name in ("Ann", "Bob")]
    assert rows["actor"].to_list() == [*expected, None]
    assert log.engine.collect(log.changes).height == 0


def test_a_stream_is_not_judged_by_what_another_one_records(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text(
        "item;at;state;stream;assignee\nA;2026-01-05T08:00;Doing;Claims;Ann\nA;2026-01-06T08:00;Doing;Claims;Bob\n"
        "B;2026-01-05T08:00;Doing;Legal;\nB;2026-01-06T08:00;Done;Legal;\n",
        encoding="utf-8",
    )
    lake = pegel.create_lake(tmp_path / "lake")
    pegel.import_file(lake, file, seen_at=datetime(2026, 2, 1, tzinfo=UTC))
    claims, legal = (pegel.open_log(lake, streams=[name]) for name in ("Claims", "Legal"))
    assert claims.engine.collect(claims.changes_of("assignee")).height > 0
    assert legal.engine.collect(legal.changes_of("assignee")).height == 0
