"""The window of each item: when its clock started and stopped under a policy, and what happened in between.

Every metric but those per state is computed from this one table. Three ways lead to it and give the same answer:

* **at once** (``_summed``): one pass that only adds up and takes extremes per item, in no particular order. It is
  right for items whose life is simple: no paused time, no change of stream or type.
* **less pauses** (``_less_pauses``): the sums hold for paused items too, but the few stays that end or pause something
  are read again, to find the exact end and the pauses within the window.
* **exactly** (``_corrected``): for the few other items (and for all items under policies that need it) all intervals
  are read again and clipped to the window.

The tests hold both against each other.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import narwhals as nw

from pegel.eventlog.policy import Cancel, Delete, Policy, Reopen, Skip, StateSet, TimeKind
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.log import FlowLog


class Ending(IntEnum):
    """How an item's window ended as of the log's moment."""

    OPEN = 0
    DONE = 1
    CANCELLED = 2
    DELETED = 3


#: Columns of the result, in order.
WINDOW: Final = (
    "item",
    "place",
    "place_today",
    "first_us",
    "start_us",
    "end_us",
    "ending",
    "flow_us",
    "active_us",
    "paused_us",
    "reopened",
    "split",
)


def item_windows(log: FlowLog, policy: Policy) -> nw.LazyFrame[Any]:
    """Return one row per item.

    Returns
    -------
    Lazy frame with the columns of ``WINDOW``: ``place`` (gives stream and type at the end of the window) and
    ``place_today`` (today's), ``first_us`` (first known moment), ``start_us`` (null: not started), ``end_us`` (null:
    open), ``ending`` (see ``Ending``), ``flow_us`` (null: undefined or not finished), ``active_us`` (work within the
    window, up to the log's moment where it is open), ``paused_us`` (time in the window that does not count),
    ``reopened`` (was in a stop state and worked on again),
    ``split`` (changed its stream or type). Durations in microseconds of the log's time: elapsed, or working time.
    """
    rows = log.rows()
    # Several branches read these two; it is not left to the engine to find that out.
    decisive = log.engine.keep(_decisive(log, policy, rows))
    summed = log.engine.keep(_summed(log, policy, rows, decisive))
    if policy.delete is Delete.ERASE:
        summed = summed.filter(nw.col("deleted_us").is_null())
    if _needs_exactness(log, policy):
        return _finished(log, policy, _corrected(log, policy, rows, summed))
    special, paused = _special(policy), nw.col("pauses")
    # Stays of split items lie apart: their filter spares the engine reading the others.
    some = rows if policy.reopen is Reopen.PAUSE else rows.filter(nw.col("split"))
    ways = [
        _without_correction(summed.filter(~special & ~paused)),
        _less_pauses(log, policy, decisive, summed.filter(~special & paused)),
        _corrected(log, policy, some, summed.filter(special)),
    ]
    return _finished(log, policy, nw.concat(ways, how="vertical"))


def exact_item_windows(log: FlowLog, policy: Policy) -> nw.LazyFrame[Any]:
    """Return the same as ``item_windows``, every item computed the exact way: the reference for tests."""
    rows = log.rows()
    summed = _summed(log, policy, rows, _decisive(log, policy, rows))
    if policy.delete is Delete.ERASE:
        summed = summed.filter(nw.col("deleted_us").is_null())
    return _finished(log, policy, _corrected(log, policy, rows, summed))


def stop_states(policy: Policy) -> StateSet:
    """Return the states that stop the clock, cancelled ones included where the policy counts them as finished."""
    if policy.cancel is Cancel.FINISH:
        return StateSet(categories=policy.stop.categories | {StateCategory.CANCELLED}, states=policy.stop.states)
    return policy.stop


def paused_stays(log: FlowLog, policy: Policy) -> nw.Expr:
    """Return an expression that is true for stays whose time in the window the policy does not count."""
    pause = _or_never(log.in_states(policy.pause))
    return pause | _or_never(log.in_states(stop_states(policy))) if policy.reopen is Reopen.PAUSE else pause


_NEVER = nw.lit(value=False)
_ZERO = nw.lit(0, dtype=nw.Int64())


def _or_never(expression: nw.Expr | None) -> nw.Expr:
    return _NEVER if expression is None else expression


def _decides(log: FlowLog, policy: Policy) -> nw.Expr | None:
    """Stays that stop, pause, cancel or delete an item; None: there are none."""
    ends = _either(log.in_states(stop_states(policy)), log.in_category(StateCategory.CANCELLED, StateCategory.DELETED))
    return _either(ends, log.in_states(policy.pause))


def _decisive(log: FlowLog, policy: Policy, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the stays that decide how items end: few, so what only they can say is not asked of all stays."""
    decides = _decides(log, policy)
    chosen = rows.select("item", "place", "entered_us", "left_us")
    return chosen.filter(nw.col("item").is_null() if decides is None else decides)


def _summed(log: FlowLog, policy: Policy, rows: nw.LazyFrame[Any], decisive: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """First pass: extremes and sums per item."""
    entered, left = nw.col("entered_us"), nw.col("left_us")
    start = log.in_states(policy.start)
    stop = log.in_states(stop_states(policy))
    pause = log.in_states(policy.pause)
    deleted = log.in_category(StateCategory.DELETED)
    cancelled = log.in_category(StateCategory.CANCELLED)
    decides = _decides(log, policy)
    work = _work(log, policy)
    quiet = _either(pause, deleted)
    nothing = nw.lit(None, dtype=nw.Int64())
    ended = nw.when(left == OPEN_US).then(nw.lit(log.as_of_us)).otherwise(left)
    # Working time costs a look into the calendar for each row, so it is added up over the rows of work alone.
    at_once = None if log.working else work

    def at(condition: nw.Expr | None, value: nw.Expr) -> nw.Expr:
        return nothing if condition is None else nw.when(condition).then(value).otherwise(nothing)

    def left_outside(inside: nw.Expr | None) -> nw.Expr:
        """End of a stay outside the given states; quiet stays decide nothing."""
        within = _either(inside, quiet)
        return left if within is None else nw.when(~within).then(left).otherwise(nothing)

    lives = (
        rows.select(
            "item",
            "place",
            "entered_us",
            "split",
            s=at(start, entered),
            o=left if decides is None else nw.when(~decides).then(left).otherwise(nothing),
            w=_ZERO if at_once is None else nw.when(at_once).then(ended - entered).otherwise(_ZERO),
        )
        .group_by("item")
        .agg(
            nw.col("place", "split").max(),
            first_us=nw.col("entered_us").min(),
            start_us=nw.col("s").min(),
            undecided_us=nw.col("o").max(),
            work_us=nw.col("w").sum(),
        )
    )
    endings = (
        decisive.select(
            "item",
            o=left_outside(stop),
            d=at(stop, entered),
            p=_or_never(_either(pause, _both(deleted, left < OPEN_US))),
            c=at(cancelled, entered),
            co=left_outside(cancelled),
            x=at(_both(deleted, left == OPEN_US), entered),
        )
        .group_by("item")
        .agg(
            unstopped_us=nw.col("o").max(),
            stop_first_us=nw.col("d").min(),
            stop_last_us=nw.col("d").max(),
            pauses=nw.col("p").max(),
            cancel_last_us=nw.col("c").max(),
            uncancelled_us=nw.col("co").max(),
            deleted_us=nw.col("x").max(),
        )
    )
    summed = (
        lives.join(endings, on="item", how="left")
        .with_columns(
            unstopped_us=nw.max_horizontal("undecided_us", "unstopped_us"),
            uncancelled_us=nw.max_horizontal("undecided_us", "uncancelled_us"),
            pauses=nw.col("pauses").fill_null(value=False),
        )
        .drop("undecided_us")
    )
    if log.working is None or work is None:
        return summed
    worked = log.measure(
        rows.filter(work).select("item", "entered_us", ended=ended), start="entered_us", end="ended", into="worked_us"
    )
    sums = worked.group_by("item").agg(nw.col("worked_us").sum())
    return (
        summed.join(sums, on="item", how="left")
        .with_columns(work_us=nw.col("worked_us").fill_null(0))
        .drop("worked_us")
    )


def _work(log: FlowLog, policy: Policy) -> nw.Expr | None:
    """Intervals whose time is added up: active ones, or the counted ones of a policy that adds up states."""
    if policy.time is TimeKind.SUM_OF_STATES:
        return log.in_states(policy.counted)
    return log.in_category(StateCategory.ACTIVE)


def _needs_exactness(log: FlowLog, policy: Policy) -> bool:
    """Tell whether sums over an item's whole life can differ from sums within its window under this policy."""
    adds_up = policy.time is TimeKind.SUM_OF_STATES
    if policy.stop_at_first or not (adds_up or StateCategory.ACTIVE in policy.start.categories):
        return True
    stop = stop_states(policy)

    def works_off_the_clock(state: str, category: StateCategory) -> bool:
        works = policy.counted.covers(state, category) if adds_up else category is StateCategory.ACTIVE
        return works and (policy.pause.covers(state, category) or stop.covers(state, category))

    return log.where(works_off_the_clock) is not None


def _special(policy: Policy) -> nw.Expr:
    """Items that need the exact way: those that changed stream or type, or whose reopening pauses."""
    special = nw.col("split")
    if policy.reopen is Reopen.PAUSE:
        special = special | (nw.col("stop_first_us") < nw.col("unstopped_us")).fill_null(value=False)
    return special


_CORE: Final = (
    "item",
    "place",
    "place_today",
    "first_us",
    "split",
    "start_us",
    "done_us",
    "cancelled_us",
    "deleted_us",
    "work_us",
    "paused_us",
    "reopened",
)


def _without_correction(summed: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Read the moments of ending off the first pass."""
    outside = nw.col("unstopped_us")
    done = _is_last("stop_last_us", "unstopped_us")
    moment = nw.when(outside.is_null()).then(nw.col("stop_first_us")).otherwise(outside)
    return summed.with_columns(
        done_us=nw.when(done).then(moment),
        cancelled_us=_cancelled_us(),
        paused_us=nw.lit(0, dtype=nw.Int64()),
        reopened=_reopened(outside),
        place_today=nw.col("place"),
    ).select(*_CORE)


def _is_last(entered: str, outside: str) -> nw.Expr:
    """Tell whether the item's last stay that decides anything is in the states whose last entry is given."""
    return (~nw.col(entered).is_null()) & (nw.col(outside).is_null() | (nw.col(entered) >= nw.col(outside)))


def _cancelled_us() -> nw.Expr:
    outside = nw.col("uncancelled_us")
    moment = nw.when(outside.is_null()).then(nw.col("cancel_last_us")).otherwise(outside)
    return nw.when(_is_last("cancel_last_us", "uncancelled_us")).then(moment)


def _reopened(unstopped: nw.Expr) -> nw.Expr:
    """It was in a stop state, and worked on again later."""
    return (nw.col("stop_first_us") < unstopped).fill_null(value=False)


def _less_pauses(
    log: FlowLog, policy: Policy, decisive: nw.LazyFrame[Any], chosen: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    """Second pass for paused items: only the decisive stays are read again."""
    known = _known(chosen)
    stays = _stays(log, policy, decisive, known)
    ends = _ends(policy, stays)
    pauses = _inside(log, policy, stays.filter(nw.col("pauses_here")), ends)
    sums = pauses.group_by("item").agg(paused_us=nw.col("inside").sum())
    whole = known.join(ends, on="item", how="left").join(sums, on="item", how="left")
    return whole.with_columns(
        nw.col("paused_us").fill_null(0),
        place_today=nw.col("place"),
        reopened=_reopened(nw.col("unstopped_us")),
    ).select(*_CORE)


def _corrected(log: FlowLog, policy: Policy, rows: nw.LazyFrame[Any], chosen: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Second pass: read the chosen items' intervals again, find the exact end, and clip every stay to the window."""
    known = _known(chosen)
    stays = _stays(log, policy, rows, known)
    ends = _ends(policy, stays)
    sums = (
        _inside(log, policy, stays, ends)
        .with_columns(
            work_us=nw.when(nw.col("works")).then(nw.col("inside")).otherwise(_ZERO),
            paused_us=nw.when(nw.col("pauses_here")).then(nw.col("inside")).otherwise(_ZERO),
            closing=nw.when(nw.col("stops") & (nw.col("entered_us") == nw.col("done_us"))).then(nw.col("here")),
            today=nw.when(nw.col("left_us") == OPEN_US).then(nw.col("here")),
        )
        .group_by("item")
        .agg(nw.col("work_us", "paused_us").sum(), nw.col("closing", "today").max())
    )
    reopened = _NEVER if policy.stop_at_first else _reopened(nw.col("unstopped_us"))
    whole = known.drop("work_us", "place").join(ends, on="item", how="inner").join(sums, on="item", how="inner")
    return whole.with_columns(
        place=nw.when(nw.col("closing").is_null()).then(nw.col("today")).otherwise(nw.col("closing")),
        place_today=nw.col("today"),
        reopened=reopened,
    ).select(*_CORE)


def _known(chosen: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add what the first pass says about the ends of items."""
    return chosen.with_columns(stopped=_is_last("stop_last_us", "unstopped_us"), was_cancelled_us=_cancelled_us())


def _stays(log: FlowLog, policy: Policy, rows: nw.LazyFrame[Any], known: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return stays of the known items: what they mean, and what is known about their item."""
    return rows.select(
        "item",
        "entered_us",
        "left_us",
        here=nw.col("place"),
        stops=_or_never(log.in_states(stop_states(policy))),
        pauses_here=paused_stays(log, policy),
        works=_or_never(_work(log, policy)),
        cancels=_or_never(log.in_category(StateCategory.CANCELLED)),
    ).join(known, on="item", how="inner")


def _ends(policy: Policy, stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, done_us, cancelled_us]: when the unbroken stay was entered that lasts to the end."""
    entered = nw.col("entered_us")
    if policy.stop_at_first:
        final = nw.col("start_us").is_null() | (entered >= nw.col("start_us"))
    else:
        final = nw.col("stopped") & _from_on("unstopped_us")
    was_cancelled = ~nw.col("was_cancelled_us").is_null()
    return (
        stays.with_columns(
            done_us=nw.when(nw.col("stops") & final).then(entered),
            cancelled_us=nw.when(nw.col("cancels") & was_cancelled & _from_on("uncancelled_us")).then(entered),
        )
        .group_by("item")
        .agg(nw.col("done_us").min(), nw.col("cancelled_us").min())
    )


def _inside(log: FlowLog, policy: Policy, stays: nw.LazyFrame[Any], ends: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``inside``: the part of each stay that lies in its item's window."""
    begin = nw.col("first_us") if policy.time is TimeKind.SUM_OF_STATES else nw.col("start_us")
    bounded = stays.join(ends, on="item", how="inner").with_columns(
        begin_us=nw.when(begin.is_null()).then(nw.col("first_us")).otherwise(begin),
        until_us=nw.when(~nw.col("done_us").is_null())
        .then(nw.col("done_us"))
        .otherwise(
            nw.when(~nw.col("cancelled_us").is_null())
            .then(nw.col("cancelled_us"))
            .otherwise(nw.when(~nw.col("deleted_us").is_null()).then(nw.col("deleted_us")).otherwise(log.as_of_us))
        ),
    )
    return clip(log, bounded, begin="begin_us", until="until_us")


def within_window(log: FlowLog, policy: Policy) -> nw.Expr:
    """Return an expression on stays with ``start_us`` and ``end_us``: does the stay lie in the item's window?

    Stays of no length at the very moment of the start or stop are told apart by their state: at the start those in a
    start state are inside, at the stop those that are not in a stop state.
    """
    entered, left, start, end = (nw.col(name) for name in ("entered_us", "left_us", "start_us", "end_us"))
    starts = _or_never(log.in_states(policy.start))
    stops = _or_never(log.in_states(stop_states(policy)))
    begun = (left > start) | ((left == start) & (entered == start) & starts)
    return begun & ((entered < end) | ((entered == end) & (left == end) & ~stops))


def clip(log: FlowLog, stays: nw.LazyFrame[Any], *, begin: str, until: str) -> nw.LazyFrame[Any]:
    """Add ``inside``: the part of each stay (entered_us, left_us) between two time columns, in the log's time."""
    bounded = stays.with_columns(
        inside_from=nw.max_horizontal("entered_us", begin), inside_until=nw.min_horizontal("left_us", until)
    ).with_columns(inside_until=nw.max_horizontal("inside_from", "inside_until"))
    return log.measure(bounded, start="inside_from", end="inside_until", into="inside").drop(
        "inside_from", "inside_until"
    )


def _from_on(outside: str) -> nw.Expr:
    """Stays from the end of the last stay outside on."""
    return nw.col(outside).is_null() | (nw.col("entered_us") >= nw.col(outside))


def _finished(log: FlowLog, policy: Policy, core: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Name the ending and work out the flow time."""
    done, cancelled, deleted = (~nw.col(name).is_null() for name in ("done_us", "cancelled_us", "deleted_us"))
    ending = (
        nw.when(done)
        .then(nw.lit(int(Ending.DONE)))
        .otherwise(
            nw.when(cancelled)
            .then(nw.lit(int(Ending.CANCELLED)))
            .otherwise(nw.when(deleted).then(nw.lit(int(Ending.DELETED))).otherwise(nw.lit(int(Ending.OPEN))))
        )
    )
    end = (
        nw.when(done)
        .then(nw.col("done_us"))
        .otherwise(nw.when(cancelled).then(nw.col("cancelled_us")).otherwise(nw.col("deleted_us")))
    )
    start = nw.col("start_us")
    if policy.skip is Skip.FROM_CREATION:
        start = nw.when(start.is_null() & done).then(nw.col("first_us")).otherwise(start)
    located = core.with_columns(ending=ending.cast(nw.Int8()), end_us=end, start_us=start)
    finished = nw.col("ending") == int(Ending.DONE)
    if policy.time is TimeKind.SUM_OF_STATES:
        flow = nw.when(finished & ~nw.col("start_us").is_null()).then(nw.col("work_us"))
    else:
        located = log.measure(located, start="start_us", end="end_us", into="span_us")
        flow = nw.when(finished).then(nw.col("span_us") - nw.col("paused_us"))
    return located.with_columns(flow_us=flow, active_us=nw.col("work_us")).select(*WINDOW)


def _either(one: nw.Expr | None, other: nw.Expr | None) -> nw.Expr | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _both(one: nw.Expr | None, other: nw.Expr) -> nw.Expr | None:
    return None if one is None else one & other
