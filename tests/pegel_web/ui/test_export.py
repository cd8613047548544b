"""Tables as files: what a spreadsheet would run stays a text, numbers stay numbers."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import RequestFactory
from django.utils import translation
from openpyxl import load_workbook

from pegel_web.ui.components import Badge, Column, EmptyState, Missing, exported, table_of

_COLUMNS = (
    Column(key="text", label="=Text"),
    Column(key="number", label="Number", kind="number"),
    Column(key="at", label="At", kind="datetime"),
    Column(key="day", label="Day", kind="date"),
    Column(key="state", label="State", kind="badge"),
)
_FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "|calc", "%x")


def _exported(rows, kind, language="en", query=""):
    request = RequestFactory().get(f"/x?t.export={kind}&{query}")
    with translation.override(language):
        table = table_of(
            request, identity="t", caption="T", columns=_COLUMNS, rows=rows, empty=EmptyState(title="-", text="-")
        )
        return exported(request, table)


def _rows_of(response, delimiter):
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter))


def test_a_page_that_asks_for_no_file_gets_none():
    assert _exported([], "pdf") is None


_ROW = {
    "text": 'a;b,c\n"d"',
    "number": Decimal("1234.5"),
    "at": datetime(2026, 3, 2, 9, 5, tzinfo=UTC),
    "day": date(2026, 3, 2),
    "state": Badge(text="late"),
}


def test_german_files_have_semicolons_and_decimal_commas():
    response = _exported([_ROW], "csv", "de")

    assert _rows_of(response, ";")[1] == ['a;b,c\n"d"', "1234,5", "2026-03-02 10:05", "2026-03-02", "late"]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="pegel-t.csv"'


def test_english_files_have_commas_and_decimal_points():
    assert _rows_of(_exported([_ROW], "csv"), ",")[1][1] == "1234.5"


@pytest.mark.parametrize("formula", _FORMULAS)
@pytest.mark.parametrize(("language", "delimiter"), [("de", ";"), ("en", ",")])
def test_no_cell_of_a_csv_file_is_a_formula(formula, language, delimiter):
    rows = _rows_of(_exported([{"text": formula, "state": Badge(text=formula)}], "csv", language), delimiter)

    assert rows == [
        ["'=Text", "Number", "At", "Day", "State"],
        [f"'{formula}", "", "", "", f"'{formula}"],
    ]


def test_a_negative_number_is_no_formula():
    assert _rows_of(_exported([{"number": -3}], "csv"), ",")[1][1] == "-3"


@pytest.mark.parametrize("formula", _FORMULAS)
def test_no_cell_of_a_sheet_is_a_formula(formula):
    sheet = load_workbook(io.BytesIO(_exported([{"text": formula}], "xlsx").content)).active

    assert [cell.data_type for cell in sheet[1]] == ["s"] * 5
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].quotePrefix is True
    assert sheet["A2"].value.strip() == formula.strip()


def test_numbers_and_dates_of_a_sheet_are_such():
    sheet = load_workbook(io.BytesIO(_exported([_ROW], "xlsx").content)).active

    assert [cell.value for cell in sheet[2]][:2] == ['a;b,c\n"d"', 1234.5]
    assert [cell.value.isoformat() for cell in sheet[2][2:4]] == ["2026-03-02T10:05:00", "2026-03-02T00:00:00"]
    assert sheet["E2"].value == "late"
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_hostile_values_make_a_file_nevertheless(kind):
    hostile = [
        {"text": "a\x00b\x1b[31m"},
        {"text": "\ud800"},
        {"text": "x" * 10_000_000},
        {"text": "\u202eabc", "number": 10**400, "day": date(1, 1, 1)},
        {"number": float("nan"), "text": Missing.NOT_CONFIGURED},
        {"number": Decimal("Infinity"), "text": True, "state": None},
    ]

    response = _exported(hostile, kind)

    assert response.status_code == 200
    if kind == "xlsx":
        sheet = load_workbook(io.BytesIO(response.content)).active
        assert sheet["A2"].value == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m"
        assert [sheet["B6"].value, sheet["A6"].value, sheet["A7"].value] == ["undefined", "not configured", "yes"]


def test_a_file_holds_every_matching_row_of_all_pages_in_order():
    rows = [{"text": f"row {number}", "number": number} for number in range(120)]

    found = _rows_of(_exported(rows, "csv", query="t.q=row 1&t.sort=-number&t.page=2"), ",")

    assert [row[1] for row in found[1:4]] == ["119", "118", "117"]
    # 1, 10 to 19, 100 to 119 and every row with "row" and a 1 in its number.
    assert len(found) - 1 == sum("1" in str(number) for number in range(120))
