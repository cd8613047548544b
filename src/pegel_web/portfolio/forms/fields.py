"""Fields that several forms of the portfolio have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import streams_seen
from pegel_web.ui.worded import worded

_W = "portfolio.form"


def text_field(name: str, *, most: int, rows: int = 0, required: bool = False, **more: Any) -> forms.CharField:
    """Return a field for a text; ``rows``: a paragraph."""
    return forms.CharField(
        label=worded(f"{_W}.{name}"),
        help_text=worded(f"{_W}.{name}_help"),
        max_length=most,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(),
        **more,
    )


def choice_field(
    name: str, words: str, values: Sequence[str], *, required: bool = False, empty: str = "choose"
) -> forms.ChoiceField:
    """Return a field for one of some words."""
    choices = [(value, worded(f"{words}.{value}")) for value in values]
    if not required:
        choices = [("", worded(f"{_W}.{empty}")), *choices]
    return forms.ChoiceField(
        label=worded(f"{_W}.{name}"), help_text=worded(f"{_W}.{name}_help"), choices=choices, required=required
    )


def stream_field(actor: Actor, *, kept: tuple[UUID, str] | None = None) -> forms.TypedChoiceField:
    """Return a field for a value stream that the actor sees, or none; ``kept``: one that is chosen already."""
    found = {row.id: row.name for row in streams_seen(actor)}
    if kept is not None:
        found.setdefault(*kept)
    return forms.TypedChoiceField(
        label=worded(f"{_W}.stream_id"),
        help_text=worded(f"{_W}.stream_id_help"),
        choices=[("", worded(f"{_W}.no_stream")), *((str(one), name) for one, name in found.items())],
        coerce=UUID,
        empty_value=None,
        required=False,
    )
