"""Licences: which unit was given how many seats, from which day on, at what price.

The table is taken as the whole list of grants: a unit that is not in it has no licence.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from pegel.eventlog.batch import name_defect
from pegel.sources.formats import ReadOptions
from pegel.sources.json_values import mapping, member
from pegel.sources.usage.dated_table import dated_rows
from pegel.sources.usage.json_rows import json_files
from pegel.sources.usage.tidy import LICENCES, Fates, TableRead
from pegel.sources.usage.values import Figures, currency_of, day_of, id_of

HEADERS: Final = {
    "unit": ("unit", "team", "group", "stream", "department", "einheit", "gruppe", "abteilung", "bereich", "wertstrom"),
    "granted": (
        "granted date", "granted", "granted on", "from", "start", "start date", "enabled", "enabled on", "since",
        "vergeben am", "vergeben", "ab", "seit", "freigeschaltet", "freigeschaltet am", "beginn",
    ),
    "ended": ("ended", "ended on", "until", "end", "end date", "bis", "ende", "beendet am", "entzogen am"),
    "seats": ("seats", "licences", "licenses", "plätze", "lizenzen", "anzahl"),
    "price": ("price", "price per seat", "cost", "preis", "preis je platz", "kosten"),
    "currency": ("currency", "währung"),
    "period": ("period", "per", "billing period", "zeitraum", "je", "abrechnung"),
}  # fmt: skip
_PERIODS: Final = {
    "once": ("once", "one time", "einmalig", "einmal"),
    "month": ("month", "monthly", "monat", "monatlich", "per month", "m"),
    "quarter": ("quarter", "quarterly", "quartal", "vierteljährlich", "q"),
    "year": ("year", "yearly", "annual", "annually", "jahr", "jährlich", "per year", "y", "a"),
}
_PERIOD_OF: Final = {word: period for period, words in _PERIODS.items() for word in words}


def read_licences(path: Path | str, *, options: ReadOptions | None = None) -> TableRead:
    """Read a table of licences. A price that cannot be used costs the price, never the row.

    Raises
    ------
    NotFoundError, InputError, AmbiguousInputError: those of ``open_table``; ``columns_missing``, ``ambiguous_dates``.
    """
    fates = Fates()
    seen: set[tuple[Any, ...]] = set()
    kept: list[tuple[Any, ...]] = []
    dates = ("granted", "ended")
    rows = dated_rows(path, fates, headers=HEADERS, dates=dates, required=("unit", "granted"), options=options)
    for row, texts, days in rows:
        granted, ended = days["granted"], days.get("ended")
        if reason := name_defect(texts["unit"]):
            fates.reject(row, reason)
        elif granted is None:
            fates.reject(row, "time_missing")
        elif ended is not None and ended < granted:
            fates.reject(row, "ended_before_granted", ended)
        else:
            figures = Figures()
            seats, price = figures.count(texts.get("seats")), figures.written_amount(texts.get("price", ""))
            currency, period = currency_of(texts.get("currency")), _PERIOD_OF.get(texts.get("period", "").casefold())
            if price is not None and (currency is None or period is None or price < 0):
                fates.warnings["price_unclear"] += 1
                price = None
            fates.warnings["value_unusable"] += figures.unusable
            priced = (None, None, None) if price is None else (float(price), currency, period)
            found = (texts["unit"], granted, ended, seats, *priced)
            if found in seen:
                fates.duplicate += 1
            else:
                seen.add(found)
                kept.append((*found, row))
    return _read(kept, fates)


def read_copilot_seats(paths: Path | str | Sequence[Path | str], *, encoding: str | None = None) -> TableRead:
    """Read saved answers of GitHub's seats API (``/copilot/billing/seats``): one seat per record, its team and day.

    Who holds a seat is used to leave out a seat that is told twice, and forgotten.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*``, ``archive_*``.
    """
    fates = Fates()
    seen: set[tuple[Any, ...]] = set()
    kept: list[tuple[Any, ...]] = []
    for file, found in json_files(paths, arrays=frozenset({"seats"}), encoding=encoding):
        fates.begin(file)
        if found.page:
            continue
        row = fates.next_row()
        if found.reason:
            fates.reject(row, found.reason)
            continue
        team = mapping(found.value.get("assigning_team"))
        unit = member(team, "slug") or member(team, "name")
        holder = id_of(mapping(found.value.get("assignee")).get("id"))
        granted = day_of(found.value.get("created_at"))
        if unit is None:
            fates.reject(row, "team_missing")
        elif reason := name_defect(unit):
            fates.reject(row, reason)
        elif granted is None:
            fates.reject(row, "unreadable_time", found.value.get("created_at"))
        elif holder is not None and (unit, holder) in seen:
            fates.duplicate += 1
        else:
            seen.add((unit, holder))
            ended = day_of(found.value.get("pending_cancellation_date"))
            kept.append((unit, granted, ended, 1, None, None, None, row))
    return _read(kept, fates)


def _read(rows: list[tuple[Any, ...]], fates: Fates) -> TableRead:
    table = pl.DataFrame(rows, schema=LICENCES, orient="row").sort("unit", "granted", "row")
    return TableRead(
        table=table,
        rejects=fates.rejects(),
        rows=fates.rows,
        duplicate=fates.duplicate,
        ignored=+fates.ignored,
        warnings=+fates.warnings,
    )
