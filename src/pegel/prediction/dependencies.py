"""Dependencies between items: what has to be done before what, in which order, and where that goes round in circles.

``A blocks B``: B starts after A is done. ``A parent B`` (A is the parent of B): A is done no earlier than B. Only items
that are not finished matter; open blockers and children of a chosen item are added to the chosen ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final

import narwhals as nw

from pegel.flow.log import FlowLog

_KINDS: Final = ("blocks", "parent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """``order``: the chosen items and the added ones, each after what it waits for. ``added``: items nobody asked for.

    ``blockers``: items that must be done before an item starts; ``children``: before it is done. ``cycle``: items that
    wait for each other, in a circle; ``order`` is empty then.
    """

    order: tuple[int, ...]
    added: frozenset[int]
    blockers: Mapping[int, frozenset[int]]
    children: Mapping[int, frozenset[int]]
    cycle: tuple[int, ...] = ()


def dependencies(log: FlowLog, chosen: Sequence[int], unfinished: Collection[int]) -> Dependencies:
    """Return what the chosen unfinished items wait for, by the log's links.

    ``chosen``: in the order in which they are to be done. ``unfinished``: every item that is not finished.
    """
    kept = frozenset(unfinished)
    numbers = log.engine.table({"item": sorted(kept)}, {"item": nw.Int32()})
    links = (
        log.links_of(*_KINDS)
        .select("item", "kind", "other")
        .join(numbers, on="item", how="inner")
        .join(numbers.select(other="item"), on="other", how="inner")
        .unique()
    )
    return arranged(chosen, log.engine.collect(links).rows())


def arranged(chosen: Sequence[int], links: Iterable[tuple[int, str, int]]) -> Dependencies:
    """Arrange items by links (item, "blocks" | "parent", other).

    >>> found = arranged([1, 2], [(3, "blocks", 1), (1, "parent", 4)])
    >>> found.order, sorted(found.added)
    ((3, 4, 1, 2), [3, 4])
    >>> arranged([1], [(1, "blocks", 2), (2, "blocks", 1)]).cycle
    (1, 2)
    """
    blockers: dict[int, set[int]] = {}
    children: dict[int, set[int]] = {}
    for item, kind, other in links:
        waiting, first = (other, item) if kind == "blocks" else (item, other)
        (blockers if kind == "blocks" else children).setdefault(waiting, set()).add(first)
    rank: dict[int, float] = {}
    pending = list(dict.fromkeys(chosen))
    for position, item in enumerate(pending):
        rank[item] = float(position)
    added: set[int] = set()
    while pending:
        item = pending.pop()
        for first in sorted(_before(item, blockers, children)):
            # Whatever is added belongs right before the first item that needs it.
            if first not in rank:
                added.add(first)
                pending.append(first)
                rank[first] = rank[item]
            elif first in added and rank[item] < rank[first]:
                rank[first] = rank[item]
                pending.append(first)
    order = _sorted(rank, blockers, children)
    frozen = (
        {item: frozenset(firsts) for item, firsts in part.items() if item in rank} for part in (blockers, children)
    )
    return Dependencies(
        order=tuple(order) if len(order) == len(rank) else (),
        added=frozenset(added),
        blockers=next(frozen),
        children=next(frozen),
        cycle=() if len(order) == len(rank) else _circle(set(rank) - set(order), blockers, children),
    )


def _before(item: int, blockers: Mapping[int, set[int]], children: Mapping[int, set[int]]) -> set[int]:
    return blockers.get(item, set()) | children.get(item, set())


def _sorted(rank: dict[int, float], blockers: dict[int, set[int]], children: dict[int, set[int]]) -> list[int]:
    """Sort so that nothing comes before what it waits for, and otherwise in the given order (Kahn)."""
    missing = {item: len(_before(item, blockers, children)) for item in rank}
    after: dict[int, list[int]] = {}
    for item in rank:
        for first in _before(item, blockers, children):
            after.setdefault(first, []).append(item)
    ready = [(rank[item], item) for item, count in missing.items() if count == 0]
    heapify(ready)
    out: list[int] = []
    while ready:
        _, item = heappop(ready)
        out.append(item)
        for later in after.get(item, []):
            missing[later] -= 1
            if missing[later] == 0:
                heappush(ready, (rank[later], later))
    return out


def _circle(stuck: set[int], blockers: dict[int, set[int]], children: dict[int, set[int]]) -> tuple[int, ...]:
    """Return one circle among items that could not be sorted, each before the one that waits for it."""
    item = min(stuck)
    path: list[int] = []
    while item not in path:
        path.append(item)
        item = min(_before(item, blockers, children) & stuck)
    circle = path[path.index(item) :][::-1]
    first = circle.index(min(circle))
    return tuple(circle[first:] + circle[:first])
