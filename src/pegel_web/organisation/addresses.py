"""Addresses of people, as they are kept and compared."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pegel.errors import InputError
from pegel_web.organisation.naming import cleaned


def checked_email(text: str) -> str:
    """Return an address as it is kept: in small letters.

    Raises
    ------
    InputError: ``email_invalid``, and those of :func:`cleaned`.
    """
    address = cleaned(text, field="email", most=254).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise InputError("email_invalid", field="email") from None
    return address
