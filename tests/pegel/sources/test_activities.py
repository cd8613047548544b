from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.eventlog.batch import Batch, BatchBuilder, Category, rows_of
from pegel.sources.activities import Event, fold_case, is_paired

Short = tuple[str, str | None, int]


def folded(events: Iterable[Short], *, paired: bool) -> tuple[Batch, dict[str, Category]]:
    builder, hints = BatchBuilder(), dict[str, Category]()
    case = [Event(row, activity, word, at, row, None) for row, (activity, word, at) in enumerate(events, start=1)]
    fold_case(builder, "c", case, paired=paired, hints=hints)
    return builder.take(), hints


def line(batch: Batch) -> list[tuple[int, int, str]]:
    return batch.transitions.select("row", "at_us", "to_state").rows()


def test_without_starts_every_event_opens_what_comes_after_it() -> None:
    batch, hints = folded([("Receive", None, 10), ("Check", "complete", 20), ("Check", "complete", 30)], paired=False)
    assert line(batch) == [(1, 10, "after Receive"), (2, 20, "after Check"), (3, 30, "after Check")]
    assert hints == {"after Receive": "waiting", "after Check": "waiting"}


def test_without_starts_a_repeated_event_is_a_duplicate() -> None:
    batch, _ = folded([("Check", "complete", 20), ("Check", "complete", 20), ("Check", None, 20)], paired=False)
    assert line(batch) == [(1, 20, "after Check"), (3, 20, "after Check")]
    assert batch.duplicate == 1


def test_starts_alone_say_what_was_begun_but_not_how_long_it_took() -> None:
    batch, hints = folded([("Check", "start", 10), ("Pay", "start", 30)], paired=False)
    assert line(batch) == [(1, 10, "Check"), (2, 30, "Pay")]
    assert hints == {}


CASES: list[tuple[str, list[Short], list[tuple[int, int, str]], int, dict[str, int]]] = [
    (
        "waiting, working, waiting",
        [("A", "schedule", 0), ("A", "start", 10), ("A", "complete", 30), ("B", "start", 50), ("B", "complete", 60)],
        [(1, 0, "before A"), (2, 10, "A"), (2, 30, "after A"), (4, 50, "B"), (4, 60, "after B")],
        2,
        {},
    ),
    (
        "overlap: counted once, in the one started last",
        [("A", "start", 10), ("B", "start", 20), ("B", "complete", 30), ("A", "complete", 40)],
        [(1, 10, "A"), (2, 20, "B"), (2, 30, "A"), (1, 40, "after A")],
        2,
        {},
    ),
    (
        "overlap: the hidden one ends first",
        [("A", "start", 10), ("B", "start", 20), ("A", "complete", 30), ("B", "complete", 40)],
        [(1, 10, "A"), (2, 20, "B"), (2, 40, "after B")],
        2,
        {},
    ),
    (
        "two parallel pieces of the same activity",
        [("A", "start", 10), ("A", "start", 20), ("A", "complete", 30), ("A", "complete", 40)],
        [(1, 10, "A"), (2, 20, "A"), (1, 40, "after A")],
        2,
        {},
    ),
    (
        "suspended and resumed",
        [("A", "start", 10), ("A", "suspend", 20), ("A", "resume", 50), ("A", "complete", 60)],
        [(1, 10, "A"), (1, 20, "after A"), (3, 50, "A"), (3, 60, "after A")],
        2,
        {},
    ),
    (
        "an event without start, outside and inside of work",
        [("X", "complete", 5), ("A", "start", 10), ("X", "complete", 15), ("A", "complete", 20), ("X", None, 30)],
        [(1, 5, "after X"), (2, 10, "A"), (3, 20, "after X"), (5, 30, "after X")],
        1,
        {},
    ),
    (
        "of several events inside of work the last one is what it has led to",
        [
            ("A", "start", 10),
            ("X", None, 12),
            ("B", "start", 13),
            ("Y", None, 14),
            ("A", "complete", 20),
            ("B", "complete", 30),
        ],
        [(1, 10, "A"), (3, 13, "B"), (4, 30, "after Y")],
        2,
        {"complete_inside_other_activity": 1},
    ),
    (
        "scheduled while another is worked on",
        [("A", "start", 10), ("B", "schedule", 15), ("A", "complete", 20)],
        [(1, 10, "A"), (1, 20, "after A")],
        1,
        {"scheduled_while_active": 1},
    ),
    (
        "a lost end: until the next event",
        [("A", "start", 10), ("B", "start", 30), ("B", "complete", 40)],
        [(1, 10, "A"), (2, 30, "B"), (2, 40, "after B")],
        1,
        {},
    ),
    (
        "a lost end of the same activity: the end belongs to the later start",
        [("A", "start", 10), ("A", "start", 30), ("A", "complete", 40)],
        [(1, 10, "A"), (2, 30, "A"), (2, 40, "after A")],
        1,
        {},
    ),
    (
        "a lost end inside of other work: that work goes on",
        [("A", "start", 10), ("B", "start", 20), ("C", "schedule", 30), ("A", "complete", 40)],
        [(1, 10, "A"), (2, 20, "B"), (1, 30, "A"), (1, 40, "after A")],
        1,
        {"scheduled_while_active": 1},
    ),
    (
        "work still going on",
        [("A", "start", 10)],
        [(1, 10, "A")],
        0,
        {},
    ),
    (
        "words that say nothing about the state",
        [("A", "assign", 5), ("A", "start", 10), ("A", "reassign", 15), ("B", "autoskip", 16), ("A", "complete", 20)],
        [(2, 10, "A"), (2, 20, "after A")],
        1,
        {"lifecycle_without_state": 3},
    ),
]


@pytest.mark.parametrize(
    ("events", "expected", "merged", "ignored"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_starts_and_ends(
    events: list[Short], expected: list[tuple[int, int, str]], merged: int, ignored: dict[str, int]
) -> None:
    batch, _ = folded(events, paired=True)
    assert line(batch) == expected
    assert (batch.merged, dict(batch.ignored)) == (merged, ignored)


def test_hints_say_what_was_seen() -> None:
    _, hints = folded([("A", "schedule", 0), ("A", "start", 10), ("A", "complete", 30)], paired=True)
    assert hints == {"before A": "waiting", "A": "active", "after A": "waiting"}


def test_pairs_need_both_ends() -> None:
    assert is_paired({"start", "complete", None})
    assert is_paired({"resume", "suspend"})
    assert not is_paired({"start", "schedule"})
    assert not is_paired({None, "complete"})


WORDS = ["start", "complete", "schedule", "suspend", "resume", "assign", "ate_abort", "withdraw", None, "nonsense"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(WORDS), st.integers(0, 5)), max_size=25), st.booleans()
)
def test_every_row_has_one_fate_and_the_line_never_breaks(events: list[Short], paired: bool) -> None:
    events = sorted(events, key=lambda event: event[2])
    batch, _ = folded(events, paired=paired)
    fates = len(rows_of(batch)) + batch.merged + batch.duplicate + sum(batch.ignored.values()) + batch.rejects.height
    assert fates == len(events)
    states = batch.transitions["to_state"].to_list()
    assert batch.transitions["from_state"].to_list() == [None, *states][: len(states)]
    assert batch.transitions["at_us"].is_sorted()
