"""What people enter about value streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pegel_web.flow.services.streams import LONGEST_NAME
from pegel_web.ui.worded import worded


class StreamForm(forms.Form):
    """Name and unit of a stream. ``units``: (id, name) of those in which the person may change streams."""

    name = forms.CharField(
        label=worded("flow.form.name"), help_text=worded("flow.form.name_help"), max_length=LONGEST_NAME
    )
    unit = forms.ChoiceField(label=worded("flow.form.unit"), help_text=worded("flow.form.unit_help"))

    def __init__(self, *args: Any, units: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]  # a choice field
