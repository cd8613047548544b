"""What the traces of a log mean: by hand, at the boundaries, and that every row has exactly one fate."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.eventlog.batch import Batch, SourceInfo, rows_of
from pegel.eventlog.schema import HOUR_US, SECOND_US
from pegel.sources.formats import Head, ReadOptions
from pegel.sources.xes import FORMAT
from pegel.sources.xes.times import moment_reader

KEYS = {
    "a": "concept:name",
    "t": "time:timestamp",
    "l": "lifecycle:transition",
    "r": "org:resource",
    "g": "org:group",
    "o": "org:role",
}


def attribute(key: str, value: str) -> str:
    return f'<string key="{key}" value="{value}"/>'


def event(**values: str) -> str:
    """One event; times are given as hours after 1970 began: ``t="3"``, or in full."""
    if values.get("t", "").isdigit():
        values["t"] = f"1970-01-01T{int(values['t']):02}:00:00Z"
    return f"<event>{''.join(attribute(KEYS.get(key, key), value) for key, value in values.items())}</event>"


def trace(*events: str, name: str | None = "c", more: str = "") -> str:
    return f"<trace>{attribute('concept:name', name) if name is not None else ''}{more}{''.join(events)}</trace>"


class Import:
    """Everything that reading a log gave."""

    def __init__(self, path: Path, *content: str, options: ReadOptions | None = None) -> None:
        file = path / "my log.xes"
        file.write_text(f"<log>\n{''.join(content)}\n</log>", encoding="utf-8")
        source = FORMAT.open(file, options or ReadOptions())
        self.batches: list[Batch] = list(source.batches())
        self.info: SourceInfo = source.info()

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        return [row for batch in self.batches for row in getattr(batch, table).select(*columns).iter_rows()]

    @property
    def transitions(self) -> list[tuple[Any, ...]]:
        found = self.rows("transitions", "row", "item", "at_us", "from_state", "to_state")
        return [(row, item, at_us // HOUR_US, before, after) for row, item, at_us, before, after in found]

    @property
    def fates(self) -> dict[str, int]:
        fates: Counter[str] = Counter()
        for batch in self.batches:
            fates["accepted"] += len(rows_of(batch))
            fates["merged"] += batch.merged
            fates["duplicate"] += batch.duplicate
            fates.update(batch.ignored)
            fates.update(batch.rejects["reason"].to_list())
        return {fate: count for fate, count in fates.items() if count}

    @property
    def warnings(self) -> dict[str, int]:
        return dict(sum((batch.warnings for batch in self.batches), Counter()))


def test_events_without_starts_open_the_state_after(tmp_path: Path) -> None:
    log = Import(tmp_path, trace(event(a="Check", t="1", r="Ann"), event(a="Pay", t="4")))
    assert log.transitions == [(1, "c", 1, None, "after Check"), (2, "c", 4, "after Check", "after Pay")]
    assert log.rows("transitions", "actor") == [("Ann",), (None,)]
    assert log.rows("items", "row", "item", "stream", "type", "attributes") == [(1, "c", "my log", None, None)]
    assert log.fates == {"accepted": 2}
    assert log.info.log_kind == "activities"
    assert log.info.state_hints == {"after Check": "waiting", "after Pay": "waiting"}
    assert log.info.columns == {
        "activity": "concept:name",
        "at": "time:timestamp",
        "actor": "org:resource",
        "item": "concept:name",
    }


def test_pairs_and_events_of_another_kind_inside(tmp_path: Path) -> None:
    # W is worked on from 2 to 6; A at 4, done by a machine, must not cut that into two.
    log = Import(
        tmp_path,
        trace(
            event(a="W", l="SCHEDULE", t="1"),
            event(a="W", l="START", t="2"),
            event(a="A", l="COMPLETE", t="4"),
            event(a="W", l="COMPLETE", t="6"),
        ),
    )
    assert log.transitions == [
        (1, "c", 1, None, "before W"),
        (2, "c", 2, "before W", "W"),
        (3, "c", 6, "W", "after A"),
    ]
    assert log.fates == {"accepted": 3, "merged": 1}
    assert log.info.log_kind == "intervals"
    assert log.info.state_hints["W"] == "active"


def test_whether_a_log_has_pairs_holds_for_all_its_cases(tmp_path: Path) -> None:
    # The first case repeats its event: a duplicate in a log without starts, another piece of work in one with starts.
    first = trace(event(a="A", l="complete", t="1"), event(a="A", l="complete", t="1"), name="1")
    last = trace(event(a="A", l="start", t="1"), event(a="A", l="complete", t="2"), name="2")
    assert Import(tmp_path, first).fates == {"accepted": 1, "duplicate": 1}
    assert Import(tmp_path, first, last).fates == {"accepted": 3, "merged": 1}


def test_events_are_ordered_by_time_and_then_by_their_place(tmp_path: Path) -> None:
    log = Import(tmp_path, trace(event(a="C", t="3"), event(a="A", t="1"), event(a="D", t="3"), event(a="B", t="2")))
    assert [(row, to) for row, _, _, _, to in log.transitions] == [
        (2, "after A"),
        (4, "after B"),
        (1, "after C"),
        (3, "after D"),
    ]
    assert log.rows("transitions", "sequence") == [(0,), (0,), (0,), (1,)]  # C and D are at the same time
    assert log.warnings == {"unsorted_events": 2}


def test_each_row_has_its_number_and_its_fate(tmp_path: Path) -> None:
    log = Import(
        tmp_path,
        trace(event(a="A", t="1"), event(a="A"), event(a="A", t="soon")),  # rows 1, 2, 3
        trace(name="empty"),  # row 4
        event(a="loose", t="1"),  # row 5
        trace(event(t="1"), event(a=" ", t="1"), event(a="x" * 494, t="1"), event(a="B", t="2"), name="d"),  # 6 to 9
        trace(event(a="A", t="0001-01-01T00:00:00Z"), event(a="A", t="9999-12-31T23:59:59Z"), name="e"),  # 10, 11
        trace(event(a="A", t="1"), name="x" * 501),  # 12
        "<trace/>",  # row 13
    )
    assert log.rows("rejects", "row", "reason", "detail") == [
        (2, "unreadable_time", ""),
        (3, "unreadable_time", "soon"),
        (6, "activity_missing", ""),
        (7, "empty_name", " "),
        (8, "name_too_long", "x" * 200),
        (10, "time_out_of_range", "-62135596800000000"),
        (11, "time_out_of_range", "253402300799000000"),
        (12, "name_too_long", "x" * 200),
    ]
    assert log.fates["accepted"] == 2
    assert log.fates["empty_trace"] == 2
    assert log.fates["event_without_trace"] == 1
    assert sum(log.fates.values()) == 13


def test_traces_without_name_and_with_the_same_name(tmp_path: Path) -> None:
    log = Import(
        tmp_path,
        trace(event(a="A", t="1"), name=None),
        trace(event(a="A", t="1"), name="c"),
        trace(event(a="B", t="2"), name="c"),
    )
    assert [item for _, item, *_ in log.transitions] == ["trace-1", "c", "c"]
    assert log.rows("transitions", "sequence") == [(0,), (0,), (1,)]  # no two of one item may be the same
    assert log.warnings == {"trace_without_name": 1, "duplicate_item_id": 1}
    assert log.fates == {"accepted": 3}


def test_declared_defaults_are_not_filled_in(tmp_path: Path) -> None:
    declared = f'<global scope="event">{attribute("time:timestamp", "1970-01-01T00:00:00Z")}</global>'
    assert Import(tmp_path, declared, trace(event(a="A"))).fates == {"unreadable_time": 1}


def test_the_first_classifier_names_events_without_a_name(tmp_path: Path) -> None:
    classifiers = '<classifier name="a" keys="step \'sub step\'"/><classifier name="b" keys="other"/>'
    named = [event(step="A", t="1", **{"sub step": "1"}), event(step="A", t="2"), event(a="N", step="A", t="3")]
    log = Import(tmp_path, classifiers, trace(*named))
    assert [to for *_, to in log.transitions] == ["after A+1", "after N"]
    assert log.rows("rejects", "row", "reason") == [(2, "activity_missing")]
    many = " ".join(f"k{number}" for number in range(100))
    with pytest.raises(InputError, match="too_many_attributes"):
        Import(tmp_path, f'<classifier name="a" keys="{many}"/>', trace(*named))


def test_teams_and_roles_are_field_changes_where_they_change(tmp_path: Path) -> None:
    log = Import(
        tmp_path,
        trace(
            event(a="A", t="1", l="start", g="North", r="Ann"),
            event(a="A", t="2", l="complete", g="North", o="clerk"),
            event(a="B", t="3", l="complete", g="South"),
            event(a="B", t="4", l="assign"),
        ),
    )
    assert log.rows("field_changes", "at_us", "field", "from_value", "to_value", "actor") == [
        (1 * HOUR_US, "team", None, "North", "Ann"),
        (3 * HOUR_US, "team", "North", "South", None),
        (2 * HOUR_US, "role", None, "clerk", None),
    ]
    assert log.fates == {"accepted": 2, "merged": 1, "lifecycle_without_state": 1}


def test_attributes_of_the_case_under_every_name(tmp_path: Path) -> None:
    options = ReadOptions(
        columns={"type": "case:channel", "stream": "dept", "created": "REG"}, attributes=("(case)_Amount", "none")
    )
    more = attribute("channel", "Post") + attribute("REG", "1970-01-01T00:00:01Z") + attribute("secret", "x")
    log = Import(
        tmp_path,
        trace(event(a="A", t="1", **{"(case)_Amount": "5", "case:dept": "Legal"}), name="1", more=more),
        trace(event(a="A", t="1"), name="2", more=attribute("REG", "soon") + attribute("dept", " ")),
        options=options,
    )
    assert log.rows("items", "item", "type", "stream", "created_us", "attributes") == [
        ("1", "Post", "Legal", SECOND_US, '{"(case)_Amount": "5"}'),
        ("2", None, "my log", HOUR_US, None),  # created with its first event, because "soon" is no time
    ]
    assert log.warnings == {"unreadable_created": 1, "stream_unusable": 1}
    assert log.info.left_out == ("secret",)
    assert log.info.notes == {"attributes_not_found": "none"}


def test_the_stream_is_what_the_person_says_then_the_log_then_the_file(tmp_path: Path) -> None:
    case = trace(event(a="A", t="1"))
    named = attribute("concept:name", "Claims")
    assert Import(tmp_path, case).rows("items", "stream") == [("my log",)]
    assert Import(tmp_path, named, case).rows("items", "stream") == [("Claims",)]
    assert Import(tmp_path, named, case, options=ReadOptions(stream="S")).rows("items", "stream") == [("S",)]


def test_other_keys_for_the_usual_roles(tmp_path: Path) -> None:
    options = ReadOptions(columns={"activity": "step", "at": "when", "item": "case:id", "lifecycle": "phase"})
    log = Import(
        tmp_path,
        trace(event(step="A", when="1970-01-01T01:00:00Z", phase="start"), more=attribute("id", "7")),
        trace(event(step="A", when="1970-01-01T02:00:00Z", phase="complete"), more=attribute("id", "8")),
        options=options,
    )
    assert log.transitions == [(1, "7", 1, None, "A"), (2, "8", 2, None, "after A")]
    assert log.info.log_kind == "intervals"


def test_columns_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        Import(tmp_path, trace(event(a="A", t="1")), options=ReadOptions(columns={"type": "chanel"}))
    assert caught.value.values == {"role": "type", "column": "chanel", "found": ["concept:name", "time:timestamp"]}
    with pytest.raises(InputError, match="role_unknown"):
        Import(tmp_path, options=ReadOptions(columns={"colour": "x"}))


def test_batches_are_bounded_never_cut_a_trace_and_come_again(tmp_path: Path) -> None:
    traces = [trace(*(event(a="A", t=str(hour)) for hour in range(4)), name=str(number)) for number in range(10)]
    file = tmp_path / "log.xes"
    file.write_text(f"<log>{''.join(traces)}</log>")
    source = FORMAT.open(file, ReadOptions(batch_rows=8))
    first = [batch.transitions.rows() for batch in source.batches()]
    assert [len(rows) for rows in first] == [8] * 5
    assert source.progress() == 1.0
    assert [batch.transitions.rows() for batch in source.batches()] == first


@pytest.mark.parametrize(
    ("name", "text", "sure"),
    [
        ("a.xes", "<?xml version='1.0'?>\n<log>", 1.0),
        ("a.xml", "<!-- x --><log xes.version='1.0'>", 0.95),
        ("a.txt", "<x:log xmlns:x='http://www.xes-standard.org/'>", 0.95),
        ("a.xml", "<log><message/></log>", 0.0),
        ("a.xes", "id;at;state", 0.0),
        ("a.csv", "id,<log>,<trace", 0.0),
    ],
)
def test_recognition(name: str, text: str, sure: float) -> None:
    assert FORMAT.recognise(Head(path=Path(name), name=name, data=text.encode(), text=text)) == sure


@pytest.mark.parametrize(
    ("text", "zone", "at_us"),
    [
        ("1970-01-01T00:00:01.5Z", "UTC", 1_500_000),
        ("1970-01-01T01:00:00.000+01:00", "UTC", 0),
        ("1970-01-01T01:00:00", "Europe/Berlin", 0),
        ("1970-01-01T00:00:00.123456789Z", "UTC", 123_456),
        ("1970-01-01 00:00:01+00:00", "UTC", SECOND_US),
        (" 1970-01-01T00:00:01Z ", "UTC", SECOND_US),
        ("1970-01-01T24:00:00Z", "UTC", 24 * HOUR_US),
        ("1970-01-01T00:61:00Z", "UTC", None),
        ("0000-01-01T00:00:00Z", "UTC", None),
        ("", "UTC", None),
    ],
)
def test_times(text: str, zone: str, at_us: int | None) -> None:
    read = moment_reader(ReadOptions(zone=zone))
    if text == "0000-01-01T00:00:00Z":
        assert (read(text) or -1) < 0  # unreadable or before every accepted time
        return
    assert [read(text), read(text)] == [at_us, at_us]


@given(
    st.lists(
        st.tuples(
            st.datetimes(),
            st.sampled_from(["seconds", "milliseconds", "microseconds"]),
            st.sampled_from(["Z", "+02:00", "-09:30"]),
        ),
        max_size=20,
    )
)
def test_remembered_parts_of_times_add_up(moments: list[tuple[Any, str, str]]) -> None:
    read = moment_reader(ReadOptions())
    for moment, detail, offset in moments * 2:
        text = moment.isoformat(timespec=detail) + offset
        assert read(text) == moment_reader(ReadOptions())(text)


lifecycles = st.sampled_from(
    ["start", "complete", "COMPLETE", "schedule", "assign", "suspend", "resume", "UNKNOWN", ""]
)
random_events = st.lists(
    st.builds(
        lambda activity, at, phase, team: event(a=activity, t=at, l=phase, g=team),
        st.sampled_from(["A", "B", "C", ""]),
        st.sampled_from(["1", "2", "3", "4", "soon"]),
        lifecycles,
        st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cases=st.lists(random_events, max_size=5))
def test_every_row_has_exactly_one_fate(tmp_path: Path, cases: list[list[str]]) -> None:
    log = Import(tmp_path, *(trace(*events, name=str(number)) for number, events in enumerate(cases)))
    assert sum(log.fates.values()) == sum(len(events) or 1 for events in cases)
    rejected = {row for (row,) in log.rows("rejects", "row")}
    assert not rejected & {
        row for table in ("items", "transitions", "field_changes") for (row,) in log.rows(table, "row")
    }
