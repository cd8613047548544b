"""What waits at gates and what was decided, as a table and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.core.actor import Risk
from pegel_web.organisation.pages.addresses import addresses
from pegel_web.organisation.pages.shared import limit_words
from pegel_web.portfolio.contracts.use_cases import CriterionLine, RequestLine
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    Missing,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "portfolio"
_TONES: Final[dict[str, Tone]] = {
    "approved": "good", "with_conditions": "warning", "rejected": "bad", "sent_back": "warning",
}  # fmt: skip


STANDING: Final[dict[str, Tone]] = {"met": "good", "missing": "warning", "unclear": "bad", "failed": "bad"}


def request_table(
    request: HttpRequest, lines: Sequence[RequestLine], language: Language, *, of_one: bool = False
) -> Table:
    """Return requests at gates as a table; ``of_one``: all of one use case."""
    address = addresses("gate_request")
    columns = [
        Column(key="gate", label=say(f"{_W}.column.gate", language), href_key="href"),
        Column(key="case", label=say(f"{_W}.column.title", language)),
        Column(key="status", label=say(f"{_W}.column.state", language), kind="badge"),
        Column(key="days", label=say(f"{_W}.column.waited", language), kind="days"),
        Column(key="limit", label=say(f"{_W}.column.scope", language)),
        Column(key="where", label=say(f"{_W}.column.waits_at", language)),
        Column(key="who", label=say(f"{_W}.column.deciders", language)),
    ]
    return table_of(
        request,
        identity="requests",
        caption=say(f"{_W}.queue.title", language),
        columns=[one for one in columns if not (of_one and one.key == "case")],
        rows=[
            {
                "gate": say(f"{_W}.gate.{one.gate}", language),
                "href": address(one.request_id),
                "case": f"UC-{one.number} {one.title}",
                "status": status_badge(one, language),
                "days": one.days,
                "limit": limit_of(one, language),
                "where": one.unit_name,
                "who": ", ".join(one.deciders) if one.status == "open" else one.decided_by or "",
            }
            for one in lines
        ],
        empty=EmptyState(title=say(f"{_W}.queue.empty.title", language), text=say(f"{_W}.queue.empty.text", language)),
    )


def status_badge(one: RequestLine, language: Language) -> Badge:
    """Return what came of a request."""
    if one.outcome is not None:
        return Badge(text=say(f"{_W}.outcome.{one.outcome}", language), tone=_TONES[one.outcome])
    return Badge(
        text=say(f"{_W}.request_status.{one.status}", language), tone="info" if one.status == "open" else "neutral"
    )


def limit_of(one: RequestLine, language: Language) -> str:
    """Return what is asked for: amount and risk, or that they are not known."""
    if one.amount is None and one.risk is None:
        return say(f"{_W}.queue.unknown_scope", language)
    return limit_words(one.amount, None if one.risk is None else Risk(one.risk), language)


def queue_page(request: HttpRequest, lines: Sequence[RequestLine], *, mine: bool) -> dict[str, Any]:
    """Return what waits, and what was decided."""
    language = language_now()
    waiting = [one for one in lines if one.status == "open"]
    mine_too = sum(one.may_decide for one in waiting)
    table = request_table(request, lines, language)
    sentence = (
        say(f"{_W}.queue.sentence", language, n=len(waiting), mine=mine_too)
        if waiting
        else say(f"{_W}.queue.nothing", language)
    )
    return {
        "header": PageHeader(title=say(f"{_W}.queue.title", language), lead=say(f"{_W}.queue.lead", language)),
        "sentence": sentence,
        "mine": mine,
        "parts": [table],
        "tables": [table],
    }


def request_page(request: HttpRequest, found: RequestLine, criteria: Sequence[CriterionLine]) -> dict[str, Any]:
    """Return what was asked, what came of it, and on which evidence."""
    language = language_now()
    title = f"{say(f'{_W}.gate.{found.gate}', language)}: UC-{found.number}"
    actions = []
    if found.may_decide:
        label = say(f"{_W}.queue.decide", language)
        actions.append(Action(label=label, href=reverse("decide_gate", args=[found.request_id]), kind="primary"))
    if found.may_withdraw:
        label = say(f"{_W}.queue.withdraw", language)
        actions.append(
            Action(label=label, href=reverse("withdraw_gate", args=[found.request_id]), kind="danger", method="post")
        )
    pairs: list[tuple[str, object]] = [
        ("title", f"UC-{found.number} {found.title}"),
        ("status", status_badge(found, language)),
        ("scope", limit_of(found, language)),
        ("asked_by_unit", found.asked_by_unit_name),
        ("waits_at", found.unit_name),
        ("raised_at", found.raised_at),
        ("raised_by", found.raised_by),
        ("options", found.options),
    ]
    if found.status == "open":
        deciders = ", ".join(found.deciders) or say(f"{_W}.queue.nobody_may", language)
        pairs.append(("deciders", deciders))
    if found.status == "decided":
        pairs += [
            ("decided_at", found.decided_at),
            ("decided_by", found.decided_by),
            ("by_delegation", say(f"{_W}.queue.{'delegated' if found.by_delegation else 'by_role'}", language)),
            ("reason", found.reason),
            ("trade_offs", found.trade_offs),
            ("dissent", found.dissent),
            ("conditions", found.conditions),
            ("expires_on", found.expires_on),
            ("review_date", found.review_date),
        ]
    stood = _criteria(request, criteria, language, decided=found.status == "decided")
    return {
        "header": PageHeader(
            title=title,
            breadcrumbs=[
                (say(f"{_W}.list.title", language), reverse("use_case_list")),
                (f"UC-{found.number} {found.title}", reverse("use_case", args=[found.use_case_id])),
                (title, None),
            ],
            actions=actions,
        ),
        "parts": [
            Facts(
                pairs=[
                    (say(f"{_W}.fact.{name}", language), Missing.NO_DATA if value in ("", None) else value)
                    for name, value in pairs
                ]
            ),
            stood,
        ],
        "tables": [stood],
    }


def _criteria(request: HttpRequest, criteria: Sequence[CriterionLine], language: Language, *, decided: bool) -> Table:
    return table_of(
        request,
        identity="criteria",
        caption=say(f"{_W}.queue.{'stood' if decided else 'stand'}", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.criterion", language)),
            Column(key="standing", label=say(f"{_W}.column.standing", language), kind="badge"),
            Column(key="evidence", label=say(f"{_W}.column.evidence", language)),
            Column(key="binding", label=say(f"{_W}.column.binding", language)),
        ],
        rows=[
            {
                "name": one.name,
                "standing": Badge(text=say(f"{_W}.standing.{one.standing}", language), tone=STANDING[one.standing]),
                "evidence": criterion_evidence(one, language) or one.wanted,
                "binding": say(f"{_W}.case.binding" if one.binding else f"{_W}.case.with_condition", language),
            }
            for one in criteria
        ],
        empty=EmptyState(title=say(f"{_W}.queue.no_criteria", language), text=""),
    )


def criterion_evidence(one: CriterionLine, language: Language) -> str:
    """Return what a criterion rests on, and that it is only declared where it is."""
    declared = say(f"{_W}.case.declared_only", language) if one.declared else ""
    return "; ".join(text for text in (one.evidence, declared) if text)
