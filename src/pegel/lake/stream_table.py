"""What streams a lake holds, at a glance."""

from __future__ import annotations

import polars as pl

from pegel.lake.store import Lake
from pegel.lake.workflows import workflows


def stream_table(lake: Lake) -> pl.DataFrame:
    """Return [stream, items, states, first_us, last_us, log_kind, mapping], one row per stream that items are in today.

    ``mapping``: ``confirmed`` or ``suggested``; ``log_kind``: states, activities, intervals or dates.
    """
    state = lake.prepared()
    mapping = {stream: workflow.status for stream, workflow in workflows(lake).items()}
    kinds = lake.log_kinds()
    names = state.places.select(home="stream_no", stream="stream").unique()
    rows = state.scan().group_by("home").agg(items=pl.col("item").n_unique().cast(pl.Int64)).collect(engine="streaming")
    states = state.places.group_by("stream").agg(states=pl.col("state").n_unique().cast(pl.Int64))
    return (
        rows.join(names, on="home", how="left")
        .join(states, on="stream", how="left")
        .join(state.spans, on="stream", how="left")
        .with_columns(
            log_kind=pl.col("stream").replace_strict(kinds, default="states", return_dtype=pl.String),
            mapping=pl.col("stream").replace_strict(mapping, default="suggested", return_dtype=pl.String),
        )
        .select("stream", "items", "states", "first_us", "last_us", "log_kind", "mapping")
        .sort("stream")
    )
