"""Why a use case stands still."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.portfolio.forms.fields import choice_field, text_field
from pegel_web.portfolio.models.stalls import StallCause


class StallCauseForm(forms.Form):
    """Where the root cause lies."""

    def __init__(self, *values: Any, **settings: Any) -> None:
        super().__init__(*values, **settings)
        self.fields["cause"] = choice_field("cause", "portfolio.progress.cause", StallCause.values, required=True)
        self.fields["note"] = text_field("cause_note", most=500)
