"""The MCP server over HTTP at ``/mcp``: an OAuth 2.1 resource server, stateless, closed to other people's pages.

Tokens: those that Pegel grants to programs (``oauth.py``), issued for this resource (RFC 8707), and personal ones.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import structlog
from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.http import HttpRequest
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.routes import create_protected_resource_routes
from mcp.server.auth.settings import AuthSettings
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import ConfigDict
from starlette.applications import Starlette

from pegel.errors import InternalError, UserError
from pegel_web.config.mcp_server import in_thread, pegel_server
from pegel_web.core.actor import Actor, Through
from pegel_web.core.address import client_address
from pegel_web.core.errors import NotSignedInError
from pegel_web.core.problems import language_of, problem
from pegel_web.organisation.queries.tokens import BROAD_SCOPES
from pegel_web.organisation.services.granted_use import granted_of_token
from pegel_web.organisation.services.token_use import TOKEN_PREFIX, actor_of_token

MCP_PATH: Final = "/mcp"
METADATA_PATH: Final = "/.well-known/oauth-protected-resource"
_MOST_BYTES: Final = 2_500_000

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
#: Each framework writes the types of ASGI in its own way.
Application = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(slots=True)
class Entrance:
    """One HTTP request at the door: what it looks like to Django, and why it was refused, if it was."""

    request: HttpRequest
    request_id: str
    refused: UserError | None = None


_ENTRANCE: Final[ContextVar[Entrance]] = ContextVar("pegel_mcp_entrance")


class EnteredToken(AccessToken):
    """A token that was let in, with the actor behind it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    actor: Actor


class PegelTokens(TokenVerifier):
    """Says who is behind a token, and for which resource it was issued."""

    async def verify_token(self, token: str) -> EnteredToken | None:
        """Return the token with its actor, or None; why it was refused is said by the answer."""
        entrance = _ENTRANCE.get()
        try:
            found = await in_thread(lambda: _entered(token, entrance))
        except UserError as error:
            entrance.refused = error
            return None
        if found.resource != mcp_resource():
            entrance.refused = NotSignedInError("token_for_other_resource")
        return found


def mcp_resource() -> str:
    """Return the identifier of this server as a resource: its public address."""
    return f"{settings.PEGEL_ORIGIN}{MCP_PATH}"


def mcp_application() -> Application:
    """Return the server as it runs beside the pages."""
    return at_the_door(http_transport(pegel_server(_actor_of_request), tokens=PegelTokens()))


def beside(pages: Application, mcp: Application) -> Application:
    """Return both as one: what begins with ``/mcp`` and its metadata goes there, everything else to the pages."""

    async def dispatched(scope: Scope, receive: Receive, send: Send) -> None:
        # Only the MCP server has something to start and to stop; Django knows no lifespan.
        path = scope.get("path", MCP_PATH)
        for_mcp = path == MCP_PATH or path.startswith((f"{MCP_PATH}/", METADATA_PATH))
        await (mcp if for_mcp else pages)(scope, receive, send)

    return dispatched


def http_transport(server: Server[Any], *, tokens: TokenVerifier | None) -> Starlette:
    """Return a server behind our transport; without ``tokens`` it is open, which only the conformance tests want."""
    # From texts, because addresses must be compared exactly as they are written (RFC 8414).
    auth = AuthSettings.model_validate(
        {
            "issuer_url": settings.PEGEL_ORIGIN,
            "resource_server_url": mcp_resource(),
            "validate_token_resource": True,
        }
    )
    application = server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        stateless_http=True,
        max_request_body_size=_MOST_BYTES,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[form for host in settings.ALLOWED_HOSTS for form in (host, f"{host}:*")],
            allowed_origins=_own_origins(),
        ),
        auth=None if tokens is None else auth,
        token_verifier=tokens,
    )
    if tokens is not None and auth.resource_server_url is not None:
        # Before the SDK's own, which cannot name scopes that are offered without being required.
        application.router.routes[:0] = create_protected_resource_routes(
            resource_url=auth.resource_server_url,
            authorization_servers=[auth.issuer_url],
            scopes_supported=list(BROAD_SCOPES),
            resource_name="Pegel",
        )
    return application


def at_the_door(application: Application) -> Application:
    """Return an application whose requests have an id, a thread for the database, and refusals in words."""

    async def entered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        # White space around a value is no part of it (RFC 9110, 5.5), and not every server takes it away.
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        entrance = _entrance_of(scope)
        token = _ENTRANCE.set(entrance)
        structlog.contextvars.bind_contextvars(request_id=entrance.request_id)
        try:
            async with ThreadSensitiveContext():
                await application(scope, receive, _worded(entrance, send))
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            _ENTRANCE.reset(token)

    return entered


def _entered(secret: str, entrance: Entrance) -> EnteredToken:
    about: dict[str, Any] = {
        "secret": secret,
        "address": client_address(entrance.request.META, settings.ALLAUTH_TRUSTED_PROXY_COUNT),
        "at": datetime.now(UTC),
        "through": Through.MCP,
        "request_id": entrance.request_id,
        "language": language_of(entrance.request),
    }
    if secret.startswith(TOKEN_PREFIX):
        actor = actor_of_token(**about)
        return _token(actor, secret, client_id="personal-token", resource=mcp_resource(), expires_at=None)
    granted = granted_of_token(**about)
    here = mcp_resource() in granted.resources
    resource = mcp_resource() if here else next(iter(granted.resources), None)
    return _token(granted.actor, secret, granted.client_id, resource, granted.expires_at)


def _token(
    actor: Actor, secret: str, client_id: str, resource: str | None, expires_at: datetime | None
) -> EnteredToken:
    return EnteredToken(
        actor=actor,
        token=secret,
        client_id=client_id,
        scopes=sorted(actor.scopes or ()),
        expires_at=None if expires_at is None else int(expires_at.timestamp()),
        resource=resource,
        subject=None if actor.person_id is None else str(actor.person_id),
    )


def _actor_of_request() -> Actor:
    token = get_access_token()
    if not isinstance(token, EnteredToken):
        raise InternalError("mcp_without_token")
    return token.actor


def _entrance_of(scope: Scope) -> Entrance:
    """Return a request as Django's language and our problems know it; its body stays where it is."""
    request = HttpRequest()
    client = scope.get("client")
    request.META["REMOTE_ADDR"] = client[0] if client else ""
    for name, value in scope["headers"]:
        key = f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        request.META[key] = value.decode("latin-1")
    request.path = request.path_info = scope["path"]
    request_id = uuid4().hex
    request.request_id = request_id  # type: ignore[attr-defined]  # read by the problems
    return Entrance(request=request, request_id=request_id)


def _worded(entrance: Entrance, send: Send) -> Send:
    """Return a ``send`` that gives every answer its id, and a refusal of the token its reason."""
    refusing = False

    async def sent(message: Message) -> None:
        nonlocal refusing
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"x-request-id", entrance.request_id.encode())]
            refusing = message["status"] == 401
            if refusing:
                kept = [value for name, value in headers if name.lower() == b"www-authenticate"]
                await _send_refusal(entrance, kept, send)
            else:
                await send({**message, "headers": headers})
        elif not refusing:
            await send(message)

    return sent


async def _send_refusal(entrance: Entrance, challenges: list[bytes], send: Send) -> None:
    headers = {"WWW-Authenticate": challenges[0].decode("latin-1")} if challenges else {}
    answer = problem(entrance.request, entrance.refused or NotSignedInError("not_signed_in"), headers=headers)
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.items()]
    raw.append((b"content-length", str(len(answer.content)).encode()))
    await send({"type": "http.response.start", "status": answer.status_code, "headers": raw})
    await send({"type": "http.response.body", "body": answer.content})


def _own_origins() -> list[str]:
    """Return the pages that may call from a browser: our own; while developing, those of this computer."""
    local = ["http://127.0.0.1:*", "http://localhost:*", "http://[::1]:*"]
    return [settings.PEGEL_ORIGIN, *(() if settings.PEGEL_ORIGIN.startswith("https:") else local)]
