"""The access log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.privacy import services
from pegel_web.privacy.contracts import AccessCount, AccessReport
from pegel_web.privacy.views.entry import (
    asked,
    asked_day,
    asked_id,
    privacy_tabs,
    roles_worded,
    through_worded,
    what_looked_at,
)
from pegel_web.privacy.views.law import law
from pegel_web.ui.components import Column, EmptyState, Figure, FigureRow, PageHeader, Table, exported, table_of
from pegel_web.ui.worded import language_now, worded


@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """Show who looked at what; this look is noted, too."""
    found = services.read_access_log(
        actor=acting(request),
        what=asked(request, "what"),
        unit=asked_id(request, "unit"),
        role=asked(request, "role"),
        since=asked_day(request, "since"),
        until=asked_day(request, "until", end=True),
    )
    tables = [
        _lines(request, found),
        _counts(request, "what", [(what_looked_at(one.key), one) for one in found.by_what]),
        _counts(request, "unit", [(one.key or str(worded("privacy.access.whole")), one) for one in found.by_unit]),
        _counts(request, "role", [(roles_worded([one.key]) if one.key else "–", one) for one in found.by_role]),
    ]
    if (file := exported(request, *tables)) is not None:
        return file
    page = {
        "header": PageHeader(
            title=worded("privacy.access.title"),
            lead=say("privacy.access.lead", language_now(), days=found.kept_days),
        ),
        "tabs": privacy_tabs(request),
        "figures": FigureRow(
            figures=[
                Figure(label=str(worded("privacy.access.looks")), value=found.total),
                Figure(label=str(worded("privacy.access.people")), value=found.people),
                Figure(label=str(worded("privacy.access.things")), value=len(found.by_what)),
            ]
        ),
        "asked": {name: asked(request, name) for name in ("what", "role", "since", "until")},
        "whats": [(one.key, what_looked_at(one.key)) for one in found.by_what],
        "roles": [(one.key, roles_worded([one.key])) for one in found.by_role if one.key],
        "tables": tables,
        "law": law("works_council_watches", "storage_limitation"),
    }
    return render(request, "privacy/access_log.html", page)


def _lines(request: HttpRequest, found: AccessReport) -> Table:
    return table_of(
        request,
        identity="looks",
        caption=str(worded("privacy.access.each")),
        columns=[
            Column(key="at", label=str(worded("privacy.audit.at")), kind="datetime"),
            Column(key="who", label=str(worded("privacy.audit.who"))),
            Column(key="roles", label=str(worded("privacy.access.roles"))),
            Column(key="what", label=str(worded("privacy.access.what_column"))),
            Column(key="unit", label=str(worded("privacy.audit.unit"))),
            Column(key="through", label=str(worded("privacy.audit.through"))),
        ],
        rows=[
            {
                "at": one.at,
                "who": one.who or str(worded("privacy.audit.who_forgotten")),
                "roles": roles_worded(one.roles),
                "what": what_looked_at(one.what),
                "unit": one.unit_name or str(worded("privacy.access.whole")),
                "through": through_worded(one.through),
            }
            for one in found.lines
        ],
        empty=EmptyState(title=str(worded("privacy.access.none")), text=str(worded("privacy.access.none_text"))),
    )


def _counts(request: HttpRequest, by: str, rows: list[tuple[str, AccessCount]]) -> Table:
    return table_of(
        request,
        identity=f"by_{by}",
        caption=str(worded(f"privacy.access.by_{by}")),
        columns=[
            Column(key="key", label=str(worded(f"privacy.access.{by}_column"))),
            Column(key="looks", label=str(worded("privacy.access.looks")), kind="number"),
            Column(key="people", label=str(worded("privacy.access.people")), kind="number"),
        ],
        rows=[{"key": key, "looks": one.looks, "people": one.people} for key, one in rows],
        empty=EmptyState(title=str(worded("privacy.access.none")), text=str(worded("privacy.access.none_text"))),
        page_size=10,
    )
