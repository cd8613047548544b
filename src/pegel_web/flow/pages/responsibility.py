"""The page on who is accountable for each step: what lies where nobody is, and one form for all steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel.words.names import state_name
from pegel_web.flow.contracts.responsibility import StepLine, StreamResponsibility
from pegel_web.flow.pages.overview import choice_tabs
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.organisation.queries.structure import Structure
from pegel_web.ui.components import Badge, Column, EmptyState, Missing, Notice, PageHeader, Table, table_of
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now

#: Steps on one form at most; a request may have 5,000 fields.
MOST_ROWS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A line of the form: the step, what lies in it, and the chosen unit. ``text``: the step as it is sent back."""

    number: int
    line: StepLine
    lies: str
    chosen: str


def responsibility_page(
    request: HttpRequest, found: StreamResponsibility, structure: Structure, *, wrong: str = "",
    sent: dict[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the context of the page. ``sent``: units by step as they were chosen and not saved."""
    language = language_now()
    stream = found.stream
    notices = [Notice(kind="bad", text=wrong)] if wrong else []
    if found.freshness is not None and found.freshness.stale:
        notices.append(Notice(kind="warning", text=say("flow.fresh.stale", language)))
    return {
        "title": say("flow.responsibility.title", language, name=stream.name),
        "header": PageHeader(
            title=say("flow.responsibility.title", language, name=stream.name),
            lead=say("flow.responsibility.lead", language),
            breadcrumbs=[
                (say("flow.overview.title", language), reverse("streams")),
                (stream.name, reverse("stream", args=[stream.id])),
                (say("flow.tabs.stream_responsibility", language), None),
            ],
        ),
        "tabs": stream_tabs(request, stream, "stream_responsibility"),
        "notices": notices,
        "found": found,
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "empty": None if found.lines else _empty(found, language),
        "table": step_table(request, found, language),
        "rows": [_row(number, one, sent or {}, language) for number, one in enumerate(found.lines[:MOST_ROWS])]
        if found.may_change
        else [],
        "units": [(str(node.unit_id), "\N{NO-BREAK SPACE}" * 2 * depth + node.name) for depth, node in
                  structure.in_order()] if found.may_change else [],
        "history": [
            {
                "state": state_name(one.state, language),
                "said": say(
                    "flow.responsibility.until" if one.valid_until else "flow.responsibility.since", language,
                    unit=one.unit_name, day=date_text(one.valid_from, language),
                    last="" if one.valid_until is None else date_text(one.valid_until, language),
                ),
            }
            for one in found.history
        ],
    }  # fmt: skip


def step_table(request: HttpRequest, found: StreamResponsibility, language: Language) -> Table:
    """Return the steps as a table to read, sort and export."""
    content = found.content
    with_teams = content is not None and content.team_status != "not_configured"
    rows = [_cells(one, language) for one in found.lines]
    figures = (
        Column(key="waiting", label=say("flow.responsibility.waiting", language), kind="days"),
        Column(key="items", label=say("flow.responsibility.items", language), kind="number"),
        Column(key="open", label=say("flow.responsibility.open", language), kind="number"),
        *((Column(key="teams", label=say("flow.responsibility.team_count", language), kind="number"),)
          if with_teams else ()),
        Column(key="ping_pong", label=say("flow.responsibility.ping_pong", language), kind="number"),
    )  # fmt: skip
    return table_of(
        request,
        identity="steps",
        caption=say("flow.responsibility.caption", language),
        columns=(
            Column(key="state", label=say("flow.responsibility.step", language)),
            Column(key="unit", label=say("flow.responsibility.unit", language), kind="badge"),
            Column(key="since", label=say("flow.responsibility.since_head", language), kind="date"),
            Column(key="category", label=say("column.category", language)),
            *(() if found.withheld else figures),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=say("flow.responsibility.no_steps", language)),
        page_size=25,
    )


def _cells(one: StepLine, language: Language) -> dict[str, object]:
    work = one.work
    gap = Badge(text=say("flow.responsibility.nobody", language), tone="warning")
    return {
        "state": one.state_name,
        "unit": gap if one.unit_id is None else one.unit_name,
        "since": one.since,
        "category": one.category_name,
        "waiting": None if work is None else work.waiting_days,
        "items": None if work is None else work.items,
        "open": None if work is None else work.open,
        "teams": Missing.NOT_CONFIGURED if work is None or work.teams is None else work.teams,
        "ping_pong": None if work is None else work.ping_pong,
    }


def _row(number: int, one: StepLine, sent: dict[str, str], language: Language) -> StepRow:
    lies = ""
    if one.work is not None:
        lies = say(
            "flow.responsibility.lies", language, n=one.work.open,
            days=written(one.work.waiting_days, "days", language),
        )  # fmt: skip
    now = "" if one.unit_id is None else str(one.unit_id)
    return StepRow(number=number, line=one, lies=lies, chosen=sent.get(one.state, now))


def _empty(found: StreamResponsibility, language: Language) -> EmptyState:
    code = "no_steps" if found.has_data else "not_computed"
    return EmptyState(
        title=say("status.no_data", language),
        text=say(f"flow.responsibility.{code}", language),
        action_label=say("flow.workflow.link" if found.has_data else "flow.workflow.to_stream", language),
        action_href=reverse("stream_workflow" if found.has_data else "stream", args=[found.stream.id]),
    )
