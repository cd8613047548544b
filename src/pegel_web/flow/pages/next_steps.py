"""The first steps with a stream that is new, above its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.next_steps import NextStep, StepName
from pegel_web.flow.contracts.streams import Stream
from pegel_web.ui.components import Badge, Tone

_TONES: Final[dict[str, Tone]] = {"done": "good", "open": "warning", "ready": "info"}
_PAGES: Final[dict[StepName, str]] = {
    "meaning": "stream_workflow",
    "targets": "declare_stream",
    "start": "stream_start_small",
}


def step_lines(found: Sequence[NextStep], stream: Stream, language: Language) -> list[dict[str, Any]]:
    """Return the steps as drawn: where each is taken, what it is, how far it is."""
    return [
        {
            "href": "#stall" if one.name == "look" else reverse(_PAGES[one.name], args=[stream.id]),
            "title": say(f"flow.next_steps.{one.name}.title", language),
            "text": say(f"flow.next_steps.{one.name}.text", language),
            "badge": Badge(text=say(f"flow.next_steps.{one.state}", language), tone=_TONES[one.state]),
        }
        for one in found
    ]
