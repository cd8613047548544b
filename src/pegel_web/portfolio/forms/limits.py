"""How many introductions a unit takes at once."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.portfolio.services.introductions import MOST
from pegel_web.ui.worded import worded


class IntroductionLimitForm(forms.Form):
    """A number, or nothing."""

    def __init__(self, *values: Any, most: int | None, **settings: Any) -> None:
        settings["initial"] = {"most": most}
        super().__init__(*values, **settings)
        self.fields["most"] = forms.IntegerField(
            label=worded("portfolio.introductions.most"),
            help_text=worded("portfolio.introductions.most_help"),
            min_value=1,
            max_value=MOST,
            required=False,
        )
