"""The stays in which items wait: inside the item's window, neither active nor paused."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.policy import Policy
from pegel.eventlog.workflow import StateCategory
from pegel.flow.attribution import attribute
from pegel.flow.flow_velocity import finished_in
from pegel.flow.item_windows import Ending, item_windows, paused_stays, stop_states, within_window
from pegel.flow.log import FlowLog
from pegel.waits.cause import OF_FRICTION, number_of
from pegel.waits.numbering import places_of, stream_numbers

#: Stands for an unknown person in keys, which must not be null.
NOBODY: Final = -1
#: True for no row; a literal alone cannot filter.
_NEVER: Final = nw.col("item").is_null()


def windows_of(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    items: nw.LazyFrame[Any] | None = None,
) -> nw.LazyFrame[Any]:
    """Return the windows that waits are looked for in: items finished in the period, and items that are open.

    ``items``: attributed item windows, where the caller has them already.

    Returns
    -------
    Lazy frame [item, stream, home_no, start_us, end_us, open, flow_us, active_us, reopened]; ``end_us`` of an open
    item is the log's moment, its ``flow_us`` null. Items without a start are left out: their clock never ran.
    ``home_no``: number of the item's stream.
    """
    everything = attribute(log, policy, item_windows(log, policy)) if items is None else items
    started = everything.filter(~nw.col("start_us").is_null())
    windows = started.with_columns(stream=nw.col("stream").cast(nw.String()))
    numbers = stream_numbers(log)
    streams = log.engine.table(
        {"stream": list(numbers), "home_no": list(numbers.values())}, {"stream": nw.String(), "home_no": nw.Int32()}
    ).with_columns(stream=nw.col("stream").cast(nw.String()))
    start = 0 if from_us is None else from_us
    until = log.as_of_us + 1 if until_us is None else until_us
    finished = finished_in(windows, from_us=start, until_us=until).filter(~nw.col("flow_us").is_null())
    opened = windows.filter(nw.col("ending") == int(Ending.OPEN)).with_columns(
        end_us=nw.lit(log.as_of_us, dtype=nw.Int64())
    )
    names = ("item", "stream", "start_us", "end_us", "flow_us", "active_us", "reopened")
    both = nw.concat(
        [one.select(*names, open=nw.lit(value=is_open)) for one, is_open in ((finished, False), (opened, True))],
        how="vertical",
    )
    return both.join(streams, on="stream", how="left")


def idle_stays(log: FlowLog, policy: Policy, *, actors: bool) -> nw.LazyFrame[Any]:
    """Return all stays that are neither active nor paused, in or outside of any window.

    Returns
    -------
    Lazy frame [item, place, entered_us, left_us, split, queue, stream_no, ends] and, with ``actors``, [actor,
    next_actor]: who brought the item, and who took it away. ``ends``: in a state that ends or stops an item.
    """
    names = ["item", "place", "entered_us", "left_us", "split", *(["actor", "next_actor"] if actors else [])]
    rows = log.rows_followed({"next_actor": ("actor", 1)}) if actors else log.rows()
    idle = rows.select(*names).filter(_idle(log, policy)).with_columns(ends=_final(log, policy))
    return log.engine.looked_up(idle, places_of(log), on="place")


def queue_stays(log: FlowLog, idle: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return all stays in which items wait their turn, in or outside of any window: the queues as they were.

    Queues in which every stay has a friction of its own are left out: nothing else is asked there.

    Returns
    -------
    The columns of ``idle_stays`` without ``split`` and ``ends``, and [joined_us, goes_on]. A queue is a state of a
    stream, whatever the type. ``joined_us``: when the item came into the queue (before ``entered_us`` where its type
    was changed in the queue). ``goes_on``: it left the queue to be worked on, not because it was cancelled, deleted or
    retyped.
    """
    placed = idle.filter(~nw.col("ends") & _asked(log)).drop("ends")
    moving = log.engine.keep(placed.filter(nw.col("split")))
    same = nw.col("queue") == nw.col("queue").shift(1).over("item", order_by=["entered_us", "left_us"])
    adjoins = nw.col("entered_us") == nw.col("left_us").shift(1).over("item", order_by=["entered_us", "left_us"])
    moving = moving.with_columns(stayed=(same & adjoins).fill_null(value=False))
    joined = (
        nw.when(nw.col("stayed"))
        .then(nw.lit(None, dtype=nw.Int64()))
        .otherwise(nw.col("entered_us"))
        .fill_null(strategy="forward")
        .over("item", order_by=["entered_us", "left_us"])
    )
    gone = log.in_category(StateCategory.CANCELLED, StateCategory.DELETED)
    ways_out = nw.concat(
        [
            log.rows().filter(_NEVER if gone is None else gone).select("item", left_us=nw.col("entered_us")),
            moving.filter(nw.col("stayed")).select("item", left_us=nw.col("entered_us")),
        ],
        how="vertical",
    ).unique()
    both = nw.concat(
        [
            placed.filter(~nw.col("split")).with_columns(joined_us=nw.col("entered_us")),
            moving.with_columns(joined_us=joined).drop("stayed"),
        ],
        how="vertical",
    )
    return (
        both.drop("split")
        .join(ways_out.with_columns(goes_on=nw.lit(value=False)), on=["item", "left_us"], how="left")
        .with_columns(goes_on=nw.col("goes_on").fill_null(value=True))
    )


def other_stays(log: FlowLog, idle: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return those of the idle stays that are not in ``queue_stays``: with a friction, or in done and the like.

    In done, cancelled and deleted nothing waits its turn; such stays lie in a window where an item was reopened.
    """
    return idle.filter(nw.col("ends") | ~_asked(log)).drop("split", "ends")


def inside(log: FlowLog, policy: Policy, stays: nw.LazyFrame[Any], windows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the stays within a window, cut to it, with [from_us, until_us, open, own, friction].

    Stays of no length are left out: no time, no wait. ``own``: the stay is in the stream that the item counts to; only
    there the log of that stream alone shows the whole queue, so that streams add up.
    """
    bounds = windows.select("item", "home_no", "start_us", "end_us", "open")
    cut = (
        log.engine.looked_up(stays, bounds, on="item")
        .filter(~nw.col("start_us").is_null() & within_window(log, policy))
        .with_columns(
            from_us=nw.max_horizontal("entered_us", "start_us"),
            until_us=nw.min_horizontal("left_us", "end_us"),
            own=nw.col("stream_no") == nw.col("home_no"),
        )
        .filter(nw.col("until_us") > nw.col("from_us"))
        .drop("start_us", "end_us", "home_no")
    )
    return _with_friction(log, cut)


def finals(log: FlowLog) -> nw.Expr:
    """Return an expression that is true for stays that end an item: done, cancelled, deleted."""
    found = log.in_category(StateCategory.DONE, StateCategory.CANCELLED, StateCategory.DELETED)
    return _NEVER if found is None else found


def with_streams(log: FlowLog, rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``stream_no`` to rows with a place."""
    return log.engine.looked_up(rows, places_of(log).select("place", "stream_no"), on="place")


def _idle(log: FlowLog, policy: Policy) -> nw.Expr:
    active = log.in_category(StateCategory.ACTIVE)
    return ~((_NEVER if active is None else active) | paused_stays(log, policy))


def _final(log: FlowLog, policy: Policy) -> nw.Expr:
    stops = log.in_states(stop_states(policy))
    return finals(log) if stops is None else finals(log) | stops


def _asked(log: FlowLog) -> nw.Expr:
    """Stays in queues in which some type, at some time, waits without a friction of the state."""
    asked = {
        (place.stream, place.state)
        for period in range(len(log.meanings.boundaries_us) + 1)
        for place, meaning in zip(log.places, log.meanings.in_period(period), strict=True)
        if meaning.friction is None
    }
    codes = [place.code for place in log.places if (place.stream, place.state) in asked]
    return nw.col("place").is_in(codes)


def _with_friction(log: FlowLog, stays: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``friction``, the number of a cause, as the mapping in force when the stay was entered says it."""
    boundaries = log.meanings.boundaries_us
    width = max((place.code for place in log.places), default=0) + 1
    meant = nw.col("place")
    for boundary in boundaries:
        meant = meant + width * (nw.col("entered_us") >= boundary).cast(nw.Int32())
    found = [
        (place.code + width * number, number_of(OF_FRICTION[meaning.friction]))
        for number in range(len(boundaries) + 1)
        for place, meaning in zip(log.places, log.meanings.in_period(number), strict=True)
        if meaning.friction is not None
    ]
    codes, frictions = zip(*found, strict=True) if found else ((), ())
    table = log.engine.table({"meant": codes, "friction": frictions}, {"meant": nw.Int32(), "friction": nw.Int32()})
    return log.engine.looked_up(stays.with_columns(meant=meant.cast(nw.Int32())), table, on="meant").drop("meant")
