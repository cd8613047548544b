"""The price of waiting: what delay costs, and what work and coordination cost. Nobody is paid for a lying ticket.

Definition
    Delay: days of waiting (of a cause, in a stream) × the stream's cost of delay per item and day. Labour: hours of
    work × the stream's rate, for active time (finished items) and for coordination (status asks × minutes each). Waits
    are never multiplied by a labour rate: an item that lies costs delay, not wages.
Unit
    The currency of the costs file. A cost of delay per working day prices working days only, and one per day of 24
    hours only those; labour is priced only where the log measures working time, because an active stay of a night and a
    weekend is no 60 hours of work. Active time is an upper bound: a state may be active while nobody works on the item.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pegel.flow.answer import Answer, Status
from pegel.waits.causes import WaitCauses
from pegel.waits.costs import Costs
from pegel.waits.interruptions import Interruptions

DEFINITION: Final = "price_of_waiting/1"
_MINUTES: Final = 60
_DELAY: Final = {
    "open": pl.Boolean(), "stream": pl.String(), "cause": pl.String(), "status": pl.String(), "reason": pl.String(),
    "days": pl.Float64(), "price": pl.Float64(),
}  # fmt: skip
_LABOUR: Final = {
    "stream": pl.String(), "work": pl.String(), "status": pl.String(), "reason": pl.String(), "hours": pl.Float64(),
    "price": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Answer):
    """``delay``: [open, stream, cause, status, reason, days, price]; ``labour``: [stream, work, status, reason, hours,
    price] with ``work`` active or coordination. Sums are of what has a price, None where nothing has; ``priced_share``:
    of the waiting days of finished items that have one.
    """

    currency: str | None = None
    delay_price: float | None = None
    open_delay_price: float | None = None
    labour_price: float | None = None
    priced_share: float | None = None
    delay: pl.DataFrame
    labour: pl.DataFrame


def price_of_waiting(waits: WaitCauses, asks: Interruptions, costs: Costs | None) -> Price:
    """Price waits by cause; ``asks``: the status asks of the same selection."""
    if costs is None:
        return _without_answer(Status.NOT_CONFIGURED, "no_costs")
    if waits.status is not Status.VALUE:
        return _without_answer(waits.status, waits.reason or "no_costs")
    delay = _delay(waits, costs)
    labour = _labour(waits, asks, costs)
    finished = delay.filter(~pl.col("open"))
    prices = {
        "delay_price": _sum(finished),
        "open_delay_price": _sum(delay.filter("open")),
        "labour_price": _sum(labour),
    }
    known = any(value is not None for value in prices.values())
    days = float(finished["days"].sum())
    priced = float(finished.filter(pl.col("price").is_not_null())["days"].sum())
    reasons = [*delay["reason"].drop_nulls(), *labour["reason"].drop_nulls()]
    differs = "cost_unit_differs" in reasons
    return Price(
        definition=DEFINITION,
        status=Status.VALUE if known else Status.UNDEFINED if differs else Status.NOT_CONFIGURED,
        reason=None if known else "cost_unit_differs" if differs else "no_costs_of_stream",
        currency=costs.currency,
        **prices,
        priced_share=priced / days if days else None,
        delay=delay,
        labour=labour,
    )


def _delay(waits: WaitCauses, costs: Costs) -> pl.DataFrame:
    sums = waits.by_state.group_by("open", "stream", "cause").agg(pl.col("days").sum())
    rows = []
    for row in sums.iter_rows(named=True):
        rate = costs.of(row["stream"]).cost_of_delay_per_item_day
        if rate is None:
            status, reason = Status.NOT_CONFIGURED, "no_costs_of_stream"
        elif costs.unit != waits.unit:
            status, reason = Status.UNDEFINED, "cost_unit_differs"
        else:
            status, reason = Status.VALUE, None
        price = row["days"] * rate if status is Status.VALUE and rate is not None else None
        rows.append({**row, "status": status.value, "reason": reason, "price": price})
    return pl.DataFrame(rows, schema=_DELAY).sort(
        "open", "price", "days", "stream", "cause", descending=[False, True, True, False, False], nulls_last=True
    )


def _labour(waits: WaitCauses, asks: Interruptions, costs: Costs) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for row in waits.by_stream.filter(~pl.col("open")).iter_rows(named=True):
        rate = costs.of(row["stream"]).labour_rate_per_hour
        worked = None if waits.unit == "days" else row["active_hours"]
        rows.append(_work(row["stream"], "active", worked, rate, "labour_needs_working_time", Status.UNDEFINED))
    for row in asks.by_stream.iter_rows(named=True):
        rate = costs.of(row["stream"]).labour_rate_per_hour
        minutes = costs.minutes_per_status_query
        hours = None if minutes is None else row["count"] * minutes / _MINUTES
        rows.append(_work(row["stream"], "coordination", hours, rate, "no_minutes_per_query", Status.NOT_CONFIGURED))
    return pl.DataFrame(rows, schema=_LABOUR).sort("stream", "work")


def _work(
    stream: str, work: str, hours: float | None, rate: float | None, reason: str, missing: Status
) -> dict[str, Any]:
    head: dict[str, Any] = {"stream": stream, "work": work, "hours": hours, "price": None}
    if rate is None:
        return {**head, "status": Status.NOT_CONFIGURED.value, "reason": "no_costs_of_stream"}
    if hours is None:
        return {**head, "status": missing.value, "reason": reason}
    return {**head, "status": Status.VALUE.value, "reason": None, "price": hours * rate}


def _sum(table: pl.DataFrame) -> float | None:
    priced = table["price"].drop_nulls()
    return float(priced.sum()) if priced.len() else None


def _without_answer(status: Status, reason: str) -> Price:
    return Price(
        definition=DEFINITION,
        status=status,
        reason=reason,
        delay=pl.DataFrame(schema=_DELAY),
        labour=pl.DataFrame(schema=_LABOUR),
    )
