"""Addresses of the organisation."""

from __future__ import annotations

from django.urls import path

from pegel_web.organisation.views.home import home

urlpatterns = [path("", home, name="home")]
