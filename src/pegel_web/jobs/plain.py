"""Values as every database keeps them: PostgreSQL knows no NUL in text, and nothing may grow without end."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

_LONGEST_TEXT: Final = 500
_MOST_VALUES: Final = 50


def without_nul(text: str) -> str:
    """Return a text that PostgreSQL can keep."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def plain_values(values: Mapping[str, object]) -> dict[str, Any]:
    """Return the values of an error or of a progress message as plain, short ones."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value[:_MOST_VALUES]]
    return without_nul(str(value))[:_LONGEST_TEXT]
