"""Where a request comes from, behind as many reverse proxies as the installation says it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def client_address(meta: Mapping[str, Any], proxies: int) -> str:
    """Return the address of the client.

    Each trusted proxy appends the address it was called from to ``X-Forwarded-For``; what stands further left was
    written by whoever wished to and is not believed.

    >>> client_address({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 203.0.113.9"}, 1)
    '203.0.113.9'
    >>> client_address({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}, 0)
    '203.0.113.9'
    """
    direct = str(meta.get("REMOTE_ADDR") or "unknown")
    if not proxies:
        return direct
    forwarded = [one.strip() for one in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if one.strip()]
    return forwarded[-proxies] if len(forwarded) >= proxies else direct
