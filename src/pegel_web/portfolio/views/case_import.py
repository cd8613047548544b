"""Pages of importing use cases."""

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

from pegel_web.core.entry import acting
from pegel_web.core.errors import LimitedError
from pegel_web.organisation.views.entry import answered, status_of
from pegel_web.portfolio.contracts.case_import import CaseImportReport
from pegel_web.portfolio.forms.case_import import CaseImportForm
from pegel_web.portfolio.importing.inventory_reading import MOST_BYTES
from pegel_web.portfolio.pages.case_import import import_page, imports_table, refusal_words
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.portfolio.queries import case_import as queries
from pegel_web.portfolio.services import case_import as services
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.components.export import defused
from pegel_web.ui.worded import language_now, worded

_W = "portfolio.import"


@require_http_methods(["GET", "POST"])
def case_imports(request: HttpRequest) -> HttpResponse:
    """Offer a new import and show the past ones; an upload leads to its preview."""
    actor = acting(request)
    table = imports_table(request, queries.case_imports(actor=actor))
    if (file := exported(request, table)) is not None:
        return file
    form = CaseImportForm(request.POST or None, request.FILES or None, actor=actor)
    if request.method == "POST":
        made = answered(form, _previewed, shown=(LimitedError,), actor=actor)
        if made is not None:
            return redirect("case_import", case_import_id=made.case_import_id)
    title = worded(f"{_W}.title")
    header = PageHeader(title=title, lead=worded(f"{_W}.lead"), breadcrumbs=[*trail(), (title, None)])
    card = FormCard(form=form, submit_label=worded(f"{_W}.look"), title=worded(f"{_W}.new"))
    page = {"header": header, "tabs": None, "parts": [card, table]}
    return render(request, "organisation/parts.html", page, status=status_of(form))


@require_safe
def case_import(request: HttpRequest, *, case_import_id: UUID) -> HttpResponse:
    """Show what an import would do, or did; while it is done in the background, how far that is."""
    # A file holds all of what the page shows the first of.
    most = None if any(name.endswith(".export") for name in request.GET) else queries.MOST_LINES
    found = queries.case_import(actor=acting(request), case_import_id=case_import_id, most=most)
    page = import_page(request, found)
    response = exported(request, *page["tables"]) or render(request, "portfolio/import.html", page)
    if request.headers.get("HX-Request") and found.state != "queued":
        # The bar that asked has nothing left to show: the page is loaded anew, with the report.
        response["HX-Refresh"] = "true"
    return response


@require_POST
def map_case_import(request: HttpRequest, *, case_import_id: UUID) -> HttpResponse:
    """Say what the columns mean, and look again."""
    actor = acting(request)
    found = queries.case_import(actor=actor, case_import_id=case_import_id, most=0)
    mapping = {
        one.header: request.POST[f"column-{place}"]
        for place, one in enumerate(found.columns)
        if f"column-{place}" in request.POST
    }
    services.map_case_import(actor=actor, case_import_id=case_import_id, mapping=mapping)
    return redirect("case_import", case_import_id=case_import_id)


@require_POST
def confirm_case_import(request: HttpRequest, *, case_import_id: UUID) -> HttpResponse:
    """Do what was shown; the page of the import then shows the report, or how far it is."""
    seen = request.POST.get("seen", "")
    found = services.confirm_case_import(actor=acting(request), case_import_id=case_import_id, seen=seen)
    if found.state == "confirmed":
        messages.success(request, worded(f"{_W}.confirmed"))
    return redirect("case_import", case_import_id=case_import_id)


@require_POST
def discard_case_import(request: HttpRequest, *, case_import_id: UUID) -> HttpResponse:
    """Forget a preview."""
    services.discard_case_import(actor=acting(request), case_import_id=case_import_id)
    messages.success(request, worded(f"{_W}.discarded"))
    return redirect(reverse("case_imports"))


@require_safe
def refused_case_rows(request: HttpRequest, *, case_import_id: UUID) -> HttpResponse:
    """Return the refused rows as a file that can be corrected and imported."""
    language = language_now()
    rows = queries.refused_case_rows(actor=acting(request), case_import_id=case_import_id)
    columns = list(dict.fromkeys(name for one in rows for name, _ in one.cells))
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([defused(name) for name in (*columns, "pegel_row", "pegel_problem")])
    for one in rows:
        cells = dict(one.cells)
        values = [*(cells.get(name, "") for name in columns), str(one.row), refusal_words(one, language)]
        writer.writerow([defused(value) for value in values])
    content = ("\ufeff" + buffer.getvalue()).encode("utf-8", "replace")
    name = 'attachment; filename="pegel-refused-use-cases.csv"'
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _previewed(*, file: Any, **asked: Any) -> CaseImportReport:
    # An uploaded file; one byte more than is permitted is enough to refuse it.
    return services.preview_case_import(content=file.read(MOST_BYTES + 1), file_name=file.name or "", **asked)
