"""The gallery at ``/ui/``: what pages are made of, alive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pegel_web.ui.components import exported
from pegel_web.ui.gallery.charts import charts
from pegel_web.ui.gallery.forms import form_cards
from pegel_web.ui.gallery.specimens import Specimen, specimens
from pegel_web.ui.gallery.tables import tables


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    shown_tables = tables(request)
    if (file := exported(request, *shown_tables)) is not None:
        return file
    return render(
        request,
        "ui/gallery.html",
        {
            "specimens": [
                *specimens(request),
                Specimen("table_of, exported", shown_tables),
                Specimen("FormCard", form_cards(request)),
                Specimen("Chart", charts(request)),
            ]
        },
    )
