"""Addresses of this app."""

from __future__ import annotations

from django.urls import path

from pegel_web.search.views import search

urlpatterns = [path("search", search, name="search")]
