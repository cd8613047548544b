"""Pages of importing the organisation."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.core.errors import LimitedError
from pegel_web.organisation.contracts.structure_import import ImportReport
from pegel_web.organisation.forms.structure_import import ImportForm
from pegel_web.organisation.importing.reading import MOST_BYTES
from pegel_web.organisation.pages.structure_import import import_page, imports_table, reason_words
from pegel_web.organisation.queries import structure_import as queries
from pegel_web.organisation.services import import_confirmation
from pegel_web.organisation.services import structure_import as services
from pegel_web.organisation.views.entry import answered, status_of
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.components.export import defused
from pegel_web.ui.worded import language_now, worded

_W = "organisation.structure_import"


@require_http_methods(["GET", "POST"])
def structure_imports(request: HttpRequest) -> HttpResponse:
    """Offer a new import and show the past ones; an upload leads to its preview."""
    actor = acting(request)
    table = imports_table(request, queries.structure_imports(actor=actor))
    if (file := exported(request, table)) is not None:
        return file
    form = ImportForm(request.POST or None, request.FILES or None, actor=actor)
    if request.method == "POST":
        made = answered(form, _previewed, shown=(LimitedError,), actor=actor)
        if made is not None:
            return redirect("import_report", import_id=made.import_id)
    header = PageHeader(
        title=worded(f"{_W}.title"),
        lead=worded(f"{_W}.lead"),
        breadcrumbs=[(worded("organisation.units.title"), reverse("organisation_tree")), (worded(f"{_W}.title"), None)],
    )
    card = FormCard(form=form, submit_label=worded(f"{_W}.look"), title=worded(f"{_W}.new"))
    page = {"header": header, "tabs": None, "parts": [card, table]}
    return render(request, "organisation/parts.html", page, status=status_of(form))


@require_safe
def import_report(request: HttpRequest, *, import_id: UUID) -> HttpResponse:
    """Show what an import would do, or did; while it is done in the background, how far that is."""
    # A file holds all of what the page shows the first of.
    most = None if any(name.endswith(".export") for name in request.GET) else queries.MOST_LINES
    found = queries.import_report(actor=acting(request), import_id=import_id, most=most)
    page = import_page(request, found)
    response = exported(request, *page["tables"]) or render(request, "organisation/import.html", page)
    if request.headers.get("HX-Request") and found.state != "queued":
        # The bar that asked has nothing left to show: the page is loaded anew, with the report.
        response["HX-Refresh"] = "true"
    return response


@require_POST
def confirm_import(request: HttpRequest, *, import_id: UUID) -> HttpResponse:
    """Do what was shown; the page of the import then shows the report, or how far it is."""
    seen = request.POST.get("seen", "")
    found = import_confirmation.confirm_import(actor=acting(request), import_id=import_id, seen=seen)
    if found.state == "confirmed":
        messages.success(request, worded(f"{_W}.confirmed"))
    return redirect("import_report", import_id=import_id)


@require_POST
def refresh_import(request: HttpRequest, *, import_id: UUID) -> HttpResponse:
    """Look at it again, against the organisation as it is now."""
    services.refresh_import(actor=acting(request), import_id=import_id)
    return redirect("import_report", import_id=import_id)


@require_POST
def discard_import(request: HttpRequest, *, import_id: UUID) -> HttpResponse:
    """Forget a preview."""
    services.discard_import(actor=acting(request), import_id=import_id)
    messages.success(request, worded(f"{_W}.discarded"))
    return redirect("structure_imports")


@require_safe
def rejected_rows(request: HttpRequest, *, import_id: UUID, kind: str) -> HttpResponse:
    """Return the refused rows as a file that can be corrected and imported."""
    language = language_now()
    columns, rows = queries.rejected_rows(actor=acting(request), import_id=import_id, kind=kind)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([*columns, "row", "problem"])
    for one in rows:
        cells = dict(one.cells)
        values = [*(cells.get(name, "") for name in columns), str(one.row), reason_words(one, language)]
        writer.writerow([defused(value) for value in values])
    content = ("\ufeff" + buffer.getvalue()).encode("utf-8", "replace")
    name = f'attachment; filename="pegel-{kind}.csv"'
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _previewed(*, actor: Actor, file: Any, **asked: Any) -> ImportReport:
    # An uploaded file; one byte more than is permitted is enough to refuse it.
    return services.preview_import(actor=actor, content=file.read(MOST_BYTES + 1), file_name=file.name or "", **asked)
