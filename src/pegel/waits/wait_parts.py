"""The waits of items, each cut into its parts by cause: the table that every figure on causes is summed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import narwhals as nw

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.policy import Policy
from pegel.flow.log import FlowLog
from pegel.waits import blocking, queues, stays
from pegel.waits.cause import PARTS, Cause
from pegel.waits.evidence import Evidence, Verdict, verdicts
from pegel.waits.parts import divide
from pegel.waits.records import Records, records_of
from pegel.waits.signals import with_moments

_NO_TIME: Final = nw.lit(None, dtype=nw.Int64())


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitParts:
    """Pieces of waits, lazily: [item, place, entered_us, from_us, until_us, open, blocked, cut, *PARTS].

    ``verdicts``: per cause, whether the log can hold evidence of it. ``windows``: see ``stays.windows_of``.
    """

    windows: nw.LazyFrame[Any]
    pieces: nw.LazyFrame[Any]
    evidence: Evidence
    verdicts: Mapping[Cause, Verdict]


def wait_parts(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    waiting_calendar: Calendar | None = None,
    items: nw.LazyFrame[Any] | None = None,
    records: Records | None = None,
) -> WaitParts:
    """Cut the waits of finished and open items into parts by cause.

    Parameters
    ----------
    from_us, until_us: period in which finished items ended, half-open; open items are those at the log's moment.
    waiting_calendar: its off-hours are a cause of their own (``calendar``); ignored where the log itself measures
        working time.
    items: attributed item windows, ``records``: those of the log, where the caller has them already.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> approval = "{category: waiting, friction: approval}"
    >>> workflow = load_workflow(f"states: {{Doing: active, Approval: {approval}, Done: done}}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Approval"), ("A", "2026-01-09", "Done")],
    ...                   workflow)
    >>> parts = wait_parts(log, built_in_policy("first_active_to_last_done"))
    >>> log.engine.collect(parts.pieces)["approval_us"].to_list() == [3 * log.day_us]
    True
    """
    calendar = None if log.working is not None else waiting_calendar
    known = records_of(log) if records is None else records
    found = replace(known.evidence, calendar=calendar is not None)
    actors = found.actors
    windows = log.engine.keep(stays.windows_of(log, policy, from_us=from_us, until_us=until_us, items=items))
    rows = stays.idle_stays(log, policy, actors=actors)
    queued = log.engine.keep(queues.with_overtaken(stays.queue_stays(log, rows)))
    waiting = stays.inside(log, policy, queued, windows)
    fine = log.engine.keep(queues.fine_streams(queued))
    waiting = _with_batches(log, queued, waiting, fine, actors=actors)
    others = stays.inside(log, policy, stays.other_stays(log, rows), windows)
    others = others.with_columns(overtaken_us=_NO_TIME, complete_us=_NO_TIME)
    names = ["item", "place", "entered_us", "left_us", "from_us", "until_us", "open", "own", "stream_no", "friction",
             "overtaken_us", "complete_us", *(["actor", "next_actor"] if actors else [])]  # fmt: skip
    both = nw.concat([waiting.select(*names), others.select(*names)], how="vertical")
    # Signals are looked up in the stays several times; a log without them reads its stays once.
    signalled = bool(found.fields) or found.links or actors
    both = _only_own(log.engine.keep(both) if signalled else both)
    both = _with_lowered(log, both, known) if found.ranks else both.with_columns(lowered_us=_NO_TIME)
    pieces = blocking.cut(log, both, flags=known.changes.get("flag"), links=found.links)
    pieces = log.engine.keep(pieces) if signalled else pieces
    comments = "comment_count" in found.fields
    pieces = _with_reach(log, pieces) if found.hands or comments else pieces
    pieces = _with_hand_overs(log, pieces, known)
    pieces = _with_comments(log, pieces, known) if comments else pieces.with_columns(
        first_comment_us=_NO_TIME, last_comment_us=_NO_TIME
    )  # fmt: skip
    clock = None if calendar is None else _clock(log, calendar)
    divided = divide(log, pieces, contention=actors and found.works, comments=comments, calendar=clock)
    any_fine = log.engine.collect(fine).height > 0
    return WaitParts(
        windows=windows,
        pieces=divided.select("item", "place", "entered_us", "from_us", "until_us", "open", "blocked", "cut", *PARTS),
        evidence=found,
        verdicts=verdicts(found, fine=any_fine),
    )


def _with_batches(
    log: FlowLog, queued: nw.LazyFrame[Any], waiting: nw.LazyFrame[Any], fine: nw.LazyFrame[Any], *, actors: bool
) -> nw.LazyFrame[Any]:
    batches, keys = queues.batches(log, queued, fine, actors=actors)
    return queues.batch_keys(waiting, actors=actors).join(batches, on=keys, how="left")


def _only_own(waiting: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Take the queue's evidence away from waits in other streams, whose queues are not wholly seen."""
    own = nw.col("own")
    return waiting.with_columns(
        overtaken_us=nw.when(own).then(nw.col("overtaken_us")), complete_us=nw.when(own).then(nw.col("complete_us"))
    )


def _with_lowered(log: FlowLog, waiting: nw.LazyFrame[Any], records: Records) -> nw.LazyFrame[Any]:
    """Add ``lowered_us``: when priority or rank was first lowered during the stay."""
    lowerings = records.lowerings(log)
    return with_moments(log, waiting, lowerings, start="entered_us", end="left_us", first="lowered_us")


def _with_reach(log: FlowLog, pieces: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``reach_us``: the first moment beyond a piece, to which its end belongs unless another piece begins there."""
    found = log.engine.earliest(
        pieces, pieces.select("item", begins_us="from_us"), by=("item",), at="until_us", mark="begins_us"
    )
    until = nw.col("until_us")
    reach = nw.when(nw.col("begins_us") == until).then(until).otherwise(until + 1)
    return found.with_columns(reach_us=reach).drop("begins_us")


def _with_hand_overs(log: FlowLog, pieces: nw.LazyFrame[Any], records: Records) -> nw.LazyFrame[Any]:
    """Add ``handed``: the next person is another, or assignee or team changed."""
    found = records.evidence
    nobody = nw.lit(None, dtype=nw.Int64())
    if not found.actors:
        pieces = pieces.with_columns(actor=nobody, next_actor=nobody)
    handed = (nw.col("actor") != nw.col("next_actor")).fill_null(value=False)
    if not found.hands:
        return pieces.with_columns(handed=handed)
    changed = with_moments(log, pieces, records.hand_overs(), start="from_us", end="reach_us", last="changed_us")
    return changed.with_columns(handed=handed | ~nw.col("changed_us").is_null()).drop("changed_us")


def _with_comments(log: FlowLog, pieces: nw.LazyFrame[Any], records: Records) -> nw.LazyFrame[Any]:
    return with_moments(
        log,
        pieces,
        records.comments,
        start="from_us",
        end="reach_us",
        first="first_comment_us",
        last="last_comment_us",
    )


def _clock(log: FlowLog, calendar: Calendar) -> WorkingTime:
    first = log.engine.collect(log.rows().select(nw.col("entered_us").min())).item()
    return WorkingTime(calendar, min(log.as_of_us, log.as_of_us if first is None else int(first)), log.as_of_us)
