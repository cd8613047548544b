"""Uploading a file with the organisation."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import DayField
from pegel_web.organisation.importing.columns import KINDS
from pegel_web.ui.worded import worded

_W = "organisation.structure_import"
_WORKBOOK = "workbook"


def _kind(value: str) -> str | None:
    return None if value == _WORKBOOK else value


class ImportForm(forms.Form):
    """A file, what it holds, from when it is right, and how far it goes."""

    file = forms.FileField(
        label=worded(f"{_W}.file"),
        help_text=worded(f"{_W}.file_help"),
        allow_empty_file=True,
        max_length=1_000,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    kind = forms.TypedChoiceField(
        label=worded(f"{_W}.kind"),
        help_text=worded(f"{_W}.kind_help"),
        choices=[(_WORKBOOK, worded(f"{_W}.workbook")), *((kind, worded(f"{_W}.kinds.{kind}")) for kind in KINDS)],
        coerce=_kind,
        empty_value=None,
    )
    with_names = forms.BooleanField(
        label=worded(f"{_W}.with_names"), help_text=worded(f"{_W}.with_names_help"), required=False
    )
    complete = forms.BooleanField(
        label=worded(f"{_W}.complete"), help_text=worded(f"{_W}.complete_help"), required=False
    )

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        day = DayField(
            label=worded(f"{_W}.effective_date"),
            help_text=worded(f"{_W}.effective_date_help"),
            initial=actor.at.date(),
        )
        fields = dict(self.fields)
        self.fields = {
            "file": fields["file"],
            "kind": fields["kind"],
            "effective_date": day,
            "with_names": fields["with_names"],
            "complete": fields["complete"],
        }
