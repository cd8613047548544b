"""Process behaviour charts against a published example and by hand; tail ratio."""

from math import log

import numpy as np
import pytest

from pegel.flow.answer import Status
from pegel.prediction.process_behaviour import process_behaviour
from pegel.prediction.tail import HEAVY, tail_ratio

#: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten batches.
NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def marked(values, signal):
    points = process_behaviour(range(len(values)), values).points
    return [index for index, mark in enumerate(points[signal]) if mark]


def test_the_limits_of_the_nist_example():
    chart = process_behaviour(range(10), NIST)

    # Published: mean 50.81, mean moving range 1.8778, limits 45.8159 and 55.8041 (with 3/1.128 instead of 2.66).
    assert chart.mean == pytest.approx(50.81)
    assert chart.mean_range == pytest.approx(16.9 / 9)  # 2.0+2.3+1.4+3.5+3.4+1.4+0.2+1.2+1.5 = 16.9
    assert (chart.lower, chart.upper) == pytest.approx((45.8159, 55.8041), abs=0.001)
    assert chart.range_limit == pytest.approx(3.268 * 16.9 / 9)
    assert chart.signals == 0


def test_a_value_beyond_the_limit_is_outside():
    values = [5.0, 6.0] * 10
    values[10] = 40.0

    assert marked(values, "outside") == [10]


def test_eight_in_a_row_on_one_side_are_a_run_and_seven_are_not():
    assert marked([1, 3] * 4 + [3] * 8, "run") == list(range(7, 16))  # the last 3 of the pairs belongs to it
    assert marked([1, 3] * 4 + [1] + [3] * 7 + [1] * 4, "run") == []


def test_a_value_on_the_mean_breaks_a_run():
    values = [1.0] * 4 + [2.0] + [1.0] * 4 + [3.0] * 4 + [2.0] + [3.0] * 4

    assert np.mean(values) == 2.0
    assert marked(values, "run") == []


def test_three_of_four_near_the_same_limit():
    # Mean 0 up to the shift; by hand: mR̄ and mean from all values, half the way to the limit = 1.33 mR̄.
    values = [10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 13, 13, 11, 13]
    chart = process_behaviour(range(len(values)), values)
    bound = chart.mean + 1.33 * chart.mean_range

    assert 11 < bound < 13
    assert marked(values, "near_limit") == [10, 11, 13]


def test_equal_values_give_no_signal():
    chart = process_behaviour(range(8), [4.0] * 8)

    assert (chart.lower, chart.mean, chart.upper, chart.signals) == (4.0, 4.0, 4.0, 0)


def test_a_limit_below_zero_is_zero():
    assert process_behaviour(range(6), [0, 9, 0, 9, 0, 9]).lower == 0


def test_fewer_than_six_values_have_no_limits():
    chart = process_behaviour(range(5), [1, 2, 3, 4, 5])

    assert (chart.status, chart.reason, chart.upper, chart.points.height) == (
        Status.NO_DATA,
        "too_few_points",
        None,
        5,
    )


def test_the_tail_of_the_exponential_distribution_is_the_bound():
    # Quantile function −ln(1 − p): p98 ÷ p50 = ln 50 ÷ ln 2.
    days = -np.log(1 - (np.arange(100_000) + 0.5) / 100_000)

    assert tail_ratio(days).ratio == pytest.approx(HEAVY, rel=0.001)
    assert pytest.approx(log(50) / log(2)) == 5.6438562
    assert tail_ratio(days**1.2).finding == "heavy"
    assert tail_ratio(days**0.8).finding == "light"


def test_no_tail_without_enough_items_or_without_time():
    assert tail_ratio(np.ones(49)).reason == "too_few_for_a_tail"
    assert tail_ratio(np.zeros(60)).status is Status.UNDEFINED
