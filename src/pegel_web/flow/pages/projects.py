"""The page on which people say over which projects a stream goes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.projects import ProjectFacts, ProjectsEffect, StreamProjects
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.projects_form import ProjectsForm
from pegel_web.ui.components import Column, EmptyState, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now


def projects_page(
    request: HttpRequest, found: StreamProjects, form: ProjectsForm, *, text: str = "", wrong: str = ""
) -> dict[str, Any]:
    """Return the context of the page. ``text``: what the list is narrowed to; ``wrong``: why it could not be saved."""
    language, stream = language_now(), found.stream
    title = say("flow.projects.title", language, name=stream.name)
    notices = [Notice(kind="bad", text=wrong)] if wrong else []
    if found.shared:
        notices.append(Notice(kind="bad", text=say("flow.projects.shared_now", language, n=found.shared)))
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.projects.lead", language),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (stream.name, reverse("stream", args=[stream.id])),
                (say("flow.tabs.declare_stream", language), reverse("declare_stream", args=[stream.id])),
                (say("flow.projects.crumb", language), None),
            ),
        ),
        "tabs": stream_tabs(request, stream, "declare_stream"),
        "notices": notices,
        "found": found,
        "table": _facts_table(request, "projects", say("flow.projects.now", language), found.projects, language),
        "form": form if found.may_change else None,
        "text": text,
        "effect": None if found.effect is None else _effect(request, found.effect, language),
        "history": _history(request, found, language),
    }


def _effect(request: HttpRequest, effect: ProjectsEffect, language: Language) -> dict[str, Any]:
    rows = [
        (say("flow.projects.before", language), effect.before),
        *((one.lake_name, one) for one in effect.projects),
        (say("flow.projects.after", language), effect.after),
    ]
    shared = say("flow.projects.shared", language, n=effect.shared) if effect.shared else ""
    if effect.examples:
        shared = f"{shared} {say('flow.projects.examples', language, names=list(effect.examples))}"
    return {
        "table": _table(request, "effect", say("flow.projects.effect", language), rows, language),
        "shared": Notice(kind="bad", text=shared) if shared else None,
    }


def _facts_table(
    request: HttpRequest, identity: str, caption: str, facts: tuple[ProjectFacts, ...], language: Language
) -> Table:
    return _table(request, identity, caption, [(one.lake_name, one) for one in facts], language)


def _table(
    request: HttpRequest, identity: str, caption: str, rows: list[tuple[str, ProjectFacts]], language: Language
) -> Table:
    return table_of(
        request,
        identity=identity,
        caption=caption,
        columns=(
            Column(key="name", label=say("flow.projects.project", language)),
            Column(key="items", label=say("flow.adopt.items", language), kind="number"),
            Column(key="transitions", label=say("flow.projects.transitions", language), kind="number"),
            Column(key="first", label=say("flow.projects.first", language), kind="date"),
            Column(key="last", label=say("flow.adopt.latest", language), kind="date"),
        ),
        rows=[
            {
                "name": name,
                "items": one.items,
                "transitions": one.transitions,
                "first": one.first_at,
                "last": one.last_at,
            }
            for name, one in rows
        ],
        empty=_empty(language),
    )


def _history(request: HttpRequest, found: StreamProjects, language: Language) -> Table:
    return table_of(
        request,
        identity="history",
        caption=say("flow.projects.history", language),
        columns=(
            Column(key="name", label=say("flow.projects.project", language)),
            Column(key="begun", label=say("flow.projects.from", language), kind="date"),
            Column(key="until", label=say("flow.projects.until", language), kind="date"),
        ),
        rows=[{"name": one.lake_name, "begun": one.valid_from, "until": one.valid_until} for one in found.history],
        empty=_empty(language),
    )


def _empty(language: Language) -> EmptyState:
    return EmptyState(title=say("status.no_data", language), text=say("flow.adopt.none_text", language))
