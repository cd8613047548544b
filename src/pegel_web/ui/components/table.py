"""A table: sorts, filters, pages and exports by query parameters, so that it works as plain links and forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Final, Literal, NamedTuple

from django.http import HttpRequest, QueryDict

from pegel.words import Language
from pegel_web.ui.component import Component
from pegel_web.ui.components.notices import EmptyState
from pegel_web.ui.links import safe_href
from pegel_web.ui.values import NUMERIC, Kind, Missing, is_finite, is_missing, written
from pegel_web.ui.worded import language_now

_LONGEST_FILTER: Final = 200
#: Below this many rows a filter is more to look at than the rows.
_WORTH_FILTERING: Final = 8
_NEIGHBOURS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: ``key`` names the value in a row, ``href_key`` the key whose value is the link of the cell.

    ``kind``: how values are written; ``percent`` takes shares of 1, ``money`` is in EUR, the head says the unit.
    """

    key: str
    label: str
    kind: Kind = "text"
    align: Literal["start", "end"] | None = None
    sortable: bool = True
    href_key: str | None = None

    @property
    def look(self) -> str:
        """Return how its values stand: at which side, and whether they may break."""
        side = self.align or ("end" if self.kind in NUMERIC else "start")
        return side if self.kind == "text" else f"{side} steady"


class Head(NamedTuple):
    """The head of a column as drawn; ``order``: ``ascending``, ``descending`` or empty."""

    column: Column
    href: str | None
    order: str


class Cell(NamedTuple):
    """One value as drawn; ``look``: how it stands, and whether there is no value."""

    kind: Kind
    look: str
    value: object
    href: str | None


class Line(NamedTuple):
    """A row as drawn: its head, which names it for whoever hears the page, and its other cells."""

    head: Cell
    others: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Component):
    """Rows as asked for. ``found``: all rows that match, in order; ``rows``: those of this page; ``total``: all."""

    identity: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, object]]
    found: Sequence[Mapping[str, object]]
    total: int
    empty: EmptyState
    page: int
    pages: int
    text: str
    sort: str
    parameters: QueryDict

    @property
    def heads(self) -> list[Head]:
        """Return the heads, each with the link that sorts by it."""
        return [self._head(column) for column in self.columns]

    @property
    def lines(self) -> list[Line]:
        """Return the rows. What is the same for a whole column is worked out once, not once per cell."""
        looks = [(column, column.look) for column in self.columns]
        cells = ([_cell(row, column, look) for column, look in looks] for row in self.rows)
        return [Line(head, others) for head, *others in cells]

    @property
    def shown(self) -> int:
        """Return how many rows match."""
        return len(self.found)

    @property
    def filters(self) -> bool:
        """Tell whether a filter is offered."""
        return bool(self.text) or self.total > _WORTH_FILTERING

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the parameters that a new filter must carry along."""
        without = {f"{self.identity}.{name}" for name in ("q", "page", "export")}
        return [(name, value) for name, values in self.parameters.lists() if name not in without for value in values]

    @property
    def unfiltered(self) -> str:
        """Return the address without the filter."""
        return self._address(q=None, page=None)

    @property
    def csv(self) -> str:
        """Return the address of the matching rows as CSV."""
        return self._address(export="csv", page=None)

    @property
    def xlsx(self) -> str:
        """Return the address of the matching rows as XLSX."""
        return self._address(export="xlsx", page=None)

    @property
    def steps(self) -> list[tuple[int, str | None]]:
        """Return the pages to go to: the first, the last, those around this one; 0 for a gap."""
        near = {1, self.pages, *range(self.page - _NEIGHBOURS, self.page + _NEIGHBOURS + 1)}
        steps: list[tuple[int, str | None]] = []
        for number in sorted(one for one in near if 1 <= one <= self.pages):
            if steps and number > steps[-1][0] + 1:
                steps.append((0, None))
            steps.append((number, self._address(page=str(number))))
        return steps

    def _head(self, column: Column) -> Head:
        order = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "")
        if not column.sortable:
            return Head(column, None, order)
        following = f"-{column.key}" if order == "ascending" else column.key
        return Head(column, self._address(sort=following, page=None), order)

    def _address(self, **changes: str | None) -> str:
        parameters = self.parameters.copy()
        parameters.pop(f"{self.identity}.export", None)
        for name, value in changes.items():
            if value is None:
                parameters.pop(f"{self.identity}.{name}", None)
            else:
                parameters[f"{self.identity}.{name}"] = value
        return f"?{parameters.urlencode()}"


def table_of(
    request: HttpRequest,
    *,
    identity: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, object]],
    empty: EmptyState,
    page_size: int = 50,
) -> Table:
    """Return the table that a request asks for by ``IDENTITY.sort`` (``KEY`` or ``-KEY``), ``.q`` and ``.page``.

    What makes no sense (an unknown column, a page beyond the last) is ignored, never an error.
    """
    text = request.GET.get(f"{identity}.q", "").replace("\0", "").strip()[:_LONGEST_FILTER]
    # Without filter and order only the rows of this page are looked at: who makes them lazily makes no others.
    found = [row for row in rows if _matches(row, columns, text)] if text else rows
    asked = request.GET.get(f"{identity}.sort", "")
    column = next((one for one in columns if one.sortable and one.key == asked.removeprefix("-")), None)
    if column is not None:
        found = _sorted(found, column.key, descending=asked.startswith("-"))
    pages = max(1, -(-len(found) // page_size))
    page = min(max(_whole(request.GET.get(f"{identity}.page", "1")), 1), pages)
    return Table(
        identity=identity,
        caption=caption,
        columns=columns,
        rows=found[(page - 1) * page_size : page * page_size],
        found=found,
        total=len(rows),
        empty=empty,
        page=page,
        pages=pages,
        text=text,
        sort=asked if column is not None else "",
        parameters=request.GET,
    )


def _cell(row: Mapping[str, object], column: Column, look: str) -> Cell:
    value = row.get(column.key)
    href = safe_href(row.get(column.href_key)) if column.href_key else None
    return Cell(column.kind, f"{look} missing" if is_missing(value) else look, value, href)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _matches(row: Mapping[str, object], columns: Sequence[Column], text: str) -> bool:
    """Tell whether every word of the filter stands somewhere in the row, as it is shown."""
    language = language_now()
    shown = " ".join(_folded(_text(row.get(column.key), column.kind, language)) for column in columns)
    return all(word in shown for word in _folded(text).split())


def _text(value: object, kind: Kind, language: Language) -> str:
    """Return what a filter looks at: texts whole, everything else as written."""
    if isinstance(value, Component) or (isinstance(value, str) and not isinstance(value, Missing)):
        return str(value)
    return "" if value is None else written(value, kind, language)


def _sorted(rows: Iterable[Mapping[str, object]], key: str, *, descending: bool) -> list[Mapping[str, object]]:
    """Return rows in the order of one column; where there is no value the row stands last, both ways."""
    listed = list(rows)
    there = [row for row in listed if _there(row.get(key))]
    absent = [row for row in listed if not _there(row.get(key))]
    return sorted(there, key=partial(_order, key), reverse=descending) + absent


def _there(value: object) -> bool:
    """Tell whether there is a value to sort by; "not a number" is none."""
    undefined = isinstance(value, float | Decimal) and not is_finite(value)
    return not (value is None or undefined or isinstance(value, Missing))


def _order(key: str, row: Mapping[str, object]) -> tuple[int, float | Decimal | str]:
    """Return what a row is sorted by: numbers before dates before words, each kind among its own."""
    value = row.get(key)
    if isinstance(value, int | float | Decimal):
        return 0, value
    if isinstance(value, datetime):
        return 1, value.isoformat() if value.tzinfo is None else value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return 1, value.isoformat()
    return 2, _folded(str(value))


def _folded(text: str) -> str:
    """Return a text without case and accents, so that "Ä" stands beside "A" and a search finds both."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
