"""The value stream network: which stream waits for which, how much, and for how long.

Definition
    Nodes are value streams. An edge leads from the stream that is waited for to the stream that waits:
    *blocks* (an item of the first blocks one of the second), *parent* (the parent lies in the first, the child in the
    second), *relates* (linked otherwise) and *moves* (an item left the first and went on in the second).
    *Waited*: for blocks, the waiting of the blocked items during the dependency (see ``dependencies``); for moves, the
    time from the move until work began in the receiving stream. Parent and related links do not make anybody wait.
    *Waited for* (of a stream): what other streams waited for its items, over edges of kind blocks.
    ``p50_days``, ``p85_days``: of the waiting of single dependencies (moves).
    *Overtaken*: of the dependencies (moves) of an edge that were resolved (taken up), the share that one which came
    later was served before: 0 is first come, first served.
    *Trend*: begun in the second half of the observed time against the first half.
Unit
    Days of the log's time; per week of 7 days.
Source
    Kersten, *Project to Product* (2018), ch. 9 (value stream networks).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import WEEK_US
from pegel.flow.answer import Answer, Status
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.network.dependencies import Dependencies, dependencies
from pegel.network.graph import cycles
from pegel.network.moves import PEOPLE, moves, shared_people, team_hand_offs

DEFINITION: Final = "value_stream_network/1"
EDGES: Final[dict[str, pl.DataType]] = {
    "from_stream": pl.String(),
    "to_stream": pl.String(),
    "kind": pl.String(),  # blocks | parent | relates | moves
    "volume": pl.Int64(),
    "per_week": pl.Float64(),
    "open": pl.Int64(),
    "waited_days": pl.Float64(),  # null: this kind of edge makes nobody wait
    "p50_days": pl.Float64(),  # of single dependencies and moves; null: as above
    "p85_days": pl.Float64(),
    "overtaken": pl.Float64(),  # null: nothing was served yet
    "first_half": pl.Int64(),
    "second_half": pl.Int64(),
}
#: What lies behind the edges: one row per dependency, move or other link between two streams.
CASES: Final[dict[str, pl.DataType]] = {
    "from_stream": pl.String(),
    "to_stream": pl.String(),
    "kind": pl.String(),
    "from_item": pl.Int32(),  # the one that is waited for
    "to_item": pl.Int32(),  # the one that waits; for moves the same item
    "came_us": pl.Int64(),  # null: unknown since when
    "served_us": pl.Int64(),  # null: not resolved, not taken up
    "open": pl.Boolean(),
    "waited_days": pl.Float64(),  # null: this kind makes nobody wait
}
NODES: Final[dict[str, pl.DataType]] = {
    "stream": pl.String(),
    "load": pl.Int64(),
    "waits_days": pl.Float64(),
    "waited_for_days": pl.Float64(),
    "finished_per_week": pl.Float64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamNetwork(Answer):
    """``nodes``: [stream, load, finished_per_week, waits_days, waited_for_days]; ``edges``: columns of ``EDGES``.

    ``cases``: what lies behind the edges, columns of ``CASES``; ``middle_us``: the middle of the observed time.

    ``most_waited_for``: the stream that others waited longest for, ``most_waited_days`` how long. ``cycles``: streams
    that block each other in a circle. ``teams``: [from_team, to_team, hand_offs, items]. ``people``: [one, other,
    people] who work in two streams; ``people_status``: whether the log names anybody. ``dependencies``: of items.
    """

    unit: str = "days"
    weeks: float = 0.0
    middle_us: int = 0
    most_waited_for: str | None = None
    most_waited_days: float = 0.0
    cycles: tuple[tuple[str, ...], ...] = ()
    nodes: pl.DataFrame
    edges: pl.DataFrame
    cases: pl.DataFrame
    teams: pl.DataFrame
    people: pl.DataFrame
    people_status: Status
    dependencies: Dependencies


def stream_network(log: FlowLog, policy: Policy, windows: nw.LazyFrame[Any]) -> StreamNetwork:
    """Return the network of the log's streams; ``windows``: item windows attributed with ``all_streams``.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Waits: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-01", "Doing"), ("A", "2026-01-06", "Done"), ("B", "2026-01-02", "Doing"),
    ...                    ("B", "2026-01-03", "Waits"), ("B", "2026-01-08", "Done")], workflow,
    ...                   links=[("A", "blocks", "B")], stream={"A": "IT", "B": "Claims"})
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> network = stream_network(log, policy, attribute(log, policy, item_windows(log, policy), all_streams=True))
    >>> network.most_waited_for, network.most_waited_days
    ('IT', 3.0)
    """
    moved = moves(log)
    if not moved.height and not log.engine.collect(log.links.select(nw.len())).item():
        return _not_configured(log, dependencies(log, policy, windows))
    windows = log.engine.keep(windows)
    found = dependencies(log, policy, windows)
    linked = _linked(log, windows)
    people = shared_people(log)
    first, last = _observed(log, windows)
    weeks = max((last - first) / WEEK_US, 1 / 7)
    middle_us = (first + last) // 2
    cases = _cases(log, found, moved, linked)
    if log.streams is not None:
        names = sorted(log.streams)
        cases = cases.filter(pl.col("from_stream").is_in(names) | pl.col("to_stream").is_in(names))
    edges = edges_of(cases, weeks=weeks, middle_us=middle_us)
    nodes = _nodes(log, windows, edges, weeks)
    blocking = edges.filter(pl.col("kind") == "blocks")
    most = nodes.filter(pl.col("waited_for_days") > 0).sort("waited_for_days", "stream", descending=[True, False])
    return StreamNetwork(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        weeks=weeks,
        middle_us=middle_us,
        most_waited_for=most["stream"][0] if most.height else None,
        most_waited_days=most["waited_for_days"][0] if most.height else 0.0,
        cycles=_cycles(blocking),
        nodes=nodes,
        edges=edges,
        cases=cases,
        teams=team_hand_offs(log),
        people=pl.DataFrame(schema=PEOPLE) if people is None else people,
        people_status=Status.NOT_CONFIGURED if people is None else Status.VALUE,
        dependencies=found,
    )


def _not_configured(log: FlowLog, found: Dependencies) -> StreamNetwork:
    return StreamNetwork(
        definition=DEFINITION,
        status=Status.NOT_CONFIGURED,
        reason="no_links",
        unit=log.unit,
        nodes=pl.DataFrame(schema=NODES),
        edges=pl.DataFrame(schema=EDGES),
        cases=pl.DataFrame(schema=CASES),
        teams=team_hand_offs(log),
        people=pl.DataFrame(schema=PEOPLE),
        people_status=Status.NOT_CONFIGURED,
        dependencies=found,
    )


def if_relieved(network: StreamNetwork, stream: str, share: float) -> float:
    """Return the days of waiting that would go if others waited ``share`` (0 to 1) less for a stream: an upper bound.

    It is linear, and it assumes that nothing else takes the place of the wait that goes.
    """
    if not 0 <= share <= 1:
        raise ValueError("share must lie between 0 and 1")
    mine = network.nodes.filter(pl.col("stream") == stream)["waited_for_days"]
    return share * float(mine.sum())


def overtaken_share(came: np.ndarray, served: np.ndarray) -> float | None:
    """Return the share of those served that one which came later was served before; None: nobody was served.

    >>> overtaken_share(np.array([1, 2, 3]), np.array([10, 5, 20]))
    0.3333333333333333
    """
    if not len(came):
        return None
    order = np.argsort(came, kind="stable")
    times = served[order]
    earliest_after = np.minimum.accumulate(times[::-1])[::-1]
    return float((earliest_after[1:] < times[:-1]).sum() / len(times))


def edges_of(cases: pl.DataFrame, *, weeks: float, middle_us: int) -> pl.DataFrame:
    """Return the edges that some cases make, the ones most waited over first; columns of ``EDGES``."""
    late = pl.col("came_us") >= middle_us
    waited = pl.col("waited_days")
    grouped = cases.group_by("from_stream", "to_stream", "kind").agg(
        volume=pl.len().cast(pl.Int64),
        open=pl.col("open").sum().cast(pl.Int64),
        p50_days=waited.quantile(0.5, "linear"),
        p85_days=waited.quantile(0.85, "linear"),
        waited_days=pl.when(waited.is_not_null().any()).then(waited.sum()),
        first_half=(~late).sum().cast(pl.Int64),
        second_half=late.sum().cast(pl.Int64),
        came=pl.col("came_us").filter(pl.col("served_us").is_not_null()),
        served=pl.col("served_us").drop_nulls(),
    )
    overtaken = [
        overtaken_share(came.to_numpy(), served.to_numpy())
        for came, served in zip(grouped["came"], grouped["served"], strict=True)
    ]
    return (
        grouped.with_columns(
            per_week=pl.col("volume") / weeks, overtaken=pl.Series(overtaken, dtype=pl.Float64, strict=False)
        )
        .select(pl.col(name).cast(kind) for name, kind in EDGES.items())
        .sort("waited_days", "volume", "from_stream", "to_stream", "kind", descending=[True, True, False, False, False],
              nulls_last=True)
    )  # fmt: skip


def _cases(log: FlowLog, found: Dependencies, moved: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    blocks = found.board.select(
        from_stream="blocker_stream",
        to_stream="blocked_stream",
        kind=pl.lit("blocks"),
        from_item="blocker",
        to_item="blocked",
        came_us="since_us",
        served_us=pl.when(pl.col("status") == "resolved").then("until_us"),
        open=pl.col("status") == "open",
        waited_days="waited_days",
    )
    going = moved.select(
        "from_stream",
        "to_stream",
        kind=pl.lit("moves"),
        from_item="item",
        to_item="item",
        came_us="at_us",
        served_us="taken_up_us",
        open=pl.col("taken_up_us").is_null(),
        waited_days=pl.col("waited_us") / log.day_us,
    )
    ties = linked.select(
        "from_stream",
        "to_stream",
        "kind",
        from_item="item",
        to_item="other",
        came_us="at_us",
        served_us=pl.lit(None, pl.Int64),
        open=pl.lit(value=False),
        waited_days=pl.lit(None, pl.Float64),
    )
    every = pl.concat([part.select(pl.col(name).cast(kind) for name, kind in CASES.items())
                       for part in (blocks, going, ties)])  # fmt: skip
    return every.filter(pl.col("from_stream") != pl.col("to_stream"))


def _nodes(log: FlowLog, windows: nw.LazyFrame[Any], edges: pl.DataFrame, weeks: float) -> pl.DataFrame:
    started = ~nw.col("start_us").is_null()
    one, none = nw.lit(1, dtype=nw.Int64()), nw.lit(0, dtype=nw.Int64())
    counted = log.engine.collect(
        windows.with_columns(
            load=nw.when((nw.col("ending") == int(Ending.OPEN)) & started).then(one).otherwise(none),
            finished=nw.when(nw.col("ending") == int(Ending.DONE)).then(one).otherwise(none),
        )
        .group_by("stream")
        .agg(nw.col("load", "finished").sum())
    )
    blocking = edges.filter(pl.col("kind") == "blocks")
    waits = blocking.group_by(stream="to_stream").agg(waits_days=pl.col("waited_days").sum())
    waited_for = blocking.group_by(stream="from_stream").agg(waited_for_days=pl.col("waited_days").sum())
    nodes = (
        counted.join(waits, on="stream", how="left")
        .join(waited_for, on="stream", how="left")
        .with_columns(pl.col("waits_days", "waited_for_days").fill_null(0.0))
        .select("stream", "load", "waits_days", "waited_for_days", finished_per_week=pl.col("finished") / weeks)
        .sort("waited_for_days", "stream", descending=[True, False])
    )
    if log.streams is None:
        return nodes
    touched = {*log.streams, *edges["from_stream"], *edges["to_stream"]}
    return nodes.filter(pl.col("stream").is_in(sorted(touched)))


def _linked(log: FlowLog, windows: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return [kind, from_stream, to_stream, item, other, at_us] of links that make nobody wait."""
    links = log.engine.collect(log.links_of("parent", "relates", "duplicates")).drop_nulls("other")
    if not links.height:
        return pl.DataFrame(
            schema={
                "kind": pl.String(),
                "from_stream": pl.String(),
                "to_stream": pl.String(),
                "item": pl.Int32(),
                "other": pl.Int32(),
                "at_us": pl.Int64(),
            }
        )
    streams = log.engine.collect(windows.select("item", "stream"))
    joined = (
        links.unique(["item", "kind", "other"])
        .join(streams.rename({"stream": "from_stream"}), on="item")
        .join(streams.rename({"item": "other", "stream": "to_stream"}), on="other")
    )
    kind = pl.when(pl.col("kind") == "parent").then(pl.lit("parent")).otherwise(pl.lit("relates"))
    # Related items have no direction: the edge leads from the stream that comes first in the alphabet.
    turned = (pl.col("kind") == "relates") & (pl.col("from_stream") > pl.col("to_stream"))
    named = joined.with_columns(kind=kind)
    return named.select(
        "kind",
        from_stream=pl.when(turned).then("to_stream").otherwise("from_stream"),
        to_stream=pl.when(turned).then("from_stream").otherwise("to_stream"),
        item=pl.when(turned).then("other").otherwise("item"),
        other=pl.when(turned).then("item").otherwise("other"),
        at_us="at_us",
    )


def _observed(log: FlowLog, windows: nw.LazyFrame[Any]) -> tuple[int, int]:
    first = log.engine.collect(windows.select(nw.col("first_us").min())).item()
    return (log.as_of_us if first is None else min(first, log.as_of_us)), log.as_of_us


def _cycles(blocking: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    names = sorted({*blocking["from_stream"], *blocking["to_stream"]})
    number = {name: place for place, name in enumerate(names)}
    edges = [(number[source], number[target]) for source, target in blocking["from_stream", "to_stream"].iter_rows()]
    return tuple(tuple(names[place] for place in group) for group in cycles(edges))
