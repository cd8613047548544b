"""Addresses of this app."""

from __future__ import annotations

from django.urls import path

from pegel_web.ui.views.gallery import gallery
from pegel_web.ui.views.preferences import choose_language, choose_theme
from pegel_web.ui.views.stills import still_chart

urlpatterns = [
    path("ui/", gallery, name="gallery"),
    path("ui/language", choose_language, name="choose_language"),
    path("ui/charts/<slug:name>.svg", still_chart, name="still_chart"),
    path("ui/theme", choose_theme, name="choose_theme"),
]
