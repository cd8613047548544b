"""Synthetic difference-in-differences: by hand, at its limits, as properties, and against published values."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import PegelError, UserError
from pegel.impact.panel import panel_of
from pegel.impact.synthetic import synthetic_did as module
from pegel.impact.synthetic.synthetic_did import synthetic_did

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


def _world(*, units=14, periods=16, cohorts=None, seed=1, effect=0.0):
    random = np.random.default_rng(seed)
    start = {0: 12} if cohorts is None else cohorts
    y = random.normal(size=(units, 1)) + random.normal(size=(units, 2)) @ random.normal(size=(2, periods)).cumsum(
        axis=1
    )
    y += random.normal(size=(units, periods))
    for unit, first in start.items():
        y[unit, first - 1 :] += effect
    return _long({f"u{i:02d}": row for i, row in enumerate(y)}, {f"u{i:02d}": first for i, first in start.items()})


def _codes(estimate):
    return [str(caveat) for caveat in estimate.caveats]


def _refused(frame, **asked):
    with pytest.raises(PegelError) as caught:
        synthetic_did(frame, **_NAMES, **asked)
    return caught.value


HAND = _long({"A": [0, 10, 12], "B": [0, 20, 24], "new": [1, 13, 20]}, {"new": 3})


def test_weights_and_effect_by_hand():
    # Donors' changes before: 10 and 20, σ² = 50, ζ² = √(1 adopter · 1 period) σ² = 50.
    # Courses before, less their means: A ±5, B ±10, new ±6. With b the weight of B:
    # (5 (1 − b) + 10 b − 6)² + 50 ((1 − b)² + b²) is least at 250 b = 110: ω = (0.56, 0.44).
    # Periods: the donors' means after lie 12 apart, period 1 apart by 0, period 2 by 10: λ = (0, 1).
    # Effect: (20 − 13) − (0.56 (12 − 10) + 0.44 (24 − 20)) = 7 − 2.88 = 4.12.
    found = synthetic_did(HAND, **_NAMES)

    assert found.effect == pytest.approx(4.12, abs=1e-9)
    assert found.diagnostics["unit_weights"]["weight"].tolist() == pytest.approx([0.56, 0.44], abs=1e-9)
    assert found.diagnostics["time_weights"]["weight"].tolist() == [0.0, 1.0]
    # Gaps: new − donors is 1, 13 − 14.4, 20 − 17.28; less that of period 2.
    assert found.by_horizon["horizon"].tolist() == [-2, -1, 0]
    assert found.by_horizon["effect"].tolist() == pytest.approx([2.4, 0.0, 4.12], abs=1e-9)
    assert (found.n, found.units, found.adopters, found.periods) == (9, 3, 1, 3)


def test_placebos_by_hand():
    # One donor each: λ is even, A as adopter: (12 − 5) − (24 − 10) = −7, B: +7. Both are farther than 4.12.
    found = synthetic_did(HAND, **_NAMES, level=0.6, inference="placebo")

    assert found.p_value == 1.0
    assert found.interval == pytest.approx((4.12 - 7, 4.12 + 7), abs=1e-9)
    assert (found.se, found.se_reason, found.inference) == (None, "permutation_has_no_se", "placebo")
    assert (found.diagnostics["ways"], found.diagnostics["all_ways"]) == (3, True)
    assert found.diagnostics["placebo_se"] == pytest.approx(7.0, abs=1e-9)


def test_one_donor_makes_it_the_difference_of_differences():
    # (12 − 6) − (4 − 2) = 4; the only other way to deal the date is to B.
    found = synthetic_did(_long({"A": [5, 7, 12], "B": [1, 3, 4]}, {"A": 3}), **_NAMES)

    assert found.effect == pytest.approx(4.0, abs=1e-9)
    assert found.inference == "permutation"
    assert found.diagnostics["ways"] == 2
    assert not found.interval.bounded
    assert {"too_few_ways_to_deal", "few_donors", "few_periods_before"} <= set(_codes(found))
    assert found.diagnostics["leave_one_donor_out"].empty


def test_cohorts_are_averaged_by_their_treated_cells():
    # One never adopter: plain differences. A from 2 on: (6 + 6 + 6) ÷ 3 − 1 = 5 in 3 cells;
    # B and C from 4 on: their mean rises from 2 to 3: 1 in 2 cells. (3 · 5 + 2 · 1) ÷ 5 = 3.4.
    frame = _long(
        {"A": [1, 6, 6, 6], "B": [1, 1, 1, 3], "C": [3, 3, 3, 3], "never": [0, 0, 0, 0]}, {"A": 2, "B": 4, "C": 4}
    )

    found = synthetic_did(frame, **_NAMES, control="never")

    assert found.effect == pytest.approx(3.4, abs=1e-9)
    table = found.diagnostics["by_cohort"]
    assert table["cohort"].tolist() == ["2", "4"]
    assert table["units"].tolist() == [1, 2]
    assert table["effect"].tolist() == pytest.approx([5.0, 1.0], abs=1e-9)
    # Horizon 0: A with 5, B and C with 1 each.
    at = found.by_horizon.set_index("horizon")
    assert at.loc[0, ["effect", "adopters"]].tolist() == pytest.approx([7 / 3, 3], abs=1e-9)
    assert at.loc[1, ["effect", "adopters"]].tolist() == pytest.approx([5.0, 1], abs=1e-9)


def test_later_adopters_are_donors_until_they_adopt():
    frame = _world(units=6, periods=10, cohorts={0: 5, 1: 8})

    weights = synthetic_did(frame, **_NAMES, draws=9).diagnostics["unit_weights"]

    donors = {key: set(rows["unit"]) for key, rows in weights.groupby(["cohort", "first", "last"])}
    never = {"u02", "u03", "u04", "u05"}
    assert donors == {("5", "5", "7"): never | {"u01"}, ("5", "8", "10"): never, ("8", "8", "10"): never}


def test_without_never_adopters_the_last_date_has_nobody_to_compare_with():
    frame = _world(units=4, periods=10, cohorts={0: 5, 1: 5, 2: 8, 3: 8})

    found = synthetic_did(frame, **_NAMES)

    assert found.inference == "permutation"
    assert found.diagnostics["by_cohort"]["cohort"].tolist() == ["5"]
    lost = next(caveat for caveat in found.caveats if caveat.code == "cells_without_controls")
    assert dict(lost.values) == {"n": 6, "total": 9}
    assert _refused(frame, control="never").code == "impact_no_controls_left"


def test_anticipation_keeps_the_last_periods_out_of_the_weights():
    found = synthetic_did(_world(), **_NAMES, anticipation=2)

    assert found.diagnostics["time_weights"]["period"].tolist() == [str(period) for period in range(1, 10)]
    assert found.by_horizon["horizon"].tolist() == list(range(-11, 5))


def test_a_covariate_that_explains_everything_leaves_the_effect():
    random = np.random.default_rng(4)
    frame = _world(units=8, periods=10, cohorts={0: 8, 1: 8})
    frame["x"] = random.normal(size=len(frame))
    frame["y"] = 3 * frame["x"] + 2 * (frame["time"] >= frame["cohort"])

    found = synthetic_did(frame, **_NAMES, covariates=["x"])

    assert found.effect == pytest.approx(2.0, abs=1e-9)


def test_a_covariate_that_never_changes_is_named_and_changes_nothing():
    frame = _world()
    frame["size"] = frame["unit"].str[1:].astype(float)

    found = synthetic_did(frame, **_NAMES, covariates=["size"])

    assert found.effect == pytest.approx(synthetic_did(frame, **_NAMES).effect, abs=1e-9)
    absorbed = next(caveat for caveat in found.caveats if caveat.code == "covariates_collinear")
    assert dict(absorbed.values) == {"n": 1, "names": ["size"]}


def test_incomplete_donors_are_left_out_and_counted():
    frame = _world()
    lacking = frame[~((frame["unit"] == "u05") & (frame["time"] == 3))]

    found = synthetic_did(lacking, **_NAMES)

    assert found.effect == synthetic_did(frame[frame["unit"] != "u05"], **_NAMES).effect
    dropped = next(caveat for caveat in found.caveats if caveat.code == "incomplete_donors_dropped")
    assert dict(dropped.values) == {"n": 1, "left": 12}


def test_an_incomplete_adopter_is_refused_with_the_count():
    frame = _world()
    refusal = _refused(frame[~((frame["unit"] == "u00") & frame["time"].isin([3, 4]))])

    assert (refusal.code, dict(refusal.values)) == ("impact_adopters_incomplete", {"n": 1, "gaps": 2})


def test_only_incomplete_donors_are_refused():
    frame = _world()
    keep = (frame["unit"] == "u00") | (frame["time"] != frame["unit"].str[1:].astype(int))

    refusal = _refused(frame[keep])

    assert (refusal.code, dict(refusal.values)) == ("impact_no_complete_donors", {"n": 13})


def test_a_period_in_which_nobody_was_observed_is_passed_over():
    frame = _world(effect=3.0)

    found = synthetic_did(frame[frame["time"] != 5], **_NAMES)

    assert found.by_horizon["horizon"].tolist() == [h for h in range(-11, 5) if h != -7]
    assert np.isfinite(found.by_horizon["effect"]).all()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"control": "sometimes"}, "impact_unknown_choice"),
        ({"solver": "guess"}, "impact_unknown_choice"),
        ({"inference": "bootstrap"}, "impact_unknown_choice"),
        ({"inference": "conformal"}, "impact_unknown_choice"),
        ({"inference": "analytic"}, "impact_no_influence"),
        ({"inference": "cluster"}, "impact_no_influence"),
        ({"inference": "jackknife"}, "impact_jackknife_needs_two"),
        ({"anticipation": -1}, "impact_anticipation_negative"),
        ({"anticipation": 11}, "impact_nothing_before"),
        ({"level": 1.0}, "impact_level_out_of_range"),
    ],
)
def test_what_cannot_be_done_is_refused_by_code(asked, code):
    assert _refused(_world(), **asked).code == code


def test_nobody_adopted_and_nobody_to_compare_with():
    assert _refused(_world(cohorts={})).code == "impact_nobody_adopted"
    assert _refused(_world(units=2, cohorts={0: 9, 1: 9})).code == "impact_no_controls_left"
    refusal = _refused(_world(units=4, cohorts={0: 9, 1: 9}), inference="placebo")
    assert (refusal.code, dict(refusal.values)) == ("impact_placebo_needs_controls", {"controls": 2, "adopters": 2})


def test_the_choice_of_inference_looks_at_numbers_of_units_only():
    # 13 controls: 13 placebos + 1. 4 of 10 adopt at once: C(6, 4) + 1 = 16 ways among controls, 210 among all.
    assert synthetic_did(_world(), **_NAMES, level=0.9).inference == "placebo"
    four = _world(units=10, cohorts=dict.fromkeys(range(4), 12))
    assert synthetic_did(four, **_NAMES, level=0.9).inference == "placebo"
    assert synthetic_did(four, **_NAMES, level=0.95).inference == "permutation"
    assert synthetic_did(four, **_NAMES, level=0.95).diagnostics["ways"] == 210


def test_nothing_moves_at_all():
    frame = _long({f"u{i}": [5.0] * 6 for i in range(12)}, {"u0": 4})

    found = synthetic_did(frame, **_NAMES, level=0.8)

    assert (found.effect, found.p_value) == (pytest.approx(0.0, abs=1e-12), 1.0)
    assert tuple(found.interval) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert found.diagnostics["unit_weights"]["weight"].tolist() == pytest.approx([1 / 11] * 11, abs=1e-12)


def test_one_period_before_is_enough_to_compute_and_is_said():
    found = synthetic_did(_long({"A": [1, 5], "B": [2, 3], "C": [4, 7]}, {"A": 2}), **_NAMES)

    # (5 − 1) − ((3 − 2) + (7 − 4)) ÷ 2 = 2.
    assert found.effect == pytest.approx(2.0, abs=1e-9)
    assert "few_periods_before" in _codes(found)


def test_a_single_donor_that_turns_the_sign_is_named():
    # C alone falls; with it the others fall as much as the adopter.
    frame = _long({"new": [0, 0, -1], "A": [0, 0, 0.0], "B": [0, 0, 0.0], "C": [0, 0, -9.0]}, {"new": 3})

    found = synthetic_did(frame, **_NAMES)

    # (−1) − (−9 ÷ 3) = 2; without C it is −1.
    assert found.effect == pytest.approx(2.0, abs=1e-9)
    turned = next(caveat for caveat in found.caveats if caveat.code == "sign_rests_on_one_donor")
    assert dict(turned.values) == {"n": 1, "names": ["C"]}
    table = found.diagnostics["leave_one_donor_out"].set_index("unit")["effect"]
    assert table.to_dict() == pytest.approx({"A": 3.5, "B": 3.5, "C": -1.0}, abs=1e-9)


def test_a_course_of_its_own_is_called_a_poor_fit():
    frame = _world()
    own = frame["unit"] == "u00"

    assert "poor_fit_before" not in _codes(synthetic_did(frame, **_NAMES))
    frame.loc[own, "y"] += 3.0 * frame.loc[own, "time"]
    assert "poor_fit_before" in _codes(synthetic_did(frame, **_NAMES))


def test_the_jackknife_leaves_out_clusters():
    frame = _world(cohorts={0: 12, 1: 12, 2: 12, 3: 12})
    frame["area"] = frame["unit"].str[1:].astype(int) // 2

    by_unit = synthetic_did(frame, **_NAMES, inference="jackknife")
    by_area = synthetic_did(frame, **_NAMES, inference="jackknife", cluster="area")

    assert by_area.effect == by_unit.effect
    assert (by_unit.diagnostics["clusters"], by_area.diagnostics["clusters"]) == (14, 7)
    assert by_area.se != by_unit.se
    assert by_unit.interval.high - by_unit.effect == pytest.approx(1.959964 * by_unit.se, rel=1e-6)
    assert _codes(by_unit).count("few_units_standard_error") == 1


def test_the_fitter_finds_what_the_method_finds():
    frame = _world(cohorts={0: 12, 1: 14})
    panel = panel_of(frame, **_NAMES)

    fit = module.fitter()(panel)
    found = synthetic_did(frame, **_NAMES, draws=9)

    assert fit.effect == found.effect
    assert fit.effects.tolist() == found.by_horizon["effect"].tolist()
    assert fit.adopters.tolist() == found.by_horizon["adopters"].tolist()
    assert fit.n == found.n
    with pytest.raises(UserError, match="impact_unknown_choice"):
        module.fitter(control="none")


def test_the_same_seed_gives_the_same_answer():
    frame = _world(units=24, cohorts=dict.fromkeys(range(6), 12))

    one, same, other = (synthetic_did(frame, **_NAMES, draws=60, seed=seed) for seed in (1, 1, 2))

    assert one.diagnostics["all_ways"] is False
    assert one.interval == same.interval
    assert one.interval != other.interval


@given(seed=st.integers(0, 1_000), staggered=st.booleans())
def test_order_unit_of_measure_and_levels_do_not_matter(seed, staggered):
    frame = _world(units=9, periods=9, cohorts={0: 6, 1: 8} if staggered else {0: 6}, seed=seed)
    random = np.random.default_rng(seed)
    asked = {**_NAMES, "draws": 5}
    found = synthetic_did(frame, **asked)

    shuffled = synthetic_did(frame.sample(frac=1, random_state=seed), **asked)
    scaled = synthetic_did(frame.assign(y=-60 * frame["y"]), **asked)
    levels = random.normal(size=9) * 100  # and a growth that all share: it leaves the noise as it is
    moved = frame["y"] + levels[frame["unit"].str[1:].astype(int)] + 7 * frame["time"]
    lifted = synthetic_did(frame.assign(y=moved), **asked)

    assert shuffled.effect == found.effect
    assert scaled.effect == pytest.approx(-60 * found.effect, rel=1e-6, abs=1e-6)
    assert lifted.effect == pytest.approx(found.effect, rel=1e-5, abs=1e-6)


def test_placebos_hold_their_promise_where_nothing_happened():
    # 11 placebos + 1: at level 0.75 a true zero is rejected in at most a quarter of worlds, but for chance.
    rejected = [synthetic_did(_world(units=12, seed=seed), **_NAMES, level=0.75).p_value <= 0.25 for seed in range(60)]

    assert 0.1 <= np.mean(rejected) <= 0.4


def _oracle():
    panel = pd.read_csv(_ORACLES / "synthetic_panel.csv")
    return panel, pd.read_csv(_ORACLES / "synthetic_expected.csv").set_index(["case", "figure"])["value"]


def _asked(outcome):
    return {"unit": "unit", "time": "period", "outcome": outcome, "cohort": f"cohort_{outcome}"}


def test_parity_with_diff_diff_on_one_date():
    panel, expected = _oracle()
    as_there = module.fitter(solver="frank_wolfe")

    one = as_there(panel_of(panel, **_asked("one")))
    three = synthetic_did(panel, **_asked("three"), solver="frank_wolfe", inference="jackknife")

    assert one.effect == pytest.approx(expected["sdid_one", "effect"], abs=1e-9)
    assert three.effect == pytest.approx(expected["sdid_three", "effect"], abs=1e-9)
    assert three.se == pytest.approx(expected["sdid_three", "se_jackknife"], abs=1e-9)


def test_parity_with_diff_diff_cohort_by_cohort():
    panel, expected = _oracle()

    found = module.fitter(control="never", solver="frank_wolfe")(panel_of(panel, **_asked("staggered")))

    assert found.effect == pytest.approx(expected["sdid_staggered", "effect"], abs=1e-9)


def test_parity_with_diff_diff_after_a_regression_on_the_covariate():
    panel, expected = _oracle()

    found = module.fitter(solver="frank_wolfe")(panel_of(panel, **_asked("three"), covariates=["size"]))

    assert found.effect == pytest.approx(expected["sdid_covariate", "effect"], abs=1e-8)


def test_exact_weights_differ_from_the_early_stop_by_little():
    panel, expected = _oracle()

    assert synthetic_did(panel, **_asked("one")).effect == pytest.approx(expected["sdid_one", "effect"], abs=1e-3)


_PROP_99 = _SAMPLES / "smoking-prop99" / "california_prop99.csv"


@pytest.mark.skipif(
    not _PROP_99.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_PROP_99.name} is missing"
)
def test_california_as_published():
    # Arkhangelsky et al. 2021, table 1: −15.6; the R package prints −15.604. Exact weights: −15.605.
    table = pd.read_csv(_PROP_99, sep=";")
    table["cohort"] = np.where(table["State"] == "California", 1989.0, np.nan)
    asked = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "cohort": "cohort"}

    as_in_r = module.fitter(solver="frank_wolfe")(panel_of(table, **asked))
    exact = synthetic_did(table, **asked)

    assert as_in_r.effect == pytest.approx(-15.60383, abs=5e-6)
    assert exact.effect == pytest.approx(-15.60540, abs=5e-6)
    # All 38 placebos; the paper drew some of them and prints 8.4, Stata's sdid 9.9.
    assert exact.diagnostics["placebo_se"] == pytest.approx(9.368, abs=5e-4)
    assert exact.p_value == pytest.approx(2 / 39)
