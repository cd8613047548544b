"""Entering what scores need, weighing criteria, declaring a benefit, choosing what a view shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from pegel_web.organisation.forms.fields import AmountField, DayField
from pegel_web.portfolio.contracts.scoring import Weights
from pegel_web.portfolio.forms.fields import text_field
from pegel_web.portfolio.forms.signed import SignedAmountField
from pegel_web.portfolio.scoring import INPUTS, Method
from pegel_web.portfolio.services.scores import MOST_WEIGHT
from pegel_web.ui.worded import language_now, worded

_W = "portfolio.score"


class ScoreForm(forms.Form):
    """What one method needs: a number, or one of some values that are each said in words."""

    def __init__(self, *values: Any, method: Method, **settings: Any) -> None:
        super().__init__(*values, **settings)
        for name, allowed in INPUTS[method].items():
            words = f"{_W}.{method}.{name}"
            common: dict[str, Any] = {"label": worded(f"{words}.label"), "help_text": worded(f"{words}.help")}
            if allowed is None:
                self.fields[name] = AmountField(**common)
                self.fields[name].required = True
            else:
                self.fields[name] = forms.TypedChoiceField(
                    choices=[
                        *([("", worded(f"{_W}.cannot_judge"))] if method is Method.CRITERIA else []),
                        *((str(one), _anchor(words, one)) for one in allowed),
                    ],
                    coerce=float,
                    empty_value=None,
                    required=method is not Method.CRITERIA,
                    widget=forms.RadioSelect(),
                    **common,
                )

    @property
    def said(self) -> Mapping[str, float]:
        """Return what was entered, as numbers; what was left out is not there."""
        return {name: float(value) for name, value in self.cleaned_data.items() if value is not None}


def _anchor(words: str, value: float) -> str:
    """Return a value with what it means."""
    plain = f"{value:g}"
    said = worded(f"{words}.at_{plain.replace('.', '_')}")
    return f"{plain.replace('.', ',') if language_now() == 'de' else plain}: {said}"


class WeightsForm(forms.Form):
    """What each criterion weighs, and why."""

    def __init__(self, *values: Any, found: Weights, **settings: Any) -> None:
        initial: dict[str, Any] = {one.criterion: one.weight for one in found.lines}
        settings.setdefault("initial", {**initial, "based_on": found.version})
        super().__init__(*values, **settings)
        for one in found.lines:
            self.fields[one.criterion] = forms.IntegerField(
                label=worded(f"{_W}.criteria.{one.criterion}.label"),
                help_text=worded(f"{_W}.criteria.{one.criterion}.help"),
                min_value=0,
                max_value=MOST_WEIGHT,
            )
        self.fields["reason"] = text_field("reason", most=4000, rows=3, required=True)
        self.fields["based_on"] = forms.IntegerField(min_value=0, widget=forms.HiddenInput())


class RealisedForm(forms.Form):
    """What a use case brings, until when it was looked at, where that is written down."""

    def __init__(self, *values: Any, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["amount"] = SignedAmountField(
            label=worded(f"{_W}.realised.amount"), help_text=worded(f"{_W}.realised.amount_help")
        )
        self.fields["amount"].required = True
        self.fields["seen_on"] = DayField(
            label=worded(f"{_W}.realised.seen_on"), help_text=worded(f"{_W}.realised.seen_on_help")
        )
        self.fields["document"] = text_field("document", most=500)
        self.fields["note"] = text_field("note", most=4000, rows=3)
