"""Tables for people: a caption, heads with scope, cells written by the rules of the language, sortable by script."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pegel.report.markup import Markup, joined, tag
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import in_days
from pegel.words.names import state_name, term
from pegel.words.numbers import number, percent, signed

Row = dict[str, Any]
#: Rows that a table shows at most.
MOST_ROWS: Final = 400


@dataclass(frozen=True, slots=True)
class Column:
    """A column: key of the value in a row, code of its head, how a value is written, whether it is a quantity."""

    key: str
    head: str
    shown: Callable[[Any, Language], str]
    quantity: bool = True


def text(key: str, head: str | None = None) -> Column:
    """Return a column of names that are shown as they are."""
    return Column(key, head or key, lambda value, _: "–" if value is None else str(value), quantity=False)


def state(key: str = "state") -> Column:
    """Return a column of states."""
    return Column(key, "state", state_name, quantity=False)


def word(key: str, group: str | None = None) -> Column:
    """Return a column of codes of a closed vocabulary."""
    return Column(key, group or key, lambda value, language: term(group or key, value, language), quantity=False)


def flag(key: str) -> Column:
    """Return a column of yes and no."""
    return Column(key, key, lambda value, language: say("yes" if value else "no", language), quantity=False)


def count(key: str, head: str | None = None) -> Column:
    """Return a column of whole numbers."""
    return Column(key, head or key, lambda value, language: "–" if value is None else number(value, language))


def change(key: str, head: str) -> Column:
    """Return a column of whole numbers with their sign."""
    return Column(key, head, signed)


def days(key: str, head: str | None = None) -> Column:
    """Return a column of days."""
    return Column(key, head or key, lambda value, language: "–" if value is None else in_days(value, language))


def share(key: str, head: str | None = None) -> Column:
    """Return a column of shares."""
    return Column(key, head or key, lambda value, language: "–" if value is None else percent(value, language))


def date(key: str, head: str) -> Column:
    """Return a column of days of moments."""
    return Column(key, head, day_text)


def table(rows: Iterable[Row], columns: list[Column], language: Language, *, caption: str) -> Markup:
    """Return a table; the first column names its row. More rows than ``MOST_ROWS`` are counted, not shown."""
    listed = list(rows)
    heads = [
        tag("th", say(f"column.{column.head}", language), scope="col", class_="q" if column.quantity else None)
        for column in columns
    ]
    body = [
        tag("tr", [_cell(column, row, language, first=index == 0) for index, column in enumerate(columns)])
        for row in listed[:MOST_ROWS]
    ]
    left = len(listed) - MOST_ROWS
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", heads)),
            tag("tbody", body),
            data_sortable=True if len(listed) > 1 else None,
        ),
        tag("p", say("report.rows_left_out", language, n=left), class_="quiet") if left > 0 else None,
        class_="table",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def folded(title: str, *contents: Markup | None) -> Markup:
    """Return contents that open on demand."""
    return tag("details", tag("summary", title), joined(*contents))


def _cell(column: Column, row: Row, language: Language, *, first: bool) -> Markup:
    value = row[column.key]
    shown = column.shown(value, language)
    key = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    quantity = "q" if column.quantity else None
    if first:
        return tag("th", shown, scope="row", data_key=key, class_=quantity)
    return tag("td", shown, data_key=key, class_=quantity)
