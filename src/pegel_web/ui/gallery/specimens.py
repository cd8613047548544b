"""Specimens of the small components, state by state. Names and numbers are invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.http import HttpRequest

from pegel_web.ui.component import Component
from pegel_web.ui.components import (
    Action,
    Badge,
    Breadcrumbs,
    Contents,
    Definition,
    EmptyState,
    Facts,
    Figure,
    FigureRow,
    Missing,
    Notice,
    PageHeader,
    Progress,
    Tab,
    Tabs,
)
from pegel_web.ui.gallery.words import sample


class Specimen(NamedTuple):
    """A component in some of its states: its name as in code and what to draw."""

    name: str
    states: Sequence[Component]


def specimens(request: HttpRequest) -> list[Specimen]:
    """Return the small components."""
    return [
        _page_header(),
        Specimen("Breadcrumbs", [Breadcrumbs(trail=[(sample("home"), "/ui/"), (sample("stream"), None)])]),
        Specimen("Tabs", [_tabs()]),
        Specimen("Contents", [Contents(places=[(sample("stream"), "tab-1"), (sample("items"), "tab-2")])]),
        Specimen("Action", _actions()),
        Specimen("Notice", [Notice(kind=kind, text=sample("sentence")) for kind in ("info", "good", "warning", "bad")]),
        Specimen("Notice", [Notice(kind="warning", title=sample("title"), text=sample("sentence"))]),
        Specimen("Badge", _badges()),
        Specimen("EmptyState", _empty_states()),
        Specimen("Figure, FigureRow", [FigureRow(figures=_figures())]),
        Specimen("Facts", [_facts()]),
        Specimen("Definition", [_definition()]),
        Specimen("Progress", _progress()),
    ]


def _page_header() -> Specimen:
    actions = [Action(label=sample("edit"), href="#edit"), Action(label=sample("start"), href="#start", kind="primary")]
    return Specimen("PageHeader", [PageHeader(title=sample("title"), lead=sample("sentence"), actions=actions)])


def _tabs() -> Tabs:
    return Tabs(
        label=sample("title"),
        items=[
            Tab(label=sample("stream"), href="#tab-1", current=True),
            Tab(label=sample("items"), href="#tab-2", count=1234),
            Tab(label=sample("settings"), href="#tab-3"),
        ],
    )


def _actions() -> list[Component]:
    return [
        Action(label=sample("edit"), href="#edit"),
        Action(label=sample("start"), href="#start", kind="primary"),
        Action(label=sample("delete"), href="#delete", kind="danger"),
    ]


def _badges() -> list[Component]:
    return [
        Badge(text=sample("neutral")),
        Badge(text=sample("good"), tone="good"),
        Badge(text=sample("warning"), tone="warning"),
        Badge(text=sample("bad"), tone="bad"),
        Badge(text=sample("info"), tone="info"),
    ]


def _empty_states() -> list[Component]:
    return [
        EmptyState(title=sample("empty_title"), text=sample("empty_text")),
        EmptyState(
            title=sample("empty_title"),
            text=sample("empty_text"),
            action_label=sample("start"),
            action_href="#start",
        ),
    ]


def _figures() -> list[Figure]:
    return [
        Figure(
            label=sample("flow_time"),
            value=12.44,
            unit=sample("days"),
            change=-2.1,
            change_tone="good",
            note=sample("uncertainty"),
            definition_href="#definition",
            rows_href="#rows",
        ),
        Figure(label=sample("efficiency"), value=0.184, kind="percent", change=0.021, change_tone="good"),
        Figure(label=sample("load"), value=1234, change=87, change_tone="warning", rows_href="#rows"),
        Figure(label=sample("value"), value=Decimal(48_200), kind="money", note=sample("uncertainty")),
        Figure(label=sample("items"), value=0),
        Figure(label=sample("forecast"), value=date(2026, 9, 30), note=sample("uncertainty")),
        *(Figure(label=sample("flow_time"), value=reason, unit=sample("days")) for reason in Missing),
    ]


def _facts() -> Facts:
    return Facts(
        pairs=[
            (sample("stream"), sample("title")),
            (sample("state"), Badge(text=sample("good"), tone="good")),
            (sample("since"), date(2026, 3, 2)),
            (sample("last_read"), datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
            (sample("items"), 1234),
            (sample("settings"), None),
            (sample("value"), Missing.NOT_CONFIGURED),
        ]
    )


def _definition() -> Definition:
    return Definition(term=sample("flow_time"), text=sample("definition"), href="#definition")


def _progress() -> list[Component]:
    return [
        Progress(label=sample("reading"), done=42, total=130, cancel_href="/ui/", href="/ui/"),
        Progress(label=sample("waiting"), done=0, total=None, href="/ui/"),
        Progress(label=sample("finished"), done=130, total=130),
    ]
