"""Unclear responsibility: where does work lie without anybody to ask?

Definition
    Stays in a state that does not end the item, inside the windows of finished and open items, that ended (or last
    until now) without an assignee: the log says that nobody was assigned. Items whose assignee never changed say
    nothing and are counted as ``unknown``, not as unassigned. The same for the accountable team.
Unit
    Stays, and open items now, per state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.answer import Answer, Status
from pegel.flow.item_windows import stop_states
from pegel.flow.log import FlowLog
from pegel.waits.numbering import places_of, queue_numbers
from pegel.waits.records import Records
from pegel.waits.stay_sequences import with_value
from pegel.waits.stays import finals

DEFINITION: Final = "responsibility/1"
_FIELDS: Final = ("assignee", "team")
_BY_STATE: Final = {
    "stream": pl.String(), "state": pl.String(), "field": pl.String(), "stays": pl.Int64(), "without": pl.Int64(),
    "unknown": pl.Int64(), "share": pl.Float64(), "open_without": pl.Int64(),
}  # fmt: skip
_FIELD: Final = {
    "field": pl.String(), "status": pl.String(), "reason": pl.String(), "stays": pl.Int64(), "without": pl.Int64(),
    "unknown": pl.Int64(), "share": pl.Float64(), "open_without": pl.Int64(), "states_without": pl.Int64(),
}  # fmt: skip
_REASONS: Final = {"assignee": "no_assignee_evidence", "team": "no_team_evidence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility(Answer):
    """``by_field``: [field, status, reason, stays, without, unknown, share, open_without, states_without].

    ``by_state``: the same per stream and state. ``share``: of the stays about which the log says something;
    ``open_without``: open items that are there now, without; ``states_without``: steps in which no stay is known to
    have had any.
    """

    by_field: pl.DataFrame
    by_state: pl.DataFrame


def responsibility(log: FlowLog, policy: Policy, records: Records, windows: nw.LazyFrame[Any]) -> Responsibility:
    """Find stays and open items without assignee or team in the windows of ``stays.windows_of``."""
    fields: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    names = {number: name for name, number in queue_numbers(log).items()}
    held = _held(log, policy, windows)
    if records.evidence.hands:  # read once for both fields
        held = log.engine.keep(held)
    for field in _FIELDS:
        if field not in records.changes:
            nothing = {"field": field, "status": Status.NOT_CONFIGURED.value, "reason": _REASONS[field]}
            fields.append({name: nothing.get(name) for name in _FIELD})
            continue
        table = log.engine.collect(_counted(log, held, records.changes[field]))
        mine = [_row(row, field, names) for row in table.iter_rows(named=True)]
        states += mine
        fields.append(_total(mine, field))
    known = any(row["status"] == Status.VALUE.value for row in fields)
    unsaid = all(row["status"] == Status.NOT_CONFIGURED.value for row in fields)
    return Responsibility(
        definition=DEFINITION,
        status=Status.VALUE if known else Status.NOT_CONFIGURED if unsaid else Status.NO_DATA,
        reason=None if known else _REASONS["assignee"] if unsaid else "nothing_started_or_finished",
        by_field=pl.DataFrame(fields, schema=_FIELD),
        by_state=pl.DataFrame(states, schema=_BY_STATE).sort(
            "without", "stream", "state", "field", descending=[True, False, False, False]
        ),
    )


def _held(log: FlowLog, policy: Policy, windows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, queue, left_us, now]: stays in windows; ``now``: of an open item that is there now."""
    bounds = windows.select("item", "start_us", "end_us", "open")
    stops = log.in_states(stop_states(policy))
    ends = finals(log) if stops is None else finals(log) | stops
    stays = log.rows().filter(~ends).select("item", "place", "entered_us", "left_us")
    entered, left = nw.col("entered_us"), nw.col("left_us")
    inside = (entered < nw.col("end_us")) & (left > nw.col("start_us")) & (left > entered)
    held = log.engine.looked_up(stays, bounds, on="item").filter(inside)
    placed = log.engine.looked_up(held, places_of(log).select("place", "queue"), on="place")
    return placed.select("item", "queue", "left_us", now=nw.col("open") & (left > log.as_of_us))


def _counted(log: FlowLog, held: nw.LazyFrame[Any], changes: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [queue, stays, without, unknown, open_without] of one field."""
    # Who is assigned when a state is left counts; an assignment in that very moment belongs to the next one.
    valued = with_value(log, held, changes, at="left_us", strictly=True)
    nobody = (nw.col("value") == "").fill_null(value=False)
    return (
        valued.with_columns(
            lacks=nobody.cast(nw.Int64()),
            unsaid=nw.col("value").is_null().cast(nw.Int64()),
            lacks_now=(nobody & nw.col("now")).cast(nw.Int64()),
        )
        .group_by("queue")
        .agg(
            stays=nw.len(),
            without=nw.col("lacks").sum(),
            unknown=nw.col("unsaid").sum(),
            open_without=nw.col("lacks_now").sum(),
        )
    )


def _row(row: dict[str, Any], field: str, names: dict[int, tuple[str, str]]) -> dict[str, Any]:
    stream, state = names[row["queue"]]
    counts = {name: row[name] for name in ("stays", "without", "unknown", "open_without")}
    said = row["stays"] - row["unknown"]
    return {
        "stream": stream,
        "state": state,
        "field": field,
        **counts,
        "share": row["without"] / said if said else None,
    }


def _total(rows: list[dict[str, Any]], field: str) -> dict[str, Any]:
    if not rows:
        head = {"field": field, "status": Status.NO_DATA.value, "reason": "nothing_started_or_finished"}
        return {name: head.get(name) for name in _FIELD}
    sums = {name: sum(row[name] for row in rows) for name in ("stays", "without", "unknown", "open_without")}
    said = sums["stays"] - sums["unknown"]
    return {
        "field": field,
        "status": Status.VALUE.value,
        "reason": None,
        **sums,
        "share": sums["without"] / said if said else None,
        "states_without": sum(1 for row in rows if row["share"] == 1.0),
    }
