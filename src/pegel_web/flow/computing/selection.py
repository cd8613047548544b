"""The report of a stream for a selection that somebody has made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import to_us
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.quality.facts import LakeFacts
from pegel.words import LANGUAGES
from pegel_web.flow.computing.answers import answers_of, standing_of
from pegel_web.flow.computing.computed import Reading
from pegel_web.flow.computing.counted import counted_log
from pegel_web.flow.computing.drawings import period_drawings, standing_drawings
from pegel_web.flow.computing.periods import before_us, bounds_us
from pegel_web.flow.computing.report import report_content
from pegel_web.flow.computing.rows import item_tables
from pegel_web.flow.computing.stream import REPORT, policies_of, reading_of
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.reports import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The report and the drawings of a selection, both by language, ready to be kept, and the rows behind them.

    ``items``, ``stays``: see ``rows.item_tables``. ``from_us``, ``until_us``: what the figures of a period count.
    """

    payload: dict[str, Any]
    charts: dict[str, Any]
    as_of: datetime
    policy: str
    unit: str
    from_us: int
    until_us: int
    items: pl.DataFrame
    stays: pl.DataFrame


def compute_selection(
    lake: Lake,
    names: Sequence[str],
    facts: LakeFacts,
    declared: Declared,
    selection: Selection,
    *,
    on_step: Callable[[], None],
) -> Selected:
    """Compute a selection; ``on_step`` is called before each longer piece of work.

    ``names``: see ``compute_stream``. The names in the selection have been checked: a path would be read as a
    file of the server.

    Raises
    ------
    NotFoundError: ``unknown_stream``, ``lake_empty``.
    """
    on_step()
    calendar = selection.calendar or declared.calendar
    log = counted_log(
        lake,
        names,
        replace(declared, types=selection.types or declared.types, calendar=calendar),
        as_of=None if selection.as_of is None else _midnight(selection.as_of, 1) - timedelta(microseconds=1),
    )
    meant = declared if selection.policy is None else replace(declared, policy=selection.policy)
    policy = policies_of(log, lake, meant)[0]
    on_step()
    reading = reading_of(lake, log, policy, facts, declared, preferred=selection.policy is None)
    standing = standing_of(reading)
    on_step()
    from_us, until_us, past = _bounds(reading, selection)
    answers = answers_of(reading, standing, selection.period, from_us=from_us, until_us=until_us, past=past)
    on_step()
    payload: dict[str, Any] = {}
    charts: dict[str, Any] = {"people": reading.people}
    for one in LANGUAGES:
        drawn = (*period_drawings(answers, one), *standing_drawings(standing, one))
        payload[one] = REPORT.dump_python(report_content(answers, drawn, one), mode="json")
        charts[one] = {each.name: each.specification for each in drawn}
    report = answers.report
    items, stays = item_tables(reading, report.work_item_age)
    return Selected(
        payload=payload,
        charts=charts,
        as_of=reading.as_of,
        policy=policy.name,
        unit=log.unit,
        from_us=report.from_us,
        until_us=report.until_us,
        items=items,
        stays=stays,
    )


def _bounds(reading: Reading, selection: Selection) -> tuple[int | None, int | None, tuple[int, int] | None]:
    """Return [from, until) and the period of equal length before, in microseconds.

    A period of days neither begins before the first moment that the log knows, nor ends after the last one: in the
    weeks outside nothing could have been finished.
    """
    log = reading.log
    if selection.from_day is None and selection.until_day is None:
        return (*bounds_us(log, selection.period), before_us(log, selection.period))
    until = log.as_of_us + 1
    if selection.until_day is not None:
        until = min(until, to_us(_midnight(selection.until_day, 1)))
    if selection.from_day is None:
        return None, until, None
    asked = to_us(_midnight(selection.from_day))
    from_us = min(max(asked, _first_us(reading.log)), until)
    return from_us, until, (from_us - (until - from_us), from_us) if from_us == asked else None


def _first_us(log: FlowLog) -> int:
    first = log.engine.collect(log.rows().select(nw.col("entered_us").min())).item()
    return 0 if first is None else int(first)


def _midnight(day: date, further: int = 0) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=further)
