"""Reads an uploaded inventory: CSV, XLSX, JSON, or Markdown pages with a head (one, or several in a ZIP)."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from pegel.errors import InputError, PegelError
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import BROKEN, container_of, open_text
from pegel.sources.tabular import open_table
from pegel_web.core.errors import LimitedError

MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
#: No field of a use case holds more; a longer cell is none.
LONGEST_CELL: Final = 20_000
MOST_UNPACKED: Final = 100_000_000
MOST_PAGES: Final = 2_000
_LONGEST_HEADER: Final = 200
_LONGEST_HEAD: Final = 50_000
_DEFUSED: Final = re.compile(r"'\s*[=+\-@\t\r\n|%]")
_HEADING: Final = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
_PAGE_FILE: Final = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRow:
    """A row. ``number``: its place, from 1. ``broken``: why it cannot be read at all, empty for a sound row."""

    number: int
    cells: Mapping[str, str]
    broken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What was read: the columns in order, and the rows; empty cells are left out."""

    columns: tuple[str, ...]
    rows: tuple[InventoryRow, ...]


def read_inventory(content: bytes, *, file_name: str = "…") -> Inventory:
    """Read a file by what is in it, not by what it is called.

    Raises
    ------
    LimitedError: ``import_too_large``, ``import_too_many_rows``. InputError: ``inventory_not_read``,
    ``inventory_without_list``, ``import_without_rows``, ``too_many_columns`` and what the readers of files say.
    """
    if len(content) > MOST_BYTES:
        raise LimitedError("import_too_large", most=MOST_BYTES // 1_000_000)
    with _on_disk(content, file_name) as path:
        container = container_of(path)
        if container == "zip" and (pages := _pages_in(path)):
            found = _of_pages(pages)
        elif container == "workbook":
            found = _of_table(path)
        else:
            start = _start(path)
            if start.startswith(("{", "[")):
                found = _of_json(_text(path))
            elif start.startswith("---"):
                found = _of_pages([(file_name, _text(path))])
            else:
                found = _of_table(path)
    if not found.rows:
        raise InputError("import_without_rows")
    if len(found.columns) > MOST_COLUMNS:
        raise InputError("too_many_columns", path=file_name, columns=len(found.columns), limit=MOST_COLUMNS)
    return found


def _of_table(path: Path) -> Inventory:
    table = open_table(path, ReadOptions())
    rows: list[InventoryRow] = []
    for part in table.parts():
        if len(rows) + part.rows > MOST_ROWS:
            raise LimitedError("import_too_many_rows", most=MOST_ROWS)
        good = {one["row"]: _row(one["row"], one, defused=True) for one in part.frame.iter_rows(named=True)}
        broken = {
            one["row"]: InventoryRow(number=one["row"], cells={}, broken=one["reason"])
            for one in part.rejects.iter_rows(named=True)
        }
        rows.extend(one for _, one in sorted((good | broken).items()))
    return Inventory(columns=table.columns, rows=tuple(rows))


def _of_json(text: str) -> Inventory:
    try:
        said = json.loads(text)
    except RecursionError as error:
        raise InputError("json_too_deep") from error
    except ValueError as error:
        at = getattr(error, "pos", 0)
        raise InputError("json_invalid", character=at, detail=str(getattr(error, "msg", error))[:200]) from error
    lists = [said] if isinstance(said, list) else []
    if isinstance(said, dict):
        lists = [one for one in said.values() if isinstance(one, list) and any(isinstance(each, dict) for each in one)]
    if len(lists) != 1:
        raise InputError("inventory_without_list")
    if len(lists[0]) > MOST_ROWS:
        raise LimitedError("import_too_many_rows", most=MOST_ROWS)
    columns: dict[str, None] = {}
    rows = []
    for number, one in enumerate(lists[0], start=1):
        if not isinstance(one, dict):
            rows.append(InventoryRow(number=number, cells={}, broken="not_a_record"))
            continue
        cells = {_header(name): _plain(value) for name, value in one.items()}
        columns |= dict.fromkeys(cells)
        rows.append(_row(number, cells, defused=False))
    return Inventory(columns=tuple(columns), rows=tuple(rows))


def _header(name: str) -> str:
    return " ".join(name.split())[:_LONGEST_HEADER] or "column"


def _plain(value: Any) -> str:
    """Return a value of JSON or of a head as a cell: lists of plain values joined, everything deeper as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return "; ".join(_plain(one) for one in value)
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def _of_pages(pages: Sequence[tuple[str, str]]) -> Inventory:
    """Return one row per page: what its head says, and each chapter as a column."""
    columns: dict[str, None] = {_PAGE_FILE: None}
    rows = []
    for number, (name, text) in enumerate(pages, start=1):
        head, body = _split(text)
        if not head:
            rows.append(InventoryRow(number=number, cells={_PAGE_FILE: name}, broken="page_without_head"))
            continue
        cells = {_PAGE_FILE: Path(name).stem} | {_header(str(key)): _plain(value) for key, value in head.items()}
        parts = _HEADING.split(body)
        chapters = zip(parts[1::2], parts[2::2], strict=True)
        cells |= {f"## {_header(title)}": chapter.strip() for title, chapter in chapters if chapter.strip()}
        columns |= dict.fromkeys(cells)
        rows.append(_row(number, cells, defused=False))
    return Inventory(columns=tuple(columns), rows=tuple(rows))


def _split(text: str) -> tuple[Mapping[Any, Any], str]:
    """Return the head of a page and the rest; no head: the page is not about one use case."""
    found = re.match(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)(.*)", text, re.DOTALL)
    if found is None or len(found[1]) > _LONGEST_HEAD or re.search(r"[&*][A-Za-z0-9_]+\s*$", found[1], re.MULTILINE):
        # References from one place of a head to another are how a small file becomes a large one.
        return {}, text
    try:
        head = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    return (head, found[2]) if isinstance(head, dict) else ({}, text)


def _row(number: int, values: Mapping[str, Any], *, defused: bool) -> InventoryRow:
    cells = {str(name): str(value) for name, value in values.items() if name != "row"}
    cells = {name: _fused(text) if defused else text for name, text in cells.items() if text.strip()}
    if any(len(text) > LONGEST_CELL for text in cells.values()):
        return InventoryRow(
            number=number, cells={name: text[:200] for name, text in cells.items()}, broken="cell_too_large"
        )
    return InventoryRow(number=number, cells={name: text.replace("\0", "") for name, text in cells.items()})


def _fused(text: str) -> str:
    """Return a cell without the apostrophe that an exported table puts before what looks like a formula."""
    return text[1:] if _DEFUSED.match(text) else text


def _start(path: Path) -> str:
    with open_text(path) as stream:
        return stream.read(1000).lstrip()


def _text(path: Path) -> str:
    """Return a text, which may be packed; bytes that are none in its encoding are told, not guessed."""
    with open_text(path) as stream:
        text = stream.read(MOST_UNPACKED + 1)
    if len(text) > MOST_UNPACKED:
        raise LimitedError("import_too_large", most=MOST_UNPACKED // 1_000_000)
    if BROKEN in text:
        raise InputError("inventory_not_read")
    return text


def _pages_in(path: Path) -> list[tuple[str, str]]:
    """Return the pages in a ZIP; none: it holds something else."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [one for one in archive.infolist() if one.filename.lower().endswith(".md")]
            if len(entries) > MOST_PAGES or sum(one.file_size for one in entries) > MOST_UNPACKED:
                raise LimitedError("import_too_large", most=MOST_UNPACKED // 1_000_000)
            return [
                (Path(one.filename).name, archive.read(one).decode("utf-8-sig", "replace"))
                for one in sorted(entries, key=lambda one: one.filename)
            ]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise InputError("archive_broken", path="", detail=str(error)[:200]) from error


@contextmanager
def _on_disk(content: bytes, file_name: str) -> Iterator[Path]:
    """Give the readers the file they want; its place is nobody's business."""
    with tempfile.TemporaryDirectory(prefix="pegel-inventory-") as folder:
        path = Path(folder, "inventory")
        path.write_bytes(content)
        try:
            yield path
        except PegelError as error:
            if "path" in error.values:
                named = {name: value for name, value in error.values.items() if name != "path"}
                raise type(error)(error.code, **named, path=file_name) from None
            raise
