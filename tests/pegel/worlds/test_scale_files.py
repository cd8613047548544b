from __future__ import annotations

import csv
import gzip
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from pegel.eventlog.schema import to_us
from pegel.worlds.scale import scale_chunks
from pegel.worlds.scale_files import write_transitions_csv, write_xes

XES = "{http://www.xes-standard.org/}"


def log(transitions: int) -> pl.DataFrame:
    return pl.concat(scale_chunks(transitions=transitions))


def test_csv_says_what_the_log_says(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    expected = log(2_000)
    assert write_transitions_csv(file, transitions=2_000) == len(expected)
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source, delimiter=";"))
    assert list(rows[0]) == ["item", "at", "from_state", "to_state", "type", "stream"]
    assert [to_us(datetime.fromisoformat(row["at"])) for row in rows] == expected["at_us"].to_list()
    assert [row["from_state"] or None for row in rows] == expected["from_state"].to_list()
    for name in ("item", "to_state", "type", "stream"):
        assert [row[name] for row in rows] == expected[name].to_list()


def test_xes_says_what_the_log_says(tmp_path: Path) -> None:
    file = tmp_path / "log.xes"
    expected = log(2_000)
    assert write_xes(file, events=2_000) == len(expected)
    found = []
    for trace in ElementTree.parse(file).getroot().iter(f"{XES}trace"):
        about = {text.get("key"): text.get("value") for text in trace.findall(f"{XES}string")}
        for event in trace.iter(f"{XES}event"):
            values = {value.get("key"): value.get("value") for value in event}
            assert values["lifecycle:transition"] == "complete"
            at = to_us(datetime.fromisoformat(values["time:timestamp"] or ""))
            found.append((about["concept:name"], at, values["concept:name"], about["stream"], about["type"]))
    assert found == expected.select("item", "at_us", "to_state", "stream", "type").rows()


def test_compressed_files_are_the_same_each_time(tmp_path: Path) -> None:
    plain, packed, again = tmp_path / "log.xes", tmp_path / "log.xes.gz", tmp_path / "again.xes.gz"
    for file in (plain, packed, again):
        write_xes(file, events=500)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert again.read_bytes() == packed.read_bytes()
