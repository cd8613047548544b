"""The page that names the one step to start with, with its evidence and its baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.bottlenecks import with_range
from pegel.words.dates import date_text
from pegel.words.durations import duration
from pegel.words.names import policy_name
from pegel.words.numbers import percent, short_number
from pegel.words.waits import money
from pegel_web.core.entry import acting
from pegel_web.flow.contracts.start_small import (
    BaselineFigures,
    Range,
    RankedStep,
    StartSmall,
    StepPrice,
    StreamStart,
    TakenBaseline,
)
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.pages.addresses import definition_href
from pegel_web.flow.pages.overview import OLD_DAYS
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.step_offers import StepOffer, offers_for
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    Missing,
    Notice,
    PageHeader,
    Table,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "flow.start"
#: Steps whose evidence is shown in full; the table has all of them.
SHOWN: Final = 3


def start_small_page(request: HttpRequest, found: StartSmall, stream: Stream | None) -> dict[str, Any]:
    """Return the page over all streams, or of one."""
    language = language_now()
    title = say(f"{_W}.title", language)
    trail: tuple[tuple[str, str | None], ...] = (
        (say("flow.overview.title", language), reverse("streams")),
        (title, None),
    )
    if stream is not None:
        trail = (trail[0], (stream.name, reverse("stream", args=[stream.id])), trail[1])
    offered = offers_for(acting(request))
    steps = [one for one in (found.pick,) if one is not None]
    steps += [one for one in found.steps if found.pick is None or one.rank != found.pick.rank]
    return {
        "title": title if stream is None else say(f"{_W}.title_of", language, name=stream.name),
        "header": PageHeader(
            title=title if stream is None else say(f"{_W}.title_of", language, name=stream.name),
            lead=say(f"{_W}.lead", language),
            breadcrumbs=trail,
        ),
        "tabs": section_tabs(request, "start_small")
        if stream is None
        else stream_tabs(request, stream, "stream_start_small"),
        "notices": _notices(found, language),
        "sentence": found.sentence,
        "definition": definition_href("start_small"),
        "empty": None if found.streams else _nothing(language),
        "table": step_table(request, found, language, with_stream=stream is None),
        "details": [
            {**_details(one, language, picked=one is found.pick), "offers": _offers(one, offered, language)}
            for one in steps[:SHOWN]
        ],
        "without": _without(found.streams, language),
        "baselines": baseline_table(request, found.baselines, language),
    }


def step_table(request: HttpRequest, found: StartSmall, language: Language, *, with_stream: bool) -> Table:
    """Return the steps by rank."""
    files = bool(request.GET.get("steps.export"))
    rows = [_row(one, found.floor, language, files=files) for one in found.steps]
    return table_of(
        request,
        identity="steps",
        caption=say(f"{_W}.caption", language),
        columns=(
            Column(key="rank", label=say(f"{_W}.column.rank", language), kind="number"),
            Column(key="state", label=say("column.state", language), href_key="href"),
            *((Column(key="stream", label=say("column.stream", language)),) if with_stream else ()),
            Column(key="phase", label=say("column.phase", language)),
            Column(key="proven", label=say(f"{_W}.column.proven", language), kind="badge"),
            Column(key="hours", label=say(f"{_W}.column.hours", language), kind="number"),
            *(
                Column(key=f"hours_{end}", label=say(f"{_W}.column.hours_{end}", language), kind="number")
                for end in (("low", "high") if files else ())
            ),
            Column(key="days", label=say(f"{_W}.column.days", language), kind="days"),
            Column(key="share", label=say("column.share", language), kind="percent"),
            Column(key="items", label=say("column.items", language), kind="number"),
            Column(key="p50", label=say(f"{_W}.column.p50", language), kind="days"),
            Column(key="p85", label=say(f"{_W}.column.p85", language), kind="days"),
            Column(key="reports", label=say(f"{_W}.column.reports", language), kind="number", href_key="reports_href"),
            Column(key="price", label=say(f"{_W}.column.price", language), kind="number"),
        ),
        rows=rows,
        empty=EmptyState(title=say(f"{_W}.none_title", language), text=found.sentence),
        page_size=20,
    )


def _row(one: RankedStep, floor: int, language: Language, *, files: bool) -> dict[str, object]:
    step, baseline = one.step, one.step.baseline
    return {
        "rank": one.rank,
        "state": step.state_name,
        "href": reverse("stream", args=[one.stream.id]),
        "stream": one.stream.name,
        "phase": step.phase_name,
        "proven": _proven(one, language),
        "hours": step.lost_hours_per_week.value,
        "hours_low": step.lost_hours_per_week.low,
        "hours_high": step.lost_hours_per_week.high,
        "days": step.lost_days_per_item,
        "share": step.share_of_stream,
        "items": step.items,
        "p50": baseline.p50.value,
        "p85": baseline.p85.value,
        "reports": one.reports,
        "reports_href": reverse("stream_stalls", args=[one.stream.id]),
        "price": _price(one.price, language) if not files else _plain_price(one.price),
    }


def baseline_table(request: HttpRequest, found: Iterable[TakenBaseline], language: Language) -> Table:
    """Return the baselines that were taken, with their figures and where they come from."""
    rows = [
        {
            "state": one.state_name,
            "stream": one.stream_name,
            "href": reverse("stream_start_small", args=[one.stream_id]),
            "phase": one.phase_name,
            "n": Missing.TOO_FEW if one.figures is None else one.figures.n,
            "p50": Missing.TOO_FEW if one.figures is None else one.figures.p50.value,
            "p85": Missing.TOO_FEW if one.figures is None else one.figures.p85.value,
            "hours": Missing.TOO_FEW if one.figures is None else one.figures.lost_hours_per_week.value,
            "period": "" if one.figures is None else _period(one.figures, language),
            "comparable": _comparable(one, language),
            "definition": f"{one.definition} · {one.definition_hash[:12]}",
            "at": one.taken_at,
            "who": one.taken_by,
            "id": str(one.id),
        }
        for one in found
    ]
    files = bool(request.GET.get("baselines.export"))
    return table_of(
        request,
        identity="baselines",
        caption=say(f"{_W}.baselines", language),
        columns=(
            Column(key="state", label=say("column.state", language), href_key="href"),
            Column(key="stream", label=say("column.stream", language)),
            Column(key="phase", label=say("column.phase", language)),
            Column(key="n", label=say("column.items", language), kind="number"),
            Column(key="p50", label=say(f"{_W}.column.p50", language), kind="days"),
            Column(key="p85", label=say(f"{_W}.column.p85", language), kind="days"),
            Column(key="hours", label=say(f"{_W}.column.hours", language), kind="number"),
            Column(key="period", label=say("flow.period.label", language)),
            Column(key="comparable", label=say(f"{_W}.column.comparable", language), kind="badge"),
            Column(key="definition", label=say(f"{_W}.column.definition", language)),
            Column(key="at", label=say(f"{_W}.column.taken", language), kind="datetime"),
            Column(key="who", label=say(f"{_W}.column.who", language)),
            *((Column(key="id", label=say(f"{_W}.column.id", language)),) if files else ()),
        ),
        rows=rows,
        empty=EmptyState(
            title=say(f"{_W}.no_baselines_title", language), text=say(f"{_W}.no_baselines_text", language)
        ),
        page_size=20,
    )


def _details(one: RankedStep, language: Language, *, picked: bool) -> dict[str, Any]:
    """Return a step with its evidence, its baseline, its price and the reports about it."""
    step, figures = one.step, one.step.baseline
    reports = say(f"{_W}.reports", language, n=one.reports) if one.reports else say(f"{_W}.reports_none", language)
    if one.reports and one.people:
        reports = f"{reports} {say(f'{_W}.reports_people', language, n=one.people)}"
    pairs: list[tuple[str, object]] = [
        (say(f"{_W}.column.hours", language), _ranged(step.lost_hours_per_week, language)),
        (say(f"{_W}.column.days", language), duration(step.lost_days_per_item, language, unit=figures.unit)),
        (say("column.share", language), percent(step.share_of_stream, language)),
        (say(f"{_W}.column.price", language), _price(one.price, language)),
        (say(f"{_W}.pace", language), step.pace_name),
    ]
    if step.now is not None:
        pairs.append((say("flow.stream.load", language), step.now))
    return {
        "one": one,
        "title": f"{step.state_name} · {step.phase_name} · {one.stream.name}",
        "badge": _proven(one, language),
        "picked": picked,
        "facts": Facts(pairs=pairs),
        "causes": [
            say(
                f"{_W}.cause",
                language,
                cause=cause.cause_name,
                share=percent(cause.share, language),
                evidence=cause.evidence,
            )
            for cause in step.causes
        ],
        "options": step.options,
        "work": not step.causes,
        "reports": reports,
        "reports_href": reverse("stream_stalls", args=[one.stream.id]),
        "stream_href": reverse("stream", args=[one.stream.id]),
        "baseline": _baseline_text(figures, language),
        "basis": _basis(figures, language),
        "take_href": reverse("take_baseline", args=[one.stream.id]) if one.may_take_baseline else None,
        "taken": one.baseline_id is not None,
    }


def _offers(one: RankedStep, offered: Sequence[StepOffer], language: Language) -> list[Action]:
    """Return what rooms above this one let a person begin at the step."""
    stream = one.stream
    return [
        Action(label=say(offer.words, language), href=offer.href(stream.unit_id, stream.id, one.step.state))
        for offer in offered
    ]


def _baseline_text(figures: BaselineFigures, language: Language) -> str:
    shown = {
        name: with_range(
            duration(found.value, language, unit=figures.unit),
            None if found.low is None else duration(found.low, language, unit=figures.unit),
            None if found.high is None else duration(found.high, language, unit=figures.unit),
            language,
        )
        for name, found in (("p50", figures.p50), ("p85", figures.p85))
    }
    said = say(f"{_W}.baseline", language, n=figures.n, period=_period(figures, language), **shown)
    if figures.sufficient:
        return said
    return f"{said} {say(f'reason.{figures.reason}', language)}"


def _basis(figures: BaselineFigures, language: Language) -> str:
    unit = say(f"{_W}.unit.{figures.unit}", language)
    return say(f"{_W}.basis", language, policy=policy_name(figures.policy, language), unit=unit)


def _period(figures: BaselineFigures, language: Language) -> str:
    days = {"from_day": date_text(figures.from_at, language), "until_day": date_text(figures.until_at, language)}
    return say(f"{_W}.period", language, **days)


def _ranged(found: Range, language: Language) -> str:
    low, high = (None if one is None else short_number(one, language) for one in (found.low, found.high))
    return with_range(short_number(found.value, language), low, high, language)


def _price(price: StepPrice, language: Language) -> object:
    """Return the price with its interval, or that nobody has declared what a day of delay costs."""
    if price.per_week is None:
        return Missing.NOT_CONFIGURED
    return money(price.per_week.value, price.currency or "", language).strip()


def _plain_price(price: StepPrice) -> object:
    return Missing.NOT_CONFIGURED if price.per_week is None else price.per_week.value


def _proven(one: RankedStep, language: Language) -> Badge:
    if one.step.proven:
        return Badge(text=say(f"{_W}.proven", language), tone="good")
    if not one.step.baseline.sufficient:
        return Badge(text=say(f"{_W}.too_little", language), tone="warning")
    return Badge(text=say(f"{_W}.not_proven", language))


def _comparable(one: TakenBaseline, language: Language) -> Badge:
    if one.comparable is None:
        return Badge(text=say("status.no_data", language))
    if one.comparable:
        return Badge(text=say(f"{_W}.comparable", language), tone="good")
    return Badge(text=say(f"{_W}.not_comparable", language), tone="warning")


def _without(streams: Iterable[StreamStart], language: Language) -> list[dict[str, object]]:
    """Return streams that cannot be ranked, or of which something is left out, and what would help."""
    found: list[dict[str, object]] = []
    for one in streams:
        if one.status == "value" and not one.unmapped:
            continue
        names = [step.state_name for step in one.unmapped[:SHOWN]]
        found.append(
            {
                "name": one.stream.name,
                "href": reverse("stream", args=[one.stream.id]),
                "sentence": say(f"{_W}.unmapped", language, states=names) if one.unmapped else one.sentence,
                "mapping": reverse("stream_workflow", args=[one.stream.id])
                if one.unmapped or one.status == "not_configured"
                else None,
            }
        )
    return found


def _notices(found: StartSmall, language: Language) -> list[Notice]:
    notices = []
    if found.units_differ:
        notices.append(Notice(kind="warning", text=say(f"{_W}.units_differ", language)))
    stale = [one for one in found.streams if one.freshness is not None and one.freshness.stale]
    old = [one for one in found.streams if one.freshness is not None and one.freshness.data_days > OLD_DAYS]
    if stale:
        notices.append(Notice(kind="warning", text=say(f"{_W}.stale", language, n=len(stale))))
    if old:
        names = [one.stream.name for one in old[:SHOWN]]
        notices.append(Notice(kind="warning", text=say(f"{_W}.old", language, streams=names)))
    return notices


def _nothing(language: Language) -> EmptyState:
    return EmptyState(
        title=say("flow.overview.none_title", language),
        text=say(f"{_W}.no_streams", language),
        action_label=say("flow.overview.title", language),
        action_href=reverse("streams"),
    )
