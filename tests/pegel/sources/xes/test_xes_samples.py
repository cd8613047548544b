"""Real logs, checked against their published counts and against a reading with the standard library."""

from __future__ import annotations

import gzip
import os
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from pegel.eventlog.batch import rows_of
from pegel.sources.formats import EventSource, ReadOptions, format_named
from pegel.sources.xes import FORMAT

DATA = Path(os.environ.get("PEGEL_SAMPLE_DATA") or Path(__file__).parents[4] / "../shared/data")


def sample(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"PEGEL_SAMPLE_DATA has no {name}")
    return path


@pytest.mark.parametrize(
    ("name", "cases", "events", "kind"),
    [
        ("expenses-bpic2020-declarations/DomesticDeclarations.xes.gz", 10_357, 55_628, "activities"),
        ("expenses-bpic2020-declarations/InternationalDeclarations.xes.gz", 6_323, 70_727, "activities"),
        ("helpdesk-italian/helpdesk.xes.gz", 4_580, 21_348, "activities"),
        ("permit-receipt-wabo/receipt.xes.gz", 1_434, 8_577, "activities"),
        ("hospital-sepsis/Sepsis.xes.gz", 1_050, 15_214, "activities"),
    ],
)
def test_published_counts(name: str, cases: int, events: int, kind: str) -> None:
    source: EventSource = FORMAT.open(sample(name), ReadOptions())
    items: set[str] = set()
    rows = rejected = 0
    for batch in source.batches():
        items.update(batch.items["item"])
        rejected += batch.rejects.height
        rows += len(rows_of(batch)) + batch.merged + batch.duplicate + batch.ignored.total() + batch.rejects.height
        assert not batch.warnings
    assert (len(items), rows, rejected) == (cases, events, 0)
    assert source.info().log_kind == kind


def test_receipt_as_the_standard_library_reads_it() -> None:
    path = sample("permit-receipt-wabo/receipt.xes.gz")
    expected: dict[str, list[tuple[int, str, str | None]]] = defaultdict(list)
    with gzip.open(path) as stream:
        for case in ElementTree.parse(stream).getroot().iterfind("{*}trace"):
            name = next(child.get("value") for child in case if child.get("key") == "concept:name")
            for event in case.iterfind("{*}event"):
                values = {child.get("key"): child.get("value") for child in event}
                past = datetime.fromisoformat(values["time:timestamp"]) - datetime(1970, 1, 1, tzinfo=UTC)
                at_us = past // timedelta(microseconds=1)
                expected[name].append((at_us, f"after {values['concept:name']}", values.get("org:resource")))
    batches = list(FORMAT.open(path, ReadOptions()).batches())
    found = pl.concat([batch.transitions for batch in batches]).select("item", "at_us", "to_state", "actor")
    assert sorted(found.rows()) == sorted((name, *event) for name, events in expected.items() for event in events)


def test_receipt_as_its_twin_in_csv() -> None:
    xes = FORMAT.open(sample("permit-receipt-wabo/receipt.xes.gz"), ReadOptions())
    csv = format_named("csv.transitions").open(sample("permit-receipt-wabo/receipt.csv.gz"), ReadOptions())
    assert transitions(xes).equals(transitions(csv))


def transitions(source: EventSource) -> pl.DataFrame:
    return pl.concat([batch.transitions for batch in source.batches()]).sort("item", "at_us", "sequence")


def test_loans_pairs_counted_by_hand() -> None:
    """In each case, a COMPLETE with an earlier unmatched START of its activity is merged with it: counted line by line.

    The events of this log are in order of time, so a count of open starts per activity is all it takes.
    """
    path = sample("loans-bpic2012/BPI_Challenge_2012.xes.gz")
    pairs = starts = 0
    open_starts: Counter[str] = Counter()
    values: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.split('"')
            if "<trace>" in line:
                open_starts.clear()
            elif "<event>" in line:
                values.clear()
            elif len(parts) == 5:
                values[parts[1]] = parts[3]
            elif "</event>" in line:
                activity, lifecycle = values["concept:name"], values["lifecycle:transition"]
                if lifecycle == "START":
                    starts += 1
                    open_starts[activity] += 1
                elif lifecycle == "COMPLETE" and open_starts[activity]:
                    open_starts[activity] -= 1
                    pairs += 1
    source = FORMAT.open(path, ReadOptions())
    batches = list(source.batches())
    assert (sum(batch.merged for batch in batches), starts) == (pairs, 71_376)
    rows = sum(len(rows_of(one)) + one.merged + one.duplicate + one.ignored.total() for one in batches)
    assert (rows, sum(one.rejects.height for one in batches)) == (262_200, 0)
    assert len({item for one in batches for item in one.items["item"]}) == 13_087
    assert source.info().log_kind == "intervals"
