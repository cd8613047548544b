"""Addresses: each app brings its own."""

from __future__ import annotations

from django.urls import include, path

from pegel_web.config.api import api_urls
from pegel_web.config.oauth import oauth_urls

urlpatterns = [
    path("api/v1/", api_urls()),
    path("", include("pegel_web.organisation.urls")),
    path("", include("pegel_web.ui.urls")),
    path("", include("pegel_web.jobs.urls")),
    path("", include("pegel_web.search.urls")),
    path("", include("pegel_web.notifications.urls")),
    path("", include("pegel_web.privacy.urls")),
    path("", include("pegel_web.flow.urls")),
    path("", include("pegel_web.ingestion.urls")),
    path("", include("pegel_web.pickup.urls")),
    path("", include("pegel_web.portfolio.urls")),
    path("account/", include("allauth.urls")),
    path("", include(oauth_urls)),
]

handler400 = "pegel_web.ui.errors.bad_request"
handler403 = "pegel_web.ui.errors.refused"
handler404 = "pegel_web.ui.errors.not_found"
handler500 = "pegel_web.ui.errors.failed"
