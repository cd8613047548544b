"""One series: arithmetic by hand, what it refuses, how sure it is, and the same figures as statsmodels."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.series.autoregression import AUTOREGRESSION, correlated_gram
from pegel.impact.series.integrated_likelihood import Mixture, fit_series, nodes_at
from pegel.impact.series.interrupted_time_series import interrupted_time_series
from pegel.impact.series.local_level import LOCAL_LEVEL
from pegel.impact.series.segmented_poisson import fit_counts
from pegel.impact.series.series_design import season_length, season_of
from pegel.impact.time_axis import axis_of

ORACLES = Path(__file__).parent / "oracles"
EXPECTED = pd.read_csv(ORACLES / "series_expected.csv").set_index(["case", "figure"])["value"]
WEEKS = pd.read_csv(ORACLES / "series_weeks.csv")


def carried(length: int, phi: float, seed: int) -> np.ndarray:
    """Errors of which ``phi`` carries over."""
    random = np.random.default_rng(seed)
    error = random.standard_normal(length)
    error[0] /= np.sqrt(1 - phi**2)
    for t in range(1, length):
        error[t] += phi * error[t - 1]
    return error


def series(values, **columns) -> pd.DataFrame:
    return pd.DataFrame({"week": range(1, len(values) + 1), "value": values, **columns})


def its(data, adopted=27, **options):
    return interrupted_time_series(data, **{"time": "week", "outcome": "value", "adopted": adopted, **options})


# By hand


@pytest.mark.parametrize(("family", "basis"), [(AUTOREGRESSION, [[1, 0], [1, 0], [1, 1], [1, 1]]), (LOCAL_LEVEL, None)])
def test_without_dependence_it_is_the_difference_of_means(family, basis):
    # Before 1 and 3, after 6 and 8: 7 − 2 = 5; squares 1 + 1 + 1 + 1 = 4; variance 4 / 2 · (1/2 + 1/2) = 2.
    design = np.array([[0], [0], [1], [1.0]]) if basis is None else np.array(basis, dtype=float)
    nodes = nodes_at(family, np.array([1, 3, 6, 8.0]), design, np.arange(4), np.array([0.0]))

    assert nodes.coefficients[0, -1] == pytest.approx(5)
    assert nodes.squares[0] == pytest.approx(4)
    assert nodes.dof == 2
    assert nodes.squares[0] / nodes.dof * nodes.inverses[0, -1, -1] == pytest.approx(2)


def test_carried_errors_with_a_gap_are_generalised_least_squares():
    periods, phi = np.array([0, 1, 2, 5, 6]), 0.5
    outcome, design = np.array([1, 2, 2, 5, 6.0]), np.array([[1, 0], [1, 0], [1, 0], [1, 1], [1, 1.0]])
    covariance = phi ** np.abs(periods[:, None] - periods[None, :]) / (1 - phi**2)
    inverse = np.linalg.inv(covariance)
    gram = design.T @ inverse @ design
    wanted = np.linalg.solve(gram, design.T @ inverse @ outcome)
    rest = outcome - design @ wanted
    nodes = nodes_at(AUTOREGRESSION, outcome, design, periods, np.arcsin([phi]))

    assert nodes.coefficients[0] == pytest.approx(wanted, rel=1e-12)
    assert nodes.squares[0] == pytest.approx(rest @ inverse @ rest, rel=1e-12)
    log_determinant = np.linalg.slogdet(covariance)[1]
    assert nodes.profile[0] == pytest.approx(
        -0.5 * (5 * (np.log(2 * np.pi * nodes.squares[0] / 5) + 1) + log_determinant), rel=1e-12
    )


def test_one_node_is_student_t():
    mixture = Mixture(np.array([1.0]), np.array([[3.0]]), np.array([[[4.0]]]), 10)
    one = np.array([[1.0]])

    assert mixture.p_values(one)[0] == pytest.approx(2 * stats.t.sf(1.5, 10), rel=1e-12)
    assert mixture.intervals(one, 0.9)[0] == pytest.approx(3 + 2 * stats.t.ppf([0.05, 0.95], 10), rel=1e-9)
    assert mixture.standard_errors(one)[0] == pytest.approx(2)


def test_counts_without_a_trend_are_a_ratio_of_rates():
    # Before: 40 events over 20 persons a week times 10; after: 30 over 30 times 10. ln((30 / 300) / (40 / 200)) = ln ½.
    data = series([3, 3, 4, 4, 5, 5, 4, 4, 4, 4, 2, 2, 3, 3, 4, 4, 3, 3, 3, 3], persons=[20] * 10 + [30] * 10)
    found = its(data, 11, family="poisson", exposure="persons", trend=False)

    assert found.effect == pytest.approx(np.log(0.5), rel=1e-9)
    assert found.diagnostics["ratio"] == pytest.approx(0.5)
    assert found.diagnostics["ratio_interval"].low == pytest.approx(np.exp(found.interval.low))
    # Counts as even as these are not believed to be steadier than chance: √(1/40 + 1/30) is the least standard error.
    assert found.diagnostics["dispersion"] < 0.2
    assert found.se > np.sqrt(1 / 40 + 1 / 30)


def test_correlations_without_dependence_leave_the_gram_matrix():
    columns = np.array([[1.0, 2], [3, 4], [5, 7]])

    assert correlated_gram(columns, np.array([0, 1, 5]), np.array([0.0]))[0] == pytest.approx(columns.T @ columns)
    correlation = 0.5 ** np.abs(np.subtract.outer([0, 1, 5], [0, 1, 5]))
    assert correlated_gram(columns, np.array([0, 1, 5]), np.array([0.5]))[0] == pytest.approx(
        columns.T @ correlation @ columns
    )


# The same as statsmodels


@pytest.mark.parametrize("effect", ["level", "level_and_slope"])
def test_carried_errors_as_sarimax(effect):
    found = its(WEEKS, 35, effect=effect)
    coefficients = found.diagnostics["coefficients"].set_index("name")["value"]
    wanted = EXPECTED[f"ar1_{effect}"]

    assert coefficients["level_change"] == pytest.approx(wanted["level_change"], abs=1e-6)
    assert found.diagnostics["errors"]["value"] == pytest.approx(wanted["phi"], abs=1e-6)
    assert found.diagnostics["log_likelihood"] == pytest.approx(wanted["log_likelihood"], abs=1e-7)
    if effect == "level_and_slope":
        assert coefficients["slope_change"] == pytest.approx(wanted["slope_change"], abs=1e-6)
    else:
        assert found.effect == coefficients["level_change"]


@pytest.mark.parametrize("effect", ["level", "level_and_slope"])
def test_a_wandering_level_as_unobserved_components(effect):
    found = its(WEEKS, 35, outcome="level", model="local_level", effect=effect)
    coefficients = found.diagnostics["coefficients"].set_index("name")["value"]
    wanted = EXPECTED[f"local_level_{effect}"]
    gain = found.diagnostics["errors"]["value"]

    assert coefficients["level_change"] == pytest.approx(wanted["level_change"], abs=1e-6)
    assert gain**2 / (1 - gain) == pytest.approx(wanted["variance_ratio"], abs=1e-6)
    # statsmodels counts ½ ln 2π for the first observation as well, which here only sets the level.
    assert found.diagnostics["log_likelihood"] - np.log(2 * np.pi) / 2 == pytest.approx(
        wanted["log_likelihood"], abs=1e-7
    )


def test_counts_as_a_generalised_linear_model():
    found = its(WEEKS, 35, outcome="count", family="poisson", exposure="items")

    assert found.effect == pytest.approx(EXPECTED["poisson", "level_change"], abs=1e-8)
    assert found.diagnostics["dispersion"] == pytest.approx(EXPECTED["poisson", "dispersion"], rel=1e-8)
    assert found.diagnostics["log_likelihood"] == pytest.approx(EXPECTED["poisson", "log_likelihood"], abs=1e-7)
    after = (WEEKS["week"] >= 35).to_numpy(float)
    design = np.column_stack([np.ones(60), after, WEEKS["week"] - 35.0])
    counted = fit_counts(WEEKS["count"].to_numpy(float), design, np.arange(60), np.log(WEEKS["items"].to_numpy(float)))
    assert counted is not None
    # Where errors are taken as independent, the standard error is that of the quasi-Poisson model.
    scales = counted[0].mixture.scales[:, 1, 1]
    assert np.sqrt(np.interp(0, counted[0].parameters, scales)) == pytest.approx(
        EXPECTED["poisson", "se_without_autocorrelation"], rel=1e-3
    )


# How sure it is


def test_it_does_not_see_changes_where_there_are_none_more_often_than_it_says():
    design = np.column_stack([np.ones(52), np.arange(52) >= 26, np.arange(52.0)])
    change = np.array([[0.0, 1, 0]])
    rejected = [
        float(fit_series(AUTOREGRESSION, carried(52, 0.6, seed), design, np.arange(52)).mixture.p_values(change)[0])
        < 0.05
        for seed in range(120)
    ]
    ordinary = [abs(np.linalg.lstsq(design, carried(52, 0.6, seed), rcond=None)[0][1]) > 2 * 0.6 for seed in range(120)]

    assert sum(rejected) <= 11  # 5% of 120 is 6; 11 leaves room for chance
    assert sum(ordinary) > 30  # errors that are taken as independent (±2 standard errors of about 0.6)


def test_a_large_change_is_found():
    found = its(series(carried(52, 0.4, 1) + 6 * (np.arange(52) >= 26)))

    assert found.effect == pytest.approx(6, abs=2)
    assert found.p_value < 0.01
    assert found.interval.low > 0
    assert 6 in found.interval
    assert not found.has_caveat("placebo_dates_reject")
    assert found.inference == "integrated_likelihood"
    assert found.diagnostics["grade"] == "D"
    assert found.has_caveat("no_comparison")


def test_a_change_at_another_time_is_seen_at_earlier_dates():
    found = its(series(carried(60, 0.2, 3) + 8 * (np.arange(60) >= 20)), 41)

    assert found.has_caveat("placebo_dates_reject")
    dates = found.diagnostics["placebo_in_time"]["dates"]
    assert dates.set_index("period")["p_value"]["21"] == dates["p_value"].min()


def test_a_rank_among_earlier_dates_stands_beside_the_p_value():
    placebo = its(series(carried(52, 0.4, 1) + 6 * (np.arange(52) >= 26))).diagnostics["placebo_in_time"]

    # Eight before, four after: dates 9 to 23 of 26, all less unusual than the true one.
    assert placebo["dates"]["period"].tolist() == [str(date) for date in range(9, 24)]
    assert placebo["p_value"] == pytest.approx(1 / 16)


def test_a_random_walk_is_called_one():
    found = its(series(np.cumsum(np.random.default_rng(0).standard_normal(120))), 61)

    assert found.has_caveat("nearly_random_walk")
    assert not its(series(carried(120, 0.3, 0)), 61).has_caveat("nearly_random_walk")


def test_horizons_of_a_slope():
    ramp = np.maximum(np.arange(52) - 25, 0)
    found = its(series(carried(52, 0.2, 5) + ramp), effect="level_and_slope")
    table = found.by_horizon

    assert found.estimand == "mean_change"
    assert table["effect"].mean() == pytest.approx(found.effect)
    assert table["horizon"].tolist() == list(range(26))
    assert (table["band_low"] <= table["low"]).all()
    assert (table["band_high"] >= table["high"]).all()
    assert found.effect == pytest.approx(13.5, abs=3)
    assert its(series(carried(52, 0.2, 5))).by_horizon.empty


# Seasons


@pytest.mark.parametrize(
    ("times", "length"),
    [
        (["2024-01", "2024-02", "2024-03"], 12.0),
        (["2024-Q1", "2024-Q2"], 4.0),
        (["2024-W01", "2024-W02"], 365.25 / 7),
        (["2024-01-01", "2024-01-02", "2024-01-03"], 7.0),
        ([2020, 2021, 2022], None),
    ],
)
def test_the_season_of_an_axis(times, length):
    assert season_length(axis_of(times)[0], "auto") == length


def test_how_many_waves_a_past_can_carry():
    assert season_of(12.0, 23) is None
    assert season_of(52.18, 105).waves == (1, 2)
    assert season_of(7.0, 28).waves == (1, 2, 3)


def test_a_season_is_taken_out_where_the_past_is_long_enough():
    months = pd.period_range("2020-01", periods=72, freq="M")
    wave = 5 * np.cos(2 * np.pi * (months.month - 1) / 12)
    data = pd.DataFrame({"week": months, "value": 20 + wave + 2.0 * (np.arange(72) >= 60) + carried(72, 0.3, 2) / 5})
    found = its(data, "2025-01")

    assert found.diagnostics["season"] == {"periods": 12.0, "waves": [1, 2, 3, 4, 5, 6]}
    assert found.effect == pytest.approx(2, abs=0.3)
    assert its(data, "2025-01", seasonality=None).has_caveat("season_not_modelled")
    assert its(data.tail(30), "2025-01").has_caveat("season_not_separable")


def test_working_days_need_no_weekend():
    days = pd.bdate_range("2026-01-05", periods=60)
    monday = (days.day_of_week == 0).astype(float)
    data = pd.DataFrame({"week": days, "value": 10 * monday + carried(60, 0.2, 4) / 10 + (np.arange(60) >= 45)})
    found = its(data, days[45].date())

    assert found.diagnostics["season"]["periods"] == 7.0
    assert found.effect == pytest.approx(1, abs=0.3)


# What it refuses, and what it cannot say


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"adopted": None}, "impact_adopted_missing"),
        ({"adopted": 1}, "impact_nothing_before"),
        ({"adopted": 99}, "impact_adopted_after_series"),
        ({"adopted": "2026-01"}, "impact_cohort_unreadable"),
        ({"outcome": "nothing"}, "impact_column_missing"),
        ({"outcome": "name"}, "impact_not_numbers"),
        ({"unit": "team"}, "impact_several_series"),
        ({"family": "poisson"}, "impact_negative_counts"),
        ({"family": "poisson", "outcome": "count", "exposure": "none"}, "impact_exposure_not_positive"),
        ({"family": "poisson", "model": "local_level"}, "impact_counts_need_ar1"),
        ({"exposure": "count"}, "impact_exposure_needs_counts"),
        ({"family": "gamma"}, "impact_unknown_choice"),
        ({"model": "ar2"}, "impact_unknown_choice"),
        ({"effect": "slope"}, "impact_unknown_choice"),
        ({"seasonality": 1}, "impact_unknown_choice"),
        ({"seasonality": True}, "impact_unknown_choice"),
        ({"level": 1.0}, "impact_level_out_of_range"),
    ],
)
def test_what_is_refused(options, code):
    data = series(carried(52, 0.2, 1), name="x", team=["a", "b"] * 26, count=3, none=0)

    with pytest.raises(UserError) as caught:
        its(data, **options)

    assert caught.value.code == code


def test_rows_that_say_two_things_about_a_week_are_refused():
    data = series(carried(52, 0.2, 1))

    with pytest.raises(InputError) as caught:
        its(pd.concat([data, data.head(1)]))

    assert caught.value.code == "impact_duplicate_unit_periods"


@pytest.mark.parametrize(
    ("values", "adopted", "options", "code"),
    [
        (carried(20, 0.2, 1), 8, {}, "series_too_short"),
        (carried(11, 0.2, 1), 9, {"effect": "level_and_slope", "seasonality": 4}, "series_too_short"),
        ([5.0] * 52, 27, {}, "series_without_noise"),
        (np.arange(52) * 1e6, 27, {}, "series_without_noise"),
        ([2, 3, 1, 2] * 5 + [0] * 20, 21, {"family": "poisson"}, "no_events_on_one_side"),
        ([2, 3, 1, 2] * 5 + [1], 21, {"effect": "level_and_slope"}, "change_not_separable"),
    ],
)
def test_what_cannot_be_said(values, adopted, options, code):
    found = its(series(values), adopted, **options)

    assert found.effect is None
    assert found.interval is None
    assert found.p_value is None
    assert found.se_reason == code
    assert found.has_caveat(code)
    assert found.has_caveat("no_comparison")


def test_a_single_week_after_adoption_has_an_honest_wide_answer():
    values = carried(40, 0.3, 1)
    found = its(series(values), 40)

    assert found.effect is not None
    assert found.interval.high - found.interval.low > 3  # about twice two standard deviations of one value


# Properties


def test_order_of_rows_and_kind_of_table_do_not_matter():
    data = series(carried(52, 0.4, 7))
    found = its(data, effect="level_and_slope")

    for other in (data.sample(frac=1, random_state=1), pl.from_pandas(data)):
        again = its(other, effect="level_and_slope")
        assert again.effect == found.effect
        assert again.interval == found.interval
        pd.testing.assert_frame_equal(again.by_horizon, found.by_horizon)


@pytest.mark.parametrize("model", ["ar1", "local_level"])
@settings(max_examples=5)
@given(scale=st.sampled_from([1e-6, -2.0, 1e7]), shift=st.sampled_from([0.0, 1e4]), seed=st.integers(0, 50))
def test_units_of_measurement_do_not_matter(model, scale, shift, seed):
    values = carried(40, 0.3, seed)
    plain, moved = (its(series(one), 21, model=model) for one in (values, scale * (values + shift)))

    assert moved.effect == pytest.approx(scale * plain.effect, rel=1e-4, abs=1e-6 * abs(scale))
    assert moved.p_value == pytest.approx(plain.p_value, rel=1e-4, abs=1e-7)
    assert sorted(bound / scale for bound in moved.interval) == pytest.approx(list(plain.interval), rel=1e-4, abs=1e-6)


def test_gaps_may_be_missing_rows_or_missing_values():
    values = carried(52, 0.4, 9)
    holes = np.where(np.isin(np.arange(52), [3, 4, 30]), np.nan, values)
    found = its(series(holes))
    without = its(series(holes).dropna())

    assert found.n == without.n == 49
    assert found.has_caveat("gaps_in_the_panel")
    assert found.effect == without.effect
    assert found.interval == without.interval


def test_times_are_read_in_any_form():
    values = carried(52, 0.4, 11)
    mondays = pd.date_range("2024-01-01", periods=52, freq="7D")
    forms = [
        (mondays, date(2024, 7, 1)),
        (mondays, "2024-06-26"),  # a week that is treated in part is not treated
        ([f"2024-W{week:02}" for week in range(1, 53)], "2024-W27"),
    ]
    effects = {its(pd.DataFrame({"week": times, "value": values}), adopted).effect for times, adopted in forms}

    assert effects == {its(series(values), 27).effect}


def test_an_empty_name_of_a_series_and_one_name():
    data = series(carried(52, 0.4, 11), team="a")

    assert its(data, unit="team").effect == its(data).effect
