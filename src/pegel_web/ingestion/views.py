"""The pages of brought files: the list with the way in, and one page per file from the upload to the report."""

from __future__ import annotations

import csv
import io
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel.words.names import reason_text
from pegel_web.core.entry import acting
from pegel_web.core.errors import LimitedError, NotAllowedError
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.flow.queries.units import units_to_choose
from pegel_web.ingestion import queries, services
from pegel_web.ingestion.contracts import Reading
from pegel_web.ingestion.forms import BringForm, ReadingForm
from pegel_web.ingestion.pages import file_page, files_table, rejects_note, tools
from pegel_web.jobs.pages import job_progress
from pegel_web.jobs.queries import job_report
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.components.export import defused
from pegel_web.ui.worded import language_now

_W: Final = "ingestion"


@require_http_methods(["GET", "POST"])
def brought_files(request: HttpRequest) -> HttpResponse:
    """Offer to bring a file, and show those that were brought."""
    actor, language = acting(request), language_now()
    if not actor.has(CHANGE):
        raise NotAllowedError("not_allowed", permission=CHANGE)
    table = files_table(request, queries.brought_files(actor=actor))
    if (file := exported(request, table)) is not None:
        return file
    units = [(str(unit), f"{'— ' * depth}{name}") for unit, depth, name in units_to_choose(actor=actor)]
    form = BringForm(request.POST or None, request.FILES or None, units=units)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            made = services.bring_file(
                actor=actor,
                unit_id=UUID(form.cleaned_data["unit"]),
                file_name=sent.name or "",
                parts=sent.chunks(),
                reading=Reading(stream=form.cleaned_data["stream"]),
            )
        except UserError as error:
            if isinstance(error, NotAllowedError):
                raise
            words = explain(error, language)
            form.add_error("stream" if error.code == "stream_name_unusable" else "file", f"{words.says} {words.do}")
        else:
            return redirect("brought_file", file_id=made.line.id)
    trail = ((say("flow.overview.title", language), reverse("streams")), (say(f"{_W}.title", language), None))
    page = {
        "title": say(f"{_W}.title", language),
        "header": PageHeader(title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), breadcrumbs=trail),
        "form": FormCard(form=form, submit_label=say(f"{_W}.action.bring", language)),
        "tools": tools(),
        "table": table,
    }
    return render(request, "ingestion/files.html", page, status=422 if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "POST"])
def brought_file(request: HttpRequest, *, file_id: UUID) -> HttpResponse:
    """Show a file in the state it is in; a form that is sent says how it is to be read."""
    actor, language = acting(request), language_now()
    found = queries.brought_file(actor=actor, file_id=file_id)
    form = ReadingForm(request.POST or None, report=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.read_anew(actor=actor, file_id=file_id, reading=form.reading())
        except LimitedError as error:
            form.add_error(None, explain(error, language).says)
        else:
            return redirect("brought_file", file_id=file_id)
    page = file_page(request, found)
    if (file := exported(request, *page["tables"])) is not None:
        return file
    if page["working"] and found.job_id is not None:
        here = reverse("brought_file", args=[file_id])
        page["progress"] = job_progress(job_report(actor=actor, job_id=found.job_id), href=here)
    if page["may_read_anew"]:
        page["form"] = FormCard(
            form=form, submit_label=say(f"{_W}.action.read_anew", language), title=say(f"{_W}.reading", language)
        )
        # Who is asked something has it open at once.
        page["form_open"] = found.line.state != "ready" or form.is_bound
    page["rejects_note"] = rejects_note(found, language)
    response = render(request, "ingestion/file.html", page, status=422 if form.is_bound and form.errors else 200)
    if request.headers.get("HX-Request") and not page["working"]:
        # It asked for progress, and there is more than that to show now.
        response["HX-Refresh"] = "true"
    return response


@require_POST
def confirm_brought(request: HttpRequest, *, file_id: UUID) -> HttpResponse:
    """Import a file as it was shown."""
    services.confirm_file(actor=acting(request), file_id=file_id, seen=request.POST.get("seen", ""))
    return redirect("brought_file", file_id=file_id)


@require_POST
def discard_brought(request: HttpRequest, *, file_id: UUID) -> HttpResponse:
    """Forget a file."""
    services.discard_file(actor=acting(request), file_id=file_id)
    messages.success(request, say(f"{_W}.done.discarded", language_now()))
    return redirect("brought_files")


@require_POST
def undo_brought(request: HttpRequest, *, file_id: UUID) -> HttpResponse:
    """Take the import of a file back."""
    services.undo_import(actor=acting(request), file_id=file_id)
    return redirect("brought_file", file_id=file_id)


@require_safe
def brought_rejects(request: HttpRequest, *, file_id: UUID) -> HttpResponse:
    """Return the rows that cannot be used, with the reason, as CSV."""
    language = language_now()
    rows = queries.rejected_rows(actor=acting(request), file_id=file_id)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if language == "de" else ",", lineterminator="\r\n")
    writer.writerow([say(f"{_W}.reject.{one}", language) for one in ("row", "reason", "detail")])
    writer.writerows([one.row, reason_text(one.reason, language), defused(one.detail)] for one in rows)
    content = ("\ufeff" + buffer.getvalue()).encode("utf-8", "replace")
    name = 'attachment; filename="pegel-rejected.csv"'
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
