"""The pages of an import: before, while it is looked at, and after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel.words.dates import date_text
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.pages import job_page
from pegel_web.organisation.contracts.structure_import import ImportReport, RejectedRow
from pegel_web.ui.components import (
    Badge,
    Column,
    Component,
    EmptyState,
    Notice,
    PageHeader,
    Progress,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W = "organisation.structure_import"
_TONES: dict[str, Tone] = {"previewed": "info", "queued": "info", "confirmed": "good", "discarded": "neutral"}


def imports_table(request: HttpRequest, found: Sequence[ImportReport]) -> Table:
    """Return past imports as a table."""
    language = language_now()
    return table_of(
        request,
        identity="imports",
        caption=say(f"{_W}.past", language),
        columns=[
            Column(key="made_at", label=say(f"{_W}.made_at", language), kind="datetime", href_key="href"),
            Column(key="file", label=say(f"{_W}.file", language)),
            Column(key="on", label=say(f"{_W}.effective_date", language), kind="date"),
            Column(key="total", label=say(f"{_W}.total", language), kind="number"),
            Column(key="rejected", label=say(f"{_W}.refused", language), kind="number"),
            Column(key="made_by", label=say(f"{_W}.made_by", language)),
            Column(key="state", label=say(f"{_W}.state_label", language), kind="badge"),
        ],
        rows=[
            {
                "made_at": one.made_at,
                "href": reverse("import_report", args=[one.import_id]),
                "file": one.file_name,
                "on": one.effective_date,
                "total": one.total,
                "rejected": one.rejected_total,
                "made_by": one.made_by,
                "state": Badge(text=say(f"{_W}.state.{one.state}", language), tone=_TONES[one.state]),
            }
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=say(f"{_W}.none_text", language)),
    )


def import_page(request: HttpRequest, found: ImportReport) -> dict[str, Any]:
    """Return the page of one import."""
    language = language_now()
    open_still = found.state == "previewed" and found.rows_kept
    tables = [_counts_table(request, found, language)]
    if found.lines:
        tables.append(_lines_table(request, found, language))
    if found.rejected:
        tables.append(_rejected_table(request, found, language))
    kinds = dict.fromkeys(one.kind for one in found.rejected if one.row is not None)
    title, lead = _words(found, language)
    return {
        "header": PageHeader(
            title=title,
            lead=lead,
            breadcrumbs=[(say(f"{_W}.title", language), reverse("structure_imports")), (found.file_name, None)],
        ),
        "notices": _notices(found, language),
        "progress": _progress(found.job, language) if found.job is not None and found.job.open else None,
        "tables": tables,
        "open": open_still,
        "confirmable": open_still and found.total > 0,
        "report": found,
        "confirm_label": say(f"{_W}.confirm", language, n=found.total),
        "files": [
            {
                "href": reverse("rejected_rows", args=[found.import_id, kind]),
                "label": say(f"{_W}.refused_file", language, kind=say(f"{_W}.kinds.{kind}", language)),
            }
            for kind in kinds
        ],
    }


def _words(found: ImportReport, language: Language) -> tuple[str, str]:
    if found.state == "confirmed":
        lead = say(f"{_W}.done_lead", language, on=found.effective_date, at=found.confirmed_at)
        return say(f"{_W}.done_title", language, file=found.file_name), lead
    if found.state == "queued":
        lead = say(f"{_W}.queued_lead", language, on=found.effective_date)
        return say(f"{_W}.done_title", language, file=found.file_name), lead
    if found.state == "discarded":
        return say(f"{_W}.done_title", language, file=found.file_name), say(f"{_W}.discarded_lead", language)
    title = say(f"{_W}.preview_title", language, file=found.file_name)
    return title, say(f"{_W}.preview_lead", language, on=found.effective_date)


def _notices(found: ImportReport, language: Language) -> list[Component]:
    notices = [] if found.job is None or found.job.open else _why_nothing_changed(found.job, language)
    if found.state == "previewed" and not found.total:
        notices.append(Notice(kind="good", text=say(f"{_W}.nothing_to_do", language)))
    if found.rejected_total and found.state != "discarded":
        lead = "refused_lead_done" if found.state == "confirmed" else "refused_lead"
        notices.append(Notice(kind="warning", text=say(f"{_W}.{lead}", language)))
    if found.left_out:
        listed = "; ".join(say(f"{_W}.left.{why}", language, what=what) for why, what in found.left_out[:20])
        notices.append(Notice(title=say(f"{_W}.left_out", language), text=listed))
    return notices


def _progress(job: JobReport, language: Language) -> Progress:
    # One label for all steps: by it the page finds the bar again.
    label = say(f"{_W}.under_way", language)
    cancel = reverse("cancel_job", args=[job.id]) if job.may_cancel else None
    return Progress(label=label, done=job.done or 0, total=job.total, cancel_href=cancel)


def _why_nothing_changed(job: JobReport, language: Language) -> list[Component]:
    why: Notice | None = job_page(job)["notice"] if job.state == "failed" else None
    code = f"{_W}.nothing_changed.{'cancelled' if job.state == 'cancelled' else 'failed'}"
    return [*([] if why is None else [why]), Notice(kind="warning", text=say(code, language))]


def _counts_table(request: HttpRequest, found: ImportReport, language: Language) -> Table:
    verbs = ("added", "changed", "ended", "unchanged", "rejected")
    done = found.state == "confirmed"
    return table_of(
        request,
        identity="counts",
        caption=say(f"{_W}.summary_done" if done else f"{_W}.summary", language),
        columns=[
            Column(key="kind", label=say(f"{_W}.table", language)),
            *(Column(key=verb, label=say(f"{_W}.{verb}", language), kind="number") for verb in verbs),
        ],
        rows=[
            {"kind": say(f"{_W}.kinds.{one.kind}", language), **{verb: getattr(one, verb) for verb in verbs}}
            for one in found.counts
        ],
        empty=EmptyState(title=say(f"{_W}.none_changes", language), text=""),
    )


def _lines_table(request: HttpRequest, found: ImportReport, language: Language) -> Table:
    shown, total = len(found.lines), found.total
    some = say(f"{_W}.changes_some", language, n=shown, total=total)
    return table_of(
        request,
        identity="changes",
        caption=some if shown < total else say(f"{_W}.changes", language),
        columns=[
            Column(key="kind", label=say(f"{_W}.table", language)),
            Column(key="row", label=say(f"{_W}.row", language), kind="number"),
            Column(key="what", label=say(f"{_W}.what", language)),
            Column(key="verb", label=say(f"{_W}.verb", language)),
            Column(key="before", label=say(f"{_W}.before", language)),
            Column(key="after", label=say(f"{_W}.after", language)),
        ],
        rows=[
            {
                "kind": say(f"{_W}.kinds.{one.kind}", language),
                "row": one.row,
                "what": one.what,
                "verb": say(f"{_W}.{one.verb}", language),
                "before": _values(one.before, language),
                "after": _values(one.after, language),
            }
            for one in found.lines
        ],
        empty=EmptyState(title=say(f"{_W}.none_changes", language), text=""),
    )


def _rejected_table(request: HttpRequest, found: ImportReport, language: Language) -> Table:
    shown, total = len(found.rejected), found.rejected_total
    some = say(f"{_W}.refused_some", language, n=shown, total=total)
    return table_of(
        request,
        identity="refused",
        caption=some if shown < total else say(f"{_W}.refused", language),
        columns=[
            Column(key="kind", label=say(f"{_W}.table", language)),
            Column(key="row", label=say(f"{_W}.row", language), kind="number"),
            Column(key="reason", label=say(f"{_W}.reason", language)),
            Column(key="cells", label=say(f"{_W}.cells", language)),
        ],
        rows=[
            {
                "kind": say(f"{_W}.kinds.{one.kind}", language),
                "row": one.row,
                "reason": reason_words(one, language),
                "cells": _values(one.cells, language),
            }
            for one in found.rejected
        ],
        empty=EmptyState(title=say(f"{_W}.none_refused", language), text=""),
    )


def reason_words(one: RejectedRow, language: Language) -> str:
    """Return why a row was refused."""
    code = f"{_W}.reject.{one.reason}"
    field = f"{_W}.field.{one.detail}"
    detail = say(field, language) if has(field) else one.detail
    return say(code, language, detail=detail or "–") if has(code) else one.reason


def _values(pairs: Sequence[tuple[str, str]], language: Language) -> str:
    shown = [(name, _value(name, value, language)) for name, value in pairs if value]
    return "; ".join(f"{say(f'{_W}.field.{name}', language)}: {value}" for name, value in shown)


def _value(name: str, value: str, language: Language) -> str:
    """Return a value as a page says it: kinds and roles by their words, dates by the language, the rest as it is."""
    for words in {"kind": ("organisation.kind", "organisation.person_kind"), "role": ("role",)}.get(name, ()):
        if has(f"{words}.{value}"):
            return say(f"{words}.{value}", language)
    try:
        return date_text(date.fromisoformat(value), language) if name in ("valid_from", "valid_until") else value
    except ValueError:
        return value
