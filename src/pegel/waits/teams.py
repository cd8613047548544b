"""Which steps how many teams take part in: counts, never who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from pegel.flow.log import FlowLog
from pegel.waits.numbering import of_chosen_streams, places_of, queue_numbers
from pegel.waits.records import Records
from pegel.waits.stay_sequences import with_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """``count``: different teams that had work in the period; ``by_state``: how many of them in each state."""

    count: int
    by_state: Mapping[str, int]


def teams_by_state(log: FlowLog, records: Records, *, from_us: int, until_us: int) -> Teams | None:
    """Count the teams that had an item when it entered a state in the period; None: the log names no teams.

    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> from pegel.waits.records import records_of
    >>> rows = [("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Review"), ("B", "2026-01-06", "Doing")]
    >>> changes = [("A", "2026-01-05", "team", None, "Red"), ("B", "2026-01-05", "team", None, "Blue")]
    >>> log = log_of_rows(rows, load_workflow("states: {Doing: active, Review: waiting}"), changes=changes)
    >>> found = teams_by_state(log, records_of(log), from_us=0, until_us=2**60)
    >>> found.count, dict(found.by_state)
    (2, {'Doing': 2, 'Review': 1})
    """
    if "team" not in records.changes:
        return None
    entered = nw.col("entered_us")
    stays = log.rows().filter((entered >= from_us) & (entered < until_us)).select("item", "place", "entered_us")
    placed = of_chosen_streams(log, log.engine.looked_up(stays, places_of(log), on="place"))
    held = with_value(log, placed, records.changes["team"], at="entered_us").filter(nw.col("value") != "")
    pairs = log.engine.collect(held.select("queue", "value").unique())
    names = {number: state for (_, state), number in queue_numbers(log).items()}
    named = pairs.with_columns(state=pl.col("queue").replace_strict(names, return_dtype=pl.String))
    by_state = named.group_by("state").agg(teams=pl.col("value").n_unique()).sort("state")
    return Teams(count=named["value"].n_unique(), by_state=dict(by_state.iter_rows()))
