"""The page of one stream: what it says first, and its figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel.words.names import term
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.events import StreamEvents
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.reports import ChartLine, ReportContent, Selection, StreamReport
from pegel_web.flow.contracts.selection import SelectionChoices
from pegel_web.flow.pages import stream_tables as tables
from pegel_web.flow.pages.addresses import (
    chart_address,
    declare_href,
    definition_href,
    forecast_href,
    items_href,
    paper_href,
)
from pegel_web.flow.pages.cells import missing_of
from pegel_web.flow.pages.events import event_table, stamp_of
from pegel_web.flow.pages.overview import OLD_DAYS, choice_tabs
from pegel_web.flow.pages.selection import selection_sentence
from pegel_web.flow.pages.stall_map import stall_map
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.queries.events import TRENDS
from pegel_web.flow.queries.where_it_stalls import first_step
from pegel_web.flow.selection_form import address_of
from pegel_web.jobs.contracts import JobReport
from pegel_web.ui.components import (
    Action,
    Chart,
    Contents,
    EmptyState,
    Facts,
    Figure,
    FigureRow,
    Notice,
    PageHeader,
    Progress,
)
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now

#: How the progress on the page begins to be called when they ask how far it is.
PROGRESS: Final = "progress-"
#: Periods end before a moment; the last day of one is the day of the moment before.
_MOMENT: Final = timedelta(microseconds=1)
#: What the sections of the page lead to.
_DEFINED: Final = (
    "time_in_state", "waits", "work_item_age", "flow_distribution", "forecast", "backtest", "process_behaviour",
    "data_quality", "service_level", "price_of_waiting",
)  # fmt: skip
#: The sections of the page as it shows them, with the words of their headings.
_SECTIONS: Final = (
    ("figures", "flow.stream.figures"),
    ("stall", "flow.stream.states"),
    ("against", "flow.against.title"),
    ("why", "flow.stream.waits"),
    ("ageing", "flow.stream.ageing"),
    ("trends", "flow.stream.trends"),
    ("kinds", "flow.stream.kinds"),
    ("next", "flow.stream.forecast"),
    ("quality", "flow.stream.quality"),
    ("rules", "flow.stream.rules"),
)
#: What a group too small is told, too.
_FOR_SMALL_GROUPS: Final = ("figures", "ageing", "quality", "rules")


def stream_page(
    request: HttpRequest,
    found: StreamReport,
    job: JobReport | None,
    choices: SelectionChoices,
    events: StreamEvents | None = None,
) -> dict[str, Any]:
    """Return the context of the page.

    ``job``: the computation that the person has asked for and that still runs. ``events``: what is marked in the
    trends.
    """
    language, content = language_now(), found.content
    own = found.selection
    asked = own or Selection(
        period=next((one.code for one in found.periods if one.chosen), DEFAULT),
        policy=None if content is None else content.policy,
    )
    context: dict[str, Any] = {
        "title": found.stream.name,
        "header": _header(found, language),
        "tabs": stream_tabs(request, found.stream, "stream"),
        "progress": None if job is None else progress_of(job, language, href=request.get_full_path()),
        "notices": _notices(found, language),
        "content": content,
        "own": own,
        "own_sentence": "" if own is None else selection_sentence(own, language),
        "choices": choices,
        "asked": asked,
        "compare_href": f"{reverse('side_by_side', args=[found.stream.id])}?{address_of(asked)}",
        "here": reverse("stream", args=[found.stream.id]),
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "policies": choice_tabs(request, found.policies, "policy", say("flow.policy.label", language)),
    }
    if content is None:
        return {**context, "empty": _not_computed(found, language) if job is None else None}
    return {
        **context,
        "figures": FigureRow(figures=[_figure(one, found, language) for one in content.figures]),
        "withheld": found.withheld,
        "map": stall_map(found, language),
        "first_step": None if found.withheld else first_step(content, language),
        "against": found.against,
        "prices": tables.price_table(request, found.against, language),
        "states": tables.state_table(request, found, language),
        "states_open": any(name.startswith("states.") for name in request.GET),
        "kinds": tables.kind_table(request, content, language),
        "declare_href": declare_href(found),
        "waits": tables.wait_table(request, content, language),
        "ageing": tables.ageing_table(request, found, language),
        "forecast_href": forecast_href(found),
        "forecast": tables.forecast_table(request, content, language),
        "quality": tables.quality_table(request, content, language),
        "charts": {one.name: _chart(one, found, language, events) for one in content.charts},
        "events": event_table(request, events, language) if events is not None and events.lines else None,
        "may_change": found.may_change,
        "events_href": reverse("stream_events", args=[found.stream.id]),
        "contents": contents_of(found, language),
        "facts": facts_of(found, content, language),
        "items_href": items_href(found, "work_item_age") if found.leads_to_items else None,
        "late_href": items_href(found, "late") if found.leads_to_items and content.ageing.late else None,
        "links": {name: definition_href(name) for name in _DEFINED},
    }


def contents_of(found: StreamReport, language: Language) -> Contents:
    """Return the sections that are shown, by their headings."""
    shown = {place for place, _ in _SECTIONS if place in _FOR_SMALL_GROUPS or not found.withheld}
    if found.against is None:
        shown.discard("against")
    return Contents(places=[(say(code, language), place) for place, code in _SECTIONS if place in shown])


def progress_of(job: JobReport, language: Language, *, href: str | None = None) -> Progress:
    """Return how far a computation is. ``href``: the page that shows it, under which browsers find it again."""
    label = say(job.progress_code or "flow.job.reads", language, **job.progress_values)
    cancel = reverse("cancel_job", args=[job.id]) if job.may_cancel else None
    return Progress(label=label, done=job.done or 0, total=job.total, cancel_href=cancel, href=href)


def lead_of(found: StreamReport, language: Language) -> str:
    """Return the unit that answers for a stream, and the period that is looked at."""
    content = found.content
    if content is None:
        return found.stream.unit_name
    days = found.selection is not None and (found.selection.from_day or found.selection.until_day)
    return say(
        "flow.stream.lead",
        language,
        unit=found.stream.unit_name,
        period=say("flow.select.own_days" if days else f"flow.period.{content.period}", language),
        from_day=date_text(content.from_at, language),
        until_day=date_text(content.until_at - _MOMENT if days else content.as_of, language),
    )


def _header(found: StreamReport, language: Language) -> PageHeader:
    stream, content = found.stream, found.content
    actions = []
    if content is not None:
        actions.append(Action(label=say("flow.paper.link", language), href=paper_href(found)))
    if found.may_refresh:
        actions.append(
            Action(
                label=say("flow.stream.refresh", language),
                href=reverse("refresh_stream", args=[stream.id]),
                kind="primary" if content is None else "secondary",
                method="post",
            )
        )
    if found.may_change:
        actions.append(
            Action(label=say("flow.change_page.link", language), href=reverse("change_stream", args=[stream.id]))
        )
    trail = ((say("flow.overview.title", language), reverse("streams")), (stream.name, None))
    return PageHeader(title=stream.name, lead=lead_of(found, language), breadcrumbs=trail, actions=actions)


def _notices(found: StreamReport, language: Language) -> list[Notice]:
    fresh = found.freshness
    if fresh is None:
        return []
    notices = []
    if found.withheld:
        notices.append(Notice(kind="info", text=say("reason.stream_group_too_small", language)))
    if fresh.stale:
        notices.append(Notice(kind="warning", text=say("flow.fresh.stale", language)))
    if fresh.data_days > OLD_DAYS:
        notices.append(Notice(kind="warning", text=say("flow.fresh.old_text", language, n=fresh.data_days)))
    return notices


def _not_computed(found: StreamReport, language: Language) -> EmptyState:
    code = "not_computed_text" if found.may_refresh else "not_computed_wait"
    return EmptyState(title=say("flow.stream.not_computed_title", language), text=say(f"flow.stream.{code}", language))


def _figure(one: StreamFigure, found: StreamReport, language: Language) -> Figure:
    verdict = "" if one.verdict is None else say(f"flow.verdict.{one.verdict}", language)
    notes = [verdict if one.change_text else "", one.detail, one.basis]
    return Figure(
        label=say(f"metric.{one.metric}.label", language),
        value=missing_of(one.status) if one.value is None else one.text,
        unit=one.meaning or None,
        change=one.change_text or None,
        change_tone=one.tone,
        note=" · ".join(note for note in notes if note) or None,
        definition_href=definition_href(one.metric),
        rows_href=items_href(found, one.metric) if found.leads_to_items and one.value is not None else None,
        kind="text",
    )


def _chart(one: ChartLine, found: StreamReport, language: Language, events: StreamEvents | None) -> Chart:
    marked = stamp_of(events) if events is not None and one.name in TRENDS else ""
    return Chart(
        identity=f"chart-{one.name.replace('_', '-')}",
        address=chart_address(found, one.name, marked),
        summary=one.sentence,
        title=say(f"flow.stream.chart.{one.name}", language),
    )


def facts_of(found: StreamReport, content: ReportContent, language: Language) -> Facts:
    """Return how it was computed."""
    fresh = found.freshness
    counts = {name: content.counts.get(name, 0) for name in
              ("finished", "open", "not_started", "cancelled", "deleted", "reopened")}  # fmt: skip
    detail = say("report.items_detail", language, **counts)
    meaning = f"policy.{content.policy}.meaning"
    return Facts(
        pairs=(
            (say("report.policy", language), f"{content.policy_name} ({content.policy}, {content.policy_version}). "
             f"{say(meaning, language)}"),
            (say("flow.stream.mapping", language), term("mapping", content.workflow_status, language)),
            (say("report.items", language), f"{written(content.counts.get('items', 0), 'number', language)}: {detail}"),
            (say("flow.stream.people", language),
             say("flow.stream.people_none", language) if content.people is None else content.people),
            (say("report.as_of", language), content.as_of),
            *(((say("flow.fresh.computed_label", language), fresh.computed_at),) if fresh is not None else ()),
        )
    )  # fmt: skip
