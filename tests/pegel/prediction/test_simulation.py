"""The simulation against exact distributions, and what must hold for every supply."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.calendar import built_in_calendar
from pegel.prediction.simulation import NEVER, at_least, day_at, days_needed, items_finished
from tests.pegel.prediction.worlds import supply_of

RUNS = 4000


def needed(*numbers: int, runs: int = RUNS) -> np.ndarray:
    return np.tile(numbers, (runs, 1))


def test_a_steady_supply_is_plain_arithmetic():
    days = days_needed(supply_of([2] * 28), needed(9), seed=1)

    # 2 a day: 9 items need 4.5, so they are done on the fifth day, whatever is drawn.
    assert set(days[:, 0].tolist()) == {4}
    assert set(items_finished(supply_of([2] * 28), 7, runs=100, seed=1)[:, 0].tolist()) == {14}


def test_one_item_on_a_quarter_of_the_days_is_a_negative_binomial():
    supply = supply_of([1, 0, 0, 0] * 7)  # every day of the week has 1 of 4
    days = days_needed(supply, needed(5, runs=40_000), seed=3, uncertain_rate=False)[:, 0] + 1

    # P(5th success on day d) = C(d − 1, 4) · 0.25⁵ · 0.75^(d − 5)
    exact = np.cumsum([comb(day - 1, 4) * 0.25**5 * 0.75 ** (day - 5) for day in range(5, 120)])
    for share in (0.5, 0.7, 0.85, 0.95):
        wanted = 5 + int(np.searchsorted(exact, share))
        assert abs(day_at(days, share) - wanted) <= 1
    assert days.mean() == pytest.approx(5 / 0.25, rel=0.01)
    assert days.var() == pytest.approx(5 * 0.75 / 0.25**2, rel=0.04)


def test_how_many_in_so_many_days_is_a_binomial():
    supply = supply_of([1, 0, 0, 0] * 7)
    counts = items_finished(supply, 40, runs=40_000, seed=3, uncertain_rate=False)[:, 0]

    exact = [comb(40, k) * 0.25**k * 0.75 ** (40 - k) for k in range(41)]
    for k in (6, 10, 14):
        assert (counts >= k).mean() == pytest.approx(sum(exact[k:]), abs=0.01)
    # At least so many with 85%: the largest k with P(X ≥ k) ≥ 0.85.
    wanted = max(k for k in range(41) if sum(exact[k:]) >= 0.85)
    assert abs(at_least(counts, 0.85) - wanted) <= 1


def test_an_uncertain_pace_widens_what_a_short_window_says_and_moves_the_middle_little():
    supply = supply_of(np.random.default_rng(2).poisson(1.0, 28).tolist())
    sure = days_needed(supply, needed(60), seed=1, uncertain_rate=False)[:, 0]
    unsure = days_needed(supply, needed(60), seed=1)[:, 0]

    assert unsure.std() > 1.3 * sure.std()
    assert abs(day_at(unsure, 0.5) - day_at(sure, 0.5)) <= 6


counts = st.lists(st.integers(0, 4), min_size=28, max_size=60).filter(any)


@given(column=counts, items=st.integers(1, 40), more=st.integers(1, 20), seed=st.integers(0, 1000))
def test_more_items_are_never_done_sooner(column: list[int], items: int, more: int, seed: int) -> None:
    supply = supply_of(column)
    few = days_needed(supply, needed(items, runs=200), seed=seed)
    many = days_needed(supply, needed(items + more, runs=200), seed=seed)

    assert (many >= few).all()


@given(column=counts, items=st.integers(1, 40), seed=st.integers(0, 1000))
def test_the_same_seed_draws_the_same_futures(column: list[int], items: int, seed: int) -> None:
    supply = supply_of(column)
    first, again = (days_needed(supply, needed(items, runs=200), seed=seed) for _ in range(2))

    assert (first == again).all()


@given(column=counts, items=st.integers(1, 40))
def test_when_and_how_many_are_two_sides_of_the_same_futures(column: list[int], items: int) -> None:
    supply = supply_of(column)
    days = days_needed(supply, needed(items, runs=100), seed=1)[:, 0]
    done = items_finished(supply, 30, runs=100, seed=1)[:, 0]

    assert ((days < 30) == (done >= items)).all()


def test_streams_share_the_drawn_day():
    column = np.random.default_rng(1).poisson(1.0, 63)
    days = days_needed(supply_of(column, column), needed(20, 20, runs=500), seed=1)

    assert (days[:, 0] == days[:, 1]).all()


def test_what_never_delivers_is_never_done_and_nothing_is_done_at_once():
    supply = supply_of([0] * 28, [1] * 28)
    days = days_needed(supply, needed(1, 0, runs=100), seed=1)

    assert set(days[:, 0].tolist()) == {NEVER}
    assert set(days[:, 1].tolist()) == {-1}
    assert day_at(days[:, 0], 0.5) is None


def test_without_a_calendar_a_weekend_stays_a_weekend():
    # Five items every Monday, nothing else: the second five are done on the second Monday.
    supply = supply_of([5, 0, 0, 0, 0, 0, 0] * 4)
    days = days_needed(supply, needed(10, runs=200), seed=1)[:, 0]

    assert set(days.tolist()) == {7}  # the first future day is a Monday


def test_with_a_calendar_holidays_of_the_future_deliver_nothing():
    supply = supply_of([1] * 28, calendar=built_in_calendar("de-BY"))

    # From Monday, 5 January 2026; the 6th is a holiday in Bavaria, the 10th and 11th a weekend.
    assert (supply.coming_days(5) - supply.next_day).tolist() == [0, 2, 3, 4, 7]


def test_long_futures_and_many_runs_are_cut_into_blocks():
    days = days_needed(supply_of([0, 0, 0, 0, 0, 0, 1] * 4), needed(100, runs=300), seed=1)[:, 0]

    assert set(days.tolist()) == {99 * 7 + 6}
