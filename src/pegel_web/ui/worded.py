"""Words that are chosen when they are shown: labels and help of forms, which exist before any request."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from pegel.words import LANGUAGES, Language, say


def language_now() -> Language:
    """Return the language of the request that is being answered."""
    found = (get_language() or "de")[:2]
    return found if found in LANGUAGES else "de"


def worded(code: str, **values: Any) -> Any:
    """Return the words for a code in the language of whoever reads them."""
    return lazy(lambda: say(code, language_now(), **values), str)()
