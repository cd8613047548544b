"""Dependencies: what comes first, what is added, and circles by name."""

from hypothesis import given
from hypothesis import strategies as st

from pegel.prediction.dependencies import arranged, dependencies
from tests.pegel.prediction.worlds import log_of


def test_blockers_and_children_come_first_and_the_rest_keeps_its_order():
    found = arranged([5, 1, 2, 3], [(3, "blocks", 1), (2, "parent", 3)])

    assert found.order == (5, 3, 1, 2)
    assert found.blockers == {1: frozenset({3})}
    assert found.children == {2: frozenset({3})}
    assert found.added == frozenset()


def test_open_blockers_of_blockers_are_added_in_time():
    found = arranged([1, 2], [(7, "blocks", 2), (8, "blocks", 7)])

    assert found.order == (1, 8, 7, 2)
    assert found.added == {7, 8}


def test_a_circle_is_named_and_nothing_is_ordered():
    found = arranged([1, 2, 3, 4], [(1, "blocks", 2), (2, "blocks", 3), (3, "blocks", 1), (3, "blocks", 4)])

    assert found.cycle == (1, 2, 3)
    assert found.order == ()


def test_a_circle_through_a_parent_is_one_too():
    assert arranged([1], [(1, "parent", 2), (1, "blocks", 2)]).cycle == (1, 2)
    assert arranged([1], [(1, "blocks", 1)]).cycle == (1,)


def test_only_unfinished_items_matter():
    items = {"A": (0, 1), "B": (1, None), "C": (2, None)}
    log = log_of(items, as_of=9, links=[("A", "blocks", "C"), ("B", "blocks", "C"), ("B", "relates", "C")])

    assert dependencies(log, [3], [2, 3]).blockers == {3: frozenset({2})}


@given(links=st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["blocks", "parent"]), st.integers(1, 8))))
def test_either_everything_is_in_order_or_a_circle_is_found(links):
    found = arranged([1, 2, 3], links)
    if found.cycle:
        pairs = list(zip(found.cycle, (*found.cycle[1:], found.cycle[0]), strict=True))
        before = {(a, b) for a, kind, b in links if kind == "blocks"} | {
            (b, a) for a, kind, b in links if kind == "parent"
        }
        assert all(pair in before for pair in pairs)
        return
    place = {item: position for position, item in enumerate(found.order)}
    assert {1, 2, 3} <= place.keys()
    for item, kind, other in links:
        first, later = (item, other) if kind == "blocks" else (other, item)
        if later in place:
            assert place[first] < place[later]
