"""Beginning, changing and ending units and products."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.units import ProductSummary, UnitSummary
from pegel_web.organisation.forms.fields import DayField, optional_unit_field, unit_field
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.services.units import CHANGE
from pegel_web.ui.worded import worded

_W = "organisation.units"


def kind_field() -> forms.ChoiceField:
    """Return the field for the kind of a unit."""
    choices = [(kind.value, worded(f"organisation.kind.{kind.value}")) for kind in UnitKind]
    return forms.ChoiceField(label=worded(f"{_W}.kind"), choices=choices)


def name_field() -> forms.CharField:
    """Return the field for a name."""
    return forms.CharField(label=worded(f"{_W}.name"), max_length=200)


def day_field(code: str, day: date) -> DayField:
    """Return the field for a date; ``code``: of its label and (with ``_help``) of its help."""
    help_code = f"{code}_help" if not code.endswith("begins_on") else ""
    help_text = worded(help_code) if help_code else ""
    return DayField(label=worded(code), help_text=help_text, initial=day)


class NewUnitForm(forms.Form):
    """A unit that begins."""

    name = name_field()
    code = forms.CharField(label=worded(f"{_W}.code"), help_text=worded(f"{_W}.code_help"), max_length=60)
    kind = kind_field()

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        today = actor.at.date()
        structure = structure_on(today)
        if structure.nodes:
            units = actor.units_for(CHANGE)
            self.fields["parent_id"] = unit_field(structure, units, label=worded(f"{_W}.parent"))
        self.fields["valid_from"] = day_field(f"{_W}.begins_on", today)

    def clean(self) -> dict[str, Any]:
        """Let the first unit of all be the top."""
        return {"parent_id": None, **(super().clean() or {})}


class UnitNameForm(forms.Form):
    """What a unit is called from a date on."""

    name = name_field()
    kind = kind_field()

    def __init__(self, *values: Any, actor: Actor, unit: UnitSummary, **settings: Any) -> None:
        settings["initial"] = {"name": unit.name, "kind": unit.kind}
        super().__init__(*values, **settings)
        self.fields["on"] = day_field(f"{_W}.from_on", actor.at.date())


class UnitPlaceForm(forms.Form):
    """Where a unit hangs from a date on."""

    def __init__(self, *values: Any, actor: Actor, unit: UnitSummary, **settings: Any) -> None:
        settings["initial"] = {"parent_id": unit.parent_id}
        super().__init__(*values, **settings)
        today = actor.at.date()
        structure = structure_on(today)
        below = structure.below(unit.unit_id)
        mine = actor.units_for(CHANGE)
        units = (frozenset(structure.nodes) if mine is None else mine) - below
        self.fields["parent_id"] = unit_field(structure, units, label=worded(f"{_W}.new_parent"))
        self.fields["on"] = day_field(f"{_W}.from_on", today)


class UnitEndForm(forms.Form):
    """When a unit ends, and who takes over."""

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        today = actor.at.date()
        self.fields["on"] = day_field(f"{_W}.ends_on", today)
        self.fields["successor_id"] = optional_unit_field(
            structure_on(today), none=f"{_W}.nobody", label=worded(f"{_W}.successor"),
            help_text=worded(f"{_W}.successor_help"),
        )  # fmt: skip


class ProductForm(forms.Form):
    """A product; one that is there keeps its code and its beginning."""

    name = name_field()

    def __init__(self, *values: Any, actor: Actor, product: ProductSummary | None = None, **settings: Any) -> None:
        if product is not None:
            settings["initial"] = {"name": product.name, "owner_unit_id": product.owner_unit_id}
        super().__init__(*values, **settings)
        today = actor.at.date()
        if product is None:
            self.fields["code"] = forms.CharField(
                label=worded(f"{_W}.code"), help_text=worded("organisation.products.code_help"), max_length=60
            )
        self.fields["owner_unit_id"] = unit_field(
            structure_on(today), actor.units_for(CHANGE), label=worded("organisation.products.owner")
        )
        if product is None:
            self.fields["valid_from"] = day_field(f"{_W}.begins_on", today)


class DayForm(forms.Form):
    """A date on which something ends."""

    def __init__(self, *values: Any, day: date, label: str, help_text: str, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["on"] = DayField(label=worded(label), help_text=worded(help_text), initial=day)
