"""Two selections of a stream next to each other."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel_web.core.entry import acting
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.pages.side_by_side import side_by_side_page
from pegel_web.flow.queries.selection import selection_choices
from pegel_web.flow.selection_form import selection_of
from pegel_web.flow.services import side_by_side as services
from pegel_web.flow.views.progress import asked_job, ended, waiting
from pegel_web.ui.components import exported

#: What is compared with where nobody has said.
_YEAR = Selection(period="52w")


@require_GET
def side_by_side(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show two selections; the usual period beside the year where nobody has said which."""
    actor = acting(request)
    job = asked_job(request, actor)
    if job is not None and not job.open:
        return ended(request, job)
    said = any(name.startswith("with_") for name in request.GET)
    first, second = selection_of(request.GET), selection_of(request.GET, "with_") if said else _YEAR
    found = services.side_by_side(actor=actor, stream_id=stream_id, first=first, second=second)
    computing = found.first.job or found.second.job
    if (elsewhere := waiting(request, job, computing)) is not None:
        return elsewhere
    choices = (
        selection_choices(actor=actor, stream_id=stream_id, selection=first),
        selection_choices(actor=actor, stream_id=stream_id, selection=second),
    )
    page = side_by_side_page(request, found, choices, computing)
    if page["table"] is not None and (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/side_by_side.html", page)
