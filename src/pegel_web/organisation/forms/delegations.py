"""Handing on a right."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.core.permissions import permission
from pegel_web.organisation.forms.fields import AmountField, DayField, RiskField, person_field, unit_field
from pegel_web.organisation.queries.delegations import GIVE
from pegel_web.organisation.queries.right_holders import shared_permissions
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.ui.worded import worded


class DelegationForm(forms.Form):
    """To whom, what, where, up to what, from when until when."""

    most_amount = AmountField(
        label=worded("organisation.delegations.form.most_amount"),
        help_text=worded("organisation.delegations.form.most_amount_help"),
    )
    most_risk = RiskField(label=worded("organisation.delegations.form.most_risk"), none="organisation.risk.no_limit")
    valid_from = DayField(label=worded("organisation.forms.valid_from"))
    valid_until = DayField(
        label=worded("organisation.forms.valid_until"),
        help_text=worded("organisation.forms.valid_until_help"),
        required=False,
    )
    reason = forms.CharField(label=worded("organisation.delegations.form.reason"), max_length=300, required=False)

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        structure = structure_on(actor.at.date())
        given = [code for code in shared_permissions() if permission(code).delegable and actor.has(code)]
        self.fields = {
            "to_person_id": person_field(
                actor, without=[actor.person_id], label=worded("organisation.delegations.form.to_person")
            ),
            "permission": forms.ChoiceField(
                label=worded("organisation.delegations.form.permission"),
                choices=[(code, worded(f"permission.{code}")) for code in given],
            ),
            "unit_id": unit_field(
                structure,
                actor.units_for(GIVE),
                label=worded("organisation.delegations.form.unit"),
                help_text=worded("organisation.delegations.form.unit_help"),
            ),
            **self.fields,
        }
        self.fields["valid_from"].initial = actor.at.date()
