"""Texts that people type: trimmed, one way of writing each character, nothing unseen in them."""

from __future__ import annotations

from typing import Final
from unicodedata import category, normalize

from pegel.errors import InputError

#: Control characters, halves of characters, signs that turn the direction of writing or cannot be seen.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
#: Joins letters in some scripts.
_JOINERS: Final = frozenset("\u200c\u200d\u00ad")


def cleaned(text: str, *, field: str, most: int) -> str:
    """Return a text as it is kept.

    Raises
    ------
    InputError: ``text_missing``, ``text_too_long`` (most), ``text_unprintable``, each with ``field``.

    >>> cleaned("  Sales ", field="name", most=200)
    'Sales'
    """
    if len(text) > most * 4 + 100:
        raise InputError("text_too_long", field=field, most=most)
    found = normalize("NFC", text).strip()
    if not found:
        raise InputError("text_missing", field=field)
    if len(found) > most:
        raise InputError("text_too_long", field=field, most=most)
    if any(category(sign) in _UNSEEN and sign not in _JOINERS for sign in found):
        raise InputError("text_unprintable", field=field)
    return found
