"""What the page of tokens shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel_web.organisation.contracts.tokens import AccessToken, ConnectedProgram
from pegel_web.organisation.queries.tokens import BROAD_SCOPES
from pegel_web.ui.components import Badge, Column, EmptyState, Table, Tone, table_of
from pegel_web.ui.worded import language_now, worded

_TONES: dict[str, Tone] = {"active": "good", "expired": "warning", "revoked": "neutral"}
_COLUMN = "organisation.tokens.column"


def tokens_table(request: HttpRequest, found: Sequence[AccessToken]) -> Table:
    """Return the tokens as a table; those that still work lead to where they are ended."""
    several = any(one.agent_name for one in found)
    columns = [
        Column(key="name", label=worded(f"{_COLUMN}.name")),
        Column(key="shown", label=worded(f"{_COLUMN}.shown"), sortable=False),
        *([Column(key="holder", label=worded(f"{_COLUMN}.holder"))] if several else []),
        Column(key="scopes", label=worded(f"{_COLUMN}.scopes")),
        Column(key="expires", label=worded(f"{_COLUMN}.expires"), kind="date"),
        Column(key="used", label=worded(f"{_COLUMN}.used"), kind="date"),
        Column(key="state", label=worded(f"{_COLUMN}.state"), kind="badge"),
        Column(key="end", label=worded(f"{_COLUMN}.end"), sortable=False, href_key="end_href"),
    ]
    return table_of(
        request,
        identity="tokens",
        caption=worded("organisation.tokens.list"),
        columns=columns,
        rows=[_row(one) for one in found],
        empty=EmptyState(title=worded("organisation.tokens.none"), text=worded("organisation.tokens.none_text")),
    )


def programs_table(request: HttpRequest, found: Sequence[ConnectedProgram]) -> Table:
    """Return the programs that were let in as a table."""
    return table_of(
        request,
        identity="programs",
        caption=worded("organisation.tokens.programs"),
        columns=[
            Column(key="name", label=worded("organisation.tokens.program")),
            Column(key="origins", label=worded("organisation.tokens.origin"), sortable=False),
            Column(key="scopes", label=worded(f"{_COLUMN}.scopes")),
            Column(key="since", label=worded("organisation.tokens.granted"), kind="date"),
            Column(key="end", label=worded(f"{_COLUMN}.end"), sortable=False, href_key="end_href"),
        ],
        rows=[
            {
                "name": one.name,
                "origins": ", ".join(one.origins),
                "scopes": _scopes(one.scopes),
                "since": one.granted_at.date(),
                "end": worded("organisation.tokens.disconnect"),
                "end_href": f"{reverse('disconnect_program')}?{urlencode({'program': one.client_id})}",
            }
            for one in found
        ],
        empty=EmptyState(
            title=worded("organisation.tokens.no_programs"),
            text=worded("organisation.tokens.no_programs_text", address=f"{settings.PEGEL_ORIGIN}/mcp"),
        ),
    )


def _row(one: AccessToken) -> dict[str, Any]:
    active = one.state == "active"
    return {
        "name": one.name,
        "shown": f"{one.shown}…",
        "holder": one.agent_name or worded("organisation.tokens.you"),
        "scopes": _scopes(one.scopes),
        "expires": one.expires_at.date(),
        "used": one.last_used_on,
        "state": Badge(text=worded(f"organisation.tokens.state.{one.state}"), tone=_TONES[one.state]),
        "end": worded("organisation.tokens.revoke") if active else "",
        "end_href": reverse("revoke_token", kwargs={"token_id": one.id}) if active else None,
    }


def _scopes(scopes: Sequence[str]) -> str:
    language = language_now()
    codes = [f"organisation.tokens.scope.{one}" if one in BROAD_SCOPES else f"permission.{one}" for one in scopes]
    return ", ".join(say(code, language) for code in codes)
