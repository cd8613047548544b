"""Saying which functions a product team needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django import forms

from pegel_web.organisation.contracts.coverage import LineFunction
from pegel_web.ui.worded import worded


class WantedFunctionsForm(forms.Form):
    """The functions to choose from, with those that are needed today chosen."""

    def __init__(
        self, *values: Any, functions: Collection[LineFunction], chosen: Collection[UUID], **settings: Any
    ) -> None:
        super().__init__(*values, **settings)
        self.fields["unit_ids"] = forms.TypedMultipleChoiceField(
            label=worded("organisation.coverage.form.functions"),
            help_text=worded("organisation.coverage.form.functions_help"),
            choices=[(str(one.unit_id), one.name) for one in functions],
            coerce=UUID,
            initial=[str(one) for one in chosen],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
