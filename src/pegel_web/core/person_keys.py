"""The key of a person: what tells something about them is kept under it, and unreadable once it is gone.

A key grows by the month: the key of a month is computed from that of the month before and never the other way round.
So one short text per person is enough to read all that is still meant to be read, and moving it on (:func:`moved_on`)
makes everything older unreadable, without touching a single audit entry. A key is 32 random bytes (URL-safe base64),
with ``N:`` in front once it begins later than January 2020 (month 0).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

_FIRST_YEAR: Final = 2020
_STEP: Final = b"pegel month 1"


def new_key() -> str:
    """Return a fresh key (Fernet: AES-128-CBC with HMAC-SHA-256)."""
    return Fernet.generate_key().decode()


def encipher(key: str, text: str, *, at: datetime) -> str:
    """Return a text under the key of the month in which it was said."""
    return encipher_all(key, (text,), at=at)[0]


def encipher_all(key: str, texts: Sequence[str], *, at: datetime) -> list[str]:
    """Return texts of one moment as :func:`encipher` does; the key of the month is computed once."""
    first, secret = _parts(key)
    month = max(_month(at), first)
    of_month, moment = Fernet(_stepped(secret, month - first)), int(at.timestamp())
    return [f"{month}:{of_month.encrypt_at_time(text.encode(), moment).decode()}" for text in texts]


def decipher(key: str, enciphered: str) -> str | None:
    """Return the text; None: the key of that month is gone, or it is not this person's.

    >>> key = new_key()
    >>> spring = encipher(key, "Anna", at=datetime(2026, 3, 31))
    >>> decipher(key, spring), decipher(moved_on(key, to=date(2026, 4, 1)), spring), decipher(new_key(), spring)
    ('Anna', None, None)
    """
    first, secret = _parts(key)
    month, _, token = enciphered.partition(":")
    if not month.isdecimal() or len(month) > 6 or int(month) < first:
        return None
    try:
        return Fernet(_stepped(secret, int(month) - first)).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def moved_on(key: str, *, to: date) -> str:
    """Return the key from which nothing said before the month of that day can be read any more."""
    first, secret = _parts(key)
    month = _month(to)
    return key if month <= first else f"{month}:{_stepped(secret, month - first).decode()}"


def _month(day: date) -> int:
    return max(0, (day.year - _FIRST_YEAR) * 12 + day.month - 1)


def _parts(key: str) -> tuple[int, bytes]:
    first, separator, secret = key.partition(":")
    return (int(first), secret.encode()) if separator else (0, key.encode())


def _stepped(secret: bytes, steps: int) -> bytes:
    raw = base64.urlsafe_b64decode(secret)
    for _ in range(steps):
        raw = hmac.digest(raw, _STEP, hashlib.sha256)
    return base64.urlsafe_b64encode(raw)
