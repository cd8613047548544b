"""What people enter at the desk: a decision on new work, and what an item is worth."""

from __future__ import annotations

from django import forms

from pegel_web.flow.models import Inflow
from pegel_web.flow.models.desk import LONGEST_OUTCOME, LONGEST_REASON
from pegel_web.flow.services.desk import MOST_POINTS
from pegel_web.organisation.forms.fields import AmountField
from pegel_web.ui.worded import worded


class DecisionForm(forms.Form):
    """Whether an item is let in, and why."""

    decision = forms.ChoiceField(
        label=worded("flow.desk.decision_head"),
        choices=[(one.value, worded(f"flow.desk.decision.{one.value}")) for one in Inflow],
        widget=forms.RadioSelect,
    )
    until_date = forms.DateField(
        label=worded("flow.desk.until"),
        help_text=worded("flow.desk.until_help"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=worded("flow.desk.reason"),
        help_text=worded("flow.desk.reason_help"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    outcome = forms.CharField(
        label=worded("flow.desk.outcome"),
        help_text=worded("flow.desk.outcome_help"),
        max_length=LONGEST_OUTCOME,
        required=False,
    )


class ValueForm(forms.Form):
    """What an item is worth: points, or a cost of delay."""

    points = forms.TypedChoiceField(
        label=worded("flow.desk.points_label"),
        help_text=worded("flow.desk.points_help"),
        choices=[("", worded("flow.desk.points_none")), *((str(one), str(one)) for one in range(1, MOST_POINTS + 1))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    cost_of_delay = AmountField(label=worded("flow.desk.cost_label"), help_text=worded("flow.desk.cost_help"))
    reason = forms.CharField(
        label=worded("flow.desk.reason"),
        help_text=worded("flow.desk.reason_help"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
