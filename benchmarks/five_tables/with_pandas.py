"""The five tables in pandas, written by hand; it uses that an item's rows lie together, in order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from five_tables.question import MONDAY_US, Codes, Question
from pegel.eventlog.schema import OPEN_US, WEEK_US


def five_tables(root: Path) -> dict[str, pl.DataFrame]:
    """Return the five tables of the prepared intervals of a lake."""
    question = Question.read(root)
    columns = ["item", "place", "entered_us", "left_us"]
    stays = pd.concat([pd.read_parquet(file, columns=columns) for file in question.files], ignore_index=True)
    places = question.places
    stays["k"] = places["category"].to_numpy()[stays["place"].to_numpy()]
    items = _items(stays, question.now_us)
    last = stays.groupby("item", sort=False)["place"].last().reindex(items.index).to_numpy()
    for name in ("stream", "type", "kind"):
        items[name] = pd.Series(places[name].to_list(), dtype="category").array[last]
    return _tables(items)


def from_transitions(root: Path) -> dict[str, pl.DataFrame]:
    """Return the same tables from the transitions as they were imported, unsorted and by name."""
    question = Question.read(root)
    columns = ["item_no", "at_us", "sequence", "to_state"]
    stays = _read(root / "transitions", columns).rename(columns={"item_no": "item", "at_us": "entered_us"})
    stays = stays.sort_values(["item", "entered_us", "sequence"], kind="stable", ignore_index=True)
    last = stays["item"] != stays["item"].shift(-1)
    stays["left_us"] = stays["entered_us"].shift(-1, fill_value=0).where(~last, OPEN_US)
    stays["k"] = stays["to_state"].map(question.category_of_state).astype("int8")
    items = _items(stays, question.now_us)
    names = _read(root / "items", ["item_no", "stream", "type"]).set_index("item_no")
    names["kind"] = names["type"].map(question.kind_of_type)
    for name in ("stream", "type", "kind"):
        items[name] = names[name].astype("category").reindex(items.index)
    return _tables(items)


def _read(folder: Path, columns: list[str]) -> pd.DataFrame:
    files = sorted(folder.rglob("*.parquet"))
    return pd.concat([pd.read_parquet(file, columns=columns, partitioning=None) for file in files], ignore_index=True)


def _items(stays: pd.DataFrame, now_us: int) -> pd.DataFrame:
    """Return [done, start, end, worked, flow], one row per item that ever did anything but pause."""
    length = np.where(stays["left_us"] == OPEN_US, now_us, stays["left_us"]) - stays["entered_us"]
    stays["worked"] = np.where(stays["k"] == Codes.ACTIVE, length, 0)
    active_us = stays.groupby("item", sort=False)["worked"].sum()
    start = stays[stays["k"] == Codes.ACTIVE].groupby("item", sort=False)["entered_us"].first().rename("start")
    deciding = stays[stays["k"] != Codes.IGNORED]
    enters = (deciding["item"] != deciding["item"].shift(1)) | (deciding["k"] != deciding["k"].shift(1))
    last = deciding[enters].groupby("item", sort=False)[["k", "entered_us"]].last()
    items = last.join(start).join(active_us)
    items["done"] = items["k"] == Codes.DONE
    items["end"] = items["entered_us"].where(items["k"].isin([Codes.DONE, Codes.CANCELLED])).astype("Int64")
    items["start"] = items["start"].astype("Int64")
    pauses = stays.loc[stays["k"] == Codes.IGNORED, ["item", "entered_us", "left_us"]].join(
        items.loc[items["done"], ["start", "end"]], on="item", how="inner"
    )
    inside = (pauses["entered_us"] >= pauses["start"]) & (pauses["entered_us"] < pauses["end"])
    pauses = pauses[inside.fillna(value=False)]
    paused = (pauses["left_us"] - pauses["entered_us"]).groupby(pauses["item"]).sum()
    items["flow"] = (items["end"] - items["start"]).where(items["done"]) - paused.reindex(items.index).fillna(0)
    return items


def _tables(items: pd.DataFrame) -> dict[str, pl.DataFrame]:
    items["week_us"] = _week(items["end"])
    finished = items[items["done"]]
    by_week = ["stream", "week_us"]
    velocity = finished.groupby(["stream", "type", "week_us"], observed=True).size().rename("finished").reset_index()
    timed = finished[finished["flow"].notna()].astype({"flow": "int64"})
    groups = timed.groupby(by_week, observed=True)
    times = groups["flow"].agg(n="size", mean_us="mean")
    percentiles = groups["flow"].quantile([0.5, 0.7, 0.85, 0.95]).unstack()
    percentiles.columns = ["p50_us", "p70_us", "p85_us", "p95_us"]
    sums = groups.agg(active_us=("worked", "sum"), flow_us=("flow", "sum")).reset_index()
    started = items[items["start"].notna()]
    arrived = pd.DataFrame({"stream": started["stream"], "week_us": _week(started["start"]), "change": 1})
    over = started[started["end"].notna()]
    left = pd.DataFrame({"stream": over["stream"], "week_us": over["week_us"], "change": -1})
    changes = pd.concat([arrived, left]).groupby(by_week, observed=True)["change"].sum().reset_index()
    changes["load"] = changes.groupby("stream", observed=True)["change"].cumsum()
    shares = finished.groupby([*by_week, "kind"], observed=True).size().rename("n").reset_index()
    shares["share"] = shares["n"] / shares.groupby(by_week, observed=True)["n"].transform("sum")
    tables = {
        "velocity": velocity,
        "flow_time": times.join(percentiles).reset_index(),
        "efficiency": sums,
        "load": changes[[*by_week, "load"]],
        "distribution": shares[[*by_week, "kind", "share"]],
    }
    return {
        name: pl.DataFrame({column: table[column].to_list() for column in table.columns})
        for name, table in tables.items()
    }


def _week(moments: pd.Series) -> pd.Series:
    return (moments + MONDAY_US) // WEEK_US * WEEK_US - MONDAY_US
