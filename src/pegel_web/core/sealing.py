"""Secrets that have to be read again: enciphered under the installation's secret, each purpose under a key of its own.

A secret that is only compared (a token) is kept as a digest instead and never comes here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from pegel.errors import InternalError


def seal(text: str, *, purpose: str) -> str:
    """Put a secret away. ``purpose``: what it is for; what was sealed for one purpose opens for no other."""
    return _cipher(settings.SECRET_KEY, purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Read a secret.

    Raises
    ------
    InternalError: ``secret_unreadable``: the installation's secret is another one than when it was put away.
    """
    try:
        return _cipher(settings.SECRET_KEY, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise InternalError("secret_unreadable", purpose=purpose) from None


@cache
def _cipher(secret: str, purpose: str) -> Fernet:
    key = hmac.new(secret.encode(), f"pegel {purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
