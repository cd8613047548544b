"""The pages on which people say where work stalls, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel.words.numbers import short_number
from pegel_web.flow.contracts.stalls import Stall, StallComparison, StallDesk, StallEvent, StreamStalls
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    Component,
    EmptyState,
    Facts,
    FormCard,
    Missing,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_STATUS: Final[dict[str, Tone]] = {"open": "warning", "answered": "info", "closed": "neutral"}
_W: Final = "flow.stalls"


def stalls_page(request: HttpRequest, found: StreamStalls, form: forms.Form | None) -> dict[str, Any]:
    """Return the page of one stream. ``form``: None: the person may not report."""
    language, stream = language_now(), found.stream
    title = say(f"{_W}.link", language)
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (stream.name, reverse("stream", args=[stream.id])),
        (title, None),
    )
    actions = [Action(label=say(f"{_W}.report", language), href="#report", kind="primary")] if form is not None else []
    return {
        "title": say(f"{_W}.title", language, name=stream.name),
        "header": PageHeader(
            title=say(f"{_W}.title", language, name=stream.name),
            lead=say(f"{_W}.lead", language),
            breadcrumbs=trail,
            actions=actions,
        ),
        "tabs": stream_tabs(request, stream, "stream_stalls"),
        "notices": _notices(found, language),
        "comparison": comparison_table(request, found, language),
        "reports": reports_table(
            request,
            found.reports,
            language,
            identity="reports",
            caption=say(f"{_W}.reports_caption", language),
            empty=EmptyState(title=say(f"{_W}.none_title", language), text=say(f"{_W}.none_text", language)),
        ),
        "form": None if form is None else report_card(form, stream.id, language),
    }


def report_card(form: forms.Form, stream_id: UUID, language: Language) -> FormCard:
    """Return the form; it says who reads what."""
    return FormCard(
        form=form,
        action=reverse("report_stall", args=[stream_id]),
        title=say(f"{_W}.report", language),
        lead=say(f"{_W}.promise", language),
        submit_label=say(f"{_W}.submit", language),
    )


def comparison_table(request: HttpRequest, found: StreamStalls, language: Language) -> Table:
    """Return the steps: what people say and what the log says."""
    rows = [
        {
            "state": one.state_name,
            "href": report_href(found.stream.id, one.state) if found.may_report else None,
            "reports": one.reports,
            "people": _people(one.people, found.floor, language),
            "hours": Missing.TOO_FEW if one.hours_withheld else one.hours_per_week,
            "wait": _wait(one, language),
            "share": Missing.TOO_FEW if one.wait_status == "withheld" else one.share,
            "rank": one.rank,
            "means": one.sentence,
        }
        for one in found.comparison
    ]
    return table_of(
        request,
        identity="comparison",
        caption=say(f"{_W}.comparison_caption", language),
        columns=(
            Column(key="state", label=say(f"{_W}.column.step", language), href_key="href"),
            Column(key="means", label=say(f"{_W}.column.means", language), sortable=False),
            Column(key="reports", label=say(f"{_W}.column.reports", language), kind="number"),
            Column(key="people", label=say(f"{_W}.column.people", language), kind="number"),
            Column(key="hours", label=say(f"{_W}.column.hours", language), kind="number"),
            Column(key="wait", label=say(f"{_W}.column.wait", language), kind="days"),
            Column(key="share", label=say("column.share", language), kind="percent"),
            Column(key="rank", label=say(f"{_W}.column.rank", language), kind="number"),
        ),
        rows=rows,
        empty=EmptyState(title=say("flow.stream.not_computed_title", language), text=say(f"{_W}.no_steps", language)),
    )


def reports_table(
    request: HttpRequest,
    found: Sequence[Stall],
    language: Language,
    *,
    identity: str,
    caption: str,
    empty: EmptyState,
    with_stream: bool = False,
    page_size: int = 20,
) -> Table:
    """Return reports with what the reader may do; their words only where the reader may read any of them."""
    files = bool(request.GET.get(f"{identity}.export"))
    with_words = any(one.why is not None for one in found)
    with_joining = not files and any(one.may_join for one in found)
    rows = [
        {
            "step": one.state_name,
            "href": reverse("stall", args=[one.id]),
            "stream": one.stream_name,
            "friction": say(f"{_W}.friction.{one.friction}", language),
            "why": one.why,
            "people": _people(one.people, one.floor, language),
            "date": one.reported_date,
            "status": status_badge(one, language),
            "join": _joining(one, language),
        }
        for one in found
    ]
    return table_of(
        request,
        identity=identity,
        caption=caption,
        columns=(
            Column(key="step", label=say(f"{_W}.column.step", language), href_key="href"),
            *((Column(key="stream", label=say("column.stream", language)),) if with_stream else ()),
            Column(key="friction", label=say(f"{_W}.column.friction", language)),
            *((Column(key="why", label=say(f"{_W}.column.why", language)),) if with_words else ()),
            Column(key="people", label=say(f"{_W}.column.people", language), kind="number"),
            Column(key="date", label=say(f"{_W}.column.date", language), kind="date"),
            Column(key="status", label=say(f"{_W}.column.status", language), kind="badge"),
            *((Column(key="join", label=say(f"{_W}.join", language), sortable=False),) if with_joining else ()),
        ),
        rows=rows,
        empty=empty,
        page_size=page_size,
    )


def stall_page(found: Stall, forms_shown: Sequence[FormCard]) -> dict[str, Any]:
    """Return one report with what became of it and what the reader may do."""
    language = language_now()
    title = say(f"{_W}.one_title", language, step=found.state_name)
    there = reverse("stream_stalls", args=[found.stream_id])
    actions = []
    if found.may_join:
        actions.append(
            Action(
                label=say(f"{_W}.join", language),
                href=reverse("join_stall", args=[found.id]),
                method="post",
                kind="primary",
            )
        )
    pairs: list[tuple[str, object]] = [
        (say(f"{_W}.column.status", language), status_badge(found, language)),
        (say(f"{_W}.column.friction", language), say(f"{_W}.friction.{found.friction}", language)),
        (say(f"{_W}.column.date", language), date_text(found.reported_date, language)),
        (say(f"{_W}.column.people", language), _people(found.people, found.floor, language)),
    ]
    if found.often is not None:
        pairs.append((say(f"{_W}.column.often", language), say(f"{_W}.often.{found.often}", language)))
    if found.hours_per_week is not None:
        pairs.append((say(f"{_W}.column.hours", language), short_number(found.hours_per_week, language)))
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say(f"{_W}.one_lead", language, stream=found.stream_name),
            breadcrumbs=(
                (say(f"{_W}.desk_title", language), reverse("stall_desk")),
                (found.stream_name, there),
                (title, None),
            ),
            actions=actions,
        ),
        "notices": [Notice(kind="info", text=text) for text in _about(found, language)],
        "found": found,
        "facts": Facts(pairs=pairs),
        "history": [_told(one, language) for one in found.history or ()],
        "forms": forms_shown,
        "there": there,
    }


def desk_page(request: HttpRequest, found: StallDesk) -> dict[str, Any]:
    """Return the page from which everybody can report, see what became of it, and answer."""
    language = language_now()
    tables = []
    if found.waiting:
        tables.append(
            reports_table(
                request,
                found.waiting,
                language,
                identity="waiting",
                caption=say(f"{_W}.waiting_caption", language),
                empty=EmptyState(title="", text=""),
                with_stream=True,
            )
        )
    own = reports_table(
        request, found.own, language, identity="own", caption=say(f"{_W}.own_caption", language),
        empty=EmptyState(title=say(f"{_W}.own_none_title", language), text=say(f"{_W}.own_none_text", language)),
        with_stream=True,
    )  # fmt: skip
    return {
        "title": say(f"{_W}.desk_title", language),
        "header": PageHeader(title=say(f"{_W}.desk_title", language), lead=say(f"{_W}.desk_lead", language)),
        "promise": Notice(kind="info", text=say(f"{_W}.promise", language)),
        "places": [
            {
                "stream": one.stream,
                "href": reverse("stream_stalls", args=[one.stream.id]),
                "steps": [(step.state_name, report_href(one.stream.id, step.state)) for step in one.steps],
                "outside": f"{reverse('stream_stalls', args=[one.stream.id])}?outside=1#report",
            }
            for one in found.places
        ],
        "empty": None
        if found.places
        else EmptyState(title=say("flow.overview.none_title", language), text=say(f"{_W}.no_places", language)),
        "waiting": tables[0] if tables else None,
        "own": own,
        "tables": [*tables, own],
    }


def report_href(stream_id: UUID, state: str) -> str:
    """Return the address of the form for a step."""
    return f"{reverse('stream_stalls', args=[stream_id])}?{urlencode({'state': state}, errors='replace')}#report"


def status_badge(found: Stall, language: Language) -> Badge:
    """Return how a report stands."""
    if found.ending is not None:
        tone: Tone = "good" if found.ending == "done" else "neutral"
        return Badge(text=say(f"{_W}.ending.{found.ending}", language), tone=tone)
    return Badge(text=say(f"{_W}.status.{found.status}", language), tone=_STATUS[found.status])


def _people(people: int | None, floor: int, language: Language) -> object:
    return say(f"{_W}.fewer_than", language, n=floor) if people is None else people


def _wait(one: StallComparison, language: Language) -> object:
    if one.wait_status == "value":
        return one.wait_days_per_item
    if one.wait_status == "as_work":
        return say(f"{_W}.as_work", language)
    return {"not_configured": Missing.NOT_CONFIGURED, "withheld": Missing.TOO_FEW}.get(one.wait_status, Missing.NO_DATA)


def _joining(one: Stall, language: Language) -> Component | str:
    if one.may_join:
        return Action(label=say(f"{_W}.join", language), href=reverse("join_stall", args=[one.id]), method="post")
    return say(f"{_W}.yours", language) if one.mine else say(f"{_W}.joined", language) if one.joined else ""


def _notices(found: StreamStalls, language: Language) -> list[Notice]:
    if any(one.wait_status == "withheld" for one in found.comparison):
        return [Notice(kind="info", text=say("reason.stream_group_too_small", language))]
    return []


def _about(found: Stall, language: Language) -> list[str]:
    """Return what the reader may not see or should know."""
    if found.mine:
        return [say(f"{_W}.yours_text", language)]
    if found.why is None:
        return [say(f"{_W}.words_hidden", language)]
    return [say(f"{_W}.author_hidden", language)]


def _told(one: StallEvent, language: Language) -> dict[str, str]:
    day = date_text(one.on_date, language)
    kind = f"closed_{one.ending}" if one.kind == "closed" else one.kind
    if one.by is None:
        code = f"{_W}.event.{kind}" if one.kind == "reopened" else f"{_W}.event.{kind}_by_nobody"
        return {"head": say(code, language, day=day), "text": one.text, "plan": one.plan}
    return {"head": say(f"{_W}.event.{kind}", language, day=day, who=one.by), "text": one.text, "plan": one.plan}
