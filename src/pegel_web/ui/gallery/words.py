"""Words of the specimens."""

from __future__ import annotations

from pegel.words import say
from pegel_web.ui.worded import language_now


def sample(code: str) -> str:
    """Return the words ``ui.sample.CODE`` in the language of the page."""
    return say(f"ui.sample.{code}", language_now())
