"""XES as another program reads it: structure by the schema of the standard, values by Python's own parser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pegel.eventlog.schema import from_us
from pegel.exports import ExportResult, export_log
from tests.pegel.exports.lakes import DAY_US, Rows, lake_of

#: Kinds of attributes, and what the schema (IEEE 1849-2016) allows inside each element, in this order.
ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id"}
LOG_ORDER = ["extension", "global", "classifier", "attribute", "trace"]


def written(tmp_path: Path, *sources: Rows, **options: Any) -> tuple[ExportResult, ElementTree.Element]:
    lake = lake_of(tmp_path / "lake", *sources)
    result = export_log(lake, tmp_path / "log.xes", format="xes", **options)
    return result, ElementTree.parse(tmp_path / "log.xes").getroot()


def values(element: ElementTree.Element) -> dict[str, str]:
    """Attributes of an element; a key may stand there once only."""
    found = [(one.get("key") or "", one.get("value") or "") for one in element if one.tag in ATTRIBUTES]
    assert len(dict(found)) == len(found)
    return dict(found)


def check_schema(log: ElementTree.Element) -> None:
    """Check what the schema says: names, order, types of values."""
    assert log.tag == "log"
    assert re.fullmatch(r"\d+\.\d+", log.attrib["xes.version"])  # xs:decimal
    kinds = ["attribute" if one.tag in ATTRIBUTES else one.tag for one in log]
    assert kinds == sorted(kinds, key=LOG_ORDER.index)
    for one in log.iter():
        if one.tag in ATTRIBUTES:
            assert set(one.attrib) == {"key", "value"}
            assert re.fullmatch(r"[A-Za-z_:][\w:.-]*", one.attrib["key"])  # xs:Name
            if one.tag == "date":
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", one.attrib["value"])  # xs:dateTime
        elif one.tag == "classifier":
            assert re.fullmatch(r"\w+", one.attrib["name"])  # xs:NCName
    prefixes = {one.attrib["prefix"] for one in log.iter("extension")}
    for trace in log.iter("trace"):
        kinds = ["event" if one.tag == "event" else "attribute" for one in trace]
        assert kinds == sorted(kinds)
        for event in trace.iter("event"):
            # What the globals promise stands in every event, and each prefix is that of a declared extension.
            assert values(event).keys() >= {"concept:name", "lifecycle:transition", "time:timestamp"}
            assert {key.partition(":")[0] for key in values(event) if ":" in key} <= prefixes


KEPT = '{"Payment Method": "card", "stream": "own", "x": "1"}'
LIFE = Rows(
    items={
        "A": {
            "type": "Bug",
            "created_us": DAY_US,
            "attributes": KEPT,
        },
        "B": {"stream": "T", "parent": "A", "title": "Free text"},
        "C": {},
    },
    moves=[("A", 2 * DAY_US, "Open"), ("A", 2 * DAY_US, "Done"), ("B", 3 * DAY_US + 1, "Open")],
    changes=[("A", 3 * DAY_US, "type", "Bug", "Story"), ("B", 5 * DAY_US, "deleted", None, None)],
    actor="Ann Example",
)


def test_traces_and_events_say_what_the_lake_knows(tmp_path: Path) -> None:
    result, log = written(tmp_path, LIFE)
    check_schema(log)
    assert [values(trace) for trace in log.iter("trace")] == [
        {
            "concept:name": "A",
            "stream": "S",
            "type": "Story",
            "created": "1970-01-02T00:00:00.000+00:00",
            "Payment_Method": "card",
            "stream_2": "own",
            "x": "1",
        },
        {"concept:name": "B", "stream": "T", "parent": "A", "deleted": "1970-01-06T00:00:00.000+00:00"},
        {"concept:name": "C", "stream": "S"},
    ]
    events = [values(event) for event in log.iter("event")]
    assert [(one["concept:name"], one["time:timestamp"]) for one in events] == [
        ("Open", "1970-01-03T00:00:00.000+00:00"),
        ("Done", "1970-01-03T00:00:00.000+00:00"),
        ("Open", "1970-01-04T00:00:00.000001+00:00"),
    ]
    assert {one["lifecycle:transition"] for one in events} == {"complete"}
    assert len({one["org:resource"] for one in events}) == 1
    assert "Ann" not in (tmp_path / "log.xes").read_text(encoding="utf-8")
    assert (result.items, result.rows) == (3, {"events": 3})
    assert result.remarks == {"items_without_events": 1, "keys_changed": 2}


def test_titles_only_where_wanted(tmp_path: Path) -> None:
    _, log = written(tmp_path, LIFE, titles=True)
    assert [values(trace).get("title") for trace in log.iter("trace")] == [None, "Free text", None]


def test_the_log_is_called_like_its_only_stream(tmp_path: Path) -> None:
    _, log = written(tmp_path, Rows(items={"A": {"stream": "Anträge & <Claims>"}}, moves=[("A", 1, "Open")]))
    check_schema(log)
    assert values(log) == {"concept:name": "Anträge & <Claims>", "lifecycle:model": "standard"}


def test_several_streams_give_the_log_no_name(tmp_path: Path) -> None:
    _, log = written(tmp_path, LIFE)
    assert "concept:name" not in values(log)


@pytest.mark.parametrize(
    "name", ["tab\tnew\nline\rreturn", "a \"b\" 'c'", "]]> <!-- --> <?x?> &amp; &#0;", "木\U0001f69a", "%s{}"]
)
def test_any_character_of_xml_arrives(name: str, tmp_path: Path) -> None:
    source = Rows(items={name: {"type": name, "attributes": '{"k": "]]>\\n\\""}'}}, moves=[(name, 1, name)])
    result, log = written(tmp_path, source)
    check_schema(log)
    (trace,) = log.iter("trace")
    assert (values(trace)["concept:name"], values(trace)["type"], values(trace)["k"]) == (name, name, ']]>\n"')
    assert [values(event)["concept:name"] for event in log.iter("event")] == [name]
    assert result.remarks == {}


def test_characters_that_xml_does_not_know_are_replaced_and_counted(tmp_path: Path) -> None:
    source = Rows(
        items={"a\x01": {"type": "x\x0b\x1f", "stream": "s\ufffe", "attributes": '{"k\\u0001": "\\u0000\\ud800"}'}},
        moves=[("a\x01", 1, "b\x08"), ("a\x01", 2, "c")],
    )
    result, log = written(tmp_path, source)
    check_schema(log)
    (trace,) = log.iter("trace")
    assert values(trace) == {"concept:name": "a�", "stream": "s�", "type": "x��", "k_": "��"}
    # In the name of the log 1, of the item 1, type 2, stream 1, value of k 2, state 1.
    assert result.remarks == {"characters_replaced": 8, "keys_changed": 1}


def test_activities_are_written_as_they_were_done(tmp_path: Path) -> None:
    moves = [("A", 1, "before Check"), ("A", 2, "Check"), ("A", 3, "after Check"), ("A", 4, "after ")]
    _, log = written(tmp_path, Rows(items={"A": {}}, moves=moves, log_kind="intervals"))
    check_schema(log)
    names = ("concept:name", "lifecycle:transition", "state_lifecycle")
    assert [tuple(values(event).get(name) for name in names) for event in log.iter("event")] == [
        ("Check", "schedule", "schedule"),
        ("Check", "start", "start"),
        ("Check", "complete", None),
        ("after ", "start", "start"),
    ]


def test_a_deletion_that_was_taken_back_is_none(tmp_path: Path) -> None:
    deleted = [(item, 2, "deleted", None, "true") for item in ("A", "B")]
    moves = [("A", 1, "Open"), ("B", 1, "Open")]
    changes = [*deleted, ("A", 3, "deleted", "true", "false")]
    _, log = written(tmp_path, Rows(items={"A": {}, "B": {}}, moves=moves, changes=changes))
    assert ["deleted" in values(trace) for trace in log.iter("trace")] == [False, True]


def test_as_of_gives_the_values_of_then(tmp_path: Path) -> None:
    _, log = written(tmp_path, LIFE, as_of=from_us(2 * DAY_US))
    # A is a bug still; B begins on day 3; of C no moment is known.
    assert [(values(trace)["concept:name"], values(trace).get("type")) for trace in log.iter("trace")] == [
        ("A", "Bug"),
        ("C", None),
    ]


def test_packed_where_the_name_says_so(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", LIFE)
    export_log(lake, tmp_path / "log.xes", format="xes")
    export_log(lake, tmp_path / "log.xes.gz", format="xes")
    assert gzip.decompress((tmp_path / "log.xes.gz").read_bytes()) == (tmp_path / "log.xes").read_bytes()
