"""The tables on the page of a stream."""

from __future__ import annotations

from django.http import HttpRequest

from pegel.words import Language, say
from pegel.words.names import term
from pegel_web.core.entry import acting
from pegel_web.flow.computing.kinds import meant_text
from pegel_web.flow.contracts.against import AgainstDeclared
from pegel_web.flow.contracts.reports import ReportContent, StreamReport
from pegel_web.flow.pages.addresses import items_href
from pegel_web.flow.pages.item import item_href
from pegel_web.flow.pages.stalls import report_href
from pegel_web.flow.queries.stalls import REPORT
from pegel_web.ui.components import Badge, Column, EmptyState, Missing, Table, Tone, table_of

_PACE: dict[str | None, Tone] = {"within_p50": "good", "within_p85": "neutral", "beyond_p85": "bad"}


def state_table(request: HttpRequest, found: StreamReport, language: Language) -> Table | None:
    """Return the states: flow time of finished work in them, and the load in them now; None: withheld."""
    content = found.content
    if content is None or found.withheld:
        return None
    rows = [
        {
            "state": line.state_name,
            "href": items_href(found, "time_in_state", line.state) if found.leads_to_items and line.items else None,
            "phase": term("phase", line.phase, language) if line.phase else None,
            "category": line.category_name,
            "share": line.share,
            "days_per_item": line.days_per_item if line.items else None,
            "items": line.items,
            "load": line.load,
            "load_href": items_href(found, "flow_load", line.state) if found.leads_to_items and line.load else None,
            "late": line.late,
            "oldest": line.oldest,
            "friction": line.friction_name,
            "stall": say("flow.stalls.here", language),
            "stall_href": report_href(found.stream.id, line.state),
        }
        for line in content.states
    ]
    reports = acting(request).allows(REPORT, unit=found.stream.unit_id) and not request.GET.get("states.export")
    return table_of(
        request,
        identity="states",
        caption=say("flow.stream.states_caption", language),
        columns=(
            Column(key="state", label=say("column.state", language), href_key="href"),
            *((Column(key="phase", label=say("column.phase", language)),) if any(r["phase"] for r in rows) else ()),
            Column(key="category", label=say("column.category", language)),
            Column(key="share", label=say("column.share", language), kind="percent"),
            Column(key="days_per_item", label=say("column.days_per_item", language), kind="days"),
            Column(key="items", label=say("column.items", language), kind="number"),
            Column(key="load", label=say("flow.stream.load", language), kind="number", href_key="load_href"),
            Column(key="late", label=say("flow.stream.late", language), kind="number"),
            Column(key="oldest", label=say("flow.stream.oldest", language), kind="days"),
            *(
                (Column(key="friction", label=say("column.friction", language)),)
                if any(r["friction"] for r in rows)
                else ()
            ),
            *(
                (
                    Column(
                        key="stall",
                        label=say("flow.stalls.column.here", language),
                        sortable=False,
                        href_key="stall_href",
                    ),
                )
                if reports
                else ()
            ),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=content.stall),
        page_size=12,
    )


def wait_table(request: HttpRequest, content: ReportContent, language: Language) -> Table | None:
    """Return the waits by cause; None where there is no answer, which the sentence explains."""
    if content.waits.status != "value":
        return None
    known = [line for line in content.waits.lines if line.days is not None]
    rows = [
        {
            "cause": line.cause_name, "share": line.share, "days": line.days, "items": line.items,
            "p50": line.p50, "p85": line.p85, "evidence": line.evidence,
        }
        for line in sorted(known, key=lambda line: -(line.days or 0.0))
    ]  # fmt: skip
    return table_of(
        request,
        identity="waits",
        caption=say("flow.stream.waits_caption", language),
        columns=(
            Column(key="cause", label=say("column.cause", language)),
            Column(key="share", label=say("column.wait_share", language), kind="percent"),
            Column(key="days", label=say("column.wait_days", language), kind="days"),
            Column(key="items", label=say("column.wait_items", language), kind="number"),
            Column(key="p50", label=say("column.wait_p50", language), kind="days"),
            Column(key="p85", label=say("column.wait_p85", language), kind="days"),
            Column(key="evidence", label=say("column.cause_evidence", language)),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=content.waits.sentence),
    )


def kind_table(request: HttpRequest, content: ReportContent, language: Language) -> Table | None:
    """Return the kinds of work beside what is meant; None where no kinds are known."""
    found = content.distribution
    if found.status != "value":
        return None
    tones: dict[str, Tone] = {"within": "good", "below": "warning", "above": "warning"}
    rows = [
        {
            "kind": line.kind_name,
            "share": line.share,
            "meant": meant_text(line, language) or Missing.NOT_CONFIGURED,
            "verdict": Missing.NOT_CONFIGURED
            if line.verdict is None
            else Badge(text=say(f"flow.kinds.verdict_{line.verdict}", language), tone=tones[line.verdict]),
        }
        for line in found.lines
    ]
    meant = (
        Column(key="meant", label=say("flow.kinds.meant", language)),
        Column(key="verdict", label=say("flow.kinds.verdict", language), kind="badge"),
    )
    return table_of(
        request,
        identity="kinds",
        caption=say("flow.kinds.caption", language),
        columns=(
            Column(key="kind", label=say("column.kind", language)),
            Column(key="share", label=say("column.share_of_finished", language), kind="percent"),
            *(meant if found.declared else ()),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=found.sentence),
    )


def ageing_table(request: HttpRequest, found: StreamReport, language: Language) -> Table | None:
    """Return the oldest open items; None for people who may see figures only."""
    content = found.content
    if content is None or not found.may_see_items:
        return None
    compared = not found.withheld
    rows = [
        {
            "item": item.item,
            "href": item_href(found.stream.id, item.item),
            "type": item.type,
            "state": item.state_name,
            "age": item.age_days,
            "in_state": item.in_state_days,
            "pace": Badge(text=term("pace", item.pace or "unknown", language), tone=_PACE.get(item.pace, "neutral")),
            "p50": item.p50 if item.p50 is not None else Missing.NO_DATA,
            "p85": item.p85 if item.p85 is not None else Missing.NO_DATA,
        }
        for item in content.ageing.items
    ]
    columns = [
        Column(key="item", label=say("column.item", language), href_key="href"),
        *(
            (Column(key="type", label=say("column.type", language)),)
            if any(item.type for item in content.ageing.items)
            else ()
        ),
        Column(key="state", label=say("column.state", language)),
        Column(key="age", label=say("column.age_days", language), kind="days"),
        Column(key="in_state", label=say("column.in_state_days", language), kind="days"),
    ]
    if compared:
        columns += [
            Column(key="pace", label=say("column.pace", language), kind="badge"),
            Column(key="p50", label=say("column.usual_p50", language), kind="days"),
            Column(key="p85", label=say("column.usual_p85", language), kind="days"),
        ]
    return table_of(
        request,
        identity="ageing",
        caption=say("flow.stream.ageing_caption", language),
        columns=columns,
        rows=rows,
        empty=EmptyState(title=say("flow.stream.ageing_none", language), text=content.ageing.sentence),
        page_size=15,
    )


def forecast_table(request: HttpRequest, content: ReportContent, language: Language) -> Table | None:
    """Return what is done with which confidence; None where there is no forecast."""
    levels = content.forecast.levels
    if content.forecast.status != "value" or not levels:
        return None
    rows = [
        {
            "confidence": level.confidence,
            "items": Missing.UNDEFINED if level.items is None else level.items,
            "day": Missing.UNDEFINED if level.day is None else level.day,
        }
        for level in levels
    ]
    with_day = any(level.day is not None for level in levels)
    return table_of(
        request,
        identity="forecast",
        caption=say("flow.stream.forecast_caption", language),
        columns=(
            Column(key="confidence", label=say("flow.stream.confidence", language), kind="percent"),
            Column(key="items", label=say("flow.stream.at_least", language), kind="number"),
            *((Column(key="day", label=say("flow.stream.done_by", language), kind="date"),) if with_day else ()),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=content.forecast.sentence),
    )


def quality_table(request: HttpRequest, content: ReportContent, language: Language) -> Table | None:
    """Return what the checks found; None: they found nothing."""
    if not content.quality.lines:
        return None
    tones: dict[str, Tone] = {"error": "bad", "warning": "warning"}
    rows = [
        {
            "check": line.name,
            "severity": Badge(text=line.severity_name, tone=tones.get(line.severity, "neutral")),
            "found": line.found,
            "share": line.share,
            "effect": line.effect,
            "do": line.do,
        }
        for line in content.quality.lines
    ]
    return table_of(
        request,
        identity="quality",
        caption=say("flow.stream.quality_caption", language),
        columns=(
            Column(key="check", label=say("flow.stream.check", language)),
            Column(key="severity", label=say("column.severity", language), kind="badge"),
            Column(key="found", label=say("flow.stream.found", language), kind="number"),
            Column(key="share", label=say("column.found_share", language), kind="percent"),
            Column(key="effect", label=say("flow.stream.effect", language), sortable=False),
            Column(key="do", label=say("flow.stream.do", language), sortable=False),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=" ".join(content.quality.sentences)),
    )


def price_table(request: HttpRequest, found: AgainstDeclared | None, language: Language) -> Table | None:
    """Return what the waits of each cause have cost; None: nothing is priced."""
    if found is None or not found.price.lines:
        return None
    rows = [
        {
            "cause": one.cause_name,
            "of": term("wait_of", "open" if one.open else "finished", language),
            "days": one.days,
            "price": one.price,
        }
        for one in found.price.lines
    ]
    return table_of(
        request,
        identity="prices",
        caption=say("metric.price_of_waiting.label", language),
        columns=(
            Column(key="cause", label=say("column.cause", language)),
            Column(key="of", label=say("column.items", language)),
            Column(key="days", label=say("column.days", language), kind="days"),
            Column(key="price", label=say("flow.against.price", language, currency=found.price.currency or ""),
                   kind="number"),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=found.price.sentence),
    )  # fmt: skip
