"""Cycles and chains against naive references, and at sizes that recursion would not survive."""

from __future__ import annotations

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from pegel.network.graph import components, cycles, longest_chain

EDGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14)


def reachable(edges: list[tuple[int, int]], source: int) -> set[int]:
    seen: set[int] = set()
    todo = [source]
    while todo:
        node = todo.pop()
        for one, other in edges:
            if one == node and other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


@given(EDGES)
def test_a_cycle_is_a_group_that_reaches_itself(edges: list[tuple[int, int]]) -> None:
    nodes = {node for edge in edges for node in edge}
    reach = {node: reachable(edges, node) for node in nodes}
    expected = {frozenset(b for b in nodes if b in reach[a] and a in reach[b]) for a in nodes if a in reach[a]}
    assert {frozenset(group) for group in cycles(edges)} == expected
    assert sorted(node for group in components(edges) for node in group) == sorted(nodes)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10))
def test_the_longest_chain_of_a_graph_without_cycles(edges: list[tuple[int, int]]) -> None:
    forward = [(min(edge), max(edge)) for edge in edges if edge[0] != edge[1]]
    nodes = sorted({node for edge in forward for node in edge})
    chains = [
        order
        for size in range(len(nodes) + 1)
        for order in permutations(nodes, size)
        if all(pair in forward for pair in pairwise(order))
    ]
    found = longest_chain(forward)
    assert len(found) == max(len(chain) for chain in chains)
    assert tuple(found) in chains


def test_a_chain_of_a_hundred_thousand_items() -> None:
    size = 100_000
    chain = [(number, number + 1) for number in range(size)]
    assert longest_chain(chain) == list(range(size + 1))
    assert cycles(chain) == []
    assert [len(group) for group in cycles([*chain, (size, 0)])] == [size + 1]


def test_the_same_graph_gives_the_same_answer_in_any_order() -> None:
    edges = [(1, 2), (1, 3), (2, 4), (3, 4), (5, 6)]
    assert longest_chain(edges) == longest_chain(edges[::-1]) == [1, 2, 4]
    assert longest_chain([]) == []
