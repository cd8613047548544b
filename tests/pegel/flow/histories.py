"""Random histories with every awkward thing in them, for properties that must hold for every log."""

from __future__ import annotations

import polars as pl
from hypothesis import strategies as st

from pegel.eventlog.policy import (
    BUILT_IN,
    Attribution,
    Cancel,
    Delete,
    Policy,
    Reopen,
    Skip,
    StateSet,
    TimeKind,
)
from pegel.eventlog.workflow import StateCategory, Workflow, load_workflow
from pegel.flow import log_of_frames
from pegel.flow.log import FlowLog
from pegel.lake import intervals

WORKFLOW = """
workflow: all categories
states:
  Idea: new
  Ready: {category: waiting, phase: planning}
  Doing: {category: active, phase: execution}
  Test: {category: active, phase: execution}
  Approval: {category: waiting, phase: execution, friction: approval}
  Parked: ignored
  Done: {category: done, phase: reporting}
  Shipped: {category: done, phase: reporting}
  Rejected: cancelled
types:
  Epic: {Doing: waiting}
periods:
  - {from: 1970-01-02, states: {Ready: active}}
items: {Bug: defect, Story: feature}
"""
STATES = ["Idea", "Ready", "Doing", "Test", "Approval", "Parked", "Done", "Shipped", "Rejected", "Nobody mapped me"]
STREAMS = ["North", "South"]
TYPES = ["Bug", "Story", "Epic", None]

#: Times in hours: days 0 to 4, so that equal times and the workflow's change after one day both occur.
hours = st.integers(0, 100)
items = st.integers(1, 6)
transitions = st.lists(st.tuples(items, hours, st.sampled_from(STATES)), min_size=1, max_size=40)
changes = st.lists(
    st.one_of(
        st.tuples(items, hours, st.just("stream"), st.sampled_from(STREAMS), st.sampled_from(STREAMS)),
        st.tuples(items, hours, st.just("type"), st.sampled_from(TYPES), st.sampled_from(TYPES)),
        st.tuples(items, hours, st.just("deleted"), st.none(), st.none()),
    ),
    max_size=6,
)
policies = st.builds(
    Policy,
    name=st.just("random"),
    start=st.sampled_from([one.start for one in BUILT_IN.values()] + [StateSet(states=frozenset({"Approval"}))]),
    stop=st.sampled_from(
        [StateSet(categories=frozenset({StateCategory.DONE})), StateSet(states=frozenset({"Shipped"}))]
    ),
    stop_at_first=st.booleans(),
    pause=st.sampled_from([StateSet(), StateSet(categories=frozenset({StateCategory.IGNORED}))]),
    counted=st.just(StateSet(categories=frozenset({StateCategory.ACTIVE}))),
    reopen=st.sampled_from(Reopen),
    skip=st.sampled_from(Skip),
    cancel=st.sampled_from(Cancel),
    move=st.sampled_from(Attribution),
    retype=st.sampled_from(Attribution),
    delete=st.sampled_from(Delete),
    time=st.sampled_from(TimeKind),
)
HOUR_US = 3_600_000_000


def workflow() -> Workflow:
    return load_workflow(WORKFLOW)


def log_of(
    moves: list[tuple[int, int, str]],
    edits: list[tuple[int, int, str, str | None, str | None]],
    *,
    as_of_hour: int | None = None,
    unit_us: int = HOUR_US,
) -> FlowLog:
    """Make a log; item n starts in a stream and with a type that follow from its number."""
    numbers = sorted({move[0] for move in moves} | {edit[0] for edit in edits})
    table = pl.DataFrame(
        {
            "item_no": numbers,
            "stream": [STREAMS[number % 2] for number in numbers],
            "type": [TYPES[number % 4] for number in numbers],
            "created_us": [None] * len(numbers),
        },
        schema={"item_no": pl.Int32(), "stream": pl.String(), "type": pl.String(), "created_us": pl.Int64()},
    )
    events = pl.DataFrame(
        [(item, at * unit_us, order, 1, None, state) for order, (item, at, state) in enumerate(moves)],
        schema={
            "item_no": pl.Int32(),
            "at_us": pl.Int64(),
            "sequence": pl.Int64(),
            "import_no": pl.Int32(),
            "from_state": pl.String(),
            "to_state": pl.String(),
        },
        orient="row",
    )
    edited = pl.DataFrame(
        [(item, at * unit_us, order, 1, field, old, new) for order, (item, at, field, old, new) in enumerate(edits)],
        schema=intervals.CHANGES,
        orient="row",
    )
    return log_of_frames(
        table,
        events,
        edited,
        dict.fromkeys(STREAMS, workflow()),
        as_of_us=None if as_of_hour is None else as_of_hour * unit_us,
    )
