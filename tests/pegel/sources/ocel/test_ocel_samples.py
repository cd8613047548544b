"""Real logs: the three forms of one log agree, and counts are those of plain SQL and of plain Python."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ocel_logs import opened, read, rows_read

from pegel.errors import AmbiguousInputError
from pegel.eventlog.schema import to_us
from pegel.lake.store import create_lake
from pegel.sources.detection import open_source
from pegel.sources.formats import ReadOptions
from pegel.workbench import import_file

DATA = Path(os.environ.get("PEGEL_SAMPLE_DATA") or Path(__file__).parents[4] / "../shared/data")
#: The JSON file of the purchase log has an offset, the other two have the same times without one.
BERLIN = "Europe/Berlin"


def sample(name: str) -> Path:
    path = DATA / "ocel-samples" / name
    if not path.exists():
        pytest.skip(f"PEGEL_SAMPLE_DATA has no ocel-samples/{name}")
    return path


@pytest.mark.parametrize("kind", ["Invoice", "Payment", "Purchase Order", "Purchase Requisition"])
def test_three_forms_of_the_purchase_log_agree(kind: str) -> None:
    attributes = ("is_blocked", "po_product", "po_quantity", "pr_product", "pr_quantity")
    options = ReadOptions(object_type=kind, zone=BERLIN, attributes=attributes)
    found = []
    for ending in ("jsonocel", "xmlocel", "sqlite"):
        source = open_source(sample(f"ocel20_example.{ending}"), options)
        tables, total = read(source)
        counted = (dict(total.ignored), dict(total.warnings), total.duplicate, total.merged, rows_read(source))
        info = source.info()
        notes = {name: value for name, value in info.notes.items() if name != "zone_assumed"}
        rows = {name: sorted(frame.rows(), key=str) for name, frame in tables.items()}
        found.append((rows, counted, info.state_hints, info.left_out, notes))
    assert found[0] == found[1] == found[2]
    assert found[0][1][4] == 22  # 13 events and 9 objects
    assert (
        len(found[0][0]["items"]) == {"Invoice": 3, "Payment": 3, "Purchase Order": 2, "Purchase Requisition": 1}[kind]
    )


def test_the_purchase_log_by_hand() -> None:
    """Purchase order PO1: created e3, quantity changed to 600 on e4, invoiced e5 and e6, as the file says."""
    source = open_source(
        sample("ocel20_example.jsonocel"), ReadOptions(object_type="Purchase Order", attributes=("po_quantity",))
    )
    tables, _ = read(source)
    po1 = tables["transitions"].filter(item="PO1").select("at_us", "to_state").rows()
    times = [datetime(2022, 1, day, hour, minute, tzinfo=UTC) for day, hour, minute in
             ((10, 8, 15), (13, 11, 0), (14, 11, 0), (16, 10, 0))]  # fmt: skip
    names = ["Create Purchase Order", "Change PO Quantity", "Insert Invoice", "Insert Invoice"]
    assert po1 == [(to_us(at), f"after {name}") for at, name in zip(times, names, strict=True)]
    assert tables["items"].filter(item="PO1")["attributes"].to_list() == ['{"po_quantity": "600"}']


@pytest.mark.parametrize("kind", ["items", "orders", "packages", "products", "customers"])
def test_order_management_as_plain_sql_counts_it(tmp_path: Path, kind: str) -> None:
    packed = sample("order-management.sqlite.gz")
    plain = tmp_path / "plain.sqlite"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    database = sqlite3.connect(plain)
    of_kind = "FROM event_object r JOIN object o ON o.ocel_id = r.ocel_object_id WHERE o.ocel_type = ?"

    def count(what: str, table: str = of_kind) -> int:
        return int(database.execute(f"SELECT {what} {table}", (kind,)).fetchone()[0])

    source = open_source(packed, ReadOptions(object_type=kind, zone=BERLIN))
    tables, total = read(source)
    events, objects = 18_211, 10_031
    used, items = count("count(DISTINCT r.ocel_event_id)"), count("count(DISTINCT r.ocel_object_id)")
    assert tables["items"].height == items
    assert tables["transitions"].height == count("count(DISTINCT r.ocel_event_id || '/' || r.ocel_object_id)")
    assert total.ignored["event_of_other_objects"] == events - used
    of_other = objects - count("count(*)", "FROM object WHERE ocel_type = ?")
    assert (total.ignored["object_of_other_type"], total.ignored["object_without_events"]) == (
        of_other, objects - of_other - items,
    )  # fmt: skip
    assert (rows_read(source), tables["rejects"].height) == (events + objects, 0)
    expected: Counter[str] = Counter()
    for name, number in database.execute(
        "SELECT e.ocel_type, count(DISTINCT e.ocel_id || '/' || r.ocel_object_id) FROM event e JOIN event_object r "
        "ON r.ocel_event_id = e.ocel_id JOIN object o ON o.ocel_id = r.ocel_object_id WHERE o.ocel_type = ? "
        "GROUP BY e.ocel_type",
        (kind,),
    ):
        expected[f"after {name}"] = number
    assert Counter(tables["transitions"]["to_state"].to_list()) == expected
    database.close()


def test_order_management_asks_for_the_type_and_names_no_person() -> None:
    path = sample("order-management.sqlite.gz")
    with pytest.raises(AmbiguousInputError) as asked:
        open_source(path, ReadOptions())
    # 7,670 items, 2,000 orders, 320 packages, 20 products, 3 customers; 18 employees are actors.
    assert asked.value.values["choices"] == ["items", "orders", "packages", "products", "customers"]
    tables, _ = read(open_source(path, ReadOptions(object_type="items")))
    assert tables["transitions"]["actor"].null_count() == 0  # each "pick item" and "item out of stock" has an employee
    assert tables["transitions"]["actor"].n_unique() <= 18


def test_recruiting_by_its_own_json() -> None:
    path = sample("recruiting.jsonocel.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        log: dict[str, Any] = json.load(file)
    expected = defaultdict(list)
    for event in log["ocel:events"].values():
        at_us = to_us(datetime.fromisoformat(event["ocel:timestamp"]))
        for name in event["ocel:omap"]:
            expected[name].append((at_us, f"after {event['ocel:activity']}"))
    for kind, items in (("applications", 916), ("offers", 135)):
        source = opened(path, object_type=kind)
        tables, total = read(source)
        found = defaultdict(list)
        for item, at_us, state in tables["transitions"].select("item", "at_us", "to_state").rows():
            found[item].append((at_us, state))
        mine = {name for name, one in log["ocel:objects"].items() if one["ocel:type"] == kind}
        # Events of equal time stand in the order of the file, and a stable sort keeps it.
        assert found == {name: sorted(expected[name], key=lambda pair: pair[0]) for name in mine}
        assert tables["items"].height == items
        assert rows_read(source) == 6_607 + 1_051
        assert total.ignored["object_of_other_type"] == 1_051 - items


def test_an_import_accounts_for_every_row_and_again_adds_nothing(tmp_path: Path) -> None:
    lake = create_lake(tmp_path)
    path = sample("order-management.sqlite.gz")
    seen_at = datetime(2026, 1, 1, tzinfo=UTC)
    options = ReadOptions(object_type="orders", zone=BERLIN, batch_rows=1000)
    account = import_file(lake, path, options, seen_at=seen_at).account
    assert (account.rows_read, account.items, account.transitions) == (28_242, 2_000, 6_484)
    again = import_file(
        lake, path, ReadOptions(object_type="orders", zone=BERLIN, batch_rows=977), seen_at=seen_at
    ).account
    assert (again.rows_read, again.items, again.transitions, again.accepted) == (28_242, 0, 0, 0)
