"""ActionableAgile's CSV: a date column per step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch
from pegel.sources.actionable_agile import FORMAT, find_steps
from pegel.sources.date_columns import DateColumnsTable
from pegel.sources.dates_only import FORMAT as DATES
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head

_DAY = schema.DAY_US
_HEADER = "ID,Link,Name,To do,Doing,Review,Done,Type\n"


def _open(path: Path, text: str, **options: Any) -> DateColumnsTable:
    path.write_text(text, encoding="utf-8")
    source = FORMAT.open(path, ReadOptions(**options))
    assert isinstance(source, DateColumnsTable)
    return source


def _only(source: DateColumnsTable) -> Batch:
    [batch] = source.batches()
    return batch


def _steps(batch: Batch) -> list[tuple[str, float, int, str | None, str]]:
    """(item, day, sequence, from, to)."""
    rows = batch.transitions.select("item", "at_us", "sequence", "from_state", "to_state").rows()
    return [(item, at_us / _DAY, *rest) for item, at_us, *rest in rows]


def test_by_hand(tmp_path: Path) -> None:
    # A-1 walks through all steps. A-2 skipped "Doing": the tool has filled in the date of the next step, so it was
    # there for no time. A-3 has not come further than "Doing"; A-4 left "Doing" out without any date.
    text = _HEADER + (
        "A-1,http://x.invalid/1,One,1970-01-02,1970-01-03,1970-01-05,1970-01-09,Bug\n"
        "A-2,,Two,1970-01-02,1970-01-04,1970-01-04,1970-01-06,Story\n"
        "A-3,,Three,1970-01-02,1970-01-03,,,Bug\n"
        "A-4,,Four,1970-01-02,,1970-01-04,,Bug\n"
    )
    source = _open(tmp_path / "board.csv", text)
    assert FORMAT.recognise(read_head(tmp_path / "board.csv")) == 0.97
    batch = _only(source)
    assert _steps(batch) == [
        ("A-1", 1.0, 0, None, "To do"),
        ("A-1", 2.0, 1, "To do", "Doing"),
        ("A-1", 4.0, 2, "Doing", "Review"),
        ("A-1", 8.0, 3, "Review", "Done"),
        ("A-2", 1.0, 0, None, "To do"),
        ("A-2", 3.0, 1, "To do", "Doing"),
        ("A-2", 3.0, 2, "Doing", "Review"),
        ("A-2", 5.0, 3, "Review", "Done"),
        ("A-3", 1.0, 0, None, "To do"),
        ("A-3", 2.0, 1, "To do", "Doing"),
        ("A-4", 1.0, 0, None, "To do"),
        ("A-4", 3.0, 2, "To do", "Review"),
    ]
    assert batch.items.select("item", "stream", "type", "created_us", "title").rows() == [
        ("A-1", "board", "Bug", _DAY, None),
        ("A-2", "board", "Story", _DAY, None),
        ("A-3", "board", "Bug", _DAY, None),
        ("A-4", "board", "Bug", _DAY, None),
    ]
    info = source.info()
    assert (info.log_kind, info.state_hints) == ("states", {"To do": "waiting", "Done": "done"})
    assert info.left_out == ("Link", "Name")
    told = _open(tmp_path / "board.csv", text, titles=True, stream="Claims")
    assert _only(told).items["title"].to_list() == ["One", "Two", "Three", "Four"]
    assert _only(told).items["stream"].unique().to_list() == ["Claims"]


@pytest.mark.parametrize(
    ("dates", "detail"),
    [
        ("1970-01-05,1970-01-04,,", "To do > Doing"),
        ("1970-01-05,,,1970-01-04", "To do > Done"),
        ("1970-01-02,1970-01-05,1970-01-04,1970-01-06", "Doing > Review"),
        ("1970-01-02,1970-01-05,1970-01-03,1970-01-04", "Doing > Review"),
    ],
)
def test_backward_flow_is_rejected_naming_the_two_columns(tmp_path: Path, dates: str, detail: str) -> None:
    good = "1970-01-02,1970-01-03,1970-01-04,1970-01-05"
    text = f"{_HEADER}A-1,,x,{good},Bug\nA-2,,x,{dates},Bug\nA-3,,x,{good},Bug\n"
    batch = _only(_open(tmp_path / "board.csv", text))
    assert batch.rejects.rows() == [(2, "backward_flow", detail)]
    assert batch.items["row"].to_list() == [1, 3]


def test_items_that_have_not_started_are_ignored(tmp_path: Path) -> None:
    text = _HEADER + "A-1,,x,1970-01-02,1970-01-03,1970-01-04,,Bug\nA-2,,x,,,,,Bug\n"
    batch = _only(_open(tmp_path / "board.csv", text))
    assert batch.ignored == {"not_started": 1}
    assert (batch.items.height, batch.rejects.height) == (1, 0)


def test_a_step_that_nobody_reached_yet_still_is_the_last_one(tmp_path: Path) -> None:
    text = _HEADER + "A-1,,x,1970-01-02,1970-01-03,1970-01-04,,Bug\n"
    assert _open(tmp_path / "board.csv", text).info().state_hints == {"To do": "waiting", "Done": "done"}


@pytest.mark.parametrize(
    ("header", "cells", "steps"),
    [
        ("ID,A,B,C", "1,1970-01-02,1970-01-03,1970-01-04", ("A", "B", "C")),
        ("ID,Title,A,B,C,Points", "1,x,02.01.1970,03.01.1970,04.01.1970,5", ("A", "B", "C")),
        ("ID,Link,Title,A,B,C,Tags", "1,x,x,1/2/1970,1/3/1970,1/4/1970,", ("A", "B", "C")),
        ("ID,A,B,C,D", "1,1970-01-02,,1970-01-04,1970-01-04", ("A", "B", "C", "D")),
        ("ID,A,B", "1,1970-01-02,1970-01-03", ()),
        ("ID,Owner,A,B,C", "1,Ann,1970-01-02,1970-01-03,1970-01-04", ()),
        ("ID,A,B,C", "1,3,5,8", ()),
    ],
)
def test_where_the_steps_stand(header: str, cells: str, steps: tuple[str, ...]) -> None:
    assert find_steps(header.split(","), [[cell] for cell in cells.split(",")]) == steps


def test_lists_of_dates_are_left_to_the_list_of_dates(tmp_path: Path) -> None:
    for header in ("ID,Created,Started,Closed", "ID,Created,Resolved,Updated,Step"):
        cells = ",1970-01-02" * header.count(",")
        (tmp_path / "x.csv").write_text(f"{header}\nA-1{cells}\n")
        head = read_head(tmp_path / "x.csv")
        assert FORMAT.recognise(head) == 0.4
        assert DATES.recognise(head) == 0.9


def test_workflows_with_created_and_closed_among_their_steps_are_told_from_lists_of_dates(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "ID,Created,Analysis,Build,Closed\nA-1,1970-01-02,1970-01-02,1970-01-03,1970-01-04\n"
    )
    head = read_head(tmp_path / "x.csv")
    # Detection asks where two formats are within 0.05 of each other.
    assert FORMAT.recognise(head) - DATES.recognise(head) > 0.05


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        _open(tmp_path / "x.csv", "ID,Name,Points\n1,x,3\n")
    assert raised.value.code == "no_date_columns"
    with pytest.raises(AmbiguousInputError) as asked:
        _open(tmp_path / "x.csv", "ID,A,B,C\n1,01/02/1970,02/02/1970,03/02/1970\n")
    assert asked.value.code == "ambiguous_dates"


_days = st.lists(st.none() | st.integers(0, 6), min_size=4, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(rows=st.lists(_days, min_size=1, max_size=6))
def test_rows_are_rejected_exactly_when_their_dates_run_backwards(tmp_path: Path, rows: list[list[int | None]]) -> None:
    lines = [
        f"A-{number},," + ",".join("" if day is None else f"1970-01-{day + 2:02d} 08:00" for day in days) + ",Bug"
        for number, days in enumerate([[0, 1, 2, 3], *rows])
    ]
    batch = _only(_open(tmp_path / "board.csv", _HEADER.replace(",Link", "") + "\n".join(lines) + "\n"))
    filled = [[day for day in days if day is not None] for days in rows]
    backwards = [number for number, days in enumerate(filled, start=2) if days != sorted(days)]
    assert batch.rejects["row"].to_list() == backwards
    assert batch.ignored["not_started"] == sum(not days for days in filled)
    assert batch.transitions.height == 4 + sum(len(days) for days in filled if days == sorted(days))
