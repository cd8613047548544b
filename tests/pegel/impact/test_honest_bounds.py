"""Bounds for bent trends: by hand, as properties, against a linear programme, and as R, diff-diff and moderndid."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from pegel.errors import InputError, UserError
from pegel.impact.diagnostics.fixed_length_interval import folded_quantile, smooth_trends
from pegel.impact.diagnostics.honest_bounds import honest_bounds
from pegel.impact.diagnostics.relative_magnitudes import _polyhedra, relative_breakdown, relative_interval
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.panel import Panel, panel_of

_MPDTA = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data")) / "did-mpdta"
_ORACLES = Path(__file__).parent / "oracles"
NEVER = callaway_santanna.fitter(control="never")
MEDICAID = pd.read_csv(_ORACLES / "diagnostics_event_study.csv")
BOUNDS = pd.read_csv(_ORACLES / "diagnostics_bounds.csv")
TARGETS = {"first": np.array([1.0, 0.0]), "average": np.array([0.5, 0.5])}


def _world(seed: int = 0, units: int = 16, periods: int = 12, effect: float = 3.0, gap: bool = False) -> Panel:
    random = np.random.default_rng(seed)
    starts = np.where(np.arange(units) < units // 2, 8.0, np.nan)
    values = random.normal(size=(units, periods)) + effect * (np.arange(1, periods + 1)[None, :] >= starts[:, None])
    if gap:
        values[0, 2] = np.nan
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": values.ravel(),
            "cohort": np.repeat(starts, periods),
        }
    )
    return panel_of(frame, unit="unit", time="time", outcome="y", cohort="cohort")


def _event_study(seed: int, leads: int, after: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    parts = random.normal(size=(leads + after + 4, leads + after))
    target = random.random(after)
    return random.normal(size=leads + after), parts.T @ parts / 10, target / target.sum()


def _medicaid() -> tuple[np.ndarray, np.ndarray]:
    return MEDICAID["effect"].to_numpy(), MEDICAID.iloc[:, 2:].to_numpy()


def test_one_lead_and_one_effect_by_hand():
    # Lead −1 one period before the base, effect 3 one period after it: a straight line takes 1 off, 3 − 1 = 2, with
    # variance 1 + 1. It may bend by M at the base only, so the bias is at most M.
    problem = smooth_trends(np.array([-1.0, 3.0]), np.eye(2), leads=1, target=np.ones(1))
    straight, bent = problem.interval(0.0, level=0.95), problem.interval(0.5, level=0.95)

    assert straight.estimate == bent.estimate == 2
    assert straight.half == pytest.approx(stats.norm.ppf(0.975) * np.sqrt(2))
    assert bent.bias == 0.5
    assert bent.half == pytest.approx(np.sqrt(2) * folded_quantile(0.5 / np.sqrt(2), 0.95)[0])


def test_an_average_of_two_effects_by_hand():
    # Steps of 1 and 2 periods: the straight line counts 1.5 times, and bends at the base and after it count
    # (1 + 2) / 2 = 1.5 and 1 / 2 times.
    problem = smooth_trends(np.array([-2.0, 5.0, 7.0]), np.eye(3), leads=1, target=np.array([0.5, 0.5]))
    found = problem.interval(1.0, level=0.95)

    assert found.estimate == pytest.approx(6 - 1.5 * 2)
    assert found.bias == pytest.approx(2.0)
    assert found.weights.tolist() == [1.5]


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0, 10.0, 300.0])
def test_quantiles_of_the_folded_normal(t):
    found, slope = folded_quantile(t, 0.95)

    assert stats.norm.cdf(found - t) - stats.norm.cdf(-found - t) == pytest.approx(0.95, abs=1e-10)
    assert slope == pytest.approx((folded_quantile(t + 1e-5, 0.95)[0] - found) / 1e-5, abs=1e-4)


@given(seed=st.integers(0, 10_000), leads=st.integers(2, 7), after=st.integers(1, 5), bound=st.floats(0, 2))
def test_no_other_weights_give_a_shorter_interval(seed, leads, after, bound):
    beta, covariance, target = _event_study(seed, leads, after)
    problem = smooth_trends(beta, covariance, leads=leads, target=target)
    best = problem.interval(bound, level=0.9)
    random = np.random.default_rng(seed)
    reach = np.arange(1, after + 1) @ target
    for size in (1e-3, 0.1, 1.0):
        twice = np.cumsum(np.cumsum(best.weights))
        assert twice[-1] == pytest.approx(reach)  # straight trends leave no bias
        twice = np.append(twice[:-1] + size * random.normal(size=leads - 1), reach)
        other = np.diff(np.diff(twice, prepend=0), prepend=0)
        both = np.append(other, target)
        sd = np.sqrt(both @ covariance @ both)
        bias = bound * (
            sum(abs((np.arange(1, after + 1) - r)[r:] @ target[r:]) for r in range(after)) + np.abs(twice[:-1]).sum()
        )
        assert sd * folded_quantile(bias / sd, 0.9)[0] >= best.half - 1e-9


@given(seed=st.integers(0, 10_000), leads=st.integers(1, 6), after=st.integers(1, 4))
def test_more_bend_is_never_a_shorter_interval(seed, leads, after):
    beta, covariance, target = _event_study(seed, leads, after)
    problem = smooth_trends(beta, covariance, leads=leads, target=target)
    halves = [problem.interval(bound, level=0.95).half for bound in (0.0, 0.01, 0.1, 1.0, 10.0)]

    assert halves == sorted(halves)


def test_straight_trends_are_taken_off_exactly():
    beta, covariance, target = _event_study(1, 5, 3)
    line = 0.7 * np.array([-5, -4, -3, -2, -1, 1, 2, 3])
    plain, tilted = (smooth_trends(one, covariance, leads=5, target=target) for one in (beta, beta + line))

    for bound in (0.0, 0.2, 5.0):
        assert tilted.interval(bound, level=0.95).estimate == pytest.approx(
            plain.interval(bound, level=0.95).estimate, abs=1e-9
        )


def _cases(kind: str, source: str) -> list[tuple[str, float, float, float]]:
    rows = BOUNDS.query("study == 'medicaid' and kind == @kind and source == @source")
    return list(rows[["target", "bound", "low", "high"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("target", "bound", "low", "high"), _cases("smooth", "diff-diff"))
def test_smoothness_as_diff_diff(target, bound, low, high):
    problem = smooth_trends(*_medicaid(), leads=5, target=TARGETS[target])
    found = problem.interval(bound, level=0.95)

    assert found.estimate - found.half == pytest.approx(low, abs=1e-7)
    assert found.estimate + found.half == pytest.approx(high, abs=1e-7)


@pytest.mark.parametrize(("target", "bound", "low", "high"), _cases("smooth", "R"))
def test_smoothness_as_printed_by_r(target, bound, low, high):
    problem = smooth_trends(*_medicaid(), leads=5, target=TARGETS[target])
    found = problem.interval(bound, level=0.95)

    # R simulates the quantile and prints three digits.
    assert found.estimate - found.half == pytest.approx(low, abs=1e-4)
    assert found.estimate + found.half == pytest.approx(high, abs=5e-4 if high > 0.1 else 1e-4)


@pytest.mark.parametrize(
    ("target", "bound", "low", "high", "close"),
    [(*case, 3e-4) for case in _cases("relative", "moderndid")] + [(*case, 4e-4) for case in _cases("relative", "R")],
)
def test_relative_magnitudes_as_r_and_moderndid(target, bound, low, high, close):
    found = relative_interval(*_medicaid(), leads=5, target=TARGETS[target], bound=bound, level=0.95)

    assert found.low == pytest.approx(low, abs=close)
    assert found.high == pytest.approx(high, abs=close)


def test_without_any_deviation_the_relative_interval_is_the_plain_one():
    beta, covariance = _medicaid()
    found = relative_interval(beta, covariance, leads=5, target=TARGETS["first"], bound=0.0, level=0.95)
    reach = stats.norm.ppf(0.975) * np.sqrt(covariance[5, 5])

    # The hybrid test gives up a tenth of its size to its first stage, and gets it back where both agree.
    assert found.low == pytest.approx(beta[5] - reach, abs=1e-4)
    assert found.high == pytest.approx(beta[5] + reach, abs=1e-4)


def test_the_relative_breakdown_is_where_the_interval_reaches_zero():
    beta, covariance = _medicaid()
    settings = {"leads": 5, "target": TARGETS["first"], "level": 0.95}
    most = relative_breakdown(beta, covariance, **settings)

    assert most == pytest.approx(1.946, abs=2e-3)
    assert relative_interval(beta, covariance, bound=most * 0.99, **settings).low > 0
    assert relative_interval(beta, covariance, bound=most * 1.01, **settings).low < 0


def test_an_effect_of_nothing_breaks_down_at_once():
    beta, covariance = _medicaid()
    still = np.append(beta[:5], [0.0, 0.0])

    assert relative_breakdown(still, covariance, leads=5, target=TARGETS["first"], level=0.95) == 0


@given(
    seed=st.integers(0, 10_000),
    leads=st.integers(1, 4),
    after=st.integers(1, 4),
    bound=st.floats(0.1, 3),
    theta=st.floats(-3, 3),
)
def test_the_vertices_solve_the_linear_programme(seed, leads, after, bound, theta):
    # min η over η and the effects' steps u with Σ c u = θ such that ±(b − u) − M̄ d ≤ η sd, as in Andrews, Roth & Pakes.
    beta, covariance, target = _event_study(seed, leads, after)
    steps = np.diff(np.insert(np.eye(leads + after), leads, 0.0, axis=0), axis=0)
    reach = np.cumsum(target[::-1])[::-1]
    polyhedra = _polyhedra(beta, covariance, leads=leads, target=target, bound=bound, level=0.95)
    found = sorted(float(np.max(one.levels - one.slopes * theta)) for one in polyhedra)
    wanted = []
    for s in range(leads):
        for sign in (1.0, -1.0):
            d = sign * steps[s]
            rows = np.vstack([steps[leads:] - bound * d, -steps[leads:] - bound * d])
            sd = np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows))
            solved = optimize.linprog(
                np.append(1.0, np.zeros(after)),
                A_ub=-np.column_stack([sd, np.vstack([np.eye(after), -np.eye(after)])]),
                b_ub=-rows @ beta,
                A_eq=np.append(0.0, reach)[None, :],
                b_eq=[theta],
                bounds=(None, None),
            )
            wanted.append(solved.fun)

    np.testing.assert_allclose(found, sorted(wanted), atol=1e-7)


def test_the_breakdown_is_where_the_interval_reaches_zero():
    panel = _world()
    found = honest_bounds(panel, NEVER, horizons=(0, 0))
    below, above = (found.breakdown * factor for factor in (0.99, 1.01))
    table = honest_bounds(panel, NEVER, horizons=(0, 0), bounds=[below, above]).table

    assert found.breakdown > 0
    assert table["excludes_zero"].tolist() == [True, False]
    assert found.breakdown_ratio == pytest.approx(found.breakdown / found.largest_change)
    assert found.table["bound"].tolist() == pytest.approx([found.largest_change * x for x in (0, 0.5, 1, 1.5, 2)])
    assert found.relative["bound"].tolist() == [0.5, 1, 1.5, 2]
    assert found.inference == "modelled"
    assert [str(one) for one in found.caveats] == ["bounds_rest_on_few_units"]


def test_no_effect_breaks_down_at_once():
    found = honest_bounds(_world(effect=0.0), NEVER)

    assert found.breakdown == found.relative_breakdown == 0


def test_the_headline_is_bounded_where_horizons_make_it_up():
    panel = _world()
    simple = honest_bounds(panel, callaway_santanna.fitter(control="never"))
    dynamic = honest_bounds(panel, callaway_santanna.fitter(control="never", aggregate="dynamic"))

    assert simple.effect == pytest.approx(NEVER(panel).effect)
    assert simple.horizons == (0, 1, 2, 3, 4)
    assert simple.weights == pytest.approx((0.2,) * 5)
    assert dynamic.weights == pytest.approx((0.2,) * 5)
    assert simple.parallel.low < simple.effect < simple.parallel.high


def test_another_headline_is_said_to_be_bounded_by_its_adopters():
    panel = _world()
    late = panel.with_cohort(np.where(np.arange(16) < 3, 9.0, panel.cohort))
    found = honest_bounds(late, callaway_santanna.fitter(control="never", aggregate="calendar"))

    assert "bounds_of_another_average" in [str(one) for one in found.caveats]


def test_anticipation_counts_among_the_periods_after_the_base_without_weight():
    found = honest_bounds(_world(), callaway_santanna.fitter(control="never", anticipation=2), bounds=[0.0])

    assert max(found.leads) == -4
    assert min(found.horizons) == 0


def test_gaps_leave_the_covariance_to_influence_or_permutation():
    few = honest_bounds(_world(gap=True), NEVER, bounds=[0.0], draws=30)
    many = honest_bounds(_world(gap=True, units=80), NEVER, bounds=[0.0])

    assert (few.inference, few.leads) == ("permutation", (-2,))
    assert (many.inference, many.leads) == ("analytic", (-5, -4, -3, -2))
    assert "leads_left_out" in [str(one) for one in many.caveats]


def test_without_leads_or_noise_there_are_no_bounds():
    panel = _world()
    early = panel.with_cohort(np.where(panel.adopters, 1.0, np.inf))
    still = panel.with_values(np.zeros(panel.shape))

    for some, code in ((early, "no_leads"), (still, "leads_without_noise")):
        found = honest_bounds(some, NEVER)
        assert (len(found.table), found.breakdown, found.relative_breakdown) == (0, None, None)
        assert code in [str(one) for one in found.caveats]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"level": 0.2}, "impact_level_out_of_range"),
        ({"bounds": [-1.0]}, "impact_bound_negative"),
        ({"relative_bounds": [np.inf]}, "impact_bound_negative"),
        ({"inference": "cluster"}, "impact_unknown_choice"),
        ({"horizons": (50, 60)}, "impact_horizons_not_observed"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments, code):
    with pytest.raises((UserError, InputError), match=code):
        honest_bounds(_world(), NEVER, **arguments)


def test_leads_that_are_defined_otherwise_are_refused():
    with pytest.raises(UserError, match="impact_no_universal_base"):
        honest_bounds(_world(), imputation.fitter())


@pytest.mark.parametrize(("seed", "factor"), [(0, 0.01), (1, 3.7), (2, 1000.0)])
def test_scaling_the_outcome_scales_the_bounds(seed, factor):
    panel = _world(seed)
    plain = honest_bounds(panel, NEVER, relative_bounds=[1.0])
    scaled = honest_bounds(panel.with_values(panel.values * factor), NEVER, relative_bounds=[1.0])

    np.testing.assert_allclose(
        scaled.table[["low", "high"]], plain.table[["low", "high"]] * factor, rtol=1e-6, atol=1e-6 * factor
    )
    np.testing.assert_allclose(
        scaled.relative[["low", "high"]], plain.relative[["low", "high"]] * factor, rtol=1e-6, atol=1e-6 * factor
    )
    assert scaled.relative_breakdown == pytest.approx(plain.relative_breakdown, rel=1e-3, abs=1e-6)


def test_county_teen_employment():
    if not _MPDTA.exists():
        pytest.skip(f"sample data not there (PEGEL_SAMPLE_DATA): {_MPDTA.name}")
    data = pd.read_csv(_MPDTA / "mpdta.csv")
    data["cohort"] = data["first.treat"].where(data["first.treat"] > 0)
    panel = panel_of(data, unit="countyreal", time="year", outcome="lemp", cohort="cohort")
    wanted = BOUNDS.query("study == 'employment'")
    found = honest_bounds(panel, NEVER, horizons=(0, 0), bounds=wanted["bound"].tolist())

    assert found.leads == (-4, -3, -2)
    np.testing.assert_allclose(found.table[["low", "high"]], wanted[["low", "high"]], atol=1e-6)
