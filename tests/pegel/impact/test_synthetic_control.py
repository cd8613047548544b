"""Synthetic control: by hand, at its limits, as properties, and against published values."""

import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import PegelError
from pegel.impact.estimate import Interval
from pegel.impact.panel import panel_of
from pegel.impact.synthetic import synthetic_control as module
from pegel.impact.synthetic.conformal import conformal_interval, shift_p_value
from pegel.impact.synthetic.ridge_augmentation import augmented_weights, chosen_ridge
from pegel.impact.synthetic.rmspe_ratio import rmspe_ratio
from pegel.impact.synthetic.simplex import frank_wolfe
from pegel.impact.synthetic.synthetic_comparisons import Reading
from pegel.impact.synthetic.synthetic_control import synthetic_control

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
_ORACLES = Path(__file__).parent / "oracles"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "cohort"}


def _long(outcomes, cohorts):
    rows = [
        (unit, time, np.nan if y is None else float(y), cohorts.get(unit))
        for unit, series in outcomes.items()
        for time, y in enumerate(series, start=1)
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "cohort"]).astype({"cohort": float})


def _world(*, units=10, periods=20, cohorts=None, seed=1, effect=0.0):
    random = np.random.default_rng(seed)
    start = {0: 15} if cohorts is None else cohorts
    loads, factors = random.normal(size=(units, 2)), random.normal(size=(2, periods)).cumsum(axis=1)
    y = random.normal(size=(units, 1)) + loads @ factors + random.normal(size=(units, periods))
    y[0] = y[1:].mean(axis=0) + random.normal(size=periods)
    for unit, first in start.items():
        y[unit, first - 1 :] += effect
    return _long({f"u{i:02d}": row for i, row in enumerate(y)}, {f"u{i:02d}": first for i, first in start.items()})


def _caveats(estimate):
    return {caveat.code: dict(caveat.values) for caveat in estimate.caveats}


def _refused(frame, **asked):
    with pytest.raises(PegelError) as caught:
        synthetic_control(frame, **_NAMES, **asked)
    return caught.value.code, dict(caught.value.values)


# Three quarters of A and a quarter of B before adoption; the same plus 5 from period 4 on.
CONVEX = _long({"A": [0, 2, 4, 6, 6], "B": [8, 6, 8, 10, 10], "new": [2, 3, 5, 12, 12]}, {"new": 4})


def test_an_exact_mixture_by_hand():
    found = synthetic_control(CONVEX, **_NAMES, inference="placebo", level=0.6)

    assert found.diagnostics["unit_weights"]["weight"].tolist() == pytest.approx([0.75, 0.25], abs=1e-8)
    assert found.effect == pytest.approx(5.0, abs=1e-8)
    paths = found.diagnostics["paths"]
    assert paths["synthetic"].tolist() == pytest.approx([2, 3, 5, 7, 7], abs=1e-8)
    assert paths["gap"].tolist() == pytest.approx([0, 0, 0, 5, 5], abs=1e-8)
    # A from B misses by −4, B from A by 4: neither as far as 5; within 4 of 5 τ is not rejected at 0.6.
    assert found.p_value == pytest.approx(1 / 3)
    assert tuple(found.interval) == pytest.approx((1.0, 9.0), abs=1e-7)
    assert _caveats(found)["perfect_fit_before"] == {"n": 1, "ways": 3}
    assert found.diagnostics["statistic"] == "size_of_effect"
    table = found.diagnostics["leave_one_donor_out"].set_index("unit")["effect"].to_dict()
    assert table == pytest.approx({"A": 2.0, "B": 6.0}, abs=1e-8)


def test_the_ratio_of_departures_by_hand():
    # One donor at 0: gaps 1, −1 before, 4, 2 after. RMSPE 1 and √((16 + 4) ÷ 2) = √10; the mean gap is 3.
    found = synthetic_control(_long({"A": [0, 0, 0, 0], "new": [1, -1, 4, 2]}, {"new": 3}), **_NAMES)

    row = found.diagnostics["fit"].iloc[0]
    assert row[["effect", "rmspe_before", "rmspe_after", "ratio"]].tolist() == pytest.approx([3, 1, 10**0.5, 10**0.5])
    assert row[["cohort", "adopter", "first", "last"]].tolist() == ["3", "new", "3", "4"]
    assert found.effect == pytest.approx(3.0)
    # The only other way to deal the date makes A the adopter of the same gaps, turned around.
    assert (found.inference, found.p_value, found.diagnostics["ways"]) == ("permutation", 1.0, 2)
    assert not found.interval.bounded


def test_several_adopters_are_fitted_apart_and_averaged_by_cells():
    # Both follow the one never adopter; X gains 6 in 3 periods, Y 1 in 1: (18 + 1) ÷ 4 = 4.75.
    frame = _long({"X": [1, 2, 9, 9, 9], "Y": [1, 2, 3, 3, 4], "never": [1, 2, 3, 3, 3]}, {"X": 3, "Y": 5})

    found = synthetic_control(frame, **_NAMES, control="never", draws=5)

    assert found.effect == pytest.approx(4.75, abs=1e-9)
    assert found.diagnostics["by_cohort"]["effect"].tolist() == pytest.approx([6.0, 1.0], abs=1e-9)
    assert "conformal" not in found.diagnostics
    at = found.by_horizon.set_index("horizon")
    assert at.loc[0, ["effect", "adopters"]].tolist() == pytest.approx([3.5, 2], abs=1e-9)


def _reading(effect, before, second, slope=0.0, cross=0.0, square=0.0):
    return Reading(
        effect=effect,
        horizons=np.array([0]),
        effects=np.array([effect]),
        adopters=np.array([1]),
        slope=slope,
        slopes=np.array([slope]),
        error_before=before,
        after=(second, cross, square),
    )


def _observed(effect, before, variance):
    return _reading(effect, before, effect**2 + variance, 1.0, effect, 1.0)


def test_the_interval_is_what_the_ratio_does_not_reject():
    # R² less τ: ((4 − τ)² + 1) ÷ 4. Deals have R² 2.5 and 0.5: with p = 2/3 above 1 − 0.6 the larger one decides:
    # (4 − τ)² ≤ 4 · 2.5 − 1 = 9.
    found = rmspe_ratio(_observed(4.0, 4.0, 1.0), [_reading(1.0, 2.0, 5.0), _reading(1.0, 2.0, 1.0)], 0.6)

    assert found.p_value == pytest.approx(1 / 3)
    assert tuple(found.interval) == pytest.approx((1.0, 7.0))
    assert found.diagnostics["rank"] == 1
    assert found.diagnostics["rmspe_ratio"] == pytest.approx((17 / 4) ** 0.5)


def test_an_effect_that_changes_too_much_for_any_constant():
    # The gap varies by 100 around 4, more than any deal's ratio allows; then mean gaps ÷ RMSPE before decide:
    # |4 − τ| ÷ 2 ≤ 3 ÷ 1.
    found = rmspe_ratio(_observed(4.0, 4.0, 100.0), [_reading(3.0, 1.0, 9.0), _reading(1.0, 1.0, 1.0)], 0.6)

    assert [caveat.code for caveat in found.caveats] == ["effect_not_constant"]
    assert tuple(found.interval) == pytest.approx((-2.0, 10.0))


@given(
    deals=st.lists(
        st.tuples(st.floats(-5, 5), st.floats(0.2, 5), st.floats(0, 5), st.sampled_from([0.0, -0.3, 0.8])),
        min_size=2,
        max_size=12,
    ),
    effect=st.floats(-5, 5),
    level=st.sampled_from([0.5, 0.6, 0.75]),
)
def test_the_inversion_agrees_with_trying_every_effect(deals, effect, level):
    own = _observed(effect, 1.0, 0.5)
    readings = [_reading(e, b, e**2 + v, s, e * s, s**2) for e, b, v, s in deals]
    grid = np.linspace(-60, 60, 6_001)

    def squared(one):
        plain, cross, square = one.after
        return (plain - 2 * grid * cross + grid**2 * square) / one.error_before

    far = sum(squared(one) >= squared(own) - 1e-9 for one in readings)
    held = grid[(1 + far) / (1 + len(readings)) > 1 - level + 1e-12]
    found = rmspe_ratio(own, readings, level)

    if any(caveat.code == "effect_not_constant" for caveat in found.caveats):
        assert len(held) == 0
    elif len(held):
        for bound, nearest, inside in ((found.interval.low, held[0], 1), (found.interval.high, held[-1], -1)):
            assert inside * (nearest - bound) >= -0.021
            if abs(bound) < 60:
                assert nearest == pytest.approx(bound, abs=0.021)


def test_p_value_and_interval_say_the_same():
    for seed in range(12):
        found = synthetic_control(_world(seed=seed, effect=1.5), **_NAMES, level=0.8, inference="placebo")

        assert (found.p_value <= 0.2) == (0.0 not in found.interval)


def test_stretches_of_periods_by_hand():
    # |gaps| 1, 2, 1, 5, 4: stretches of two: 3, 3, 6, 9, and around the end 4 + 1 = 5. The last is the largest.
    assert shift_p_value(np.array([1.0, -2.0, 1.0, -5.0, 4.0]), 2) == pytest.approx(1 / 5)
    # One of five: the 4 is second to the 5.
    assert shift_p_value(np.array([1.0, -2.0, 1.0, -5.0, 4.0]), 1) == pytest.approx(2 / 5)


def test_conformal_inference_by_hand():
    # One donor at 0, so no weights change: nine gaps of ±1 before, 5 after. At 0.8 τ needs 3 of 10 gaps as large:
    # |5 − τ| ≤ 1.
    frame = _long({"A": [0] * 10, "new": [1, -1] * 4 + [1, 5]}, {"new": 10})

    found = synthetic_control(frame, **_NAMES, inference="conformal", level=0.8)

    assert found.p_value == pytest.approx(0.1)
    assert tuple(found.interval) == pytest.approx((4.0, 6.0), abs=1e-6)
    last = found.by_horizon.iloc[-1]
    assert last[["effect", "low", "high"]].tolist() == pytest.approx([5.0, 4.0, 6.0], abs=1e-6)
    assert found.diagnostics["conformal"]["shifts"] == 10
    assert "gaps_alike_over_time" in found.assumptions


def test_conformal_inference_with_too_few_periods_bounds_nothing():
    frame = _long({"A": [0] * 10, "new": [1, -1] * 4 + [1, 5]}, {"new": 10})

    found = synthetic_control(frame, **_NAMES, inference="conformal", level=0.95)

    assert tuple(found.interval) == (-math.inf, math.inf)
    assert _caveats(found)["too_few_periods_to_shift"] == {"n": 10, "level": 0.95}


def test_no_constant_effect_survives_gaps_that_swing():
    frame = _long({"A": [0] * 12, "new": [0.1, -0.1] * 5 + [10, -10]}, {"new": 11})

    found = synthetic_control(frame, **_NAMES, inference="conformal", level=0.8)

    assert "effect_not_constant" in _caveats(found)
    assert not found.interval.bounded


def test_an_effect_that_is_never_rejected_is_not_bounded():
    found = conformal_interval(lambda tau: np.array([tau, tau, tau, tau]), 1, effect=1.0, spread=1.0, level=0.5)

    assert found == Interval(-math.inf, math.inf)


def test_auto_compares_periods_where_units_are_too_few():
    # 9 controls make 10 ways: enough for 0.9, not for 0.95; 20 periods are enough for 0.95.
    assert synthetic_control(_world(), **_NAMES, level=0.9).inference == "placebo"
    assert synthetic_control(_world(), **_NAMES, level=0.95).inference == "conformal"
    short = synthetic_control(_world(periods=18), **_NAMES, level=0.95)
    assert short.inference == "placebo"
    assert "too_few_ways_to_deal" in _caveats(short)
    assert short.diagnostics["conformal"]["shifts"] == 18
    staggered = synthetic_control(_world(cohorts={0: 15, 1: 16}), **_NAMES, level=0.9)
    assert staggered.inference == "placebo"


def test_the_correction_by_ridge_by_hand():
    # Donors 1 and 3, less their mean ∓1; the double stands on 3 and misses 4 by 1.
    # Correction ∓1 · 1 ÷ (2 + ridge): for ridge 0 ∓½, for ridge 2 ∓¼.
    columns, target, weights = np.array([[1.0, 3.0]]), np.array([4.0]), np.array([0.0, 1.0])

    assert augmented_weights(columns, target, weights, ridge=0.0) == pytest.approx([-0.5, 1.5])
    assert augmented_weights(columns, target, weights, ridge=2.0) == pytest.approx([-0.25, 1.25])
    assert augmented_weights(columns, target, weights, ridge=1e12) == pytest.approx(weights, abs=1e-9)
    assert chosen_ridge(columns, target, 1) == pytest.approx(2.0)
    assert chosen_ridge(np.ones((3, 2)), np.ones(3), 3) == 1.0


def test_augmentation_reaches_what_no_average_reaches():
    frame = _world(units=8)
    frame.loc[frame["unit"] == "u00", "y"] += 1.5 * frame["time"]

    plain = synthetic_control(frame, **_NAMES)
    more = synthetic_control(frame, **_NAMES, augmented=True)

    assert more.method == "augmented_synthetic_control"
    assert "poor_fit_before" in _caveats(plain)
    assert (more.diagnostics["fit"]["rmspe_before"] < plain.diagnostics["fit"]["rmspe_before"]).all()
    assert more.diagnostics["unit_weights"]["weight"].sum() == pytest.approx(1.0)
    assert (more.diagnostics["unit_weights"]["weight"] < 0).any()


def test_a_covariate_pulls_weight_to_donors_that_share_it():
    # A and B have the same outcomes; B is as large as the adopter.
    frame = _long({"A": [1, 2, 3, 4], "B": [1, 2, 3, 9], "new": [1, 2, 3, 9]}, {"new": 4})
    frame["size"] = frame["unit"].map({"A": 1.0, "B": 5.0, "new": 5.0})

    without, with_size = (synthetic_control(frame, **_NAMES, covariates=names) for names in (None, ["size"]))

    assert without.diagnostics["unit_weights"]["weight"].tolist() == pytest.approx([0.5, 0.5], abs=1e-4)
    assert with_size.diagnostics["unit_weights"]["weight"].tolist() == pytest.approx([0.0, 1.0], abs=1e-4)
    assert with_size.effect == pytest.approx(0.0, abs=1e-3)


def test_a_covariate_that_is_the_same_everywhere_changes_nothing():
    frame = _world().assign(same=1.0)

    with_it, without = (synthetic_control(frame, **_NAMES, covariates=names) for names in (["same"], None))

    assert with_it.effect == pytest.approx(without.effect, abs=1e-6)


def test_gaps_are_counted():
    frame = _world()
    lacking = frame[~((frame["unit"] == "u05") & (frame["time"] == 3))]

    found = synthetic_control(lacking, **_NAMES)

    assert found.effect == synthetic_control(frame[frame["unit"] != "u05"], **_NAMES).effect
    assert _caveats(found)["incomplete_donors_dropped"] == {"n": 1, "left": 8}
    own_gap = frame[~((frame["unit"] == "u00") & (frame["time"] == 3))]
    assert _refused(own_gap) == ("impact_adopters_incomplete", {"n": 1, "gaps": 1})


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"control": "sometimes"}, "impact_unknown_choice"),
        ({"inference": "jackknife"}, "impact_unknown_choice"),
        ({"inference": "analytic"}, "impact_no_influence"),
        ({"ridge": 2.0}, "impact_unknown_choice"),
        ({"augmented": True, "ridge": 0.0}, "impact_unknown_choice"),
        ({"augmented": True, "ridge": math.inf}, "impact_unknown_choice"),
        ({"anticipation": -1}, "impact_anticipation_negative"),
        ({"anticipation": 14}, "impact_nothing_before"),
        ({"level": 0.4}, "impact_level_out_of_range"),
    ],
)
def test_what_cannot_be_done_is_refused_by_code(asked, code):
    assert _refused(_world(), **asked)[0] == code


def test_conformal_inference_needs_one_date():
    staggered = _world(cohorts={0: 15, 1: 16})

    assert _refused(staggered, inference="conformal") == ("impact_conformal_needs_one_date", {"n": 2})


def test_the_fitter_finds_what_the_method_finds():
    frame = _world(cohorts={0: 15, 1: 17})

    fit = module.fitter(anticipation=1)(panel_of(frame, **_NAMES))
    found = synthetic_control(frame, **_NAMES, anticipation=1, draws=5)

    assert fit.effect == found.effect
    assert fit.effects.tolist() == found.by_horizon["effect"].tolist()
    assert fit.diagnostics["anticipation"] == 1


@given(seed=st.integers(0, 1_000))
def test_order_and_unit_of_measure_do_not_matter(seed):
    frame = _world(units=7, periods=9, cohorts={0: 7}, seed=seed)
    estimate = module.fitter()

    found = estimate(panel_of(frame, **_NAMES)).effect
    shuffled = estimate(panel_of(frame.sample(frac=1, random_state=seed), **_NAMES)).effect
    scaled = estimate(panel_of(frame.assign(y=-24 * frame["y"]), **_NAMES)).effect
    lifted = estimate(panel_of(frame.assign(y=frame["y"] + 10 * frame["time"]), **_NAMES)).effect

    assert shuffled == found
    assert scaled == pytest.approx(-24 * found, rel=1e-6, abs=1e-6)
    assert lifted == pytest.approx(found, rel=1e-5, abs=1e-5)


def test_another_unit_of_measure_scales_the_interval_and_keeps_the_p_value():
    frame = _world(effect=2.0)

    found, scaled = (
        synthetic_control(frame.assign(y=factor * frame["y"]), **_NAMES, level=0.8) for factor in (1, -1000)
    )

    assert scaled.p_value == found.p_value
    assert tuple(scaled.interval) == pytest.approx((-1000 * found.interval.high, -1000 * found.interval.low), rel=1e-5)


def _oracle():
    panel = pd.read_csv(_ORACLES / "synthetic_panel.csv")
    asked = {"unit": "unit", "time": "period", "outcome": "one", "cohort": "cohort_one"}
    return panel, asked, pd.read_csv(_ORACLES / "synthetic_expected.csv").set_index(["case", "figure"])["value"]


def test_parity_with_pysyncon_on_weights_gaps_and_ranks():
    panel, asked, expected = _oracle()

    found = synthetic_control(panel, **asked, inference="placebo")

    # pysyncon's solver is good to five or six digits of the weights, which makes seven of the effect.
    assert found.effect == pytest.approx(expected["sc_one", "effect"], abs=1e-6)
    assert found.diagnostics["unit_weights"]["weight"].to_numpy() == pytest.approx(
        expected["sc_weights"].to_numpy(), abs=1e-6
    )
    assert found.diagnostics["paths"]["gap"].to_numpy() == pytest.approx(expected["sc_gaps"].to_numpy(), abs=5e-6)
    assert found.diagnostics["fit"]["rmspe_before"].item() == pytest.approx(
        expected["sc_one", "rmspe_before"], abs=1e-6
    )
    assert found.diagnostics["rmspe_ratio"] == pytest.approx(expected["sc_one", "ratio"], abs=1e-6)
    assert found.p_value == pytest.approx(expected["sc_one", "p_value"])


def test_parity_with_pysyncon_on_augmentation_and_a_covariate():
    panel, asked, expected = _oracle()

    augmented = module.fitter(augmented=True, ridge=30.0)(panel_of(panel, **asked))
    mixed = module.fitter()(panel_of(panel, **asked, covariates=["size"]))

    assert augmented.effect == pytest.approx(expected["sc_augmented", "effect_ridge_30"], abs=1e-6)
    assert mixed.effect == pytest.approx(expected["sc_covariate", "effect"], abs=5e-6)


def test_parity_with_pysyncon_on_conformal_intervals():
    panel, asked, expected = _oracle()

    found = synthetic_control(panel, **asked, inference="conformal", level=0.8).by_horizon

    after = found[found["horizon"] >= 0]
    for horizon, low, high in after[["horizon", "low", "high"]].itertuples(index=False):
        period = 17 + horizon
        assert low == pytest.approx(expected["sc_conformal_80", f"low_{period}"], abs=5e-6)
        assert high == pytest.approx(expected["sc_conformal_80", f"high_{period}"], abs=5e-6)


_PROP_99 = _SAMPLES / "smoking-prop99" / "california_prop99.csv"


@pytest.mark.skipif(
    not _PROP_99.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_PROP_99.name} is missing"
)
def test_california_as_published():
    # Arkhangelsky et al. 2021, table 1: −19.6, with weights that stop early; the optimum gives −19.51.
    table = pd.read_csv(_PROP_99, sep=";")
    table["cohort"] = np.where(table["State"] == "California", 1989.0, np.nan)
    asked = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "cohort": "cohort"}
    wide = table.pivot(index="Year", columns="State", values="PacksPerCapita")
    own, donors = wide.pop("California").to_numpy(), wide.to_numpy()
    noise = float(np.diff(donors[:19], axis=0).std(ddof=1))
    early = frank_wolfe(donors[:19], own[:19], ridge=1e-6 * noise, intercept=False, smallest_gain=1e-5 * noise)

    found = synthetic_control(table, **asked)

    assert (own - donors @ early)[19:].mean() == pytest.approx(-19.6197, abs=5e-5)
    assert found.effect == pytest.approx(-19.5136, abs=5e-5)
    assert found.diagnostics["rank"] == 3
    # Without covariates the exact weights are those of Utah 0.394, Montana 0.232, Nevada 0.205, Connecticut 0.109 …
    assert found.diagnostics["unit_weights"].set_index("unit")["weight"]["Utah"] == pytest.approx(0.393908, abs=1e-6)
