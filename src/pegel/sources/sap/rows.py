"""Reads the rows of an exported list into checked values; broken rows are rejected with their reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from pegel.eventlog import schema
from pegel.sources.formats import ReadOptions
from pegel.sources.moments import MomentFormat, MomentSurvey
from pegel.sources.sap.meaning import LINE_TABLE
from pegel.sources.tabular import Table, TablePart

#: Columns of checked rows beside ``row`` and ``at_us``, all text.
TEXTS: Final = ("item", "type", "sequence", "actor", "table", "key", "field", "indicator", "new", "old")
#: What stands for "no date" in a date field.
_NO_DATE: Final = r"^[0.\-/ ]*$"
_NUMBERED: Final = re.compile(r"([A-Z]{0,2})0*([0-9]+)")
#: Accounting documents: client, company code, document, year.
_ACCOUNTING: Final = re.compile(r"[0-9]{3}(\w{4})0*([0-9]{1,10})([0-9]{4})")
_ACCOUNTING_LENGTH: Final = 21


def decide_times(table: Table, roles: Mapping[str, str], options: ReadOptions) -> MomentFormat:
    """Decide how dates and times are read, from the first rows and, while in doubt, from all.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates``. InputError: ``unknown_zone``.
    """
    survey = MomentSurvey()
    for part in table.parts(_time_columns(roles)):
        survey.add(part.frame.select(_moment(roles)).to_series())
        if survey.values and not survey.open:
            break
    return survey.decide(order=options.date_order, zone=options.zone, column=roles["at"])


def check_changes(
    part: TablePart, roles: Mapping[str, str], moments: MomentFormat
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Good rows of change documents ([row, at_us] and ``TEXTS``), and the rejected ones."""
    line = pl.when(_code(roles, "table") == LINE_TABLE).then(
        _text(roles, "key").str.extract(r"^(?:\w{3})?\w{10}([0-9]{5})$")
    )
    frame = _frame(
        part,
        roles,
        moments,
        type=_code(roles, "type"),
        object=_text(roles, "item"),
        line=line.fill_null(""),
        table=_code(roles, "table"),
        key=_text(roles, "key"),
        field=_code(roles, "field"),
        indicator=_code(roles, "indicator"),
        new=_text(roles, "state"),
        old=_text(roles, "from_state"),
        sequence=_text(roles, "sequence").str.pad_start(10, "0"),
    )
    return _checked(frame, part)


def check_statuses(
    part: TablePart, roles: Mapping[str, str], moments: MomentFormat
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Good rows of status changes, in the shape of change documents of their table, and the rejected ones.

    An object number begins with two letters for its kind: ``OR`` order, ``QM`` notification …
    """
    number = _code(roles, "item")
    frame = _frame(
        part,
        roles,
        moments,
        type=number.str.slice(0, 2),
        object=number.str.slice(2),
        line=pl.lit(""),
        table=pl.lit("JCDS"),
        key=_code(roles, "state"),
        field=pl.lit("INACT"),
        indicator=pl.lit(""),
        new=_text(roles, "inactive"),
        old=pl.lit(""),
        sequence=pl.lit(""),  # counts the changes of each status for itself: no order between statuses
    )
    return _checked(frame, part)


def _frame(part: TablePart, roles: Mapping[str, str], moments: MomentFormat, **texts: pl.Expr) -> pl.DataFrame:
    at_text = part.frame.select(_moment(roles)).to_series()
    frame = part.frame.select("row", actor=_text(roles, "actor"), **texts).with_columns(
        at_us=moments.parse_series(at_text), at_text=at_text
    )
    objects = frame.select("type", "object", "line").unique(maintain_order=True)
    names = [object_name(*row) for row in objects.iter_rows()]
    named = objects.with_columns(item=pl.Series(names, dtype=pl.String))
    return frame.join(named, on=["type", "object", "line"], how="left", maintain_order="left")


def _checked(frame: pl.DataFrame, part: TablePart) -> tuple[pl.DataFrame, pl.DataFrame]:
    at = pl.col("at_us")
    checks = (
        ((pl.col("type") == "") | (pl.col("object") == ""), "item_missing", pl.col("item")),
        (pl.col("at_text") == "", "time_missing", pl.lit("")),
        (at.is_null(), "unreadable_time", pl.col("at_text")),
        ((at < schema.EARLIEST_US) | (at >= schema.LATEST_US), "time_out_of_range", pl.col("at_text")),
        (
            pl.max_horizontal(pl.col("item", "type").str.len_chars()) > schema.LONGEST_NAME,
            "name_too_long",
            pl.col("item"),
        ),
    )
    reason: pl.Expr = pl.lit(None, pl.String)
    detail: pl.Expr = pl.lit(None, pl.String)
    for condition, code, offending in reversed(checks):
        reason = pl.when(condition).then(pl.lit(code)).otherwise(reason)
        detail = pl.when(condition).then(offending).otherwise(detail)
    frame = frame.with_columns(reason=reason, detail=detail.fill_null("").str.slice(0, 200))
    broken = pl.col("reason").is_not_null()
    rejects = pl.concat([part.rejects, frame.filter(broken).select("row", "reason", "detail")]).sort("row")
    return frame.filter(~broken).select("row", "at_us", *TEXTS), rejects


def object_name(kind: str, number: str, line: str = "") -> str:
    """Name of an item: its object class and number without leading zeros, and the line of a requisition.

    The client is a part of the key of accounting documents only; it is left out.

    >>> object_name("EINKBELEG", "0004500001234"), object_name("BANF", "0010000123", "00010")
    ('EINKBELEG 4500001234', 'BANF 10000123/10')
    >>> object_name("BELEG", "100100051000001232026"), object_name("ORDER", "OR000004000123")
    ('BELEG 1000 5100000123 2026', 'ORDER OR4000123')
    """
    name = " ".join(number.split())
    found = _ACCOUNTING.fullmatch(name) if kind == "BELEG" and len(name) == _ACCOUNTING_LENGTH else None
    if found:
        name = " ".join(found.groups())
    elif found := _NUMBERED.fullmatch(name):
        name = found.group(1) + found.group(2)
    return f"{kind} {name}" + (f"/{line.lstrip('0')}" if line else "")


def _time_columns(roles: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(roles[role] for role in ("at", "time") if role in roles))


def _moment(roles: Mapping[str, str]) -> pl.Expr:
    """Date and time in one text: 20260131 and 142305 become 2026-01-31 14:23:05; blank where there is no date."""
    date = pl.col(roles["at"]).str.strip_chars()
    date = pl.when(~date.str.contains(_NO_DATE)).then(date).otherwise(pl.lit(""))
    day = date.str.replace(r"^([0-9]{4})([0-9]{2})([0-9]{2})$", "${1}-${2}-${3}")
    if "time" not in roles:
        return day.alias("at")
    day = day.str.replace(r"[T ]00:00(:00)?$", "")  # a workbook's day
    clock = pl.col(roles["time"]).str.strip_chars()
    clock = pl.when(clock.str.contains(r"^[0-9]{1,6}$")).then(clock.str.pad_start(6, "0")).otherwise(clock)
    clock = clock.str.replace(r"^([0-9]{2})([0-9]{2})([0-9]{2})$", "${1}:${2}:${3}")
    return pl.when((day != "") & (clock != "")).then(day + " " + clock).otherwise(day).alias("at")


def _text(roles: Mapping[str, str], role: str) -> pl.Expr:
    return pl.col(roles[role]).str.strip_chars() if role in roles else pl.lit("")


def _code(roles: Mapping[str, str], role: str) -> pl.Expr:
    return _text(roles, role).str.to_uppercase()
