"""The still drawing of a chart, as an image."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from pegel_web.ui.stills import still


def still_chart(request: HttpRequest, name: str) -> HttpResponse:
    """Show a chart that this person has on a page."""
    drawn = still(name, reader=str(request.user.pk), dark="dark" in request.GET)
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})
