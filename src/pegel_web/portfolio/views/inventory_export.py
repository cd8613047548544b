"""The inventory of use cases as a file."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pegel_web.core.entry import acting
from pegel_web.organisation.views.entry import asked_id
from pegel_web.portfolio.inventory_files import InventoryForm, inventory_file
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries import case_pages as queries


@require_safe
def case_inventory(request: HttpRequest) -> HttpResponse:
    """Return everything that is written about the chosen use cases, as CSV, XLSX or JSON."""
    state, form = request.GET.get("state", ""), request.GET.get("form", "csv")
    found = queries.case_inventory(
        actor=acting(request),
        state=CaseState(state) if state in set(map(str, CaseState)) else None,
        unit_id=asked_id(request, "unit"),
        text=request.GET.get("text", "")[:200],
    )
    return inventory_file(cast(InventoryForm, form if form in {"csv", "xlsx", "json"} else "csv"), found)
