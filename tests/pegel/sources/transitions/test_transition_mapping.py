from collections.abc import Sequence
from itertools import chain, pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.eventlog.batch import Batch, BatchBuilder, rows_of
from pegel.sources.activities import Event, fold_case
from pegel.sources.transitions.buckets import RowStore, bucket_of, item_slices
from pegel.sources.transitions.to_events import in_order, map_activities, map_states

SCHEMA = {"row": pl.Int64, "item": pl.String, "at_us": pl.Int64, "step": pl.String}


def states(*rows: tuple[object, ...], extra: Sequence[str] = (), newest_first: bool = False) -> Batch:
    types = {name: pl.Int64 if name in ("sequence", "created_us") else pl.String for name in extra}
    numbered = [(number, *row) for number, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(numbered, schema={**SCHEMA, **types}, orient="row")
    return map_states(in_order(frame, newest_first=newest_first), default_stream="Claims")


def moves(batch: Batch) -> list[tuple[object, ...]]:
    return batch.transitions.select("row", "item", "sequence", "from_state", "to_state").rows()


def fates(batch: Batch) -> int:
    return len(rows_of(batch)) + batch.merged + batch.duplicate + sum(batch.ignored.values()) + batch.rejects.height


def test_rows_in_any_order_make_one_line_per_item() -> None:
    batch = states(("B", 5, "Open"), ("A", 30, "Done"), ("A", 10, "Open"), ("A", 20, "Work"))
    assert moves(batch) == [
        (3, "A", 0, None, "Open"),
        (4, "A", 0, "Open", "Work"),
        (2, "A", 0, "Work", "Done"),
        (1, "B", 0, None, "Open"),
    ]
    assert batch.items.select("row", "item", "stream", "created_us").rows() == [
        (3, "A", "Claims", 10),
        (1, "B", "Claims", 5),
    ]


def test_a_repeated_state_is_ignored_and_a_repeated_row_is_a_duplicate() -> None:
    batch = states(("A", 10, "Open"), ("A", 10, "Open"), ("A", 20, "Open"), ("A", 30, "Done"))
    assert [row for row, *_ in moves(batch)] == [1, 4]
    assert (batch.duplicate, dict(batch.ignored)) == (1, {"no_state_change": 1})


def test_another_sequence_says_something_else() -> None:
    batch = states(("A", 10, "Open", 1), ("A", 10, "Open", 2), ("A", 10, "Open", 2), extra=["sequence"])
    assert (batch.duplicate, dict(batch.ignored)) == (1, {"no_state_change": 1})


def test_equal_times_keep_their_sequence() -> None:
    rows = (("A", 10, "Third", 7), ("A", 10, "First", 3), ("A", 10, "Second", 5))
    assert [(r[2], r[4]) for r in moves(states(*rows, extra=["sequence"]))] == [
        (3, "First"),
        (5, "Second"),
        (7, "Third"),
    ]
    plain = tuple(row[:3] for row in rows)
    assert [(r[2], r[4]) for r in moves(states(*plain))] == [(0, "Third"), (1, "First"), (2, "Second")]
    assert [r[4] for r in moves(states(*plain, newest_first=True))] == ["Second", "First", "Third"]


def test_a_sequence_with_ties_is_counted_anew_for_that_moment() -> None:
    rows = (("A", 10, "X", 5), ("A", 10, "Y", 5), ("A", 20, "Z", 5))
    assert [r[2] for r in moves(states(*rows, extra=["sequence"]))] == [0, 1, 5]


def test_other_columns_give_field_changes() -> None:
    batch = states(
        ("A", 10, "Open", "ann", "Bug"),
        ("A", 20, "Open", None, "Bug"),  # not said: ann goes on
        ("A", 30, "Open", "bob", "Bug"),
        ("A", 40, "Open", "bob", "Epic"),
        extra=["assignee", "type"],
    )
    assert batch.field_changes.select("row", "field", "from_value", "to_value").rows() == [
        (1, "assignee", None, "ann"),
        (3, "assignee", "ann", "bob"),
        (4, "type", "Bug", "Epic"),
    ]
    assert batch.items.select("row", "type").rows() == [(1, "Epic")]
    assert dict(batch.ignored) == {"no_state_change": 1}


def test_known_values_do_not_leak_into_the_next_item() -> None:
    batch = states(("A", 10, "Open", "ann"), ("B", 20, "Open", None), ("B", 30, "Done", "ann"), extra=["assignee"])
    assert batch.field_changes.select("row", "item", "from_value", "to_value").rows() == [
        (1, "A", None, "ann"),
        (3, "B", None, "ann"),
    ]


def test_from_state_of_the_tool_is_kept_and_shows_a_missing_change() -> None:
    batch = states(("A", 10, "Open", None), ("A", 20, "Done", "Work"), ("A", 30, "Done", "Work"), extra=["from_state"])
    assert [r[3:] for r in moves(batch)] == [(None, "Open"), ("Work", "Done"), ("Work", "Done")]


def test_created_is_never_after_the_first_event() -> None:
    batch = states(("A", 10, "Open", 4), ("B", 10, "Open", 40), ("C", 10, "Open", None), extra=["created_us"])
    assert batch.items["created_us"].to_list() == [4, 10, 10]
    assert dict(batch.warnings) == {"created_after_first_event": 1}


ROWS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 4), st.sampled_from("XYZ"), st.sampled_from([None, "p", "q"])),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_row_has_one_fate(rows: list[tuple[object, ...]]) -> None:
    batch = states(*rows, extra=["team"])
    assert fates(batch) == len(rows)
    for (item,), line in batch.transitions.group_by("item", maintain_order=True):
        names = line["to_state"].to_list()
        assert line["from_state"].to_list() == [None, *names[:-1]], item
        assert line.select("at_us", "sequence").is_unique().all()
    assert batch.items["item"].to_list() == sorted({str(row[0]) for row in rows})


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_given_time_and_sequence_row_order_does_not_matter(rows: list[tuple[object, ...]], random: object) -> None:
    numbered = [(*row[:3], number) for number, row in enumerate(rows)]
    shuffled = list(numbered)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (states(*one, extra=["sequence"]).transitions.drop("row") for one in (numbered, shuffled))
    assert first.rows() == second.rows()


WORDS = ["complete", "start", "schedule", "assign", None]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(0, 3), st.sampled_from("XY"), st.sampled_from(WORDS)), max_size=25
    ),
    st.booleans(),
)
def test_columns_of_activities_map_as_single_cases_do(
    rows: list[tuple[str, int, str, str | None]], paired: bool
) -> None:
    numbered = [(number, *row) for number, row in enumerate(rows, start=1)]
    frame = pl.DataFrame(numbered, schema={**SCHEMA, "lifecycle": pl.String}, orient="row")
    ordered = in_order(frame, newest_first=False)
    hints: dict[str, object] = {}
    batch = map_activities(ordered, paired=paired, default_stream="Claims", hints=hints)  # type: ignore[arg-type]
    builder, expected_hints = BatchBuilder(), {}
    for item in ("A", "B"):
        mine = ordered.filter(pl.col("item") == item).select("row", "step", "lifecycle", "at_us", "order").rows()
        fold_case(builder, item, [Event(*row, None) for row in mine], paired=paired, hints=expected_hints)
    expected = builder.take()
    assert batch.transitions.rows() == expected.transitions.rows()
    assert (batch.duplicate, batch.merged, batch.ignored) == (expected.duplicate, expected.merged, expected.ignored)
    assert hints == expected_hints
    assert fates(batch) == len(rows)


def test_rows_put_aside_come_back_item_by_item() -> None:
    frames = [pl.DataFrame({"row": [n, n + 1], "item": [f"A-{n % 7}", "B"]}) for n in range(0, 200, 2)]
    with RowStore(memory_bytes=500, buckets=4) as store:
        for frame in frames:
            store.add(frame)
        groups = list(store.groups())
    assert len(groups) == 4
    seen: set[str] = set()
    for group in groups:
        items = set(group["item"])
        assert not items & seen
        seen |= items
        assert group.sort("row", maintain_order=True).filter(pl.col("item") == "B")["row"].is_sorted()
    assert sorted(pl.concat(groups)["row"]) == list(range(200))


def test_buckets_do_not_depend_on_the_machine() -> None:
    # CRC-32 of the nine digits is 0xCBF43926, the check value of its specification.
    assert bucket_of(pl.Series(["123456789", ""]), 1 << 16).to_list() == [0x3926, 0]


def test_slices_never_cut_an_item() -> None:
    frame = pl.DataFrame({"item": list("AAAABBCDDD")})
    for rows in range(1, 12):
        slices = [part["item"].to_list() for part in item_slices(frame, rows)]
        assert list(chain.from_iterable(slices)) == list("AAAABBCDDD")
        for left, right in pairwise(slices):
            assert left[-1] != right[0]
    assert [part.height for part in item_slices(frame, 3)] == [4, 3, 3]
