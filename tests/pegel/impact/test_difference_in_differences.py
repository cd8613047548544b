"""Before and after with one common date: by hand, at the edges, as properties, and against other ways to the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pegel.errors import PegelError
from pegel.impact.estimators.difference_in_differences import difference_in_differences, fitter
from pegel.impact.estimators.imputation import imputation
from pegel.impact.fit import draw
from pegel.impact.panel import panel_of

_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "cohort"}


def _long(outcomes: dict[str, list[float]], cohorts: dict[str, int]) -> pd.DataFrame:
    rows = [
        (unit, time, float(y), float(cohorts.get(unit, np.nan)))
        for unit, series in outcomes.items()
        for time, y in enumerate(series, start=1)
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "cohort"])


def _world(*, seed: int, adopters: int, others: int, date: int, periods: int, gaps: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    starts = np.repeat([float(date), np.nan], [adopters, others])
    x = random.normal(size=(len(starts), periods)) + np.isfinite(starts)[:, None]
    y = random.normal(size=periods).cumsum() + 0.5 * x + random.normal(size=x.shape)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(starts)), periods),
            "time": np.tile(np.arange(1, periods + 1), len(starts)),
            "y": y.ravel(),
            "cohort": np.repeat(starts, periods),
            "x": x.ravel(),
        }
    )
    return frame[random.random(len(frame)) >= gaps].reset_index(drop=True)


def _effects(estimate) -> dict[int, float]:
    table = estimate.by_horizon
    return dict(zip(table["horizon"].tolist(), table["effect"].round(10).tolist(), strict=True))


def test_the_difference_of_differences_of_means_of_card_and_krueger():
    # Table 3 of Card & Krueger 1994, full-time employment per store: New Jersey 20.44 before and 21.03 after the rise
    # of the minimum wage, Pennsylvania 23.33 and 21.17: (21.03 − 20.44) − (21.17 − 23.33) = 2.75.
    # Two stores each, with changes 0.59 ± 1 and −2.16 ± 0.5: variances 2 and 0.5, error √(2 / 2 + 0.5 / 2) = √1.25.
    panel = _long(
        {
            "NJ 1": [20.44 - 3, 21.03 - 3 + 1],
            "NJ 2": [20.44 + 3, 21.03 + 3 - 1],
            "PA 1": [23.33, 21.17 - 0.5],
            "PA 2": [23.33, 21.17 + 0.5],
        },
        {"NJ 1": 2, "NJ 2": 2},
    )

    found = difference_in_differences(panel, **_NAMES, inference="analytic")

    assert found.effect == pytest.approx(2.75)
    assert found.se == pytest.approx(np.sqrt(1.25))
    assert found.diagnostics["means"]["adopters"] == pytest.approx((20.44, 21.03))
    assert found.diagnostics["means"]["others"] == pytest.approx((23.33, 21.17))
    assert _effects(found) == {0: 2.75}  # a single period before has no other to be compared with
    assert found.has_caveat("few_units_standard_error")


def test_horizons_by_hand():
    # A lies at 2 on average before, B at 1. After: A 5 and 9, B 2 and 4, so (5 − 2) − (2 − 1) = 2 and 7 − 3 = 4, and 3
    # on average. Leads: A moves from 1 to 3, B from 1 to 1, each against the other period.
    found = difference_in_differences(_long({"A": [1, 3, 5, 9], "B": [1, 1, 2, 4]}, {"A": 3}), **_NAMES)

    assert found.effect == pytest.approx(3.0)
    assert _effects(found) == {-2: -2.0, -1: 2.0, 0: 2.0, 1: 4.0}
    assert (found.inference, found.p_value) == ("permutation", 1.0)


def test_periods_of_anticipation_are_neither_before_nor_after():
    panel = _long({"A": [1, 3, 5, 9], "B": [1, 1, 2, 4]}, {"A": 3})

    found = difference_in_differences(panel, **_NAMES, anticipation=1)

    assert found.effect == pytest.approx((7 - 1) - (3 - 1))
    assert _effects(found) == {-1: 2.0, 0: 3.0, 1: 5.0}


@pytest.mark.parametrize(
    ("cohorts", "settings", "code"),
    [
        ({}, {}, "impact_nobody_adopted"),
        ({"A": 2, "B": 3}, {}, "impact_staggered_adoption"),
        ({"A": 2, "B": 2, "C": 2}, {}, "impact_no_controls_left"),
        ({"A": 2}, {"anticipation": 1}, "impact_nothing_before"),
        ({"A": 2}, {"anticipation": -1}, "impact_anticipation_negative"),
        ({"A": 2}, {"inference": "cluster"}, "impact_no_influence"),
    ],
)
def test_what_has_no_answer_is_refused_by_code(cohorts, settings, code):
    with pytest.raises(PegelError) as caught:
        difference_in_differences(
            _long({"A": [1, 2, 3], "B": [1, 1, 1], "C": [2, 2, 2]}, cohorts), **_NAMES, **settings
        )

    assert caught.value.code == code


def test_several_dates_are_named():
    with pytest.raises(PegelError) as caught:
        difference_in_differences(_long({"A": [1, 2, 3], "B": [1, 1, 1], "C": [2, 2, 2]}, {"A": 2, "B": 3}), **_NAMES)

    assert caught.value.values == {"n": 2, "first": "2", "last": "3"}


def test_a_unit_with_nothing_before_or_after_does_not_count_and_gaps_are_said():
    panel = _long(
        {"A": [1, 3, 5, 9], "B": [1, 1, 2, 4], "C": [np.nan, np.nan, 9, 9], "D": [0, np.nan, 1, 1]}, {"A": 3, "C": 3}
    )

    found = difference_in_differences(panel, **_NAMES)

    # Changes: A 7 − 2, B 3 − 1, D 1 − 0.
    assert found.effect == pytest.approx(5 - (2 + 1) / 2)
    values = {one.code: one.values for one in found.caveats}
    assert values["units_without_before_or_after"] == {"n": 1}
    assert values["means_from_other_periods"] == {"n": 1, "total": 3}


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ({"A": [np.nan, 3], "B": [1, 1]}, "impact_nothing_before"),
        ({"A": [1, 3], "B": [1, np.nan]}, "impact_no_controls_left"),
    ],
)
def test_a_group_without_a_complete_unit_is_refused(outcomes, code):
    with pytest.raises(PegelError) as caught:
        difference_in_differences(_long(outcomes, {"A": 2}), **_NAMES)

    assert caught.value.code == code


def test_units_that_are_never_seen_in_the_same_period_have_no_horizons():
    panel = _long({"A": [1, np.nan, 3, np.nan], "B": [np.nan, 1, np.nan, 2]}, {"A": 3})

    found = difference_in_differences(panel, **_NAMES)

    assert found.effect == pytest.approx(2 - 1)
    assert found.by_horizon.empty


def test_with_one_date_and_no_gaps_it_is_imputation():
    panel = _world(seed=1, adopters=20, others=25, date=5, periods=9)

    one, other = difference_in_differences(panel, **_NAMES), imputation(panel, **_NAMES)

    assert one.effect == pytest.approx(other.effect)
    np.testing.assert_allclose(one.by_horizon["effect"], other.by_horizon["effect"], atol=1e-10)
    after = one.by_horizon["horizon"] >= 0
    assert one.by_horizon.loc[after, "effect"].mean() == pytest.approx(one.effect)


@pytest.mark.parametrize("covariates", [None, ["x"]])
def test_errors_are_those_of_a_regression_of_changes(covariates):
    panel = _world(seed=2, adopters=20, others=25, date=5, periods=9)
    wide = panel.pivot(index="unit", columns="time", values="y").to_numpy()
    change = wide[:, 4:].mean(axis=1) - wide[:, :4].mean(axis=1)
    adopts = np.arange(45) < 20

    found = difference_in_differences(panel, **_NAMES, covariates=covariates)

    if covariates is None:
        expected = sm.OLS(change, sm.add_constant(adopts.astype(float))).fit(cov_type="HC2")
        assert (found.effect, found.se) == (pytest.approx(expected.params[1]), pytest.approx(expected.bse[1]))
    else:
        x = panel.pivot(index="unit", columns="time", values="x").to_numpy()[:, :4].mean(axis=1)
        of_others = sm.OLS(change[~adopts], sm.add_constant(x[~adopts])).fit()
        left = change - of_others.predict(sm.add_constant(x))
        assert found.effect == pytest.approx(left[adopts].mean())
        # The adopters' own noise and that of the prediction, in which adopters' covariates are as they are.
        put = sm.add_constant(x)[adopts].mean(axis=0)
        of_prediction = put @ of_others.get_robustcov_results("HC1").cov_params() @ put
        assert found.se == pytest.approx(np.sqrt(left[adopts].var(ddof=1) / 20 + of_prediction))


def test_more_periods_that_say_the_same_do_not_make_it_surer():
    # Errors that take periods for independent would shrink by √2 (Bertrand, Duflo & Mullainathan).
    panel = _world(seed=3, adopters=20, others=25, date=5, periods=9)
    twice = pd.concat([panel.assign(time=2 * panel["time"] + i, cohort=2 * panel["cohort"]) for i in (0, 1)])

    one, other = difference_in_differences(panel, **_NAMES), difference_in_differences(twice, **_NAMES)

    assert (other.effect, other.se) == (pytest.approx(one.effect), pytest.approx(one.se))


def test_order_of_rows_does_not_matter_and_scale_comes_through():
    panel = _world(seed=4, adopters=20, others=25, date=5, periods=9, gaps=0.1)
    moved = panel.assign(y=-3 * panel["y"] + 10 * panel["unit"]).sample(frac=1, random_state=1)

    one, other = difference_in_differences(panel, **_NAMES), difference_in_differences(moved, **_NAMES)

    assert (other.effect, other.se) == (pytest.approx(-3 * one.effect), pytest.approx(3 * one.se))
    np.testing.assert_allclose(other.by_horizon["effect"], -3 * one.by_horizon["effect"], atol=1e-8)


@pytest.mark.parametrize("anticipation", [0, 2])
def test_permutation_by_weights_is_refitting(anticipation):
    panel = panel_of(_world(seed=5, adopters=4, others=5, date=5, periods=7), **_NAMES)
    fit = fitter(anticipation=anticipation)

    quick = draw(panel, fit, fit(panel), draws=20, seed=1)
    slow = draw(panel, fit, replace(fit(panel), weights=None), draws=20, seed=1)

    np.testing.assert_allclose(quick.effects, slow.effects, atol=1e-12)
    np.testing.assert_allclose(quick.slopes, slow.slopes, atol=1e-12)
    np.testing.assert_allclose(quick.by_horizon, slow.by_horizon, atol=1e-12)


def test_clusters_of_units_move_together():
    panel = _world(seed=6, adopters=20, others=24, date=5, periods=9)
    panel["street"] = panel["unit"] // 2

    by_unit = difference_in_differences(panel, **_NAMES, inference="cluster")
    by_street = difference_in_differences(panel, **_NAMES, cluster="street", inference="cluster")

    assert by_street.effect == by_unit.effect
    assert by_street.se != pytest.approx(by_unit.se)
    assert by_street.diagnostics["clusters"] == 22


def test_covariates_that_tell_the_groups_apart_are_refused():
    panel = _world(seed=7, adopters=4, others=5, date=5, periods=7)
    panel["x"] = panel["cohort"].notna().astype(float)

    with pytest.raises(PegelError) as caught:
        difference_in_differences(panel, **_NAMES, covariates=["x"])

    assert caught.value.code == "impact_covariates_not_separable"


def test_a_single_adopter_has_no_standard_error():
    found = difference_in_differences(_world(seed=8, adopters=1, others=45, date=4, periods=6), **_NAMES)

    assert (found.inference, found.se) == ("permutation", None)
    assert found.has_caveat("horizons_of_one_adopter")
