"""The leadership frame of a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.delegations import DelegationRecord, DelegationState
from pegel_web.organisation.contracts.frame import FrameLine, FrameOfUnit, UnitBudget
from pegel_web.organisation.pages.delegations import delegation_table
from pegel_web.organisation.pages.shared import limit_words, unit_choice
from pegel_web.organisation.queries.frame import VIEW
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Figure,
    FigureRow,
    Missing,
    Notice,
    PageHeader,
    Table,
    table_of,
)
from pegel_web.ui.values import money
from pegel_web.ui.worded import language_now

_W: Final = "organisation.frame"


def frame_page(
    request: HttpRequest, found: FrameOfUnit, given: Sequence[DelegationRecord], *, actor: Actor
) -> dict[str, Any]:
    """Return direction, limits, money, handed-on rights and offers of a unit."""
    language = language_now()
    tables = [
        _lines(request, found, "direction", found.direction, language),
        _limits(request, found, language),
        _budgets(request, found, language),
        delegation_table(
            request,
            [one for one in given if one.state in {DelegationState.ACTIVE, DelegationState.PLANNED}],
            language=language,
        ),
        _lines(request, found, "offer", found.offers, language),
    ]
    if found.budgets:
        tables.insert(3, _lines(request, found, "budget", found.budgets, language, amount=True))
    over = [one for one in (found.budget, *found.below) if one.over_committed]
    notices = [
        Notice(
            kind="warning",
            text=say(
                f"{_W}.over_committed",
                language,
                unit=one.unit_name,
                given=money(one.given, language),
                budget=money(one.budget or 0, language),
            ),
        )
        for one in over
    ]
    actions = [
        Action(
            label=say(f"{_W}.add.{kind}", language),
            href=f"{reverse('set_frame_entry')}?{urlencode({'unit': str(found.unit_id), 'kind': kind})}",
        )
        for kind in found.changeable
    ]
    return {
        "header": PageHeader(
            title=say(f"{_W}.title_of", language, unit=found.unit_name), lead=say(f"{_W}.lead", language),
            actions=actions,
        ),
        "choice": unit_choice(actor, VIEW, found.unit_id),
        "parts": [_figures(found, language), *notices, *tables],
        "tables": tables,
    }  # fmt: skip


def frame_form_title(kind: str, unit: str, *, change: bool) -> str:
    """Return the title of the page on which a line is set or changed."""
    language = language_now()
    return say(
        f"{_W}.change_line" if change else f"{_W}.add_to", language, kind=say(f"{_W}.kind.{kind}", language), unit=unit
    )


def _figures(found: FrameOfUnit, language: Language) -> FigureRow:
    budget = found.budget
    none = budget.status == "not_configured"
    return FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.limit", language),
                value=limit_words(found.most_amount, found.most_risk, language),
                note=say(f"{_W}.figure.limit_note", language),
                rows_href=f"{reverse('decision_rights')}?{urlencode({'unit': str(found.unit_id)})}",
            ),
            Figure(
                label=say(f"{_W}.figure.budget", language),
                value=Missing.NOT_CONFIGURED if none else budget.budget,
                kind="money",
            ),
            Figure(
                label=say(f"{_W}.figure.given", language),
                value=budget.given,
                kind="money",
                note=say(f"{_W}.figure.given_note", language),
            ),
            Figure(
                label=say(f"{_W}.figure.left", language),
                value=Missing.NOT_CONFIGURED if none else budget.left,
                kind="money",
            ),
        ]
    )


def _lines(
    request: HttpRequest,
    found: FrameOfUnit,
    kind: str,
    lines: Sequence[FrameLine],
    language: Language,
    *,
    amount: bool = False,
) -> Table:
    columns = [Column(key="text", label=say(f"{_W}.column.text.{kind}", language))]
    if amount:
        columns.append(Column(key="amount", label=say(f"{_W}.column.amount", language), kind="money"))
    return _table(request, found, kind, lines, columns, language)


def _limits(request: HttpRequest, found: FrameOfUnit, language: Language) -> Table:
    columns = [
        Column(key="text", label=say(f"{_W}.column.text.limit", language)),
        Column(key="limit", label=say(f"{_W}.column.limit", language)),
        Column(key="level", label=say(f"{_W}.column.level", language)),
    ]
    return _table(request, found, "limit", found.limits, columns, language)


def _table(
    request: HttpRequest,
    found: FrameOfUnit,
    kind: str,
    lines: Sequence[FrameLine],
    columns: Sequence[Column],
    language: Language,
) -> Table:
    may = kind in found.changeable
    change = [Column(key="change", label=say(f"{_W}.column.change", language), sortable=False, href_key="href")]
    return table_of(
        request,
        identity=kind,
        caption=say(f"{_W}.kind.{kind}", language),
        columns=[
            *columns,
            Column(key="from", label=say(f"{_W}.column.from", language)),
            Column(key="since", label=say("organisation.word.since", language), kind="date"),
            Column(key="until", label=say("organisation.word.until", language), kind="date"),
            Column(key="by", label=say(f"{_W}.column.by", language)),
            *(change if any(line.may_change for line in lines) else ()),
        ],
        rows=[_row(line, language) for line in lines],
        empty=EmptyState(
            title=say(f"{_W}.none.{kind}.title", language),
            text=say(f"{_W}.none.{kind}.text", language),
            action_label=say(f"{_W}.add.{kind}", language) if may else None,
            action_href=f"{reverse('set_frame_entry')}?{urlencode({'unit': str(found.unit_id), 'kind': kind})}"
            if may
            else None,
        ),
    )


def _row(line: FrameLine, language: Language) -> dict[str, object]:
    words_only = line.amount is None and line.risk is None
    return {
        "text": line.text,
        "amount": line.amount,
        "limit": say(f"{_W}.words_only", language) if words_only else limit_words(line.amount, line.risk, language),
        "level": say(f"organisation.level.{line.level}" if line.level else f"{_W}.form.all_levels", language),
        "from": say(f"{_W}.from_above", language, unit=line.unit_name)
        if line.inherited
        else say(f"{_W}.own", language, unit=line.unit_name),
        "since": line.valid_from,
        "until": line.valid_until,
        "by": line.set_by_name,
        "change": say(f"{_W}.change", language) if line.may_change else None,
        "href": reverse("change_frame_entry", args=[line.entry_id]) if line.may_change else None,
    }


def _budgets(request: HttpRequest, found: FrameOfUnit, language: Language) -> Table:
    return table_of(
        request,
        identity="below",
        caption=say(f"{_W}.below", language),
        columns=[
            Column(key="unit", label=say("organisation.word.unit", language), href_key="href"),
            Column(key="budget", label=say(f"{_W}.figure.budget", language), kind="money"),
            Column(key="given", label=say(f"{_W}.figure.given", language), kind="money"),
            Column(key="left", label=say(f"{_W}.figure.left", language), kind="money"),
            Column(key="state", label=say("organisation.word.state", language), kind="badge"),
        ],
        rows=[_budget(one, language) for one in found.below],
        empty=EmptyState(title=say(f"{_W}.none.below.title", language), text=say(f"{_W}.none.below.text", language)),
    )


def _budget(one: UnitBudget, language: Language) -> dict[str, object]:
    return {
        "unit": one.unit_name,
        "href": frame_href(one.unit_id),
        "budget": one.budget,
        "given": one.given,
        "left": one.left,
        "state": Badge(text=say(f"{_W}.state.over", language), tone="bad")
        if one.over_committed
        else Badge(text=say(f"{_W}.state.within", language), tone="good"),
    }


def frame_href(unit: UUID) -> str:
    """Return the address of the frame of a unit."""
    return f"{reverse('frame_of')}?{urlencode({'unit': str(unit)})}"
