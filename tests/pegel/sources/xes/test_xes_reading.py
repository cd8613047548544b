"""What is read from the XML: compared with a general XML parser on valid, odd and broken documents."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.sources.xes import reading, structure
from pegel.sources.xes.reading import TraceReader

KEYS = ("concept:name", "time:timestamp", "org:resource")
SLOTS = {key: slot for slot, key in enumerate(KEYS, start=1)}


def read(path: Path, encoding: str | None = None) -> list[tuple[int, list[Any], list[list[Any]]]]:
    reader = TraceReader(path, SLOTS, classified=lambda keys: SLOTS, encoding=encoding)
    return [
        (trace.row, list(trace.values[1:4]), [list(event[1:4]) for event in trace.events]) for trace in reader.traces()
    ]


def read_text(tmp_path: Path, text: str | bytes) -> list[tuple[int, list[Any], list[list[Any]]]]:
    path = tmp_path / "log.xes"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


class Oracle:
    """The same reading with a general XML parser: slow, and obviously right."""

    def __init__(self) -> None:
        self.traces: list[tuple[int, list[Any], list[list[Any]]]] = []
        self.path: list[str] = []
        self.row = 1
        self.root = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        self.root = self.path[0]
        if self.path == ["log", "trace"]:
            self.traces.append((self.row, [None] * 3, []))
        elif self.path == ["log", "trace", "event"]:
            self.traces[-1][2].append([None] * 3)
        elif self.path[:2] == ["log", "trace"] and attributes.get("key") in KEYS and "value" in attributes:
            place = KEYS.index(attributes["key"])
            if self.path[2] == "event" and len(self.path) == 4:
                self.traces[-1][2][-1][place] = attributes["value"]
            elif self.path[2] != "event" and len(self.path) == 3:
                self.traces[-1][1][place] = attributes["value"]

    def end(self, name: str) -> None:
        if self.path == ["log", "trace"]:
            self.row += len(self.traces[-1][2]) or 1
        elif self.path == ["log", "event"]:
            self.row += 1
        self.path.pop()

    def read(self, data: bytes) -> list[tuple[int, list[Any], list[list[Any]]]] | None:
        """Traces of a document; None if its root is not a log."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.Parse(data, True)
        return self.traces if self.root == "log" else None


SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a <small> log -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="org:resource" value="UNKNOWN"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="concept:name" value="The log"/>
  <trace>
    <string key="concept:name" value="Fall &quot;1&quot; &amp; mehr"/>
    <event>
      <string key="concept:name" value="Prüfen"/>
      <date key="time:timestamp" value="2024-01-01T10:00:00.000+01:00"/>
    </event>
    <event>
      <string value='B' key='concept:name' />
      <list key="items"><values><string key="concept:name" value="not this one"/></values></list>
      <container key="c"><event><string key="concept:name" value="nor this"/></event></container>
      <string key="org:resource" value="Ann"><int key="org:resource" value="3"/></string>
      <!-- <string key="concept:name" value="no"/> --><![CDATA[<event>]]>
    </event>
  </trace>
  <trace/>
  <event><string key="concept:name" value="loose"/></event>
  <trace><event/><event></event></trace>
</log>
"""


def test_a_small_log_by_hand(tmp_path: Path) -> None:
    # Rows: two events (1, 2), an empty trace (3), a loose event (4), two events (5, 6).
    assert read_text(tmp_path, SMALL) == [
        (
            1,
            ['Fall "1" & mehr', None, None],
            [["Prüfen", "2024-01-01T10:00:00.000+01:00", None], ["B", None, "Ann"]],
        ),
        (3, [None, None, None], []),
        (5, [None, None, None], [[None, None, None], [None, None, None]]),
    ]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 1 << 16])
def test_blocks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(reading, "_BLOCK", block)
    assert read_text(tmp_path, SMALL) == Oracle().read(SMALL.encode())


def test_prefix_of_the_namespace(tmp_path: Path) -> None:
    text = (
        '<x:log xmlns:x="http://www.xes-standard.org/" xmlns:y="urn:y"><x:trace><x:event>'
        '<x:string key="concept:name" value="A"/><y:string key="org:resource" value="foreign"/></x:event>'
        "<y:event/></x:trace></x:log>"
    )
    assert read_text(tmp_path, text) == [(1, [None, None, None], [["A", None, None]])]


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("UTF-8", "utf-32"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
    ],
)
def test_encodings(tmp_path: Path, declared: str, codec: str) -> None:
    text = SMALL.replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert read_text(tmp_path, text.encode(codec))[0][2][0][0] == "Prüfen"


def test_packed_files(tmp_path: Path) -> None:
    plain = read_text(tmp_path, SMALL)
    (tmp_path / "log.xes.gz").write_bytes(gzip.compress(SMALL.encode()))
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        archive.writestr("inside.xes", SMALL)
    assert read(tmp_path / "log.xes.gz") == plain
    assert read(tmp_path / "log.zip") == plain


def log_of(content: str) -> str:
    return f"<log>\n<trace>\n<event>\n{content}\n</event></trace></log>"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "xml_broken", 1),
        ("words", "xml_broken", 1),
        ("<log><trace></log>", "xml_broken", 1),
        ("<log>\n<trace>\n<event>", "xml_broken", 3),
        ("<log>\n</log>\n<log/>", "xml_broken", 3),
        ("<log/>text", "xml_broken", 1),
        ("<html><body/></html>", "not_an_event_log", 1),
        ('<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>', "xml_entities_forbidden", 1),
        ('<!DOCTYPE log [\n<!ENTITY a "aaaaaaaaaa">\n<!ENTITY b "&a;&a;&a;">]><log/>', "xml_entities_forbidden", 1),
        (log_of('<!ENTITY a "b">'), "xml_entities_forbidden", 4),
        (log_of('<string key="concept:name" value="&a;"/>'), "xml_broken", 4),
        (log_of('<string key="concept:name" value="&#0;"/>'), "xml_broken", 4),
        (log_of('<string key="concept:name" value="&#xD800;"/>'), "xml_broken", 4),
        (log_of('<string key="concept:name" value="\x00"/>'), "xml_broken", 4),
        (log_of('<string key="concept:name" value="a"'), "xml_broken", 4),
        (log_of('<string key="concept:name" key="b" value="a"/>'), "xml_broken", 4),
        (log_of('<string key="concept:name"value="a"/>'), "xml_broken", 4),
        (log_of("<!-- two -- hyphens -->"), "xml_broken", 4),
        (log_of("a ]]> b"), "xml_broken", 3),
        (log_of("\n\n<?xml version='1.0'?>"), "xml_broken", 6),
        (log_of("<!-- never closed"), "xml_broken", 5),
        (log_of("<list>" * 300), "xml_too_deep", 4),
    ],
)
def test_broken_and_hostile_documents(tmp_path: Path, text: str, code: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, text)
    assert (caught.value.code, caught.value.values["line"]) == (code, line)


def test_wrong_bytes_for_the_encoding(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, b'<log>\n<trace><string key="concept:name" value="\xff"/></trace></log>')
    assert (caught.value.code, caught.value.values["detail"]) == ("xml_broken", "encoding")


@pytest.mark.parametrize("name", ["no-such", "rot13", "unicode_escape"])
def test_encodings_that_are_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, f"<?xml version='1.0' encoding='{name}'?><log/>")
    assert caught.value.code == "unknown_encoding"


def test_a_value_of_ten_megabytes_is_read_and_one_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    big = "x" * 10_000_000
    found = read_text(tmp_path, log_of(f'<string key="note" value="{big}"/><string key="org:resource" value="Ann"/>'))
    assert found == [(1, [None, None, None], [[None, None, "Ann"]])]
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, log_of(f'<string key="note" value="{big}{big}"/>'))
    assert caught.value.code == "xml_value_too_long"


def test_a_trace_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "MOST_EVENTS", 3)
    event = '<event><string key="concept:name" value="A"/></event>'
    assert len(read_text(tmp_path, f"<log><trace>{event * 3}</trace></log>")[0][2]) == 3
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, f"<log><trace>{event * 4}</trace></log>")
    assert caught.value.code == "trace_too_long"


def test_cut_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(SMALL.encode() * 3)
    (tmp_path / "cut.xes.gz").write_bytes(packed[:-20])
    with pytest.raises(InputError):
        read(tmp_path / "cut.xes.gz")


names = st.sampled_from([*KEYS, "note", "a'b", "Größe"])
values = st.text(st.sampled_from("aB1 <&>\"'\n\tüß€\u00a0\u2028😀"), max_size=6)


def attribute(key: str, value: str, quote: str, form: int) -> str:
    def quoted(text: str) -> str:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(quote, f"&#{ord(quote)};")
        return f"{quote}{text}{quote}"

    first, second = f"key={quoted(key)}", f"value={quoted(value)}"
    if form == 1:
        first, second = second, first
    if form == 2:
        return f"<string {first} {second}><int key='concept:name' value='9'/></string>"
    return f"<string {first}{' ' * (1 + form)}{second}{' ' if form == 3 else ''}/>"


attributes = st.lists(
    st.builds(attribute, names, values, st.sampled_from("\"'"), st.sampled_from([0, 0, 0, 0, 1, 2, 3])), max_size=5
)
fillers = st.sampled_from(
    ["", "", "", "\n  ", " ", "<!-- <event> -->", "<?pi <trace>?>", "text", "<![CDATA[<event>]]>"]
)
events = st.builds(
    lambda a, f, g: f"<event>{g}{f.join(a)}</event>{f}", attributes, fillers, st.sampled_from(["", "\n"])
)
traces = st.builds(lambda a, e, f: f"<trace>{''.join(a)}{f}{''.join(e)}</trace>", attributes, st.lists(events), fillers)
logs = st.builds(lambda a, t, f: f"<log>{''.join(a)}{f}{''.join(t)}</log>", attributes, st.lists(traces), fillers)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=logs, block=st.sampled_from([5, 50, 1 << 16]))
def test_reads_what_a_general_parser_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, block: int
) -> None:
    monkeypatch.setattr(reading, "_BLOCK", block)
    assert read_text(tmp_path, text) == Oracle().read(text.encode())


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=logs.filter(lambda text: len(text) < 2000),
    place=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 4),
    put=st.sampled_from(
        ["", "<", ">", '"', "'", "&", "/", "=", " ", "--", "]]>", "\x01", "x", "</event>", "<event>", "!"]
    ),
)
def test_refuses_what_a_general_parser_refuses(tmp_path: Path, text: str, place: float, cut: int, put: str) -> None:
    at = int(place * len(text))
    text = text[:at] + put + text[at + cut :]
    try:
        expected = Oracle().read(text.encode())
    except expat.ExpatError:
        with pytest.raises(InputError):
            read_text(tmp_path, text)
        return
    if expected is None:  # well-formed, but the root is another element
        with pytest.raises(InputError, match="not_an_event_log"):
            read_text(tmp_path, text)
        return
    assert read_text(tmp_path, text) == expected
