"""Addresses: each app brings its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("pegel_web.organisation.urls")),
    path("account/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
]
