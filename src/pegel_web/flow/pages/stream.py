"""The page of one stream: what it says first, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel.words.names import term
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.reports import ReportContent, StreamChart, StreamReport
from pegel_web.flow.pages import stream_tables as tables
from pegel_web.flow.pages.cells import missing_of
from pegel_web.flow.pages.overview import OLD_DAYS, choice_tabs
from pegel_web.jobs.contracts import JobReport
from pegel_web.ui.components import (
    Action,
    Chart,
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


def stream_page(
    request: HttpRequest, found: StreamReport, charts: Sequence[StreamChart], job: JobReport | None
) -> dict[str, Any]:
    """Return the context of the page. ``job``: the computation that the person has asked for and that still runs."""
    language, content = language_now(), found.content
    context: dict[str, Any] = {
        "title": found.stream.name,
        "header": _header(found, language),
        "progress": None if job is None else progress_of(job, language),
        "notices": _notices(found, language),
        "content": content,
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "policies": choice_tabs(request, found.policies, "policy", say("flow.policy.label", language)),
    }
    if content is None:
        return {**context, "empty": _not_computed(found, language) if job is None else None}
    return {
        **context,
        "figures": FigureRow(figures=[_figure(one, found, language) for one in content.figures]),
        "states": tables.state_table(request, found, language),
        "waits": tables.wait_table(request, content, language),
        "ageing": tables.ageing_table(request, found, language),
        "forecast": tables.forecast_table(request, content, language),
        "quality": tables.quality_table(request, content, language),
        "charts": [_chart(one, language) for one in charts if one.name != "forecast"],
        "forecast_chart": next((_chart(one, language) for one in charts if one.name == "forecast"), None),
        "facts": _facts(found, content, language),
        "items_href": items_href(found, "work_item_age") if found.may_see_items else None,
        "late_href": items_href(found, "late") if found.may_see_items and content.ageing.late else None,
        "links": {name: definition_href(name) for name in ("time_in_state", "waits", "work_item_age", "forecast",
                                                            "backtest", "process_behaviour", "data_quality")},
    }  # fmt: skip


def progress_of(job: JobReport, language: Language) -> Progress:
    """Return how far a computation is."""
    label = say(job.progress_code or "flow.job.reads", language, **job.progress_values)
    cancel = reverse("cancel_job", args=[job.id]) if job.may_cancel else None
    return Progress(label=label, done=job.done or 0, total=job.total, cancel_href=cancel)


def items_href(found: StreamReport, metric: str, state: str | None = None) -> str:
    """Return the address of the items behind a figure, in the period and under the policy that are shown."""
    content = found.content
    chosen = {} if content is None else {"period": content.period, "policy": content.policy}
    wanted = {"metric": metric, **chosen, **({} if state is None else {"state": state})}
    return f"{reverse('stream_items', args=[found.stream.id])}?{urlencode(wanted, errors='replace')}"


def definition_href(metric: str) -> str:
    """Return the address of a definition."""
    return reverse("metric_definition", args=[metric])


def _header(found: StreamReport, language: Language) -> PageHeader:
    stream, content = found.stream, found.content
    lead = stream.unit_name
    if content is not None:
        lead = say(
            "flow.stream.lead",
            language,
            unit=stream.unit_name,
            period=say(f"flow.period.{content.period}", language),
            from_day=date_text(content.from_at, language),
            until_day=date_text(content.as_of, language),
        )
    actions = []
    if found.may_refresh:
        actions.append(
            Action(
                label=say("flow.stream.refresh", language),
                href=reverse("refresh_stream", args=[stream.id]),
                kind="primary" if content is None else "secondary",
                method="post",
            )
        )
    workflow = Action(label=say("flow.workflow.link", language), href=reverse("stream_workflow", args=[stream.id]))
    actions.append(workflow)
    if found.may_change:
        actions.append(
            Action(label=say("flow.change_page.link", language), href=reverse("change_stream", args=[stream.id]))
        )
    trail = ((say("flow.overview.title", language), reverse("streams")), (stream.name, None))
    return PageHeader(title=stream.name, lead=lead, breadcrumbs=trail, actions=actions)


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
        rows_href=items_href(found, one.metric) if found.may_see_items and one.value is not None else None,
        kind="text",
    )


def _chart(one: StreamChart, language: Language) -> Chart:
    return Chart(
        identity=f"chart-{one.name.replace('_', '-')}",
        specification=one.specification,
        summary=one.sentence,
        title=say(f"flow.stream.chart.{one.name}", language),
    )


def _facts(found: StreamReport, content: ReportContent, language: Language) -> Facts:
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
