"""What a record can keep: texts without NUL and halves of characters, whole numbers of 64 bits, finite numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

#: Whole numbers that every database can keep.
LARGEST_NUMBER: Final = 2**63 - 1


class UnkeepableError(ValueError):
    """A text or number that no record could keep; interfaces say so in their own way."""


def require_keepable(value: Any) -> None:
    """Refuse plain values (as JSON has them) that no record could keep; iteratively, for input may be nested deeply.

    Raises
    ------
    UnkeepableError

    >>> require_keepable({"name": ["a", 1, None]})
    """
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            _require_text(one)
        elif isinstance(one, int):
            if abs(one) > LARGEST_NUMBER:
                raise UnkeepableError
        elif isinstance(one, float):
            if not math.isfinite(one):
                raise UnkeepableError
        elif isinstance(one, Mapping):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)


def _require_text(text: str) -> None:
    if "\0" in text or (not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)):
        raise UnkeepableError
