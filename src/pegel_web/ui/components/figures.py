"""A number as an instrument shows it: value, unit, change, note, and the way to its definition and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from pegel.words import Language, say
from pegel.words.numbers import short_number
from pegel_web.ui.component import Component
from pegel_web.ui.components.notices import Tone
from pegel_web.ui.values import Kind, Missing, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Component):
    """One number.

    ``value``: raw, or a text that is ready, or :class:`Missing` for why there is none. ``kind`` says how it is written.
    ``change``: a text, or a number that is written with its sign. ``note``: its uncertainty or what it rests on.
    """

    label: str
    value: object
    unit: str | None = None
    change: object = None
    change_tone: Tone = "neutral"
    note: str | None = None
    definition_href: str | None = None
    rows_href: str | None = None
    kind: Kind = "number"

    @property
    def missing(self) -> bool:
        """Tell whether there is a reason instead of a value."""
        return self.value is None or isinstance(self.value, Missing)

    @property
    def long(self) -> bool:
        """Tell whether the value is a text or a date, which takes more room than a number."""
        return isinstance(self.value, str | date) and not self.missing

    @property
    def shown_value(self) -> object:
        """Return the value, or the reason why there is none."""
        return Missing.NO_DATA if self.value is None else self.value

    def signed_change(self, language: str) -> str:
        """Return the change with its sign."""
        language = cast(Language, language)
        if isinstance(self.change, bool) or not isinstance(self.change, int | float | Decimal):
            return written(self.change, "text", language)
        sign = "+" if self.change > 0 else ""
        if self.kind == "percent":
            return sign + say("ui.figure.points", language, points=short_number(float(self.change) * 100, language))
        return sign + written(self.change, self.kind, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow(Component):
    """Some figures side by side."""

    figures: Sequence[Figure]
