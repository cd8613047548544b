"""Texts that people give with a step: trimmed, printable, there."""

from __future__ import annotations

from unicodedata import category, normalize

from pegel.errors import InputError


def given_text(text: str, *, field: str, most: int, needed: bool = True, lines: bool = False) -> str:
    """Return a text as it is kept.

    Raises
    ------
    InputError: ``privacy_text_missing``, ``privacy_text_too_long``, ``privacy_text_unprintable``, each with ``field``.
    """
    if len(text) > most * 4:
        raise InputError("privacy_text_too_long", field=field, most=most)
    found = normalize("NFC", text.replace("\r\n", "\n")).strip()
    if needed and not found:
        raise InputError("privacy_text_missing", field=field)
    if len(found) > most:
        raise InputError("privacy_text_too_long", field=field, most=most)
    if any(category(sign) in {"Cc", "Cf", "Cs"} and not (lines and sign == "\n") for sign in found):
        raise InputError("privacy_text_unprintable", field=field)
    return found
