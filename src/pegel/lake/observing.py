"""Observe how items behave in each state: what a workflow suggestion is made from."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pegel.eventlog.observation import StateObservation
from pegel.eventlog.schema import OPEN_US
from pegel.lake.prepared import Prepared


def observe(state: Prepared, streams: Collection[str]) -> dict[str, list[StateObservation]]:
    """Return, per stream, one observation per state and type; open stays last until the last event of the lake."""
    if not streams:
        return {}
    latest = state.latest_us or 0
    places = state.places.filter(pl.col("stream").is_in(list(streams)))
    homes = places["stream_no"].unique()
    parts: list[pl.DataFrame] = []
    followers: list[pl.DataFrame] = []
    for segment in state.scan_segments():
        rows = segment.filter(pl.col("home").is_in(homes.implode())).drop("home", "split").collect()
        part, following = _count(rows, latest)
        parts.append(part)
        followers.append(following)
    if not parts:
        return {}
    summed = pl.concat(parts).group_by("place").sum().join(places, on="place", how="inner").sort("place")
    names = {row["place"]: row["state"] for row in state.places.iter_rows(named=True)}
    following = pl.concat(followers).group_by("place", "next").sum()
    nexts: dict[int, dict[str, int]] = {}
    for place, follower, count in following.sort("place", "next").iter_rows():
        found = nexts.setdefault(place, {})
        found[names[follower]] = found.get(names[follower], 0) + count
    out: dict[str, list[StateObservation]] = {}
    for row in summed.iter_rows(named=True):
        ended = row["entries"] - row["final"]
        out.setdefault(row["stream"], []).append(
            StateObservation(
                state=row["state"],
                type=row["type"],
                entries=row["entries"],
                items=row["items"],
                total_us=row["total_us"],
                first=row["first"],
                final=row["final"],
                open_items=row["final"],
                mean_stay_us=row["ended_us"] // ended if ended else None,
                returns=row["entries"] - row["items"],
                mean_position=row["position"] / row["entries"],
                next=nexts.get(row["place"], {}),
            )
        )
    return out


def _count(rows: pl.DataFrame, latest: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count the stays of one segment (sorted by item and time) per place, and what followed them."""
    starts = pl.col("item") != pl.col("item").shift(1, fill_value=-1)
    last = pl.col("left_us") == OPEN_US
    marked = rows.with_columns(
        first=starts,
        final=last,
        next=pl.when(~last).then(pl.col("place").shift(-1)),
        number=pl.int_range(pl.len(), dtype=pl.Int64).over("item"),
        of=pl.len().over("item"),
        stay_us=pl.when(last)
        .then(pl.max_horizontal(pl.lit(latest) - pl.col("entered_us"), pl.lit(0)))
        .otherwise(pl.col("left_us") - pl.col("entered_us")),
    )
    counted = marked.group_by("place").agg(
        entries=pl.len().cast(pl.Int64),
        items=pl.col("item").n_unique().cast(pl.Int64),
        total_us=pl.col("stay_us").sum(),
        ended_us=pl.col("stay_us").filter(~pl.col("final")).sum(),
        first=pl.col("first").sum().cast(pl.Int64),
        final=pl.col("final").sum().cast(pl.Int64),
        position=(pl.col("number") / pl.max_horizontal(pl.col("of").cast(pl.Int64) - 1, pl.lit(1))).sum(),
    )
    following = marked.filter(pl.col("next").is_not_null()).group_by("place", "next").agg(count=pl.len().cast(pl.Int64))
    return counted, following
