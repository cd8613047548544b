"""Directed graphs of integers: cycles and longest chains, without recursion, in linear time.

Source: Tarjan, *Depth-First Search and Linear Graph Algorithms*, SIAM Journal on Computing 1 (1972) 146–160.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Edge = tuple[int, int]


def components(edges: Iterable[Edge]) -> list[list[int]]:
    """Return the strongly connected components, each sorted, successors before predecessors.

    >>> components([(1, 2), (2, 3), (3, 2), (3, 4)])
    [[4], [2, 3], [1]]
    """
    after = _successors(edges)
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    stack: list[int] = []
    open_nodes: set[int] = set()
    found: list[list[int]] = []
    for root in sorted(after):
        if root in number:
            continue
        walk = [(root, iter(after[root]))]
        number[root] = lowest[root] = len(number)
        stack.append(root)
        open_nodes.add(root)
        while walk:
            node, rest = walk[-1]
            for other in rest:
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    stack.append(other)
                    open_nodes.add(other)
                    walk.append((other, iter(after[other])))
                    break
                if other in open_nodes:
                    lowest[node] = min(lowest[node], number[other])
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    found.append(_closed(node, stack, open_nodes))
    return found


def cycles(edges: Iterable[Edge]) -> list[list[int]]:
    """Return the groups of nodes that wait for each other in a circle, the largest first; a node may wait for itself.

    >>> cycles([(1, 2), (2, 1), (3, 3), (4, 5)])
    [[1, 2], [3]]
    """
    listed = list(edges)
    themselves = {source for source, target in listed if source == target}
    groups = [group for group in components(listed) if len(group) > 1 or group[0] in themselves]
    return sorted(groups, key=lambda group: (-len(group), group))


def longest_chain(edges: Iterable[Edge], weight: Mapping[int, float] | None = None) -> list[int]:
    """Return the chain of most nodes (or of greatest weight), the first one first; a circle counts with all its nodes.

    Of equally long chains the one with the smaller numbers is returned, so that the answer is always the same.

    >>> longest_chain([(1, 2), (2, 3), (1, 3), (4, 5)])
    [1, 2, 3]
    >>> longest_chain([(1, 2), (2, 3), (4, 5)], {1: 1, 2: 1, 3: 1, 4: 5, 5: 5})
    [4, 5]
    """
    listed = sorted(set(edges))
    groups = components(listed)
    group_of = {node: place for place, group in enumerate(groups) for node in group}
    following: dict[int, set[int]] = {}
    for source, target in listed:
        if group_of[source] != group_of[target]:
            following.setdefault(group_of[source], set()).add(group_of[target])
    best: list[float] = []
    next_of: list[int | None] = []
    for place, group in enumerate(groups):  # successors come first
        own = sum(1.0 if weight is None else weight.get(node, 0.0) for node in group)
        after = sorted(following.get(place, ()), key=lambda other: (-best[other], groups[other]))
        best.append(own + (best[after[0]] if after else 0.0))
        next_of.append(after[0] if after else None)
    if not groups:
        return []
    at: int | None = min(range(len(groups)), key=lambda one: (-best[one], groups[one]))
    chain: list[int] = []
    while at is not None:
        chain += groups[at]
        at = next_of[at]
    return chain


def _successors(edges: Iterable[Edge]) -> dict[int, list[int]]:
    after: dict[int, list[int]] = {}
    for source, target in sorted(set(edges)):
        after.setdefault(source, []).append(target)
        after.setdefault(target, [])
    return after


def _closed(node: int, stack: list[int], open_nodes: set[int]) -> list[int]:
    group = []
    while True:
        last = stack.pop()
        open_nodes.discard(last)
        group.append(last)
        if last == node:
            return sorted(group)
