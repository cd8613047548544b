"""Saying who answers for something, and which tools are used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.organisation.forms.fields import optional_unit_field, person_field, unit_field
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.queries.platform_names import offered_platforms
from pegel_web.organisation.queries.responsibilities import CHANGE
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.ui.worded import worded


class ResponsibilityForm(forms.Form):
    """Who, in which part, instead of whom."""

    letter = forms.ChoiceField(
        label=worded("organisation.responsibilities.form.letter"),
        choices=[
            (str(one), worded(f"organisation.responsibilities.letter.{one}"))
            for one in (Letter.ACCOUNTABLE, Letter.RESPONSIBLE, Letter.CONSULTED, Letter.INFORMED)
        ],
        widget=forms.RadioSelect,
        initial=str(Letter.ACCOUNTABLE),
    )

    def __init__(self, *values: Any, actor: Actor, held: list[tuple[str, str]], **settings: Any) -> None:
        """``held``: id and words of the entries that may end with this one."""
        super().__init__(*values, **settings)
        self.fields = {
            "person_id": person_field(actor, label=worded("organisation.responsibilities.form.person")),
            **self.fields,
        }
        if held:
            self.fields["instead_of"] = forms.TypedChoiceField(
                coerce=UUID,
                empty_value=None,
                label=worded("organisation.responsibilities.form.instead_of"),
                help_text=worded("organisation.responsibilities.form.instead_of_help"),
                choices=[("", worded("organisation.responsibilities.form.beside")), *held],
                required=False,
            )


class ToolUseForm(forms.Form):
    """Which tool, who uses it, how many people, who owns it."""

    tool = forms.CharField(
        label=worded("organisation.responsibilities.tool_form.tool"),
        help_text=worded("organisation.responsibilities.tool_form.tool_help"),
        max_length=120,
    )
    people = forms.IntegerField(
        label=worded("organisation.responsibilities.tool_form.people"),
        help_text=worded("organisation.responsibilities.tool_form.people_help"),
        min_value=0,
        max_value=10_000_000,
    )

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, **settings)
        structure = structure_on(actor.at.date())
        tool, people = self.fields["tool"], self.fields["people"]
        self.fields = {
            "tool": tool,
            "unit_id": unit_field(
                structure, actor.units_for(CHANGE), label=worded("organisation.responsibilities.tool_form.unit")
            ),
            "people": people,
            "owner_unit_id": optional_unit_field(
                structure,
                none="organisation.responsibilities.nobody",
                label=worded("organisation.responsibilities.tool_form.owner"),
                help_text=worded("organisation.responsibilities.tool_form.owner_help"),
            ),
            "platform_id": forms.TypedChoiceField(
                coerce=UUID,
                empty_value=None,
                required=False,
                label=worded("organisation.responsibilities.tool_form.platform"),
                help_text=worded("organisation.responsibilities.tool_form.platform_help"),
                choices=[
                    ("", worded("organisation.responsibilities.no_platform")),
                    *((str(one), name) for one, name in offered_platforms(structure.on).items()),
                ],
            ),
        }
