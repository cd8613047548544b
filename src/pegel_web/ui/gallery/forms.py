"""Specimens of forms: fresh, filled wrongly, and one that cannot be undone."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from pegel_web.ui.components import FormCard
from pegel_web.ui.gallery.words import sample
from pegel_web.ui.worded import worded

_PACES = [("weekly", worded("ui.sample.weekly")), ("monthly", worded("ui.sample.monthly"))]


class SpecimenForm(forms.Form):
    """Every kind of field."""

    name = forms.CharField(label=worded("ui.sample.name"), help_text=worded("ui.sample.name_help"), max_length=80)
    note = forms.CharField(label=worded("ui.sample.note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    kind = forms.ChoiceField(label=worded("ui.sample.kind"), choices=_PACES)
    pace = forms.ChoiceField(label=worded("ui.sample.pace"), choices=_PACES, widget=forms.RadioSelect)
    since = forms.DateField(
        label=worded("ui.sample.since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    file = forms.FileField(label=worded("ui.sample.file"), required=False)
    agree = forms.BooleanField(label=worded("ui.sample.agree"), required=False)


class OneFieldForm(forms.Form):
    """One field."""

    name = forms.CharField(label=worded("ui.sample.name"), help_text=worded("ui.sample.name_help"))


def form_cards(request: HttpRequest) -> list[FormCard]:
    """Return the forms."""
    wrong = SpecimenForm({"name": "", "since": "31.31.2026", "kind": "weekly"}, prefix="wrong")
    wrong.add_error(None, sample("broken"))
    return [
        FormCard(
            form=SpecimenForm(prefix="fresh"),
            submit_label=sample("save"),
            title=sample("title"),
            lead=sample("sentence"),
            cancel_href="#cancel",
            request=request,
        ),
        FormCard(form=wrong, submit_label=sample("save"), title=sample("title"), request=request),
        FormCard(form=OneFieldForm(prefix="danger"), submit_label=sample("delete"), danger=True, request=request),
    ]
