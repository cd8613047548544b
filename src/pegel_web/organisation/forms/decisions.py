"""Raising a question, and deciding it."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import AmountField, DayField, RiskField, unit_field
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.queries.decisions import RAISE
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.ui.worded import worded

_LONGEST = 4000


def _paragraph(code: str, *, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=worded(f"organisation.decisions.form.{code}"),
        help_text=worded(f"organisation.decisions.form.{code}_help"),
        widget=forms.Textarea(attrs={"rows": rows}),
        max_length=_LONGEST,
        required=False,
    )


class QuestionForm(forms.Form):
    """What is to be decided, for which unit, how much, how risky."""

    title = forms.CharField(
        label=worded("organisation.decisions.form.title"),
        help_text=worded("organisation.decisions.form.title_help"),
        max_length=200,
    )
    amount = AmountField(
        label=worded("organisation.decisions.form.amount"), help_text=worded("organisation.decisions.form.amount_help")
    )
    risk = RiskField(label=worded("organisation.decisions.form.risk"), none="organisation.risk.unknown")
    options = _paragraph("options")
    question = _paragraph("question")

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        unit = unit_field(
            structure_on(actor.at.date()), actor.units_for(RAISE), label=worded("organisation.decisions.form.unit")
        )
        title = self.fields.pop("title")
        self.fields = {"title": title, "unit_id": unit, **self.fields}


class AnswerForm(forms.Form):
    """The decision."""

    outcome = forms.ChoiceField(
        label=worded("organisation.decisions.form.outcome"),
        choices=[
            (str(one), worded(f"organisation.decisions.outcome.{one}"))
            for one in (Outcome.APPROVED, Outcome.APPROVED_WITH_CONDITIONS, Outcome.REJECTED)
        ],
        widget=forms.RadioSelect,
    )
    conditions = _paragraph("conditions", rows=2)
    reason = _paragraph("reason", rows=3)
    review_date = DayField(
        label=worded("organisation.decisions.form.review_date"),
        help_text=worded("organisation.decisions.form.review_date_help"),
        required=False,
    )


class WithdrawalForm(forms.Form):
    """Taking a question back."""

    reason = _paragraph("withdrawal_reason", rows=2)
    prefix = "withdrawal"
