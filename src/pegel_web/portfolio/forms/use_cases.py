"""Registering an idea in two minutes, and everything that can be said about a use case later."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms

from pegel.eventlog.workflow import Friction, Phase
from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import AmountField, DayField, person_field, unit_field
from pegel_web.organisation.queries.people import VIEW as SEE_PEOPLE
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.use_cases import CaseReport, MoveLine
from pegel_web.portfolio.forms.fields import choice_field, stream_field, text_field
from pegel_web.portfolio.models.use_cases import BusinessFunction, DataClass, Origin, Usage
from pegel_web.portfolio.queries.use_cases import CHANGE, REGISTER
from pegel_web.ui.worded import worded

_W = "portfolio.form"


class IdeaForm(forms.Form):
    """Four fields: what hurts, where (unit, stream and step), the hoped effect; who is whoever sends it."""

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["pain"] = text_field("pain", most=4000, rows=4, required=True)
        self.fields["unit_id"] = unit_field(
            structure_on(actor.at.date()),
            actor.units_for(REGISTER),
            label=worded(f"{_W}.unit_id"),
            help_text=worded(f"{_W}.unit_id_help"),
        )
        self.fields["stream_id"] = stream_field(actor)
        self.fields["step"] = text_field("step", most=300)
        self.fields["hoped_effect"] = text_field("hoped_effect", most=4000, rows=3)
        self.fields["origin"] = choice_field("origin", "portfolio.origin", Origin.values)
        self.fields["shadow"] = forms.BooleanField(
            label=worded(f"{_W}.shadow"), help_text=worded(f"{_W}.shadow_help"), required=False
        )


class UseCaseForm(forms.Form):
    """Everything that is written about a use case. ``based_on``: the revision that the person has before them."""

    def __init__(self, *values: Any, actor: Actor, found: CaseReport, **settings: Any) -> None:
        content = found.content
        settings.setdefault("initial", {**asdict(content), "based_on": found.line.revision})
        super().__init__(*values, **settings)
        units = actor.units_for(CHANGE)
        if units is not None:
            units |= {content.unit_id}
        kept = None if content.stream_id is None else (content.stream_id, found.stream_name or "…")
        self.fields["title"] = text_field("title", most=200, required=True)
        self.fields["pain"] = text_field("pain", most=4000, rows=4)
        self.fields["hoped_effect"] = text_field("hoped_effect", most=4000, rows=3)
        self.fields["unit_id"] = unit_field(
            structure_on(actor.at.date()), units, label=worded(f"{_W}.unit_id"), help_text=worded(f"{_W}.unit_id_help")
        )
        self.fields["stream_id"] = stream_field(actor, kept=kept)
        self.fields["step"] = text_field("step", most=300)
        self.fields["place_note"] = text_field("place_note", most=500)
        self.fields["phase"] = choice_field("phase", "portfolio.phase", [str(one) for one in Phase])
        self.fields["friction"] = choice_field("friction", "portfolio.friction", [str(one) for one in Friction])
        self.fields["origin"] = choice_field("origin", "portfolio.origin", Origin.values)
        self.fields["goal"] = text_field("goal", most=500)
        self.fields["function"] = choice_field("function", "portfolio.function", BusinessFunction.values)
        self.fields["usage"] = choice_field("usage", "portfolio.usage", Usage.values)
        self.fields["horizon"] = forms.TypedChoiceField(
            label=worded(f"{_W}.horizon"),
            help_text=worded(f"{_W}.horizon_help"),
            choices=[("", worded(f"{_W}.choose")), ("1", "1"), ("2", "2"), ("3", "3")],
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.fields["ai_acts"] = text_field("ai_acts", most=4000, rows=3)
        self.fields["person_decides"] = text_field("person_decides", most=4000, rows=3)
        self.fields["data_needs"] = text_field("data_needs", most=4000, rows=3)
        self.fields["data_class"] = choice_field("data_class", "portfolio.data_class", DataClass.values)
        if actor.has(SEE_PEOPLE):
            self.fields["champion_id"] = person_field(
                actor, label=worded(f"{_W}.champion_id"), help_text=worded(f"{_W}.champion_id_help"), required=False
            )
        self.fields["amount"] = AmountField(label=worded(f"{_W}.amount"), help_text=worded(f"{_W}.amount_help"))
        self.fields["shadow"] = forms.BooleanField(
            label=worded(f"{_W}.shadow"), help_text=worded(f"{_W}.shadow_help"), required=False
        )
        self.fields["based_on"] = forms.IntegerField(min_value=1, widget=forms.HiddenInput())


class MoveForm(forms.Form):
    """What a step needs: a reason, another use case, a day."""

    def __init__(self, *values: Any, step: MoveLine, others: list[tuple[str, str]], **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["reason"] = text_field("reason", most=4000, rows=3, required=step.needs_reason)
        if step.needs_other:
            self.fields["other_id"] = forms.TypedChoiceField(
                label=worded(f"{_W}.other_id"),
                help_text=worded(f"{_W}.other_id_help"),
                choices=[("", worded(f"{_W}.choose")), *others],
                empty_value=None,
            )
        if step.takes_until:
            self.fields["until"] = DayField(
                label=worded(f"{_W}.until"), help_text=worded(f"{_W}.until_help"), required=False
            )
