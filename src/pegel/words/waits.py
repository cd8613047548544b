"""The sentences of waits by cause, of friction counts and of the price of waiting."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.flow.answer import Answer, Status
from pegel.waits.cause import Cause
from pegel.waits.causes import WaitCauses
from pegel.waits.friction import FrictionCounts
from pegel.waits.handovers import HandOffs
from pegel.waits.interruptions import Interruptions
from pegel.waits.price import Price
from pegel.waits.responsibility import Responsibility
from pegel.words.catalogue import Language, quoted, say
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import number, percent, short_number

#: Causes named in the sentence, if they have at least this share of the waiting.
_NAMED: Final = 0.005


def waits_sentence(waits: WaitCauses, language: Language) -> str:
    """Return how much of the flow time is waiting, why, and what cannot be seen."""
    if waits.status is not Status.VALUE:
        return say(f"reason.{waits.reason}", language)
    parts = [_amount(waits, language), *_causes(waits, language), _hidden(waits, language)]
    if waits.workflow_status in ("suggested", "mixed"):
        parts.append(say(f"summary.{waits.workflow_status}", language))
    return " ".join(part for part in parts if part)


def price_sentence(price: Price, language: Language) -> str:
    """Return what the delay costs, or why nobody can say."""
    if price.status is not Status.VALUE:
        return say(f"reason.{price.reason}", language)
    parts = [
        say(f"waits.{key}", language, amount=money(amount, price.currency or "", language))
        for key, amount in (
            ("price", price.delay_price),
            ("price_open", price.open_delay_price),
            ("price_labour", price.labour_price),
        )
        if amount is not None
    ]
    if price.priced_share is not None and 0 < price.priced_share < 1:
        parts.append(say("waits.price_part", language, share=percent(price.priced_share, language)))
    return " ".join(parts)


def money(amount: float, currency: str, language: Language) -> str:
    """Return an amount of money: without decimals from 100 on.

    >>> money(1234.56, "EUR", "de"), money(12.5, "EUR", "en")
    ('1.235 EUR', 'EUR 12.50')
    """
    shown = number(amount, language, decimals=0 if abs(amount) >= 100 else 2)
    return say("waits.money", language, amount=shown, currency=currency)


def evidence_text(row: dict[str, object], language: Language) -> str:
    """Return what a cause's figure rests on; for a cause without an answer, which answer it is and why."""
    if row["status"] == Status.VALUE.value:
        return say(f"cause_evidence.{row['cause']}", language)
    reason = None if row["reason"] is None else str(row["reason"])
    return _without(str(row["status"]), reason, language)


def friction_lines(counts: FrictionCounts, language: Language) -> list[tuple[str, str]]:
    """Return each friction count as (what, how much); an answer without value says which answer it is and why."""
    stalled, opened = counts.stalled_items, counts.reopenings
    after = duration(stalled.after_days, language, unit=stalled.unit)
    return [
        *_hand_offs(counts.hand_offs, language),
        (say("friction_count.ping_pong", language), _ping_pong(counts, language)),
        (say("friction_count.rework", language), _rework(counts, language)),
        (
            say("friction_count.reopenings", language),
            _said(opened, language)
            or say(
                "friction_count.reopenings_value", language, n=opened.count or 0, items=_sum(opened.by_stream, "items")
            ),
        ),
        (say("friction_count.reranking", language), _per_item(counts.reranking, language)),
        (say("friction_count.status_asks", language), _per_item(counts.status_asks, language)),
        (
            say("friction_count.stalled_items", language, time=after),
            _said(stalled, language)
            or say("friction_count.stalled_value", language, n=stalled.count or 0, open=stalled.open_items),
        ),
        *_responsibility(counts.responsibility, language),
    ]


def _amount(waits: WaitCauses, language: Language) -> str:
    if not waits.n:
        each = duration(waits.open_wait_days / waits.open_n, language, unit=waits.unit)
        return say("waits.only_open", language, n=waits.open_n, time=each)
    if not waits.wait_days or not waits.flow_days:
        return say("waits.never", language)
    each = duration(waits.wait_days / waits.n, language, unit=waits.unit)
    return say("waits.share", language, share=percent(waits.wait_days / waits.flow_days, language), time=each)


def _causes(waits: WaitCauses, language: Language) -> list[str]:
    """Name the two largest causes that have evidence, and how much has none."""
    mine = waits.by_cause.filter(
        (pl.col("open") == (waits.n == 0)) & pl.col("share").is_not_null() & (pl.col("share") >= _NAMED)
    )
    known = mine.filter(pl.col("cause") != Cause.UNEXPLAINED.value).sort("days", descending=True, maintain_order=True)
    parts = [
        say(
            f"waits.{key}",
            language,
            cause=term("cause", row["cause"], language),
            share=percent(row["share"], language),
        )
        for key, row in zip(("first", "second"), known.iter_rows(named=True), strict=False)
    ]
    rest = mine.filter(pl.col("cause") == Cause.UNEXPLAINED.value)["share"].to_list()
    return [*parts, *(say("waits.unexplained", language, share=percent(share, language)) for share in rest)]


def _hidden(waits: WaitCauses, language: Language) -> str:
    missing = waits.by_cause.filter(~pl.col("open") & (pl.col("reason") != "log_measures_working_time"))["cause"]
    if not missing.len():
        return ""
    return say("waits.hidden", language, causes=[term("cause", cause, language) for cause in missing])


def _said(answer: Answer, language: Language) -> str:
    """Return which answer it is and why, or nothing where it has a value."""
    if answer.status is Status.VALUE:
        return ""
    return _without(answer.status.value, answer.reason, language)


def _without(status: str, reason: str | None, language: Language) -> str:
    shown = term("status", status, language)
    return f"{shown}: {say(f'reason.{reason}', language)}" if reason else shown


def _hand_offs(found: HandOffs, language: Language) -> list[tuple[str, str]]:
    if found.status is not Status.VALUE:
        return [(say("friction_count.hand_offs_plain", language), _said(found, language))]
    lines = []
    for by in ("actor", "assignee", "team"):
        mine = found.by_stream.filter(pl.col("by") == by)
        if not mine.height:
            continue
        known = mine.filter(pl.col("status") == Status.VALUE.value)
        name = say("friction_count.hand_offs", language, by=term("handed_by", by, language))
        if not known.height:
            lines.append((name, _without(mine["status"][0], mine["reason"][0], language)))
            continue
        moves, handed = _sum(known, "moves"), _sum(known, "hand_offs")
        values = {"hand_offs": handed, "moves": moves, "share": percent(handed / moves, language)}
        back = _sum(known, "ping_pong")
        lines.append((name, say("friction_count.hand_offs_value", language, **values, back=back)))
    return lines


def _ping_pong(counts: FrictionCounts, language: Language) -> str:
    found = counts.ping_pong
    if found.status is not Status.VALUE:
        return _said(found, language)
    if not found.by_pair.height:
        return say("friction_count.ping_pong_none", language)
    first = found.by_pair.row(0, named=True)
    state, other = (quoted(state_name(first[name], language), language) for name in ("state", "other_state"))
    return say("friction_count.ping_pong_value", language, n=found.count or 0, state=state, other=other)


def _rework(counts: FrictionCounts, language: Language) -> str:
    found = counts.rework
    if found.status is not Status.VALUE:
        return _said(found, language)
    if not found.count:
        return say("friction_count.rework_none", language)
    first = found.by_state.row(0, named=True)
    return say(
        "friction_count.rework_value",
        language,
        n=found.count,
        state=quoted(state_name(first["state"], language), language),
        share=percent(first["share"], language),
    )


def _per_item(found: Interruptions, language: Language) -> str:
    if found.status is not Status.VALUE:
        return _said(found, language)
    items = _sum(found.by_stream, "items")
    per_item = short_number((found.count or 0) / items, language) if items else "–"
    return say("friction_count.per_item", language, n=found.count or 0, per_item=per_item)


def _responsibility(found: Responsibility, language: Language) -> list[tuple[str, str]]:
    lines = []
    for row in found.by_field.iter_rows(named=True):
        name = say("friction_count.responsibility", language, field=term("handed_by", row["field"], language))
        if row["status"] != Status.VALUE.value:
            lines.append((name, _without(row["status"], row["reason"], language)))
            continue
        values = {key: row[key] for key in ("without", "stays", "unknown")}
        share = "–" if row["share"] is None else percent(row["share"], language)
        text = say("friction_count.responsibility_value", language, **values, share=share, now=row["open_without"])
        lines.append((name, text))
    return lines


def _sum(table: pl.DataFrame, name: str) -> int:
    return int(table[name].sum())
