"""How imports recognise a person: by a keyed digest of the organisation's own sign for them, never by that itself."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def reference_of(sign: str) -> str:
    """Return the digest of a personnel number or address (HMAC-SHA-256 under the installation's secret, hex).

    Capital letters and spaces around it make no difference.
    """
    key = hmac.new(settings.SECRET_KEY.encode(), b"pegel person reference 1", hashlib.sha256).digest()
    return hmac.new(key, sign.strip().casefold().encode("utf-8", "replace"), hashlib.sha256).hexdigest()
