"""Jira's CSV export: created and resolved, English and German."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.sources.dates_only import FORMAT as DATES
from pegel.sources.formats import ReadOptions
from pegel.sources.jira.csv_export import FORMAT
from pegel.sources.reading import read_head

_ENGLISH = (
    "Summary,Issue key,Issue id,Issue Type,Status,Project key,Assignee,Created,Updated,Resolved,Sprint,Sprint,Comment\n"
    "Fix it,A-1,10001,Bug,Done,A,Ann,02/Jan/70 8:00 AM,03/Jan/70 1:00 PM,02/Jan/70 8:00 PM,S1,S2,a secret\n"
    "Do it,A-2,10002,Task,In Review,A,,02/Jan/70 12:00 AM,03/Jan/70 1:00 PM,,S2,,\n"
)
_GERMAN = (
    "Zusammenfassung;Vorgangsschlüssel;Vorgangs-ID;Vorgangstyp;Status;Projektname;Erstellt;Erledigt\n"
    "Fix it;A-1;10001;Bug;Done;A;02.01.1970 08:00;02.01.1970 20:00\n"
    "Do it;A-2;10002;Task;In Review;A;02.01.1970 00:00;\n"
)


@pytest.mark.parametrize("text", [_ENGLISH, _GERMAN])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_both_languages_by_hand(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "jira.csv"
    path.write_bytes(text.encode(encoding))
    head = read_head(path)
    assert FORMAT.recognise(head) == 0.98
    assert FORMAT.recognise(head) - DATES.recognise(head) > 0.05
    source = FORMAT.open(path, ReadOptions())
    [batch] = source.batches()
    hour, created = schema.HOUR_US, schema.CREATED_STATE
    # Resolved into its status of today; of the open one nobody knows since when it is in review.
    assert batch.transitions.select("item", "at_us", "from_state", "to_state").rows() == [
        ("A-1", 32 * hour, None, created),
        ("A-1", 44 * hour, created, "Done"),
        ("A-2", 24 * hour, None, created),
    ]
    assert batch.items.select("item", "stream", "type", "title").rows() == [
        ("A-1", "A", "Bug", None),
        ("A-2", "A", "Task", None),
    ]
    assert [json.loads(text) for text in batch.items["attributes"]] == [{"Status": "Done"}, {"Status": "In Review"}]
    info = source.info()
    assert info.log_kind == "dates"
    assert info.state_hints == {created: "waiting", "Done": "done"}
    assert "no_state_history" in info.notes
    assert "secret" not in str(batch)


def test_times_are_in_the_given_zone(tmp_path: Path) -> None:
    (tmp_path / "jira.csv").write_text(_ENGLISH)
    [batch] = FORMAT.open(tmp_path / "jira.csv", ReadOptions(zone="Europe/Berlin")).batches()
    assert batch.items["created_us"].to_list() == [31 * schema.HOUR_US, 23 * schema.HOUR_US]


def test_resolved_before_created_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "jira.csv").write_text(
        "Issue key,Issue Type,Status,Created,Resolved\nA-1,Bug,Done,1970-01-05 10:00,1970-01-04 10:00\n"
    )
    [batch] = FORMAT.open(tmp_path / "jira.csv", ReadOptions()).batches()
    assert batch.rejects.rows() == [(1, "closed_before_created", "Created > Resolved")]


def test_other_tables_are_not_taken_for_jira(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Key;Status;Created;Resolved\nA-1;Done;1970-01-02;1970-01-03\n")
    assert FORMAT.recognise(read_head(tmp_path / "x.csv")) == 0.0
    (tmp_path / "x.csv").write_text("Key;Created\nA-1;1970-01-02\n")
    with pytest.raises(InputError) as raised:
        FORMAT.open(tmp_path / "x.csv", ReadOptions())
    assert raised.value.code == "columns_missing"
