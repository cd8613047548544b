"""The audit: what was done, by whom as far as the reader may know."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from pegel.words.catalogue import shown
from pegel_web.core.contracts import Change
from pegel_web.core.entry import acting
from pegel_web.core.queries import MOST_LINES
from pegel_web.privacy import services
from pegel_web.privacy.contracts import AuditReport, NamedLine
from pegel_web.privacy.views.entry import asked, asked_day, asked_id, asked_number, through_worded, wording
from pegel_web.ui.components import Column, EmptyState, PageHeader, Table, exported
from pegel_web.ui.worded import language_now, worded

_PAGE = 50
_MOST_EXPORTED = 50_000
_LONGEST_VALUE = 200


@require_safe
def audit_report(request: HttpRequest) -> HttpResponse:
    """Show a part of the audit; this look is noted."""
    actor, number = acting(request), max(1, asked_number(request, "page", 1))
    wanted = {
        "event": asked(request, "event"),
        "subject_type": asked(request, "subject"),
        "subject_id": asked(request, "id"),
        "unit": asked_id(request, "unit"),
        "since": asked_day(request, "since"),
        "until": asked_day(request, "until", end=True),
    }
    if asked(request, "audit.export"):
        found = services.read_audit(actor=actor, **wanted, limit=MOST_LINES)
        lines = list(found.lines)
        while len(lines) < min(found.total, _MOST_EXPORTED):
            lines += services.read_audit(actor=actor, **wanted, offset=len(lines), limit=MOST_LINES).lines
        if (file := exported(request, _table(request, lines))) is not None:
            return file
    found = services.read_audit(actor=actor, **wanted, offset=(number - 1) * _PAGE, limit=_PAGE)
    pages = max(1, -(-found.total // _PAGE))
    page = {
        "header": PageHeader(title=worded("privacy.audit.title"), lead=worded("privacy.audit.lead")),
        "lines": [_line(one) for one in found.lines],
        "total": found.total,
        "steps": [(step, _address(request, page=str(step))) for step in _steps(number, pages)],
        "number": number,
        "pages": pages,
        "asked": {name: asked(request, name) for name in ("event", "subject", "id", "unit", "since", "until")},
        "events": sorted(((code, _event(code)) for code in found.events), key=lambda one: one[1].casefold()),
        "subjects": sorted(((one, _kind(one)) for one in found.subjects), key=lambda one: one[1].casefold()),
        "units": found.units,
        "csv": _address(request, **{"audit.export": "csv", "page": None}),
        "xlsx": _address(request, **{"audit.export": "xlsx", "page": None}),
        "empty": _empty(found, filtered=any(value for value in wanted.values())),
    }
    return render(request, "privacy/audit.html", page)


def _line(one: NamedLine) -> dict[str, object]:
    line = one.line
    return {
        "id": line.id,
        "at": line.at,
        "event": _event(line.event),
        "code": line.event,
        "who": _who(one),
        "kind": _kind(line.subject_type),
        "subject": _subject(one),
        "unit": one.unit_name,
        "through": through_worded(line.through),
        "changes": [_change(change) for change in line.changes],
        "request": line.request_id,
        "seal": line.seal,
    }


def _who(one: NamedLine) -> str:
    return one.who if one.who else str(worded(f"privacy.audit.who_{one.who_kind}"))


def _subject(one: NamedLine) -> str:
    if one.subject:
        return one.subject
    if one.line.subject_type == "person":
        return str(worded("privacy.audit.who_forgotten"))
    return _short(one.line.subject_id)


def _change(change: Change) -> tuple[str, str, str]:
    name = wording(f"audit.value.{change.name}", change.name.replace("_", " "))
    if change.legible != "shown":
        return name, "", str(worded(f"privacy.audit.{change.legible}"))
    return name, "" if change.before is None else _value(change.before), _value(change.after)


def _value(value: object) -> str:
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    text = shown(value, language_now())
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _event(code: str) -> str:
    return wording(f"audit.event.{code}", code)


def _kind(subject_type: str) -> str:
    return wording(f"audit.subject.{subject_type}", subject_type.replace("_", " "))


def _short(identity: str) -> str:
    try:
        return str(UUID(identity))[:8]
    except ValueError:
        return identity


def _steps(number: int, pages: int) -> list[int]:
    near = {1, pages, number - 1, number, number + 1}
    return sorted(one for one in near if 1 <= one <= pages)


def _address(request: HttpRequest, **changes: str | None) -> str:
    parameters = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return f"?{parameters.urlencode()}"


def _empty(found: AuditReport, *, filtered: bool) -> EmptyState:
    code = "privacy.audit.none_found" if filtered or found.total else "privacy.audit.none_yet"
    return EmptyState(title=str(worded(code)), text=str(worded(f"{code}_text")))


def _table(request: HttpRequest, lines: list[NamedLine]) -> Table:
    """Return the lines as a file takes them; the page itself draws them with their values below each other."""
    names = ("at", "event", "code", "kind", "subject", "id", "who", "unit", "through", "changes", "request", "seal")
    rows = [
        {
            **(said := _line(one)),
            "at": localtime(one.line.at),
            "id": one.line.subject_id,
            "changes": "; ".join(
                f"{name}: {before} → {after}" if before else f"{name}: {after}"
                for name, before, after in (_change(change) for change in one.line.changes)
            ),
            "seal": said["seal"],
        }
        for one in lines
    ]
    return Table(
        identity="audit",
        caption=str(worded("privacy.audit.title")),
        columns=[Column(key=name, label=str(worded(f"privacy.audit.{name}"))) for name in names],
        rows=rows,
        found=rows,
        total=len(rows),
        empty=EmptyState(title="", text=""),
        page=1,
        pages=1,
        text="",
        sort="",
        parameters=request.GET,
    )
