"""Which stay follows which: consecutive stays of an item, with a value that was in force when each was entered."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.eventlog.schema import OPEN_US
from pegel.flow.log import FlowLog
from pegel.waits.numbering import of_chosen_streams, places_of

_ORDER: Final = ["entered_us", "left_us", "place"]
_STEPS: Final = {"next": 1, "third": 2}


def stays_of_states(log: FlowLog, *, actors: bool) -> nw.LazyFrame[Any]:
    """Return [item, place, entered_us, left_us, queue, stream_no(, actor), next_…, third_…]: stays in a state.

    Stays that only a change of type cuts apart are one; moving to another stream is a new stay. ``next_queue``,
    ``third_queue`` (and ``next_actor``, ``third_actor``): of the next stay and the one after it; null: there is none.
    The rows of an item lie together, in the order of time.
    """
    who = ["actor"] if actors else []
    names = ["item", "place", "entered_us", "left_us", *who]
    steady = log.rows().filter(~nw.col("split")).select(*names)
    moving = log.engine.keep(
        log.rows().filter(nw.col("split")).select(*names).join(places_of(log), on="place", how="inner")
    )
    same = nw.col("queue") == nw.col("queue").shift(1).over("item", order_by=_ORDER)
    runs = (
        moving.with_columns(fresh=(~same).fill_null(value=True).cast(nw.Int64()))
        .with_columns(run=nw.col("fresh").cum_sum().over("item", order_by=_ORDER))
    )  # fmt: skip
    spans = runs.group_by("item", "run").agg(nw.col("left_us").max())
    joined = runs.filter(nw.col("fresh") == 1).drop("left_us").join(spans, on=["item", "run"], how="inner")
    stays = nw.concat([steady, joined.select(*names).sort("item", *_ORDER)], how="vertical")
    numbered = log.engine.looked_up(stays, places_of(log), on="place")
    return with_following(log, numbered, "queue", *who)


def with_following(log: FlowLog, stays: nw.LazyFrame[Any], *names: str) -> nw.LazyFrame[Any]:
    """Add ``next_…`` and ``third_…`` of the given columns: those of the next stay and the one after it.

    ``stays``: the rows of an item lie together, in the order of time, as in ``stays_of_states``.
    """
    later = {f"{which}_{name}": (name, steps) for name in names for which, steps in _STEPS.items()}
    return log.engine.following(stays, later, by="item", order_by=_ORDER)


def moves_in(log: FlowLog, stays: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> nw.LazyFrame[Any]:
    """Return the stays that were left for another within the period, in the streams the log was opened for."""
    left = nw.col("left_us")
    kept = stays.filter((left >= from_us) & (left < until_us) & (left < OPEN_US) & ~nw.col("next_queue").is_null())
    return of_chosen_streams(log, kept)


def with_value(
    log: FlowLog, stays: nw.LazyFrame[Any], changes: nw.LazyFrame[Any], *, at: str, strictly: bool = False
) -> nw.LazyFrame[Any]:
    """Add ``value``: what a field was at the time in column ``at``; "" nothing, null: the log does not say.

    ``changes``: of that field (``Records.changes``). What held before an item's first change is what that change
    replaced; items without any change have null. Values are dictionary codes; the rows keep their order.
    ``strictly``: changes at that very moment have not happened yet.
    """
    return log.engine.latest(
        stays,
        changes.select("item", "at_us", "sequence", "before", value="after"),
        by=("item",),
        at=at,
        mark="at_us",
        values=("value",),
        initial=("before",),
        strictly=strictly,
    )
