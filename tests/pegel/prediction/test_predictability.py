"""Predictability of a log: whole weeks only, changes of level, the answers without a figure."""

from __future__ import annotations

import numpy as np

from pegel.eventlog.schema import WEEK_US, from_us
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.prediction.predictability import LAST_ITEMS, predictability
from tests.pegel.prediction.worlds import DAY_US, MONDAY, POLICY, WORKFLOW, log_of, moment


def weekly(counts, *, took=2.0, more=0.0):
    """So many items finished in each week from 5 January 2026 on, on its Wednesday."""
    items = {
        f"{week}-{number}": (7 * week + 2.5 - took, 7 * week + 2.5)
        for week, count in enumerate(counts)
        for number in range(count)
    }
    return log_of(items, as_of=7 * len(counts) + more)


def test_only_whole_weeks_are_values_and_weeks_without_completions_are_zero():
    found = predictability(weekly([3, 1, 0, 2, 4, 1, 2], more=3), POLICY)

    points = found.throughput.points
    assert points["value"].to_list() == [3, 1, 0, 2, 4, 1, 2]
    assert points["at_us"][0] == MONDAY * DAY_US
    # A week without completions has no median.
    assert found.flow_time.n == 6
    assert found.throughput.mean == 13 / 7


def test_a_period_that_begins_within_a_week_leaves_that_week_out():
    begin = (MONDAY + 2) * DAY_US
    found = predictability(weekly([3, 1, 1, 2, 4, 1, 2, 3]), POLICY, from_us=begin)

    assert found.throughput.points["at_us"][0] == (MONDAY + 7) * DAY_US
    assert found.throughput.n == 7


def test_the_log_cut_within_a_week_leaves_that_week_out():
    log = weekly([3, 1, 1, 2, 4, 1, 2, 3])

    assert predictability(log.seen_at(log.as_of_us - 3 * DAY_US), POLICY).throughput.n == 7


def test_a_change_of_level_is_marked_with_its_week():
    found = predictability(weekly([4, 5, 4, 3, 5, 4, 4, 5, 3, 4, 9, 10, 9, 8, 10, 9, 9, 10, 8, 9]), POLICY)

    assert found.finding == "changed"
    assert found.changes.select("series", "week_us", "before", "after").rows() == [
        ("throughput", MONDAY * DAY_US + 10 * WEEK_US, 4.0, 9.0)
    ]


def test_a_steady_flow_is_steady():
    found = predictability(weekly(np.random.default_rng(1).poisson(6, 30).tolist()), POLICY)

    assert (found.status, found.finding, found.changes.height) == (Status.VALUE, "steady", 0)
    assert found.tail.finding == "light"


def test_single_flow_times_are_the_last_ones_in_order():
    found = predictability(weekly([9] * 30), POLICY)

    assert found.single.n == LAST_ITEMS
    moments = found.single.points["at_us"].to_list()
    assert moments == sorted(moments)
    assert from_us(moments[-1]).isoformat() == moment(7 * 29 + 2.5)


def test_few_weeks_and_nothing_finished():
    few = predictability(weekly([1, 2, 1]), POLICY)
    nothing = predictability(log_of_rows([("A", moment(0), "Doing")], WORKFLOW, as_of=moment(9)), POLICY)

    assert (few.status, few.reason) == (Status.NO_DATA, "too_few_points")
    assert (nothing.status, nothing.reason) == (Status.NO_DATA, "nothing_finished")


def test_the_same_seed_gives_the_same_answer():
    log = weekly(np.random.default_rng(2).poisson(6, 40).tolist())

    assert predictability(log, POLICY, seed=3).changes.equals(predictability(log, POLICY, seed=3).changes)
