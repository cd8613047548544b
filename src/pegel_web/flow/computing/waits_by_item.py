"""Why each item waited, piece by piece: what the page of one item reads its causes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy, TimeKind
from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.waits.cause import CAUSES, Cause, column
from pegel.waits.flag_reasons import REASONS
from pegel.waits.wait_parts import wait_parts
from pegel_web.flow.computing.computed import KeptTable, Reading

#: What the file of the table is called after.
PART: Final = "waits"


def waits_by_item(reading: Reading) -> Iterator[KeptTable]:
    """Yield the waits of finished and open items, cut into their causes."""
    table = _table(reading.lake, reading.log, reading.policy, reading.windows)
    yield KeptTable(part=PART, policy=reading.policy, table=table)


def _table(lake: Lake, log: FlowLog, policy: Policy, items: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return why finished and open items waited, piece by piece: [item, entered_us, from_us, until_us, cause, reason,
    days].

    ``entered_us``: of the stay the piece lies in. ``reason``: what blocked (a code of ``flag_reasons.REASONS``); null
    for other causes. Sorted by item, so that a reader of one item skips the rows of the others. Empty where the log
    does not say what is work.
    """
    schema = {"item": pl.String(), "entered_us": pl.Int64(), "from_us": pl.Int64(), "until_us": pl.Int64(),
              "cause": pl.String(), "reason": pl.String(), "days": pl.Float64()}  # fmt: skip
    if policy.time is TimeKind.SUM_OF_STATES or not log.has_active_states():
        return pl.DataFrame(schema=schema)
    found = wait_parts(log, policy, items=items)
    told = [cause for cause in CAUSES if found.verdicts[cause][0] is Status.VALUE]
    names = ("item", "entered_us", "from_us", "until_us", "blocked")
    pieces = log.engine.keep(found.pieces.select(*names, *map(column, told)))
    parts = [
        log.engine.collect(pieces.filter(nw.col(column(one)) > 0).select(*names, time_us=nw.col(column(one))))
        .with_columns(cause=pl.lit(one.value))
        for one in told
    ]  # fmt: skip
    if not parts:
        return pl.DataFrame(schema=schema)
    called = lake.items().select(number=pl.col("item_no"), name=pl.col("item")).collect()
    reasons = dict(enumerate(REASONS))
    return (
        pl.concat(parts)
        .join(called, left_on="item", right_on="number", how="left")
        .select(
            pl.col("name").alias("item"),
            "entered_us",
            "from_us",
            "until_us",
            "cause",
            reason=pl.when(pl.col("cause") == Cause.BLOCKED.value).then(
                pl.col("blocked").replace_strict(reasons, default=None, return_dtype=pl.String)
            ),
            days=pl.col("time_us") / log.day_us,
        )
        .sort("item", "from_us", "cause")
    )
