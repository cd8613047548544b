"""Making a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.tokens import BROAD_SCOPES, token_holders, token_scopes
from pegel_web.organisation.services.tokens import MOST_DAYS
from pegel_web.ui.worded import worded

_WORDS = "organisation.tokens.field"


class TokenForm(forms.Form):
    """What it is called, for whom it acts, what it may do and for how long."""

    name = forms.CharField(label=worded(f"{_WORDS}.name"), help_text=worded(f"{_WORDS}.name_help"), max_length=100)
    broad = forms.MultipleChoiceField(
        label=worded(f"{_WORDS}.broad"),
        help_text=worded(f"{_WORDS}.broad_help"),
        choices=[(scope, worded(f"organisation.tokens.scope.{scope}")) for scope in BROAD_SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=[BROAD_SCOPES[0]],
        required=False,
    )
    single = forms.MultipleChoiceField(
        label=worded(f"{_WORDS}.single"), help_text=worded(f"{_WORDS}.single_help"), required=False
    )
    days = forms.IntegerField(
        label=worded(f"{_WORDS}.days"), help_text=worded(f"{_WORDS}.days_help"), min_value=1, max_value=MOST_DAYS,
        initial=90,
    )  # fmt: skip

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        held = [scope for scope in token_scopes(actor=actor) if scope not in BROAD_SCOPES]
        self.fields["single"].choices = [(code, worded(f"permission.{code}")) for code in held]  # type: ignore[attr-defined]  # a choice field
        holders = token_holders(actor=actor)
        if len(holders) > 1:
            holder = forms.TypedChoiceField(
                coerce=UUID,
                label=worded(f"{_WORDS}.holder"),
                help_text=worded(f"{_WORDS}.holder_help"),
                choices=[(str(one.person_id), one.name) for one in holders],
            )
            self.fields = {"name": self.fields.pop("name"), "person_id": holder, **self.fields}

    def wanted(self) -> dict[str, Any]:
        """Return what the service is asked for."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "scopes": [*given["broad"], *given["single"]],
            "days": given["days"],
            "person_id": given.get("person_id"),
        }
