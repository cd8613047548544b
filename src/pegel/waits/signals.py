"""What the changes of other fields say about a wait: handed over, asked about, put back."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.flow.log import FlowLog
from pegel.waits.latest import with_earliest, with_latest
from pegel.waits.lowered import lowered

#: Fields whose change from one value to another hands an item over.
HANDING: Final = ("assignee", "team")
RANKING: Final = ("priority", "rank")
#: Every field whose changes say something about a wait.
FIELDS: Final = ("flag", "comment_count", *HANDING, *RANKING)
_EMPTY: Final = ""


def changes_with_before(log: FlowLog, *fields: str) -> nw.LazyFrame[Any]:
    """Return changes [item, at_us, sequence, field, before, after, first]; no value is an empty text.

    ``before``: what the change says, else what the change before it led to. ``first``: of this field of the item.
    """
    changed = log.engine.coded(log.changes_of(*fields), "field", "from_value", "to_value")
    after = changed.with_columns(after=nw.col("to_value").fill_null(_EMPTY))
    previous = nw.col("after").shift(1).over("item", "field", order_by=["at_us", "sequence"])
    return after.with_columns(earlier=previous).select(
        "item",
        "at_us",
        "sequence",
        "field",
        "after",
        before=nw.coalesce("from_value", "earlier").fill_null(_EMPTY),
        first=nw.col("earlier").is_null(),
    )


def hand_overs(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [item, at_us] of changes of assignee or team from one to another; a first assignment is none."""
    before, after = nw.col("before"), nw.col("after")
    changed = changes_with_before(log, *HANDING)
    return changed.filter((before != _EMPTY) & (after != _EMPTY) & (before != after)).select("item", "at_us").unique()


def comments(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [item, at_us] of comments without a transition of the item at the same moment."""
    written = log.changes_of("comment_count").select("item", "at_us")
    # Comments are fewer than transitions: those are looked up in these, and not the other way round.
    moved = log.rows().select("item", at_us="entered_us").join(written, on=["item", "at_us"], how="semi")
    return written.join(moved, on=["item", "at_us"], how="anti")


def lowerings(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [item, at_us] at which priority or rank was lowered."""
    changed = changes_with_before(log, *RANKING)
    pairs = log.engine.collect(changed.select("field", "before", "after").unique())
    down = [pair for pair in pairs.iter_rows() if lowered(*pair)]
    names = ("field", "before", "after")
    columns = zip(*down, strict=True) if down else ((), (), ())
    words = log.engine.table(dict(zip(names, columns, strict=True)), dict.fromkeys(names, nw.String()))
    table = log.engine.coded(words.with_columns(nw.col(*names).cast(nw.String())), *names)
    return changed.join(table, on=list(names), how="semi").select("item", "at_us").unique()


def within(
    log: FlowLog, moments: nw.LazyFrame[Any], pieces: nw.LazyFrame[Any], *, start: str, end: str, closed: bool
) -> nw.LazyFrame[Any]:
    """Return [item, start, at_us]: the moments that lie in a piece (from ``start`` to ``end``) of their item.

    A moment at the very end counts with ``closed``, unless another piece begins there, to which it then belongs.
    """
    bounds = pieces.select("item", start, end)
    asked = log.engine.keep(moments.join(bounds.select("item").unique(), on="item", how="semi"))
    known = bounds.join(asked.select("item").unique(), on="item", how="semi")
    found = with_latest(asked, known, by=("item",), at="at_us", mark=start).filter(~nw.col(start).is_null())
    located = log.engine.keep(found.select("item", start, "at_us"))
    ends = known.join(located.select("item", start).unique(), on=["item", start], how="semi")
    inner = nw.col("at_us") <= nw.col(end) if closed else nw.col("at_us") < nw.col(end)
    return located.join(ends, on=["item", start], how="inner").filter(inner).select("item", start, "at_us")


def with_moments(
    pieces: nw.LazyFrame[Any],
    moments: nw.LazyFrame[Any],
    *,
    start: str,
    end: str,
    closed: bool,
    first: str | None = None,
    last: str | None = None,
) -> nw.LazyFrame[Any]:
    """Add when the ``first`` and the ``last`` moment [item, at_us] lies in each piece of an item; null: none does.

    The same moments as in ``within``. Two looks along the pieces are much quicker than finding each moment's piece.
    """
    following = nw.col(start).shift(-1).over("item", order_by=[start, end])
    stops = nw.col(end) + (nw.when(following == nw.col(end)).then(nw.lit(0)).otherwise(nw.lit(1)) if closed else 0)
    reached = pieces.with_columns(__stop=stops)
    at = nw.col("at_us")
    if first is not None:
        found = with_earliest(reached, moments, by=("item",), at=start, mark="at_us")
        reached = found.with_columns(nw.when(at < nw.col("__stop")).then(at).alias(first)).drop("at_us")
    if last is not None:
        found = with_latest(reached, moments, by=("item",), at="__stop", mark="at_us", strictly=True)
        reached = found.with_columns(nw.when(at >= nw.col(start)).then(at).alias(last)).drop("at_us")
    return reached.drop("__stop")
