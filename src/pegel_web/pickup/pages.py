"""What the pages of folders are made of."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.errors import UserError
from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel.words.explanation import explain
from pegel_web.ingestion.contracts import Problem, Reading
from pegel_web.ingestion.forms import format_words
from pegel_web.pickup.contracts import PickupLine, PickupOverview, PickupReport
from pegel_web.ui.components import Action, Badge, Column, EmptyState, Facts, Notice, PageHeader, Table, Tone, table_of
from pegel_web.ui.worded import language_now

_W: Final = "pickup"
_TONES: Final[dict[str, Tone]] = {
    "active": "good",
    "paused": "warning",
    "seen": "info",
    "claimed": "info",
    "imported": "good",
    "repeated": "neutral",
    "refused": "bad",
}


def overview_page(request: HttpRequest, found: PickupOverview) -> dict[str, Any]:
    """Return the page of all folders."""
    language = language_now()
    title = say(f"{_W}.title", language)
    missing = Notice(kind="info", title=say(f"{_W}.missing", language), text=say(f"{_W}.missing_text", language))
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say(f"{_W}.lead", language), breadcrumbs=_trail(language)),
        "missing": None if found.configured else missing,
        "table": _folders(request, found, language),
    }


def folder_page(request: HttpRequest, found: PickupReport) -> dict[str, Any]:
    """Return the page of one folder."""
    language = language_now()
    line = found.line
    turn = "pause" if line.state == "active" else "resume"
    actions = [
        Action(label=say(f"{_W}.action.{one}", language), href=reverse(f"{one}_pickup", args=[line.id]), method="post",
               kind="danger" if one == "remove" else "secondary")
        for one in (turn, "remove")
    ]  # fmt: skip
    return {
        "title": line.name,
        "header": PageHeader(
            title=line.name,
            lead=say(f"{_W}.state_lead.{line.state}", language),
            breadcrumbs=_trail(language, line.name),
            actions=actions,
        ),
        "badge": _badge("folder", line.state, language),
        "problem": None if line.problem is None else Notice(kind="warning", text=_words(line.problem, language)),
        "facts": _facts(line, found.reading, language),
        "table": _files(request, found, language),
    }


def _trail(language: Language, name: str | None = None) -> tuple[tuple[str, str | None], ...]:
    here = reverse("pickup_folders") if name else None
    trail: tuple[tuple[str, str | None], ...] = (
        (say("flow.overview.title", language), reverse("streams")),
        (say("ingestion.title", language), reverse("brought_files")),
        (say(f"{_W}.title", language), here),
    )
    return (*trail, (name, None)) if name else trail


def _folders(request: HttpRequest, found: PickupOverview, language: Language) -> Table:
    return table_of(
        request,
        identity="folders",
        caption=say(f"{_W}.list.caption", language),
        columns=[
            Column(key="folder", label=say(f"{_W}.list.folder", language), href_key="href"),
            Column(key="unit", label=say(f"{_W}.list.unit", language)),
            Column(key="state", label=say(f"{_W}.list.state", language), kind="badge"),
            Column(key="looked", label=say(f"{_W}.list.looked", language), kind="datetime"),
            *(
                Column(key=one, label=say(f"{_W}.list.{one}", language), kind="number")
                for one in ("waiting", "imported", "refused")
            ),
            Column(key="problem", label=say(f"{_W}.list.problem", language)),
        ],
        rows=[
            {
                "folder": one.name,
                "href": reverse("pickup_folder", args=[one.id]),
                "unit": one.unit_name,
                "state": _badge("folder", one.state, language),
                "looked": one.last_look_at,
                "waiting": one.waiting,
                "imported": one.imported,
                "refused": one.refused,
                "problem": "" if one.problem is None else _words(one.problem, language),
            }
            for one in found.folders
        ],
        empty=EmptyState(
            title=say(f"{_W}.list.none", language),
            text=say(f"{_W}.list.none_text", language),
            action_label=say("ingestion.title", language),
            action_href=reverse("brought_files"),
        ),
    )


def _facts(line: PickupLine, reading: Reading, language: Language) -> Facts:
    form = reading.format
    known = has(f"ingestion.format.{form.replace('.', '_')}")
    columns = ", ".join(f"{_role(role, language)}: {name}" for role, name in reading.columns.items())
    pairs: list[tuple[str, object]] = [
        (say(f"{_W}.list.unit", language), line.unit_name),
        (say(f"{_W}.fact.like", language), line.example_name),
        (say(f"{_W}.fact.format", language), format_words(form) if known else form),
        (say(f"{_W}.fact.stream", language), reading.stream or say(f"{_W}.fact.from_file", language)),
        (say(f"{_W}.list.looked", language), line.last_look_at or say(f"{_W}.fact.not_yet", language)),
    ]
    return Facts(pairs=[*pairs, (say(f"{_W}.fact.columns", language), columns)] if columns else pairs)


def _files(request: HttpRequest, found: PickupReport, language: Language) -> Table:
    return table_of(
        request,
        identity="picked",
        caption=say(f"{_W}.files.caption", language),
        columns=[
            Column(key="file", label=say(f"{_W}.files.file", language), href_key="href"),
            Column(key="state", label=say(f"{_W}.list.state", language), kind="badge"),
            Column(key="changed", label=say(f"{_W}.files.changed", language), kind="datetime"),
            Column(key="why", label=say(f"{_W}.files.why", language)),
        ],
        rows=[
            {
                "file": one.file_name,
                "href": None if one.brought_id is None else reverse("brought_file", args=[one.brought_id]),
                "state": _badge("file", one.state, language),
                "changed": one.changed_at,
                "why": "" if one.reason is None else _words(one.reason, language),
            }
            for one in found.files
        ],
        empty=EmptyState(title=say(f"{_W}.files.none", language), text=say(f"{_W}.files.none_text", language)),
    )


def _badge(of: str, state: str, language: Language) -> Badge:
    return Badge(text=say(f"{_W}.{of}.{state}", language), tone=_TONES[state])


def _role(role: str, language: Language) -> str:
    code = f"ingestion.form.role.{role}"
    return say(code, language) if has(code) else role


def _words(problem: Problem, language: Language) -> str:
    words = explain(UserError(problem.code, **problem.values), language)
    return f"{words.says} {words.do}"
