"""What people enter about steps in which work stalls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_args

from django import forms

from pegel_web.flow.contracts.stalls import StallEnding, StallFriction, StallOften
from pegel_web.flow.services.stalls import LONGEST_TEXT
from pegel_web.ui.worded import worded

#: Stands for a step that is none of the states, in the list of steps; no state is called so.
OUTSIDE: Final = "…?"


def _words(code: str, *, rows: int, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=worded(f"flow.stalls.form.{code}"),
        help_text=worded(f"flow.stalls.form.{code}_help"),
        widget=forms.Textarea(attrs={"rows": rows}),
        max_length=LONGEST_TEXT,
        required=required,
    )


class StallForm(forms.Form):
    """Where work stalls and why. ``steps``: (state, name) of those of the stream."""

    state = forms.ChoiceField(
        label=worded("flow.stalls.form.state"), error_messages={"required": worded("flow.stalls.form.state_missing")}
    )
    friction = forms.ChoiceField(
        label=worded("flow.stalls.form.friction"),
        choices=[(one, worded(f"flow.stalls.friction.{one}")) for one in get_args(StallFriction)],
        widget=forms.RadioSelect,
    )
    why = _words("why", rows=3, required=True)
    often = forms.ChoiceField(
        label=worded("flow.stalls.form.often"),
        choices=[
            ("", worded("flow.stalls.often.unknown")),
            *((one, worded(f"flow.stalls.often.{one}")) for one in get_args(StallOften)),
        ],
        required=False,
    )
    hours_per_week = forms.FloatField(
        label=worded("flow.stalls.form.hours"), help_text=worded("flow.stalls.form.hours_help"), required=False,
        localize=True,
    )  # fmt: skip

    def __init__(self, *args: Any, steps: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A browser chooses the first entry by itself; with it, nobody would have said anything.
        choices = [("", worded("flow.stalls.form.choose")), *steps, (OUTSIDE, worded("flow.stalls.outside"))]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean_state(self) -> str:
        """Return the state; empty: a step that is none of them."""
        state: str = self.cleaned_data["state"]
        return "" if state == OUTSIDE else state


class StallAnswerForm(forms.Form):
    """What those say who answer for the stream."""

    text = _words("answer", rows=3, required=True)
    plan = _words("plan", rows=2)


class StallClosingForm(forms.Form):
    """Whether it was done, or why nothing changes."""

    outcome = forms.ChoiceField(
        label=worded("flow.stalls.form.outcome"),
        choices=[(one, worded(f"flow.stalls.ending.{one}")) for one in get_args(StallEnding)],
        widget=forms.RadioSelect,
    )
    text = _words("reason", rows=2)


class StallReopeningForm(forms.Form):
    """What is still not right."""

    text = _words("reopen", rows=2)
