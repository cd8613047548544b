"""A table of a page as a table on paper: the same columns and rows, written the same way."""

from __future__ import annotations

from typing import Any, Final

from pegel.words import Language
from pegel_web.ui.components import Badge, Column, Table
from pegel_web.ui.paper.blocks import Cell, Grid, Head, Look
from pegel_web.ui.values import NUMERIC, Missing, written

#: A table is as wide as its text where its columns have no more signs than this together; else as wide as the page.
_NARROW: Final = 84
#: Signs that a column of text is at least wide, and the sign from which on more of them get it no more width.
_LEAST: Final = 7
_MOST: Final = 110
#: A column of texts that are no longer is as wide as they are.
_SHORT: Final = 16
#: Words with more signs are given places to break; see ``making``.
_BROKEN: Final = 24
_LOOKS: Final[dict[str, Look]] = {"good": "good", "bad": "bad", "warning": "warning"}


def grid_of(table: Table, language: Language, *, most: int | None = None) -> Grid:
    """Return a table with all its rows, or with the first ``most``."""
    rows = [[_cell(row.get(one.key), one.kind, language) for one in table.columns] for row in list(table.found)[:most]]
    longest = [max((len(row[place].text) for row in rows), default=0) for place in range(len(table.columns))]
    longest_words = [max((_longest(row[place].text) for row in rows), default=0) for place in range(len(table.columns))]
    wide = sum(max(one, _longest(column.label)) for one, column in zip(longest, table.columns, strict=True)) > _NARROW
    heads = [
        Head(label=column.label, end=column.kind in NUMERIC, **(_width(column, signs, words) if wide else {}))
        for column, signs, words in zip(table.columns, longest, longest_words, strict=True)
    ]
    return Grid(caption=table.caption, heads=heads, rows=rows)


def _width(column: Column, longest: int, longest_word: int) -> dict[str, Any]:
    """Return how wide a column is: numbers as they need it, texts by their length, but far from in proportion to it.

    Never narrower than its longest word, because words are not hyphenated.
    """
    signs = max(longest, _longest(column.label), _LEAST)
    if column.kind != "text" or signs <= _SHORT:
        return {"signs": signs}
    return {"share": max(round(float(min(signs, _MOST)) ** 0.65, 2), float(min(longest_word, _BROKEN)))}


def _longest(text: str) -> int:
    return max((len(word) for word in text.split()), default=0)


def _cell(value: object, kind: str, language: Language) -> Cell:
    if isinstance(value, Badge):
        return Cell(text=str(value.text), look=_LOOKS.get(value.tone, "plain"))
    if value is None:
        return Cell(text="–", look="missing")
    look: Look = "missing" if isinstance(value, Missing) else "plain"
    return Cell(text=written(value, kind, language), look=look)  # type: ignore[arg-type]  # a column's kind
