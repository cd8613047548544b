"""The page of one item: its life on a line, and the same as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pegel.charts import item_life
from pegel.charts.drawing import specification
from pegel.charts.item_life import BLOCKED, Bar, Mark
from pegel.eventlog.schema import to_us
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel_web.flow.contracts.item import ItemClock, ItemLife, ItemStay, WaitCausePart
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.ui.components import (
    Action,
    Chart,
    Column,
    EmptyState,
    Facts,
    Missing,
    Notice,
    PageHeader,
    Table,
    table_of,
)
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now

#: Bars on the line at most; the table has every stay.
_MOST_BARS: Final = 400
#: Categories that are drawn in a colour of their own.
_DRAWN: Final = ("new", "waiting", "active", "done", "cancelled", "ignored")


def item_href(stream_id: UUID | str, item: str) -> str:
    """Return the address of one item; its name may hold any sign, so it stands in the query."""
    return f"{reverse('stream_item', args=[stream_id])}?{urlencode({'item': item}, errors='replace')}"


def item_page(request: HttpRequest, found: ItemLife) -> dict[str, Any]:
    """Return the context of one item's life."""
    language = language_now()
    title = say("flow.item.title", language, item=found.item)
    items = reverse("stream_items", args=[found.stream.id])
    desk = reverse("stream_desk", args=[found.stream.id])
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (found.stream.name, reverse("stream", args=[found.stream.id])),
        (say("flow.tabs.stream_items", language), items),
        (found.item, None),
    )
    return {
        "title": title,
        "found": found,
        "tabs": stream_tabs(request, found.stream, "stream_item"),
        "header": PageHeader(
            title=title,
            lead=say("flow.item.lead", language, type=found.type or say("flow.item.no_type", language),
                     state=found.state_name, stream=found.stream.name),
            breadcrumbs=trail,
            actions=[Action(label=say("flow.tabs.stream_desk", language), href=desk)],
        ),
        "notices": tuple(_notices(found, language)),
        "chart": _chart(found, language),
        "stays": _stays(request, found, language),
        "causes": _causes(request, found, language),
        "clocks": _clocks(request, found, language),
        "changes": _changes(request, found, language),
        "links": _links(request, found, language),
        "facts": _facts(found, language),
        "definitions": {
            name: reverse("metric_definition", args=[name]) for name in ("waits", "work_item_age", "flow_time")
        },
        "items_href": items,
    }  # fmt: skip


def _notices(found: ItemLife, language: Language) -> Iterator[Notice]:
    if found.not_counted:
        yield Notice(kind="warning", text=found.not_counted)
    if found.withheld:
        yield Notice(kind="info", text=say("flow.item.withheld", language))
    if found.freshness is not None and found.freshness.stale:
        yield Notice(kind="info", text=say("flow.item.stale", language))


def _chart(found: ItemLife, language: Language) -> Chart | None:
    bars = [*_clock_bar(found, language), *_bars(found, language)][:_MOST_BARS]
    marks = [
        Mark(at_us=to_us(at), name=say(f"flow.item.mark.{name}", language))
        for name, at in (("start", found.clock.started_at), ("end", found.clock.ended_at))
        if at is not None
    ]
    if not any(bar.until_us > bar.from_us for bar in bars):
        return None  # everything happened in one moment: there is no line to draw
    drawing = specification(lambda: item_life.chart(bars, marks, language, title=found.sentence))
    return Chart(identity="chart-item-life", specification=drawing, summary=found.sentence,
                 title=say("flow.item.line", language))  # fmt: skip


def _clock_bar(found: ItemLife, language: Language) -> Iterator[Bar]:
    """Yield the time that the clock of the figures ran, above the states."""
    clock = found.clock
    if clock.started_at is not None and clock.days is not None:
        yield Bar(
            lane=say("flow.item.lane_clock", language),
            role="muted",
            meaning=say("flow.item.counts", language),
            from_us=to_us(clock.started_at),
            until_us=to_us(clock.ended_at or found.as_of),
            length=duration(clock.days, language),
        )


def _bars(found: ItemLife, language: Language) -> Iterator[Bar]:
    as_of = to_us(found.as_of)
    for stay in found.stays:
        category = stay.category if stay.category in _DRAWN else "unmapped"
        until = as_of if stay.until_at is None else to_us(stay.until_at)
        yield Bar(
            lane=stay.state_name,
            role=category or "unmapped",
            meaning=stay.category_name or say("flow.item.elsewhere", language),
            from_us=to_us(stay.from_at),
            until_us=max(until, to_us(stay.from_at)),
            length=duration(stay.days, language),
        )
    raised = None
    for change in [*(one for one in found.changes if one.field == "flag"), None]:
        if raised is not None:
            until = as_of if change is None else to_us(change.at)
            yield Bar(
                lane=say("flow.item.lane_blocked", language), role=BLOCKED, meaning=raised.text,
                from_us=to_us(raised.at), until_us=max(until, to_us(raised.at)),
                length=duration(max(0, until - to_us(raised.at)) / 86_400_000_000, language),
            )  # fmt: skip
        raised = change if change is not None and change.up else None


def _stays(request: HttpRequest, found: ItemLife, language: Language) -> Table:
    rows = [
        {
            "state": one.state_name,
            "category": one.category_name or None,
            "phase": one.phase_name or None,
            "friction": one.friction_name or None,
            "from": one.from_at,
            "until": say("flow.item.still", language) if one.until_at is None else one.until_at,
            "days": one.days,
            "working": one.working_days,
            "why": _why(one, found, language),
        }
        for one in found.stays
    ]
    held = [name for name in ("phase", "friction") if any(row[name] for row in rows)]
    return table_of(
        request,
        identity="stays",
        caption=say("flow.item.stays_caption", language),
        columns=(
            Column(key="state", label=say("column.state", language)),
            Column(key="category", label=say("column.category", language)),
            Column(key="from", label=say("flow.item.from", language), kind="datetime"),
            Column(key="until", label=say("flow.item.until", language), kind="datetime"),
            Column(key="days", label=say("flow.item.days", language), kind="days"),
            *(
                (Column(key="working", label=say("flow.item.working_days", language), kind="days"),)
                if found.calendar is not None
                else ()
            ),
            Column(key="why", label=say("flow.item.waited_for", language)),
            *(Column(key=name, label=say(f"column.{name}", language)) for name in held),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=found.sentence),
        page_size=25,
    )


def _why(stay: ItemStay, found: ItemLife, language: Language) -> str | None:
    """Say why it waited in a stay; None: it did not, or causes are not told."""
    return (
        "; ".join(f"{_cause_name(one)}: {duration(one.days, language, unit=found.unit)}" for one in stay.causes) or None
    )


def _cause_name(one: WaitCausePart) -> str:
    return f"{one.cause_name} ({one.reason_name})" if one.reason_name else one.cause_name


def _causes(request: HttpRequest, found: ItemLife, language: Language) -> Table | None:
    if found.causes_status != "value":
        return None
    whole = sum(one.days for one in found.causes)
    return table_of(
        request,
        identity="causes",
        caption=say("flow.item.causes_caption", language),
        columns=(
            Column(key="cause", label=say("column.cause", language)),
            Column(key="days", label=_days_label(found, language), kind="days"),
            Column(key="share", label=say("column.wait_share", language), kind="percent"),
            Column(key="evidence", label=say("column.cause_evidence", language)),
        ),
        rows=[
            {"cause": _cause_name(one), "days": one.days, "share": one.days / whole, "evidence": one.evidence}
            for one in found.causes
        ],
        empty=EmptyState(title=say("flow.item.no_wait_title", language), text=say("flow.item.no_wait_text", language)),
    )


def _clocks(request: HttpRequest, found: ItemLife, language: Language) -> Table:
    rows = [
        {
            "policy": f"{one.policy_name} ({say('flow.item.used', language)})" if one.chosen else one.policy_name,
            "status": one.status_name,
            "started": one.started_at,
            "ended": one.ended_at,
            "days": Missing.UNDEFINED if one.days is None else one.days,
            "working": Missing.UNDEFINED if one.working_days is None else one.working_days,
            "active": one.active_days,
            "waiting": _waiting(one),
            "why": " ".join(one.why),
        }
        for one in sorted(found.clocks, key=lambda one: not one.chosen)
    ]
    return table_of(
        request,
        identity="clocks",
        caption=say("flow.item.clocks_caption", language),
        columns=(
            Column(key="policy", label=say("flow.item.policy", language)),
            Column(key="why", label=say("flow.item.why_head", language)),
            Column(key="status", label=say("flow.items.ending", language)),
            Column(key="days", label=say("flow.item.days", language), kind="days"),
            *(
                (Column(key="working", label=say("flow.item.working_days", language), kind="days"),)
                if found.calendar is not None
                else ()
            ),
            Column(key="active", label=say("flow.items.active", language), kind="days"),
            Column(key="waiting", label=say("flow.item.waiting_days", language), kind="days"),
            Column(key="started", label=say("flow.items.started", language), kind="datetime"),
            Column(key="ended", label=say("flow.items.ended", language), kind="datetime"),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=found.sentence),
    )


def _waiting(one: ItemClock) -> float | Missing:
    return Missing.UNDEFINED if one.waiting_days is None else one.waiting_days


def _changes(request: HttpRequest, found: ItemLife, language: Language) -> Table:
    return table_of(
        request,
        identity="changes",
        caption=say("flow.item.changes_caption", language),
        columns=(
            Column(key="at", label=say("flow.item.at", language), kind="datetime"),
            Column(key="text", label=say("flow.item.what", language)),
        ),
        rows=[{"at": one.at, "text": one.text} for one in found.changes],
        empty=EmptyState(
            title=say("flow.item.no_changes_title", language), text=say("flow.item.no_changes_text", language)
        ),
        page_size=15,
    )


def _links(request: HttpRequest, found: ItemLife, language: Language) -> Table:
    return table_of(
        request,
        identity="links",
        caption=say("flow.item.links_caption", language),
        columns=(
            Column(key="kind", label=say("flow.item.link_head", language)),
            Column(key="item", label=say("column.item", language), href_key="href"),
            Column(key="stream", label=say("flow.item.link_stream", language)),
            Column(key="ended", label=say("flow.item.link_ended", language)),
            Column(key="since", label=say("flow.item.link_since", language), kind="date"),
        ),
        rows=[
            {
                "kind": one.kind_name,
                "item": one.item,
                "href": None if one.item is None or one.stream_id is None else item_href(one.stream_id, one.item),
                "stream": one.stream_name,
                "ended": Missing.NO_DATA if one.ended is None else say("yes" if one.ended else "no", language),
                "since": one.since_at,
            }
            for one in found.links
        ],
        empty=EmptyState(
            title=say("flow.item.no_links_title", language), text=say("flow.item.no_links_text", language)
        ),
        page_size=15,
    )


def _facts(found: ItemLife, language: Language) -> Facts:
    if found.withheld:
        handed: object = Missing.TOO_FEW
    else:
        handed = Missing.NO_DATA if found.hand_offs is None else found.hand_offs
    elapsed = found.clock.days
    working: object = Missing.NOT_CONFIGURED if found.calendar is None else Missing.UNDEFINED
    if found.calendar is not None and found.clock.working_days is not None:
        working = duration(found.clock.working_days, language, unit="working_days")
    compared = found.comparison
    fallback = say("flow.item.compared.withheld" if found.withheld else "flow.item.compared.none", language)
    return Facts(
        pairs=(
            (say("flow.item.begun", language), found.begun_at),
            (say("flow.item.elapsed", language),
             Missing.UNDEFINED if elapsed is None else duration(elapsed, language)),
            (say("flow.item.working", language), working),
            (say("flow.item.against", language), fallback if compared is None else compared.sentence),
            (say("flow.item.hand_offs", language), handed),
            (say("flow.item.reopenings", language), found.reopenings),
            (say("report.as_of", language), written(found.as_of, "datetime", language)),
        )
    )  # fmt: skip


def _days_label(found: ItemLife, language: Language) -> str:
    return say("flow.item.working_days" if found.unit == "working_days" else "flow.item.days", language)
