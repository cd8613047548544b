"""SAP's change documents: objects by hand with each kind of state, then titles, dates, broken rows."""

from __future__ import annotations

import random
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from tests.pegel.sources.accounts import read_whole

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, EventSource
from pegel.sources.formats import Head, ReadOptions, all_formats
from pegel.sources.reading import read_head
from pegel.sources.sap import FORMATS

_CHANGES, _STATUSES = FORMATS
_HEADER = "OBJECTCLAS,OBJECTID,CHANGENR,USERNAME,UDATE,UTIME,TCODE,TABNAME,TABKEY,FNAME,CHNGIND,VALUE_NEW,VALUE_OLD"
_GERMAN = (
    "Objektklasse;Objektwert;Belegnummer;Benutzer;Datum;Uhrzeit;Transaktionscode;Tabelle;Tabellenschlüssel;Feldname;"
    "Änderungskennzeichen;Neuer Wert;Alter Wert"
)
_ORDER = "0004500001234"


def _row(number: int, clock: str, field: str, new: str, old: str = "", **more: str) -> str:
    """One row of the purchase order of this file on 2026-01-31; ``number``: of its change document."""
    cells = {
        "OBJECTCLAS": "EINKBELEG", "OBJECTID": _ORDER, "CHANGENR": f"{number:010d}", "USERNAME": "MEIERA",
        "UDATE": "20260131", "UTIME": clock, "TCODE": "ME22N", "TABNAME": "EKKO", "TABKEY": f"100{_ORDER[3:]}",
        "FNAME": field, "CHNGIND": "U", "VALUE_NEW": new, "VALUE_OLD": old, **more,
    }  # fmt: skip
    return ",".join(cells[name] for name in _HEADER.split(","))


def _open(path: Path, *rows: str, header: str = _HEADER, **options: Any) -> EventSource:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return _CHANGES.open(path, ReadOptions(**options))


def _steps(batch: Batch) -> list[tuple[str, str, str | None, str]]:
    """(item, clock, from, to) in the order of the log."""
    frame = batch.transitions.sort("item", "at_us", "sequence")
    return [
        (item, schema.from_us(at_us).strftime("%H:%M:%S"), before, after)
        for item, at_us, before, after in frame.select("item", "at_us", "from_state", "to_state").rows()
    ]


def test_a_purchase_order_by_hand(tmp_path: Path) -> None:
    # Made at 8:00, in release from 9:00, released at 11:30. The release indicator says the same again, the price and
    # a line's deletion say nothing of the order.
    source = _open(
        tmp_path / "po.csv",
        _row(3, "113000", "PROCSTAT", "05", "03"),
        _row(1, "080000", "KEY", "", CHNGIND="I"),
        _row(2, "090000", "PROCSTAT", "03", "02"),
        _row(3, "113000", "FRGKE", "R", "B"),
        _row(2, "090000", "EKGRP", "N01", "N00"),
        _row(2, "090000", "NETPR", "12.00", "10.00", TABNAME="EKPO"),
        _row(2, "090000", "LOEKZ", "L", TABNAME="EKPO"),
    )
    batch, fates = read_whole(source)
    item = "EINKBELEG 4500001234"
    assert _steps(batch) == [
        (item, "09:00:00", "PROCSTAT 02", "PROCSTAT 03"),
        (item, "11:30:00", "PROCSTAT 03", "PROCSTAT 05"),
    ]
    created = schema.from_us(batch.items["created_us"][0]).isoformat()
    assert batch.items.select("item", "stream", "type").rows() == [(item, "EINKBELEG", "EINKBELEG")]
    assert created == "2026-01-31T08:00:00+00:00"
    assert batch.field_changes.select("field", "from_value", "to_value").rows() == [("team", "N00", "N01")]
    assert fates == {"accepted": 4, "ignored": 3}
    assert batch.ignored == {"other_status_field": 1, "field_not_needed": 2}
    info = source.info()
    assert info.state_hints == {"PROCSTAT 03": "waiting", "PROCSTAT 05": "done"}
    assert info.notes["status_fields"] == "EKKO-PROCSTAT"
    assert set(batch.transitions["actor"]) == {"MEIERA"}
    assert "MEIERA" not in str(batch.items) + str(batch.rejects)


def test_a_person_chooses_the_status_field(tmp_path: Path) -> None:
    rows = (
        _row(1, "090000", "PROCSTAT", "03", "02"),
        _row(2, "100000", "FRGZU", "X"),
        _row(3, "110000", "FRGZU", "XX", "X"),
    )
    batch, _ = read_whole(_open(tmp_path / "po.csv", *rows, columns={"status": "EKKO-FRGZU"}))
    assert [after for _, _, _, after in _steps(batch)] == ["FRGZU X", "FRGZU XX"]
    assert batch.transitions["from_state"].to_list() == ["FRGZU -", "FRGZU X"]


def test_equal_times_keep_the_order_of_the_change_numbers(tmp_path: Path) -> None:
    rows = [_row(9, "090000", "PROCSTAT", "05", "03"), _row(8, "090000", "PROCSTAT", "03", "02")]
    batch, _ = read_whole(_open(tmp_path / "po.csv", *rows))
    assert [after for _, _, _, after in _steps(batch)] == ["PROCSTAT 03", "PROCSTAT 05"]


def test_lines_of_a_requisition_are_items_of_their_own(tmp_path: Path) -> None:
    def line(number: int, clock: str, line: str, field: str, new: str, **more: str) -> str:
        more = {"OBJECTCLAS": "BANF", "OBJECTID": "0010000123", "TABNAME": "EBAN", **more}
        return _row(number, clock, field, new, TABKEY=f"1000010000123{line}", **more)

    batch, fates = read_whole(
        _open(
            tmp_path / "banf.csv",
            line(1, "080000", "00010", "KEY", "", CHNGIND="I"),
            line(1, "080000", "00020", "KEY", "", CHNGIND="I"),
            line(2, "090000", "00010", "FRGKZ", "2"),
            line(3, "100000", "00010", "STATU", "B"),
            line(3, "100000", "00020", "LOEKZ", "X"),
        )
    )
    assert _steps(batch) == [
        ("BANF 10000123/10", "09:00:00", "FRGKZ -", "FRGKZ 2"),
        ("BANF 10000123/10", "10:00:00", "FRGKZ 2", "STATU B"),
    ]
    assert batch.field_changes.select("item", "field", "to_value").rows() == [("BANF 10000123/20", "deleted", "true")]
    assert fates == {"accepted": 5}


def test_statuses_are_set_and_taken_away(tmp_path: Path) -> None:
    # Created, released (the first status goes), locked and unlocked (back to released), completed. Printing is a mark.
    def status(clock: str, code: str, inactive: str, indicator: str = "U") -> str:
        return _row(
            1, clock, "INACT", inactive, OBJECTCLAS="ORDER", OBJECTID="OR000004000123", TABNAME="JEST",
            TABKEY=f"100OR000004000123    {code}", CHNGIND=indicator,
        )  # fmt: skip

    source = _open(
        tmp_path / "order.csv",
        status("080000", "I0001", "", "I"),
        status("090000", "I0001", "X"),
        status("090000", "I0002", ""),
        status("090000", "I0007", ""),
        status("100000", "I0043", ""),
        status("110000", "I0043", "X"),
        status("120000", "I0045", ""),
        status("130000", "E0003", ""),
        status("130000", "", ""),
    )
    batch, fates = read_whole(source)
    assert [(clock, after) for _, clock, _, after in _steps(batch)] == [
        ("08:00:00", "I0001 CRTD/EROF"),
        ("09:00:00", "I0002 REL/FREI"),
        ("10:00:00", "I0043 LKD/GSPR"),
        ("11:00:00", "I0002 REL/FREI"),
        ("12:00:00", "I0045 TECO/TABG"),
        ("13:00:00", "E0003"),
    ]
    assert batch.items["item"].to_list() == ["ORDER OR4000123"]
    assert batch.ignored == {"status_removed": 1, "status_beside": 1}
    assert batch.rejects["reason"].to_list() == ["unknown_state"]
    assert fates == {"accepted": 6, "ignored": 2, "rejected": 1}
    assert source.info().state_hints["I0045 TECO/TABG"] == "done"
    batch, _ = read_whole(_CHANGES.open(tmp_path / "order.csv", ReadOptions(columns={"status": "I0007, I0045"})))
    assert [after for _, _, _, after in _steps(batch)] == ["I0007", "I0045 TECO/TABG"]


def test_the_table_of_status_changes(tmp_path: Path) -> None:
    path = tmp_path / "jcds.csv"
    path.write_text(
        "OBJNR;STAT;CHGNR;USNAM;UDATE;UTIME;TCODE;INACT;CHIND\n"
        "OR000004000123;I0001;001;A;30.01.2026;08:00:00;CO01;;I\n"
        "OR000004000123;I0001;002;A;31.01.2026;08:00:00;CO02;X;U\n"
        "OR000004000123;I0002;001;A;31.01.2026;08:00:00;CO02;;I\n"
        "QM000200000007;I0068;001;A;31.01.2026;09:00:00;QM01;;I\n"
    )
    assert _STATUSES.recognise(read_head(path)) > 0.9
    source = _STATUSES.open(path, ReadOptions(zone="Europe/Berlin", stream="Plant"))
    batch, fates = read_whole(source)
    assert _steps(batch) == [
        ("OR 4000123", "07:00:00", None, "I0001 CRTD/EROF"),  # 8:00 in Berlin
        ("OR 4000123", "07:00:00", "I0001 CRTD/EROF", "I0002 REL/FREI"),
        ("QM 200000007", "08:00:00", None, "I0068 OSNO/MOFN"),
    ]
    assert batch.items.select("type", "stream").rows() == [("OR", "Plant"), ("QM", "Plant")]
    assert fates == {"accepted": 3, "ignored": 1}
    assert source.info().notes == {"zone_assumed": "Europe/Berlin", "status_fields": "JCDS"}


def test_german_titles_and_dates(tmp_path: Path) -> None:
    row = "VERKBELEG;0000012345;0000000007;MEIERA;31.01.2026;14:23:05;VA02;VBUK;1000000012345;GBSTK;U;C;B"
    path = tmp_path / "sd.csv"
    path.write_bytes(f"{_GERMAN}\n{row}\n".encode("cp1252"))
    assert _CHANGES.recognise(read_head(path)) > 0.9
    batch, _ = read_whole(_CHANGES.open(path, ReadOptions()))
    assert _steps(batch) == [("VERKBELEG 12345", "14:23:05", "GBSTK B", "GBSTK C")]


def test_a_workbook_loses_leading_zeros_of_times(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(_HEADER.split(","))
    for day, clock in ((date(2026, 1, 31), time(9, 30)), ("20260131", 93005)):
        sheet.append(
            ["BELEG", "100100051000001232026", "1", "U", day, clock, "FB02", "BKPF", "", "BSTAT", "U", "", "V"]
        )
        sheet.append(
            ["BELEG", "100100051000001232026", "2", "U", day, clock, "FB02", "BKPF", "", "BSTAT", "U", "V", ""]
        )
    book.save(tmp_path / "fi.xlsx")
    batch, fates = read_whole(_CHANGES.open(tmp_path / "fi.xlsx", ReadOptions()))
    assert [(item, clock, after) for item, clock, _, after in _steps(batch)] == [
        ("BELEG 1000 5100000123 2026", "09:30:00", "BSTAT -"),
        ("BELEG 1000 5100000123 2026", "09:30:00", "BSTAT V"),
        ("BELEG 1000 5100000123 2026", "09:30:05", "BSTAT -"),
        ("BELEG 1000 5100000123 2026", "09:30:05", "BSTAT V"),
    ]
    assert fates == {"accepted": 4}


def test_deletion_and_its_taking_back(tmp_path: Path) -> None:
    batch, fates = read_whole(
        _open(
            tmp_path / "po.csv",
            _row(1, "080000", "PROCSTAT", "03", "02"),
            _row(2, "090000", "LOEKZ", "S"),
            _row(3, "100000", "LOEKZ", "L"),
            _row(4, "110000", "LOEKZ", "", "L"),
            _row(5, "120000", "KEY", "", CHNGIND="D"),
            _row(5, "120000", "EKGRP", "", CHNGIND="E"),
        )
    )
    assert _steps(batch)[1:] == [("EINKBELEG 4500001234", "11:00:00", schema.DELETED_STATE, "PROCSTAT 03")]
    at = [schema.from_us(at_us).hour for at_us in batch.field_changes["at_us"]]
    assert list(zip(at, batch.field_changes["field"], strict=True)) == [(10, "deleted"), (12, "deleted")]
    assert fates == {"accepted": 4, "ignored": 1, "merged": 1}


def test_broken_rows_are_rejected_and_repeated_ones_counted(tmp_path: Path) -> None:
    good = _row(1, "080000", "PROCSTAT", "03")
    batch, fates = read_whole(
        _open(
            tmp_path / "po.csv",
            good,
            good,
            _row(1, "080000", "PROCSTAT", "03", OBJECTID=" "),
            _row(1, "000000", "PROCSTAT", "03", UDATE="00000000"),
            _row(1, "080000", "PROCSTAT", "03", UDATE="99991231"),
            _row(1, "080000", "PROCSTAT", "03", UDATE="soon"),
            _row(2, "080001", "PROCSTAT", "9" * 600),
            "EINKBELEG,1",
            _row(1, "080000", "NETPR", "1", OBJECTID="a\x00b"),
        )
    )
    assert batch.rejects.sort("row")["reason"].to_list() == [
        "item_missing",
        "time_missing",
        "time_out_of_range",
        "unreadable_time",
        "name_too_long",
        "wrong_number_of_cells",
        "nul_byte",
    ]
    assert fates == {"accepted": 1, "duplicate": 1, "rejected": 7}


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [
        _row(number, f"{8 + number % 5:02d}0000", "PROCSTAT", f"0{number % 4 + 1}", OBJECTID=f"45{number % 7:08d}")
        for number in range(60)
    ]
    first, _ = read_whole(_open(tmp_path / "a.csv", *rows))
    random.Random(1).shuffle(rows)
    second, _ = read_whole(_open(tmp_path / "b.csv", *rows, batch_rows=5))
    assert _steps(first) == _steps(second)
    assert len(_steps(first)) > 30


def test_without_any_status_that_is_said(tmp_path: Path) -> None:
    source = _open(tmp_path / "po.csv", _row(1, "080000", "NETPR", "1"), _row(1, "080000", "PRIOK", "2", "3"))
    batch, fates = read_whole(source)
    assert (batch.items.height, fates) == (1, {"accepted": 1, "ignored": 1})
    assert "no_state_history_at_all" in source.info().notes


def test_columns_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _open(tmp_path / "po.csv", "1,2", header="CHANGENR,FNAME")
    assert caught.value.code == "columns_missing"
    with pytest.raises(InputError) as caught:
        _open(tmp_path / "po.csv", _row(1, "080000", "A", "B"), columns={"person": "USERNAME"})
    assert caught.value.code == "role_unknown"


def test_other_formats_do_not_claim_such_files(tmp_path: Path) -> None:
    _open(tmp_path / "po.csv", _row(1, "080000", "PROCSTAT", "03"))
    (tmp_path / "de.csv").write_text(f"{_GERMAN}\n{';'.join('x' * 13)}\n")
    for name in ("po.csv", "de.csv"):
        head: Head = read_head(tmp_path / name)
        assert _CHANGES.recognise(head) > 0.9
        others = [one for one in all_formats() if not one.name.startswith("sap.")]
        assert {one.name: one.recognise(head) for one in others if one.recognise(head) > 0.8} == {}
    assert _CHANGES.recognise(Head(path=tmp_path, name="", data=b"", text="")) == 0.0
