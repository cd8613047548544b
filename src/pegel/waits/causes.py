"""Waits by cause: why do items wait, and how long for each reason?

Definition
    For the items finished in a period and the items that are open: the time inside the item's window that is neither
    active nor paused, cut into disjoint parts by cause. The parts of an item add up to its flow time less its active
    time, exactly, to the microsecond. Which cause claims time before which, and on what evidence, is on the methods
    page (docs/methods/waits.md).
Unit
    Days of 24 hours, or working days; share of all waiting of the finished (or of the open) items.
Clock
    That of the policy; for open items up to the log's moment, listed apart (column ``open``).
Source
    Lashkevich, Milani, Chapela-Campa, Suvorau & Dumas, *Why Am I Waiting? Data-Driven Analysis of Waiting Times in
    Business Processes*, CAiSE 2023, LNCS 13901.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.policy import Policy, TimeKind
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.waits import cause_tables as tables
from pegel.waits.cause import CAUSES, Cause, column
from pegel.waits.records import Records
from pegel.waits.wait_parts import WaitParts, wait_parts

DEFINITION: Final = "waits/1"
#: Items listed one by one at most, those that waited longest.
MOST_ITEMS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCauses(Answer):
    """Waits by cause; every table has the column ``open``: of open items up to now, or of finished ones.

    ``workflow_status``: whether somebody has confirmed what the states mean (suggested | confirmed | mixed).
    ``n``, ``flow_days``, ``active_days``, ``wait_days``: finished items, and their sums; ``open_n``,
    ``open_wait_days``: the open ones. ``by_cause``: [open, cause, status, reason, days, share, items, stays, p50, p85],
    one row per cause in the order in which they claim time; percentiles are of the items that had the cause; a cause
    without evidence has a status, a reason and no figures. ``by_stream``: [open, stream, items, active_days, wait_days,
    active_hours], by the stream that items count to. ``by_state``: [open, stream, state, phase, cause, days,
    share, items, stays]. ``blocked_by``: [open, reason, days, share], share of the blocked time. ``approvals``: [open,
    stream, state, items, days, p50, p85], per item that passed the step. ``items``: those that waited longest [item,
    stream, open, wait_days, cause, cause_days], with the cause that claims most.
    """

    unit: str = "days"
    workflow_status: str = "confirmed"
    n: int = 0
    flow_days: float = 0.0
    active_days: float = 0.0
    wait_days: float = 0.0
    open_n: int = 0
    open_wait_days: float = 0.0
    by_cause: pl.DataFrame
    by_stream: pl.DataFrame
    by_state: pl.DataFrame
    blocked_by: pl.DataFrame
    approvals: pl.DataFrame
    items: pl.DataFrame


def wait_causes(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    waiting_calendar: Calendar | None = None,
    most_items: int = MOST_ITEMS,
    items: nw.LazyFrame[Any] | None = None,
    records: Records | None = None,
) -> WaitCauses:
    """Say why the items finished in a period, and the open ones, wait.

    Parameters
    ----------
    from_us, until_us: period, half-open; None: all time up to and including the log's moment.
    waiting_calendar: its off-hours are a cause (``calendar``) where the log measures elapsed time.
    most_items: most items listed one by one.
    items: attributed item windows, ``records``: those of the log, where the caller has them already.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> approval = "{category: waiting, friction: approval}"
    >>> workflow = load_workflow(f"states: {{Doing: active, Approval: {approval}, Done: done}}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Approval"), ("A", "2026-01-09", "Done")],
    ...                   workflow)
    >>> waits = wait_causes(log, built_in_policy("first_active_to_last_done"))
    >>> waits.by_cause.filter(~pl.col("open")).select("cause", "status", "days").rows()[:2]
    [('blocked', 'not_configured', None), ('approval', 'value', 3.0)]
    """
    if policy.time is TimeKind.SUM_OF_STATES:
        return _without_answer(log, Status.UNDEFINED, "policy_adds_up_states")
    if not log.has_active_states():
        return _without_answer(log, Status.NOT_CONFIGURED, "no_active_states")
    period = {"from_us": from_us, "until_us": until_us}
    found = wait_parts(log, policy, **period, waiting_calendar=waiting_calendar, items=items, records=records)
    return summarise_wait_causes(log, found, most_items=most_items)


def summarise_wait_causes(log: FlowLog, found: WaitParts, *, most_items: int = MOST_ITEMS) -> WaitCauses:
    """Summarise the parts of waits."""
    collect, day_us = log.engine.collect, log.day_us
    windows = collect(found.windows.select("item", "stream", "open", "flow_us", "active_us"))
    if not windows.height:
        return _without_answer(log, Status.NO_DATA, "nothing_started_or_finished")
    counted = [column(cause) for cause in CAUSES if found.verdicts[cause][0] is Status.VALUE]
    names = ["open", "item", "place", *counted]
    waited = found.pieces
    if found.verdicts[Cause.BLOCKED][0] is Status.VALUE:  # only blocking cuts a stay into several pieces
        pieces = log.engine.keep(waited.select(*names, "entered_us", "cut"))
        joined = pieces.filter("cut").group_by("open", "item", "place", "entered_us").agg(nw.col(*counted).sum())
        waited = nw.concat([pieces.filter(~nw.col("cut")).select(*names), joined.select(*names)], how="vertical")
    # Read three times, by item, by place and by approval step; it is not left to the engine to find that out.
    waited = log.engine.keep(waited.select(*names))
    sums = nw.col(*counted).sum()
    stays = {f"{name}_stays": (nw.col(name) > 0).cast(nw.Int64()).sum() for name in counted}
    there = {f"{name}_items": nw.when(nw.col(name) > 0).then(nw.col("item")).n_unique() for name in counted}
    some = {f"{name}_some": (nw.col(name) == 0).cast(nw.Int64()).sum() for name in counted}
    by_item = collect(waited.group_by("item").agg(sums, nw.col("open").max()))
    by_place = collect(waited.group_by("open", "place").agg(sums, **stays, **there, **some))
    by_place = tables.without_nulls(by_place, counted)
    waits = by_item.with_columns(wait_us=pl.sum_horizontal(*counted) if counted else pl.lit(0, pl.Int64))
    finished = windows.filter(~pl.col("open"))
    return WaitCauses(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        workflow_status=_mapping_status(log),
        n=finished.height,
        flow_days=tables.total_us(finished["flow_us"]) / day_us,
        active_days=tables.total_us(finished["active_us"]) / day_us,
        wait_days=tables.total_us(waits.filter(~pl.col("open"))["wait_us"]) / day_us,
        open_n=windows.height - finished.height,
        open_wait_days=tables.total_us(waits.filter("open")["wait_us"]) / day_us,
        by_cause=tables.by_cause(waits, by_place, found, day_us),
        by_stream=tables.by_stream(windows, waits, day_us),
        by_state=tables.by_state(log, by_place, counted),
        blocked_by=tables.blocked_by(log, found),
        approvals=tables.approvals(log, waited, found),
        items=tables.longest(waits, windows, counted, day_us, most_items),
    )


def _without_answer(log: FlowLog, status: Status, reason: str) -> WaitCauses:
    return WaitCauses(
        definition=DEFINITION,
        status=status,
        reason=reason,
        unit=log.unit,
        workflow_status=_mapping_status(log),
        by_cause=pl.DataFrame(schema=tables.BY_CAUSE),
        by_stream=pl.DataFrame(schema=tables.BY_STREAM),
        by_state=pl.DataFrame(schema=tables.BY_STATE),
        blocked_by=pl.DataFrame(schema=tables.BLOCKED),
        approvals=pl.DataFrame(schema=tables.APPROVALS),
        items=pl.DataFrame(schema=tables.ITEMS),
    )


def _mapping_status(log: FlowLog) -> str:
    names = log.streams or {place.stream for place in log.places}
    found = {log.workflows[name].status for name in names if name in log.workflows} or {"suggested"}
    return found.pop() if len(found) == 1 else "mixed"
