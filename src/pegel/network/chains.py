"""What the items of one stream wait for, link by link: chains and circles of open dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from pegel.network.graph import cycles, longest_chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Item numbers, the first blocker first. ``longest``: of most items; ``oldest``: of greatest summed age.

    ``oldest_days``: that sum. ``cycles``: groups of items that wait for each other, each with one of the stream.
    """

    longest: tuple[Any, ...] = ()
    oldest: tuple[Any, ...] = ()
    oldest_days: float = 0.0
    cycles: tuple[tuple[Any, ...], ...] = ()


def chains_of(still: pl.DataFrame, stream: str) -> Chains:
    """Return the chains that end at items of a stream: what they wait for, directly and through others.

    ``still``: the open dependencies of everybody [blocker, blocked, blocked_stream, blocker_stream, age_days]; items by
    number. A chain may lead through other streams.

    >>> still = pl.DataFrame({"blocker": [1, 2, 4], "blocked": [2, 3, 5], "blocker_stream": ["IT", "IT", "IT"],
    ...                       "blocked_stream": ["IT", "Claims", "IT"], "age_days": [5.0, 2.0, 9.0]})
    >>> chains_of(still, "Claims")
    Chains(longest=(1, 2, 3), oldest=(1, 2, 3), oldest_days=7.0, cycles=())
    """
    edges = list(still.select("blocker", "blocked").iter_rows())
    mine = {item for item, of in still.select("blocked", "blocked_stream").iter_rows() if of == stream}
    mine |= {item for item, of in still.select("blocker", "blocker_stream").iter_rows() if of == stream}
    before: dict[int, list[int]] = {}
    for blocker, blocked in edges:
        before.setdefault(blocked, []).append(blocker)
    reached, todo = set(mine), list(mine)
    while todo:
        for blocker in before.get(todo.pop(), ()):
            if blocker not in reached:
                reached.add(blocker)
                todo.append(blocker)
    kept = [edge for edge in edges if edge[0] in reached and edge[1] in reached]
    ages: dict[int, float] = {}
    for blocked, age in still.select("blocked", "age_days").iter_rows():
        ages[blocked] = max(age, ages.get(blocked, 0.0))
    oldest = longest_chain(kept, ages)
    return Chains(
        longest=tuple(longest_chain(kept)),
        oldest=tuple(oldest),
        oldest_days=sum(ages.get(item, 0.0) for item in oldest),
        cycles=tuple(tuple(group) for group in cycles(edges) if mine & set(group)),
    )
