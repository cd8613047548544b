"""Declaring a platform, and setting a guardrail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.platforms import GuardrailLine, PlatformFacts
from pegel_web.organisation.forms.fields import DayField, person_field, unit_field
from pegel_web.organisation.models.platforms import Enforcement, GuardrailKind, PlatformKind
from pegel_web.organisation.queries.people import VIEW as SEE_PEOPLE
from pegel_web.organisation.queries.platforms import CHANGE
from pegel_web.organisation.queries.responsibilities import office_holders
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.ui.worded import worded

_W = "organisation.platforms"


def _text(name: str, *, most: int, rows: int = 0, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=worded(f"{_W}.form.{name}"),
        help_text=worded(f"{_W}.form.{name}_help"),
        max_length=most,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(),
    )


def _choice(name: str, words: str, values: Sequence[str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=worded(f"{_W}.form.{name}"), choices=[(value, worded(f"{words}.{value}")) for value in values]
    )


def _from_field() -> DayField:
    return DayField(label=worded("organisation.forms.valid_from"))


def _until_field() -> DayField:
    return DayField(
        label=worded("organisation.forms.valid_until"),
        help_text=worded("organisation.forms.valid_until_help"),
        required=False,
    )


class PlatformForm(forms.Form):
    """What a platform is; one that is there keeps its beginning."""

    def __init__(self, *values: Any, actor: Actor, facts: PlatformFacts | None = None, **settings: Any) -> None:
        if facts is not None:
            names = (
                "name",
                "kind",
                "purpose",
                "owner_unit_id",
                "accountable_id",
                "access",
                "allowed_for",
                "valid_until",
            )
            settings["initial"] = {name: getattr(facts, name) for name in names}
        else:
            settings["initial"] = {"valid_from": actor.at.date()}
        super().__init__(*values, **settings)
        self.fields["name"] = _text("name", most=120)
        self.fields["kind"] = _choice("kind", f"{_W}.kind", PlatformKind.values)
        self.fields["purpose"] = _text("purpose", most=500, rows=3)
        self.fields["owner_unit_id"] = unit_field(
            structure_on(actor.at.date()),
            actor.units_for(CHANGE),
            label=worded(f"{_W}.form.owner"),
            help_text=worded(f"{_W}.form.owner_help"),
        )
        self.fields["accountable_id"] = accountable_field(actor, facts)
        self.fields["access"] = _text("access", most=300, required=False)
        self.fields["allowed_for"] = _text("allowed_for", most=500, rows=3, required=False)
        if facts is None:
            self.fields["valid_from"] = _from_field()
        self.fields["valid_until"] = _until_field()


def accountable_field(actor: Actor, facts: PlatformFacts | None) -> forms.Field:
    """Return the field for the accountable person, or nobody yet.

    Who may not see people chooses among those whose office everybody sees, and themselves.
    """
    named: dict[str, Any] = {
        "label": worded(f"{_W}.form.accountable"),
        "help_text": worded(f"{_W}.form.accountable_help"),
        "required": False,
    }
    if actor.has(SEE_PEOPLE):
        return person_field(actor, **named)
    kept = None if facts is None or facts.accountable_gone else facts.accountable_id
    found = office_holders(actor=actor, also=(actor.person_id, kept))
    return forms.TypedChoiceField(
        coerce=UUID,
        empty_value=None,
        choices=[("", worded(f"{_W}.nobody_yet")), *((str(one), name) for one, name in found.items())],
        **named,
    )


class GuardrailForm(forms.Form):
    """A rule, what it holds for, and who sees to it."""

    def __init__(
        self,
        *values: Any,
        actor: Actor,
        platforms: Sequence[tuple[UUID, str]],
        line: GuardrailLine | None = None,
        platform_id: UUID | None = None,
        **settings: Any,
    ) -> None:
        """``platforms``: id and name of those that the rule may be for."""
        if line is not None:
            names = ("name", "rule", "kind", "enforcement", "platform_id", "owner_unit_id", "valid_until")
            settings["initial"] = {name: getattr(line, name) for name in names}
        else:
            settings["initial"] = {"valid_from": actor.at.date(), "platform_id": platform_id}
        super().__init__(*values, **settings)
        self.fields["name"] = _text("rail_name", most=120)
        self.fields["kind"] = _choice("rail_kind", f"{_W}.rail_kind", GuardrailKind.values)
        self.fields["rule"] = _text("rule", most=500, rows=3)
        self.fields["enforcement"] = _choice("enforcement", f"{_W}.enforcement", Enforcement.values)
        self.fields["platform_id"] = forms.TypedChoiceField(
            coerce=UUID,
            empty_value=None,
            required=False,
            label=worded(f"{_W}.form.platform"),
            choices=[("", worded(f"{_W}.all_platforms")), *((str(one), name) for one, name in platforms)],
        )
        self.fields["owner_unit_id"] = unit_field(
            structure_on(actor.at.date()), actor.units_for(CHANGE), label=worded(f"{_W}.form.owner")
        )
        if line is None:
            self.fields["valid_from"] = _from_field()
        self.fields["valid_until"] = _until_field()
