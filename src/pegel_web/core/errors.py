"""Errors of the application, beside those of the library; each interface maps the classes once.

=====================  ======  =========
class                  status  exit code
=====================  ======  =========
NotSignedInError       401     7
NotAllowedError        403     7
NotFoundError          404     5
ConflictError          409     8
InputError, UserError  422     3, 2
LimitedError           429     8
BusyError              503     6
=====================  ======  =========
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pegel.errors import BusyError, NotFoundError, PegelError, UserError


class NotSignedInError(UserError):
    """Nobody is signed in, or the token is unknown, expired or meant for somebody else."""

    exit_code = 7


class NotAllowedError(UserError):
    """The person may see it but not do it, or may not use this interface for it."""

    exit_code = 7


class ConflictError(UserError):
    """Somebody else changed it meanwhile, or its state does not permit this step."""

    exit_code = 8


class LimitedError(UserError):
    """Too much at once: too many tries, too large a body, too many rows."""

    exit_code = 8


_STATUS: Final[Mapping[type[PegelError], int]] = {
    NotSignedInError: 401,
    NotAllowedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    LimitedError: 429,
    BusyError: 503,
    UserError: 422,
    PegelError: 500,
}


def http_status(error: PegelError) -> int:
    """Return the HTTP status of an error.

    >>> http_status(NotAllowedError("not_allowed")), http_status(UserError("name_missing"))
    (403, 422)
    """
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
