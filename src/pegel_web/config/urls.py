"""Addresses: each app brings its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("pegel_web.organisation.urls")),
    path("", include("pegel_web.ui.urls")),
    path("", include("pegel_web.jobs.urls")),
    path("", include("pegel_web.search.urls")),
    path("", include("pegel_web.privacy.urls")),
    path("", include("pegel_web.flow.urls")),
    path("account/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
]
