"""Weights on the simplex: by hand, at the corners, as properties, and against the R package's iteration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.impact.synthetic.simplex import duality_gap, frank_wolfe, objective, simplex_weights


def test_a_target_between_two_columns():
    # (1 − w) · (0, 2) + w · (4, 2) = (1, 2) for w = 1/4.
    weights = simplex_weights(np.array([[0.0, 4.0], [2.0, 2.0]]), np.array([1.0, 2.0]))

    assert weights == pytest.approx([0.75, 0.25], abs=1e-9)


def test_the_ridge_pulls_towards_equal_weights():
    # mean over 2 rows of (4w − 1)², 0² plus ridge² (w² + (1 − w)²), ridge² = 2:
    # derivative 4 (4w − 1) + 2 (4w − 2) = 24w − 8 = 0, w = 1/3.
    weights = simplex_weights(np.array([[0.0, 4.0], [2.0, 2.0]]), np.array([1.0, 2.0]), ridge=2.0**0.5)

    assert weights == pytest.approx([2 / 3, 1 / 3], abs=1e-12)


def test_an_intercept_looks_at_the_course_and_not_at_the_level():
    columns, target = np.array([[0.0, 10.0], [1.0, 12.0], [2.0, 14.0]]), np.array([100.0, 101.5, 103.0])

    # Slopes 1 and 2, wanted 1.5.
    assert simplex_weights(columns, target, intercept=True) == pytest.approx([0.5, 0.5], abs=1e-9)
    assert simplex_weights(columns, target).tolist() == [0.0, 1.0]


def test_a_target_beyond_the_columns_gets_the_nearest_corner():
    assert simplex_weights(np.eye(2), np.array([5.0, -9.0])).tolist() == [1.0, 0.0]


def test_one_column_has_all_the_weight():
    assert simplex_weights(np.array([[3.0], [4.0]]), np.array([0.0, 0.0])).tolist() == [1.0]


@pytest.mark.parametrize("height", [0.0, 1.0, 1e9])
def test_equal_columns_share_alike(height):
    weights = simplex_weights(np.full((3, 4), height), np.full(3, 1.0))

    assert weights == pytest.approx([0.25] * 4, abs=1e-5)


def test_of_many_perfect_answers_the_most_even_one_is_meant():
    # 0, 2 and 4 reach 2 in many ways; Σ w² is least at a third each.
    assert simplex_weights(np.array([[0.0, 2.0, 4.0]]), np.array([2.0])) == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_no_point_of_a_fine_grid_does_better():
    random = np.random.default_rng(3)
    columns, target = random.normal(size=(6, 3)), random.normal(size=6)
    best = objective(columns, target, simplex_weights(columns, target, ridge=0.4), ridge=0.4)
    grid = [np.array([i, j, 100 - i - j]) / 100 for i in range(101) for j in range(101 - i)]

    values = [objective(columns, target, w, ridge=0.4) for w in grid]

    assert best <= min(values)
    assert best == pytest.approx(min(values), abs=1e-3)


@given(
    rows=st.integers(1, 8),
    many=st.integers(1, 12),
    ridge=st.sampled_from([0.0, 0.1, 3.0]),
    intercept=st.booleans(),
    size=st.sampled_from([1e-6, 1.0, 1e6]),
    seed=st.integers(0, 10_000),
)
def test_weights_are_weights_and_optimal(rows, many, ridge, intercept, size, seed):
    random = np.random.default_rng(seed)
    columns, target = size * random.normal(size=(rows, many)), size * random.normal(size=rows)
    asked = {"ridge": ridge * size, "intercept": intercept}

    weights = simplex_weights(columns, target, **asked)

    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert duality_gap(columns, target, weights, **asked) <= 1e-8 * size**2


@given(many=st.integers(2, 20), seed=st.integers(0, 10_000))
def test_neither_order_nor_unit_of_measure_matters(many, seed):
    random = np.random.default_rng(seed)
    columns, target = random.normal(size=(5, many)), random.normal(size=5)
    order = random.permutation(many)

    weights = simplex_weights(columns, target)

    assert simplex_weights(columns[:, order], target) == pytest.approx(weights[order], abs=1e-8)
    assert simplex_weights(1000 * columns, 1000 * target) == pytest.approx(weights, abs=1e-8)


def test_the_iteration_takes_the_step_that_the_line_asks_for():
    # From (½, ½) on columns 0 and 4 towards 3: rest −1, slope (0, −4), way (−½, ½), change 2, step −(−2) ÷ 4 = ½.
    # That gives (¼, ¾), which is exact; a quarter of ¾ is less than ¼, so nothing is set to 0.
    found = frank_wolfe(np.array([[0.0, 4.0]]), np.array([3.0]), ridge=0.0, intercept=False, smallest_gain=1e-9)

    assert found == pytest.approx([0.25, 0.75], abs=1e-12)


def test_the_iteration_comes_close_but_stops_early():
    random = np.random.default_rng(8)
    columns, target = random.normal(size=(12, 9)), random.normal(size=12)
    asked = {"ridge": 0.5, "intercept": True}

    exact = objective(columns, target, simplex_weights(columns, target, **asked), **asked)
    found = objective(columns, target, frank_wolfe(columns, target, **asked, smallest_gain=1e-4), **asked)

    assert exact < found < exact + 1e-3


def test_the_iteration_stands_still_where_all_columns_are_equal():
    found = frank_wolfe(np.ones((3, 2)), np.ones(3), ridge=0.0, intercept=True, smallest_gain=0.0)

    assert found.tolist() == [0.5, 0.5]
