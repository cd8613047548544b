"""What the settings say about this installation, for those who describe it; read at the entry only."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from pegel_web.core.heads import HeadsFile
from pegel_web.privacy.contracts import Installation
from pegel_web.privacy.erased_people import ErasedPeople


def installation() -> Installation:
    """Return what protects this installation."""
    return Installation(
        https=bool(settings.SESSION_COOKIE_SECURE),
        single_sign_on=bool(settings.SOCIALACCOUNT_PROVIDERS),
        two_factor=settings.PEGEL_TWO_FACTOR,
        database=connection.vendor,
    )


def erased_people() -> ErasedPeople:
    """Return the file of forgotten people."""
    return ErasedPeople(settings.DATA_DIR)


def audit_heads() -> HeadsFile:
    """Return the file in which every seal is noted."""
    return HeadsFile(settings.DATA_DIR)
