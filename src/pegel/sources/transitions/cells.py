"""Turns text cells of a table of transitions into checked values; broken rows are rejected with their reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from pegel.eventlog import schema
from pegel.sources.activities import before
from pegel.sources.moments import MomentFormat
from pegel.sources.tabular import TablePart

#: Written by tools where a value is unknown (R, pandas, databases, ServiceNow).
UNKNOWN: Final = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_NAMES: Final = ("type", "stream", "parent")
_TEXTS: Final = ("assignee", "team", "priority", "title", "actor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """How the cells of a table are read.

    Parameters
    ----------
    roles: role → column. ``at``, ``created``: notations of the times.
    attributes: further columns to keep.
    unknown_states: values of the state column that are no state; their rows are rejected as ``unknown_state``.
    """

    roles: Mapping[str, str]
    at: MomentFormat
    created: MomentFormat
    attributes: tuple[str, ...] = ()
    unknown_states: tuple[str, ...] = ()


@dataclass(slots=True)
class CheckedRows:
    """Good rows (``row``, ``item``, ``at_us``, ``step``, and a column per further role) and the rejected ones.

    ``step`` is the state or the activity; times are integer microseconds; attributes are named ``attribute:NAME``.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    warnings: Counter[str] = field(default_factory=Counter)


def columns_read(cells: Cells) -> list[str]:
    """Columns that have to be read, without repetition."""
    return list(dict.fromkeys((*cells.roles.values(), *cells.attributes)))


def check_rows(part: TablePart, cells: Cells) -> CheckedRows:
    """Read the cells of a part; the good rows keep their order."""
    roles = cells.roles
    step = roles.get("state") or roles["activity"]
    raw = part.frame
    frame = raw.select(
        "row",
        _text(roles["item"]).alias("item"),
        cells.at.parse_series(raw[roles["at"]]).alias("at_us"),
        _text(step).alias("step"),
        pl.col(roles["at"]).str.strip_chars().alias("at_text"),
        *(_known(roles[role]).str.slice(0, schema.LONGEST_TEXT).alias(role) for role in _TEXTS if role in roles),
        *(_known(roles[role]).alias(role) for role in (*_NAMES, "from_state") if role in roles),
        *(_text(column).str.slice(0, schema.LONGEST_TEXT).alias(f"attribute:{column}") for column in cells.attributes),
    )
    if "lifecycle" in roles:
        frame = frame.with_columns(raw.select(_known(roles["lifecycle"]).str.to_lowercase().alias("lifecycle")))
    if "sequence" in roles:
        number = _text(roles["sequence"]).str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
        frame = frame.with_columns(raw.select(number.alias("sequence")))
    warnings: Counter[str] = Counter()
    if "created" in roles:
        created = _created(raw[roles["created"]], cells.created, warnings)
        frame = frame.with_columns(created.alias("created_us"))
    reason, detail = _defect(frame, cells)
    frame = frame.with_columns(reason.alias("reason"), detail.alias("detail"))
    broken = frame["reason"].is_not_null()
    rejects = part.rejects
    if broken.any():
        found = frame.filter(broken).select("row", "reason", pl.col("detail").fill_null("").str.slice(0, 200))
        rejects = pl.concat([rejects, found]).sort("row")
        frame = frame.filter(~broken)
    return CheckedRows(frame=frame.drop("reason", "detail", "at_text"), rejects=rejects, warnings=warnings)


def _text(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars()


def _known(column: str) -> pl.Expr:
    text = _text(column)
    return pl.when(~text.is_in(list(UNKNOWN))).then(text)


def _created(texts: pl.Series, notation: MomentFormat, warnings: Counter[str]) -> pl.Series:
    known = texts.to_frame("t").select(_known("t")).to_series()
    created = notation.parse_series(known)
    unreadable = created.is_null() & known.is_not_null()
    beyond = ((created < schema.EARLIEST_US) | (created >= schema.LATEST_US)).fill_null(False)
    if bad := int(unreadable.sum()):
        warnings["unreadable_created"] += bad
    if bad := int(beyond.sum()):
        warnings["created_out_of_range"] += bad
    return created.set(beyond, None)


def _defect(frame: pl.DataFrame, cells: Cells) -> tuple[pl.Expr, pl.Expr]:
    """Reason and detail of the first defect of a row; null for a good one."""
    names = [name for name in ("item", "from_state", *_NAMES) if name in frame.columns]
    at, step = pl.col("at_us"), pl.col("step")
    longest_step = schema.LONGEST_NAME - (0 if "state" in cells.roles else len(before("")))
    step_missing = "state_missing" if "state" in cells.roles else "activity_missing"
    checks: list[tuple[pl.Expr, str, pl.Expr]] = [
        (pl.col("item") == "", "item_missing", pl.lit("")),
        (pl.col("at_text").is_in(list(UNKNOWN)), "time_missing", pl.lit("")),
        (at.is_null(), "unreadable_time", pl.col("at_text")),
        ((at < schema.EARLIEST_US) | (at >= schema.LATEST_US), "time_out_of_range", pl.col("at_text")),
        (step == "", step_missing, pl.lit("")),
        (step.is_in(list(cells.unknown_states)), "unknown_state", step),
        (step.str.len_chars() > longest_step, "name_too_long", step),
        *((pl.col(name).str.len_chars() > schema.LONGEST_NAME, "name_too_long", pl.col(name)) for name in names),
    ]
    reason, detail = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for condition, code, offending in reversed(checks):
        reason = pl.when(condition).then(pl.lit(code)).otherwise(reason)
        detail = pl.when(condition).then(offending).otherwise(detail)
    return reason, detail
