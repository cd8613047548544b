"""Duties, declarations, estimates, pilots, gates."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import AmountField, DayField, optional_unit_field, person_field
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.use_cases import DeclaredLine, PilotLine
from pegel_web.portfolio.forms.fields import choice_field, text_field
from pegel_web.portfolio.forms.signed import SignedAmountField
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.models.gates import GateOutcome
from pegel_web.ui.worded import worded

_W = "portfolio.form"


def _day(name: str, *, required: bool = False) -> DayField:
    return DayField(label=worded(f"{_W}.{name}"), help_text=worded(f"{_W}.{name}_help"), required=required)


class DutyForm(forms.Form):
    """Who does what."""

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["duty"] = choice_field("duty", "portfolio.duty", Duty.values, required=True)
        self.fields["letter"] = choice_field("letter", "portfolio.letter", ["A", "R", "C", "I"], required=True)
        self.fields["person_id"] = person_field(actor, label=worded(f"{_W}.person_id"), required=False)
        self.fields["unit_id"] = optional_unit_field(
            structure_on(actor.at.date()),
            none=f"{_W}.no_unit",
            label=worded(f"{_W}.duty_unit"),
            help_text=worded(f"{_W}.duty_unit_help"),
        )

    def clean(self) -> dict[str, Any]:
        """Return the words as the codes that the service takes."""
        found = super().clean() or {}
        if "duty" in found:
            found["duty"] = Duty(found["duty"])
        if "letter" in found:
            found["letter"] = Letter(found["letter"])
        return found


class DeclarationForm(forms.Form):
    """One statement about where a use case stands."""

    def __init__(self, *values: Any, line: DeclaredLine, **settings: Any) -> None:
        settings.setdefault("initial", {"value": line.value, "document": line.document, "note": line.note})
        super().__init__(*values, **settings)
        self.fields["value"] = choice_field("value", "portfolio.value", line.choices, required=True)
        self.fields["document"] = text_field("document", most=500)
        self.fields["note"] = text_field("note", most=4000, rows=3)
        self.fields["declared_on"] = _day("declared_on")
        self.fields["valid_until"] = _day("valid_until")


class EstimateForm(forms.Form):
    """Benefit and effort, each low, likely, high."""

    def __init__(self, *values: Any, **settings: Any) -> None:
        super().__init__(*values, **settings)
        for name in ("benefit_low", "benefit_likely", "benefit_high", "effort_low", "effort_likely", "effort_high"):
            # What it brings may be harm; what it takes cannot be less than nothing.
            kind = SignedAmountField if name.startswith("benefit") else AmountField
            self.fields[name] = kind(label=worded(f"{_W}.{name}"), help_text=worded(f"{_W}.{name}_help"))
            self.fields[name].required = True
        self.fields["evidence"] = text_field("evidence", most=4000, rows=3)


class PilotForm(forms.Form):
    """The plan of a pilot."""

    def __init__(self, *values: Any, line: PilotLine | None = None, **settings: Any) -> None:
        names = ("hypothesis", "baseline", "kill_criterion", "starts_on", "ends_on", "people")
        if line is not None:
            settings.setdefault("initial", {name: getattr(line, name) for name in names})
        super().__init__(*values, **settings)
        for name in names[:3]:
            self.fields[name] = text_field(name, most=4000, rows=3)
        self.fields["starts_on"] = _day("starts_on")
        self.fields["ends_on"] = _day("ends_on")
        self.fields["people"] = forms.IntegerField(
            label=worded(f"{_W}.people"), help_text=worded(f"{_W}.people_help"), min_value=1, required=False
        )


class LearningForm(forms.Form):
    """What a pilot taught."""

    def __init__(self, *values: Any, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["as_planned"] = forms.TypedChoiceField(
            label=worded(f"{_W}.as_planned"),
            help_text=worded(f"{_W}.as_planned_help"),
            choices=[("1", worded(f"{_W}.as_planned_yes")), ("0", worded(f"{_W}.as_planned_not"))],
            coerce=lambda value: value == "1",
            widget=forms.RadioSelect(),
        )
        self.fields["why"] = text_field("why", most=4000, rows=3, required=True)
        self.fields["change"] = text_field("change", most=4000, rows=3, required=True)


class AskGateForm(forms.Form):
    """What is asked at a gate."""

    def __init__(self, *values: Any, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["amount"] = AmountField(label=worded(f"{_W}.amount"), help_text=worded(f"{_W}.ask_amount_help"))
        self.fields["options"] = text_field("options", most=4000, rows=4)


class DecideGateForm(forms.Form):
    """A decision at a gate."""

    def __init__(self, *values: Any, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["outcome"] = choice_field("outcome", "portfolio.outcome", GateOutcome.values, required=True)
        for name in ("reason", "trade_offs", "dissent", "conditions"):
            self.fields[name] = text_field(name, most=4000, rows=3)
        self.fields["expires_on"] = _day("expires_on")
        self.fields["review_date"] = _day("review_date")

    def clean(self) -> dict[str, Any]:
        """Return the outcome as the code that the service takes."""
        found = super().clean() or {}
        if "outcome" in found:
            found["outcome"] = GateOutcome(found["outcome"])
        return found
