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
from pegel_web.ui.values import written
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
        "table": _now(request, found, language),
        "form": form if found.may_change else None,
        "text": text,
        "effect": None if found.effect is None else _effect(found.effect, language),
        "history": _history(request, found, language),
    }


def _effect(effect: ProjectsEffect, language: Language) -> dict[str, Any]:
    rows = [
        (say("flow.projects.before", language), effect.before),
        *((one.lake_name, one) for one in effect.projects),
        (say("flow.projects.after", language), effect.after),
    ]
    shared = say("flow.projects.shared", language, n=effect.shared) if effect.shared else ""
    if effect.examples:
        shared = f"{shared} {say('flow.projects.examples', language, names=list(effect.examples))}"
    return {
        "rows": [_written(name, one, language) for name, one in rows],
        "shared": Notice(kind="bad", text=shared) if shared else None,
    }


def _written(name: str, one: ProjectFacts, language: Language) -> dict[str, str]:
    """Return a line of the effect, which is no table to be sorted or exported: nothing of it is saved yet."""
    return {
        "name": name,
        "items": written(one.items, "number", language),
        "transitions": written(one.transitions, "number", language),
        "first": "–" if one.first_at is None else written(one.first_at, "date", language),
        "last": "–" if one.last_at is None else written(one.last_at, "date", language),
    }


def _now(request: HttpRequest, found: StreamProjects, language: Language) -> Table:
    return table_of(
        request,
        identity="projects",
        caption=say("flow.projects.now", language),
        columns=(
            Column(key="name", label=say("flow.projects.project", language)),
            Column(key="items", label=say("flow.adopt.items", language), kind="number"),
            Column(key="transitions", label=say("flow.projects.transitions", language), kind="number"),
            Column(key="first", label=say("flow.projects.first", language), kind="date"),
            Column(key="last", label=say("flow.adopt.latest", language), kind="date"),
        ),
        rows=[
            {
                "name": one.lake_name,
                "items": one.items,
                "transitions": one.transitions,
                "first": one.first_at,
                "last": one.last_at,
            }
            for one in found.projects
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
