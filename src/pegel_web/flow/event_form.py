"""What people enter about something that happened to a stream."""

from __future__ import annotations

from django import forms

from pegel_web.flow.services.events import LONGEST_TEXT
from pegel_web.ui.worded import worded


class EventForm(forms.Form):
    """When it happened, and what."""

    day = forms.DateField(
        label=worded("flow.events.day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = forms.CharField(
        label=worded("flow.events.text"), help_text=worded("flow.events.text_help"), max_length=LONGEST_TEXT
    )
