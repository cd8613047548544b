"""What the changes of other fields say about a wait: handed over, asked about, put back."""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from pegel.flow.log import FlowLog
from pegel.waits.latest import with_latest
from pegel.waits.lowered import lowered

#: Fields whose change from one value to another hands an item over.
HANDING: Final = ("assignee", "team")
RANKING: Final = ("priority", "rank")
#: Every field whose changes say something about a wait.
FIELDS: Final = ("flag", "comment_count", *HANDING, *RANKING)
_EMPTY: Final = ""


def changes_with_before(log: FlowLog, *fields: str) -> nw.LazyFrame[Any]:
    """Return changes [item, at_us, sequence, field, before, after]; no value is an empty text.

    ``before``: what the change says, else what the change before it led to.
    """
    changed = log.changes_of(*fields)
    previous = nw.col("to_value").shift(1).over("item", "field", order_by=["at_us", "sequence"])
    return changed.with_columns(earlier=previous).select(
        "item",
        "at_us",
        "sequence",
        "field",
        before=nw.coalesce("from_value", "earlier").fill_null(_EMPTY),
        after=nw.col("to_value").fill_null(_EMPTY),
    )


def hand_overs(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [item, at_us] of changes of assignee or team from one to another; a first assignment is none."""
    before, after = nw.col("before"), nw.col("after")
    changed = changes_with_before(log, *HANDING)
    return changed.filter((before != _EMPTY) & (after != _EMPTY) & (before != after)).select("item", "at_us").unique()


def comments(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [item, at_us] of comments without a transition of the item at the same moment."""
    moved = log.rows().select("item", at_us="entered_us").unique()
    return log.changes_of("comment_count").select("item", "at_us").join(moved, on=["item", "at_us"], how="anti")


def lowerings(log: FlowLog) -> nw.LazyFrame[Any]:
    """Return [item, at_us] at which priority or rank was lowered."""
    changed = changes_with_before(log, *RANKING)
    pairs = log.engine.collect(changed.select("field", "before", "after").unique())
    down = [pair for pair in pairs.iter_rows() if lowered(*pair)]
    names = ("field", "before", "after")
    columns = zip(*down, strict=True) if down else ((), (), ())
    table = log.engine.table(dict(zip(names, columns, strict=True)), dict.fromkeys(names, nw.String())).with_columns(
        nw.col(*names).cast(nw.String())
    )
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
    located = with_latest(asked, known, by=("item",), at="at_us", mark=start).filter(~nw.col(start).is_null())
    ends = known.join(located.select("item", start).unique(), on=["item", start], how="semi")
    inner = nw.col("at_us") <= nw.col(end) if closed else nw.col("at_us") < nw.col(end)
    return located.join(ends, on=["item", start], how="inner").filter(inner).select("item", start, "at_us")
