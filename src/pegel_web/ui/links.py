"""Addresses that come from data: only those that lead somewhere, never those that run something."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = frozenset({"", "http", "https", "mailto"})


def safe_href(value: object) -> str | None:
    """Return an address that may be linked; None for anything else.

    >>> safe_href("/flow/3"), safe_href("javascript:alert(1)"), safe_href("java\\tscript:alert(1)"), safe_href(None)
    ('/flow/3', None, None, None)
    """
    if not isinstance(value, str) or not value or any(sign < " " for sign in value):
        return None
    try:
        scheme = urlsplit(value.strip()).scheme
    except ValueError:
        return None
    return value.strip() if scheme.lower() in _SCHEMES else None
