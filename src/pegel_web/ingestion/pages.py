"""What the pages of brought files are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.errors import UserError
from pegel.sources.looking import MOST_REJECTED, QUESTIONS
from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel.words.explanation import explain
from pegel.words.names import note_text, reason_text, state_name
from pegel.words.numbers import number
from pegel_web.ingestion.contracts import Content, FileLine, FileReport, Outcome, Problem
from pegel_web.ingestion.forms import format_words
from pegel_web.ui.components import (
    Badge,
    Column,
    EmptyState,
    Facts,
    Figure,
    FigureRow,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "ingestion"
_TONES: Final[dict[str, Tone]] = {
    "looking": "info",
    "asking": "warning",
    "unreadable": "bad",
    "ready": "info",
    "importing": "info",
    "paused": "warning",
    "imported": "good",
    "undoing": "info",
    "undone": "neutral",
    "discarded": "neutral",
}
TOOLS: Final = (
    "jira", "azure_boards", "servicenow", "github", "sap", "trello", "bugzilla", "git", "event_log", "excel",
)  # fmt: skip
_FATES: Final = ("accepted", "merged", "duplicate", "ignored", "rejected")
_OF_A_STREAM: Final = ("stream", "stream_workflow")
_WORKING: Final = frozenset({"looking", "importing", "undoing"})


def files_table(request: HttpRequest, found: Sequence[FileLine]) -> Table:
    """Return brought files as a table."""
    language = language_now()
    return table_of(
        request,
        identity="files",
        caption=say(f"{_W}.list.caption", language),
        columns=[
            Column(key="file", label=say(f"{_W}.list.file", language), href_key="href"),
            Column(key="unit", label=say(f"{_W}.list.unit", language)),
            Column(key="state", label=say(f"{_W}.list.state", language), kind="badge"),
            Column(key="rows", label=say(f"{_W}.list.rows", language), kind="number"),
            Column(key="rejected", label=say(f"{_W}.list.rejected", language), kind="number"),
            Column(key="brought", label=say(f"{_W}.list.brought", language), kind="datetime"),
        ],
        rows=[
            {
                "file": one.file_name,
                "href": reverse("brought_file", args=[one.id]),
                "unit": one.unit_name,
                "state": _badge(one.state, language),
                "rows": one.rows,
                "rejected": one.rejected,
                "brought": one.created_at,
            }
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.list.none", language), text=say(f"{_W}.list.none_text", language)),
    )


def tools() -> list[dict[str, str]]:
    """Return how each tool gives its history, in words."""
    language = language_now()
    return [
        {"name": say(f"{_W}.tool.{one}.name", language), "how": say(f"{_W}.tool.{one}.how", language)} for one in TOOLS
    ]


def file_page(request: HttpRequest, found: FileReport) -> dict[str, Any]:
    """Return the page of one file, whatever state it is in."""
    language = language_now()
    state = found.line.state
    title = found.line.file_name
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (say(f"{_W}.title", language), reverse("brought_files")),
        (title, None),
    )
    tables = _tables(request, found, language)
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say(f"{_W}.state_lead.{state}", language), breadcrumbs=trail),
        "badge": _badge(state, language),
        "working": state in _WORKING,
        "notices": _notices(found, language),
        "outcome": None if found.outcome is None else _outcome(found.outcome, language),
        "content": None if found.content is None else _content(found.content, language),
        "answers": None if found.content is None else _answers(found.content, language),
        "tables": tables,
        "report": found,
        "confirm_label": say(f"{_W}.action.{'go_on' if state == 'paused' else 'confirm'}", language),
        "may_discard": state in {"asking", "unreadable", "ready", "paused"},
        "may_read_anew": state in {"asking", "unreadable", "ready"},
        "rejects_href": reverse("brought_rejects", args=[found.line.id])
        if found.content is not None and found.content.rejected
        else None,
        "streams": [
            (one.name, *(reverse(page, args=[one.stream_id]) if one.stream_id else None for page in _OF_A_STREAM))
            for one in found.streams
        ],
    }


def _badge(state: str, language: Language) -> Badge:
    return Badge(text=say(f"{_W}.state.{state}", language), tone=_TONES[state])


def _notices(found: FileReport, language: Language) -> list[Notice]:
    notices: list[Notice] = []
    if found.problem is not None:
        asks = found.line.state == "asking"
        notices.append(Notice(kind="warning" if asks else "bad", text=problem_words(found.problem, language)))
    content = found.content
    if content is not None and found.line.state == "ready":
        if not content.items:
            notices.append(Notice(kind="warning", text=say(f"{_W}.nothing_in_it", language)))
        if content.known_items:
            said = say(f"{_W}.known_items", language, n=content.known_items, all=content.items)
            notices.append(Notice(kind="info", text=said))
        if content.confidence is not None and content.confidence < _SURE:
            notices.append(Notice(kind="warning", text=say(f"{_W}.unsure", language)))
    if found.outcome is not None and found.outcome.status == "already_imported":
        notices.append(Notice(kind="info", text=say(f"{_W}.already", language)))
    return notices


#: From here on a format is what it looks like.
_SURE: Final = 0.6


def problem_words(problem: Problem, language: Language) -> str:
    """Return what stands in the way, and what to do about it here: the hints of the command line do not help."""
    says = explain(UserError(problem.code, **problem.values), language).says
    own = f"{_W}.todo.{problem.code}"
    return f"{says} {say(own if has(own) else f'{_W}.todo.other', language)}"


def _outcome(outcome: Outcome, language: Language) -> FigureRow:
    names = ("items", "transitions", "field_changes", "links")
    return FigureRow(
        figures=[Figure(label=say(f"{_W}.new.{one}", language), value=getattr(outcome, one)) for one in names]
    )


def _content(content: Content, language: Language) -> Facts:
    sure = content.confidence
    name = format_words(content.source) if has(f"{_W}.format.{content.source.replace('.', '_')}") else content.source
    if sure is not None:
        name = say(f"{_W}.fact.format_sure", language, name=name, percent=round(sure * 100))
    span = (
        say("ui.missing.no_data", language)
        if content.earliest is None or content.latest is None
        else say(f"{_W}.fact.from_to", language, first=content.earliest.date(), last=content.latest.date())
    )
    pairs: list[tuple[str, object]] = [
        (say(f"{_W}.fact.format", language), name),
        (say(f"{_W}.fact.items", language), content.items),
        (say(f"{_W}.fact.transitions", language), content.transitions),
        (say(f"{_W}.fact.span", language), span),
        (say(f"{_W}.fact.streams", language), _few(_counted(content, language), language)),
    ]
    if content.left_out:
        pairs.append((say(f"{_W}.fact.left_out", language), _few(content.left_out, language)))
    pairs += [
        (say(f"{_W}.fact.note", language), note_text(code, value, language)) for code, value in content.notes.items()
    ]
    return Facts(pairs=pairs)


def _answers(content: Content, language: Language) -> Facts:
    return Facts(
        pairs=[
            (
                say(f"{_W}.question.{one}.asks", language),
                say(f"{_W}.question.{one}.{'can' if content.answers.get(one) else 'cannot'}", language),
            )
            for one in QUESTIONS
        ]
    )


def _tables(request: HttpRequest, found: FileReport, language: Language) -> list[Table]:
    shown = found.outcome or found.content
    if shown is None:
        return []
    tables = [_fates(request, shown, language)]
    if found.content is not None:
        tables += [_columns(request, found.content, language), _states(request, found.content, language)]
    return [one for one in tables if one.total]


def _fates(request: HttpRequest, shown: Content | Outcome, language: Language) -> Table:
    rows = [{"what": say(f"{_W}.fate.{one}", language), "rows": getattr(shown, one)} for one in _FATES]
    rows += [
        {"what": say(f"{_W}.fate.because", language, reason=reason_text(code, language)), "rows": count}
        for code, count in sorted(shown.reasons.items(), key=lambda pair: -pair[1])
    ]
    rows += [
        {"what": say(f"{_W}.fate.warning", language, reason=reason_text(code, language)), "rows": count}
        for code, count in sorted(shown.warnings.items(), key=lambda pair: -pair[1])
    ]
    return table_of(
        request, identity="fates", caption=say(f"{_W}.fates", language, n=shown.rows_read), rows=rows, empty=_NONE,
        columns=[
            Column(key="what", label=say(f"{_W}.column.what", language)),
            Column(key="rows", label=say(f"{_W}.column.rows", language), kind="number"),
        ],
    )  # fmt: skip


def _columns(request: HttpRequest, content: Content, language: Language) -> Table:
    return table_of(
        request, identity="columns", caption=say(f"{_W}.columns", language), empty=_NONE,
        columns=[
            Column(key="role", label=say(f"{_W}.column.role", language)),
            Column(key="name", label=say(f"{_W}.column.name", language)),
        ],
        rows=[
            {"role": say(f"{_W}.form.role.{role}", language) if has(f"{_W}.form.role.{role}") else role, "name": name}
            for role, name in content.columns.items()
        ],
    )  # fmt: skip


def _states(request: HttpRequest, content: Content, language: Language) -> Table:
    return table_of(
        request, identity="states", caption=say(f"{_W}.states", language), empty=_NONE,
        columns=[
            Column(key="state", label=say(f"{_W}.column.state", language)),
            Column(key="entries", label=say(f"{_W}.column.entries", language), kind="number"),
        ],
        rows=[{"state": state_name(state, language), "entries": n} for state, n in content.states.items()],
        page_size=15,
    )  # fmt: skip


def _counted(content: Content, language: Language) -> list[str]:
    return [f"{one} ({number(n, language)})" for one, n in content.streams.items()]


_NONE: Final = EmptyState(title="", text="")
_FEW: Final = 8


def _few(names: Sequence[str], language: Language) -> str:
    shown = list(names[:_FEW])
    if len(names) > _FEW:
        shown.append(say("list.more", language, n=len(names) - _FEW))
    return ", ".join(shown) or say("list.none", language)


def rejects_note(found: FileReport, language: Language) -> str | None:
    """Return a remark where not every rejected row is in the file of rejected rows."""
    content = found.content
    if content is None or content.rejected <= MOST_REJECTED:
        return None
    return say(f"{_W}.rejects_cut", language, n=MOST_REJECTED)
