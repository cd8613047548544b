"""The record of processing activities."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.privacy import queries, services
from pegel_web.privacy.contracts import Activity, ProcessingRecord
from pegel_web.privacy.forms import ContactsForm
from pegel_web.privacy.installation import installation
from pegel_web.privacy.views.entry import answered, privacy_tabs, status_of
from pegel_web.privacy.views.law import law
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    FormCard,
    Missing,
    PageHeader,
    exported,
    table_of,
)
from pegel_web.ui.worded import language_now, worded

_CONTACTS = ("controller", "joint_controllers", "representative", "data_protection_officer")


@require_safe
def processing_record(request: HttpRequest) -> HttpResponse:
    """Show the record, ready to be printed."""
    found = queries.processing_record(actor=acting(request), installation=installation())
    columns = ("activity", "purpose", "subjects", "data", "recipients", "third_countries", "kept")
    table = table_of(
        request,
        identity="record",
        caption=str(worded("privacy.record.activities")),
        columns=[Column(key=one, label=str(worded(f"privacy.record.{one}")), sortable=False) for one in columns],
        rows=[_row(one) for one in found.activities],
        empty=EmptyState(title="", text=""),
    )
    if (file := exported(request, table)) is not None:
        return file
    actions = [Action(label=str(worded("privacy.record.csv")), href="?record.export=csv")]
    if found.may_change:
        actions.insert(
            0, Action(label=str(worded("privacy.record.change")), href=reverse("change_contacts"), kind="primary")
        )
    page = {
        "header": PageHeader(title=worded("privacy.record.title"), lead=worded("privacy.record.lead"), actions=actions),
        "tabs": privacy_tabs(request),
        "contacts": _contacts(found),
        "activities": [_facts(one) for one in found.activities],
        "measures": Facts(
            pairs=[
                (
                    str(worded(f"privacy.measure.{code}")),
                    Badge(
                        text=str(worded("privacy.measure_there" if there else "privacy.measure_missing")),
                        tone="good" if there else "warning",
                    ),
                )
                for code, there in found.measures
            ]
        ),
        "at": found.at,
        "law": law("processing_record"),
    }
    return render(request, "privacy/record.html", page)


@require_http_methods(["GET", "POST"])
def change_contacts(request: HttpRequest) -> HttpResponse:
    """Write down who answers for the processing."""
    actor = acting(request)
    actor.require("privacy.record.change")
    known = queries.processing_record(actor=actor, installation=installation()).contacts
    form = ContactsForm(request.POST or None, initial=asdict(known))
    if request.method == "POST" and answered(form, services.change_contacts, actor=actor) is not None:
        messages.success(request, worded("privacy.record.changed"))
        return redirect("processing_record")
    title, back = worded("privacy.record.change"), reverse("processing_record")
    page = {
        "header": PageHeader(title=title, breadcrumbs=[(worded("privacy.record.title"), back), (title, None)]),
        "parts": [FormCard(form=form, submit_label=worded("privacy.form.save"), cancel_href=back)],
        "notes": [worded("privacy.record.contacts_note")],
    }
    return render(request, "privacy/parts.html", page, status=status_of(form))


def _contacts(found: ProcessingRecord) -> Facts:
    return Facts(
        pairs=[
            (str(worded(f"privacy.form.{name}")), _one_line(getattr(found.contacts, name)) or Missing.NOT_CONFIGURED)
            for name in _CONTACTS
        ]
    )


def _one_line(text: str) -> str:
    return ", ".join(line.strip().removesuffix(",") for line in text.splitlines() if line.strip())


def _row(one: Activity) -> dict[str, object]:
    base = f"privacy.activity.{one.id}"
    return {
        "activity": str(worded(f"{base}.name")),
        **{part: str(worded(f"{base}.{part}")) for part in ("purpose", "subjects", "data")},
        "recipients": str(worded("privacy.record.recipients_none")),
        "third_countries": str(worded("privacy.record.third_countries_none")),
        "kept": str(worded(f"{base}.kept")) if one.days is None else say(f"{base}.kept", language_now(), days=one.days),
    }


def _facts(one: Activity) -> tuple[str, Facts]:
    row = _row(one)
    names = ("purpose", "subjects", "data", "recipients", "third_countries", "kept")
    pairs: list[tuple[str, object]] = [(str(worded(f"privacy.record.{name}")), row[name]) for name in names]
    if one.count is not None:
        pairs.append((str(worded("privacy.record.count")), str(say("cli.number", language_now(), value=one.count))))
    return str(row["activity"]), Facts(pairs=pairs)
