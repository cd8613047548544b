"""Dependencies between items: who waits for whom, since when, and what that has cost.

Definition
    A dependency is a link "A blocks B". It begins when the link was made (where that is unknown: when both items
    existed) and is open until A is done, cancelled or deleted, or B ends although A is still open ("ended anyway").
    B has *waited* for A the time of B's window, within the dependency, that B spent in states that are not work.
Unit
    Days of the log's time (elapsed, or working days).
Clock
    The policy's windows; ages are up to the log's moment.
Chains
    Over the open dependencies: the longest one by items, and the one whose items are oldest in sum (what to unblock
    first). Items that wait for each other in a circle are reported as cycles: nobody can finish them as they are.
Source
    Blocked-by links as in Jira, Azure Boards and Lighthouse; the chain is the critical path of Kelley & Walker,
    *Critical-Path Planning and Scheduling* (1959), with ages instead of estimates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Answer, Status
from pegel.flow.item_windows import clip, paused_stays
from pegel.flow.log import FlowLog
from pegel.network.graph import cycles, longest_chain

DEFINITION: Final = "dependencies/1"
BOARD: Final[dict[str, pl.DataType]] = {
    "blocked": pl.Int32(),
    "blocker": pl.Int32(),
    "blocked_stream": pl.String(),
    "blocker_stream": pl.String(),
    "blocker_team": pl.String(),  # null: unknown
    "status": pl.String(),  # open | resolved | ended_anyway
    "since_us": pl.Int64(),
    "until_us": pl.Int64(),  # null: open
    "age_us": pl.Int64(),
    "waited_us": pl.Int64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies(Answer):
    """``board``: [blocked, blocker, blocked_stream, blocker_stream, blocker_team, status, since_us, until_us, days …].

    ``open``, ``across``: open dependencies, and how many of all lie between two streams. ``waited_days``: in all.
    ``outside``: links whose blocker the lake does not have. ``longest``: item numbers, the first blocker first;
    ``oldest``: the chain of greatest summed age, ``oldest_days`` that sum. ``cycles``: groups of item numbers.
    ``teams``: whether the log says which team an item belongs to.
    """

    unit: str = "days"
    n: int = 0
    open: int = 0
    across: int = 0
    waited_days: float = 0.0
    outside: int = 0
    longest: tuple[int, ...] = ()
    oldest: tuple[int, ...] = ()
    oldest_days: float = 0.0
    cycles: tuple[tuple[int, ...], ...] = ()
    teams: Status = Status.NOT_CONFIGURED
    board: pl.DataFrame


def dependencies(log: FlowLog, policy: Policy, windows: nw.LazyFrame[Any]) -> Dependencies:
    """Return the dependencies in which an item of the log's streams waits or is waited for.

    ``windows``: item windows attributed with ``all_streams``.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Waits: waiting, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-01", "Doing"), ("A", "2026-01-06", "Done"), ("B", "2026-01-02", "Doing"),
    ...                    ("B", "2026-01-03", "Waits"), ("B", "2026-01-08", "Done")], workflow,
    ...                   links=[("A", "blocks", "B")])
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> found = dependencies(log, policy, attribute(log, policy, item_windows(log, policy), all_streams=True))
    >>> found.n, found.waited_days  # B waits from the 3rd; A is done on the 6th
    (1, 3.0)
    """
    links = log.engine.collect(log.links_of("blocks"))
    if not links.height:
        return Dependencies(
            definition=DEFINITION, status=Status.NOT_CONFIGURED, reason="no_links", unit=log.unit, board=_empty()
        )
    outside = links.filter(pl.col("other").is_null()).height
    pairs = (
        links.drop_nulls("other")
        .group_by(blocker="item", blocked="other")
        .agg(pl.col("at_us").min())
        .sort("blocked", "blocker")
    )
    ends = _ends(log, windows, pairs)
    board = _board(log, pairs, ends)
    if log.streams is not None:
        names = sorted(log.streams)
        board = board.filter(pl.col("blocked_stream").is_in(names) | pl.col("blocker_stream").is_in(names))
    board = board.join(_waited(log, policy, board), on=["blocked", "blocker"], how="left", maintain_order="left")
    board = board.with_columns(pl.col("waited_us").fill_null(0))
    teams = _teams(log)
    board = board.join(teams, left_on="blocker", right_on="item", how="left", maintain_order="left")
    return _summary(log, board.select(*BOARD), outside, Status.VALUE if teams.height else Status.NOT_CONFIGURED)


def _summary(log: FlowLog, board: pl.DataFrame, outside: int, teams: Status) -> Dependencies:
    still = board.filter(pl.col("status") == "open")
    edges = list(still.select("blocker", "blocked").iter_rows())
    ages = dict(still.group_by("blocked").agg(pl.col("age_us").max()).iter_rows())
    oldest = longest_chain(edges, {item: float(age) for item, age in ages.items()})
    days = board.with_columns(age_days=pl.col("age_us") / log.day_us, waited_days=pl.col("waited_us") / log.day_us)
    return Dependencies(
        definition=DEFINITION,
        status=Status.VALUE if board.height else Status.NO_DATA,
        reason=None if board.height else "no_dependencies",
        unit=log.unit,
        n=board.height,
        open=still.height,
        across=board.filter(pl.col("blocked_stream") != pl.col("blocker_stream")).height,
        waited_days=sum(board["waited_us"].to_list()) / log.day_us,
        outside=outside,
        longest=tuple(longest_chain(edges)),
        oldest=tuple(oldest),
        oldest_days=sum(ages.get(item, 0) for item in oldest) / log.day_us,
        cycles=tuple(tuple(group) for group in cycles(edges)),
        teams=teams,
        board=days.drop("age_us", "waited_us").sort(
            pl.col("status") != "open", "age_days", "blocked", "blocker", descending=[False, True, False, False]
        ),
    )


def _empty() -> pl.DataFrame:
    names = {name: kind for name, kind in BOARD.items() if name not in ("age_us", "waited_us")}
    return pl.DataFrame(schema={**names, "age_days": pl.Float64(), "waited_days": pl.Float64()})


def _ends(log: FlowLog, windows: nw.LazyFrame[Any], pairs: pl.DataFrame) -> pl.DataFrame:
    """Windows of the items at either end of a link."""
    numbers = pl.concat([pairs["blocker"], pairs["blocked"]]).unique().sort()
    chosen = log.engine.table({"item": numbers.to_list()}, {"item": nw.Int32()})
    return log.engine.collect(
        windows.select("item", "stream", "first_us", "start_us", "end_us", "ending").join(
            chosen, on="item", how="inner"
        )
    )


def _board(log: FlowLog, pairs: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """When each dependency began and ended."""
    columns = ["item", "stream", "first_us", "start_us", "end_us", "ending"]
    blocker = ends.select(pl.col(columns).name.prefix("blocker_"))
    blocked = ends.select(pl.col(columns).name.prefix("blocked_"))
    joined = pairs.join(blocker, left_on="blocker", right_on="blocker_item", how="inner").join(
        blocked, left_on="blocked", right_on="blocked_item", how="inner"
    )
    over, ended = pl.col("blocker_end_us"), pl.col("blocked_end_us")
    since = pl.max_horizontal(pl.col("at_us"), "blocker_first_us", "blocked_first_us")
    status = (
        pl.when(over.is_not_null() & (ended.is_null() | (over <= ended)))
        .then(pl.lit("resolved"))
        .when(ended.is_not_null())
        .then(pl.lit("ended_anyway"))
        .otherwise(pl.lit("open"))
    )
    dated = joined.with_columns(since_us=since, until_us=pl.min_horizontal(over, ended), status=status).with_columns(
        # A link to an item that was finished already never held anybody up.
        until_us=pl.when(pl.col("until_us") < pl.col("since_us")).then("since_us").otherwise("until_us")
    )
    aged = log.measure(
        nw.from_native(dated.with_columns(to_us=pl.col("until_us").fill_null(log.as_of_us)).lazy()),
        start="since_us",
        end="to_us",
        into="age_us",
    )
    return log.engine.collect(aged).sort("blocked", "blocker")


def _waited(log: FlowLog, policy: Policy, board: pl.DataFrame) -> pl.DataFrame:
    """Return [blocked, blocker, waited_us]: waiting of the blocked item's window within each dependency."""
    active = log.in_category(StateCategory.ACTIVE)
    bounds = board.filter(pl.col("blocked_start_us").is_not_null()).select(
        "blocked",
        "blocker",
        begin_us=pl.max_horizontal("since_us", "blocked_start_us"),
        finish_us=pl.min_horizontal(pl.col("until_us").fill_null(OPEN_US), pl.lit(log.as_of_us)),
    )
    if not bounds.height:
        return pl.DataFrame(schema={"blocked": pl.Int32(), "blocker": pl.Int32(), "waited_us": pl.Int64()})
    idle = paused_stays(log, policy) if active is None else paused_stays(log, policy) | active
    overlapping = (
        log.rows()
        .select("item", "entered_us", "left_us", counts_not=idle)
        .filter(~nw.col("counts_not"))
        .join(nw.from_native(bounds.lazy()), left_on="item", right_on="blocked", how="inner")
        .filter((nw.col("entered_us") < nw.col("finish_us")) & (nw.col("left_us") > nw.col("begin_us")))
    )
    clipped = clip(log, overlapping, begin="begin_us", until="finish_us")
    return log.engine.collect(
        clipped.group_by("item", "blocker").agg(waited_us=nw.col("inside").sum()).rename({"item": "blocked"})
    )


def _teams(log: FlowLog) -> pl.DataFrame:
    """Return [item, blocker_team]: the team of each item as it was last set; a team, never a person."""
    changes = log.engine.collect(log.changes_of("team"))
    return (
        changes.sort("item", "at_us", "sequence")
        .group_by("item")
        .agg(blocker_team=pl.col("to_value").last())
        .drop_nulls("blocker_team")
    )
