"""Backtests: only what could be seen then, only what could be decided; what they find in worlds that change."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pegel.flow.answer import Status
from pegel.prediction.backtest import wilson
from pegel.prediction.forecast import forecast
from pegel.prediction.rules import Rules
from tests.pegel.prediction.worlds import DAY_US, POLICY, log_of

QUICK = Rules(runs=500)


def world(rate, days, *, seed=1):
    """Items finished at a rate (items per day, by day), each after a day and a half."""
    rng = np.random.default_rng(seed)
    items = {}
    for day in range(2, days):
        for number in range(rng.poisson(rate(day))):
            items[f"{day}-{number}"] = (day - 1.5, day + 0.5)
    return log_of(items, as_of=days)


def level(found, wanted=85):
    return found.backtest.levels.row(by_predicate=pl.col("level") == wanted, named=True)


def test_in_a_steady_world_the_level_holds():
    found = forecast(world(lambda _: 1.0, 500), POLICY, items=25, rules=QUICK)

    assert found.backtest.origins == 24
    assert level(found)["finding"] == "fits"
    assert level(found)["low"] <= 0.85 <= level(found)["high"]


def test_in_a_world_that_slows_down_it_was_too_confident():
    found = forecast(world(lambda day: 3 - day / 200, 500), POLICY, items=60, rules=QUICK)

    assert level(found)["finding"] == "optimistic"


def test_in_a_world_that_speeds_up_it_was_too_careful():
    found = forecast(world(lambda day: 0.5 + day / 150, 500), POLICY, items=30, rules=QUICK)

    assert level(found)["finding"] == "cautious"


def test_nothing_that_was_seen_later_changes_a_past_forecast():
    def rate(day):
        return 1.0 if day < 300 else 9.0

    short = forecast(world(rate, 300), POLICY, items=15, rules=QUICK, with_backtest=False)
    long_log = world(rate, 500)
    # The origin is the same moment, seen from later on: the forecast made from what was seen then is the same.
    then = forecast(long_log.seen_at(short.as_of_us - 1), POLICY, items=15, rules=QUICK, with_backtest=False)

    assert then.when.equals(short.when)


def test_an_origin_decides_only_when_the_day_said_has_passed():
    found = forecast(world(lambda _: 1.0, 300), POLICY, items=25, rules=QUICK)
    last = 300 * DAY_US + 20458 * DAY_US
    for row in found.backtest.detail.iter_rows(named=True):
        passed = row["origin_us"] + row["said"] * DAY_US <= last
        assert (row["held"] is not None) == passed


def test_how_many_is_tested_over_the_same_number_of_days():
    log = world(lambda _: 2.0, 400)
    found = forecast(log, POLICY, until_us=log.as_of_us + 20 * DAY_US, rules=QUICK)

    assert found.backtest.kind == "how_many"
    assert found.backtest.asked == {"days": 21}
    assert level(found)["decided"] == 24
    assert level(found)["finding"] in ("fits", "cautious")


def test_a_question_too_large_for_the_history_is_tested_smaller_and_says_so():
    found = forecast(world(lambda _: 1.0, 120), POLICY, items=100, rules=QUICK)

    assert found.backtest.reduced
    assert 1 <= found.backtest.asked[""] < 100


def test_a_history_too_short_says_so():
    found = forecast(world(lambda _: 2.0, 27), POLICY, items=5, rules=QUICK)

    assert found.status is Status.VALUE
    assert (found.backtest.status, found.backtest.reason) == (Status.NO_DATA, "history_too_short")


def test_several_streams_are_tested_together():
    rng = np.random.default_rng(3)
    items = {f"{day}-{n}": (day - 1.5, day + 0.5) for day in range(2, 300) for n in range(rng.poisson(2.0))}
    streams = {name: "XY"[number % 2] for number, name in enumerate(items)}
    found = forecast(log_of(items, as_of=300, stream=streams), POLICY, items={"X": 20, "Y": 20}, rules=QUICK)

    assert found.backtest.asked == {"X": 20, "Y": 20}
    assert level(found)["share"] > 0.6


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_against_published_values(successes, n, low, high):
    assert wilson(successes, n) == pytest.approx((low, high), abs=0.0001)
