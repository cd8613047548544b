"""Looking up by codes: by hand, then against the definition, row by row."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.lake.lookups import in_order, looked_up, with_earliest, with_latest
from pegel.lake.stretches import united

CODES = st.integers(0, 5)
TIMES = st.integers(-3, 12)
MOMENTS = st.lists(st.tuples(CODES, TIMES), max_size=30)
#: (code, time, sequence): many of the same time, some of the same sequence.
MARKS = st.lists(st.tuples(CODES, TIMES, st.integers(0, 2)), max_size=30)


def frames(moments: list[tuple[int, int]], marks: list[tuple[int, int, int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    return (
        pl.DataFrame(moments, schema={"item": pl.Int32, "at_us": pl.Int64}, orient="row"),
        pl.DataFrame(
            [(code, at, sequence, f"v{n}", f"b{n}") for n, (code, at, sequence) in enumerate(marks)],
            schema={"item": pl.Int32, "since_us": pl.Int64, "sequence": pl.Int64, "value": str, "before": str},
            orient="row",
        ),
    )


@given(moments=MOMENTS, marks=MARKS, strictly=st.booleans())
def test_the_latest_mark_is_the_last_of_those_before(
    moments: list[tuple[int, int]], marks: list[tuple[int, int, int]], *, strictly: bool
) -> None:
    asked, known = frames(moments, marks)
    told = {"by": ["item"], "at": "at_us", "mark": "since_us", "strictly": strictly}
    alone = with_latest(asked, known, values=["value"], **told)
    filled = with_latest(asked, known, values=["value"], initial=["before"], **told)
    assert alone.select("item", "at_us").rows() == moments
    for (code, at), value, whole in zip(moments, alone["value"], filled["value"], strict=True):
        mine = sorted((since, order, n) for n, (one, since, order) in enumerate(marks) if one == code)
        before = [n for since, _, n in mine if since < at or (since == at and not strictly)]
        assert value == (f"v{before[-1]}" if before else None)
        assert whole == (f"v{before[-1]}" if before else f"b{mine[0][2]}" if mine else None)


@given(moments=MOMENTS, marks=MARKS)
def test_the_earliest_mark_is_the_first_of_those_that_are_not_before(
    moments: list[tuple[int, int]], marks: list[tuple[int, int, int]]
) -> None:
    asked, known = frames(moments, marks)
    found = with_earliest(asked, known, by=["item"], at="at_us", mark="since_us")["since_us"]
    for (code, at), value in zip(moments, found, strict=True):
        assert value == min((since for one, since, _ in marks if one == code and since >= at), default=None)


@given(moments=MOMENTS, marks=MARKS)
def test_marks_of_two_columns_are_told_apart_by_both(
    moments: list[tuple[int, int]], marks: list[tuple[int, int, int]]
) -> None:
    asked, known = frames(moments, marks)
    both = [frame.with_columns(who=pl.col("item") % 2, item=pl.col("item") // 2) for frame in (asked, known)]
    told = {"at": "at_us", "mark": "since_us", "values": ["value"]}
    found = with_latest(both[0], both[1], by=["item", "who"], **told)
    assert found["value"].to_list() == with_latest(asked, known, by=["item"], **told)["value"].to_list()


@pytest.mark.parametrize("highest", [3, 2_000_000_000])
def test_a_code_is_looked_up_whether_codes_have_gaps_or_not(highest: int) -> None:
    table = pl.DataFrame({"place": [highest, 1], "queue": [7, 8]}, schema_overrides={"place": pl.Int32})
    rows = pl.LazyFrame({"place": [1, 0, highest, 1, None]}, schema={"place": pl.Int32})
    assert looked_up(rows, table, "place").collect().rows() == [(1, 8), (0, None), (highest, 7), (1, 8), (None, None)]
    assert looked_up(rows, table.clear(), "place").collect()["queue"].null_count() == 5


def test_rows_of_equal_keys_keep_their_order() -> None:
    frame = pl.DataFrame({"item": [2, 1, 2, 1], "n": [0, 1, 2, 3]})
    assert in_order(frame, "item")["n"].to_list() == [1, 3, 0, 2]
    ordered = frame.sort("item", maintain_order=True)
    assert in_order(ordered, "item") is ordered


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 5)), max_size=20), st.booleans())
def test_united_spans_cover_what_the_spans_cover_and_keep_apart_what_does_not_touch(
    given_spans: list[tuple[int, int, int]], wide: bool
) -> None:
    # Times so far apart that an owner and a time do not fit into one number are sorted another way.
    factor = 1 << 57 if wide else 1
    spans = [(owner, start * factor, (start + length) * factor) for owner, start, length in given_spans]
    frame = pl.DataFrame(spans, schema={"who": pl.Int64, "start": pl.Int64, "end": pl.Int64}, orient="row")
    found = united(frame, by=["who"], start="start", end="end").sort("who", "start").rows()
    for owner in range(4):
        expected: list[tuple[int, int, int]] = []
        for _, start, end in sorted(one for one in spans if one[0] == owner):
            if expected and start <= expected[-1][2]:
                expected[-1] = (owner, expected[-1][1], max(end, expected[-1][2]))
            else:
                expected.append((owner, start, end))
        assert [one for one in found if one[0] == owner] == expected
