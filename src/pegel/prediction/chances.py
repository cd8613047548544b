"""How likely is each open item to be done within some days, given how old it is already?"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow import attribute, item_windows
from pegel.flow.log import FlowLog
from pegel.prediction.flow_times import flow_times, unfinished_items
from pegel.prediction.rules import highest_level
from pegel.prediction.survival import MINUTE_US

_SCHEMA: Final = {
    "item": pl.Int64(),
    "stream": pl.String(),
    "age_days": pl.Float64(),
    "chance": pl.Float64(),
    "answer": pl.String(),
}


def open_item_chances(
    log: FlowLog, policy: Policy, *, within_days: float, windows: nw.LazyFrame[Any] | None = None
) -> pl.DataFrame:
    """Return [item, stream, age_days, chance, answer] of the started open items: chance to be done within the time.

    Age-conditional: 1 − S(age + time) ÷ S(age). Capped like every forecast; null where the item is older than any
    finished one (``answer``: ``older_than_any_finished``). It is about single items without waiting for a place.
    """
    items = log.engine.keep(attribute(log, policy, item_windows(log, policy))) if windows is None else windows
    times = flow_times(log, policy, items)
    opened = unfinished_items(log, items).filter(pl.col("minutes").is_not_null())
    per_day, highest = log.day_us / MINUTE_US, highest_level(times.finished)
    rows = []
    for row in opened.iter_rows(named=True):
        age = max(0.0, float(row["minutes"]))
        known = age < times.last_finished
        now = times.curve.unfinished_at(age)
        chance = 1 - times.curve.unfinished_at(age + within_days * per_day) / now if known and now > 0 else None
        capped = None if chance is None else min(chance, highest)
        answer = "value" if known else "older_than_any_finished"
        rows.append((row["item"], row["stream"], age / per_day, capped, answer))
    table = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return table.sort("age_days", "item", descending=[True, False])
