"""People, where they belong, their roles, their first password."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.people import PersonSummary
from pegel_web.organisation.forms.fields import DayField, unit_field
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.roles import roles
from pegel_web.organisation.services.administrators import ASSIGN
from pegel_web.organisation.services.people import CHANGE
from pegel_web.ui.worded import worded

_W = "organisation.people"


def _name() -> forms.CharField:
    return forms.CharField(label=worded(f"{_W}.name"), max_length=200)


def _email() -> forms.CharField:
    return forms.CharField(
        label=worded(f"{_W}.email"),
        help_text=worded(f"{_W}.email_help"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class NewPersonForm(forms.Form):
    """A person who comes, or with ``program`` an agent or service that somebody answers for."""

    name = _name()

    def __init__(self, *values: Any, actor: Actor, program: bool = False, **settings: Any) -> None:
        super().__init__(*values, **settings)
        today = actor.at.date()
        if program:
            kinds = [(kind.value, worded(f"organisation.person_kind.{kind.value}")) for kind in PersonKind]
            self.fields["kind"] = forms.ChoiceField(label=worded(f"{_W}.kind"), choices=kinds[1:])
        else:
            self.fields["email"] = _email()
        self.fields["unit_id"] = unit_field(structure_on(today), actor.units_for(CHANGE), label=worded(f"{_W}.unit"))
        self.fields["valid_from"] = DayField(label=worded(f"{_W}.begins_on"), initial=today)


class PersonNameForm(forms.Form):
    """What a person is called."""

    name = _name()
    email = _email()

    def __init__(self, *values: Any, person: PersonSummary, **settings: Any) -> None:
        settings["initial"] = {"name": person.shown if person.named else "", "email": person.email or ""}
        super().__init__(*values, **settings)


class PlaceForm(forms.Form):
    """Where a person belongs: from ``valid_from`` until ``valid_until``, or (``moving``) from ``on`` alone."""

    def __init__(self, *values: Any, actor: Actor, moving: bool, **settings: Any) -> None:
        super().__init__(*values, **settings)
        today = actor.at.date()
        self.fields["unit_id"] = unit_field(structure_on(today), actor.units_for(CHANGE), label=worded(f"{_W}.unit"))
        self.fields["on" if moving else "valid_from"] = DayField(label=worded(f"{_W}.as_of"), initial=today)
        if not moving:
            self.fields["valid_until"] = DayField(
                label=worded(f"{_W}.until"), help_text=worded(f"{_W}.until_help"), required=False
            )


class RoleForm(forms.Form):
    """A role in a unit."""

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        today = actor.at.date()
        self.fields["role_name"] = forms.ChoiceField(
            label=worded("organisation.roles.role"), choices=[(name, worded(f"role.{name}")) for name in roles()]
        )
        self.fields["unit_id"] = unit_field(
            structure_on(today), actor.units_for(ASSIGN), label=worded("organisation.roles.unit")
        )
        self.fields["valid_from"] = DayField(label=worded("organisation.roles.since"), initial=today)
        self.fields["valid_until"] = DayField(
            label=worded("organisation.roles.until"), help_text=worded("organisation.roles.until_help"), required=False
        )


class FirstPasswordForm(forms.Form):
    """The first password of an account, typed twice."""

    password = forms.CharField(
        label=worded("organisation.join.password"),
        help_text=worded("organisation.join.password_help"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=worded("organisation.join.again"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords; return one."""
        found = super().clean() or {}
        if found.get("password") != found.pop("again", None):
            self.add_error("again", worded("organisation.join.differ"))
        return found
