"""The pages of an import of use cases: before, while it is looked at, and after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel_web.jobs.pages import job_page
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.case_import import CaseImportReport, RefusedCaseRow
from pegel_web.portfolio.importing.inventory_columns import FIELDS, KEEP, LEAVE
from pegel_web.portfolio.pages.use_cases import trail
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

_W: Final = "portfolio.import"
_TONES: Final[dict[str, Tone]] = {
    "previewed": "info",
    "queued": "info",
    "confirmed": "good",
    "discarded": "neutral",
}
#: Fields whose values are words of the catalogue.
_WORDED: Final = {
    "source_state": "state", "function": "function", "data_class": "data_class", "origin": "origin", "usage": "usage",
    "phase": "phase", "friction": "friction",
}  # fmt: skip


def imports_table(request: HttpRequest, found: Sequence[CaseImportReport]) -> Table:
    """Return past imports as a table."""
    language = language_now()
    address = addresses("case_import")
    return table_of(
        request,
        identity="imports",
        caption=say(f"{_W}.past", language),
        columns=[
            Column(key="made_at", label=say(f"{_W}.made_at", language), kind="datetime", href_key="href"),
            Column(key="file", label=say(f"{_W}.file", language)),
            Column(key="source", label=say(f"{_W}.source", language)),
            Column(key="rows", label=say(f"{_W}.rows", language), kind="number"),
            Column(key="rejected", label=say(f"{_W}.rejected", language), kind="number"),
            Column(key="state", label=say(f"{_W}.state_label", language), kind="badge"),
        ],
        rows=[
            {
                "made_at": one.made_at,
                "href": address(one.case_import_id),
                "file": one.file_name,
                "source": one.source,
                "rows": one.rows,
                "rejected": one.rejected_total,
                "state": Badge(text=say(f"{_W}.state.{one.state}", language), tone=_TONES[one.state]),
            }
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=say(f"{_W}.none_text", language)),
    )


def import_page(request: HttpRequest, found: CaseImportReport) -> dict[str, Any]:
    """Return the page of one import."""
    language = language_now()
    open_still = found.state == "previewed" and found.rows_kept
    tables = [_counts_table(request, found, language)]
    tables += [_lines_table(request, found, language)] if found.lines else []
    tables += [_refused_table(request, found, language)] if found.rejected else []
    tables += [_normalised_table(request, found, language)] if found.normalised else []
    running = found.job is not None and found.job.open
    return {
        "header": PageHeader(
            title=say(f"{_W}.one_title", language, file=found.file_name),
            lead=say(f"{_W}.lead_{found.state}", language, source=found.source, unit=found.unit_name),
            breadcrumbs=[*trail(), (say(f"{_W}.title", language), reverse("case_imports")), (found.file_name, None)],
        ),
        "notices": _notices(found, language),
        "progress": _progress(found, language) if running else None,
        "tables": tables,
        "open": open_still,
        "confirmable": open_still and found.total > 0,
        "report": found,
        "confirm_label": say(f"{_W}.confirm", language, n=found.total),
        "columns": _columns(found, language) if open_still else [],
        "refused_href": reverse("refused_case_rows", args=[found.case_import_id])
        if found.rejected_total and found.rows_kept
        else None,
    }


def refusal_words(one: RefusedCaseRow, language: Language) -> str:
    """Return why a row was refused."""
    code = f"{_W}.reject.{one.reason}"
    if has(code):
        return say(code, language, detail=one.detail or "–")
    return say(f"{_W}.reject.unreadable", language, detail=one.reason)


def field_words(name: str, language: Language) -> str:
    """Return what a field is called."""
    return say(f"{_W}.field.{name}", language)


def _columns(found: CaseImportReport, language: Language) -> list[dict[str, Any]]:
    choices = [(LEAVE, say(f"{_W}.leave", language)), (KEEP, say(f"{_W}.keep", language))]
    choices += sorted(((name, field_words(name, language)) for name in FIELDS), key=lambda one: one[1].casefold())
    return [
        {
            "name": f"column-{place}",
            "header": one.header,
            "filled": say(f"{_W}.filled", language, n=one.filled),
            "sure": _sure(one.confidence, one.target, language),
            "choices": [(value, label, value == one.target) for value, label in choices],
        }
        for place, one in enumerate(found.columns)
    ]


def _sure(confidence: float, target: str, language: Language) -> str:
    level = "none" if not target else "sure" if confidence >= 1 else "likely" if confidence >= 0.7 else "perhaps"
    return say(f"{_W}.sure.{level}", language)


def _notices(found: CaseImportReport, language: Language) -> list[Component]:
    notices: list[Component] = []
    if found.job is not None and not found.job.open:
        why: Notice | None = job_page(found.job)["notice"] if found.job.state == "failed" else None
        notices += [] if why is None else [why]
        notices.append(Notice(kind="warning", text=say(f"{_W}.nothing_changed", language)))
    if found.state == "previewed" and not found.total:
        notices.append(Notice(kind="good", text=say(f"{_W}.nothing_to_do", language)))
    if found.rejected_total and found.state != "discarded":
        notices.append(Notice(kind="warning", text=say(f"{_W}.rejected_lead", language, n=found.rejected_total)))
    for one in found.notes:
        words = say(f"{_W}.note.{one.code}", language, n=one.count, field=_field_of(one.field, language))
        notices.append(Notice(text=words))
    if found.left_out:
        listed = ", ".join(found.left_out)
        notices.append(Notice(title=say(f"{_W}.left_out", language), text=listed))
    return notices


def _field_of(name: str, language: Language) -> str:
    name = {"unit_id": "unit", "stream_id": "stream", "champion_id": "champion"}.get(name, name)
    return field_words(name, language)


def _progress(found: CaseImportReport, language: Language) -> Progress | None:
    job = found.job
    if job is None:
        return None
    cancel = reverse("cancel_job", args=[job.id]) if job.may_cancel else None
    return Progress(label=say(f"{_W}.under_way", language), done=job.done or 0, total=job.total, cancel_href=cancel)


def _counts_table(request: HttpRequest, found: CaseImportReport, language: Language) -> Table:
    counts = {
        "rows": found.rows, "added": found.added, "changed": found.changed, "unchanged": found.unchanged,
        "rejected": found.rejected_total,
    }  # fmt: skip
    return table_of(
        request,
        identity="counts",
        caption=say(f"{_W}.summary_done" if found.state == "confirmed" else f"{_W}.summary", language),
        columns=[Column(key=name, label=say(f"{_W}.{name}", language), kind="number") for name in counts],
        rows=[counts],
        empty=EmptyState(title=say(f"{_W}.none", language), text=""),
    )


def _lines_table(request: HttpRequest, found: CaseImportReport, language: Language) -> Table:
    return table_of(
        request,
        identity="changes",
        caption=say(f"{_W}.changes", language, n=len(found.lines), total=found.total),
        columns=[
            Column(key="row", label=say(f"{_W}.row", language), kind="number"),
            Column(key="title", label=say(f"{_W}.field.title", language)),
            Column(key="verb", label=say(f"{_W}.verb", language)),
            Column(key="before", label=say(f"{_W}.before", language)),
            Column(key="after", label=say(f"{_W}.after", language)),
            Column(key="kept", label=say(f"{_W}.kept", language)),
        ],
        rows=[
            {
                "row": one.row,
                "title": one.title if one.number is None else f"UC-{one.number} {one.title}",
                "verb": say(f"{_W}.{one.verb}", language),
                "before": _values(one.before, language),
                "after": _values(one.after, language),
                "kept": ", ".join(_field_of(name, language) for name in one.kept),
            }
            for one in found.lines
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=""),
    )


def _refused_table(request: HttpRequest, found: CaseImportReport, language: Language) -> Table:
    return table_of(
        request,
        identity="refused",
        caption=say(f"{_W}.refused", language, n=len(found.rejected), total=found.rejected_total),
        columns=[
            Column(key="row", label=say(f"{_W}.row", language), kind="number"),
            Column(key="reason", label=say(f"{_W}.reason", language)),
            Column(key="cells", label=say(f"{_W}.cells", language)),
        ],
        rows=[
            {
                "row": one.row,
                "reason": refusal_words(one, language),
                "cells": "; ".join(f"{name}: {value[:60]}" for name, value in one.cells)[:300],
            }
            for one in found.rejected
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=""),
    )


def _normalised_table(request: HttpRequest, found: CaseImportReport, language: Language) -> Table:
    return table_of(
        request,
        identity="normalised",
        caption=say(f"{_W}.normalised", language, n=len(found.normalised), total=found.normalised_total),
        columns=[
            Column(key="field", label=say(f"{_W}.field_label", language)),
            Column(key="said", label=say(f"{_W}.said", language)),
            Column(key="became", label=say(f"{_W}.became", language)),
            Column(key="count", label=say(f"{_W}.count", language), kind="number"),
        ],
        rows=[
            {
                "field": _field_of(one.field, language),
                "said": one.said,
                "became": _value(one.field, one.became, language) or say(f"{_W}.not_understood", language),
                "count": one.count,
            }
            for one in found.normalised
        ],
        empty=EmptyState(title=say(f"{_W}.none", language), text=""),
    )


def _values(pairs: Sequence[tuple[str, str]], language: Language) -> str:
    return "; ".join(
        f"{_field_of(name, language)}: {_value(name, _short(value), language) or '–'}" for name, value in pairs
    )


def _short(value: str) -> str:
    return value if len(value) <= 120 else f"{value[:119]}…"


def _value(name: str, value: str, language: Language) -> str:
    words = f"portfolio.{_WORDED.get(name, '')}.{value}"
    return say(words, language) if name in _WORDED and value and has(words) else value
