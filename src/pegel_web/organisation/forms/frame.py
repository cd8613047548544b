"""Setting a line of the frame."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.organisation.forms.fields import AmountField, DayField, RiskField
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.models.units import UnitKind
from pegel_web.ui.worded import worded


class FrameForm(forms.Form):
    """What a unit is given; which fields there are depends on the kind of line."""

    text = forms.CharField(
        max_length=300, widget=forms.Textarea(attrs={"rows": 3}), label=worded("organisation.frame.form.text")
    )
    amount = AmountField(label=worded("organisation.frame.form.amount"))
    risk = RiskField(label=worded("organisation.frame.form.risk"), none="organisation.risk.no_limit")
    level = forms.ChoiceField(
        label=worded("organisation.frame.form.level"),
        help_text=worded("organisation.frame.form.level_help"),
        choices=[
            ("", worded("organisation.frame.form.all_levels")),
            *((kind, worded(f"organisation.level.{kind}")) for kind in UnitKind.values),
        ],
        required=False,
    )
    valid_from = DayField(label=worded("organisation.forms.valid_from"))
    valid_until = DayField(
        label=worded("organisation.forms.valid_until"),
        help_text=worded("organisation.forms.valid_until_help"),
        required=False,
    )

    def __init__(self, *values: Any, kind: str, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["text"].help_text = worded(f"organisation.frame.form.text_help.{kind}")
        if kind == FrameKind.BUDGET:
            self.fields["amount"].required = True
        elif kind == FrameKind.LIMIT:
            self.fields["amount"].label = worded("organisation.frame.form.most_amount")
            self.fields["amount"].help_text = worded("organisation.frame.form.most_amount_help")
        for name in {FrameKind.LIMIT: (), FrameKind.BUDGET: ("risk", "level")}.get(
            FrameKind(kind), ("amount", "risk", "level")
        ):
            del self.fields[name]
