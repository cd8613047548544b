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
from pegel.waits.cause import CAUSES, Cause, column
from pegel.waits.evidence import Verdict
from pegel.waits.flag_reasons import REASONS
from pegel.waits.wait_parts import WaitParts, wait_parts

DEFINITION: Final = "waits/1"
#: Items listed one by one at most, those that waited longest.
MOST_ITEMS: Final = 50
_BY: Final = ["open", "item", "place"]
_BY_CAUSE: Final = {
    "open": pl.Boolean(), "cause": pl.String(), "status": pl.String(), "reason": pl.String(), "days": pl.Float64(),
    "share": pl.Float64(), "items": pl.Int64(), "stays": pl.Int64(), "p50": pl.Float64(), "p85": pl.Float64(),
}  # fmt: skip
_BY_STATE: Final = {
    "open": pl.Boolean(), "stream": pl.String(), "state": pl.String(), "phase": pl.String(), "cause": pl.String(),
    "days": pl.Float64(), "share": pl.Float64(), "items": pl.Int64(), "stays": pl.Int64(),
}  # fmt: skip
_BLOCKED: Final = {"open": pl.Boolean(), "reason": pl.String(), "days": pl.Float64(), "share": pl.Float64()}
_APPROVALS: Final = {
    "open": pl.Boolean(), "stream": pl.String(), "state": pl.String(), "items": pl.Int64(), "days": pl.Float64(),
    "p50": pl.Float64(), "p85": pl.Float64(),
}  # fmt: skip
_ITEMS: Final = {
    "item": pl.Int32(), "stream": pl.String(), "open": pl.Boolean(), "wait_days": pl.Float64(), "cause": pl.String(),
    "cause_days": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCauses(Answer):
    """Waits by cause; every table has the column ``open``: of open items up to now, or of finished ones.

    ``n``, ``flow_days``, ``active_days``, ``wait_days``: finished items, and their sums; ``open_n``,
    ``open_wait_days``: the open ones. ``by_cause``: [open, cause, status, reason, days, share, items, stays, p50, p85],
    one row per cause in the order in which they claim time; percentiles are of the items that had the cause; a cause
    without evidence has a status, a reason and no figures. ``by_state``: [open, stream, state, phase, cause, days,
    share, items, stays]. ``blocked_by``: [open, reason, days, share], share of the blocked time. ``approvals``: [open,
    stream, state, items, days, p50, p85], per item that passed the step. ``items``: those that waited longest [item,
    stream, open, wait_days, cause, cause_days], with the cause that claims most.
    """

    unit: str = "days"
    n: int = 0
    flow_days: float = 0.0
    active_days: float = 0.0
    wait_days: float = 0.0
    open_n: int = 0
    open_wait_days: float = 0.0
    by_cause: pl.DataFrame
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
) -> WaitCauses:
    """Say why the items finished in a period, and the open ones, wait.

    Parameters
    ----------
    from_us, until_us: period, half-open; None: all time up to and including the log's moment.
    waiting_calendar: its off-hours are a cause (``calendar``) where the log measures elapsed time.
    most_items: most items listed one by one.

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
    found = wait_parts(log, policy, from_us=from_us, until_us=until_us, waiting_calendar=waiting_calendar)
    return summarise_wait_causes(log, found, most_items=most_items)


def summarise_wait_causes(log: FlowLog, found: WaitParts, *, most_items: int = MOST_ITEMS) -> WaitCauses:
    """Summarise the parts of waits."""
    collect, day_us = log.engine.collect, log.day_us
    windows = collect(found.windows.select("item", "stream", "open", "flow_us", "active_us"))
    if not windows.height:
        return _without_answer(log, Status.NO_DATA, "nothing_started_or_finished")
    counted = [column(cause) for cause in CAUSES if found.verdicts[cause][0] is Status.VALUE]
    waited = found.pieces
    if found.verdicts[Cause.BLOCKED][0] is Status.VALUE:  # only blocking cuts a stay into several pieces
        waited = waited.group_by(*_BY, "entered_us").agg(nw.col(*counted).sum())
    stays = {f"{name}_stays": (nw.col(name) > 0).cast(nw.Int64()).sum() for name in counted}
    per_item = log.engine.keep(waited.group_by(*_BY).agg(nw.col(*counted).sum(), **stays))
    by_item = collect(per_item.group_by("open", "item").agg(nw.col(*counted, *stays).sum()))
    there = {f"{name}_items": (nw.col(name) > 0).cast(nw.Int64()).sum() for name in counted}
    by_place = collect(per_item.group_by("open", "place").agg(nw.col(*counted, *stays).sum(), **there))
    waits = by_item.with_columns(wait_us=pl.sum_horizontal(*counted) if counted else pl.lit(0, pl.Int64))
    finished = windows.filter(~pl.col("open"))
    return WaitCauses(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        n=finished.height,
        flow_days=_total(finished["flow_us"]) / day_us,
        active_days=_total(finished["active_us"]) / day_us,
        wait_days=_total(waits.filter(~pl.col("open"))["wait_us"]) / day_us,
        open_n=windows.height - finished.height,
        open_wait_days=_total(waits.filter("open")["wait_us"]) / day_us,
        by_cause=_by_cause(waits, found, day_us),
        by_state=_by_state(log, by_place, counted),
        blocked_by=_blocked_by(log, found),
        approvals=_approvals(log, per_item, found),
        items=_longest(waits, windows, counted, day_us, most_items),
    )


def _by_cause(waits: pl.DataFrame, found: WaitParts, day_us: int) -> pl.DataFrame:
    rows = []
    for is_open in (False, True):
        mine = waits.filter(pl.col("open") == is_open)
        total = _total(mine["wait_us"])
        rows += [_cause_row(cause, mine, found.verdicts[cause], total, day_us, is_open=is_open) for cause in CAUSES]
    return pl.DataFrame(rows, schema=_BY_CAUSE)


def _cause_row(
    cause: Cause, waits: pl.DataFrame, verdict: Verdict, total: int, day_us: int, *, is_open: bool
) -> dict[str, Any]:
    status, reason = verdict
    head = {"open": is_open, "cause": cause.value, "status": status.value, "reason": reason}
    if status is not Status.VALUE:
        return {name: head.get(name) for name in _BY_CAUSE}
    name = column(cause)
    had = waits.filter(pl.col(name) > 0)
    time = _total(had[name])
    return {
        **head,
        "days": time / day_us,
        "share": time / total if total else None,
        "items": had.height,
        "stays": _total(had[f"{name}_stays"]),
        **_percentiles(had[name], day_us),
    }


def _by_state(log: FlowLog, by_place: pl.DataFrame, counted: list[str]) -> pl.DataFrame:
    places = log.engine.collect(log.place_table()).select("place", "stream", "state", "phase")
    named = by_place.join(places, on="place", how="left")
    longs = [
        named.select(
            "open", "stream", "state", "phase", cause=pl.lit(name.removesuffix("_us")),
            time_us=pl.col(name).cast(pl.Int128), items=pl.col(f"{name}_items"), stays=pl.col(f"{name}_stays"),
        )
        for name in counted
    ]  # fmt: skip
    if not longs:
        return pl.DataFrame(schema=_BY_STATE)
    summed = (
        pl.concat(longs)
        .filter(pl.col("time_us") > 0)
        .group_by("open", "stream", "state", "phase", "cause")
        .agg(pl.col("time_us").sum(), pl.col("items", "stays").sum().cast(pl.Int64))
    )
    return (
        summed.with_columns(
            days=pl.col("time_us") / log.day_us, share=pl.col("time_us") / pl.col("time_us").sum().over("open")
        )
        .select(*_BY_STATE)
        .sort("open", "days", "stream", "state", "cause", descending=[False, True, False, False, False])
    )


def _blocked_by(log: FlowLog, found: WaitParts) -> pl.DataFrame:
    if found.verdicts[Cause.BLOCKED][0] is not Status.VALUE:
        return pl.DataFrame(schema=_BLOCKED)
    name = column(Cause.BLOCKED)
    sums = found.pieces.filter(nw.col("blocked") > 0).group_by("open", "item", "blocked").agg(nw.col(name).sum())
    table = (
        log.engine.collect(sums).group_by("open", "blocked").agg(time_us=pl.col(name).cast(pl.Int128).sum())
    ).with_columns(reason=pl.col("blocked").replace_strict(dict(enumerate(REASONS)), return_dtype=pl.String))
    shares = pl.col("time_us") / pl.col("time_us").sum().over("open")
    return (
        table.filter(pl.col("time_us") > 0)
        .with_columns(days=pl.col("time_us") / log.day_us, share=shares)
        .select(*_BLOCKED)
        .sort("open", "days", "reason", descending=[False, True, False])
    )


def _approvals(log: FlowLog, per_item: nw.LazyFrame[Any], found: WaitParts) -> pl.DataFrame:
    """Wait per approval step: per item and state, all its stays there added up."""
    if found.verdicts[Cause.APPROVAL][0] is not Status.VALUE:
        return pl.DataFrame(schema=_APPROVALS)
    name = column(Cause.APPROVAL)
    waited = log.engine.collect(per_item.filter(nw.col(name) > 0).select("open", "item", "place", name))
    places = log.engine.collect(log.place_table()).select("place", "stream", "state")
    days = pl.col(name) / log.day_us
    return (
        waited.join(places, on="place", how="left")
        .group_by("open", "stream", "state", "item")
        .agg(pl.col(name).sum())
        .group_by("open", "stream", "state")
        .agg(
            items=pl.len().cast(pl.Int64),
            days=pl.col(name).cast(pl.Int128).sum() / log.day_us,
            p50=days.quantile(0.5, "linear"),
            p85=days.quantile(0.85, "linear"),
        )
        .select(*_APPROVALS)
        .sort("open", "days", "stream", "state", descending=[False, True, False, False])
    )


def _longest(
    waits: pl.DataFrame, windows: pl.DataFrame, counted: list[str], day_us: int, most_items: int
) -> pl.DataFrame:
    if not counted:
        return pl.DataFrame(schema=_ITEMS)
    most = waits.filter(pl.col("wait_us") > 0).sort("wait_us", "item", descending=[True, False]).head(most_items)
    largest = pl.max_horizontal(*counted)
    # The first of equals, in the order in which causes claim time.
    cause = pl.coalesce(pl.when(pl.col(name) == largest).then(pl.lit(name.removesuffix("_us"))) for name in counted)
    return (
        most.join(windows.select("item", "stream"), on="item", how="left", maintain_order="left")
        .with_columns(wait_days=pl.col("wait_us") / day_us, cause=cause, cause_days=largest / day_us)
        .select(*_ITEMS)
    )


def _percentiles(values: pl.Series, day_us: int) -> dict[str, float | None]:
    days = values / day_us
    return {f"p{share}": days.quantile(share / 100, "linear") for share in (50, 85)}


def _total(values: pl.Series) -> int:
    """Add up as 128 bits: microseconds of a large log do not fit into 64."""
    return int(values.cast(pl.Int128).sum() or 0)


def _without_answer(log: FlowLog, status: Status, reason: str) -> WaitCauses:
    return WaitCauses(
        definition=DEFINITION,
        status=status,
        reason=reason,
        unit=log.unit,
        by_cause=pl.DataFrame(schema=_BY_CAUSE),
        by_state=pl.DataFrame(schema=_BY_STATE),
        blocked_by=pl.DataFrame(schema=_BLOCKED),
        approvals=pl.DataFrame(schema=_APPROVALS),
        items=pl.DataFrame(schema=_ITEMS),
    )
