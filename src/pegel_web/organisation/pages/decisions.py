"""The decision log: the list, one question, and how the organisation decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.decisions import (
    DecisionRecord,
    DecisionState,
    DecisionSummary,
    Latency,
    LevelFigures,
)
from pegel_web.organisation.pages.shared import risk_words, unit_choice
from pegel_web.organisation.queries.decision_summary import MONTHS
from pegel_web.organisation.queries.decisions import LEVELS, MOST, RAISE, VIEW
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    Definition,
    EmptyState,
    Facts,
    Figure,
    FigureRow,
    FormCard,
    Missing,
    Notice,
    PageHeader,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.values import money, written
from pegel_web.ui.worded import language_now

_W: Final = "organisation.decisions"
_TONES: Final[dict[str, Tone]] = {
    "open": "info",
    "approved": "good",
    "approved_with_conditions": "good",
    "rejected": "bad",
    "withdrawn": "neutral",
}


def decisions_page(
    request: HttpRequest,
    found: Sequence[DecisionRecord],
    *,
    actor: Actor,
    state: DecisionState | None,
    level: str | None,
    unit_id: UUID | None,
) -> dict[str, Any]:
    """Return the log, or one state or level of it."""
    language = language_now()
    table = decision_table(
        request, found, language=language, identity="decisions", caption=say(f"{_W}.list", language),
        empty=_nothing(actor, state, language),
    )  # fmt: skip
    parts: list[object] = [table]
    if len(found) == MOST:
        parts.insert(0, Notice(kind="info", text=say(f"{_W}.only_the_newest", language, n=MOST)))
    levels = [(name, say(f"organisation.level.{name}", language)) for name in LEVELS]
    return {
        "header": _header(language, actor),
        "tabs": _tabs("" if state is None else str(state), language),
        "choice": {**unit_choice(actor, VIEW, unit_id), "levels": levels, "level": level or ""}
        if actor.has(VIEW)
        else None,
        "parts": parts,
        "tables": [table],
    }


def decision_table(
    request: HttpRequest,
    found: Sequence[DecisionRecord],
    *,
    language: Language,
    identity: str,
    caption: str,
    empty: EmptyState,
    reviews: bool = False,
    page_size: int = 50,
) -> Table:
    """Return questions as a table; ``reviews``: with the day on which each is to be looked at again."""
    return table_of(
        request,
        identity=identity,
        caption=caption,
        columns=[
            Column(key="title", label=say(f"{_W}.column.title", language), href_key="href"),
            Column(key="state", label=say("organisation.word.state", language), kind="badge"),
            Column(key="asked_by", label=say(f"{_W}.column.asked_by", language)),
            Column(key="level", label=say("organisation.word.level", language)),
            Column(key="who", label=say(f"{_W}.column.who", language)),
            Column(key="amount", label=say(f"{_W}.column.amount", language), kind="money"),
            Column(key="risk", label=say(f"{_W}.column.risk", language)),
            Column(key="days", label=say(f"{_W}.column.days", language), kind="days"),
            *((Column(key="review", label=say(f"{_W}.column.review", language), kind="date"),) if reviews else ()),
        ],
        rows=[
            {
                "title": one.title,
                "href": reverse("decision", args=[one.decision_id]),
                "state": outcome_badge(one, language),
                "asked_by": one.asked_by_unit_name,
                "level": level_words(one, language),
                "who": _who(one, language),
                "amount": one.amount,
                "risk": risk_words(one.risk, language, none="organisation.risk.unknown"),
                "days": one.days,
                "review": one.review_date,
            }
            for one in found
        ],
        empty=empty,
        page_size=page_size,
    )


def decision_page(found: DecisionRecord, *, answer: forms.Form, withdraw: forms.Form) -> dict[str, Any]:
    """Return one question with what the reader may do about it."""
    language = language_now()
    notices = []
    if found.nobody_may:
        notices.append(Notice(kind="warning", text=say(f"{_W}.nobody_may", language)))
    elif found.state is DecisionState.OPEN and not found.may_take:
        notices.append(Notice(kind="info", text=say(f"{_W}.waits_for", language, names=list(found.deciders))))
    if found.above_its_level:
        notices.append(
            Notice(
                kind="info",
                text=say(
                    f"{_W}.decided_above",
                    language,
                    level=say(f"organisation.level.{found.level}", language),
                    routed=say(f"organisation.level.{found.routed_level}", language),
                ),
            )
        )
    parts = [
        ("options", found.options),
        ("question", found.question),
        ("conditions", found.conditions),
        ("reason", found.reason),
    ]
    cards = []
    here = reverse("decision", args=[found.decision_id])
    if found.may_take:
        cards.append(
            FormCard(
                form=answer,
                title=say(f"{_W}.decide", language),
                submit_label=say(f"{_W}.decide", language),
                action=f"{here}take/",
            )
        )
    if found.may_withdraw:
        cards.append(
            FormCard(
                form=withdraw,
                title=say(f"{_W}.withdraw", language),
                submit_label=say(f"{_W}.withdraw", language),
                action=f"{here}withdraw/",
                danger=True,
            )
        )
    return {
        "header": PageHeader(
            title=found.title, breadcrumbs=[(say(f"{_W}.title", language), reverse("decisions")), (found.title, None)]
        ),
        "notices": notices,
        "facts": _facts(found, language),
        "texts": [(say(f"{_W}.form.{name}", language), text) for name, text in parts if text],
        "forms": cards,
    }


def figures_page(
    request: HttpRequest, found: DecisionSummary, *, actor: Actor, months: int, unit_id: UUID | None
) -> dict[str, Any]:
    """Return how the organisation decides."""
    language = language_now()
    overall = found.overall
    figures = FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.median", language),
                value=latency(overall.median, language),
                kind="days",
                note=say(f"{_W}.figure.median_note", language, n=overall.raised, open=overall.open),
            ),
            Figure(label=say(f"{_W}.figure.p85", language), value=latency(overall.p85, language), kind="days"),
            Figure(
                label=say(f"{_W}.figure.team_share", language),
                value=_share(found),
                kind="percent",
                note=say(f"{_W}.figure.team_share_note", language, n=overall.decided),
            ),
            Figure(
                label=say(f"{_W}.figure.above", language),
                value=found.above_its_level,
                note=say(f"{_W}.figure.above_note", language),
            ),
            Figure(
                label=say(f"{_W}.figure.open", language),
                value=overall.open,
                rows_href=f"{reverse('decisions')}?state=open",
            ),
        ]
    )
    levels = table_of(
        request,
        identity="levels",
        caption=say(f"{_W}.by_level", language),
        columns=[
            Column(key="level", label=say("organisation.word.level", language), href_key="href"),
            *(
                Column(key=name, label=say(f"{_W}.column.{name}", language), kind="number")
                for name in ("n", "decided", "open", "withdrawn")
            ),
            Column(key="median", label=say(f"{_W}.column.median", language), kind="days"),
            Column(key="p85", label=say(f"{_W}.column.p85", language), kind="days"),
        ],
        rows=[_level(one, language) for one in found.levels if one.raised],
        empty=EmptyState(
            title=say(f"{_W}.no_figures.title", language),
            text=say(f"{_W}.no_figures.text", language),
            action_label=say(f"{_W}.raise", language) if actor.has(RAISE) else None,
            action_href=reverse("raise_decision") if actor.has(RAISE) else None,
        ),
    )
    ages = table_of(
        request,
        identity="ages",
        caption=say(f"{_W}.open_by_age", language),
        columns=[
            Column(key="age", label=say(f"{_W}.column.age", language), sortable=False),
            Column(key="count", label=say(f"{_W}.column.open", language), kind="number", sortable=False),
        ],
        rows=[
            {
                "age": say(f"{_W}.age_more", language, low=one.from_days)
                if one.until_days is None
                else say(f"{_W}.age", language, low=one.from_days, high=one.until_days),
                "count": one.count,
            }
            for one in found.open_by_age
        ],
        empty=EmptyState(title="", text=""),
    )
    periods = Tabs(
        label=say(f"{_W}.period", language),
        items=[
            Tab(
                label=say(f"{_W}.months", language, n=one),
                href="?" + urlencode({"months": one, **({} if unit_id is None else {"unit": str(unit_id)})}),
                current=one == months,
            )
            for one in MONTHS
        ],
    )
    definition = Definition(term=say(f"{_W}.figure.term", language), text=say(f"{_W}.figure.definition", language))
    return {
        "header": _header(language, actor),
        "tabs": _tabs("figures", language),
        "choice": {**unit_choice(actor, VIEW, unit_id), "kept": [("months", str(months))]} if actor.has(VIEW) else None,
        "parts": [periods, figures, levels, ages],
        "definition": definition,
        "source": say(f"{_W}.figure.source", language),
        "tables": [levels, ages],
    }


def outcome_badge(one: DecisionRecord, language: Language) -> Badge:
    """Return how a question stands."""
    name = one.outcome or "open"
    return Badge(text=say(f"{_W}.outcome.{name}", language), tone=_TONES[name])


def level_words(one: DecisionRecord, language: Language) -> str:
    """Return where a question waits or was decided: the level and the unit."""
    return say(f"{_W}.level_of", language, level=say(f"organisation.level.{one.level}", language), unit=one.unit_name)


def latency(one: Latency, language: Language) -> float | Missing | str:
    """Return a time as a figure shows it."""
    if one.status == "not_reached":
        return say(f"{_W}.not_reached", language)
    return {"no_data": Missing.NO_DATA, "too_few": Missing.TOO_FEW}.get(one.status) or one.days or 0.0


def _share(found: DecisionSummary) -> float | Missing:
    if found.team_share is not None:
        return found.team_share
    return Missing.TOO_FEW if found.overall.decided else Missing.NO_DATA


def _who(one: DecisionRecord, language: Language) -> str:
    if one.state is DecisionState.OPEN:
        return say(f"{_W}.nobody", language) if one.nobody_may else ", ".join(one.deciders)
    if one.by_delegation:
        return say(f"{_W}.by_delegation", language, name=one.decided_by_name)
    return one.decided_by_name or ""


def _level(one: LevelFigures, language: Language) -> dict[str, object]:
    return {
        "level": say(f"organisation.level.{one.level}", language),
        "href": f"{reverse('decisions')}?{urlencode({'level': one.level})}",
        "n": one.raised,
        "decided": one.decided,
        "open": one.open,
        "withdrawn": one.withdrawn,
        "median": latency(one.median, language),
        "p85": latency(one.p85, language),
    }


def _facts(one: DecisionRecord, language: Language) -> Facts:
    pairs: list[tuple[str, object]] = [
        (say("organisation.word.state", language), outcome_badge(one, language)),
        (say(f"{_W}.column.asked_by", language), one.asked_by_unit_name),
        (
            say(f"{_W}.raised_by", language),
            one.raised_by_name or say(f"{_W}.not_named", language),
        ),
        (say(f"{_W}.column.raised", language), one.raised_at),
        (
            say(f"{_W}.column.amount", language),
            say("organisation.risk.unknown", language) if one.amount is None else money(one.amount, language),
        ),
        (say(f"{_W}.column.risk", language), risk_words(one.risk, language, none="organisation.risk.unknown")),
        (
            say(f"{_W}.waits_at" if one.state is DecisionState.OPEN else f"{_W}.decided_at_level", language),
            level_words(one, language),
        ),
    ]
    if one.state is DecisionState.OPEN:
        pairs.append((say(f"{_W}.may_decide", language), _who(one, language)))
    else:
        pairs.append((say(f"{_W}.column.who", language), _who(one, language) or say(f"{_W}.not_named", language)))
        pairs.append((say(f"{_W}.decided_at", language), one.decided_at))
    pairs.append((say(f"{_W}.column.days", language), written(one.days, "days", language)))
    if one.review_date is not None:
        pairs.append((say(f"{_W}.column.review", language), one.review_date))
    return Facts(pairs=pairs)


def _nothing(actor: Actor, state: DecisionState | None, language: Language) -> EmptyState:
    name = "none_open" if state is DecisionState.OPEN else "none"
    may = actor.has(RAISE)
    return EmptyState(
        title=say(f"{_W}.{name}.title", language),
        text=say(f"{_W}.{name}.text", language),
        action_label=say(f"{_W}.raise", language) if may else None,
        action_href=reverse("raise_decision") if may else None,
    )


def _header(language: Language, actor: Actor) -> PageHeader:
    actions = []
    if actor.has(RAISE):
        actions.append(Action(label=say(f"{_W}.raise", language), href=reverse("raise_decision"), kind="primary"))
    return PageHeader(title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language), actions=actions)


def _tabs(current: str, language: Language) -> Tabs:
    log = reverse("decisions")
    items = [Tab(label=say(f"{_W}.tab.all", language), href=f"{log}?state=all", current=current == "")]
    items += [
        Tab(label=say(f"{_W}.tab.{state}", language), href=f"{log}?state={state}", current=current == state)
        for state in DecisionState
    ]
    items.append(
        Tab(label=say(f"{_W}.tab.figures", language), href=reverse("decision_summary"), current=current == "figures")
    )
    return Tabs(items=items)
