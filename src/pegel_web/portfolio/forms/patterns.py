"""Pre-approved patterns and the experiments under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import AmountField, DayField, unit_field
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.forms.fields import choice_field, text_field
from pegel_web.portfolio.models.use_cases import DataClass
from pegel_web.portfolio.queries.patterns import CHANGE
from pegel_web.ui.worded import worded

_W = "portfolio.form"


def _whole(name: str, **settings: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=worded(f"{_W}.{name}"), help_text=worded(f"{_W}.{name}_help"), min_value=1, **settings
    )


class PatternForm(forms.Form):
    """What is allowed without a gate, up to where."""

    def __init__(self, *values: Any, actor: Actor, pattern: Pattern | None = None, **settings: Any) -> None:
        if pattern is not None:
            settings.setdefault("initial", asdict(pattern))
        super().__init__(*values, **settings)
        self.fields["name"] = text_field("name", most=120, required=True)
        self.fields["description"] = text_field("description", most=4000, rows=3, required=True)
        self.fields["unit_id"] = unit_field(
            structure_on(actor.at.date()), actor.units_for(CHANGE), label=worded(f"{_W}.pattern_unit")
        )
        self.fields["most_data_class"] = choice_field(
            "most_data_class", "portfolio.data_class", DataClass.values, required=True
        )
        self.fields["most_people"] = _whole("most_people")
        self.fields["most_days"] = _whole("most_days")
        self.fields["most_amount"] = AmountField(
            label=worded(f"{_W}.most_amount"), help_text=worded(f"{_W}.most_amount_help")
        )
        self.fields["most_amount"].required = True
        self.fields["tools"] = text_field("tools", most=1000, rows=2)
        self.fields["valid_until"] = DayField(
            label=worded(f"{_W}.valid_until"), help_text=worded(f"{_W}.valid_until_help"), required=False
        )


class ExperimentForm(forms.Form):
    """An experiment within a pattern."""

    def __init__(self, *values: Any, patterns: Sequence[Pattern], **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["pattern_id"] = forms.TypedChoiceField(
            label=worded(f"{_W}.pattern_id"),
            choices=[(str(one.pattern_id), one.name) for one in patterns],
            coerce=UUID,
        )
        self.fields["hypothesis"] = text_field("hypothesis", most=4000, rows=3, required=True)
        self.fields["kill_criterion"] = text_field("kill_criterion", most=4000, rows=3, required=True)
        self.fields["baseline"] = text_field("baseline", most=4000, rows=3)
        self.fields["people"] = _whole("people")
        self.fields["days"] = _whole("days")
        self.fields["amount"] = AmountField(label=worded(f"{_W}.amount"), help_text=worded(f"{_W}.ask_amount_help"))
        self.fields["amount"].required = True
