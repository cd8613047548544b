"""Minimum detectable effects: by hand, against the closed form, against the test itself, and what is recommended."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pegel.errors import InputError, UserError
from pegel.impact.estimators import callaway_santanna
from pegel.impact.fit import CohortWeights, Fit
from pegel.impact.panel import Panel
from pegel.impact.planning.power import CURVE_COLUMNS, FLAT, Power, power
from pegel.impact.planning.untreated_past import noise_of
from pegel.worlds.panels import planted_panel

NAMES = {"unit": "unit", "time": "time", "outcome": "outcome", "cohort": "cohort"}
QUICK = {"draws": 100, "weeks_more": (), "units_more": ()}


def table(values: np.ndarray, starts: list[float]) -> pd.DataFrame:
    units, periods = values.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "outcome": values.ravel().astype(float),
            "cohort": np.repeat(np.array(starts, dtype=float), periods),
        }
    )


def mde(found: Power, *, more: int = 0, extra: int = 0) -> float:
    own = found.curve[found.curve["metric"] == found.outcome]
    return float(own[(own["periods_more"] == more) & (own["units_more"] == extra)]["mde"].iloc[0])


def test_three_units_by_hand():
    # Changes from period to period are 0, ±1, ∓1, whatever the moment. One unit adopts, seen for one period; its effect
    # is 1.5 × (its change − mean change): 0, 1.5 or −1.5, each as likely. The other two deals have slope −0.5. With
    # three ways and level 0.6 one other deal as far suffices to keep τ:
    #   estimate 0, others ±1.5: |±1.5 + 0.5 τ| ≥ |τ| keeps [−3, 3]: effects are found beyond 3 either way;
    #   estimate 1.5, others 0 and −1.5: [1, 3] and [0, 2], together [0, 3]: found beyond 0 upwards, 3 downwards;
    #   estimate −1.5: the mirror image. So a third of all bounds are 0 and two thirds are 3.
    turns = np.arange(9) % 2
    found = power(
        table(np.array([0 * turns, turns, -turns]), [9, np.nan, np.nan]),
        **NAMES, **{**QUICK, "draws": 1_000}, level=0.6, effect_that_matters=1.0,
    )  # fmt: skip

    assert found.mde == pytest.approx(3.0)
    assert found.basis == "observed"
    assert found.curve["chance"].iloc[0] == pytest.approx(1 / 3, abs=0.05)
    assert found.baseline == pytest.approx(0.0)
    assert np.isnan(found.curve["share"].iloc[0])


def test_the_variogram_by_hand():
    # Changes 2, −2 and 0, 0; less the mean change ±1: four squares of 1, freedom 2 × (2 − 1), half of it: 4 / (2 · 2).
    noise = noise_of(np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]))

    assert noise.variogram[["lag", "pairs", "observed", "fitted"]].to_numpy().tolist() == [[1, 2, 1.0, 1.0]]
    assert (noise.white, noise.persistence) == (pytest.approx(1.0), 0.0)
    assert noise.scales.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("periods", [1, 4, 16])
def test_independent_noise_has_the_closed_form(periods: int):
    # 2 × 2 of 20 and 20 units, one base period and P after: SE² = σ² (1 + 1/P) (1/20 + 1/20).
    world = planted_panel(units=40, periods=120 + periods, cohorts={120: 20}, seed=5)
    found = power(world.panel, **NAMES, **{**QUICK, "draws": 300})
    error = np.sqrt((1 + 1 / periods) * (1 / 20 + 1 / 20))

    assert found.mde == pytest.approx((stats.t.ppf(0.975, 38) + stats.norm.ppf(0.8)) * error, rel=0.07)
    assert found.diagnostics["false_alarms"] <= 0.09


def test_the_bounds_are_those_of_the_estimator_on_the_same_window():
    values = np.random.default_rng(2).normal(size=(5, 5))
    found = power(
        table(values, [5, 5, np.nan, np.nan, np.nan]),
        **NAMES, **{**QUICK, "draws": 1_000}, level=0.9, power=0.8,
    )  # fmt: skip
    bounds = []
    for moment in range(3):  # windows of two periods within the four untreated ones
        for chosen in combinations(range(5), 2):
            starts = [2.0 if i in chosen else np.nan for i in range(5)]
            estimate = callaway_santanna.callaway_santanna(
                table(values[:, moment : moment + 2], starts), **NAMES, level=0.9, inference="permutation"
            )
            assert estimate.interval is not None
            bounds += [-estimate.interval.low, estimate.interval.high]

    low, high = np.quantile(bounds, [0.76, 0.84])
    assert low - 1e-9 <= found.mde <= high + 1e-9
    assert np.abs(np.array(bounds) - found.mde).min() < 1e-9


def test_an_effect_of_that_size_is_found_about_as_often_as_promised():
    world = {"units": 12, "persistence": 0.5}
    size = power(planted_panel(periods=110, cohorts={106: 6}, **world).panel, **NAMES, **QUICK).mde
    assert size is not None
    hits = [
        callaway_santanna.callaway_santanna(
            planted_panel(periods=6, cohorts={2: 6}, effect=size, seed=100 + seed, **world).panel,
            **NAMES, draws=200, inference="permutation",
        ).p_value <= 0.05
        for seed in range(50)
    ]  # fmt: skip

    assert 0.67 <= np.mean(hits) <= 0.92


@given(st.sampled_from([0.25, 3.0, 1000.0]), st.sampled_from([-50.0, 0.0, 7.0]))
@settings(max_examples=5)
def test_scaling_scales_and_shifting_changes_nothing_but_shares(scale: float, shift: float):
    panel = planted_panel(units=8, periods=20, cohorts={17: 4}).panel
    moved = panel.assign(outcome=panel["outcome"] * scale + shift)
    one, other = (power(data, **NAMES, **QUICK) for data in (panel, moved))

    assert other.mde == pytest.approx(one.mde * scale, rel=1e-6)
    assert other.baseline == pytest.approx(one.baseline * scale + shift)


def test_row_order_and_a_second_run_change_nothing():
    panel = planted_panel(units=8, periods=20, cohorts={17: 4}).panel
    one = power(panel, **NAMES, draws=60, weeks_more=(30,), units_more=(3,))
    same = power(panel.sample(frac=1, random_state=1), **NAMES, draws=60, weeks_more=(30,), units_more=(3,))

    pd.testing.assert_frame_equal(one.curve, same.curve)
    assert tuple(one.curve.columns) == CURVE_COLUMNS


def test_only_untreated_cells_count():
    panel = planted_panel(units=10, periods=30, cohorts={24: 5}).panel
    treated = panel["time"] >= panel["cohort"]
    spoilt = panel.assign(outcome=np.where(treated, 1e6, panel["outcome"]))

    pd.testing.assert_frame_equal(power(panel, **NAMES, **QUICK).curve, power(spoilt, **NAMES, **QUICK).curve)


def test_beyond_the_past_the_curve_is_modelled_and_keeps_its_level():
    short = planted_panel(units=16, periods=24, cohorts={20: 8}, persistence=0.6, seed=4).panel
    long = planted_panel(units=16, periods=304, cohorts={300: 8}, persistence=0.6, seed=4).panel
    modelled, observed = (
        power(one, **NAMES, **{**QUICK, "weeks_more": (5, 26), "draws": 200}) for one in (short, long)
    )

    assert modelled.curve["basis"].tolist() == ["observed", "observed", "observed", "modelled"]
    assert set(observed.curve["basis"]) == {"observed"}
    assert mde(modelled, more=26) == pytest.approx(mde(observed, more=26), rel=0.3)


def test_persistence_is_found_without_the_bias_of_short_panels():
    world = planted_panel(units=100, periods=24, cohorts={23: 1}, persistence=0.7, seed=3)
    found = power(world.panel, **NAMES, **QUICK)

    # Lag-1 autocorrelation of residuals from 23 periods would say 0.58 (Nickell).
    assert found.diagnostics["persistence"] == pytest.approx(0.7, abs=0.1)
    assert found.diagnostics["lasting_variance"] + found.diagnostics["passing_variance"] == pytest.approx(1, abs=0.15)


def test_lasting_shocks_of_units_make_waiting_useless():
    panel = planted_panel(units=16, periods=60, cohorts={50: 8}, noise=0.3, troubles={"unit_shocks": 2.0}).panel
    found = power(panel, **NAMES, draws=100, weeks_more=(26,), units_more=(8,), effect_that_matters=0.3)
    passing = power(planted_panel(units=16, periods=42, cohorts={41: 8}).panel, **NAMES, **QUICK)

    assert found.flat_in_time
    assert found.recommendation.code == "waiting_will_not_help"
    assert mde(found, more=26) > FLAT * mde(found)
    assert not passing.flat_in_time


def test_enough():
    found = power(planted_panel(cohorts={30: 10}).panel, **NAMES, **QUICK, effect_that_matters=5.0)

    assert found.recommendation.code == "enough"
    assert found.alternatives == ()
    assert found.recommendation.values["mde"] == found.mde < 5.0
    assert found.curve["chance"].iloc[0] == 1.0


def test_wait_periods_where_one_period_is_noisy():
    # Limits go with √(1 + 1/P): after 1, 2, 5 periods 1.41, 1.22, 1.10, so 0.87 and 0.77 of what it is now.
    panel = planted_panel(units=20, periods=60, cohorts={59: 10}).panel
    now = power(panel, **NAMES, **{**QUICK, "draws": 300}).mde
    found = power(panel, **NAMES, draws=300, weeks_more=(8, 4), units_more=(2,), effect_that_matters=0.82 * now)

    assert found.recommendation.code == "wait_periods"
    assert found.recommendation.values["n"] == 4
    assert found.recommendation.values["mde_now"] == found.mde == now


def test_more_units_where_comparison_units_are_few():
    panel = planted_panel(units=10, periods=60, cohorts={52: 8}).panel
    now = power(panel, **NAMES, **{**QUICK, "draws": 200}).mde
    found = power(panel, **NAMES, draws=200, weeks_more=(8,), units_more=(1, 12), effect_that_matters=0.7 * now)

    assert found.recommendation.code == "more_units"
    assert found.recommendation.values["n"] == 12
    assert found.flat_in_time


def test_another_metric_that_is_steadier():
    panel = planted_panel(units=12, periods=60, cohorts={50: 6}).panel
    steady = planted_panel(units=12, periods=60, cohorts={50: 6}, noise=0.2, level=100.0).panel["outcome"]
    panel = panel.assign(steady=steady)
    settings_of = {**NAMES, **QUICK, "metrics": ("steady", "outcome")}
    found = power(panel, **settings_of, effect_that_matters=0.8)

    assert found.recommendation.code == "another_metric"
    assert found.recommendation.values["metric"] == "steady"
    # One effect for all metrics is the same share of each: 0.8 of about 10 is 8 of about 100.
    assert found.recommendation.values["effect"] == pytest.approx(8, rel=0.15)
    named = power(panel, **settings_of, effect_that_matters={"outcome": 0.8, "steady": 0.01})
    assert named.recommendation.code == "waiting_will_not_help"


def test_out_of_reach_and_name_an_effect():
    panel = planted_panel(units=20, periods=60, cohorts={59: 10}).panel

    assert power(panel, **NAMES, **QUICK, effect_that_matters=0.01).recommendation.code == "out_of_reach"
    assert power(panel, **NAMES, **QUICK).recommendation.code == "name_an_effect"


def test_too_few_ways_need_more_units():
    # 2 of 4 adopt: 6 ways. Nothing can be rejected at 5 %; with 4 units more there are 28 ways.
    panel = planted_panel(units=4, periods=40, cohorts={30: 2}).panel
    found = power(panel, **NAMES, **{**QUICK, "units_more": (2, 4)}, effect_that_matters=50.0)

    assert (found.mde, found.mde_reason) == (None, "too_few_ways_to_deal")
    assert (mde(found, extra=2), np.isfinite(mde(found, extra=4))) == (np.inf, True)
    assert (found.recommendation.code, found.recommendation.values["n"]) == ("more_units", 4)


def test_nobody_to_compare_with():
    panel = planted_panel(units=6, periods=40, cohorts={30: 6}).panel
    found = power(panel, **NAMES, **{**QUICK, "units_more": (6,)}, effect_that_matters=50.0)

    assert (found.mde, found.mde_reason) == (None, "no_controls_left")
    assert found.recommendation.code == "more_units"


def test_a_planned_roll_out_is_judged_before_it_begins():
    panel = planted_panel(units=12, periods=40, cohorts={39: 1}).panel
    first = {unit: f"2024-W{41 if i < 3 else 45}" for i, unit in enumerate(sorted(panel["unit"].unique())[:6])}
    planned = panel.assign(cohort=panel["unit"].map(first))  # the panel ends with week 40
    found = power(planned, **NAMES, draws=100, weeks_more=(8,), units_more=(4,), effect_that_matters=3.0)

    assert (found.mde, found.mde_reason) == (None, "nobody_adopts_yet")
    lines = found.curve[found.curve["units_more"] == 0].set_index("periods_more")
    assert lines["adopters"].to_dict() == {0: 0, 5: 6, 8: 6, 10: 6}
    assert np.isnan(lines.at[0, "mde"])
    assert np.isfinite(lines.at[5, "mde"])
    assert found.recommendation.code == "wait_periods"
    assert "adopts_after_the_panel" not in [str(one) for one in found.caveats]


def test_gaps_are_filled_and_said():
    whole = planted_panel(units=16, periods=60, cohorts={50: 8})
    holes = planted_panel(units=16, periods=60, cohorts={50: 8}, troubles={"gaps": 0.15})
    one, other = (power(world.panel, **NAMES, **{**QUICK, "draws": 200}) for world in (whole, holes))

    assert other.mde == pytest.approx(one.mde, rel=0.15)
    caveat = next(one for one in other.caveats if one.code == "power_gaps_filled")
    assert caveat.values["share"] == pytest.approx(0.15, abs=0.04)
    assert one.caveats == ()


def test_a_unit_seen_only_once_and_an_empty_period_do_not_break_it():
    panel = planted_panel(units=8, periods=20, cohorts={16: 4}, calendar="count").panel
    kept = ~((panel["unit"] == "U1") & (panel["time"] != 3)) & (panel["time"] != 7)
    found = power(panel[kept], **NAMES, **QUICK)

    assert found.mde is not None
    assert found.mde > 0


def test_short_and_still_pasts_are_said():
    short = power(planted_panel(units=8, periods=6, cohorts={2: 4}).panel, **NAMES, **QUICK)
    still = power(table(np.full((6, 40), 3.0), [30, 30, 30, np.nan, np.nan, np.nan]), **NAMES, **QUICK, level=0.9)

    assert [str(one) for one in short.caveats] == ["past_too_short_for_persistence", "power_modelled"]
    assert [str(one) for one in still.caveats] == ["outcome_never_moves"]
    assert still.mde == 0


def test_a_past_of_one_period_is_too_short():
    with pytest.raises(InputError) as caught:
        power(table(np.ones((2, 3)), [2, 2]), **NAMES, **QUICK)

    assert caught.value.code == "impact_past_too_short"


def test_nobody_ever_adopts():
    with pytest.raises(InputError) as caught:
        power(table(np.ones((2, 3)), [np.nan, np.nan]), **NAMES, **QUICK)

    assert caught.value.code == "impact_nobody_adopted"


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": 1.0},
        {"level": float("nan")},
        {"power": 0.3},
        {"draws": 10},
        {"draws": 99.5},
        {"before": 0},
        {"weeks_more": (-1,)},
        {"units_more": (1.5,)},
        {"effect_that_matters": 0.0},
        {"effect_that_matters": {"outcome": -2.0}},
    ],
)
def test_settings_outside_their_bounds_are_refused(wrong: dict):
    with pytest.raises(UserError) as caught:
        power(planted_panel().panel, **NAMES, **{**QUICK, **wrong})

    assert caught.value.code == "impact_plan_setting_invalid"


def test_an_estimator_without_weights_is_refused():
    plain = callaway_santanna.fitter()

    def silent(panel):
        fit = plain(panel)
        return type(fit)(effect=fit.effect, horizons=fit.horizons, effects=fit.effects, adopters=fit.adopters, n=fit.n)

    with pytest.raises(UserError) as caught:
        power(planted_panel().panel, **NAMES, **QUICK, estimator=silent)

    assert caught.value.code == "impact_no_weights"


def test_the_estimator_can_be_chosen_and_earlier_periods_add_nothing_to_one_base():
    panel = planted_panel(units=12, periods=60, cohorts={50: 3, 54: 3}).panel
    simple, dynamic, earlier = (
        power(panel, **NAMES, **{**QUICK, "draws": 300}, **one)
        for one in ({}, {"estimator": callaway_santanna.fitter(aggregate="dynamic")}, {"before": 8})
    )

    assert dynamic.mde > simple.mde  # late horizons have few adopters and count as much as the others
    assert earlier.mde == pytest.approx(simple.mde, rel=0.12)


def test_an_estimator_with_a_long_base_has_its_closed_form():
    # Mean of 8 periods after less mean of 8 before, 20 against 20 units: SE² = (1/8 + 1/8) (1/20 + 1/20).
    def long_base(panel: Panel) -> Fit:
        after = panel.treated.max(axis=0)
        contrast = np.where(after > 0, 1 / after.sum(), -1 / (1 - after).sum())
        cohorts, counts = np.unique(panel.cohort, return_counts=True)
        weights = np.where(np.isfinite(cohorts), 1, -1)[:, None] / counts[:, None] * contrast[None, :]
        none = np.empty(0)
        return Fit(effect=0.0, horizons=none, effects=none, adopters=none, n=0,
                   weights=CohortWeights(cohorts, weights[None]))  # fmt: skip

    world = planted_panel(units=40, periods=208, cohorts={200: 20}, seed=5)
    found = power(world.panel, **NAMES, **{**QUICK, "draws": 300}, estimator=long_base, before=8)

    assert found.mde == pytest.approx((stats.t.ppf(0.975, 38) + stats.norm.ppf(0.8)) * np.sqrt(0.25 * 0.1), rel=0.08)


def test_units_keep_their_own_variance():
    values = np.random.default_rng(0).normal(size=(8, 60)) * np.array([5, 1, 1, 1, 1, 1, 1, 1])[:, None]
    panel = table(values, [50] * 4 + [np.nan] * 4)
    checked = power(panel, **NAMES, **QUICK)
    noise = noise_of(values)

    assert checked.mde is not None
    assert noise.scales.argmax() == 0
    assert noise.scales[0] / noise.scales[1:].mean() == pytest.approx(25, rel=0.6)


@pytest.mark.parametrize(
    "settings_of",
    [
        {"effect_that_matters": 5.0},
        {"effect_that_matters": 1.2, "weeks_more": (4, 8), "units_more": (1, 4, 16)},
        {"effect_that_matters": 0.01},
        {},
    ],
)
@pytest.mark.parametrize("calendar", ["week", "month", "count"])
def test_it_speaks_both_languages(settings_of: dict, calendar: str):
    panel = planted_panel(periods=30, cohorts={28: 8}, calendar=calendar, troubles={"gaps": 0.1}).panel
    found = power(panel, **NAMES, **{**QUICK, "draws": 50, **settings_of})

    german, english = found.summary("de"), found.summary("en")
    assert german != english
    for text in (german, english):
        assert "{" not in text
        assert "nan" not in text
    assert "80\N{NARROW NO-BREAK SPACE}%" in german
    assert "80%" in english


def test_reasons_without_a_number_are_worded():
    few = power(planted_panel(units=4, periods=40, cohorts={30: 2}).panel, **NAMES, **QUICK, effect_that_matters=1.0)

    assert few.summary("en").startswith("With so few units no effect, however large, could be told from chance.")
