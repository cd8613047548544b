"""Flow load: how much work is in progress?

Definition
    Number of items whose window is open at the end of a day, in the stream and with the type they had on that day. It
    is the running sum of arrivals − departures.
Unit
    Items.
Clock
    That of the policy: an item counts from its start until it is done, cancelled or deleted. A reopened item counts
    through, because seen from today it was never done (with ``reopen: pause`` its flow time excludes that time; the
    load still counts it). A day without events keeps the load of the day before.
Source
    Kersten, *Project to Product* (2018), ch. 3; Kanban Guide (2020): work in progress.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import DAY_US
from pegel.flow.answer import Answer, Status

DEFINITION: Final = "flow_load/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLoad(Answer):
    """``now``: items in progress at the log's moment; ``mean`` of the days of the period; ``by_kind`` now.

    ``by_day``: [day_us, kind, load] at the end of each day, one row per day and kind of work that ever occurs.
    """

    unit: str = "items"
    now: int | None = None
    mean: float | None = None
    by_kind: dict[str, int]
    by_day: pl.DataFrame


def flow_load(changes: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [stream, day_us, load] from an ``arrivals_and_departures`` table: load after each bucket with a change.

    >>> import narwhals as nw, polars as pl
    >>> changes = pl.LazyFrame({"stream": ["S"] * 3, "day_us": [0, DAY_US, 3 * DAY_US],
    ...                         "arrivals": [2, 1, 0], "departures": [0, 1, 2]})
    >>> flow_load(nw.from_native(changes)).collect().to_native().sort("day_us")["load"].to_list()
    [2, 2, 0]
    """
    return (
        changes.group_by("stream", "day_us")
        .agg(nw.col("arrivals", "departures").sum())
        .with_columns(change=nw.col("arrivals") - nw.col("departures"))
        .with_columns(load=nw.col("change").cum_sum().over("stream", order_by="day_us"))
        .select("stream", "day_us", "load")
    )


def summarise_flow_load(changes: pl.DataFrame, *, from_us: int, until_us: int) -> FlowLoad:
    """Summarise a collected ``arrivals_and_departures`` table: the load of each day in [from, until)."""
    kinds = sorted({kind or "unmapped" for kind in changes["kind"]}) if changes.height else []
    first, last = from_us // DAY_US * DAY_US, max(from_us, until_us - 1) // DAY_US * DAY_US
    days = pl.int_range(first, last + 1, DAY_US, eager=True).alias("day_us").to_frame()
    if not changes.height:
        empty = days.clear().with_columns(kind=pl.lit(""), load=pl.lit(0, pl.Int64))
        return FlowLoad(
            definition=DEFINITION, status=Status.NO_DATA, reason="nothing_started", by_kind={}, by_day=empty
        )
    daily = changes.group_by(pl.col("kind").fill_null("unmapped"), "day_us").agg(
        change=(pl.col("arrivals").cast(pl.Int64) - pl.col("departures").cast(pl.Int64)).sum()
    )
    before = daily.filter(pl.col("day_us") < first).group_by("kind").agg(start=pl.col("change").sum())
    by_day = (
        days.join(pl.DataFrame({"kind": kinds}), how="cross")
        .join(daily, on=["day_us", "kind"], how="left")
        .join(before, on="kind", how="left")
        .sort("kind", "day_us")
        .with_columns(
            load=pl.col("start").fill_null(0) + pl.col("change").fill_null(0).cum_sum().over("kind", order_by="day_us")
        )
        .select("day_us", "kind", "load")
    )
    total = by_day.group_by("day_us").agg(pl.col("load").sum()).sort("day_us")["load"]
    now = by_day.filter(pl.col("day_us") == last)
    return FlowLoad(
        definition=DEFINITION,
        status=Status.VALUE,
        now=int(total[-1]),
        mean=float(total.mean()),  # type: ignore[arg-type]  # an integer column, not empty
        by_kind={row["kind"]: row["load"] for row in now.iter_rows(named=True)},
        by_day=by_day,
    )
