"""Change points: planted shifts are found where they are; noise raises hardly an alarm."""

import numpy as np

from pegel.prediction.change_points import LEVEL, LONGEST, change_points


def test_planted_shifts_are_found_where_they_are():
    misses = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        values = np.concatenate([rng.poisson(10, 40), rng.poisson(18, 30), rng.poisson(9, 40)])
        found = [one.index for one in change_points(values.tolist(), seed=seed)]
        misses += [min(abs(index - planted) for index in found) for planted in (40, 70)]

    assert np.median(misses) <= 1
    assert max(misses) <= 8


def test_a_shift_says_the_levels_before_and_after():
    (found,) = change_points([2.0] * 12 + [5.0] * 12)

    assert (found.index, found.before, found.after) == (12, 2.0, 5.0)
    assert found.p_value <= LEVEL


def test_false_alarms_on_noise_are_as_rare_as_promised():
    rng = np.random.default_rng(1)
    alarms = sum(bool(change_points(rng.lognormal(1, 1, 60).tolist(), seed=number)) for number in range(400))

    # 400 series at a level of 1%: 4 expected; more than 11 would have a probability of 0.1% (Poisson).
    assert alarms <= 11


def test_equal_values_and_short_series_have_no_change():
    assert change_points([3.0] * 50) == ()
    assert change_points([1, 1, 1, 1, 9, 9, 9, 9, 9]) == ()


def test_the_same_seed_gives_the_same_marks():
    values = np.random.default_rng(3).normal(size=80).tolist()

    assert change_points(values, seed=5) == change_points(values, seed=5)


def test_a_long_series_is_searched_in_its_last_values():
    (found,) = change_points([1.0] * 100 + [1.0] * (LONGEST - 50) + [2.0] * 50)

    assert found.index == LONGEST + 50
