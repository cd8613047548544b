"""Leads, their tests and the power of these: by hand, at the edges, as properties, and against published values."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pegel.errors import UserError
from pegel.impact.diagnostics.cohort_pre_test import cohort_pre_test
from pegel.impact.diagnostics.event_leads import EventStudy, event_study
from pegel.impact.diagnostics.lead_tests import any_lead, joint_test, slopes_found
from pegel.impact.diagnostics.pre_trends import pre_trends
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.fit import Fit
from pegel.impact.panel import Panel, panel_of

_MPDTA = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data")) / "did-mpdta"
_ORACLES = Path(__file__).parent / "oracles"
NEVER = callaway_santanna.fitter(control="never")


def _panel(values, cohort) -> Panel:
    """Units in rows, periods 1, 2, ... in columns; ``cohort`` in these periods, infinite for never."""
    values, cohort = np.asarray(values, dtype=float), np.asarray(cohort, dtype=float)
    units, periods = values.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": values.ravel(),
            "cohort": np.repeat(np.where(np.isfinite(cohort), cohort, np.nan), periods),
        }
    )
    return panel_of(frame, unit="unit", time="time", outcome="y", cohort="cohort")


def _world(
    seed: int, units: int = 24, periods: int = 20, effect: float = 3.0, before: np.ndarray | None = None
) -> Panel:
    """Half of the units adopt in period 13, with an effect; ``before`` (periods,) is added to adopters."""
    random = np.random.default_rng(seed)
    cohort = np.where(np.arange(units) < units // 2, 13.0, np.inf)
    values = random.normal(size=(units, periods)) + random.normal(size=(units, 1))
    adopts = np.isfinite(cohort)[:, None]
    values = values + effect * (np.arange(1, periods + 1)[None, :] >= cohort[:, None])
    if before is not None:
        values = values + adopts * before[None, :]
    return _panel(values, cohort)


def test_leads_slope_and_ramp_by_hand():
    # Two adopters 0, 1, 2, 10 (adoption in period 4), two others at 0: base 2, leads −2 and −1, effect 10 − 2 = 8.
    found = pre_trends(
        _panel([[0, 1, 2, 10], [0, 1, 2, 10], [0, 0, 0, 0], [0, 0, 0, 0]], [4, 4, np.inf, np.inf]), NEVER
    )

    assert found.leads["horizon"].tolist() == [-3, -2]
    assert found.leads["effect"].tolist() == [-2, -1]
    assert found.effect == 8
    # The line through (−2, −2), (−1, −1), (0, 0) has slope 1; one more period of it adds 1 to the effect.
    assert found.slope.value == pytest.approx(1)
    assert found.bias_per_slope == pytest.approx(1)
    # The last of three periods lies 0 − (−1.5) above the two before.
    assert found.ramp.value == pytest.approx(1.5)
    assert found.ramp.periods == 1
    # Of the 6 ways to deal two dates to four units, this one and its mirror image reach as far: p = 2/6.
    assert found.joint.p_value == found.slope.p_value == found.ramp.p_value == pytest.approx(1 / 3)
    # Scale of the first lead: two of six ways at ±2, the rest at 0, √(8/6); 2 / √(8/6) = √3.
    assert found.joint == ("largest", pytest.approx(np.sqrt(3)), 2, pytest.approx(1 / 3))
    assert found.inference == "permutation"
    assert not found.alarming
    assert [str(one) for one in found.caveats] == ["pre_trend_test_cannot_reject"]
    assert found.weak
    assert np.isinf(found.power["slope"]).all()


def test_the_bias_of_a_trend_averages_over_the_periods_since_the_base():
    found = pre_trends(_panel(np.zeros((4, 6)), [4, 4, np.inf, np.inf]), NEVER)

    assert found.bias_per_slope == pytest.approx((1 + 2 + 3) / 3)


def test_where_all_adopt_in_the_end_a_trend_counts_against_the_controls_of_each_cohort():
    found = pre_trends(_panel(np.zeros((4, 6)), [4, 4, 6, 6]), callaway_santanna.fitter())

    # Cohort 4 is followed for 2 periods; cohort 6 has no controls left in period 6.
    assert found.bias_per_slope == pytest.approx((1 + 2) / 2)


def test_without_leads_there_is_nothing_to_test():
    found = pre_trends(_panel(np.arange(12).reshape(4, 3), [2, 2, np.inf, np.inf]), NEVER)

    assert (found.tested, found.alarming, found.weak) == (False, False, True)
    assert (found.joint, found.slope, found.ramp) == (None, None, None)
    assert len(found.leads) == len(found.power) == 0
    assert "no_leads" in [str(one) for one in found.caveats]


def test_one_lead_has_a_slope_but_no_ramp():
    found = pre_trends(_panel(np.random.default_rng(0).normal(size=(8, 4)), [3] * 4 + [np.inf] * 4), NEVER)

    assert found.ramp is None
    assert found.slope.value == pytest.approx(-found.leads["effect"].iloc[0])


def test_constant_outcomes_are_not_alarming():
    found = pre_trends(_panel(np.ones((60, 6)), [4] * 30 + [np.inf] * 30), NEVER)

    assert found.joint.p_value == 1
    assert not found.alarming


@pytest.mark.parametrize("arguments", [{"level": 1.0}, {"inference": "cluster"}, {"leads": 0}])
def test_what_cannot_be_asked_is_refused(arguments):
    with pytest.raises(UserError):
        pre_trends(_world(0), NEVER, **arguments)


def test_an_estimator_without_influence_cannot_be_analytic():
    def blind(panel: Panel) -> Fit:
        fit = NEVER(panel)
        return Fit(effect=fit.effect, horizons=fit.horizons, effects=fit.effects, adopters=fit.adopters, n=fit.n)

    with pytest.raises(UserError, match="impact_no_influence"):
        pre_trends(_world(0), blind, inference="analytic")
    assert pre_trends(_world(0, units=8), blind, draws=50).inference == "permutation"


def test_a_ramp_towards_the_effect_is_alarming():
    rising = np.concatenate([np.zeros(8), [1, 2, 3, 4], np.full(8, 4)])
    found = pre_trends(_world(1, before=rising), NEVER)

    assert found.alarming
    assert "ramp_before_adoption" in found.reasons
    assert found.ramp.value > 0


def test_a_dip_before_adoption_is_alarming_by_its_own_name():
    falling = np.concatenate([np.zeros(8), [-1, -2, -3, -3], np.zeros(8)])
    found = pre_trends(_world(1, before=falling), NEVER)

    assert found.alarming
    assert "dip_before_adoption" in found.reasons
    assert found.effect > 0 > found.ramp.value


def test_a_long_trend_is_alarming():
    found = pre_trends(_world(2, before=0.3 * np.arange(20)), NEVER)

    assert "leads_slope" in found.reasons
    assert found.slope.value == pytest.approx(0.3, abs=0.1)


def test_a_strong_effect_does_not_hide_the_leads():
    rising = np.concatenate([np.zeros(8), [1, 2, 3, 4], np.full(8, 4)])
    weak, strong = (pre_trends(_world(1, effect=effect, before=rising), NEVER) for effect in (2.0, 50.0))

    assert weak.joint.p_value == strong.joint.p_value
    assert weak.slope.p_value == strong.slope.p_value


def test_what_is_small_beside_the_effect_is_not_alarming():
    found = pre_trends(_world(2, effect=500.0, before=0.3 * np.arange(20)), NEVER)

    assert found.slope.p_value < 0.01
    assert not found.alarming


def test_without_trend_alarms_are_rare():
    alarms = [pre_trends(_world(seed, units=10, periods=16), NEVER, draws=99).alarming for seed in range(60)]

    assert np.mean(alarms) <= 0.1


def test_anticipation_moves_the_base():
    found = pre_trends(_world(3), callaway_santanna.fitter(control="never", anticipation=2))

    assert found.leads["horizon"].max() == -4


def test_only_the_last_leads_can_be_asked_for():
    assert pre_trends(_world(3), NEVER, leads=3).leads["horizon"].tolist() == [-4, -3, -2]


def test_leads_of_the_imputation_estimator_have_no_base_among_them():
    found = pre_trends(_world(3), imputation.fitter())

    assert found.leads["horizon"].max() == -1
    assert found.tested


def test_gaps_are_legal():
    panel = _world(4, units=8, periods=14)
    values = panel.values.copy()
    values[0, 3] = values[5, 2] = np.nan
    found = pre_trends(panel.with_values(values), NEVER, draws=40)

    assert found.tested
    assert 0 < found.joint.p_value <= 1


def test_the_wald_test_is_that_of_the_influence_functions():
    panel = _world(5, units=240)
    fit = NEVER(panel)
    at = fit.horizons < -1
    parts = fit.horizon_influence[:, at]
    covariance = parts.T @ parts
    k, g = int(at.sum()), 240
    found = pre_trends(panel, NEVER)
    w = fit.effects[at] @ np.linalg.solve(covariance, fit.effects[at])

    assert found.joint == (
        "wald",
        pytest.approx(w),
        k,
        pytest.approx(stats.f.sf(w * (g - k) / (k * (g - 1)), k, g - k)),
    )
    # Generalised least squares through the leads, −11 … −1 periods before the base.
    x = fit.horizons[at] + 1.0
    solved = np.linalg.solve(covariance, x)
    assert found.slope.value == pytest.approx(solved @ fit.effects[at] / (solved @ x))
    assert found.slope.se == pytest.approx((g - 1) / (g - k) / np.sqrt(solved @ x))


def test_the_slope_found_in_four_of_five_cases_is_that_of_the_t_test():
    found = pre_trends(_world(5, units=240), NEVER)
    row = found.power.set_index(["test", "power"]).loc[("slope", 0.8)]
    k = found.joint.df

    assert row["slope"] / found.slope.se == pytest.approx(stats.t.isf(0.025, 240 - k) + stats.norm.isf(0.2), abs=1e-3)
    assert row["bias"] == pytest.approx(row["slope"] * found.bias_per_slope)
    assert row["bias_to_effect"] == pytest.approx(row["bias"] / abs(found.effect))


def test_bands_hold_the_intervals():
    for units in (12, 240):
        leads = pre_trends(_world(6, units=units), NEVER).leads
        assert (leads["band_low"] <= leads["low"]).all()
        assert (leads["band_high"] >= leads["high"]).all()


def test_the_same_input_gives_the_same_answer():
    first, second = (pre_trends(_world(7), NEVER) for _ in range(2))

    pd.testing.assert_frame_equal(first.leads, second.leads)
    pd.testing.assert_frame_equal(first.power, second.power)


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_scale_and_shift_of_the_outcome(seed, factor, shift):
    panel = _world(seed, units=9, periods=15)
    plain = pre_trends(panel, NEVER, draws=60)
    scaled = pre_trends(panel.with_values(panel.values * factor + shift), NEVER, draws=60)

    np.testing.assert_allclose(scaled.leads["effect"], plain.leads["effect"] * factor, rtol=1e-6, atol=1e-9)
    assert scaled.joint.p_value == pytest.approx(plain.joint.p_value)
    assert scaled.slope.value == pytest.approx(plain.slope.value * factor, rel=1e-6, abs=1e-9)
    assert scaled.reasons == plain.reasons


def test_the_order_of_units_does_not_matter():
    panel = _world(8, units=60)
    turned = panel.only(np.arange(60)[::-1].copy())
    one, other = (event_study(some, NEVER, inference="analytic", draws=0, seed=0) for some in (panel, turned))

    np.testing.assert_allclose(one.covariance, other.covariance)


def _medicaid() -> tuple[EventStudy, np.ndarray]:
    table = pd.read_csv(_ORACLES / "diagnostics_event_study.csv")
    covariance = table.iloc[:, 2:].to_numpy()
    horizons = table["horizon"].to_numpy()
    fit = Fit(effect=0.0, horizons=horizons, effects=table["effect"].to_numpy(), adopters=np.ones(7), n=1)
    return EventStudy(fit, -1, 10**9, np.linalg.cholesky(covariance).T, None), np.arange(5)


def test_power_is_that_of_roth_2022():
    study, at = _medicaid()
    tests = {
        "any_lead": any_lead(study, at, alpha=0.05, seed=0),
        "wald": joint_test(study, at, alpha=0.05, seed=0),  # with so many clusters F is chi-squared
    }
    found = slopes_found(tests, study.fit.horizons[at] + 1.0, 1.0, 1.0)
    wanted = pd.read_csv(_ORACLES / "diagnostics_power.csv").query("study == 'medicaid'")
    both = found.merge(wanted, on=["test", "power"], suffixes=("", "_wanted"))

    assert len(both) == 4
    exact = both["test"] == "wald"
    np.testing.assert_allclose(both.loc[exact, "slope"], both.loc[exact, "slope_wanted"], rtol=1e-6)
    # Both sides integrate a box under a normal distribution numerically.
    np.testing.assert_allclose(both["slope"], both["slope_wanted"], rtol=2e-3)


def _employment(covariates: list[str] | None = None) -> Panel:
    if not _MPDTA.exists():
        pytest.skip(f"sample data not there (PEGEL_SAMPLE_DATA): {_MPDTA.name}")
    data = pd.read_csv(_MPDTA / "mpdta.csv")
    data["cohort"] = data["first.treat"].where(data["first.treat"] > 0)
    return panel_of(data, unit="countyreal", time="year", outcome="lemp", cohort="cohort", covariates=covariates)


@pytest.mark.parametrize(
    ("scenario", "control", "adjustment", "covariates"),
    [
        ("mpdta_nev_dr", "never", "dr", None),
        ("mpdta_nyt_dr", "not_yet", "dr", None),
        ("mpdta_nev_reg_cov", "never", "reg", ["lpop"]),
        ("mpdta_nev_ipw", "never", "ipw", None),
    ],
)
def test_the_pre_test_of_r_did(scenario, control, adjustment, covariates):
    panel = _employment(covariates)
    wanted = pd.read_csv(_MPDTA / "ref_pretest.csv").set_index("scenario").loc[scenario]
    fitter = callaway_santanna.fitter(control=control, adjustment=adjustment)
    found = cohort_pre_test(panel, fitter, base="varying", control=control)

    assert found.df == 5
    assert found.statistic == pytest.approx(wanted["W"], rel=1e-9)
    assert found.p_value == pytest.approx(wanted["Wpval"], abs=5e-6)
    if control == "never":
        # With the same controls the statistic does not depend on the base.
        assert cohort_pre_test(panel, fitter, control=control).statistic == pytest.approx(wanted["W"], rel=1e-9)


def test_leads_by_cohort_by_hand():
    # Cohort 4 rises by 1 a period, cohort 5 stays: leads against its last period before, −2, −1 and 0, 0, 0.
    panel = _panel([[0, 1, 2, 3, 4]] * 2 + [[7, 7, 7, 7, 7]] * 2 + [[0, 0, 0, 0, 0]] * 2, [4, 4, 5, 5, np.inf, np.inf])
    universal = cohort_pre_test(panel, NEVER, control="never")
    varying = cohort_pre_test(panel, NEVER, base="varying", control="never")

    assert universal.leads[["cohort", "period", "effect"]].to_numpy().tolist() == [
        ["4", "1", -2.0],
        ["4", "2", -1.0],
        ["5", "1", 0.0],
        ["5", "2", 0.0],
        ["5", "3", 0.0],
    ]
    assert varying.leads["effect"].tolist() == [1, 1, 0, 0, 0]
    assert universal.statistic is None
    assert [str(one) for one in universal.caveats] == ["too_many_leads_for_a_joint_test"]


def test_collinear_leads_have_no_joint_test():
    found = cohort_pre_test(_panel(np.zeros((60, 4)), [4] * 30 + [np.inf] * 30), NEVER)

    assert [str(one) for one in found.caveats] == ["leads_are_collinear"]


def test_a_cohort_without_leads_leaves_nothing():
    found = cohort_pre_test(_panel(np.zeros((4, 3)), [2, 2, np.inf, np.inf]), NEVER)

    assert (len(found.leads), found.statistic, str(found.caveats[0])) == (0, None, "no_leads")


@pytest.mark.parametrize("arguments", [{"base": "long"}, {"control": "all"}])
def test_unknown_choices_of_the_cohort_test(arguments):
    with pytest.raises(UserError, match="impact_unknown_choice"):
        cohort_pre_test(_world(0), NEVER, **arguments)
