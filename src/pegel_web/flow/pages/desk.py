"""The page of a stream's desk, and that of one item at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.names import term
from pegel_web.flow.contracts.desk import DecisionLine, DeskItem, PullCandidate, PullStep, StreamDesk, ValueLine
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.pages.item import item_href
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Figure,
    FigureRow,
    FormCard,
    Missing,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_PACE: Final[dict[str | None, Tone]] = {"within_p50": "good", "within_p85": "neutral", "beyond_p85": "bad"}
_DECISION: Final[dict[str, Tone]] = {"pull": "good", "defer": "neutral", "refuse": "warning"}


def desk_item_href(stream_id: UUID | str, item: str) -> str:
    """Return the address at which one item is valued and decided on."""
    return f"{reverse('desk_item', args=[stream_id])}?{urlencode({'item': item}, errors='replace')}"


def desk_page(request: HttpRequest, found: StreamDesk) -> dict[str, Any]:
    """Return the context of a desk."""
    language = language_now()
    title = say("flow.desk.title", language, name=found.stream.name)
    declares = _declare_href(found)
    return {
        "title": title,
        "found": found,
        "tabs": stream_tabs(request, found.stream, "stream_desk"),
        "header": PageHeader(
            title=title,
            lead=say("flow.desk.lead", language),
            breadcrumbs=_trail(found.stream, say("flow.tabs.stream_desk", language), language),
            actions=[Action(label=say("flow.desk.to_declare", language), href=declares)] if declares else [],
        ),
        "notices": tuple(_notices(found, language)),
        "figures": _figures(found, language),
        "ageing": _ageing(request, found, language),
        "states": _states(request, found, language),
        "inflow": _candidates(request, found, found.inflow, "inflow", language),
        "steps": [
            (number, step, _candidates(request, found, step, f"step{number}", language) if step.candidates else None)
            for number, step in enumerate(found.steps, start=1)
        ],
        "decisions": decision_table(request, found.stream, found.decisions, language),
        "declares": declares,
        "definitions": {
            name: reverse("metric_definition", args=[name]) for name in ("work_item_age", "flow_load", "littles_law")
        },
    }


def desk_tables(page: dict[str, Any]) -> list[Table]:
    """Return every table of a desk, for export."""
    return [page["ageing"], page["states"], page["inflow"], page["decisions"],
            *(table for _, _, table in page["steps"] if table is not None)]  # fmt: skip


def desk_item_page(
    request: HttpRequest, found: DeskItem, decision: forms.Form | None, value: forms.Form | None, *, wrong: str = ""
) -> dict[str, Any]:
    """Return the context of one item at the desk; forms where the person may decide."""
    language = language_now()
    title = say("flow.desk.item_title", language, item=found.item)
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (found.stream.name, reverse("stream", args=[found.stream.id])),
        (say("flow.tabs.stream_desk", language), reverse("stream_desk", args=[found.stream.id])),
        (found.item, None),
    )
    query = f"?{urlencode({'item': found.item}, errors='replace')}"
    return {
        "title": title,
        "found": found,
        "tabs": stream_tabs(request, found.stream, "stream_desk"),
        "header": PageHeader(
            title=title,
            lead=_place(found, language),
            breadcrumbs=trail,
            actions=[Action(label=say("flow.desk.to_life", language), href=item_href(found.stream.id, found.item))],
        ),
        "notices": [Notice(kind="bad", text=wrong)] if wrong else [],
        "decision": None if decision is None or not found.decidable else FormCard(
            form=decision,
            title=say("flow.desk.decide_title", language),
            lead=say("flow.desk.no_write_back", language),
            submit_label=say("flow.desk.decide_submit", language),
            action=reverse("decide_inflow", args=[found.stream.id]) + query,
            cancel_href=reverse("stream_desk", args=[found.stream.id]),
        ),
        "value": None if value is None else FormCard(
            form=value,
            title=say("flow.desk.value_title", language),
            lead=say("flow.desk.value_lead", language, currency=found.currency),
            submit_label=say("flow.desk.value_submit", language),
            action=reverse("value_item", args=[found.stream.id]) + query,
        ),
        "decisions": decision_table(request, found.stream, found.decisions, language),
        "values": _values(request, found.values, language),
    }  # fmt: skip


def decision_table(request: HttpRequest, stream: Stream, lines: Sequence[DecisionLine], language: Language) -> Table:
    """Return decisions as a table, the newest first."""
    rows = [
        {
            "at": one.at,
            "item": one.item,
            "href": item_href(stream.id, one.item),
            "decision": Badge(text=_decided(one, language), tone=_DECISION.get(one.decision, "neutral")),
            "order": _order_text(one, language),
            "reason": one.reason,
            "outcome": one.outcome or None,
            "started": None if one.started is None else say("yes" if one.started else "no", language),
            "by": one.by,
        }
        for one in lines
    ]
    return table_of(
        request,
        identity="decisions",
        caption=say("flow.desk.decisions_caption", language),
        columns=(
            Column(key="at", label=say("flow.item.at", language), kind="datetime"),
            Column(key="item", label=say("column.item", language), href_key="href"),
            Column(key="decision", label=say("flow.desk.decision_head", language), kind="badge"),
            Column(key="order", label=say("flow.desk.order_head", language)),
            Column(key="reason", label=say("flow.desk.reason", language)),
            Column(key="outcome", label=say("flow.desk.outcome", language)),
            Column(key="started", label=say("flow.desk.started_since", language)),
            Column(key="by", label=say("flow.desk.by", language)),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.desk.no_decisions_title", language), text=say("flow.desk.no_decisions_text", language)
        ),
        page_size=15,
    )


def _decided(one: DecisionLine, language: Language) -> str:
    if one.until_date is not None:
        return say("flow.desk.deferred_until", language, day=one.until_date)
    return one.decision_name


def _order_text(one: DecisionLine, language: Language) -> str:
    if one.position is None:
        place = say("flow.desk.place_none", language)
    else:
        place = say("flow.desk.place", language, n=one.position, total=one.of)
    return f"{place} · {say('flow.desk.override', language)}" if one.override else place


def _place(found: DeskItem, language: Language) -> str:
    known = f"{found.type} · {found.state_name}" if found.type else found.state_name
    if not found.decidable:
        return f"{known}. {say('flow.desk.started_already', language)}"
    if found.candidate is None:
        return f"{known}. {say('flow.desk.place_none', language)}."
    place = say("flow.desk.place", language, n=found.candidate.position, total=found.of)
    return f"{known}. {place}. {found.candidate.why}"


def _trail(stream: Stream, here: str, language: Language) -> tuple[tuple[str, str | None], ...]:
    return (
        (say("flow.overview.title", language), reverse("streams")),
        (stream.name, reverse("stream", args=[stream.id])),
        (here, None),
    )


def _declare_href(found: StreamDesk) -> str | None:
    """Return where limits are declared, for people who may."""
    return reverse("declare_stream", args=[found.stream.id]) if found.may_declare else None


def _notices(found: StreamDesk, language: Language) -> list[Notice]:
    notices = []
    if found.withheld:
        notices.append(Notice(kind="info", text=say("flow.desk.withheld", language)))
    if found.freshness.stale:
        notices.append(Notice(kind="info", text=say("flow.fresh.stale", language)))
    if found.mixed_scales:
        notices.append(Notice(kind="info", text=say("flow.desk.mixed_scales", language)))
    return notices


def _figures(found: StreamDesk, language: Language) -> FigureRow:
    load = found.load
    limited = [one for one in found.states if one.limit is not None]
    over = sum(one.over or 0 for one in limited)
    items = reverse("stream_items", args=[found.stream.id])
    return FigureRow(
        figures=(
            Figure(
                label=say("flow.desk.figure.late", language),
                value=Missing.TOO_FEW if found.withheld else found.late,
                note=say("flow.desk.figure.late_note", language, n=found.ageing_total),
                definition_href=reverse("metric_definition", args=["work_item_age"]),
                rows_href=f"{items}?metric=late",
            ),
            Figure(
                label=say("flow.desk.figure.load", language),
                value=load.open,
                note=load.sentence,
                definition_href=reverse("metric_definition", args=["flow_load"]),
                rows_href=f"{items}?metric=flow_load",
            ),
            Figure(
                label=say("flow.desk.figure.over", language),
                value=over if limited else Missing.NOT_CONFIGURED,
                note=say("flow.desk.figure.over_note", language, n=len(limited)) if limited else None,
            ),
            Figure(label=say("flow.desk.figure.inflow", language), value=found.inflow.total,
                   note=say("flow.desk.figure.inflow_note", language)),
        )
    )  # fmt: skip


def _ageing(request: HttpRequest, found: StreamDesk, language: Language) -> Table:
    rows = [
        {
            "item": one.item,
            "href": item_href(found.stream.id, one.item),
            "type": one.type,
            "state": one.state_name,
            "age": one.age_days,
            "in_state": one.in_state_days,
            "pace": Badge(text=term("pace", one.pace or "unknown", language), tone=_PACE.get(one.pace, "neutral")),
            "p50": Missing.NO_DATA if one.p50 is None else one.p50,
            "p85": Missing.NO_DATA if one.p85 is None else one.p85,
            "held": one.held or None,
        }
        for one in found.ageing
    ]
    typed = any(row["type"] for row in rows)
    held = any(row["held"] for row in rows)
    return table_of(
        request,
        identity="ageing",
        caption=say("flow.desk.ageing_caption", language),
        columns=(
            Column(key="item", label=say("column.item", language), href_key="href"),
            *((Column(key="type", label=say("column.type", language)),) if typed else ()),
            Column(key="state", label=say("column.state", language)),
            Column(key="age", label=say("column.age_days", language), kind="days"),
            Column(key="in_state", label=say("column.in_state_days", language), kind="days"),
            *(
                ()
                if found.withheld
                else (
                    Column(key="pace", label=say("column.pace", language), kind="badge"),
                    Column(key="p50", label=say("column.usual_p50", language), kind="days"),
                    Column(key="p85", label=say("column.usual_p85", language), kind="days"),
                )
            ),
            *((Column(key="held", label=say("flow.desk.held", language)),) if held else ()),
        ),
        rows=rows,
        empty=EmptyState(title=say("flow.stream.ageing_none", language), text=say("flow.desk.ageing_none", language)),
        page_size=15,
    )


def _states(request: HttpRequest, found: StreamDesk, language: Language) -> Table:
    limited = Missing.NOT_CONFIGURED
    return table_of(
        request,
        identity="states",
        caption=say("flow.desk.states_caption", language),
        columns=(
            Column(key="state", label=say("column.state", language)),
            Column(key="category", label=say("column.category", language)),
            Column(key="open", label=say("flow.desk.open", language), kind="number"),
            Column(key="limit", label=say("flow.desk.limit", language), kind="number"),
            Column(key="room", label=say("flow.desk.room", language), kind="badge"),
        ),
        rows=[
            {
                "state": one.state_name,
                "category": one.category_name,
                "open": one.open,
                "limit": limited if one.limit is None else one.limit,
                "room": _room(one.over, one.free, language),
            }
            for one in found.states
        ],
        empty=EmptyState(title=say("flow.stream.ageing_none", language), text=say("flow.desk.states_none", language)),
        page_size=25,
    )


def _room(over: int | None, free: int | None, language: Language) -> Badge | None:
    if over is None or free is None:
        return None
    if over:
        return Badge(text=say("flow.desk.room_over", language, n=over), tone="bad")
    if not free:
        return Badge(text=say("flow.desk.room_full", language), tone="warning")
    return Badge(text=say("flow.desk.room_free", language, n=free), tone="good")


def _candidates(request: HttpRequest, found: StreamDesk, step: PullStep, identity: str, language: Language) -> Table:
    inflow = step.state is None
    rows = [
        {
            "position": one.position,
            "item": one.item,
            "href": item_href(found.stream.id, one.item),
            "type": one.type,
            "state": one.state_name,
            "waited": one.waited_days,
            "value": _worth(one, language),
            "usual": Missing.TOO_FEW if found.withheld else one.typical_days,
            "why": one.why,
            "decide": say("flow.desk.decide" if found.may_decide else "flow.desk.see", language),
            "decide_href": desk_item_href(found.stream.id, one.item),
        }
        for one in step.candidates
    ]
    typed = any(row["type"] for row in rows)
    return table_of(
        request,
        identity=identity,
        caption=say("flow.desk.inflow_caption" if inflow else "flow.desk.step_caption", language, state=step.name),
        columns=(
            Column(key="item", label=say("column.item", language), href_key="href"),
            Column(key="position", label=say("flow.desk.position", language), kind="number"),
            Column(key="why", label=say("flow.desk.why_head", language)),
            Column(key="decide", label=say("flow.desk.say_head", language), href_key="decide_href", sortable=False),
            Column(key="waited", label=say("flow.desk.waited", language), kind="days"),
            Column(key="value", label=say("flow.desk.value", language)),
            Column(key="usual", label=say("flow.desk.usual", language), kind="days"),
            Column(key="state", label=say("column.state", language)),
            *((Column(key="type", label=say("column.type", language)),) if typed else ()),
        ),
        rows=rows,
        empty=EmptyState(
            title=say("flow.desk.inflow_none_title", language), text=say("flow.desk.inflow_none_text", language)
        ),
        page_size=10 if inflow else 5,
    )


def _worth(one: PullCandidate | ValueLine, language: Language) -> str:
    if one.points is not None:
        return say("flow.desk.points", language, n=one.points)
    if one.cost_of_delay is not None:
        return say("flow.desk.per_day", language, amount=one.cost_of_delay, currency=one.currency or "")
    return say("flow.desk.unsaid", language)


def _values(request: HttpRequest, lines: Sequence[ValueLine], language: Language) -> Table:
    return table_of(
        request,
        identity="values",
        caption=say("flow.desk.values_caption", language),
        columns=(
            Column(key="at", label=say("flow.item.at", language), kind="datetime"),
            Column(key="value", label=say("flow.desk.value", language)),
            Column(key="reason", label=say("flow.desk.reason", language)),
            Column(key="by", label=say("flow.desk.by", language)),
        ),
        rows=[{"at": one.at, "value": _worth(one, language), "reason": one.reason, "by": one.by} for one in lines],
        empty=EmptyState(title=say("flow.desk.unsaid_title", language), text=say("flow.desk.unsaid_text", language)),
    )
