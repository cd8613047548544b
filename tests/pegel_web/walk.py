"""Everything that the application answers: addresses and endpoints, with the declared table of who reaches them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pegel_web.config.api import api
from pegel_web.organisation.roles import roles

DECLARED: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "access.yaml").read_text(encoding="utf-8"))
#: Addresses of django-allauth: reached without a right of ours, tested by their own project and in test_sign_in.py.
FOREIGN = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "idp:")
#: Names in addresses that mean different things in different places.
_KINDS = {"rejected_rows": "units", "change_retention": "access_log"}


def own_routes() -> dict[str, URLPattern]:
    """Return every address of the application by name."""
    return {name: one for name, one in _routes() if one.name and not name.startswith((*FOREIGN, "api"))}


def operations() -> dict[str, dict[str, Any]]:
    """Return every REST operation by ``METHOD /path``."""
    schema = api.get_openapi_schema()
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


#: What operations cannot do without, beside the values in their path.
_QUERIES: Mapping[str, str] = {
    "GET /streams/network/items": "?from_id={stream_id}&to_id={stream_id}",
    "GET /streams/network/what-if": "?from_id={stream_id}&to_id={stream_id}",
    "GET /streams/between-quarters/items": "?stream_id={stream_id}&quarter=2026-Q1",
}


def values_of(name: str, pattern: URLPattern, things: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the address of a page asks for."""
    known = {**things, "kind": _KINDS.get(name, "")}
    return {key: known[key] for key in pattern.pattern.converters}


def page_address(name: str, pattern: URLPattern, things: Mapping[str, Any]) -> str:
    """Return the address of a page, with the query that it needs."""
    asked = DECLARED["pages"][name].get("query", {})
    query = "&".join(f"{key}={str(value).format(**things)}" for key, value in asked.items())
    return reverse(name, kwargs=values_of(name, pattern, things)) + (f"?{query}" if query else "")


def endpoint_address(operation: str, things: Mapping[str, Any]) -> str:
    """Return the address of a REST operation, with what it cannot do without."""
    path = operation.split(" ", 1)[1] + _QUERIES.get(operation, "")
    return "/api/v1" + path.format(**{key: str(value) for key, value in things.items()}, kind="access_log")


def may(who: str, asked: str) -> bool:
    """Tell whether somebody (a role, ``without_role``, ``nobody``) reaches what asks for this."""
    if asked == "anybody":
        return True
    if who == "nobody":
        return False
    if asked == "signed_in":
        return True
    if asked in ("own", "absent"):
        # The thing belongs to somebody else, or is not there in this walk; the tests of its page reach it.
        return False
    if asked.startswith("role:"):
        return who in asked.removeprefix("role:").split()
    return who in roles() and any(code in roles()[who].permissions for code in asked.split(" or "))


def _routes(patterns: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _routes(one.url_patterns, inner)
        else:
            yield f"{space}{one.name}", one
