"""Tables that people keep (CSV or a workbook) with dates in them: columns found by header, days read as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from pegel.eventlog.schema import EARLIEST_US, LATEST_US
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.date_columns import NO_DATE, survey_dates
from pegel.sources.formats import ReadOptions
from pegel.sources.tabular import open_table
from pegel.sources.usage.tidy import Fates

_YES: Final = frozenset({"true", "yes", "y", "ja", "j", "x", "wahr", "aktiv", "active", "✓"})
_NO: Final = frozenset({"false", "no", "n", "nein", "falsch", "inaktiv", "inactive", "-", "–"})


class DatedRow(NamedTuple):
    """A row: its number, its texts by role ("" where empty), and its days by role (None: empty)."""

    row: int
    texts: Mapping[str, str]
    days: Mapping[str, date | None]


def dated_rows(
    path: Path | str,
    fates: Fates,
    *,
    headers: Mapping[str, Sequence[str]],
    dates: Sequence[str],
    required: Sequence[str],
    options: ReadOptions | None = None,
) -> Iterator[DatedRow]:
    """Yield the rows of a table; broken ones, and those with an unreadable day, are rejected.

    Parameters
    ----------
    headers: headers by role. dates: roles that hold days. required: roles whose column must be there.

    Raises
    ------
    NotFoundError, InputError, AmbiguousInputError: those of ``open_table``; ``columns_missing``, ``ambiguous_dates``.
    """
    options = options or ReadOptions()
    path = Path(path)
    table = open_table(path, options)
    roles = roles_by_header(table.columns, headers, options.columns)
    require_roles(roles, required, table.columns)
    columns = {role: column for role, column in roles.items() if role in dates}
    moments = survey_dates(table, tuple(columns.values()), options)
    # Numbers of days, as Excel keeps them, have no zone.
    zone = "UTC" if moments.numbers is not None else options.zone
    moments = replace(moments, zone=zone)
    fates.begin(path.name)
    for part in table.parts(tuple(dict.fromkeys(roles.values()))):
        fates.rows += part.rows
        for row, reason, _ in part.rejects.iter_rows():
            fates.reject(row, reason)
        texts = {role: part.frame[column].str.strip_chars() for role, column in roles.items()}
        days = {}
        for role in columns:
            filled = (
                texts[role]
                .to_frame("text")
                .select(
                    pl.when((pl.col("text") != "") & ~pl.col("text").str.to_lowercase().is_in(NO_DATE)).then("text")
                )
            )
            moment = moments.parse_series(filled.to_series())
            fits = moment.is_between(EARLIEST_US, LATEST_US, closed="left")
            local = pl.select(pl.when(fits).then(moment).cast(pl.Datetime("us", "UTC"))).to_series()
            found = local.dt.convert_time_zone(zone).dt.date()
            days[role] = list(zip(found.to_list(), filled.to_series().is_not_null().to_list(), strict=True))
        numbers = part.frame["row"].to_list()
        for index, cells in enumerate(zip(*(column.to_list() for column in texts.values()), strict=True)):
            row = numbers[index]
            said = dict(zip(texts, cells, strict=True))
            unread = [role for role in columns if days[role][index][0] is None and days[role][index][1]]
            if unread:
                fates.reject(row, "unreadable_time", said[unread[0]])
            else:
                yield DatedRow(row, said, {role: days[role][index][0] for role in columns})


def said_yes(text: str) -> bool | None:
    """Return what a cell answers; None where it answers nothing or cannot be understood.

    >>> said_yes("Ja"), said_yes("0"), said_yes("3"), said_yes(""), said_yes("nan")
    (True, False, True, None, None)
    """
    plain = text.strip().casefold()
    if plain in _YES or plain in _NO:
        return plain in _YES
    if plain.isascii() and plain.replace(".", "", 1).isdigit() and len(plain) < 20:
        return float(plain) > 0
    return None
