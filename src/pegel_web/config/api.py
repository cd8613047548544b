"""The REST interface: who may come in, and the routers of all apps. Each app adds its lines at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from ninja.security import HttpBearer
from ninja.security.session import SessionAuth

from pegel_web.core.actor import Actor, Through
from pegel_web.core.address import client_address
from pegel_web.core.entry import acting
from pegel_web.core.problems import language_of
from pegel_web.core.rest import PegelApi
from pegel_web.flow.api import router as flow_router
from pegel_web.flow.api_events import router as events_router
from pegel_web.flow.api_stalls import router as stalls_router
from pegel_web.ingestion.api import router as ingestion_router
from pegel_web.jobs.api import router as jobs_router
from pegel_web.notifications.api import mail_router
from pegel_web.notifications.api import router as notifications_router
from pegel_web.organisation.api import (
    coverage,
    decisions,
    delegations,
    frame,
    home,
    people,
    platforms,
    responsibilities,
    roles,
    structure_import,
    tokens,
    units,
)
from pegel_web.organisation.services.token_use import actor_of_token
from pegel_web.pickup.api import router as pickup_router
from pegel_web.portfolio.api import case_import as portfolio_import
from pegel_web.portfolio.api import case_templates as portfolio_templates
from pegel_web.portfolio.api import gates as portfolio_gates
from pegel_web.portfolio.api import inventory_export as portfolio_inventory
from pegel_web.portfolio.api import progress as portfolio_progress
from pegel_web.portfolio.api import scoring as portfolio_scoring
from pegel_web.portfolio.api import use_cases as portfolio_use_cases
from pegel_web.privacy.api import router as privacy_router
from pegel_web.search.api import router as search_router


class TokenAuth(HttpBearer):
    """A personal or service token: ``Authorization: Bearer pegel_…``."""

    openapi_description = "A token from the page “Access tokens”."

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Put the actor behind the token on the request."""
        actor = actor_of_token(
            secret=token,
            address=client_address(request.META, settings.ALLAUTH_TRUSTED_PROXY_COUNT),
            at=datetime.now(UTC),
            through=Through.API,
            request_id=request.request_id,  # type: ignore[attr-defined]  # set by the middleware
            language=language_of(request),
        )
        request.actor = actor  # type: ignore[attr-defined]  # read by the operations
        return actor


class SignedIn(SessionAuth):
    """The session of a browser; what changes something also carries the token against forged requests."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Put the actor of the session on the request, as one who comes through the API."""
        if not request.user.is_authenticated:
            return None
        by_page = acting(request)
        # The actor on the request is a lazy stand-in, which is no dataclass to `dataclasses.replace`.
        same = {field.name: getattr(by_page, field.name) for field in fields(Actor)}
        actor = Actor(**{**same, "through": Through.API, "language": language_of(request)})
        request.actor = actor  # type: ignore[attr-defined]  # read by the operations
        return actor


api: Final = PegelApi(
    title="Pegel",
    version="1",
    description="What the pages of Pegel do, for programs: the same rights, the same rules, the same answers.",
    auth=[TokenAuth(), SignedIn()],
    urls_namespace="api",
)

# One line per router: api.add_router("", router) with addresses such as "/units" in it.
api.add_router("", tokens.router)
for structure in (units, people, roles, structure_import, coverage):
    api.add_router("", structure.router)
for shared in (home, decisions, delegations, frame, responsibilities, platforms):
    api.add_router("", shared.router)
api.add_router("", jobs_router)
api.add_router("", notifications_router)
api.add_router("", mail_router)
api.add_router("", flow_router)
api.add_router("", events_router)
api.add_router("", stalls_router)
api.add_router("", ingestion_router)
api.add_router("", pickup_router)
for steered in (
    portfolio_progress, portfolio_use_cases, portfolio_gates, portfolio_scoring, portfolio_import, portfolio_inventory,
    portfolio_templates,
):  # fmt: skip
    api.add_router("", steered.router)
api.add_router("", privacy_router)
api.add_router("", search_router)


def api_urls() -> tuple[list[Any], str, str]:
    """Return the addresses of the interface; who is not signed in gets a problem, not the sign-in page."""
    patterns, app_name, namespace = api.urls
    for pattern in _patterns(patterns):
        login_not_required(pattern.callback)
    return patterns, app_name, namespace


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLPattern):
            yield one
