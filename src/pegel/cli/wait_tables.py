"""Waits by cause and friction counts as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pegel.cli.output import console, print_table
from pegel.flow.answer import Status
from pegel.waits.causes import WaitCauses
from pegel.waits.friction import FrictionCounts
from pegel.waits.price import Price
from pegel.words import Language, say
from pegel.words.durations import duration, in_days
from pegel.words.names import policy_name, state_name, term
from pegel.words.numbers import number, percent
from pegel.words.waits import evidence_text, friction_lines, money, price_sentence, waits_sentence

#: Lines of the table by state, and of the items.
_MOST_STATES = 12
_MOST_ITEMS = 5


def show_waits(
    waits: WaitCauses,
    counts: FrictionCounts,
    price: Price,
    names: Mapping[int, str],
    language: Language,
    *,
    policy: str,
    calendar: str,
) -> None:
    """Print the sentence, the causes with their evidence, where they lie, and the friction counts."""
    screen = console()
    screen.print(waits_sentence(waits, language), markup=False)
    screen.print(price_sentence(price, language), markup=False)
    screen.print(
        say(
            # Without an answer nothing was counted, which is not the same as no items.
            "cli.waits.basis" if waits.status is Status.VALUE else "cli.waits.basis_only",
            language,
            n=waits.n,
            open=waits.open_n,
            policy=policy_name(policy, language),
            calendar=term("calendar", calendar, language),
        ),
        markup=False,
        style="dim",
    )
    if waits.status is Status.VALUE:
        if waits.n:
            _causes(waits, price, language, is_open=False)
        if waits.open_n:
            _causes(waits, price, language, is_open=True)
        _states(waits, language)
        _blocked(waits, language)
        _approvals(waits, language)
        _items(waits, names, language)
    _table(
        "friction",
        (("count", False), ("result", False)),
        [list(line) for line in friction_lines(counts, language)],
        language,
    )


def _causes(waits: WaitCauses, price: Price, language: Language, *, is_open: bool) -> None:
    priced = price.delay.filter((pl.col("open") == is_open) & pl.col("price").is_not_null())
    prices = dict(priced.group_by("cause").agg(pl.col("price").sum()).iter_rows())
    columns = [("cause", False), ("days", True), ("share", True), ("items", True), ("p85", True),
               *([("price", True)] if prices else []), ("evidence", False)]  # fmt: skip
    rows = []
    for row in waits.by_cause.filter(pl.col("open") == is_open).iter_rows(named=True):
        cost = prices.get(row["cause"])
        rows.append(
            [
                term("cause", row["cause"], language),
                "–" if row["days"] is None else in_days(row["days"], language),
                "–" if row["share"] is None else percent(row["share"], language),
                "–" if row["items"] is None else number(row["items"], language),
                "–" if row["p85"] is None else duration(row["p85"], language, unit=waits.unit),
                *(["–" if cost is None else money(cost, price.currency or "", language)] if prices else []),
                evidence_text(row, language),
            ]
        )
    _table("causes_open" if is_open else "causes", columns, rows, language)


def _states(waits: WaitCauses, language: Language) -> None:
    mine = waits.by_state.filter(pl.col("open") == (waits.n == 0)).head(_MOST_STATES)
    rows = [
        [
            state_name(row["state"], language),
            row["stream"],
            term("cause", row["cause"], language),
            in_days(row["days"], language),
            percent(row["share"], language),
            number(row["items"], language),
        ]
        for row in mine.iter_rows(named=True)
    ]
    columns = (("state", False), ("stream", False), ("cause", False), ("days", True), ("share", True), ("items", True))
    _table("states", columns, rows, language)


def _blocked(waits: WaitCauses, language: Language) -> None:
    mine = waits.blocked_by.filter(pl.col("open") == (waits.n == 0))
    rows = [
        [
            term("block_reason", row["reason"], language),
            in_days(row["days"], language),
            percent(row["share"], language),
        ]
        for row in mine.iter_rows(named=True)
    ]
    _table("blocked", (("reason", False), ("days", True), ("share", True)), rows, language)


def _approvals(waits: WaitCauses, language: Language) -> None:
    mine = waits.approvals.filter(~pl.col("open"))
    rows = [
        [
            state_name(row["state"], language),
            row["stream"],
            number(row["items"], language),
            duration(row["p50"], language, unit=waits.unit),
            duration(row["p85"], language, unit=waits.unit),
        ]
        for row in mine.iter_rows(named=True)
    ]
    columns = (("state", False), ("stream", False), ("items", True), ("p50", True), ("p85", True))
    _table("approvals", columns, rows, language)


def _items(waits: WaitCauses, names: Mapping[int, str], language: Language) -> None:
    rows = [
        [
            names.get(row["item"], str(row["item"])),
            row["stream"],
            say(f"wait_of.{'open' if row['open'] else 'finished'}", language),
            duration(row["wait_days"], language, unit=waits.unit),
            f"{term('cause', row['cause'], language)} ({duration(row['cause_days'], language, unit=waits.unit)})",
        ]
        for row in waits.items.head(_MOST_ITEMS).iter_rows(named=True)
    ]
    columns = (("item", False), ("stream", False), ("work", False), ("wait", True), ("cause", False))
    _table("items", columns, rows, language)


def _table(name: str, columns: Any, rows: list[list[str]], language: Language) -> None:
    if rows:
        heads = [
            (say(f"cli.waits.column.{column}", language), "right" if quantity else "left")
            for column, quantity in columns
        ]
        print_table(say(f"cli.waits.{name}", language), heads, rows)
