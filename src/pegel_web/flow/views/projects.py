"""Over which projects a stream goes: looking, trying, saving."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.pages.projects import projects_page
from pegel_web.flow.projects_form import ProjectsForm, seen_in
from pegel_web.flow.queries.projects import stream_projects as projects_of_stream
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.flow.services import projects as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_http_methods(["GET", "HEAD", "POST"])
def stream_projects(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show over which projects a stream goes, what others would do, and save them."""
    actor = acting(request)
    found = projects_of_stream(actor=actor, stream_id=stream_id)
    sent = request.POST if request.method == "POST" else None
    text = (request.GET if sent is None else sent).get("q", "").replace("\0", "")[:200]
    form, wrong, status = ProjectsForm(sent, found=found, text=text), "", 200
    if sent is not None:
        if not found.may_change:
            raise NotAllowedError("not_allowed", permission=CHANGE)
        status = 422
        if form.is_valid():
            wanted = form.wanted(found)
            try:
                if "save" not in sent:
                    found = projects_of_stream(actor=actor, stream_id=stream_id, lake_names=wanted)
                    status = 200
                else:
                    services.set_stream_projects(
                        actor=actor, stream_id=stream_id, lake_names=wanted, seen=seen_in(sent)
                    )
                    messages.success(request, say("flow.projects.saved", language_now()))
                    return redirect("stream_projects", stream_id=stream_id)
            except UserError as error:
                told = explain(error, language_now())
                wrong = f"{told.says} {told.do}".strip()
    page = projects_page(request, found, form, text=text, wrong=wrong)
    for table in (page["table"], page["history"]):
        if (file := exported(request, table)) is not None:
            return file
    return render(request, "flow/projects.html", page, status=status)
