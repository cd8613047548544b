"""Tables that know only when items were created and closed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch
from pegel.sources.date_columns import DateColumnsTable
from pegel.sources.dates_only import FORMAT
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head

_DAY = schema.DAY_US
_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
_APACHE = _SAMPLES / "jira-apache-bugs-a"
_CREATED = schema.CREATED_STATE


def _open(path: Path, text: str, **options: Any) -> DateColumnsTable:
    path.write_text(text, encoding="utf-8")
    source = FORMAT.open(path, ReadOptions(**options))
    assert isinstance(source, DateColumnsTable)
    return source


def _only(source: DateColumnsTable) -> Batch:
    [batch] = source.batches()
    return batch


def _steps(batch: Batch) -> list[tuple[int, str, float, str | None, str]]:
    """(row, item, day, from, to)."""
    rows = batch.transitions.select("row", "item", "at_us", "from_state", "to_state").rows()
    return [(row, item, at_us / _DAY, before, after) for row, item, at_us, before, after in rows]


def test_created_and_closed_by_hand(tmp_path: Path) -> None:
    text = "Key,Created,Closed,Type\nA-1,1970-01-02,1970-01-05 12:00,Bug\nA-2,1970-01-03,,Task\n"
    source = _open(tmp_path / "claims 2026.csv", text)
    assert FORMAT.recognise(read_head(tmp_path / "claims 2026.csv")) == 0.9
    batch = _only(source)
    assert _steps(batch) == [
        (1, "A-1", 1.0, None, _CREATED),
        (1, "A-1", 4.5, _CREATED, "closed"),
        (2, "A-2", 2.0, None, _CREATED),
    ]
    assert batch.items.select("item", "stream", "type", "created_us", "title", "attributes").rows() == [
        ("A-1", "claims 2026", "Bug", _DAY, None, None),
        ("A-2", "claims 2026", "Task", 2 * _DAY, None, None),
    ]
    info = source.info()
    assert info.log_kind == "dates"
    assert info.state_hints == {_CREATED: "waiting", "closed": "done"}
    assert "flow_time" in info.notes["answers"]
    assert "flow_distribution" in info.notes["answers"]
    assert "flow_efficiency" in info.notes["answers_not"]
    assert source.progress() == 1.0


def test_with_a_start_the_time_before_it_is_new(tmp_path: Path) -> None:
    text = "Vorgang;Angelegt am;Begonnen;Erledigt am\n1;02.01.1970;03.01.1970;05.01.1970\n2;02.01.1970;-;05.01.1970\n"
    source = _open(tmp_path / "liste.csv", text)
    assert _steps(_only(source)) == [
        (1, "1", 1.0, None, _CREATED),
        (1, "1", 2.0, _CREATED, "started"),
        (1, "1", 4.0, "started", "closed"),
        (2, "2", 1.0, None, _CREATED),
        (2, "2", 4.0, _CREATED, "closed"),
    ]
    assert source.info().state_hints == {_CREATED: "new", "started": "active", "closed": "done"}


@pytest.mark.parametrize(
    "header",
    [
        "Key;CreationDate;ResolutionDate",
        "number;opened_at;closed_at",
        "ID;Erstellt;Geschlossen",
        "Ticket-ID;Geöffnet am;Abgeschlossen am",
        "Aktenzeichen;Eingangsdatum;Erledigt",
        "Issue key;Created;Resolved",
    ],
)
def test_headers_in_both_languages(tmp_path: Path, header: str) -> None:
    source = _open(tmp_path / "x.csv", f"{header}\nA-1;1970-01-02;1970-01-03\n")
    assert FORMAT.recognise(read_head(tmp_path / "x.csv")) == 0.9
    assert [step[2:] for step in _steps(_only(source))] == [(1.0, None, _CREATED), (2.0, _CREATED, "closed")]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("A-1,1970-01-05,1970-01-04", "closed_before_created"),
        (",1970-01-05,1970-01-06", "item_missing"),
        (" ,1970-01-05,1970-01-06", "item_missing"),
        ("A-1,,", "time_missing"),
        ("A-1,n/a,?", "time_missing"),
        ("A-1,soon,1970-01-06", "unreadable_time"),
        ("A-1,1970-01-05,1970-02-30", "unreadable_time"),
        ("A-1,1970-01-05,9999-12-31", "time_out_of_range"),
        ("A-1,0000-01-01,", "time_out_of_range"),
        ("A-1,1969-12-31,", "time_out_of_range"),
        (f"{'x' * 501},1970-01-05,", "name_too_long"),
        ("A-1,1970-01-05", "wrong_number_of_cells"),
        ("A\x00-1,1970-01-05,", "nul_byte"),
    ],
)
def test_broken_rows_keep_their_reason_and_leave_the_others_alone(tmp_path: Path, cells: str, reason: str) -> None:
    text = f"id,created,closed\nB-1,1970-01-02,1970-01-03\n{cells}\nB-2,1970-01-02,\n"
    batch = _only(_open(tmp_path / "x.csv", text))
    assert batch.rejects.select("row", "reason").rows() == [(2, reason)]
    assert batch.items["row"].to_list() == [1, 3]


def test_a_start_out_of_order_is_named(tmp_path: Path) -> None:
    rows = ("1,1970-01-05,1970-01-04,", "2,1970-01-05,1970-01-07,1970-01-06", "3,1970-01-05,,1970-01-04")
    text = "id,created,started,closed\n" + "\n".join(rows) + "\n"
    batch = _only(_open(tmp_path / "x.csv", text))
    assert batch.rejects.select("reason", "detail").rows() == [
        ("started_before_created", "created > started"),
        ("closed_before_started", "started > closed"),
        ("closed_before_created", "created > closed"),
    ]


def test_a_day_without_time_does_not_run_backwards_on_the_same_day(tmp_path: Path) -> None:
    closings = ("1970-01-05", "1970-01-05 13:00", "1970-01-04")
    text = "id,created,closed\n" + "".join(f"{n},1970-01-05 14:00,{closed}\n" for n, closed in enumerate(closings))
    batch = _only(_open(tmp_path / "x.csv", text))
    afternoon = 4 + 14 / 24
    assert [step[2] for step in _steps(batch)] == [afternoon, afternoon]
    assert batch.warnings == {"same_day_order_assumed": 1}
    assert batch.rejects["row"].to_list() == [2, 3]


def test_the_same_row_again_is_a_duplicate_and_another_one_of_its_item_is_rejected(tmp_path: Path) -> None:
    text = "id,created,closed\n1,1970-01-02,\n1,1970-01-02,\n1,1970-01-02,1970-01-03\n2,soon,\n2,1970-01-02,\n"
    source = _open(tmp_path / "x.csv", text, batch_rows=2)
    batches = list(source.batches())
    assert sum(batch.duplicate for batch in batches) == 1
    assert [row for batch in batches for row in batch.items["row"]] == [1, 5]
    assert [row for batch in batches for row in batch.rejects.select("row", "reason").rows()] == [
        (3, "item_repeated"),
        (4, "unreadable_time"),
    ]
    assert [batch.items.rows() for batch in source.batches()] == [batch.items.rows() for batch in batches]


def test_ambiguous_dates_are_asked_for_and_decided_by_any_date_column(tmp_path: Path) -> None:
    with pytest.raises(AmbiguousInputError) as raised:
        _open(tmp_path / "x.csv", "id,created,closed\n1,01/02/1970,03/02/1970\n")
    assert raised.value.code == "ambiguous_dates"
    given_order = _open(tmp_path / "x.csv", "id,created,closed\n1,01/02/1970,03/02/1970\n", date_order="mdy")
    assert [step[2] for step in _steps(_only(given_order))] == [1.0, 60.0]
    decided = _open(tmp_path / "x.csv", "id,created,closed\n1,01/02/1970,13/02/1970\n")
    assert [step[2] for step in _steps(_only(decided))] == [31.0, 43.0]
    assert decided.info().notes["date_order"] == "dmy:values"


def test_columns_named_by_the_person(tmp_path: Path) -> None:
    text = "Nr.,Erfasst,Weg,Halle\n1,1970-01-02,1970-01-03,Nord\n"
    assert FORMAT.recognise(read_head(_written(tmp_path / "x.csv", text))) == 0.0
    with pytest.raises(InputError) as raised:
        _open(tmp_path / "x.csv", text)
    assert raised.value.code == "columns_missing"
    roles = {"item": "Nr.", "created": "Erfasst", "closed": "Weg", "stream": "Halle"}
    source = _open(tmp_path / "x.csv", text, columns=roles, zone="Europe/Berlin")
    assert source.info().columns == roles
    assert _only(source).items.select("item", "stream", "created_us").rows() == [("1", "Nord", _DAY - schema.HOUR_US)]
    for wrong, code in (({"item": "nope"}, "column_unknown"), ({"nope": "Nr."}, "role_unknown")):
        with pytest.raises(InputError) as raised:
            _open(tmp_path / "x.csv", text, columns=wrong)
        assert raised.value.code == code


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_titles_and_persons_stay_out(tmp_path: Path) -> None:
    text = "id,created,closed,title,assignee,site\n1,1970-01-02,,A secret,Ann,Kiel\n"
    source = _open(tmp_path / "x.csv", text)
    assert _only(source).items.select("title", "attributes").rows() == [(None, None)]
    assert source.info().left_out == ("title", "assignee", "site")
    told = _open(tmp_path / "x.csv", text, titles=True, attributes=("site",))
    assert _only(told).items.select("title", "attributes").rows() == [("A secret", '{"site": "Kiel"}')]
    assert told.info().left_out == ("assignee",)


def test_workbook_with_dates_and_day_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    # Excel's day 25570 is 1970-01-02.
    for row in (["id", "created", "closed"], ["A", 25570, 25571.5], ["B", 25570, None]):
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    source = FORMAT.open(tmp_path / "list.xlsx", ReadOptions())
    [batch] = source.batches()
    assert FORMAT.recognise(read_head(tmp_path / "list.xlsx")) == 0.9
    assert _steps(batch) == [
        (1, "A", 1.0, None, _CREATED),
        (1, "A", 2.5, _CREATED, "closed"),
        (2, "B", 1.0, None, _CREATED),
    ]
    assert batch.items["stream"].to_list() == ["list", "list"]


def test_an_event_log_is_not_taken_for_a_list_of_items(tmp_path: Path) -> None:
    rows = "".join(f"{number // 5},1970-01-02,1970-01-09,step\n" for number in range(50))
    path = _written(tmp_path / "x.csv", "case,created,closed,activity\n" + rows)
    assert FORMAT.recognise(read_head(path)) == 0.3


_cell = st.sampled_from(["", "1970-01-02", "1970-01-03 04:05", "1970-01-04", "04.01.1970", "x", "9999-01-01", "-"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), _cell, _cell, _cell), min_size=1, max_size=8))
def test_every_row_has_one_fate_however_it_is_cut(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    text = "id,created,started,closed\n" + "".join(",".join(row) + "\n" for row in rows)
    whole = _only(_open(tmp_path / "x.csv", text))
    parts = list(_open(tmp_path / "x.csv", text, batch_rows=1).batches())
    assert whole.items.height + whole.rejects.height + whole.duplicate == len(rows)
    assert [row for part in parts for row in part.transitions.rows()] == whole.transitions.rows()
    assert [row for part in parts for row in part.rejects.rows()] == whole.rejects.rows()
    last: dict[str, int] = {}
    for item, at_us in whole.transitions.select("item", "at_us").rows():
        assert at_us >= last.get(item, 0)
        last[item] = at_us


@pytest.mark.skipif(
    not _APACHE.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_APACHE.name} is missing"
)
@pytest.mark.parametrize(("project", "issues"), [("kafka", 2402), ("camel", 3232), ("zookeeper", 881)])
def test_real_bugs(project: str, issues: int) -> None:
    path = _APACHE / f"{project}-jira-bug-fix-dataset.csv.gz"
    assert FORMAT.recognise(read_head(path)) == 0.9
    [batch] = FORMAT.open(path, ReadOptions()).batches()
    # The README: only resolved bugs, one row each.
    assert (batch.items.height, batch.transitions.height, batch.rejects.height) == (issues, 2 * issues, 0)
    assert batch.items["stream"].unique().to_list() == [project.upper()]
