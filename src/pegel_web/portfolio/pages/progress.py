"""What stands still, the funnel, what pilots taught."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.progress import (
    DaysFigure,
    Funnel,
    FunnelLine,
    PilotLearning,
    StalledCase,
    StalledCases,
)
from pegel_web.portfolio.pages.use_cases import state_badge
from pegel_web.ui.components import (
    Badge,
    Column,
    Definition,
    EmptyState,
    Missing,
    PageHeader,
    Tab,
    Table,
    Tabs,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.progress"
_TABS: Final = ("stalled_use_cases", "use_case_funnel", "pilot_learnings", "unit_introductions")


def stalled_page(request: HttpRequest, found: StalledCases) -> dict[str, Any]:
    """Return what stands still, and the history it is compared with."""
    language = language_now()
    tables = [_stalled(request, found, language), _history(request, found, language)]
    return {
        **_head(request, "stalled", language),
        "sentence": say(f"{_W}.stalled.sentence", language, n=len(found.cases), open=found.open)
        if found.cases
        else say(f"{_W}.stalled.nothing", language, open=found.open),
        "parts": tables,
        "definition": Definition(
            term=say(f"{_W}.stalled.title", language), text=say(f"{_W}.stalled.definition", language)
        ),
        "tables": tables,
    }


def funnel_page(request: HttpRequest, found: Funnel) -> dict[str, Any]:
    """Return the funnel in all and by department."""
    language = language_now()
    tables = [_overall(request, found.overall, language), _departments(request, found.departments, language)]
    first, last = found.overall.stages[0], found.overall.stages[-2:]
    return {
        **_head(request, "funnel", language),
        "sentence": say(f"{_W}.funnel.sentence", language, n=first.reached, live=last[0].reached)
        if first.reached
        else say(f"{_W}.funnel.nothing", language),
        "parts": tables,
        "definition": Definition(
            term=say(f"{_W}.funnel.title", language), text=say(f"{_W}.funnel.definition", language)
        ),
        "tables": tables,
    }


def learnings_page(request: HttpRequest, found: Sequence[PilotLearning]) -> dict[str, Any]:
    """Return what pilots taught."""
    language = language_now()
    table = _learnings(request, found, language)
    planned = sum(one.as_planned for one in found)
    return {
        **_head(request, "learnings", language),
        "sentence": say(f"{_W}.learnings.sentence", language, n=len(found), planned=planned)
        if found
        else say(f"{_W}.learnings.nothing", language),
        "parts": [table],
        "definition": None,
        "tables": [table],
    }


def progress_tabs(request: HttpRequest, language: Language) -> Tabs:
    """Return the pages about how use cases move."""
    words = (
        f"{_W}.stalled.title", f"{_W}.funnel.title", f"{_W}.learnings.title", "portfolio.introductions.title",
    )  # fmt: skip
    return Tabs(
        label=say(f"{_W}.tabs", language),
        items=[
            Tab(label=say(code, language), href=reverse(url), current=reverse(url) == request.path)
            for url, code in zip(_TABS, words, strict=True)
        ],
    )


def days_cell(found: DaysFigure, language: Language) -> object:
    """Return a time, or in words why there is none."""
    if found.standing == "value" and found.days is not None:
        return found.days
    return Missing.TOO_FEW if found.standing == "too_few" else say(f"{_W}.not_reached", language)


def _head(request: HttpRequest, name: str, language: Language) -> dict[str, Any]:
    return {
        "header": PageHeader(
            title=say(f"{_W}.{name}.title", language),
            lead=say(f"{_W}.{name}.lead", language),
            breadcrumbs=[
                (say("portfolio.list.title", language), reverse("use_case_list")),
                (say(f"{_W}.{name}.title", language), None),
            ],
        ),
        "tabs": progress_tabs(request, language),
    }


def _stalled(request: HttpRequest, found: StalledCases, language: Language) -> Table:
    address, cause = addresses("use_case"), addresses("name_stall_cause")
    return table_of(
        request,
        identity="stalled",
        caption=say(f"{_W}.stalled.caption", language),
        columns=[
            Column(key="title", label=say("portfolio.column.title", language), href_key="href"),
            Column(key="state", label=say("portfolio.column.state", language), kind="badge"),
            Column(key="days", label=say("portfolio.column.days", language), kind="number"),
            Column(key="p85", label=say(f"{_W}.column.p85", language), kind="days"),
            Column(key="why", label=say(f"{_W}.column.why", language)),
            Column(key="next", label=say(f"{_W}.column.next", language)),
            Column(key="cause", label=say(f"{_W}.column.cause", language), href_key="cause_href"),
            Column(key="unit", label=say("portfolio.column.unit", language)),
        ],
        rows=[
            {
                "title": f"UC-{one.line.number} {one.line.title}",
                "href": address(one.line.use_case_id),
                "state": state_badge(one.line.state, language),
                "days": one.line.days,
                "p85": days_cell(one.p85, language),
                "why": ", ".join(_reason(one, reason, language) for reason in one.reasons),
                "next": _next(one, language),
                "cause": say(f"{_W}.cause.{one.cause}", language)
                if one.cause is not None
                else say(f"{_W}.{'name_cause' if one.may_name_cause else 'no_cause'}", language),
                "cause_href": cause(one.line.use_case_id) if one.may_name_cause else None,
                "unit": one.line.unit_name,
            }
            for one in found.cases
        ],
        empty=EmptyState(
            title=say(f"{_W}.stalled.empty.title", language), text=say(f"{_W}.stalled.empty.text", language)
        ),
    )


def _reason(one: StalledCase, reason: str, language: Language) -> str:
    return say(f"{_W}.reason.{reason}", language, day=one.since_over or "")


def _next(one: StalledCase, language: Language) -> str:
    """Return what has to be decided next, and by whom."""
    if one.line.waiting_at_gate is not None:
        who = ", ".join(one.deciders) or say("portfolio.queue.nobody_may", language)
        gate = say(f"portfolio.gate.{one.line.waiting_at_gate}", language)
        return say(f"{_W}.next.gate", language, gate=gate, who=who)
    if one.line.result_owner is None:
        return say(f"{_W}.next.owner", language)
    code = "close" if "pilot_over" in one.reasons else "renew" if "approval_expired" in one.reasons else "step"
    return say(f"{_W}.next.{code}", language, who=one.line.result_owner)


def _history(request: HttpRequest, found: StalledCases, language: Language) -> Table:
    return table_of(
        request,
        identity="history",
        caption=say(f"{_W}.stalled.history", language),
        columns=[
            Column(key="state", label=say("portfolio.column.state", language), kind="badge"),
            Column(key="ended", label=say(f"{_W}.column.ended", language), kind="number"),
            Column(key="open", label=say(f"{_W}.column.open", language), kind="number"),
            Column(key="aside", label=say(f"{_W}.column.aside", language), kind="number"),
            Column(key="median", label=say(f"{_W}.column.median", language), kind="days"),
            Column(key="p85", label=say(f"{_W}.column.p85", language), kind="days"),
        ],
        rows=[
            {
                "state": state_badge(one.state, language),
                "ended": one.ended,
                "open": one.open,
                "aside": one.aside,
                "median": days_cell(one.median, language),
                "p85": days_cell(one.p85, language),
            }
            for one in found.history
        ],
        empty=EmptyState(title="", text=""),
    )


def _overall(request: HttpRequest, found: FunnelLine, language: Language) -> Table:
    return table_of(
        request,
        identity="funnel",
        caption=say(f"{_W}.funnel.caption", language),
        columns=[
            Column(key="state", label=say(f"{_W}.column.stage", language), kind="badge"),
            Column(key="reached", label=say(f"{_W}.column.reached", language), kind="number"),
            Column(key="share", label=say(f"{_W}.column.share", language), kind="percent"),
            Column(key="here", label=say(f"{_W}.column.here", language), kind="number"),
            Column(key="days", label=say(f"{_W}.column.from_idea", language), kind="days"),
        ],
        rows=[
            {
                "state": state_badge(one.state, language),
                "reached": one.reached,
                "share": one.reached / found.stages[0].reached if found.stages[0].reached else Missing.UNDEFINED,
                "here": one.here,
                "days": days_cell(one.days_from_idea, language),
            }
            for one in found.stages
        ],
        empty=EmptyState(title="", text=""),
    )


def _departments(request: HttpRequest, found: Sequence[FunnelLine], language: Language) -> Table:
    states = [one.state for one in found[0].stages] if found else []
    return table_of(
        request,
        identity="departments",
        caption=say(f"{_W}.funnel.departments", language),
        columns=[
            Column(key="unit", label=say("portfolio.column.unit", language)),
            *(Column(key=state, label=say(f"portfolio.state.{state}", language), kind="number") for state in states),
            Column(key="ended", label=say(f"{_W}.column.over", language), kind="number"),
        ],
        rows=[
            {"unit": one.unit_name, "ended": one.ended, **{stage.state: stage.reached for stage in one.stages}}
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.funnel.nothing", language), text=""),
    )


def _learnings(request: HttpRequest, found: Sequence[PilotLearning], language: Language) -> Table:
    address = addresses("use_case")
    return table_of(
        request,
        identity="learnings",
        caption=say(f"{_W}.learnings.caption", language),
        columns=[
            Column(key="title", label=say("portfolio.column.title", language), href_key="href"),
            Column(key="planned", label=say("portfolio.fact.as_planned", language), kind="badge"),
            Column(key="why", label=say("portfolio.fact.why", language)),
            Column(key="change", label=say("portfolio.fact.change", language)),
            Column(key="hypothesis", label=say("portfolio.fact.hypothesis", language)),
            Column(key="unit", label=say("portfolio.column.unit", language)),
            Column(key="ended", label=say("portfolio.fact.closed_at", language), kind="date"),
        ],
        rows=[
            {
                "title": f"UC-{one.number} {one.title}",
                "href": address(one.use_case_id),
                "planned": Badge(
                    text=say(f"portfolio.form.as_planned_{'yes' if one.as_planned else 'not'}", language),
                    tone="good" if one.as_planned else "warning",
                ),
                "why": one.why,
                "change": one.change,
                "hypothesis": one.hypothesis,
                "unit": one.unit_name,
                "ended": one.ended_at,
            }
            for one in found
        ],
        empty=EmptyState(title=say(f"{_W}.learnings.nothing", language), text=say(f"{_W}.learnings.empty", language)),
    )
