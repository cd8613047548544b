import csv
import io
import time
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.errors import AmbiguousInputError, InputError, NotFoundError
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head
from pegel.sources.records import LONGEST_CELL, LONGEST_RECORD, RecordReader
from pegel.sources.tabular import TablePart, open_table, unique_names


def table_file(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def all_parts(path: Path, columns: Sequence[str] | None = None, **options: object) -> list[TablePart]:
    return list(open_table(path, ReadOptions(**options)).parts(columns))  # type: ignore[arg-type]


def rows_and_rejects(path: Path, **options: object) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    parts = all_parts(path, **options)
    good = [row for part in parts for row in part.frame.rows()]
    bad = [row for part in parts for row in part.rejects.rows()]
    assert sum(part.rows for part in parts) == len(good) + len(bad)
    return good, bad


def test_rows_are_numbered_below_the_header(tmp_path: Path) -> None:
    path = table_file(tmp_path, 'item;state\r\n\r\nA;"Open; really"\r\n\r\nB;"two\r\nlines"\r\n  \r\nC;"say ""hi"""')
    assert rows_and_rejects(path) == (
        [(1, "A", "Open; really"), (2, "B", "two\nlines"), (3, "C", 'say "hi"')],
        [],
    )


def test_ragged_rows_are_rejected_with_their_number_of_cells(tmp_path: Path) -> None:
    path = table_file(tmp_path, "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,\n1\n1,2,3,,\n,,\n")
    good, bad = rows_and_rejects(path)
    assert good == [(2, "1", "2", "3"), (4, "1", "2", "3"), (7, "", "", "")]
    assert bad == [
        (1, "wrong_number_of_cells", "2 / 3"),
        (3, "wrong_number_of_cells", "4 / 3"),
        (5, "wrong_number_of_cells", "1 / 3"),
        (6, "wrong_number_of_cells", "> 4 / 3"),
    ]


def test_stray_quotes_are_characters(tmp_path: Path) -> None:
    path = table_file(tmp_path, 'a,b\n5" pipe,x\ny,7"\n"quoted"tail,z\n"regular",""\n')
    assert rows_and_rejects(path)[0] == [
        (1, '5" pipe', "x"),
        (2, "y", '7"'),
        (3, "quotedtail", "z"),
        (4, "regular", ""),
    ]


def test_a_quote_that_nothing_closes_spoils_its_line_only(tmp_path: Path) -> None:
    good, bad = rows_and_rejects(table_file(tmp_path, 'a,b\n1,2\n3,"four\n5,6\n7,8\n'))
    assert good == [(1, "1", "2"), (3, "5", "6"), (4, "7", "8")]
    assert bad == [(2, "quote_not_closed", "")]


def test_a_quote_that_nothing_closes_for_long_is_given_up(tmp_path: Path) -> None:
    lines = "\n".join(f"{number},x" for number in range(1_900_000))
    path = table_file(tmp_path, f'a,b\n"1,2\n{lines}\n')
    assert path.stat().st_size > LONGEST_RECORD
    parts = all_parts(path, ["a"])
    assert sum(part.frame.height for part in parts) == 1_900_000
    assert [row for part in parts for row in part.rejects.rows()] == [(1, "quote_not_closed", "")]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("size", [LONGEST_CELL + 1, 10_000_000, LONGEST_RECORD + 10_000_000])
def test_a_huge_cell_costs_its_row_only(tmp_path: Path, quote: str, size: int) -> None:
    path = table_file(tmp_path, f"a,b\n1,2\n3,{quote}{'x' * size}{quote}\n5,6\n")
    good, bad = rows_and_rejects(path)
    assert good == [(1, "1", "2"), (3, "5", "6")]
    assert bad == [(2, "cell_too_large", "")]


def test_a_cell_of_just_the_allowed_size_is_read(tmp_path: Path) -> None:
    good, bad = rows_and_rejects(table_file(tmp_path, f"a,b\n1,{'x' * LONGEST_CELL}\n"))
    assert (len(str(good[0][2])), bad) == (LONGEST_CELL, [])


def test_broken_cells_matter_where_they_are_read(tmp_path: Path) -> None:
    data = "größe,b,c\nä,1,x\nö,2,x\nü,3,x\n".encode().replace(b"1,x", b"\xff,x").replace(b"2,x", b"2,\0x")
    path = table_file(tmp_path, data)
    good, bad = rows_and_rejects(path)
    assert good == [(3, "ü", "3", "x")]
    assert bad == [(1, "broken_encoding", ""), (2, "nul_byte", "")]
    assert [part.frame.rows() for part in all_parts(path, ["größe"])] == [[(1, "ä"), (2, "ö"), (3, "ü")]]


def test_batches_bound_memory_not_meaning(tmp_path: Path) -> None:
    path = table_file(tmp_path, "a,b\n" + "".join(f"{n},x\n" for n in range(10)))
    parts = all_parts(path, batch_rows=4)
    assert [part.rows for part in parts] == [4, 4, 2]
    assert pl.concat([part.frame for part in parts]).rows() == all_parts(path)[0].frame.rows()


def test_repeated_and_empty_headers(tmp_path: Path) -> None:
    path = table_file(tmp_path, "category,category,,x\n1,2,3,4\n")
    assert open_table(path, ReadOptions()).columns == ("category", "category_2", "column_3", "x")
    assert unique_names(["row", "row", "row_2"]) == ("row_3", "row_4", "row_2")


def test_headers_may_have_any_name(tmp_path: Path) -> None:
    path = table_file(tmp_path, "row,defect,detail,reason,cell_0\n1,2,3,4,5\n6,7\n")
    good, bad = rows_and_rejects(path)
    assert good == [(1, "1", "2", "3", "4", "5")]
    assert bad == [(2, "wrong_number_of_cells", "2 / 5")]


def test_excel_hint_of_the_delimiter(tmp_path: Path) -> None:
    path = table_file(tmp_path, "sep=|\na|b\n1,5|2\n")
    assert rows_and_rejects(path)[0] == [(1, "1,5", "2")]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", {}, "file_empty"),
        ("just words\n", {}, "no_table"),
        ("a,b\n", {"delimiter": "ab"}, "bad_delimiter"),
        ("a,b\n", {"delimiter": '"'}, "bad_delimiter"),
        ("a,b\n", {"delimiter": "x"}, "bad_delimiter"),
        ("," * 6000 + "\n", {}, "too_many_columns"),
        ("a,b\n", {"encoding": "nonsense"}, "unknown_encoding"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, options: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        open_table(table_file(tmp_path, text), ReadOptions(**options))  # type: ignore[arg-type]
    assert caught.value.code == code


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    table = open_table(table_file(tmp_path, "a,b\n1,2\n"), ReadOptions())
    assert table.progress() == 0.0
    assert len(list(table.parts())) == 1
    assert table.progress() == 1.0


CELLS = st.text(st.sampled_from('ab",;\n ä'), max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12), st.integers(1, 40), st.sampled_from(",;\t|"))
def test_well_formed_tables_read_as_python_reads_them(rows: list[list[str]], cut: int, delimiter: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerows(rows)
    text = buffer.getvalue()
    expected = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    data = text.encode()
    blocks = [data[start : start + cut] for start in range(0, len(data), cut)]
    frames = list(RecordReader(blocks, delimiter, 3).frames())
    assert [row[:3] for frame in frames for row in frame.rows()] == expected
    assert all(row[3] is None for frame in frames for row in frame.rows())


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from('a",\n'), max_size=60), st.integers(1, 20))
def test_any_text_reads_the_same_wherever_it_is_cut(text: str, cut: int) -> None:
    data = text.encode()
    blocks = [data[start : start + cut] for start in range(0, len(data), cut)]
    in_pieces = [row for frame in RecordReader(blocks, ",", 2).frames() for row in frame.rows()]
    at_once = [row for frame in RecordReader([data], ",", 2).frames() for row in frame.rows()]
    assert in_pieces == at_once


def test_quotes_everywhere_do_not_hang() -> None:
    for hostile in (b'"' * 300_000, b'""\n"' * 50_000, b'a"b,"\n' * 50_000, b'"",' * 70_000):
        began = time.perf_counter()
        for _ in RecordReader([hostile], ",", 2).frames():
            pass
        assert time.perf_counter() - began < 3


def workbook(folder: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "book.xlsx"
    book.save(path)
    book.close()
    return path


def test_workbook_cells_become_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Vorgang", "Datum", "Status"],
        ["A", datetime(2026, 1, 31, 14, 5), "Offen"],  # noqa: DTZ001  as Excel has it
        [None, None, None],
        ["B", date(2026, 2, 1), None],
        [7, 46023.5, True],
    ]
    path = workbook(tmp_path, Liste=rows, Leer=[])
    assert read_head(path).header == ("Vorgang", "Datum", "Status")
    assert open_table(path, ReadOptions()).from_workbook
    good, bad = rows_and_rejects(path)
    assert good == [
        (1, "A", "2026-01-31 14:05:00", "Offen"),
        (2, "B", "2026-02-01", ""),
        (3, "7", "46023.5", "true"),
    ]
    assert bad == []


def test_titles_above_a_list_are_no_header(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Claims, team North"], ["as of", "2026-01-31"], ["item", "at", "state", "type"]]
    path = workbook(tmp_path, Sheet=[*rows, ["A", "2026-01-05", "Open", "Bug"], ["B", None, None, None]])
    table = open_table(path, ReadOptions())
    assert table.columns == ("item", "at", "state", "type")
    (part,) = table.parts()
    assert part.frame.rows() == [(1, "A", "2026-01-05", "Open", "Bug"), (2, "B", "", "", "")]
    assert read_head(path).header == table.columns


def test_sheet_is_chosen_not_guessed(tmp_path: Path) -> None:
    path = workbook(tmp_path, One=[["a", "b"], ["1", "2"]], Two=[["a", "b"], ["3", "4"]])
    with pytest.raises(AmbiguousInputError) as caught:
        open_table(path, ReadOptions())
    assert caught.value.values["choices"] == ["One", "Two"]
    assert rows_and_rejects(path, sheet="Two")[0] == [(1, "3", "4")]
    with pytest.raises(NotFoundError, match="sheet_unknown"):
        open_table(path, ReadOptions(sheet="Three"))


SHEET = "xl/worksheets/sheet1.xml"


def rewritten(path: Path, part: str, change: bytes, by: bytes) -> Path:
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            data = source.read(name)
            copy.writestr(name, data.replace(change, by) if name == part else data)
    return target


@pytest.mark.parametrize(
    ("part", "change", "by", "code"),
    [
        (SHEET, b'r="B2"', b'r="XFD1048576"', "workbook_too_large"),
        (SHEET, b"</sheetData>", b" " * 60_000_000 + b"</sheetData>", "archive_bomb"),
        ("xl/workbook.xml", b"<", b"", "workbook_unreadable"),
        ("xl/_rels/workbook.xml.rels", b"worksheets", b"nowhere", "workbook_unreadable"),
    ],
)
def test_hostile_workbooks_end_in_a_clear_error(tmp_path: Path, part: str, change: bytes, by: bytes, code: str) -> None:
    path = workbook(tmp_path, One=[["a", "b"], ["1", "2"]])
    hostile = rewritten(path, part, change, by)
    with pytest.raises(InputError) as caught:
        rows_and_rejects(hostile)
    assert caught.value.code == code


def test_truncated_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path, One=[["a", "b"], ["1", "2"]])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="archive_broken"):
        open_table(path, ReadOptions())
