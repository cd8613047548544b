"""Who waits for whom across the whole lake, with the cases behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import from_us
from pegel.flow.attribution import attribute
from pegel.flow.flow_report import default_policy
from pegel.flow.item_windows import item_windows
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake
from pegel.network import stream_network, weekly_flow
from pegel.network.load_transfer import DEFINITION as LOAD_TRANSFER
from pegel.workbench import open_log


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedNetwork:
    """The network, ready to be kept. ``cases``: what lies behind its edges; ``open``: open dependencies of items.

    Both name items as their tool does: ``from_name``, ``to_name``. Who did it is in neither.
    """

    payload: dict[str, Any]
    definitions: tuple[str, ...]
    cases: pl.DataFrame
    open: pl.DataFrame
    as_of: datetime


def compute_network(lake: Lake, joined: Mapping[str, str]) -> ComputedNetwork:
    """Return the network of all streams of a lake, under the policy that suits them together.

    ``joined``: names of the lake that are read as another.

    Raises
    ------
    NotFoundError: ``lake_empty``.
    """
    log = open_log(lake, joined=joined)
    policy = BUILT_IN[default_policy(log)]
    windows = log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
    found = stream_network(log, policy, windows)
    flows, people = weekly_flow(log, policy, windows), _people(log)
    names = lake.items().select(number=pl.col("item_no"), name=pl.col("item")).collect()
    still = found.dependencies.board.filter(pl.col("status") == "open")
    open_ = still.select(
        "blocker", "blocked", "blocker_stream", "blocked_stream", "since_us", "age_days", "waited_days"
    )
    nodes = {row["stream"]: row for row in found.nodes.iter_rows(named=True)}
    return ComputedNetwork(
        payload={
            "status": found.status.value,
            "reason": found.reason,
            "unit": found.unit,
            "weeks": found.weeks,
            "middle_us": found.middle_us,
            "policy": policy.name,
            "cycles": [list(group) for group in found.cycles],
            "streams": [
                {
                    "lake_name": name,
                    "load": flow.load,
                    "finished_per_week": nodes[name]["finished_per_week"] if name in nodes else None,
                    "people": people.get(name),
                    "arrivals": list(flow.arrivals),
                    "departures": list(flow.departures),
                    "least_load": flow.least_load,
                }
                for name, flow in sorted(flows.items())
            ],
        },
        definitions=(found.definition, found.dependencies.definition, LOAD_TRANSFER),
        cases=_named(found.cases, names, "from_item", "to_item"),
        open=_named(open_, names, "blocker", "blocked"),
        as_of=from_us(log.as_of_us),
    )


def _named(table: pl.DataFrame, names: pl.DataFrame, one: str, other: str) -> pl.DataFrame:
    first, second = names.rename({"name": "from_name"}), names.rename({"name": "to_name"})
    return table.join(first, left_on=one, right_on="number", how="left", maintain_order="left").join(
        second, left_on=other, right_on="number", how="left", maintain_order="left"
    )


def _people(log: FlowLog) -> dict[str, int]:
    """Return how many different people the log names in each stream; streams in which it names nobody are not there."""
    known = log.rows().filter(~nw.col("actor").is_null()).select("actor", "place").unique()
    places = log.place_table().select("place", stream=nw.col("stream").cast(nw.String()))
    found = log.engine.collect(known.join(places, on="place", how="left").select("actor", "stream").unique())
    return dict(found.group_by("stream").len().select("stream", pl.col("len").cast(pl.Int64)).iter_rows())
