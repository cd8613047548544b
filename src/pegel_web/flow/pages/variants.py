"""The page of the ways of the work: the map, the ways in a table, and what the team says about them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.charts.process_map import ProcessMap, process_map
from pegel.words import Language, say
from pegel.words.names import state_name, term
from pegel_web.flow.contracts.variants import StreamVariants, VariantContent, VariantLine, VariantStatement
from pegel_web.flow.pages.overview import choice_tabs
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.services.variants import LONGEST_REASON
from pegel_web.ui.components import (
    Badge,
    Column,
    EmptyState,
    Missing,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now

_TONES: Final[dict[str, Tone]] = {"usual": "good", "unwanted": "bad", "log_wrong": "warning", "new": "info",
                                  "open": "neutral"}  # fmt: skip
_SAID: Final = ("usual", "unwanted", "log_wrong")


def variants_page(
    request: HttpRequest, found: StreamVariants, *, wrong: str = "", sent: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the context of the page. ``wrong``: why what was ``sent`` could not be said."""
    language = language_now()
    stream = found.stream
    chosen = (sent or {}).get("variant") or request.GET.get("say", "")
    about = next((one for one in found.lines if one.way.key == chosen), None)
    context: dict[str, Any] = {
        "title": say("flow.variants.title", language, name=stream.name),
        "header": PageHeader(
            title=say("flow.variants.title", language, name=stream.name),
            lead=say("flow.variants.lead", language),
            breadcrumbs=[
                (say("flow.overview.title", language), reverse("streams")),
                (stream.name, reverse("stream", args=[stream.id])),
                (say("flow.tabs.stream_variants", language), None),
            ],
        ),
        "tabs": stream_tabs(request, stream, "stream_variants"),
        "found": found,
        "notices": _notices(found, wrong, language),
        "periods": choice_tabs(request, found.periods, "period", say("flow.period.label", language)),
        "shows": choice_tabs(request, found.shows, "show", say("flow.variants.show", language)),
        "definition_href": reverse("metric_definition", args=["variants"]),
    }
    content = found.content
    if content is None or content.status != "value":
        return {**context, "empty": _empty(found, language), "statements": _history(found, language)}
    return {
        **context,
        "map": map_of(found, content, language),
        "ways": way_table(request, found, language),
        "steps": step_table(request, found, language),
        "cut": say("flow.variants.cut", language, shown=len(found.lines), total=_drawn(found))
        if len(found.lines) < _drawn(found)
        else "",
        "form": _form(found, about, sent or {}, language) if found.may_say else None,
        "statements": _history(found, language),
    }


def map_of(found: StreamVariants, content: VariantContent, language: Language) -> ProcessMap:
    """Return the map of the ways that are shown."""
    return process_map(
        [asdict(one) for one in content.states],
        [asdict(one) for one in found.steps],
        content.ways[0].states,
        language,
        unit=content.unit,
    )


def way_table(request: HttpRequest, found: StreamVariants, language: Language) -> Table:
    """Return the ways as a table."""
    content = found.content
    waits = content is not None and content.no_waits is None
    return table_of(
        request,
        identity="ways",
        caption=say("flow.variants.ways", language),
        columns=(
            Column(key="name", label=say("column.way", language)),
            Column(key="standing", label=say("flow.variants.standing_head", language), kind="badge"),
            *((Column(key="say", label=say("flow.variants.say_head", language), href_key="href", sortable=False),)
              if found.may_say and not any(key.endswith(".export") for key in request.GET) else ()),
            Column(key="items", label=say("column.items", language), kind="number"),
            Column(key="share", label=say("column.share_of_items", language), kind="percent"),
            Column(key="covered", label=say("column.covered", language), kind="percent"),
            Column(key="p50", label=say("column.p50", language), kind="days"),
            Column(key="p85", label=say("column.p85", language), kind="days"),
            Column(key="wait_share", label=say("column.way_wait_share", language), kind="percent"),
            Column(key="returns", label=say("column.returns", language), kind="number"),
        ),
        rows=[_row(request, one, language, waits=waits) for one in found.lines],
        empty=EmptyState(title=say("status.no_data", language), text=" ".join(found.sentences)),
        page_size=15,
    )  # fmt: skip


def step_table(request: HttpRequest, found: StreamVariants, language: Language) -> Table:
    """Return the steps from state to state as a table: the same as the map."""
    rows = [
        {
            "from_state": state_name(one.from_state, language),
            "to_state": state_name(one.to_state, language),
            "moves": one.moves,
            "p50": one.p50,
            "direction": say("variants.back", language) if one.back else "",
        }
        for one in found.steps
    ]
    return table_of(
        request,
        identity="steps",
        caption=say("variants.steps", language),
        columns=(
            Column(key="from_state", label=say("flow.variants.from_state", language)),
            Column(key="to_state", label=say("flow.variants.to_state", language)),
            Column(key="moves", label=say("column.moves", language), kind="number"),
            Column(key="p50", label=say("column.time_before", language), kind="days"),
            Column(key="direction", label=say("column.direction", language)),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=say("flow.variants.no_steps", language)),
        page_size=15,
    )


def _drawn(found: StreamVariants) -> int:
    content = found.content
    return 0 if content is None else next(one.variants for one in content.shown if one.percent == found.show)


def _row(request: HttpRequest, one: VariantLine, language: Language, *, waits: bool) -> dict[str, object]:
    way = one.way
    parameters = request.GET.copy()
    parameters["say"] = way.key
    return {
        "name": one.name,
        "items": way.items,
        "share": way.share,
        "covered": way.covered,
        "p50": Missing.UNDEFINED if way.p50 is None else way.p50,
        "p85": Missing.UNDEFINED if way.p85 is None else way.p85,
        "wait_share": way.wait_share if waits and way.wait_share is not None else
        Missing.UNDEFINED if waits else Missing.NOT_CONFIGURED,
        "returns": way.returns,
        "standing": Badge(text=say(f"flow.variants.standing.{one.standing}", language), tone=_TONES[one.standing]),
        "say": say("flow.variants.say", language),
        "href": f"?{parameters.urlencode()}#say",
    }  # fmt: skip


def _form(found: StreamVariants, about: VariantLine | None, sent: dict[str, str], language: Language) -> dict[str, Any]:
    judged = sent.get("judgement") or ("" if about is None or about.standing in ("new", "open") else about.standing)
    codes = [*_SAID] if about is not None else ["usual"]
    said = about is not None and about.said_at is not None
    code = "about_way" if about is not None else "about_picture"
    return {
        "title": say(f"flow.variants.{code}", language, n=len(found.lines), show=found.show),
        "way": None if about is None else about.name,
        "now": "" if about is None else _now(about, language),
        "key": "" if about is None else about.way.key,
        "choices": [
            (one, say(f"flow.variants.choice.{one}", language), one == (judged or "usual"))
            for one in (*codes, *(["withdrawn"] if said else []))
        ],
        "reason": sent.get("reason", "" if about is None else about.reason or ""),
        "longest": LONGEST_REASON,
        "with_reason": about is not None,
    }


def _now(one: VariantLine, language: Language) -> str:
    if one.said_at is None:
        return say(f"flow.variants.now.{one.standing}", language)
    said = say(
        "flow.variants.now.said", language,
        what=say(f"flow.variants.standing.{one.standing}", language), who=one.role or "–",
        day=written(one.said_at, "date", language),
    )  # fmt: skip
    return f"{said} {say('flow.variants.now.with_picture', language)}" if one.with_picture else said


def _history(found: StreamVariants, language: Language) -> list[dict[str, str]]:
    return [
        {
            "what": _what(one, language),
            "way": one.name,
            "reason": one.reason or "",
            "who": say(
                "flow.variants.by", language, who=one.role, at=written(one.said_at, "datetime", language)
            ),
        }
        for one in found.statements
    ]  # fmt: skip


def _what(one: VariantStatement, language: Language) -> str:
    if one.key:
        return say(f"flow.variants.said.{one.judgement}", language)
    return say(f"flow.variants.said_picture.{one.judgement}", language, n=one.ways)


def _notices(found: StreamVariants, wrong: str, language: Language) -> list[Notice]:
    notices = [Notice(kind="bad", text=wrong)] if wrong else []
    if found.withheld:
        notices.append(Notice(kind="info", text=say("reason.stream_group_too_small", language)))
    elif found.freshness is not None and found.freshness.stale:
        notices.append(Notice(kind="warning", text=say("flow.fresh.stale", language)))
    if found.new and found.content is not None:
        notices.append(Notice(kind="info", text=say("flow.variants.new_notice", language, n=found.new)))
    return notices


def _empty(found: StreamVariants, language: Language) -> EmptyState | None:
    if found.withheld:
        return None
    stream = reverse("stream", args=[found.stream.id])
    if found.content is None:
        code = "not_computed_text" if found.may_refresh else "not_computed_wait"
        return EmptyState(
            title=say("flow.stream.not_computed_title", language),
            text=say(f"flow.stream.{code}", language),
            action_label=say("flow.workflow.to_stream", language),
            action_href=stream,
        )
    return EmptyState(
        title=term("status", found.content.status, language),
        text=" ".join(found.sentences),
        action_label=say("flow.variants.all_time", language),
        action_href="?period=all",
    )
