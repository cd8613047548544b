"""Roles as data: what each of them permits, read once from ``roles.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pegel.errors import InternalError, NotFoundError
from pegel.eventlog.setting_file import read_settings
from pegel_web.core.permissions import permission

#: Begins the names of building blocks, which nobody has as a role.
_BLOCK: Final = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role: ``may`` within its unit, ``wide`` in the whole organisation."""

    name: str
    may: frozenset[str]
    wide: frozenset[str]

    @property
    def permissions(self) -> frozenset[str]:
        """Return everything it permits, wherever."""
        return self.may | self.wide


@cache
def roles() -> Mapping[str, Role]:
    """Return all roles by name, in the order of the file.

    Raises
    ------
    InternalError: ``permission_unknown``, ``role_not_found`` for a slip in the file.
    """
    text = files(__package__).joinpath("roles.yaml").read_text(encoding="utf-8")
    tree: Any = read_settings(text, unreadable="unexpected")
    entries: Mapping[str, Any] = tree["roles"]
    return {name: _role(name, entries) for name in entries if not name.startswith(_BLOCK)}


def role(name: str) -> Role:
    """Return a role.

    Raises
    ------
    NotFoundError: ``role_not_found``.
    """
    try:
        return roles()[name]
    except KeyError:
        raise NotFoundError("role_not_found", name=name, known=list(roles())) from None


def _role(name: str, entries: Mapping[str, Any]) -> Role:
    if name not in entries:
        raise InternalError("role_not_found", name=name, known=list(entries))
    entry = entries[name] or {}
    carried = [_role(one, entries) for one in entry.get("of", ())]
    may = frozenset(entry.get("may", ())).union(*(one.may for one in carried))
    wide = frozenset(entry.get("wide", ())).union(*(one.wide for one in carried))
    for code in may | wide:
        permission(code)
    return Role(name=name, may=may, wide=wide)
