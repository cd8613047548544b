"""The board: columns by state, cards that lead to the use case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from pegel.words import Language, say
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.portfolio.contracts.scoring import Board, BoardCard
from pegel_web.portfolio.pages.portfolio_tabs import CaseFilter, filter_context, view_tabs
from pegel_web.ui.components import Action, Badge, PageHeader
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.board"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A card as it is drawn."""

    title: str
    href: str
    unit: str
    days: str
    badges: list[Badge]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnShown:
    """A column as it is drawn; ``more``: what was cut, and where it is; empty: nothing."""

    state: str
    title: str
    count: int
    cards: list[CardShown]
    more: str
    href: str


def board_page(found: Board, asked: CaseFilter, *, may_register: bool) -> dict[str, Any]:
    """Return the board."""
    language = language_now()
    address = addresses("use_case")
    columns = []
    for one in found.columns:
        cut = one.count - len(one.cards)
        chosen = urlencode({"state": one.state, **({"unit": asked.unit_id} if asked.unit_id else {})})
        columns.append(
            ColumnShown(
                state=one.state,
                title=say(f"portfolio.state.{one.state}", language),
                count=one.count,
                cards=[_card(card, address(card.use_case_id), language) for card in one.cards],
                more=say(f"{_W}.more", language, n=cut) if cut else "",
                href=f"{reverse('use_case_list')}?{chosen}",
            )
        )
    total = sum(one.count for one in found.columns)
    aside = ", ".join(
        f"{say(f'portfolio.state.{state}', language)} {count}" for state, count in found.aside.items() if count
    )
    register = Action(label=say("portfolio.list.register", language), href=reverse("register_idea"), kind="primary")
    return {
        "header": PageHeader(
            title=say(f"{_W}.title", language),
            lead=say(f"{_W}.lead", language),
            actions=[register] if may_register else [],
        ),
        "tabs": view_tabs("use_case_board", language),
        **filter_context(asked, language),
        "no_state": True,
        "sentence": say(f"{_W}.sentence", language, n=total) if total else say(f"{_W}.none", language),
        "aside": say(f"{_W}.aside", language, states=aside) if aside else "",
        "columns": columns,
    }


def _card(one: BoardCard, href: str, language: Language) -> CardShown:
    badges = []
    if one.waiting_at_gate is not None:
        gate = say(f"portfolio.gate.{one.waiting_at_gate}", language)
        badges.append(Badge(text=say(f"{_W}.waits", language, gate=gate), tone="info"))
    if not one.has_owner:
        badges.append(Badge(text=say(f"{_W}.no_owner", language), tone="warning"))
    return CardShown(
        title=f"UC-{one.number} {one.title}",
        href=href,
        unit=one.unit_name,
        days=say(f"{_W}.days", language, n=one.days),
        badges=badges,
    )
