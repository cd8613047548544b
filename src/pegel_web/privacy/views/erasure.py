"""Forgetting a person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.privacy import services
from pegel_web.privacy.contracts import Erasure
from pegel_web.privacy.forms import ErasureForm
from pegel_web.privacy.installation import erased_people
from pegel_web.privacy.services.erasure import REMAINING
from pegel_web.privacy.views.entry import answered, asked, privacy_tabs, status_of, wording
from pegel_web.privacy.views.law import law
from pegel_web.ui.components import Column, EmptyState, FormCard, Notice, PageHeader, table_of
from pegel_web.ui.worded import worded


@require_safe
def people_to_forget(request: HttpRequest) -> HttpResponse:
    """Find the person who is to be forgotten."""
    text = asked(request, "q")
    found = services.people_to_forget(actor=acting(request), text=text)
    code = "privacy.erasure.none_found" if text else "privacy.erasure.none_asked"
    table = table_of(
        request,
        identity="people",
        caption=str(worded("privacy.erasure.found")),
        columns=[
            Column(key="name", label=str(worded("privacy.erasure.name")), href_key="href"),
            Column(key="pseudonym", label=str(worded("privacy.erasure.pseudonym"))),
            Column(key="kind", label=str(worded("privacy.erasure.kind"))),
        ],
        rows=[
            {
                "name": one.name or one.pseudonym,
                "href": reverse("erase_person", args=[one.person_id]),
                "pseudonym": one.pseudonym,
                "kind": wording(f"privacy.erasure.kind_{one.kind}", one.kind),
            }
            for one in found
        ],
        empty=EmptyState(title=str(worded(code)), text=str(worded(f"{code}_text"))),
    )
    page = {
        "header": PageHeader(title=worded("privacy.erasure.title"), lead=worded("privacy.erasure.lead")),
        "tabs": privacy_tabs(request),
        "text": text,
        "table": table,
        "goes": [worded(f"privacy.goes.{one}") for one in ("identity", "account", "rights", "audit", "backups")],
        "remains": [worded(f"privacy.remaining.{one}") for one in REMAINING],
        "law": law("erasure", "storage_limitation"),
    }
    return render(request, "privacy/erasure.html", page)


@require_http_methods(["GET", "POST"])
def erase_person(request: HttpRequest, *, person_id: UUID) -> HttpResponse:
    """Ask once more, then forget."""
    actor = acting(request)
    pseudonym = services.person_shown_for_erasure(actor=actor, person_id=person_id)
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and answered(form, _erase, actor=actor, person_id=person_id) is not None:
        messages.success(request, worded("privacy.erasure.done"))
        return redirect("erasure")
    title, back = worded("privacy.erasure.forget", pseudonym=pseudonym), reverse("erasure")
    page = {
        "header": PageHeader(title=title, breadcrumbs=[(worded("privacy.erasure.title"), back), (title, None)]),
        "parts": [
            Notice(
                kind="bad",
                title=str(worded("privacy.erasure.for_good")),
                text=str(worded("privacy.erasure.for_good_text")),
            ),
            FormCard(form=form, submit_label=worded("privacy.erasure.do"), cancel_href=back, danger=True),
        ],
        "notes_title": worded("privacy.erasure.remains"),
        "notes": [worded(f"privacy.remaining.{one}") for one in REMAINING],
    }
    return render(request, "privacy/parts.html", page, status=status_of(form))


def _erase(*, actor: Actor, person_id: UUID, reason: str, sure: bool) -> Erasure:
    del sure  # the form has asked for it
    return services.erase_person(actor=actor, person_id=person_id, reason=reason, erased=erased_people())
