"""Uploading an inventory of use cases."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import unit_field
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.importing.inventory_rows import LONGEST_SOURCE
from pegel_web.portfolio.queries.use_cases import CHANGE
from pegel_web.ui.worded import worded

_W = "portfolio.import"


class CaseImportForm(forms.Form):
    """A file, what the inventory is called, and whose the use cases are where the file does not say."""

    file = forms.FileField(
        label=worded(f"{_W}.file"),
        help_text=worded(f"{_W}.file_help"),
        allow_empty_file=True,
        max_length=1_000,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.json,.gz,.md,.zip"}),
    )
    source = forms.CharField(
        label=worded(f"{_W}.source"), help_text=worded(f"{_W}.source_help"), max_length=LONGEST_SOURCE
    )

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["unit_id"] = unit_field(
            structure_on(actor.at.date()),
            actor.units_for(CHANGE),
            label=worded(f"{_W}.unit"),
            help_text=worded(f"{_W}.unit_help"),
        )
