from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import polars as pl
import pytest

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch
from pegel.eventlog.workflow import StateCategory
from pegel.worlds.scale import ScaleSource, item_count, scale_chunks, scale_truth, scale_workflow
from pegel.worlds.scale_events import COLUMNS, FROM_US, UNTIL_US

SMALL = 30_000


#: Content of the small log (seed 7, 20 streams); changes only when the generator is changed on purpose.
FIRST_ROWS = [
    ("I00000000", 1672540998928290, "New", "Stream 013", "Defect"),
    ("I00000000", 1672660188099606, "Analysis", "Stream 013", "Defect"),
    ("I00000000", 1672748773586877, "Waiting for Approval", "Stream 013", "Defect"),
    ("I00000000", 1674496516125723, "In Progress", "Stream 013", "Defect"),
]
CHECKS = {
    "rows": 29760,
    "at": 1439429462032843457,
    "sequence": 211399,
    "done": 2978,
    "feature": 11017,
    "first_stream": 6223,
}


@pytest.fixture(scope="module")
def log() -> pl.DataFrame:
    return pl.concat(scale_chunks(transitions=SMALL, seed=7, streams=20))


def recomputed(log: pl.DataFrame) -> dict[str, int]:
    """The truth once more, item by item, from the written rows alone."""
    category = {rule.state: rule.category for rule in scale_workflow().rules}
    rows: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for item, at, sequence, state in log.select("item", "at_us", "sequence", "to_state").iter_rows():
        rows[item].append((at, sequence, state))
    total = dict.fromkeys(
        ("items", "transitions", "finished", "without_flow_time", "cancelled", "reopened", "flow_us", "window_us"), 0
    )
    for events in rows.values():
        events.sort()
        meanings = [category[state] for _, _, state in events]
        total["items"] += 1
        total["transitions"] += len(events)
        total["cancelled"] += meanings[-1] is StateCategory.CANCELLED
        total["reopened"] += any(
            one is StateCategory.DONE and other is not StateCategory.DONE for one, other in pairwise(meanings)
        )
        if meanings[-1] is not StateCategory.DONE:
            continue
        total["finished"] += 1
        if StateCategory.ACTIVE not in meanings:
            total["without_flow_time"] += 1
            continue
        first = meanings.index(StateCategory.ACTIVE)
        last = len(meanings) - 1
        while meanings[last - 1] is StateCategory.DONE:
            last -= 1
        window = events[last][0] - events[first][0]
        paused = sum(
            events[step + 1][0] - events[step][0]
            for step in range(first, last)
            if meanings[step] is StateCategory.IGNORED
        )
        total["window_us"] += window
        total["flow_us"] += window - paused
    return total


def test_the_same_on_every_machine(log: pl.DataFrame) -> None:
    first = log.head(4).select("item", "at_us", "to_state", "stream", "type").rows()
    assert first == FIRST_ROWS
    checks = log.select(
        rows=pl.len(),
        at=(pl.col("at_us") - FROM_US).sum(),
        sequence=pl.col("sequence").sum(),
        done=(pl.col("to_state") == "Done").sum(),
        feature=(pl.col("type") == "Feature").sum(),
        first_stream=(pl.col("stream") == "Stream 001").sum(),
    ).row(0, named=True)
    assert checks == CHECKS


def test_truth_equals_a_slow_recomputation_from_the_rows() -> None:
    # Large enough for some items to be done, for the time being, at the very end of the log.
    truth = scale_truth(transitions=300_000, seed=7, streams=20)
    found = recomputed(pl.concat(scale_chunks(transitions=300_000, seed=7, streams=20)))
    assert {name: getattr(truth, name) for name in found} == found
    assert truth.still_open == truth.items - truth.finished - truth.cancelled
    assert truth.flow_us < truth.window_us
    assert truth.without_flow_time > 0


@pytest.mark.parametrize("chunk_items", [1, 100, 1_000_000])
def test_chunks_do_not_depend_on_their_size(chunk_items: int) -> None:
    whole = pl.concat(scale_chunks(transitions=1_000, seed=3, chunk_items=333))
    assert pl.concat(scale_chunks(transitions=1_000, seed=3, chunk_items=chunk_items)).equals(whole)
    truth = scale_truth(transitions=1_000, seed=3, chunk_items=chunk_items)
    assert truth == scale_truth(transitions=1_000, seed=3, chunk_items=333)


def test_seeds_differ(log: pl.DataFrame) -> None:
    other = pl.concat(scale_chunks(transitions=SMALL, seed=8, streams=20))
    assert other["at_us"].sum() != log["at_us"].sum()


def test_columns_and_types(log: pl.DataFrame) -> None:
    assert tuple(log.columns) == COLUMNS
    assert dict(log.select(*schema.TRANSITIONS).schema) == schema.TRANSITIONS
    assert log["row"].to_list() == list(range(1, len(log) + 1))
    assert log["at_us"].is_between(FROM_US, UNTIL_US, closed="left").all()


def test_rows_are_sorted_and_continuous(log: pl.DataFrame) -> None:
    assert log["item"].is_sorted()
    steps = log.with_columns(
        before=pl.col("to_state").shift(1).over("item"), waited=pl.col("at_us").diff().over("item")
    )
    assert steps["from_state"].equals(steps["before"], null_equal=True, check_names=False)
    assert steps.filter(pl.col("from_state") == pl.col("to_state")).is_empty()
    assert steps.filter(pl.col("waited") < 0).is_empty()
    assert (log["sequence"] == 1).sum() == log["item"].n_unique()


def test_the_log_looks_like_real_work() -> None:
    truth = scale_truth(transitions=1_000_000)
    assert truth.transitions == pytest.approx(1_000_000, rel=0.01)
    assert truth.items == item_count(1_000_000)
    assert truth.reopened / truth.items == pytest.approx(0.05, abs=0.005)
    assert truth.cancelled / truth.items == pytest.approx(0.03, abs=0.005)
    assert truth.still_open / truth.items == pytest.approx(0.04, abs=0.005)
    log = next(scale_chunks(transitions=200_000))
    changes = log.group_by("item").agg(pl.len().alias("n"), pl.col("to_state").last().alias("last"))
    ended = changes.filter(pl.col("last").is_in(["Done", "Cancelled"]))["n"]
    assert (ended.min(), ended.max()) == (3, 40)
    assert changes["n"].mean() == pytest.approx(9.87, abs=0.1)
    assert log["stream"].n_unique() == 200
    assert log["type"].n_unique() == 5
    assert set(log["to_state"].unique()) == {rule.state for rule in scale_workflow().rules}
    equal_times = (log["at_us"].diff() == 0).sum() / len(log)
    assert equal_times == pytest.approx(1 / 64, abs=0.004)


@pytest.mark.parametrize("streams", [0, 65_537])
def test_impossible_numbers_of_streams(streams: int) -> None:
    with pytest.raises(ValueError, match="streams"):
        next(scale_chunks(transitions=10, streams=streams))


def test_smallest_log() -> None:
    (chunk,) = scale_chunks(transitions=1)
    assert chunk["item"].unique().to_list() == ["I00000000"]


def tables(batches: list[Batch]) -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.concat([batch.items for batch in batches]), pl.concat([batch.transitions for batch in batches])


def test_source_hands_over_every_row_once(log: pl.DataFrame) -> None:
    source = ScaleSource(transitions=SMALL, seed=7, streams=20, batch_items=1_000)
    assert source.progress() == 0
    batches = list(source.batches())
    assert source.progress() == 1
    items, transitions = tables(batches)
    assert len(batches) == 4  # 3,040 items in batches of 1,000
    assert transitions.equals(log.select(*schema.TRANSITIONS))
    assert dict(items.schema) == schema.ITEMS
    assert items["item"].to_list() == log["item"].unique(maintain_order=True).to_list()
    assert items["created_us"].equals(log.filter(pl.col("sequence") == 1)["at_us"], check_names=False)
    assert source.info().state_hints["On Hold"] == "ignored"
    again_items, again = tables(list(source.batches()))
    assert again.equals(transitions)
    assert again_items.equals(items)


def test_what_follows_continues_the_log(log: pl.DataFrame) -> None:
    following = ScaleSource(transitions=SMALL, seed=7, streams=20).following(500)
    (batch,) = following.batches()
    assert following.progress() == 1
    assert len(batch.transitions) == 500
    assert (batch.transitions["at_us"] >= UNTIL_US).all()
    assert batch.transitions["at_us"].is_sorted()
    known = dict(log.group_by("item").agg(pl.col("sequence").max()).iter_rows())
    new = set(batch.items["item"])
    assert new.isdisjoint(known)
    continued = 0
    state = dict(log.group_by("item", maintain_order=True).agg(pl.col("to_state").last()).iter_rows())
    for item, sequence, from_state, to_state in batch.transitions.select(
        "item", "sequence", "from_state", "to_state"
    ).iter_rows():
        continued += item in known and item not in new
        assert sequence == known.get(item, 0) + 1
        assert from_state == state.get(item)
        known[item], state[item] = sequence, to_state
    assert continued > 100
    assert len(new) > 10


def test_people_change_nothing_but_who_did_what() -> None:
    plain = next(iter(ScaleSource(transitions=20_000, streams=5).batches()))
    told = next(iter(ScaleSource(transitions=20_000, streams=5, people=True).batches()))
    assert plain.transitions.drop("actor").equals(told.transitions.drop("actor"))
    assert plain.field_changes.is_empty()
    assert told.transitions["actor"].null_count() == 0
    assert told.transitions["actor"].n_unique() == 5 * 9
    fields = dict(told.field_changes["field"].value_counts().iter_rows())
    waits = told.transitions.height - fields["assignee"]
    # 4 in 100 of the stays that are no work change their priority, 10 in 100 get a comment.
    assert 0.03 < fields["priority"] / waits < 0.05
    assert 0.08 < fields["comment_count"] / waits < 0.12
    raised = told.field_changes.filter((pl.col("field") == "flag") & pl.col("to_value").is_not_null())
    assert 0.02 < raised.height / waits < 0.04
    assert told.field_changes["at_us"].max() < UNTIL_US
