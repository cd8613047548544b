"""Tables that people keep: plain usage, licences, declared dates, rosters."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pegel.sources.usage.readings import checked, pseudonyms_in, reasons, rows, saved

from pegel.errors import AmbiguousInputError, InputError
from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.formats import ReadOptions
from pegel.sources.usage import (
    DECLARED,
    LICENCES,
    ROSTER,
    read_declared,
    read_licences,
    read_roster,
    read_usage_table,
)
from pegel.sources.usage.values import Figures


@pytest.fixture
def people(tmp_path: Path) -> Pseudonyms:
    return pseudonyms_in(tmp_path)


def test_a_plain_table_in_german(tmp_path: Path, people: Pseudonyms) -> None:
    text = (
        "Benutzer;Gruppe;Datum;Aktiv;Anfragen;Kosten;Währung\n"
        "Änne;Schäden;02.03.2026;ja;3;1.234,50;€\n"
        "Änne;Schäden;03.03.2026;nein;0;;\n"
        "änne ;Schäden;02.03.2026;ja;3;1.234,50;€\n"
    )
    path = tmp_path / "nutzung.csv"
    path.write_bytes(text.encode("cp1252"))

    read = checked(read_usage_table(path, tool="chat", pseudonyms=people), "änne")

    member = people.of("änne")
    assert rows(read, "tool", "member", "team", "day", "active", "interactions", "cost_amount", "cost_currency") == [
        ("chat", member, "Schäden", date(2026, 3, 2), True, 3, 1234.5, "EUR"),
        ("chat", member, "Schäden", date(2026, 3, 3), False, 0, None, None),
    ]
    assert read.duplicate == 1  # case and blanks make no other person


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("anna,claims,2026-03-02,yes,1", None),
        (",claims,2026-03-02,yes,1", None),
        ("anna,,2026-03-02,1,", None),
        ("anna,claims,2026-03-02,,4", None),
        ("anna,claims,2026-03-02,NaN,", "use_not_said"),
        ("anna,claims,2026-03-02,,nan", "use_not_said"),
        (",,2026-03-02,yes,1", "nobody_named"),
        ("anna,claims,,yes,1", "time_missing"),
        ("anna,claims,n/a,yes,1", "time_missing"),
        ("anna,claims,2026-02-30,yes,1", "unreadable_time"),
        ("anna,claims,anna@example.org,yes,1", "unreadable_time"),
        ("anna,claims,2026-03-02,yes", "wrong_number_of_cells"),
        ("anna,a\x00b,2026-03-02,yes,1", "nul_byte"),
        ("anna," + "x" * 600 + ",2026-03-02,yes,1", "name_too_long"),
        ("anna,claims,9999-12-31,yes,1", "unreadable_time"),
    ],
)
def test_rows_of_a_plain_table(row: str, expected: str | None, tmp_path: Path, people: Pseudonyms) -> None:
    path = saved(tmp_path / "u.csv", f"person,team,day,active,requests\nzoe,x,2026-03-01,no,0\n{row}\n")

    read = checked(read_usage_table(path, tool="chat", pseudonyms=people), "anna")

    assert reasons(read) == ([] if expected is None else [(2, expected)])


def test_the_same_person_team_and_day_is_kept_once(tmp_path: Path, people: Pseudonyms) -> None:
    text = "person,day,requests\nanna,2026-03-02,3\nanna,2026-03-02,3\nanna,2026-03-02,5\nanna,2026-03-03,1e9\n"

    read = checked(read_usage_table(saved(tmp_path / "u.csv", text), tool="chat", pseudonyms=people), "anna")

    assert rows(read, "day", "interactions") == [(date(2026, 3, 2), 5), (date(2026, 3, 3), None)]
    assert (reasons(read), read.duplicate, dict(read.warnings)) == (
        [(1, "day_told_otherwise")],
        1,
        {"value_unusable": 1},
    )


def test_a_team_that_is_an_address_names_a_person(tmp_path: Path, people: Pseudonyms) -> None:
    path = saved(tmp_path / "u.csv", "team,day\nanna@example.org,2026-03-02\n")

    assert rows(checked(read_usage_table(path, tool="x", pseudonyms=people), "anna"), "team") == [
        (people.of("anna@example.org"),)
    ]


def test_dates_that_could_mean_two_things_are_not_guessed(tmp_path: Path, people: Pseudonyms) -> None:
    path = saved(tmp_path / "u.csv", "person,day\nanna,03/04/2026\n")

    with pytest.raises(AmbiguousInputError, match="ambiguous_dates"):
        read_usage_table(path, tool="chat", pseudonyms=people)
    read = read_usage_table(path, tool="chat", pseudonyms=people, options=ReadOptions(date_order="dmy"))
    assert rows(read, "day") == [(date(2026, 4, 3),)]


@pytest.mark.parametrize(("zone", "expected"), [("UTC", date(2026, 3, 2)), ("Europe/Berlin", date(2026, 3, 3))])
def test_days_are_those_of_the_zone(zone: str, expected: date, tmp_path: Path, people: Pseudonyms) -> None:
    path = saved(tmp_path / "u.csv", "person,day\nanna,2026-03-02T23:30:00Z\n")

    read = read_usage_table(path, tool="chat", pseudonyms=people, options=ReadOptions(zone=zone))

    assert rows(read, "day") == [(expected,)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_workbooks_and_their_day_numbers(zone: str, tmp_path: Path, people: Pseudonyms) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Team", "Datum"])
    for day in (2, 3):
        book.active.append(["Claims", datetime(2026, 3, day)])  # noqa: DTZ001
    book.save(tmp_path / "u.xlsx")

    read = read_usage_table(tmp_path / "u.xlsx", tool="chat", pseudonyms=people, options=ReadOptions(zone=zone))

    assert rows(read, "day") == [(date(2026, 3, 2),), (date(2026, 3, 3),)]


def test_a_table_without_days(tmp_path: Path, people: Pseudonyms) -> None:
    with pytest.raises(InputError, match="columns_missing"):
        read_usage_table(saved(tmp_path / "u.csv", "person,team\nanna,x\n"), tool="chat", pseudonyms=people)


def test_licences(tmp_path: Path) -> None:
    text = (
        "Team;Plätze;Vergeben am;Preis;Währung;Zeitraum;Bis\n"
        "Schäden;12;01.03.2026;19,00;EUR;Monat;\n"
        "Schäden;12;01.03.2026;19,00;EUR;monatlich;\n"
        "Verträge;;15.03.2026;;;;30.06.2026\n"
        "Einkauf;viele;15.03.2026;1.000;EUR;Jahr;\n"
        "Recht;3;15.03.2026;9;;Jahr;\n"
        ";3;15.03.2026;;;;\n"
        "Vertrieb;3;;;;;\n"
        "Lager;3;15.03.2026;;;;14.03.2026\n"
        "IT;3;bald;;;;\n"
    )
    read = checked(read_licences(saved(tmp_path / "l.csv", text)))

    assert dict(read.table.schema) == LICENCES
    assert read.table.drop("row").rows() == [
        ("Einkauf", date(2026, 3, 15), None, None, None, None, None),
        ("Recht", date(2026, 3, 15), None, 3, None, None, None),
        ("Schäden", date(2026, 3, 1), None, 12, 19.0, "EUR", "month"),
        ("Verträge", date(2026, 3, 15), date(2026, 6, 30), None, None, None, None),
    ]
    assert reasons(read) == [
        (6, "empty_name"),
        (7, "time_missing"),
        (8, "ended_before_granted"),
        (9, "unreadable_time"),
    ]
    assert (read.duplicate, dict(read.warnings)) == (1, {"value_unusable": 2, "price_unclear": 1})


def test_declared_dates_drop_notes_and_addresses(tmp_path: Path) -> None:
    text = (
        "unit,date,role,note\n"
        "Claims,2026-03-02,team lead,Anna said so in March\n"
        "Claims,2026-03-02,team lead,and again\n"
        "Legal,,product manager,not yet\n"
        "IT,2026-04-01,anna@example.org,\n"
        " ,2026-04-01,,\n"
    )
    read = checked(read_declared(saved(tmp_path / "d.csv", text)), "anna", "again")

    assert dict(read.table.schema) == DECLARED
    assert read.table.drop("row").rows() == [
        ("Claims", date(2026, 3, 2), "team lead"),
        ("IT", date(2026, 4, 1), None),
        ("Legal", None, "product manager"),
    ]
    assert (reasons(read), read.duplicate) == ([(5, "empty_name")], 1)


def test_a_roster_names_nobody(tmp_path: Path, people: Pseudonyms) -> None:
    text = (
        "person,team,from,to\nAnna,Claims,2026-01-01,\nanna,Claims,2026-01-01,\n"
        "Bob,Claims,2026-03-01,2026-02-01\nBob,Legal,,\n"
    )

    read = checked(
        read_roster(saved(tmp_path / "r.csv", text), pseudonyms=people, known_as={"bob": "robert"}), "anna", "bob"
    )

    assert dict(read.table.schema) == ROSTER
    assert read.table.drop("row").rows() == [
        (people.of("anna"), "Claims", date(2026, 1, 1), None),
        (people.of("robert"), "Legal", None, None),
    ]
    assert (reasons(read), read.duplicate) == ([(3, "left_before_joined")], 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("19", "19"), ("19,9", "19.9"), ("0,125", "0.125"), ("-3.50", "-3.50"), ("1 234,50", "1234.50"),
        ("1.234.567", "1234567"), ("1,234,567.89", "1234567.89"), ("CHF 1'234.50", None), ("1'234.50 CHF", "1234.50"),
        ("$0.02", "0.02"), ("1.234", None), ("1,234", None), ("12.34.5", None), ("1,2,3", None), ("1.23,456,7", None),
        ("nan", None), ("1e5", None), ("9" * 50, None), (",5", ".5"), ("--5", None), ("٣", None),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, value: str | None) -> None:
    figures = Figures()
    found = figures.written_amount(text)
    assert (None if found is None else float(found)) == (None if value is None else float(value))
    assert figures.unusable == (1 if value is None and text else 0)


@given(st.text(max_size=60) | st.text("0123456789.,-+ €", max_size=12))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    found = Figures().written_amount(text)
    assert found is None or found.is_finite()
