"""Promises on any history: the parts are the wait, the fast way is the slow way, streams add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.policy import BUILT_IN, Policy, TimeKind
from pegel.flow import item_windows
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.waits.cause import CAUSES, PARTS, column
from pegel.waits.causes import summarise_wait_causes
from pegel.waits.wait_parts import wait_parts
from tests.pegel.flow import histories
from tests.pegel.waits import reference

POLICIES = [BUILT_IN["first_active_to_last_done"], BUILT_IN["commitment_to_done"]]
#: 20 seconds and a bit, so that several moments share a minute, and any rounding would show.
FINE_US = 20_000_001
HOUR_US = 3_600_000_000
as_ofs = st.one_of(st.none(), st.integers(0, 110))
policies = st.one_of(st.sampled_from(POLICIES), histories.policies.map(lambda one: replace(one, time=TimeKind.WINDOW)))
edits = st.tuples(reference.signals, histories.changes).map(lambda both: both[0] + both[1])


def parts_of(log: FlowLog, policy: Policy, **options: Any) -> dict[int, dict[str, int]]:
    found = wait_parts(log, policy, **options)
    table = log.engine.collect(found.pieces).group_by("item").agg(pl.col(*PARTS).sum())
    return {row.pop("item"): row for row in table.iter_rows(named=True)}


@given(steps=reference.moves, changes=edits, blocks=reference.links, policy=policies, as_of=as_ofs)
def test_the_fast_way_is_the_slow_way(
    steps: list[Any], changes: list[Any], blocks: list[Any], policy: Policy, as_of: int | None
) -> None:
    log = reference.log_of(steps, changes, blocks, as_of=as_of, unit_us=FINE_US)
    found = parts_of(log, policy)
    for item, wanted in reference.causes(log, policy, unit_us=FINE_US).items():
        got = found.pop(item, dict.fromkeys(PARTS, 0))
        assert got == {column(cause): wanted[cause.value] for cause in CAUSES}
    assert found == {}


@given(steps=reference.moves, changes=edits, blocks=reference.links, policy=st.sampled_from(POLICIES))
def test_so_it_is_with_off_hours(steps: list[Any], changes: list[Any], blocks: list[Any], policy: Policy) -> None:
    calendar = built_in_calendar("de")
    assert calendar is not None
    log = reference.log_of(steps, changes, blocks, unit_us=HOUR_US)
    clock = WorkingTime(calendar, 0, max(log.as_of_us, 1))
    found = parts_of(log, policy, waiting_calendar=calendar)
    for item, wanted in reference.causes(log, policy, unit_us=HOUR_US, calendar=clock).items():
        assert found.get(item, dict.fromkeys(PARTS, 0)) == {column(cause): wanted[cause.value] for cause in CAUSES}


@given(steps=reference.moves, changes=edits, blocks=reference.links, policy=st.sampled_from(POLICIES))
def test_the_parts_of_an_item_are_its_flow_time_less_its_active_time(
    steps: list[Any], changes: list[Any], blocks: list[Any], policy: Policy
) -> None:
    log = reference.log_of(steps, changes, blocks, unit_us=3_600_000_001)
    calendar = built_in_calendar("de")
    assert calendar is not None
    worked = replace(log, working=WorkingTime(calendar, 0, max(log.as_of_us, 1)))
    for one, options in ((log, {}), (log, {"waiting_calendar": calendar}), (worked, {"waiting_calendar": calendar})):
        found = parts_of(one, policy, **options)
        for window in one.engine.collect(item_windows(one, policy)).iter_rows(named=True):
            parts = found.get(window["item"], {})
            assert min(parts.values(), default=0) >= 0
            if window["ending"] == Ending.DONE and window["flow_us"] is not None:
                assert sum(parts.values()) == window["flow_us"] - window["active_us"]
        if one is worked:
            assert all(parts["calendar_us"] == 0 for parts in found.values())


@given(steps=reference.moves, changes=edits, blocks=reference.links)
def test_streams_add_up(steps: list[Any], changes: list[Any], blocks: list[Any]) -> None:
    whole = reference.log_of(steps, changes, blocks, unit_us=FINE_US)
    logs = [replace(whole, streams=frozenset({name})) for name in histories.STREAMS]
    found = (summarise_wait_causes(one, wait_parts(one, POLICIES[0])) for one in (whole, *logs))
    sums, *parts = (one.by_cause.select("open", "cause", "days", "items", "stays") for one in found)
    for row in sums.iter_rows(named=True):
        mine = [one.row(by_predicate=(pl.col("open") == row["open"]) & (pl.col("cause") == row["cause"]), named=True)
                for one in parts if one.height]  # fmt: skip
        for name in ("days", "items", "stays"):
            assert abs((row[name] or 0) - sum(one[name] or 0 for one in mine)) < 1e-9


@given(steps=reference.moves, changes=edits)
def test_the_order_of_items_and_of_changes_does_not_matter(steps: list[Any], changes: list[Any]) -> None:
    log = reference.log_of(steps, changes, unit_us=FINE_US)
    # The rows of an item lie together, in the order of time: that is what intervals are.
    turned = nw.from_native(log.intervals.to_native().sort("item", descending=True, maintain_order=True))
    mixed = replace(log, intervals=turned, changes=log.changes.sort("item", "at_us"))
    assert parts_of(log, POLICIES[0]) == parts_of(mixed, POLICIES[0])
