"""Fields that several forms have: units as a tree, amounts in either way of writing, risks, dates, people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django import forms

from pegel.words import Language
from pegel_web.core.actor import Actor, Risk
from pegel_web.organisation.forms.person_search import PersonSearchField, person_label
from pegel_web.organisation.queries.person_choice import person_choice
from pegel_web.organisation.queries.structure import Structure
from pegel_web.ui.worded import language_now, worded

#: So many people are listed at once; among more of them people are looked for.
MOST_LISTED: Final = 200
#: Depth in a list of units; a select keeps no indentation of its own.
_INDENT: Final = "\N{EM SPACE}"


class AmountField(forms.CharField):
    """An amount in EUR as people write it: 1.234,50 or 1,234.50, with or without the sign of the currency."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(max_length=40, required=False, **settings)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount; None where nothing was entered."""
        text = super().clean(value)
        try:
            return amount_of(text, language_now()) if text else None
        except ValueError:
            raise forms.ValidationError(worded("organisation.forms.amount_unreadable")) from None

    def prepare_value(self, value: Any) -> Any:
        """Return an amount as this language writes it, so that it can be sent back as it is."""
        if not isinstance(value, Decimal):
            return value
        return f"{value:.2f}".replace(".", "," if language_now() == "de" else ".")


def amount_of(text: str, language: Language) -> Decimal:
    """Return a written amount; a lone sign before exactly three digits parts thousands where the language says so.

    Raises
    ------
    ValueError: it is no amount.

    >>> [str(amount_of(text, "de")) for text in ("1.234,50 €", "1.234", "12,5", "1,234.50")]
    ['1234.50', '1234', '12.5', '1234.50']
    >>> [str(amount_of(text, "en")) for text in ("€1,234.50", "1,234", "12.5", "1 234")]
    ['1234.50', '1234', '12.5', '1234']
    """
    plain = re.sub(r"[\s€'\u2019]|EUR", "", text)
    if not re.fullmatch(r"\d[\d.,]*", plain, re.ASCII):
        raise ValueError(text)
    mark, parts = ("," if language == "de" else "."), ("." if language == "de" else ",")
    if "," in plain and "." in plain:
        mark, parts = (",", ".") if plain.rindex(",") > plain.rindex(".") else (".", ",")
    elif re.search(rf"{re.escape(parts)}\d{{1,2}}$", plain):
        mark, parts = parts, mark
    try:
        return Decimal(plain.replace(parts, "").replace(mark, "."))
    except InvalidOperation:
        raise ValueError(text) from None


class DayField(forms.DateField):
    """A date, chosen in the browser's own way."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **settings,
        )


class RiskField(forms.TypedChoiceField):
    """A risk, or none."""

    def __init__(self, *, none: str, **settings: Any) -> None:
        """``none``: code of the words for no risk."""
        choices = [("", worded(none)), *((str(int(risk)), worded(f"organisation.risk.{int(risk)}")) for risk in Risk)]
        super().__init__(choices=choices, coerce=_risk, empty_value=None, required=False, **settings)


def _risk(value: str) -> Risk:
    return Risk(int(value))


def unit_choices(structure: Structure, units: frozenset[UUID] | None) -> list[tuple[str, str]]:
    """Return the units among these (None: all) as choices, in tree order."""
    return [
        (str(node.unit_id), f"{_INDENT * depth}{node.name}")
        for depth, node in structure.in_order()
        if units is None or node.unit_id in units
    ]


def unit_field(structure: Structure, units: frozenset[UUID] | None, **settings: Any) -> forms.TypedChoiceField:
    """Return a field for one of these units."""
    return forms.TypedChoiceField(choices=unit_choices(structure, units), coerce=UUID, empty_value=None, **settings)


def optional_unit_field(structure: Structure, *, none: str, **settings: Any) -> forms.TypedChoiceField:
    """Return a field for any unit or none; ``none``: code of the words for it."""
    choices = [("", worded(none)), *unit_choices(structure, None)]
    return forms.TypedChoiceField(choices=choices, coerce=UUID, empty_value=None, required=False, **settings)


def person_field(actor: Actor, *, without: Iterable[UUID | None] = (), **settings: Any) -> forms.Field:
    """Return a field for a person whom the actor may see: a list, or where it would be long, a search."""
    left_out = set(without)
    found = person_choice(actor=actor, most=MOST_LISTED + 1)
    if len(found) > MOST_LISTED:
        return PersonSearchField(actor=actor, without=left_out, **settings)
    choices = [(str(one.person_id), person_label(one)) for one in found if one.person_id not in left_out]
    return forms.TypedChoiceField(
        choices=[("", worded("organisation.forms.choose")), *choices], coerce=UUID, empty_value=None, **settings
    )
