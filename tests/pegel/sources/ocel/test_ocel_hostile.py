"""Hostile and broken input: it ends in a clear error or a rejected row, and leaves nothing behind."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
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

from pegel.errors import InputError, PegelError
from pegel.sources.detection import detect, open_source
from pegel.sources.formats import ReadOptions
from pegel.sources.ocel import sqlite_file, xml_log
from pegel.words.catalogue import has

ORDERS = ReadOptions(object_type="order")


def refused(path: Path, name: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(opened(path, name, object_type="order"))
    assert has(f"error.{caught.value.code}")
    assert has(f"error.{caught.value.code}.do")
    return caught.value


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE log [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
    ],
)
def test_entities_are_never_read(tmp_path: Path, start: str) -> None:
    path = write_xml(tmp_path / "log.xml", SMALL)
    path.write_text(path.read_text().replace("<log>", f"{start}<log>"))
    assert refused(path, "ocel.xml").code == "xml_entities_forbidden"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("</log>", "", "xml_broken"),
        ("</object>", "", "xml_broken"),
        ('id="o1"', 'id="o1" id="o2"', "xml_broken"),
        ('id="o1"', 'id="&unknown;"', "xml_broken"),
        ('id="o1"', 'id="\x01"', "xml_broken"),
        ("<log>", "<log>" + "<a>" * 300, "xml_too_deep"),
        ("<log>", "<html>", "not_an_event_log"),
        ("call Ann", "\ud800", "xml_broken"),
    ],
)
def test_broken_xml(tmp_path: Path, old: str, new: str, code: str) -> None:
    path = write_xml(tmp_path / "log.xml", SMALL)
    path.write_bytes(path.read_text().replace(old, new, 1).encode("utf-8", "surrogatepass"))
    assert refused(path, "ocel.xml").code == code


@pytest.mark.parametrize("text", ["<!-- {} -->", "<a b='{}'/>", "<?x {} ?>"])
def test_an_endless_tag(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_log, "LONGEST_PIECE", 1 << 20)
    path = write_xml(tmp_path / "log.xml", SMALL)
    path.write_text(path.read_text().replace("<log>", "<log>" + text.format("x" * (3 << 20))))
    assert refused(path, "ocel.xml").code == "xml_value_too_long"


def test_an_endless_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_log, "LONGEST_PIECE", 1 << 20)
    log = small_log([an_object("o", values=[("priority", "0", "x" * (3 << 20))])], [])
    assert refused(write_xml(tmp_path / "log.xml", log), "ocel.xml").code == "xml_value_too_long"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "cp1252"])
def test_xml_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = write_xml(tmp_path / "log.xml", small_log([an_object("ü")], [an_event("e", "2026-01-01", "ü")]))
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.replace("UTF-8", "windows-1252" if encoding == "cp1252" else encoding).encode(encoding))
    assert read(opened(path, "ocel.xml"))[0]["items"]["item"].to_list() == ["ü"]
    path.write_bytes(text.replace("UTF-8", "utf-8").encode("cp1252"))
    assert read(opened(path, "ocel.xml", encoding="cp1252"))[0]["items"]["item"].to_list() == ["ü"]
    assert refused(path, "ocel.xml").code == "xml_broken"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_truncated_json(tmp_path: Path, share: float) -> None:
    path = write_json(tmp_path / "log.json", SMALL)
    text = path.read_text()
    path.write_text(text[: int(len(text) * share)])
    assert refused(path, "ocel.json").code == "json_truncated"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"objects": [' + "[" * 100_000, "json_too_deep"),
        ('{"objects": [{"id": 1 "type": 2}]}', "json_invalid"),
        ('{"objects": {3: 4}}', "json_invalid"),
        ('{"objects": [' + "9" * 5000 + "]}", "json_invalid"),
        ('{"objects": 5, "events": null}', "ocel_without_objects"),
        ("[1, 2]", "ocel_without_objects"),
        ('{"objects": [{"id": "a"}]}', "ocel_without_objects"),
    ],
)
def test_broken_json(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text)
    assert refused(path, "ocel.json").code == code


def test_wrong_types_everywhere(tmp_path: Path) -> None:
    odd = [None, 0, "x", [], {}, [None], [{}], [{"objectId": None}], [{"objectId": {}}], [[1]], {"a": 1}]
    objects = [an_object("o"), *({"id": "x", "type": "y", "attributes": one, "relationships": one} for one in odd)]
    events = [{**an_event("e", "2026-01-01", "o"), "attributes": one} for one in odd]
    events += [{**an_event("e", "2026-01-01", "o"), "relationships": one} for one in odd]
    events += [{**an_event("e", "2026-01-01", "o"), "id": one, "type": one, "time": one} for one in odd]
    source = opened(write_json(tmp_path / "log.json", small_log(objects, events)), object_type="order")
    assert rows_read(source) == len(objects) + len(events)


def test_a_cell_of_ten_megabytes(tmp_path: Path) -> None:
    huge = "x" * 10_000_000
    values = [("priority", "1970-01-01T00:00:00Z", huge), ("notes", "1970-01-01T00:00:00Z", huge)]
    objects = [an_object("o", values=values), an_object(huge)]
    events = [an_event("e1", "2026-01-01", "o", note=huge), an_event("e2", "2026-01-01", "o", kind=huge)]
    for name in WRITERS:
        log = small_log(objects, events)
        table_of = {huge: "long", "work": "work", "order": "order"}
        path = tmp_path / name
        if name == "ocel.sqlite":
            write_sqlite(path, log, table_of=table_of)
        else:
            WRITERS[name](path, log)
        source = opened(path, name)
        tables, _ = read(source)
        assert sorted(tables["rejects"]["reason"]) == ["name_too_long", "name_too_long"]
        assert tables["rejects"]["detail"].str.len_chars().max() <= 200
        assert tables["field_changes"]["to_value"].str.len_chars().to_list() == [2000]
        assert rows_read(source) == 4


@pytest.mark.parametrize(
    "table", ["event", "object", "event_map_type", "object_map_type", "event_object", "event_pack"]
)
def test_a_database_without_a_table(tmp_path: Path, table: str) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.execute(f"DROP TABLE {table}")
    database.close()
    error = refused(path, "ocel.sqlite")
    assert (error.code, error.values["table"]) == ("ocel_table_missing", table)


def test_a_database_without_a_column(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE event_object RENAME COLUMN ocel_object_id TO other")
    database.close()
    assert refused(path, "ocel.sqlite").values["column"] == "ocel_object_id"


def test_what_older_databases_lack_is_not_needed(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE object_object")
        database.execute("ALTER TABLE event_object DROP COLUMN ocel_qualifier")
        database.execute("DROP TABLE object_package")
    database.close()
    tables, _ = read(opened(path, "ocel.sqlite", object_type="order"))
    assert (tables["transitions"].height, tables["links"].height) == (3, 0)


def test_any_other_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE users (id, name)")
    database.close()
    with pytest.raises(InputError, match="ocel_table_missing"):
        open_source(path, ReadOptions())
    path.write_bytes(b"no database")
    assert refused(path, "ocel.sqlite").code == "not_sqlite"


@pytest.mark.parametrize("ending", ['a"b', "a'; DROP TABLE event; --", 'x" UNION SELECT 1,2,3,4 --', "ü €", "]"])
def test_names_of_tables_are_never_code(tmp_path: Path, ending: str) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL, table_of={"pack": ending, "order": ending})
    tables, _ = read(opened(path, "ocel.sqlite", object_type="order", attributes=("price",)))
    assert tables["transitions"].height == 3
    assert tables["items"]["attributes"].to_list() == ['{"price": "7"}', None]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM event").fetchone() == (3,)
    database.close()


def test_names_of_columns_are_never_code(tmp_path: Path) -> None:
    odd = 'p" FROM event; --'
    log = small_log(
        [an_object("o", values=[(odd, "1970-01-01", "5"), (odd, "2026-01-01", "6")])],
        [an_event("e", "2026-01-02", "o")],
    )
    path = write_sqlite(tmp_path / "log.sqlite", log)
    tables, _ = read(opened(path, "ocel.sqlite", attributes=(odd,)))
    assert json.loads(tables["items"]["attributes"][0]) == {odd: "6"}


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE event_pack", "CREATE VIEW event_pack AS WITH RECURSIVE r(ocel_id) AS "
         "(SELECT 1 UNION ALL SELECT ocel_id + 1 FROM r) SELECT ocel_id, '2026' AS ocel_time FROM r"],
        ["DROP TABLE event_object", "CREATE VIEW event_object AS SELECT 'e1' AS ocel_event_id, 'o1' AS ocel_object_id"],
        ["DROP TABLE event", "CREATE VIEW event AS SELECT load_extension('x') AS ocel_id, 'a' AS ocel_type"],
        ["DROP TABLE event_pack", "CREATE VIRTUAL TABLE event_pack USING fts5(ocel_id, ocel_time)"],
    ],
)  # fmt: skip
def test_views_and_virtual_tables_are_not_read(tmp_path: Path, statements: list[str]) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    assert refused(path, "ocel.sqlite").code == "ocel_table_missing"


def test_functions_in_generated_columns_do_not_run(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE event_pack")
        database.execute("CREATE TABLE event_pack (ocel_id, ocel_time AS (hex(zeroblob(9))))")
        database.execute("INSERT INTO event_pack VALUES ('e2')")
    database.close()
    error = refused(path, "ocel.sqlite")
    assert (error.code, error.values["column"]) == ("ocel_column_missing", "ocel_time")


def test_a_damaged_database(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:100], whole[:4096] + b"\xff" * (len(whole) - 4096)):
        path.write_bytes(content)
        assert refused(path, "ocel.sqlite").code == "sqlite_broken"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 0.9999), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20))
def test_damage_anywhere_ends_in_an_answer(tmp_path: Path, damages: list[tuple[float, bytes]]) -> None:
    for name, writer in WRITERS.items():
        path = tmp_path / "damaged"
        path.unlink(missing_ok=True)
        content = bytearray(writer(path, SMALL).read_bytes())
        for share, data in damages:
            start = int(share * len(content))
            content[start : start + len(data)] = data[: len(content) - start]
        path.write_bytes(bytes(content))
        assert _answer(path, name)


def _answer(path: Path, name: str) -> bool:
    """Read a file; whether all its rows have their fate, or the error has words."""
    try:
        source = opened(path, name, object_type="order")
        return rows_read(source) == rows_read(source)
    except PegelError as error:
        return has(f"error.{error.code}")


def test_a_database_in_use(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    (tmp_path / "log.sqlite-wal").write_bytes(b"")
    assert rows_read(opened(path, "ocel.sqlite", object_type="order")) == 7
    (tmp_path / "log.sqlite-wal").write_bytes(b"changes")
    assert refused(path, "ocel.sqlite").values["beside"] == "log.sqlite-wal"


def test_nothing_is_written_beside_the_database(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log ?#%41.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
    database.close()
    before = path.read_bytes()
    rows_read(opened(path, "ocel.sqlite", object_type="order"))
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_texts_in_utf_16_and_broken_ones(tmp_path: Path) -> None:
    path = tmp_path / "wide.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA encoding = 'UTF-16'")
        database.execute("CREATE TABLE t (a)")
    database.close()
    log = small_log(
        [an_object("ü"), an_object("Ā")], [an_event("€", "2026-01-01", "Ā", "ü"), an_event("z", "2026-01-02", "ü")]
    )
    tables, _ = read(opened(write_sqlite(path, log), "ocel.sqlite"))
    assert sorted(tables["transitions"].select("row", "item").rows()) == [(3, "ü"), (3, "Ā"), (4, "ü")]

    path = write_sqlite(tmp_path / "broken.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        for table, column in (("object", "ocel_id"), ("event_object", "ocel_object_id")):
            database.execute(f"UPDATE {table} SET {column} = CAST(x'6fff' AS TEXT) WHERE {column} = 'o1'")
    database.close()
    source = opened(path, "ocel.sqlite", object_type="order")
    tables, _ = read(source)
    assert tables["rejects"].select("row", "reason").rows() == [(1, "broken_encoding"), (5, "object_unusable")]
    assert rows_read(source) == 7


def test_rows_that_belong_to_no_record_are_counted(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO event_object VALUES ('e0', 'o1', ''), (NULL, 'o1', ''), ('zz', 'o1', '')")
        database.execute("INSERT INTO event_pack (ocel_id, ocel_time) VALUES ('e9', '2026-01-01')")
        database.execute("INSERT INTO object_object VALUES ('o9', 'o1', '')")
        database.execute("INSERT INTO event VALUES (NULL, 'pack'), ('e7', NULL)")
    database.close()
    source = opened(path, "ocel.sqlite", object_type="order")
    _, total = read(source)
    assert (total.warnings["unknown_event"], total.warnings["unknown_object"], rows_read(source)) == (4, 1, 9)


def test_too_many_types(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    with sqlite3.connect(path) as database:
        database.executemany("INSERT INTO event_map_type VALUES (?, 'pack')", [(str(n),) for n in range(2000)])
    database.close()
    assert refused(path, "ocel.sqlite").code == "ocel_too_many_types"


def test_a_packed_bomb(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "log.sqlite", SMALL)
    packed = tmp_path / "bomb.sqlite.gz"
    with gzip.open(packed, "wb") as file:
        file.write(path.read_bytes())
        for _ in range(64):
            file.write(bytes(1 << 20))
    error = refused(packed, "ocel.sqlite")
    assert error.code == "archive_bomb"


def test_what_is_unpacked_has_a_bound_and_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    plain = write_sqlite(tmp_path / "log.sqlite", SMALL)
    packed = tmp_path / "log.sqlite.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    source = opened(packed, "ocel.sqlite", object_type="order")
    assert list(scratch.iterdir()) == []
    batches = source.batches()
    next(batches)
    del batches
    assert rows_read(source) == 7
    assert list(scratch.iterdir()) == []
    monkeypatch.setattr(sqlite_file, "MAX_UNPACKED_BYTES", 1000)
    assert refused(packed, "ocel.sqlite").code == "archive_bomb"
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-500])
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert refused(packed, "ocel.sqlite").code == "archive_broken"
    assert list(scratch.iterdir()) == []


def test_detection_is_not_fooled(tmp_path: Path) -> None:
    texts = {
        "trace.xml": '<log xes.version="1.0"><trace><event/></trace></log>',
        "words.json": '{"issues": [{"key": "A-1", "fields": {"summary": "object types and events"}}]}',
        "empty.json": "{}",
        "words.txt": "objectTypes: none",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text)
        assert [one.name for one, _ in detect(path, ReadOptions()) if one.name.startswith("ocel.")] == []
