"""Finds the columns of a table with one row per item by their headers, German or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pegel.errors import InputError
from pegel.sources.transitions.columns import plain


def roles_by_header(
    columns: Sequence[str], headers: Mapping[str, Sequence[str]], given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Role → column: the person's choice first, else the first known header; a column has one role.

    >>> roles_by_header(["Key", "Done", "Done_2"], {"item": ("id", "key"), "closed": ("closed", "done")})
    {'item': 'Key', 'closed': 'Done'}
    >>> roles_by_header(["Nr", "Done"], {"item": ("id",), "closed": ("done",)}, {"item": "Nr"})
    {'item': 'Nr', 'closed': 'Done'}

    Raises
    ------
    InputError: ``role_unknown`` (role, known), ``column_unknown`` (role, column, found).
    """
    chosen = dict(given or {})
    for role, column in chosen.items():
        if role not in headers:
            raise InputError("role_unknown", role=role, known=sorted(headers))
        if column not in columns:
            raise InputError("column_unknown", role=role, column=column, found=list(columns))
    named: dict[str, str] = {}
    for column in columns:
        if column not in chosen.values():
            named.setdefault(plain(column), column)
    roles: dict[str, str] = {}
    for role, known in headers.items():
        found = chosen.get(role) or next((named.pop(header) for header in known if header in named), None)
        if found:
            roles[role] = found
    return roles


def require_roles(roles: Mapping[str, str], wanted: Sequence[str], columns: Sequence[str]) -> None:
    """Check that the wanted roles were found.

    Raises
    ------
    InputError: ``columns_missing`` (missing, found).
    """
    missing = [role for role in wanted if role not in roles]
    if missing:
        raise InputError("columns_missing", missing=missing, found=list(columns), hint="name_columns")
