"""Forecasts of named items: by hand, with limits, ages, blockers and what the data cannot say."""

from __future__ import annotations

from math import exp

import numpy as np
import polars as pl
import pytest

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import from_us
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.flow.answer import Status
from pegel.prediction.chances import open_item_chances
from pegel.prediction.dependencies import arranged
from pegel.prediction.flow_times import FlowTimes, flow_times
from pegel.prediction.item_forecast import forecast_items, observed_wip
from pegel.prediction.moments import moment_after
from pegel.prediction.product_limit import product_limit
from pegel.prediction.rules import Rules
from pegel.prediction.schedule import schedule
from tests.pegel.prediction.worlds import POLICY, WORKFLOW, log_of, moment

DAY = 1440.0
NOBODY = np.array([])


def times_of(*days: float, still_open: tuple[float, ...] = ()) -> FlowTimes:
    every = np.array(sorted({*days, *still_open}))
    counts = [[list(given).count(one) for one in every] for given in (days, still_open)]
    return FlowTimes(curve=product_limit(every * DAY, *(np.array(one) for one in counts)), finished=len(days))


def done(times, order, *, wip, ages=None, others=NOBODY, links=(), runs=200, seed=1):
    found = schedule(times, arranged(order, links), ages or {}, others, wip=wip, runs=runs, seed=seed)
    return {item: found.done[:, column] / DAY for column, item in enumerate(found.items)}


def test_one_after_the_other_with_equal_times():
    found = done(times_of(2, 2, 2), [1, 2, 3], wip=1)

    assert [set(found[item].tolist()) for item in (1, 2, 3)] == [{2.0}, {4.0}, {6.0}]


def test_two_places_take_half_the_time():
    found = done(times_of(2, 2), [1, 2, 3, 4], wip=2)

    assert [found[item][0] for item in (1, 2, 3, 4)] == [2.0, 2.0, 4.0, 4.0]


def test_work_under_way_is_done_after_what_is_left_of_its_time_and_holds_its_place():
    found = done(times_of(4, 4), [1, 2], wip=1, ages={1: 3 * DAY})

    assert (found[1][0], found[2][0]) == (1.0, 5.0)


def test_other_work_beyond_the_limit_is_done_before_anything_new_starts():
    # Three others will need 1, 2 and 3 more days; with two places the new one starts when two of them are done.
    found = done(times_of(4, 4), [1], wip=2, others=np.array([3.0, 2.0, 1.0]) * DAY)

    assert set(found[1].tolist()) == {6.0}


def test_an_item_starts_after_its_blocker_and_a_parent_ends_after_its_children():
    found = done(times_of(2, 2), [1, 2], wip=5, links=[(2, "blocks", 1)])
    assert (found[2][0], found[1][0]) == (2.0, 4.0)

    found = done(times_of(2, 2), [1, 2, 3], wip=5, links=[(3, "blocks", 2), (1, "parent", 2)])
    assert (found[3][0], found[2][0], found[1][0]) == (2.0, 4.0, 4.0)


def test_a_stricter_limit_and_more_items_are_never_sooner():
    times = times_of(1, 2, 3, 5, 8)
    for seed in range(5):
        narrow, wide = (done(times, [1, 2, 3, 4], wip=wip, seed=seed) for wip in (1, 3))
        more = done(times, [1, 2, 3, 4, 5], wip=3, seed=seed)
        assert all((narrow[item] >= wide[item]).all() for item in (1, 2, 3, 4))
        assert (more[5] >= 0).all()
        assert all((more[item] == wide[item]).all() for item in (1, 2, 3, 4))


def test_flow_times_are_drawn_as_often_as_they_occurred():
    found = done(times_of(1, 1, 1, 4), [1], wip=1, runs=8000)[1]

    assert (found == 1).mean() == pytest.approx(0.75, abs=0.02)
    # Who is two days old will need four.
    assert set(done(times_of(1, 1, 1, 4), [1], wip=1, ages={1: 2 * DAY})[1].tolist()) == {2.0}


def test_what_the_data_does_not_reach_is_not_claimed():
    # Half are finished after a day, half still open after nine: the rest takes nine days at least.
    found = done(times_of(1, 1, still_open=(9, 9)), [1], wip=1, runs=4000)[1]

    assert np.isinf(found).mean() == pytest.approx(0.5, abs=0.03)
    assert times_of(1, 1, still_open=(9, 9)).mean == pytest.approx(5 * DAY)


def finished_log(extra=(), **options):
    """Thirty items of two days each, one begun a day; seen on day 35."""
    rows = [(str(day), moment(day + more), state) for day in range(30) for more, state in ((0, "Doing"), (2, "Done"))]
    return log_of_rows([*rows, *extra], WORKFLOW, as_of=moment(35), **options)


def test_named_items_of_a_log_get_their_days():
    log = finished_log([("X", moment(34), "Doing"), ("Y", moment(33), "Open"), ("Z", moment(30), "Open")])
    found = forecast_items(log, POLICY, [31, 32], rules=Rules(wip=1, runs=200))

    assert found.items.select("item", "position", "age_days", "added").rows() == [
        (31, 1, 1.0, False),
        (32, 2, None, False),
    ]
    # X needs one more day, then Y its two.
    assert [from_us(us).isoformat()[:10] for us in found.items["p85_us"]] == [moment(36)[:10], moment(38)[:10]]
    assert found.items["p95_us"].to_list() == [None, None]  # 30 finished items carry 90%
    assert (found.wip_observed, found.others, found.n) == (False, 0, 30)
    assert found.when["answer"].to_list() == ["value", "value", "value", "not_claimed"]


def test_the_limit_that_fits_the_pace_is_departures_times_mean_time():
    log = finished_log()
    items = attribute(log, POLICY, item_windows(log, POLICY))

    # 30 items in 35 days, 2 days each: 1.7.
    assert observed_wip(log, items, flow_times(log, POLICY, items), window_days=90) == 2


def test_who_is_older_than_anything_finished_is_left_out_with_who_waits_for_it():
    log = finished_log(
        [("Old", moment(5), "Doing"), ("Waits", moment(33), "Open"), ("Free", moment(33), "Open")],
        links=[("Old", "blocks", "Waits")],
    )
    found = forecast_items(log, POLICY, [32, 33, 1], rules=Rules(runs=200), with_backtest=False)

    assert found.left_out.rows() == [(1, "not_open"), (31, "older_than_any_finished"), (32, "waits_for_left_out")]
    assert found.items["item"].to_list() == [33]


def test_an_open_blocker_that_nobody_named_is_added():
    log = finished_log(
        [("A", moment(33), "Open"), ("B", moment(33), "Open")],
        links=[("A", "blocks", "B")],
    )
    found = forecast_items(log, POLICY, [32], rules=Rules(runs=200, wip=3), with_backtest=False)

    assert found.items.select("item", "added", "blockers").rows() == [(31, True, 0), (32, False, 1)]
    assert "blockers_first" in found.assumptions


def test_a_circle_has_no_answer_and_is_named():
    log = finished_log(
        [("A", moment(33), "Open"), ("B", moment(33), "Open")],
        links=[("A", "blocks", "B"), ("B", "blocks", "A")],
    )
    found = forecast_items(log, POLICY, [31])

    assert (found.status, found.reason, found.cycle) == (Status.UNDEFINED, "dependency_cycle", (31, 32))


def test_the_other_answers_without_a_figure():
    few = log_of({"A": (0, 1), "B": (0, None)}, as_of=3)
    assert forecast_items(few, POLICY, [2]).reason == "too_few_flow_times"
    assert forecast_items(finished_log(), POLICY, [1]).reason == "no_item_to_forecast"
    assert forecast_items(finished_log(), BUILT_IN["process_time"], [1]).reason == "policy_adds_up_states"


def test_the_same_seed_gives_the_same_days():
    log = finished_log([("X", moment(34), "Doing"), ("Y", moment(33), "Open")])
    first, again = (forecast_items(log, POLICY, [31, 32], with_backtest=False) for _ in range(2))

    assert first.items.equals(again.items)
    assert first.when.equals(again.when)


def test_the_backtest_of_items_counts_those_that_were_open():
    found = forecast_items(finished_log([("X", moment(34), "Doing")]), POLICY, [31], rules=Rules(runs=200)).backtest

    # Every item takes two days: whatever was open at an origin was done when it was said to be.
    assert found.kind == "items"
    row = found.levels.row(by_predicate=pl.col("level") == 85, named=True)
    assert row["held"] == row["decided"] > 5


def test_in_an_exponential_world_levels_of_items_hold_as_often_as_they_say():
    rng = np.random.default_rng(4)
    starts, times = rng.uniform(0, 300, 1500), rng.exponential(10, 1500)
    items = {
        str(number): (start, start + time if start + time < 300 else None)
        for number, (start, time) in enumerate(zip(starts, times, strict=True))
    }
    log = log_of(items, as_of=300)
    chosen = [number + 1 for number, (_, end) in enumerate(items.values()) if end is None][:1]
    levels = forecast_items(log, POLICY, chosen, rules=Rules(runs=200)).backtest.levels

    # Some 50 items are open at each of two dozen origins; the same item may be open at several.
    assert levels.filter(pl.col("level") == 85)["decided"][0] > 800
    assert levels.filter(pl.col("level") == 85)["share"][0] == pytest.approx(0.85, abs=0.04)
    assert levels.filter(pl.col("level") == 50)["share"][0] == pytest.approx(0.5, abs=0.05)


def test_without_memory_the_chance_does_not_depend_on_age():
    rng = np.random.default_rng(4)
    starts, times = rng.uniform(0, 300, 4000), rng.exponential(10, 4000)
    items = {
        str(number): (start, start + time if start + time < 300 else None)
        for number, (start, time) in enumerate(zip(starts, times, strict=True))
    }
    chances = open_item_chances(log_of(items, as_of=300), POLICY, within_days=7)
    young = chances.filter(pl.col("age_days") < 20)

    assert young["chance"].to_numpy() == pytest.approx(1 - exp(-0.7), abs=0.08)


def test_chances_by_hand_capped_and_not_known():
    items = {f"short{n}": (n, n + 1.0) for n in range(30)} | {f"long{n}": (n, n + 5.0) for n in range(30)}
    log = log_of(items | {"new": (39.5, None), "two": (38, None), "old": (20, None)}, as_of=40)
    chances = open_item_chances(log, POLICY, within_days=1)

    assert chances.select("age_days", "answer").rows() == [
        (20.0, "older_than_any_finished"),
        (2.0, "value"),
        (0.5, "value"),
    ]
    # At risk after half a day: all but "new", so 62; half of the finished ones take one day.
    assert chances["chance"].to_list()[1:] == pytest.approx([0.0, 30 / 62])
    later = open_item_chances(log, POLICY, within_days=4)
    assert later["chance"].to_list()[1] == 0.95


def test_moments_by_the_working_clock():
    log = finished_log(calendar=built_in_calendar("de"))  # Monday, 9 February 2026, 01:00 in Berlin
    hours = 3_600_000_000

    assert from_us(moment_after(log, 8 * hours)).isoformat() == "2026-02-09T16:00:00+00:00"
    assert from_us(moment_after(log, 41 * hours)).isoformat() == "2026-02-16T09:00:00+00:00"
    assert moment_after(log, 10**6 * hours) is None
    assert moment_after(log, 0) == log.as_of_us
