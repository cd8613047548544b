"""What Pegel knows about the person who asks."""

from __future__ import annotations

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.privacy import queries, services
from pegel_web.privacy.contracts import PrivacyNotice
from pegel_web.privacy.plain import plain_data
from pegel_web.privacy.views.entry import roles_worded, what_looked_at
from pegel_web.privacy.views.law import law
from pegel_web.ui.components import Action, Column, EmptyState, Facts, Notice, PageHeader, exported, table_of
from pegel_web.ui.worded import language_now, worded


@require_safe
def privacy_notice(request: HttpRequest) -> HttpResponse:
    """Show what is kept about the reader, and who looked at their units."""
    found = queries.privacy_notice(actor=acting(request))
    table = table_of(
        request,
        identity="looks",
        caption=say("privacy.notice.looks", language_now(), days=found.access_days),
        columns=[
            Column(key="what", label=str(worded("privacy.access.what_column"))),
            Column(key="unit", label=str(worded("privacy.audit.unit"))),
            Column(key="role", label=str(worded("privacy.access.roles"))),
            Column(key="looks", label=str(worded("privacy.access.looks")), kind="number"),
            Column(key="last", label=str(worded("privacy.notice.last")), kind="date"),
        ],
        rows=[
            {
                "what": what_looked_at(one.what),
                "unit": one.unit_name,
                "role": roles_worded(one.role.split()),
                "looks": one.looks,
                "last": one.last_at,
            }
            for one in found.accesses
        ],
        empty=EmptyState(
            title=str(worded("privacy.notice.no_looks")), text=str(worded("privacy.notice.no_looks_text"))
        ),
    )
    if (file := exported(request, table)) is not None:
        return file
    page = {
        "header": PageHeader(
            title=worded("privacy.notice.title"),
            lead=worded("privacy.notice.lead"),
            actions=[
                Action(
                    label=str(worded("privacy.notice.export")),
                    href=reverse("export_own_data"),
                    kind="primary",
                    method="post",
                )
            ],
        ),
        "notice": _mode(found),
        "kept": Facts(
            pairs=[
                (str(worded("privacy.notice.pseudonym")), found.pseudonym),
                *((str(worded(f"privacy.kept.{name}")), _number(n)) for name, n in found.kept),
            ]
        ),
        "table": table,
        "rights": [worded(f"privacy.notice.right_{one}") for one in ("access", "erasure", "works_council")],
        "law": law("access", "erasure", "minimisation", "co_determination"),
    }
    return render(request, "privacy/notice.html", page)


@require_POST
def export_own_data(request: HttpRequest) -> HttpResponse:
    """Hand out everything as JSON."""
    found = services.export_own_data(actor=acting(request))
    text = json.dumps(plain_data(found), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return HttpResponse(
        text.encode("utf-8", "replace"),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="pegel-my-data.json"', "Cache-Control": "no-store"},
    )


def _number(n: int) -> str:
    return say("cli.number", language_now(), value=n)


def _mode(found: PrivacyNotice) -> Notice:
    if found.rules.works_council_mode:
        text = say("privacy.notice.mode_on_text", language_now(), n=found.rules.group_floor)
        return Notice(kind="good", title=str(worded("privacy.rules.is_on")), text=text)
    return Notice(
        kind="warning", title=str(worded("privacy.rules.is_off")), text=str(worded("privacy.notice.mode_off_text"))
    )
