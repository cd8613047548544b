"""What is entered on the pages of privacy."""

from __future__ import annotations

from django import forms

from pegel_web.ui.worded import worded


class FloorForm(forms.Form):
    """Another group floor."""

    value = forms.IntegerField(label=worded("privacy.form.floor"), help_text=worded("privacy.form.floor_help"))
    reason = forms.CharField(
        label=worded("privacy.form.reason"), help_text=worded("privacy.form.reason_help"), max_length=500
    )


class ModeForm(forms.Form):
    """The other mode."""

    value = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=worded("privacy.form.reason"), help_text=worded("privacy.form.reason_help"), max_length=500
    )


class DaysForm(forms.Form):
    """How long something is kept."""

    days = forms.IntegerField(label=worded("privacy.form.days"))


class ErasureForm(forms.Form):
    """Why somebody is forgotten, and that it is meant."""

    reason = forms.CharField(
        label=worded("privacy.form.why"), help_text=worded("privacy.form.why_help"), max_length=500
    )
    sure = forms.BooleanField(label=worded("privacy.form.sure"))


class ContactsForm(forms.Form):
    """Who answers for the processing."""

    controller = forms.CharField(
        label=worded("privacy.form.controller"), help_text=worded("privacy.form.contact_help"),
        widget=forms.Textarea({"rows": 4}), max_length=1000, required=False,
    )  # fmt: skip
    joint_controllers = forms.CharField(
        label=worded("privacy.form.joint_controllers"),
        widget=forms.Textarea({"rows": 3}),
        max_length=1000,
        required=False,
    )
    representative = forms.CharField(
        label=worded("privacy.form.representative"), widget=forms.Textarea({"rows": 3}), max_length=1000, required=False
    )
    data_protection_officer = forms.CharField(
        label=worded("privacy.form.data_protection_officer"), widget=forms.Textarea({"rows": 4}), max_length=1000,
        required=False,
    )  # fmt: skip
