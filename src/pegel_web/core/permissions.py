"""Permissions: declared where they are used, compared here, and nowhere granted by name of a role.

A permission is a code such as ``organisation.unit.change``. Which role carries which permission is data
(``organisation/roles.yaml``); which person has which role where is a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pegel.errors import InternalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Something a person may do.

    ``everywhere``: it concerns the whole installation and cannot be narrowed to a unit. ``delegable``: a person who has
    it may hand it on. ``limited``: it can be narrowed by amount and risk.
    """

    code: str
    everywhere: bool = False
    delegable: bool = False
    limited: bool = False


_DECLARED: Final[dict[str, Permission]] = {}


def declare(*permissions: Permission) -> None:
    """Declare the permissions of an app, once, in its ``permissions.py``.

    Raises
    ------
    InternalError: ``permission_twice``.
    """
    for permission in permissions:
        if _DECLARED.setdefault(permission.code, permission) != permission:
            raise InternalError("permission_twice", name=permission.code)


def permission(code: str) -> Permission:
    """Return a declared permission.

    Raises
    ------
    InternalError: ``permission_unknown``: a misspelt permission must never read as "nobody has it".
    """
    try:
        return _DECLARED[code]
    except KeyError:
        raise InternalError("permission_unknown", name=code) from None


def permissions() -> tuple[Permission, ...]:
    """Return every declared permission, by code."""
    return tuple(_DECLARED[code] for code in sorted(_DECLARED))


declare(Permission(code="core.audit.view"))
