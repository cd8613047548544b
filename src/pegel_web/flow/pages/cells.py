"""Cells that say a figure and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pegel.words import Language, say
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.ui.components import Component, Missing

_MISSING = {
    "not_configured": Missing.NOT_CONFIGURED,
    "no_data": Missing.NO_DATA,
    "undefined": Missing.UNDEFINED,
    "withheld": Missing.TOO_FEW,
}


class FigureCell(float, Component):
    """A figure in a table: shown with its change and with signal or noise, sorted and exported as the number it is."""

    figure: StreamFigure

    def __new__(cls, figure: StreamFigure) -> Self:
        """Return the cell of a figure that has a value."""
        cell = super().__new__(cls, figure.value or 0.0)
        cell.figure = figure
        return cell

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the cell as HTML."""
        del page
        return render_to_string("flow/figure_cell.html", {"it": self.figure, "language": language})


def cell_of(figure: StreamFigure) -> FigureCell | Missing:
    """Return the cell of a figure, or why there is no value."""
    return FigureCell(figure) if figure.value is not None else _MISSING[figure.status]


def missing_of(status: str) -> Missing:
    """Return why there is no value."""
    return _MISSING.get(status, Missing.NO_DATA)


def verdict_text(figure: StreamFigure, language: Language) -> str:
    """Return whether the change is signal or noise, in words; empty where nobody can tell."""
    return "" if figure.verdict is None else say(f"flow.verdict.{figure.verdict}_short", language)
