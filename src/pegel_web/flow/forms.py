"""What people enter about value streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pegel_web.flow.services.alerts import BOUNDS, LONGEST_REASON
from pegel_web.flow.services.streams import LONGEST_NAME
from pegel_web.ui.worded import worded


class StreamForm(forms.Form):
    """Name, unit and product of a stream.

    ``units``: (id, name) of those in which the person may change streams; ``products``: the same of all that they see.
    """

    name = forms.CharField(
        label=worded("flow.form.name"), help_text=worded("flow.form.name_help"), max_length=LONGEST_NAME
    )
    unit = forms.ChoiceField(label=worded("flow.form.unit"), help_text=worded("flow.form.unit_help"))
    product = forms.ChoiceField(
        label=worded("flow.form.product"), help_text=worded("flow.form.product_help"), required=False
    )

    def __init__(
        self, *args: Any, units: Sequence[tuple[str, str]], products: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields
        choices["unit"].choices = units
        choices["product"].choices = [("", worded("flow.form.no_product")), *products]


class AcknowledgeForm(forms.Form):
    """What comes of an alert."""

    reason = forms.CharField(
        label=worded("flow.alert.form.reason"), help_text=worded("flow.alert.form.reason_help"),
        max_length=LONGEST_REASON,
    )  # fmt: skip


class SnoozeForm(forms.Form):
    """Until when an alert is to be quiet."""

    until = forms.DateField(
        label=worded("flow.alert.form.until"), help_text=worded("flow.alert.form.until_help"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip


class ThresholdsForm(forms.Form):
    """From when on there is an alert."""

    late_from = forms.IntegerField(label=worded("flow.alert.form.late_from"))
    stalled_after_days = forms.IntegerField(label=worded("flow.alert.form.stalled_after_days"))
    stale_after_days = forms.IntegerField(label=worded("flow.alert.form.stale_after_days"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in BOUNDS.items():
            field = self.fields[name]
            field.widget.attrs.update({"min": least, "max": most})
            field.help_text = worded("flow.alert.form.between", least=least, most=most)
