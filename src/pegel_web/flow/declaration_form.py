"""What people declare about a stream, as a form: its fields follow from the stream's types and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.forms import BoundField

from pegel.eventlog.workflow import FlowItemKind
from pegel.words import say
from pegel.words.names import term
from pegel_web.flow.contracts.declared import (
    Declared,
    DeclaredStream,
    FieldFilter,
    FieldValues,
    StateLimit,
    TypeShare,
    ValueCount,
)
from pegel_web.organisation.forms.fields import AmountField
from pegel_web.ui.worded import language_now, worded

#: States with a limit of their own on one form: more are a mapping to be mended first.
MOST_STATES: Final = 60
#: Fields that one form offers as filters.
MOST_FIELDS: Final = 20
#: What a target is offered with: so much of the work is meant to be done within its days.
USUAL_SHARE: Final = 0.85
_MODES: Final = ("", "include", "exclude")
_WHOLE: Final[dict[str, Any]] = {"max_value": 1_000_000, "min_value": 1, "required": False}


class NumberField(AmountField):
    """A number as people write it, 2,5 or 2.5; nothing entered: None."""

    def clean(self, value: Any) -> Any:
        """Return the number, a float."""
        found = super().clean(value)
        return None if found is None else float(found)

    def prepare_value(self, value: Any) -> Any:
        """Return a number as this language writes it, without zeros at its end."""
        if not isinstance(value, float):
            return value
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", "," if language_now() == "de" else ".")


class DeclarationForm(forms.Form):
    """Everything that can be declared about a stream. ``found``: the stream as it is declared now."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    types = forms.MultipleChoiceField(
        label=worded("flow.declare.types"),
        help_text=worded("flow.declare.types_help"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    policy = forms.ChoiceField(
        label=worded("flow.declare.policy"), help_text=worded("flow.declare.policy_help"), required=False
    )
    calendar = forms.ChoiceField(
        label=worded("flow.declare.calendar_label"), help_text=worded("flow.declare.calendar_help"), required=False
    )
    load_limit = forms.IntegerField(
        label=worded("flow.declare.load_limit"), help_text=worded("flow.declare.load_limit_help"), **_WHOLE
    )
    target_days = NumberField(
        label=worded("flow.declare.target_days"), help_text=worded("flow.declare.target_days_help")
    )
    target_share = NumberField(
        label=worded("flow.declare.target_share"), help_text=worded("flow.declare.target_share_help")
    )
    currency = forms.CharField(
        label=worded("flow.declare.currency"),
        help_text=worded("flow.declare.currency_help"),
        max_length=3,
        required=False,
    )
    cost_of_delay = NumberField(
        label=worded("flow.declare.cost_of_delay"), help_text=worded("flow.declare.cost_of_delay_help")
    )
    labour_rate = NumberField(
        label=worded("flow.declare.labour_rate"), help_text=worded("flow.declare.labour_rate_help")
    )
    minutes_per_status_query = NumberField(
        label=worded("flow.declare.minutes"), help_text=worded("flow.declare.minutes_help")
    )

    def __init__(self, sent: Mapping[str, Any] | None = None, *, found: DeclaredStream) -> None:
        super().__init__(sent, initial=_initial(found))
        limits = {one.state: one.limit for one in found.declared.state_limits}
        names = {**{one: one for one in limits}, **{one.code: one.name for one in found.states}}
        self.states = list(names.items())[:MOST_STATES]
        for number, (state, name) in enumerate(self.states):
            self.fields[f"limit_{number}"] = forms.IntegerField(label=name, initial=limits.get(state), **_WHOLE)
        shares = {one.kind: one for one in found.declared.shares}
        for kind in FlowItemKind:
            shown = term("kind", kind.value, language_now())
            for end in ("least", "most"):
                value = getattr(shares.get(kind.value), end, None)
                self.fields[f"{end}_{kind.value}"] = NumberField(
                    label=say(f"flow.declare.{end}", language_now(), kind=shown),
                    initial=None if value is None else value * 100,
                )
        self.filtered = _fields_offered(found)
        chosen = {one.field: one for one in found.declared.filters}
        for number, field in enumerate(self.filtered):
            mine = chosen.get(field.field)
            self.fields[f"filter_{number}"] = forms.ChoiceField(
                label=field.name,
                choices=[(mode, say(f"flow.declare.filter.{mode or 'none'}", language_now())) for mode in _MODES],
                initial="" if mine is None else "include" if mine.include else "exclude",
                required=False,
            )
            self.fields[f"values_{number}"] = forms.MultipleChoiceField(
                label=say("flow.declare.filter.values", language_now(), field=field.name),
                choices=_value_choices(field),
                initial=[] if mine is None else [f"={value}" for value in mine.values],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        choices: Any = self.fields
        choices["types"].choices = _type_choices(found)
        choices["policy"].choices = [(one.code, one.name) for one in found.policies]
        choices["calendar"].choices = [(one.code, one.name) for one in found.calendars]

    def groups(self) -> list[tuple[str, str, list[BoundField]]]:
        """Return (title, what it is for, fields) of each part of the form."""
        listed = {
            "counting": ["types", "policy", "calendar"],
            "filters": [
                name for number in range(len(self.filtered)) for name in (f"filter_{number}", f"values_{number}")
            ],
            "limits": ["load_limit", *(f"limit_{number}" for number in range(len(self.states)))],
            "target": ["target_days", "target_share"],
            "mix": [f"{end}_{kind.value}" for kind in FlowItemKind for end in ("least", "most")],
            "costs": ["currency", "cost_of_delay", "labour_rate", "minutes_per_status_query"],
        }
        language = language_now()
        return [
            (
                say(f"flow.declare.group.{code}", language),
                say(f"flow.declare.group.{code}_text", language),
                [self[name] for name in names],
            )
            for code, names in listed.items()
            if names
        ]

    def declared(self) -> Declared:
        """Return what a valid form declares."""
        given = self.cleaned_data
        limits = ((state, given[f"limit_{number}"]) for number, (state, _) in enumerate(self.states))
        shares = ((kind.value, given[f"least_{kind.value}"], given[f"most_{kind.value}"]) for kind in FlowItemKind)
        no_target = given["target_days"] is None and given["target_share"] == USUAL_SHARE * 100
        return Declared(
            types=tuple(one.removeprefix("=") for one in given["types"]),
            filters=tuple(
                FieldFilter(
                    field=field.field,
                    values=tuple(one.removeprefix("=") for one in given[f"values_{number}"]),
                    include=given[f"filter_{number}"] == "include",
                )
                for number, field in enumerate(self.filtered)
                if given[f"filter_{number}"]
            ),
            policy=given["policy"] or None,
            calendar=given["calendar"] or None,
            load_limit=given["load_limit"],
            state_limits=tuple(StateLimit(state=state, limit=limit) for state, limit in limits if limit is not None),
            target_days=given["target_days"],
            # The usual share stands in the field already: alone it declares nothing.
            target_share=None if no_target else _part(given["target_share"]),
            shares=tuple(
                TypeShare(kind=kind, least=_part(least), most=_part(most))
                for kind, least, most in shares
                if least is not None or most is not None
            ),
            currency=given["currency"].strip().upper() or None,
            cost_of_delay=given["cost_of_delay"],
            labour_rate=given["labour_rate"],
            minutes_per_status_query=given["minutes_per_status_query"],
        )


def _initial(found: DeclaredStream) -> dict[str, Any]:
    declared = found.declared
    return {
        "revision": found.revision,
        "types": [f"={one}" for one in declared.types],
        "policy": declared.policy or "",
        "calendar": declared.calendar or "",
        "load_limit": declared.load_limit,
        "target_days": declared.target_days,
        "target_share": (USUAL_SHARE if declared.target_share is None else declared.target_share) * 100,
        "currency": declared.currency or "",
        "cost_of_delay": declared.cost_of_delay,
        "labour_rate": declared.labour_rate,
        "minutes_per_status_query": declared.minutes_per_status_query,
    }


def _type_choices(found: DeclaredStream) -> list[tuple[str, str]]:
    """Return the types with their counts; the values have a sign in front, so that the empty type is one, too."""
    language = language_now()
    gone = set(found.declared.types) - {one.type for one in found.types}
    listed = [*((one.type, one.items) for one in found.types), *((one, 0) for one in sorted(gone))]
    none = say("flow.declare.no_type", language)
    return [(f"={name}", say("flow.declare.type_count", language, type=name or none, n=n)) for name, n in listed]


def _fields_offered(found: DeclaredStream) -> list[FieldValues]:
    """Return the fields by which filters can go: those that the log has, and those that were declared before."""
    listed = {one.field: one for one in found.fields[:MOST_FIELDS]}
    for one in found.declared.filters:
        known = next((field for field in found.fields if field.field == one.field), None)
        mine = known or FieldValues(field=one.field, name=one.field, values=())
        gone = [value for value in one.values if value not in {each.value for each in mine.values}]
        listed[one.field] = replace(mine, values=(*mine.values, *(ValueCount(value=value, items=0) for value in gone)))
    return list(listed.values())


def _value_choices(field: FieldValues) -> list[tuple[str, str]]:
    """Return the values with their counts; they have a sign in front, so that the empty one is one, too."""
    language = language_now()
    none = say("flow.declare.filter.no_value", language)
    return [
        (f"={one.value}", say("flow.declare.type_count", language, type=one.value or none, n=one.items))
        for one in field.values
    ]


def _part(percent: float | None) -> float | None:
    return None if percent is None else percent / 100
