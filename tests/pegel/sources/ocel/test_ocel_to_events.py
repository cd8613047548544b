"""What a log means, on logs small enough to check by hand, in every form."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocel_logs import (
    SMALL,
    WRITERS,
    an_event,
    an_object,
    opened,
    read,
    rows_read,
    small_log,
    write_json,
    write_sqlite,
    write_xml,
)

from pegel.errors import AmbiguousInputError, InputError, NotFoundError
from pegel.eventlog.schema import to_us
from pegel.lake.store import create_lake
from pegel.sources.detection import detect, open_source
from pegel.sources.formats import ReadOptions
from pegel.words.catalogue import has
from pegel.workbench import import_file

DAY1, DAY2 = (to_us(datetime(2026, 1, day, 10, tzinfo=UTC)) for day in (1, 2))


@pytest.mark.parametrize("name", WRITERS)
def test_a_small_log_in_every_form(tmp_path: Path, name: str) -> None:
    path = WRITERS[name](tmp_path / "Sales.log", SMALL)
    source = opened(path, name, object_type="order", attributes=("price", "weight"))
    tables, total = read(source)
    # Rows: objects o1, o2, p1, Ann are 1 to 4, events e1, e2, e3 are 5 to 7.
    assert tables["items"].select("row", "item", "stream", "type", "created_us", "attributes").rows() == [
        (1, "o1", "Sales", "order", DAY1, '{"price": "7"}'),
        (2, "o2", "Sales", "order", DAY2, None),
    ]
    assert tables["transitions"].rows() == [
        (5, "o1", DAY1, 0, None, "after place", "Bob"),
        (6, "o1", DAY2, 0, "after place", "after pack", "Ann"),
        (6, "o2", DAY2, 0, None, "after pack", "Ann"),
    ]
    # The first value is from ever on: it counts from the first event.
    changed = to_us(datetime(2026, 1, 2, tzinfo=UTC))
    assert tables["field_changes"].select("row", "item", "at_us", "field", "from_value", "to_value").rows() == [
        (1, "o1", DAY1, "priority", None, "low"),
        (1, "o1", changed, "priority", "low", "high"),
    ]
    # "replaces its parent" contains the word and still says nothing certain.
    assert tables["links"].rows() == [(1, "o1", "parent", "o2", None), (2, "o2", "relates", "o1", None)]
    assert dict(total.ignored) == {"object_of_other_type": 2, "event_of_other_objects": 1}
    assert (total.rejects.height, total.duplicate, dict(total.warnings), rows_read(source)) == (0, 0, {}, 7)
    info = source.info()
    assert (info.source, info.log_kind) == (name, "activities")
    assert info.state_hints == {"after place": "waiting", "after pack": "waiting"}
    assert info.notes["attributes_not_found"] == "weight"
    assert info.notes["shared_objects_left_out"] == "1"  # the package
    assert info.left_out == ("notes",)
    assert source.progress() == 1.0


def test_ocel_1_in_json_and_xml(tmp_path: Path) -> None:
    log = {
        "ocel:global-log": {"ocel:object-types": ["order"], "ocel:attribute-names": []},
        "ocel:events": {
            "e1": {"ocel:activity": "place", "ocel:timestamp": "2026-01-01T10:00:00Z", "ocel:omap": ["o1"],
                   "ocel:vmap": {"resource": "Bob", "cost": 3}},
            "e2": {"ocel:activity": "pack", "ocel:timestamp": "2026-01-02T10:00:00Z", "ocel:omap": ["o1", "p1"],
                   "ocel:vmap": {}},
        },
        "ocel:objects": {
            "o1": {"ocel:type": "order", "ocel:ovmap": {"price": 5, "priority": "high"}},
            "p1": {"ocel:type": "package", "ocel:ovmap": {}},
        },
    }  # fmt: skip
    xml = """<?xml version='1.0' encoding='UTF-8'?><log><global scope="log"><string key="version" value="1.0"/></global>
<events><event><string key="id" value="e1"/><string key="activity" value="place"/>
<date key="timestamp" value="2026-01-01T10:00:00Z"/><list key="omap"><string key="object-id" value="o1"/></list>
<list key="vmap"><string key="resource" value="Bob"/><int key="cost" value="3"/></list></event>
<event><string key="id" value="e2"/><string key="activity" value="pack"/>
<date key="timestamp" value="2026-01-02T10:00:00Z"/><list key="omap"><string key="object-id" value="o1"/>
<string key="object-id" value="p1"/></list><list key="vmap"/></event></events>
<objects><object><string key="id" value="o1"/><string key="type" value="order"/><list key="ovmap">
<float key="price" value="5"/><string key="priority" value="high"/></list></object>
<object><string key="id" value="p1"/><string key="type" value="package"/><list key="ovmap"/></object></objects></log>"""
    (tmp_path / "log.xmlocel").write_text(xml)
    paths = {"ocel.json": write_json(tmp_path / "log.jsonocel", log), "ocel.xml": tmp_path / "log.xmlocel"}
    for name, path in paths.items():
        assert [one.name for one, sure in detect(path, ReadOptions()) if sure == 1.0] == [name]
        source = open_source(path, ReadOptions(object_type="order", attributes=("price",)))
        tables, total = read(source)
        assert tables["transitions"].rows() == [
            (3, "o1", DAY1, 0, None, "after place", "Bob"),
            (4, "o1", DAY2, 0, "after place", "after pack", None),
        ]
        assert tables["items"].select("item", "attributes").rows() == [("o1", '{"price": "5"}')]
        assert tables["field_changes"].select("at_us", "field", "to_value").rows() == [(DAY1, "priority", "high")]
        assert dict(total.ignored) == {"object_of_other_type": 1}
        assert source.info().left_out == ("cost",)


def test_a_long_ocel_1_in_xml_is_not_taken_for_xes(tmp_path: Path) -> None:
    event = '<event><string key="id" value="e"/><string key="activity" value="work"/></event>'
    path = tmp_path / "log.xml"
    path.write_text(f"<log><events>{event * 1000}</events><objects/></log>")
    with pytest.raises(InputError, match="ocel_without_objects"):
        open_source(path, ReadOptions())


@pytest.mark.parametrize("name", WRITERS)
def test_the_type_is_asked_for(tmp_path: Path, name: str) -> None:
    objects = [*(an_object(f"i{one}", "item") for one in range(3)), an_object("o", "order"), an_object("b", "box")]
    path = WRITERS[name](tmp_path / "log", small_log([*objects, *(an_object(str(n), "user") for n in range(9))], []))
    with pytest.raises(AmbiguousInputError) as asked:
        opened(path, name)
    assert (asked.value.code, asked.value.values["choices"]) == ("ambiguous_object_type", ["item", "box", "order"])
    with pytest.raises(NotFoundError) as unknown:
        opened(path, name, object_type="Item")
    assert (unknown.value.code, unknown.value.values["known"]) == ("unknown_object_type", ["item", "box", "order"])
    with pytest.raises(InputError, match="object_type_of_people"):
        opened(path, name, object_type="user")
    for code in ("ambiguous_object_type", "unknown_object_type", "object_type_of_people"):
        assert has(f"error.{code}")
        assert has(f"error.{code}.do")


def test_the_only_type_is_taken(tmp_path: Path) -> None:
    path = write_json(tmp_path / "log.json", small_log([an_object("o")], [an_event("e", "2026-01-01", "o")]))
    source = opened(path)
    assert read(source)[0]["items"]["type"].to_list() == ["order"]
    assert source.info().notes == {"object_type_taken": "order"}


def test_people_besides_one_type_leave_no_question(tmp_path: Path) -> None:
    objects = [an_object("o"), an_object("Ann", "employees"), an_object("Bob", "employees")]
    source = opened(write_json(tmp_path / "log.json", small_log(objects, [])))
    read(source)
    assert source.info().notes["object_type_taken"] == "order"


def test_events_of_equal_time_keep_the_order_of_the_file(tmp_path: Path) -> None:
    at = "2026-01-01T10:00:00Z"
    events = [
        an_event("e9", at, "o", kind="C"),
        an_event("e1", at, "o", kind="A"),
        an_event("e5", "2026-01-01T09:00:00Z", "o", kind="B"),
        an_event("e2", at, "o", kind="A"),
    ]
    for name, writer in WRITERS.items():
        tables, total = read(opened(writer(tmp_path / name, small_log([an_object("o")], events)), name))
        # Two events of the same activity and time are two: they have ids.
        assert tables["transitions"].select("row", "sequence", "from_state", "to_state").rows() == [
            (4, 0, None, "after B"),
            (2, 0, "after B", "after C"),
            (3, 1, "after C", "after A"),
            (5, 2, "after A", "after A"),
        ]
        assert total.duplicate == 0


def test_an_event_that_names_an_object_twice_is_one_change(tmp_path: Path) -> None:
    path = write_json(tmp_path / "log.json", small_log([an_object("o")], [an_event("e", "2026-01-01", "o", "o")]))
    assert read(opened(path))[0]["transitions"].height == 1


@pytest.mark.parametrize("name", WRITERS)
def test_ids_that_occur_again(tmp_path: Path, name: str) -> None:
    """The same words are a duplicate, other words a broken row: e1 twice the same, e2 at another time."""
    objects = [an_object("o"), an_object("o"), an_object("q"), an_object("q", "order", ("o", "x"))]
    events = [an_event("e1", "2026-01-01", "o", "q"), an_event("e1", "2026-01-01", "o", "q")]
    if name != "ocel.sqlite":  # where the tables share what they say of one id
        events += [an_event("e2", "2026-01-02", "o"), an_event("e2", "2026-01-03", "o")]
    source = opened(WRITERS[name](tmp_path / "log", small_log(objects, events)), name)
    tables, total = read(source)
    if name == "ocel.sqlite":
        assert (total.duplicate, rows_read(source)) == (3, 6)
    else:
        assert total.duplicate == 2
        assert tables["rejects"].select("row", "reason").rows() == [(4, "item_repeated"), (8, "event_id_repeated")]
        assert rows_read(source) == 8


def test_broken_rows_have_their_reasons(tmp_path: Path) -> None:
    events: list[Any] = [
        an_event("e1", "2026-01-01", "o"),
        an_event("e2", None, "o"),
        an_event("e3", "soon", "o"),
        an_event("e4", "0000-01-01T00:00:00Z", "o"),
        an_event("e5", "9999-12-31T23:59:59Z", "o"),
        an_event("e6", "2026-01-01", "o", kind=None),
        an_event("e7", "2026-01-01", "o", kind="x" * 495),
        an_event("e8", "2026-01-01", "o", kind="a\x00b"),
        "no event",
        an_event("e10", "2026-01-01", "x" * 501),
        an_event("e11", ["2026"], "o"),
        {"id": "e12"},
        an_event("e13", "9" * 10_000_000, "o"),
    ]
    objects: list[Any] = [
        an_object("o"), an_object("x" * 501), an_object(None), an_object("t", None), 7, an_object("u", "a\x00b"),
    ]  # fmt: skip
    source = opened(write_json(tmp_path / "log.json", small_log(objects, events)))
    tables, total = read(source)
    assert sorted(tables["rejects"].select("row", "reason").rows()) == [
        (2, "name_too_long"),
        (3, "item_missing"),
        (4, "type_missing"),
        (5, "not_an_object"),
        (6, "nul_byte"),
        (8, "time_missing"),
        (9, "unreadable_time"),
        (10, "time_out_of_range"),
        (11, "time_out_of_range"),
        (12, "activity_missing"),
        (13, "name_too_long"),
        (14, "nul_byte"),
        (15, "not_an_object"),
        (16, "object_unusable"),
        (17, "time_missing"),
        (19, "unreadable_time"),
    ]
    assert dict(total.ignored) == {"event_of_other_objects": 1}
    assert (tables["transitions"]["row"].to_list(), rows_read(source)) == ([7], len(objects) + len(events))
    assert all(has(f"row.{reason}") for reason in tables["rejects"]["reason"].unique())


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_unknown_is_counted_and_harms_nothing(tmp_path: Path, name: str) -> None:
    objects = [an_object("o", "order", ("ghost", "has"), ("o", "self")), an_object("idle")]
    events = [an_event("e1", "2026-01-01", "ghost", "o"), an_event("e2", "2026-01-01", "ghost")]
    tables, total = read(opened(WRITERS[name](tmp_path / "log", small_log(objects, events)), name))
    assert tables["transitions"].height == 1
    assert dict(total.ignored) == {"event_of_other_objects": 1, "object_without_events": 1}
    assert {code: count for code, count in total.warnings.items() if count} == {
        "unknown_object": 3,
        "link_to_itself": 1,
    }


@pytest.mark.parametrize(
    ("qualifier", "link"),
    [
        ("parent of", ("a", "parent", "b")),
        ("Is_Child-Of", ("b", "parent", "a")),
        ("parent", ("b", "parent", "a")),
        ("has child", ("a", "parent", "b")),
        ("grandparent of", ("a", "relates", "b")),
        ("", ("a", "relates", "b")),
    ],
)
def test_links(tmp_path: Path, qualifier: str, link: tuple[str, str, str]) -> None:
    log = small_log(
        [an_object("a", "order", ("b", qualifier)), an_object("b")], [an_event("e", "2026-01-01", "a", "b")]
    )
    tables, _ = read(opened(write_json(tmp_path / "log.json", log)))
    assert tables["links"].select("item", "kind", "other").rows() == [link]


def test_circles_of_links_are_kept_and_imported(tmp_path: Path) -> None:
    circle = [("a", "b"), ("b", "c"), ("c", "a")]
    objects = [an_object(one, "order", (other, "parent of"), (other, "parent of")) for one, other in circle]
    log = small_log([*objects, an_object("idle", "order", ("a", "x"))], [an_event("e", "2026-01-01", "a", "b", "c")])
    path = write_json(tmp_path / "log.json", log)
    tables, total = read(opened(path))
    assert tables["links"].select("item", "kind", "other").rows() == [(a, "parent", b) for a, b in circle]
    assert total.warnings["link_left_out"] == 1
    account = import_file(create_lake(tmp_path / "lake"), path, seen_at=datetime(2026, 2, 1, tzinfo=UTC)).account
    assert (account.rows_read, account.accepted, account.links, account.ignored) == (5, 4, 3, 1)


@pytest.mark.parametrize(
    ("values", "related", "actor"),
    [
        ({"resource": "Ann"}, [], "Ann"),
        ({"org:resource": "Ann", "user": "Bob"}, [], "Ann"),
        ({"Employee": " "}, [("Bob", "handled by")], "Bob"),
        ({"comment": "Ann"}, [("Bob", "employee")], "Bob"),
        ({}, [("Bob", "beneficiary")], None),
        ({}, [("p", "by")], None),
        ({}, [("Bob", "sales person"), ("Cat", "employee")], "Bob"),
    ],
)
def test_who_did_it(tmp_path: Path, values: Any, related: list[tuple[str, str]], actor: str | None) -> None:
    event = an_event("e", "2026-01-01", "o", **values)
    event["relationships"] += [{"objectId": other, "qualifier": qualifier} for other, qualifier in related]
    objects = [an_object("o"), an_object("p", "box"), an_object("Bob", "Employees"), an_object("Cat", "Employees")]
    path = write_json(tmp_path / "log.json", small_log(objects, [event]))
    assert read(opened(path, object_type="order"))[0]["transitions"]["actor"].to_list() == [actor]


def test_the_actor_may_be_named(tmp_path: Path) -> None:
    log = small_log([an_object("o")], [an_event("e", "2026-01-01", "o", resource="Robot", approver="Ann")])
    path = write_json(tmp_path / "log.json", log)
    source = opened(path, columns={"actor": "approver"})
    assert read(source)[0]["transitions"]["actor"].to_list() == ["Ann"]
    assert (source.info().columns, source.info().left_out) == ({"actor": "approver"}, ("resource",))
    with pytest.raises(InputError) as unknown:
        read(opened(path, columns={"actor": "nobody"}))
    assert (unknown.value.code, unknown.value.values["found"]) == ("column_unknown", ["approver", "resource"])
    with pytest.raises(InputError, match="role_unknown"):
        opened(path, columns={"state": "x"})


def test_people_stand_nowhere_but_as_actors(tmp_path: Path) -> None:
    objects = [an_object("o"), an_object("Ann", "employee"), an_object("Ann", "employee", ("o", "likes"))]
    event = an_event("e", "2026-01-01", "o")
    event["relationships"].append({"objectId": "Ann", "qualifier": "employee"})
    tables, _ = read(opened(write_json(tmp_path / "log.json", small_log(objects, [event]))))
    assert tables["rejects"].select("reason", "detail").rows() == [("item_repeated", "")]
    for name, frame in tables.items():
        for column in frame.columns:
            assert "Ann" not in frame[column].to_list() or (name, column) == ("transitions", "actor")


def test_times_without_zone(tmp_path: Path) -> None:
    path = write_json(tmp_path / "log.json", small_log([an_object("o")], [an_event("e", "2026-01-01 10:00:00", "o")]))
    source = opened(path, zone="Europe/Berlin", object_type="order")
    assert read(source)[0]["transitions"]["at_us"].to_list() == [DAY1 - 3_600_000_000]
    assert source.info().notes == {"zone_assumed": "Europe/Berlin"}


def test_a_change_at_an_unreadable_time_is_left_out(tmp_path: Path) -> None:
    values = [("Priority", "0", 1), ("Priority", "when?", 2), ("Priority", "2026-01-05", 3), ("priority", None, "")]
    log = small_log([an_object("o", values=values)], [an_event("e", "2026-01-01", "o")])
    tables, total = read(opened(write_json(tmp_path / "log.json", log)))
    assert tables["field_changes"].select("from_value", "to_value").rows() == [(None, "1"), ("1", "3")]
    assert total.warnings["unreadable_change"] == 1


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_batches_change_nothing_but_their_size(tmp_path: Path, rows: int) -> None:
    objects = [an_object(f"o{one}", "order", (f"o{(one + 1) % 9}", "x")) for one in range(9)]
    events = [an_event(f"e{n}", f"2026-01-0{n % 4 + 1}", f"o{n % 9}", f"o{n % 4}", kind=f"k{n % 2}") for n in range(30)]
    path = write_json(tmp_path / "log.json", small_log(objects, events))
    whole, _ = read(opened(path))
    source = opened(path, batch_rows=rows)
    cut, _ = read(source)
    assert all(cut[name].equals(whole[name]) for name in whole)
    assert rows_read(source) == 39  # no row is counted in two batches
    lake = create_lake(tmp_path / "lake")
    account = import_file(lake, path, ReadOptions(batch_rows=rows), seen_at=datetime(2026, 2, 1, tzinfo=UTC)).account
    assert (account.rows_read, account.transitions) == (39, whole["transitions"].height)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    source = opened(write_sqlite(tmp_path / "log.sqlite", SMALL), "ocel.sqlite", object_type="order")
    first, second = read(source)[0], read(source)[0]
    assert all(first[name].equals(second[name]) for name in first)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("packing", ["gz", "zip"])
def test_packed(tmp_path: Path, name: str, packing: str) -> None:
    plain = WRITERS[name](tmp_path / "Sales.log", SMALL)
    path = tmp_path / f"Sales.log.{packing}"
    if packing == "gz":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, "inside/Sales.log")
    options = ReadOptions(object_type="order")
    found, _ = read(open_source(path, options))
    expected, _ = read(open_source(plain, options))
    assert all(found[table].equals(expected[table]) for table in found)


@given(st.permutations(SMALL["events"]), st.permutations(SMALL["objects"]), st.booleans())
def test_the_order_of_the_file_does_not_matter(tmp_path_factory: Any, events: Any, objects: Any, first: bool) -> None:
    parts = {"objects": objects, "events": events}
    log = dict(parts.items()) if first else dict(reversed(parts.items()))
    path = write_json(tmp_path_factory.mktemp("order") / "Sales.json", log)
    tables, _ = read(opened(path, object_type="order"))
    assert sorted(tables["transitions"].drop("row").rows(), key=str) == [
        ("o1", DAY1, 0, None, "after place", "Bob"),
        ("o1", DAY2, 0, "after place", "after pack", "Ann"),
        ("o2", DAY2, 0, None, "after pack", "Ann"),
    ]


def test_numbers_and_truth_values_are_texts(tmp_path: Path) -> None:
    values = [("a", "0", 5), ("b", "0", 1.5), ("c", "0", True), ("d", "0", None), ("e", "0", ["x"])]
    log = small_log([an_object(7, values=values)], [an_event(1, "2026-01-01", "7")])
    path = write_json(tmp_path / "log.json", log)
    tables, _ = read(opened(path, attributes=tuple("abcde")))
    assert [json.loads(one) for one in tables["items"]["attributes"]] == [{"a": "5", "b": "1.5", "c": "true"}]


def test_forms_agree_on_markup_in_names(tmp_path: Path) -> None:
    odd = "a<b & \"c\" 'd' ü"
    log = small_log([an_object(odd, values=[("priority", "2026-01-01", odd)])], [an_event(odd, "2026-01-02", odd)])
    frames = []
    for name, writer in (("ocel.json", write_json), ("ocel.xml", write_xml), ("ocel.sqlite", write_sqlite)):
        tables, _ = read(opened(writer(tmp_path / "log", log), name))
        frames.append(pl.concat([tables["items"]["item"], tables["field_changes"]["to_value"]]).to_list())
        (tmp_path / "log").unlink()
    assert frames == [[odd, odd]] * 3
