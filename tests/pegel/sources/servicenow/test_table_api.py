"""Saved Table API answers: incidents by hand with each kind of history, then shapes and broken rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.pegel.sources.accounts import read_whole

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, EventSource
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head
from pegel.sources.servicenow.rows import stored, table_of
from pegel.sources.servicenow.table_api import FORMAT

_HOUR = schema.HOUR_US


def _at(hour: int) -> str:
    """Hours after 1970 began, as the platform stores a time."""
    return f"1970-01-{1 + hour // 24:02d} {hour % 24:02d}:00:00"


def _incident(number: int, state: object = "2", **more: Any) -> dict[str, Any]:
    row = {"sys_id": f"id{number}", "number": f"INC{number}", "state": state, "opened_at": _at(8)}
    return {**row, "assignment_group": "g1", **more}


def _audit(number: int, hour: int, field: str, old: str, new: str, **more: Any) -> dict[str, Any]:
    row = {"documentkey": f"id{number}", "tablename": "incident", "fieldname": field, "oldvalue": old, "newvalue": new}
    return {**row, "sys_created_on": _at(hour), "record_checkpoint": str(hour), "user": "ann.admin", **more}


def _metric(number: int, hour: int, value: str, **more: Any) -> dict[str, Any]:
    row = {"definition": "Incident State Duration", "id": f"id{number}", "value": value, "start": _at(hour), "end": ""}
    return {**row, **more}


def _open(path: Path, content: object, **options: Any) -> EventSource:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return FORMAT.open(path, ReadOptions(**options))


def _steps(batch: Batch) -> list[tuple[str, int, str | None, str]]:
    """(item, hour, from, to) in the order of the log."""
    frame = batch.transitions.sort("item", "at_us", "sequence")
    return [
        (item, at_us // _HOUR, before, after)
        for item, at_us, before, after in frame.select("item", "at_us", "from_state", "to_state").rows()
    ]


def test_an_incident_with_its_audit_by_hand(tmp_path: Path) -> None:
    # Opened at 8 h as "New" (code 1, the old value of the first audited change), in progress from 10 h, on hold from
    # 12 h, resolved at 20 h. `incident_state` says the same again and is not counted twice.
    content = {
        "incident": {"result": [_incident(1, "6")]},
        "sys_audit": {
            "result": [
                _audit(1, 20, "state", "3", "6"),
                _audit(1, 10, "state", "1", "2"),
                _audit(1, 10, "incident_state", "1", "2"),
                _audit(1, 12, "state", "2", "3"),
                _audit(1, 10, "assigned_to", "", "u7"),
                _audit(1, 11, "assignment_group", "g1", "g2"),
                _audit(1, 11, "reopen_count", "0", "1"),
                _audit(1, 11, "work_notes", "", "secret"),
            ]
        },
    }
    source = _open(tmp_path / "sn.json", content)
    assert FORMAT.recognise(read_head(tmp_path / "sn.json")) > 0.9
    batch, fates = read_whole(source)
    assert _steps(batch) == [
        ("INC1", 8, None, "New"),
        ("INC1", 10, "New", "In Progress"),
        ("INC1", 12, "In Progress", "On Hold"),
        ("INC1", 20, "On Hold", "Resolved"),
    ]
    assert batch.field_changes.select("row", "field", "from_value", "to_value").rows() == [
        (6, "assignee", None, "u7"),
        (7, "team", "g1", "g2"),
        (8, "reopen_count", "0", "1"),
    ]
    assert fates == {"accepted": 7, "ignored": 2}
    assert batch.ignored == {"history_told_twice": 1, "field_not_needed": 1}
    assert batch.items.select("item", "stream", "created_us", "title").rows() == [("INC1", "incident", 8 * _HOUR, None)]
    info = source.info()
    assert info.log_kind == "states"
    assert info.state_hints["On Hold"] == "waiting"
    assert info.state_hints["Canceled"] == "cancelled"
    assert "secret" not in str(batch)


def test_metric_instances_by_hand(tmp_path: Path) -> None:
    # The first metric starts two seconds after the opening: the platform's delay, not another state.
    rows = [
        _incident(1),
        _metric(1, 8, "New", start="1970-01-01 08:00:02"),
        _metric(1, 10, "In Progress"),
        _metric(1, 9, "Ann Example", definition="Assigned to Duration"),
        _metric(1, 9, "17", definition={"display_value": "Our own metric", "value": "m1"}),
    ]
    batch, fates = read_whole(_open(tmp_path / "sn.json", rows))
    assert _steps(batch) == [("INC1", 8, None, "New"), ("INC1", 10, None, "In Progress")]
    assert batch.field_changes.select("field", "to_value").rows() == [("assignee", "Ann Example")]
    assert fates == {"accepted": 4, "ignored": 1}
    assert batch.ignored == {"metric_unknown": 1}


def test_a_metric_that_starts_late_leaves_the_time_before_it_unknown(tmp_path: Path) -> None:
    batch, _ = read_whole(_open(tmp_path / "sn.json", [_incident(1), _metric(1, 10, "In Progress")]))
    assert _steps(batch) == [("INC1", 8, None, schema.CREATED_STATE), ("INC1", 10, None, "In Progress")]


def test_audit_goes_before_metrics(tmp_path: Path) -> None:
    rows = [
        _metric(1, 8, "New"),
        _metric(1, 10, "In Progress"),
        _audit(1, 10, "incident_state", "1", "2"),
        _incident(1),
    ]
    batch, fates = read_whole(_open(tmp_path / "sn.json", rows))
    assert _steps(batch) == [("INC1", 8, None, "New"), ("INC1", 10, "New", "In Progress")]
    assert fates == {"accepted": 2, "ignored": 2}


def test_without_history_only_the_dates_are_known(tmp_path: Path) -> None:
    rows = [
        _incident(1, "1"),
        _incident(2, "2"),
        _incident(3, "7", resolved_at=_at(20), closed_at=_at(30)),
        _incident(4, "8", closed_at=_at(30)),
    ]
    source = _open(tmp_path / "sn.json", {"result": rows})
    batch, fates = read_whole(source)
    created = schema.CREATED_STATE
    assert _steps(batch) == [
        ("INC1", 8, None, "New"),  # it stands in its first state: that is known
        ("INC2", 8, None, created),
        ("INC3", 8, None, created),
        ("INC3", 20, created, "Resolved"),
        ("INC3", 30, "Resolved", "Closed"),
        ("INC4", 8, None, created),
        ("INC4", 30, created, "Canceled"),
    ]
    assert fates == {"accepted": 4}
    assert source.info().log_kind == "dates"
    assert source.info().notes == {"no_state_history": "3"}
    assert source.info().state_hints[created] == "waiting"
    assert json.loads(batch.items["attributes"][1]) == {"state": "In Progress", "sys_id": "id2"}


_SHAPES = {
    "members": {"incident": [_incident(1)], "sys_audit": [_audit(1, 10, "state", "1", "2")]},
    "answers in members": {
        "incident": {"result": [_incident(1)]},
        "sys_audit": {"result": [_audit(1, 10, "state", "1", "2")]},
    },
    "answers in an array": [{"result": [_audit(1, 10, "state", "1", "2")]}, {"result": [_incident(1)]}],
    "answers one after another": json.dumps({"result": [_incident(1)]}, indent=1)
    + "\n"
    + json.dumps({"result": [_audit(1, 10, "state", "1", "2")]}),
    "json lines": "\n".join(map(json.dumps, [_audit(1, 10, "state", "1", "2"), _incident(1)])),
    "exported list": {"records": [_incident(1), _audit(1, 10, "state", "1", "2")]},
    "all display values": {
        "result": [
            {name: {"display_value": value, "value": value} for name, value in row.items()}
            for row in (_incident(1), _audit(1, 10, "state", "1", "2"))
        ]
    },
}


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize("batch_rows", [1, 100])
def test_every_shape_gives_the_same_events(tmp_path: Path, shape: str, batch_rows: int) -> None:
    source = _open(tmp_path / "sn.json", _SHAPES[shape], batch_rows=batch_rows)
    assert FORMAT.recognise(read_head(tmp_path / "sn.json")) > 0.85
    batch, fates = read_whole(source)
    assert _steps(batch) == [("INC1", 8, None, "New"), ("INC1", 10, "New", "In Progress")]
    assert fates == {"accepted": 2}
    assert source.progress() == 1.0
    again, _ = read_whole(source)
    assert again.transitions.rows() == batch.transitions.rows()


def test_labels_and_names_come_from_the_file(tmp_path: Path) -> None:
    incident = _incident(
        1,
        {"display_value": "In Bearbeitung", "value": "2"},
        assignment_group={"display_value": "Netz", "value": "g1"},
        category={"display_value": "Netzwerk", "value": "network"},
        parent_incident={"display_value": "INC9", "link": "https://example.invalid/api/now/table/incident/id9"},
    )
    rows = [_audit(1, 10, "state", "1", "2"), _audit(1, 11, "assignment_group", "", "g1"), incident]
    source = _open(tmp_path / "sn.json", rows)
    batch, _ = read_whole(source)
    assert _steps(batch)[1] == ("INC1", 10, "New", "In Bearbeitung")
    assert batch.field_changes["to_value"].to_list() == ["Netz"]
    assert batch.items.filter(pl.col("row") == 3).select("type", "parent").rows() == [("Netzwerk", "INC9")]
    assert source.info().state_hints["In Bearbeitung"] == "active"


def test_display_values_alone_are_read_in_the_given_zone(tmp_path: Path) -> None:
    # 08:00 in Berlin in January 1970 was 07:00 UTC.
    source = _open(tmp_path / "sn.json", {"result": [_incident(1, "New")]}, zone="Europe/Berlin")
    batch, _ = read_whole(source)
    assert _steps(batch) == [("INC1", 7, None, "New")]
    assert source.info().notes == {"display_values_zone": "Europe/Berlin"}
    with pytest.raises(InputError) as raised:
        _open(tmp_path / "sn.json", {"result": []}, zone="Nowhere/At all")
    assert raised.value.code == "unknown_zone"


def test_deleted_and_recovered(tmp_path: Path) -> None:
    deleted = _audit(5, 10, "DELETED", "DELETED", "DELETED", record_checkpoint="-1", user="system")
    rows = [deleted, _audit(5, 12, "RECOVERED", "RECOVERED", "RECOVERED", record_checkpoint="-1")]
    batch, fates = read_whole(_open(tmp_path / "sn.json", {"sys_audit": rows}))
    assert batch.field_changes.select("item", "field", "to_value").rows() == [
        ("id5", "deleted", "true"),
        ("id5", "deleted", "false"),
    ]
    assert batch.items["item"].to_list() == ["id5"]
    assert batch.warnings == {"incident_missing": 2}
    assert fates == {"accepted": 2}


def test_changes_of_the_same_second_keep_the_order_of_their_updates(tmp_path: Path) -> None:
    rows = [
        _incident(1),
        _audit(1, 10, "state", "2", "3", record_checkpoint="5"),
        _audit(1, 10, "state", "1", "2", record_checkpoint="4"),
    ]
    assert [step[3] for step in _steps(read_whole(_open(tmp_path / "sn.json", rows))[0])] == [
        "New",
        "In Progress",
        "On Hold",
    ]
    for row in rows:
        row.pop("record_checkpoint", None)
    # Without the counter the order in the file is all there is.
    assert [step[3] for step in _steps(read_whole(_open(tmp_path / "sn.json", rows))[0])][1:] == [
        "On Hold",
        "In Progress",
    ]


def test_broken_rows_keep_their_reason(tmp_path: Path) -> None:
    rows = [
        3,
        {"name": "some other table"},
        _incident(1, opened_at="soon"),
        _incident(2, opened_at="9999-12-31 00:00:00"),
        _audit(3, 10, "state", "1", ""),
        _audit(3, 10, "state", "1", "2", sys_created_on="0000-00-00 00:00:00"),
        _audit(3, 10, "state", "1", "2", documentkey=""),
        _audit(3, 10, "state", "1", "2", tablename="problem"),
        {**_incident(4), "number": "INC\x00"},
        _incident(5),
        _incident(5),
    ]
    batch, fates = read_whole(_open(tmp_path / "sn.json", {"result": rows}))
    assert batch.rejects.select("row", "reason").rows() == [
        (1, "not_an_object"),
        (2, "unknown_table"),
        (3, "unreadable_created"),
        (4, "unreadable_created"),
        (5, "state_missing"),
        (6, "unreadable_time"),
        (7, "item_missing"),
        (9, "nul_byte"),
    ]
    assert batch.ignored == {"other_table": 1}
    assert fates == {"accepted": 1, "duplicate": 1, "ignored": 1, "rejected": 8}


def test_a_change_before_the_opening_does_not_put_the_initial_state_last(tmp_path: Path) -> None:
    batch, _ = read_whole(_open(tmp_path / "sn.json", [_incident(1), _audit(1, 5, "state", "1", "2")]))
    assert _steps(batch) == [("INC1", 5, None, "New"), ("INC1", 5, "New", "In Progress")]
    assert batch.warnings == {"change_before_creation": 1}


def test_titles_only_where_switched_on(tmp_path: Path) -> None:
    rows = [_incident(1, short_description="Printer on fire", u_site="Kiel")]
    assert read_whole(_open(tmp_path / "sn.json", rows))[0].items["title"].to_list() == [None]
    batch, _ = read_whole(_open(tmp_path / "sn.json", rows, titles=True, attributes=("u_site",), stream="IT"))
    assert batch.items.select("title", "stream").rows() == [("Printer on fire", "IT")]
    assert json.loads(batch.items["attributes"][0])["u_site"] == "Kiel"


@pytest.mark.parametrize(
    ("text", "code"), [('{"result": [{"sys_id": "1"', "json_truncated"), ('{"result": [}', "json_invalid")]
)
def test_broken_files_end_in_a_code(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as raised:
        list(_open(tmp_path / "sn.json", text).batches())
    assert raised.value.code == code


def test_tables_are_told_by_their_columns() -> None:
    assert table_of(_incident(1)) == "incident"
    assert table_of(_audit(1, 1, "state", "1", "2")) == "sys_audit"
    assert table_of(_metric(1, 1, "New")) == "metric_instance"
    assert table_of({"sys_id": "1", "name": "x"}) is None
    assert stored({"a": {"display_value": "", "value": ""}}, "a") is None
