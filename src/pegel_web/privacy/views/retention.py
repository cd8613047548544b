"""How long things are kept, and what would go now."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.privacy import queries, services
from pegel_web.privacy.forms import DaysForm
from pegel_web.privacy.installation import erased_people
from pegel_web.privacy.statements import retention_kinds
from pegel_web.privacy.views.entry import answered, privacy_tabs, status_of
from pegel_web.privacy.views.law import law
from pegel_web.ui.components import Column, EmptyState, FormCard, PageHeader, exported, table_of
from pegel_web.ui.worded import language_now, worded


@require_safe
def retention_preview(request: HttpRequest) -> HttpResponse:
    """Show each kind with its period and what would go now."""
    actor = acting(request)
    may_change = actor.allows("privacy.settings.change")
    table = table_of(
        request,
        identity="retention",
        caption=str(worded("privacy.retention.caption")),
        columns=[
            Column(key="kind", label=str(worded("privacy.retention.kind")), href_key="href"),
            Column(key="means", label=str(worded("privacy.retention.what")), sortable=False),
            Column(key="days", label=str(worded("privacy.retention.days")), kind="number"),
            Column(key="range", label=str(worded("privacy.retention.range")), sortable=False),
            Column(key="before", label=str(worded("privacy.retention.before")), kind="date"),
            Column(key="due", label=str(worded("privacy.retention.due")), kind="number"),
        ],
        rows=[
            {
                "kind": str(worded(f"privacy.retention.{one.kind}.name")),
                "means": str(worded(f"privacy.retention.{one.kind}.means")),
                "href": reverse("change_retention", args=[one.kind]) if may_change else None,
                "days": one.days,
                "range": say("privacy.retention.between", language_now(), least=one.least, most=one.most),
                "before": one.before,
                "due": one.due,
            }
            for one in queries.retention_preview(actor=actor, erased=erased_people())
        ],
        empty=EmptyState(title="", text=""),
    )
    if (file := exported(request, table)) is not None:
        return file
    page = {
        "header": PageHeader(title=worded("privacy.retention.title"), lead=worded("privacy.retention.lead")),
        "tabs": privacy_tabs(request),
        "parts": [table],
        "notes": [worded("privacy.retention.note_audit"), worded("privacy.retention.note_lake")],
        "law": law("storage_limitation"),
    }
    return render(request, "privacy/parts.html", page)


@require_http_methods(["GET", "POST"])
def change_retention(request: HttpRequest, *, kind: str) -> HttpResponse:
    """Choose how long a kind is kept."""
    known = retention_kinds().get(kind)
    if known is None:
        raise Http404
    actor = acting(request)
    actor.require("privacy.settings.change")
    now = {one.kind: one.days for one in queries.retention_preview(actor=actor, erased=erased_people())}
    form = DaysForm(request.POST or None, initial={"days": now[kind]})
    form.fields["days"].help_text = say(
        "privacy.retention.days_help", language_now(), least=known.least, most=known.most, default=known.default
    )
    if request.method == "POST" and answered(form, services.change_retention, actor=actor, kind=kind) is not None:
        messages.success(request, worded("privacy.retention.changed"))
        return redirect("retention_preview")
    name, back = worded(f"privacy.retention.{kind}.name"), reverse("retention_preview")
    page = {
        "header": PageHeader(
            title=name,
            lead=worded(f"privacy.retention.{kind}.means"),
            breadcrumbs=[(worded("privacy.retention.title"), back), (name, None)],
        ),
        "parts": [FormCard(form=form, submit_label=worded("privacy.form.save"), cancel_href=back)],
        "notes": [worded(f"privacy.retention.{kind}.why")],
    }
    return render(request, "privacy/parts.html", page, status=status_of(form))
