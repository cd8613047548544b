"""Pegel grants tokens to programs itself (OAuth 2.1): code with PKCE, consent, only for its own MCP server.

django-allauth does the work. What is narrowed here: no other grant than the authorization code, PKCE with S256 for
everybody, no silent consent, only the scopes ``read`` and ``write``, only this installation's MCP server as resource
(RFC 8707), and redirects only to the person's own computer or to hosts that the installation has named.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.core.internal.httpkit import add_query_params
from allauth.idp.oidc import views
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.clientkit import lookup_client
from allauth.idp.oidc.models import Client
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.core.keepable import UnkeepableError, require_keepable
from pegel_web.organisation.queries.tokens import BROAD_SCOPES, require_own
from pegel_web.organisation.services.tokens import forget_unused_programs, note_connected
from pegel_web.ui.components import PageHeader
from pegel_web.ui.worded import worded

GRANTS: Final = ("authorization_code", "refresh_token")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_MOST_REGISTRATION_BYTES: Final = 20_000
_MOST_REDIRECTS: Final = 10


class OAuthAdapter(DefaultOIDCAdapter):  # type: ignore[misc]  # allauth has no types
    """allauth's decisions about programs, made by the installation's settings."""

    scope_display: Final = {scope: worded(f"organisation.tokens.scope.{scope}_text") for scope in BROAD_SCOPES}

    def get_issuer(self) -> str:
        """Return who grants: the public address, whatever name a request came in by."""
        return str(settings.PEGEL_ORIGIN)

    def validate_client_registration(self, *, client: Client, **_: Any) -> None:
        """Refuse programs that want more than Pegel grants (RFC 7591)."""
        _narrow(client)
        forget_unused_programs()

    def validate_resource_uris(self, *, uris: list[str], **_: Any) -> None:
        """Refuse tokens for anything but the MCP server (RFC 8707)."""
        if any(uri.removesuffix("/") != f"{settings.PEGEL_ORIGIN}/mcp" for uri in uris):
            raise ValidationError("resource must be the MCP server of this installation")

    def is_cimd_url_allowed(self, url: str) -> bool:
        """Let metadata documents of programs be read from named hosts only: no other address is ever asked."""
        return urlsplit(url).hostname in settings.PEGEL_OAUTH_HOSTS


class Consent(views.AuthorizationView):  # type: ignore[misc]  # allauth has no types
    """Asks the person whether a program may act for them."""

    template_name = "organisation/consent.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Handle a request for consent, or the answer to it."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        actor = acting(request)
        require_own(actor)
        asked = request.POST if "redirect_uri" in request.POST else request.GET
        if "request" not in request.POST and (wrong := _wrong_with(asked.dict())):
            return render(request, "organisation/consent_refused.html", {"detail": wrong}, status=400)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        if response.status_code == 302 and (location := response.headers.get("Location", "")):
            return self._led_back(actor, response, location)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page says of the program."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        parts = urlsplit(self._request_info["redirect_uri"])
        title = worded("organisation.consent.title", name=found["client"].name or found["client"].id)
        return {
            **found,
            "header": PageHeader(title=title, lead=worded("organisation.consent.lead")),
            "origin": f"{parts.scheme}://{parts.netloc}",
            "own_computer": parts.hostname in _LOOPBACK,
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Show the page; its form may lead to where the program waits, which the policy must know beforehand."""
        response: HttpResponse = super().render_to_response(context, **kwargs)
        response._csp_update = {"form-action": [context["origin"]]}  # type: ignore[attr-defined]  # read by django-csp
        return response

    def _led_back(self, actor: Actor, response: HttpResponse, location: str) -> HttpResponse:
        """Name the issuer (RFC 9207), so that a program is not led to mix up two of them; record what was granted."""
        answer = urlsplit(location).query
        if "code=" in answer or "error=" in answer:
            response["Location"] = add_query_params(location, {"iss": settings.PEGEL_ORIGIN})
        if "code=" in answer:
            note_connected(actor=actor, client_id=str(self._request_info["client_id"]), scopes=self._granted())
        return response

    def _granted(self) -> list[str]:
        return [scope for scope in BROAD_SCOPES if scope in self.request.POST.getlist("scopes")]


def _wrong_with(asked: dict[str, str]) -> str | None:
    """Return what is wrong with a request for consent, before anything else is made of it."""
    try:
        require_keepable(asked)
    except UnkeepableError:
        return "NUL"
    if asked.get("response_type") != "code":
        return "response_type=code"
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "code_challenge_method=S256"
    if "none" in asked.get("prompt", "").split():
        return "prompt=none"
    client = lookup_client(asked.get("client_id", ""))
    if client is None:
        return "client_id"
    if not set(asked.get("scope", "").split()) <= set(BROAD_SCOPES):
        return "scope"
    try:
        _narrow(client)
    except ValidationError as error:
        return str(error.message)
    client.save()
    return None


def _narrow(client: Client) -> None:
    """Give a program the scopes that there are, and refuse what Pegel does not grant."""
    if not set(client.get_grant_types()) <= set(GRANTS):
        raise ValidationError("grant_types must be authorization_code and refresh_token")
    if client.get_response_types() != ["code"]:
        raise ValidationError("response_types must be code")
    redirects = client.get_redirect_uris()
    if not 1 <= len(redirects) <= _MOST_REDIRECTS or not all(_may_lead_to(uri) for uri in redirects):
        raise ValidationError("redirect_uris must lead to this computer (http://127.0.0.1) or to a permitted host")
    client.set_grant_types(list(GRANTS))
    client.set_scopes(list(BROAD_SCOPES))
    client.set_default_scopes([BROAD_SCOPES[0]])


def _may_lead_to(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    if parts.fragment or parts.username or any(sign in uri for sign in "*\0\r\n\\ "):
        return False
    here = parts.scheme == "http" and host in _LOOPBACK
    return here or (parts.scheme == "https" and host in settings.PEGEL_OAUTH_HOSTS)


@login_not_required
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token."""
    if request.POST.get("grant_type") not in GRANTS:
        return _refused("unsupported_grant_type")
    return _guarded(request, views.token)


@login_not_required
@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token (RFC 7009)."""
    return _guarded(request, views.revoke)


@login_not_required
@csrf_exempt
@require_POST
def client_registration(request: HttpRequest) -> HttpResponse:
    """Let a program register itself (RFC 7591): what it may then do, each person decides for themselves."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > _MOST_REGISTRATION_BYTES:
        return _refused("invalid_client_metadata", status=413)
    try:
        require_keepable(json.loads(request.body))
    except (ValueError, RecursionError):
        return _refused("invalid_client_metadata")
    response: HttpResponse = views.client_registration(request)
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
def server_metadata(request: HttpRequest) -> JsonResponse:
    """Tell programs how to be granted tokens (RFC 8414)."""
    del request

    def at(name: str) -> str:
        return f"{settings.PEGEL_ORIGIN}{reverse(f'idp:oidc:{name}')}"

    return JsonResponse(
        {
            "issuer": settings.PEGEL_ORIGIN,
            "authorization_endpoint": at("authorization"),
            "token_endpoint": at("token"),
            "registration_endpoint": at("client_registration"),
            "revocation_endpoint": at("revoke"),
            "scopes_supported": list(BROAD_SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANTS),
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": bool(settings.PEGEL_OAUTH_HOSTS),
        },
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=3600"},
    )


def _guarded(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    try:
        require_keepable({name: request.POST.getlist(name) for name in request.POST})
        response = view(request)
    except UnkeepableError:
        return _refused("invalid_request")
    except ValidationError:
        return _refused("invalid_target")
    response["Cache-Control"] = "no-store"
    return response


def _refused(error: str, *, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": error}, status=status, headers={"Cache-Control": "no-store"})


_endpoints = (
    [
        path("identity/o/authorize", Consent.as_view(), name="authorization"),
        path("identity/o/api/token", token, name="token"),
        path("identity/o/api/revoke", revoke, name="revoke"),
        path("identity/o/api/clients", client_registration, name="client_registration"),
        path(".well-known/oauth-authorization-server", server_metadata, name="server_metadata"),
    ],
    "oidc",
)
#: Under the names by which allauth looks for its own addresses; the others of its addresses do not exist here.
oauth_urls: Final = ([path("", include(_endpoints))], "idp")
