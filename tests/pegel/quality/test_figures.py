"""The figures without some items are those of a report over a log that never held them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import Attribution, Policy, Reopen, Skip, built_in_policy
from pegel.eventlog.schema import DAY_US
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.flow_report import flow_report
from pegel.flow.log import FlowLog
from pegel.quality import quality_report
from pegel.quality.figures import Figures

WORKFLOW = load_workflow(
    "states: {Open: new, Doing: active, Waits: waiting, Hold: ignored, Done: done, Dropped: cancelled}"
)
FIRST = built_in_policy("first_active_to_last_done")
POLICIES = [
    FIRST,
    built_in_policy("commitment_to_done"),
    built_in_policy("process_time"),
    replace(FIRST, skip=Skip.FROM_CREATION, reopen=Reopen.PAUSE, move=Attribution.TODAY, retype=Attribution.TODAY),
    replace(FIRST, stop_at_first=True),
]
HOURS = st.integers(0, 24 * 40)
EVENTS = st.lists(
    st.tuples(st.integers(1, 7), HOURS, st.sampled_from(["Open", "Doing", "Waits", "Hold", "Done", "Dropped", "Odd"])),
    min_size=1,
    max_size=40,
)
MOVES = st.lists(st.tuples(st.integers(1, 7), HOURS, st.sampled_from(["Claims", "IT"])), max_size=6)


def at(hours: int) -> str:
    return f"2026-{1 + hours // 24 // 28:02}-{1 + hours // 24 % 28:02}T{hours % 24:02}:00"


def random_log(events: list[tuple[int, int, str]], moves: list[tuple[int, int, str]], **options: Any) -> FlowLog:
    rows = [(str(item), at(hour), state) for item, hour, state in events]
    known = {row[0] for row in rows}
    changes = [(str(item), at(hour), "stream", None, to) for item, hour, to in moves if str(item) in known]
    homes = {name: "IT" if int(name) % 3 == 0 else "Claims" for name in known}
    return log_of_rows(rows, WORKFLOW, changes=changes, stream=homes, **options)


def reported(log: FlowLog, policy: Policy, left_out: list[int], *, from_us: int, until_us: int) -> Figures:
    kept = log.intervals.filter(~nw.col("item").is_in(left_out))
    report = flow_report(replace(log, intervals=kept), policy, from_us=from_us, until_us=until_us)
    return Figures(
        timed=report.flow_time.n,
        p50=report.flow_time.p50,
        p85=report.flow_time.p85,
        finished=report.flow_velocity.finished or 0,
        per_week=report.flow_velocity.per_week,
        efficiency=report.flow_efficiency.share,
        load_mean=report.flow_load.mean,
        load_now=report.flow_load.now,
    )


@given(
    EVENTS, MOVES, st.sampled_from(POLICIES), st.sampled_from([None, "Claims", "IT"]), st.integers(0, 20),
    st.booleans(),
)  # fmt: skip
def test_without_is_what_the_report_says_of_the_rest(
    events: list[tuple[int, int, str]],
    moves: list[tuple[int, int, str]],
    policy: Policy,
    stream: str | None,
    begin: int,
    working: bool,
) -> None:
    log = random_log(events, moves, calendar=built_in_calendar("de") if working else None)
    log = log if stream is None else replace(log, streams=frozenset({stream}))
    first = 1_767_225_600_000_000  # 1 January 2026
    period = {"from_us": first + begin * DAY_US, "until_us": first + 30 * DAY_US}
    report = quality_report(log, policy, **period)
    assert report.figures.differing(reported(log, policy, [], **period)) == ()
    for check in report.checks:
        if check.items is None:
            continue
        listed = report.items_of(check.code)
        assert len(set(listed)) == len(listed) == check.items <= report.items
        assert int(check.streams["items"].sum()) == check.items
        if check.without is not None:
            assert check.without.differing(reported(log, policy, listed, **period)) == ()
            assert check.moves == report.figures.differing(check.without)
        for limits in check.bounds:
            value = getattr(report.figures, limits.figure)
            if check.code != "done_without_start":  # more items than those with a flow time: they can pull it down
                assert limits.low is not None
                assert limits.low == pytest.approx(value)
            assert limits.high is None or limits.low is None or limits.low <= limits.high + 1e-9
    assert report.wrong <= report.doubtful <= report.items
    everything = report.found.join(
        pl.DataFrame({"check": [one.code for one in report.checks if one.severity.value != "notice"]}), on="check"
    )
    assert everything["item"].n_unique() == report.doubtful
    rest = reported(log, policy, everything["item"].unique().to_list(), **period)
    assert report.without_doubtful.differing(rest) == ()


@given(EVENTS, MOVES)
def test_the_order_of_the_rows_does_not_matter(
    events: list[tuple[int, int, str]], moves: list[tuple[int, int, str]]
) -> None:
    log = random_log(events, moves)
    rows = log.intervals.to_native().collect().sample(fraction=1, shuffle=True, seed=7)
    one, other = quality_report(log, FIRST), quality_report(replace(log, intervals=nw.from_native(rows.lazy())), FIRST)
    assert one.found.equals(other.found)
    assert one.figures == other.figures
