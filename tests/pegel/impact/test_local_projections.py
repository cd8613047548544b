"""Local projections: by hand, at the edges, as properties, and against pyfixest and diff-diff."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pegel.errors import PegelError
from pegel.impact.estimators.callaway_santanna import callaway_santanna
from pegel.impact.estimators.local_projections import fitter, local_projections
from pegel.impact.fit import draw
from pegel.impact.panel import panel_of

_MPDTA = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data")) / "did-mpdta"
_ORACLES = Path(__file__).parent / "oracles"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "cohort"}
# A adopts in period 2, B in period 4, C never.
_SMALL = pd.DataFrame(
    [
        (unit, time, float(y), cohort)
        for unit, cohort, series in (("A", 2.0, [1, 4, 6, 7]), ("B", 4.0, [2, 2, 3, 9]), ("C", np.nan, [0, 1, 1, 2]))
        for time, y in enumerate(series, start=1)
    ],
    columns=["unit", "time", "y", "cohort"],
)


def _effects(estimate) -> dict[int, float]:
    table = estimate.by_horizon
    return dict(zip(table["horizon"].tolist(), table["effect"].round(10).tolist(), strict=True))


def _world(*, seed: int, cohorts: dict[float, int], periods: int, gaps: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    starts = np.repeat(list(cohorts), list(cohorts.values()))
    x = random.normal(size=(len(starts), periods))
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


@pytest.mark.parametrize(
    ("weighting", "at_zero"),
    # Horizon 0. In period 2: A moves by 3, B and C (both clean) by 0 and 1: 2.5, weight 1 · 2 / 3. In period 4: B moves
    # by 6, C by 1: 5, weight 1 · 1 / 2.
    [("variance", (2 / 3 * 2.5 + 1 / 2 * 5) / (2 / 3 + 1 / 2)), ("equal", (2.5 + 5) / 2)],
)
def test_horizons_by_hand(weighting, at_zero):
    found = local_projections(_SMALL, **_NAMES, weighting=weighting)

    # 1: A by 5, B (still clean in 3) and C by 1. 2: A by 6, C by 2; B has adopted. −2: B by 2 − 3, C by 0. −3: B by
    # 2 − 3, C by 0 − 1. At −1 all are compared with themselves.
    assert _effects(found) == {-3: 0.0, -2: -1.0, -1: 0.0, 0: round(at_zero, 10), 1: 4.0, 2: 4.0}
    assert found.by_horizon["adopters"].tolist() == [1, 1, 2, 2, 1, 1]


def test_the_headline_is_the_mean_over_a_window_that_half_of_the_adopters_fill():
    # A can fill periods 0 to 2, B only 0: half of the two fill 0 to 2. A's mean (4 + 6 + 7) / 3 less 1, and of those
    # clean until the end only C: (1 + 1 + 2) / 3 less 0.
    found = local_projections(_SMALL, **_NAMES)

    assert found.effect == pytest.approx((17 / 3 - 1) - 4 / 3)
    assert found.diagnostics["window"] == (0, 2)
    (caveat,) = [one for one in found.caveats if one.code == "window_not_filled"]
    assert caveat.values == {"n": 1, "total": 2, "first": 0, "last": 2}
    assert local_projections(_SMALL, **_NAMES, horizons=(0, 0)).effect == pytest.approx(_effects(found)[0])


def test_with_anticipation_the_base_is_earlier_and_controls_stay_clean_longer():
    # A has nothing before period 1. B: 9 − 2 (period 2), C: 2 − 1.
    found = local_projections(_SMALL, **_NAMES, anticipation=1, horizons=(0, 0))

    assert found.effect == pytest.approx(6.0)
    assert found.has_caveat("cohorts_without_before")
    assert _effects(found)[-2] == 0.0


@pytest.mark.parametrize(
    ("cohorts", "settings", "code"),
    [
        ({}, {}, "impact_nobody_adopted"),
        ({"A": 2, "B": 2, "C": 2}, {}, "impact_no_controls_left"),
        ({"A": 3}, {"anticipation": 2}, "impact_nothing_before"),
        ({"A": 3}, {"anticipation": -1}, "impact_anticipation_negative"),
        ({"A": 3}, {"horizons": (0, 2)}, "impact_horizons_not_observed"),
        ({"A": 3}, {"horizons": (1, 0)}, "impact_unknown_choice"),
        ({"A": 3}, {"weighting": "size"}, "impact_unknown_choice"),
        ({"A": 3}, {"inference": "analytic"}, "impact_no_influence"),
    ],
)
def test_what_has_no_answer_is_refused_by_code(cohorts, settings, code):
    panel = _SMALL.assign(cohort=_SMALL["unit"].map(cohorts).astype(float))

    with pytest.raises(PegelError) as caught:
        local_projections(panel, **_NAMES, **settings)

    assert caught.value.code == code


@pytest.mark.parametrize("weighting", ["variance", "equal"])
def test_covariates_that_tell_adopters_from_the_others_are_refused(weighting):
    panel = _world(seed=1, cohorts={4: 4, np.inf: 5}, periods=6)
    panel["x"] = np.isfinite(panel["cohort"]).astype(float)

    with pytest.raises(PegelError) as caught:
        local_projections(panel, **_NAMES, covariates=["x"], weighting=weighting)

    assert caught.value.code == "impact_covariates_not_separable"


@pytest.mark.parametrize("weighting", ["variance", "equal"])
def test_covariates_that_say_the_same_do_not_disturb(weighting):
    panel = _world(seed=2, cohorts={4: 4, np.inf: 5}, periods=6)
    panel["again"], panel["fixed"] = 2 * panel["x"] + 5, 1e6

    one = local_projections(panel, **_NAMES, covariates=["x"], weighting=weighting, draws=20)
    other = local_projections(panel, **_NAMES, covariates=["x", "again", "fixed"], weighting=weighting, draws=20)

    assert other.effect == pytest.approx(one.effect, rel=1e-9)


@pytest.mark.parametrize("anticipation", [0, 1])
def test_weighing_adopters_equally_is_callaway_santanna(anticipation):
    panel = _world(seed=3, cohorts={3: 20, 5: 14, 6: 2, np.inf: 10}, periods=8)

    one = local_projections(panel, **_NAMES, weighting="equal", anticipation=anticipation)
    other = callaway_santanna(panel, **_NAMES, control="not_yet", anticipation=anticipation)

    for column in ("horizon", "effect", "se", "adopters"):
        np.testing.assert_allclose(one.by_horizon[column], other.by_horizon[column], atol=1e-12)


@pytest.mark.parametrize("weighting", ["variance", "equal"])
def test_permutation_by_weights_is_refitting(weighting):
    panel = panel_of(_world(seed=4, cohorts={3: 2, 5: 3, np.inf: 3}, periods=7), **_NAMES)
    fit = fitter(weighting=weighting)

    quick = draw(panel, fit, fit(panel), draws=20, seed=1)
    slow = draw(panel, fit, replace(fit(panel), weights=None), draws=20, seed=1)

    np.testing.assert_allclose(quick.effects, slow.effects, atol=1e-12)
    np.testing.assert_allclose(quick.slopes, slow.slopes, atol=1e-12)
    np.testing.assert_allclose(quick.by_horizon, slow.by_horizon, atol=1e-12)


@pytest.mark.parametrize("covariates", [None, ["x"]])
def test_order_of_rows_does_not_matter_and_scale_comes_through(covariates):
    panel = _world(seed=5, cohorts={3: 20, 5: 14, np.inf: 10}, periods=7, gaps=0.1)
    moved = panel.assign(y=-3 * panel["y"] + 10 * panel["unit"] - panel["time"] ** 2).sample(frac=1, random_state=1)

    one = local_projections(panel, **_NAMES, covariates=covariates)
    other = local_projections(moved, **_NAMES, covariates=covariates)

    assert other.effect == pytest.approx(-3 * one.effect)
    assert other.se == pytest.approx(3 * one.se)
    np.testing.assert_allclose(other.by_horizon["effect"], -3 * one.by_horizon["effect"], atol=1e-8)


@pytest.mark.parametrize("weighting", ["variance", "equal"])
def test_without_noise_the_effects_are_found_whatever_gaps_there_are(weighting):
    panel = _world(seed=6, cohorts={3: 4, 5: 3, np.inf: 5}, periods=8, gaps=0.2)
    horizon = panel["time"] - panel["cohort"]
    panel["y"] = 7.0 * panel["unit"] + panel["time"] ** 2 + np.where(horizon >= 0, 1 + horizon, 0)

    found = fitter(weighting=weighting)(panel_of(panel, **_NAMES))

    assert found.effects == pytest.approx(np.maximum(found.horizons + 1, 0), abs=1e-9)
    first, last = found.diagnostics["window"]
    assert found.effect == pytest.approx(np.mean(range(first + 1, last + 2)))


def test_gaps_in_the_window_cost_only_the_cells_that_they_are_in():
    # Without A's period 3 the window 0 to 2 has 0: 4 − 1 less C's 1 − 0, and 2: 7 − 1 less C's 2 − 0. Nobody else
    # adopts early enough, so horizon 1 is missing.
    panel = _SMALL[(_SMALL["unit"] != "A") | (_SMALL["time"] != 3)]

    found = local_projections(panel, **_NAMES)

    assert found.effect == pytest.approx((2 + 4) / 2)
    (caveat,) = [one for one in found.caveats if one.code == "window_has_gaps"]
    assert caveat.values == {"n": 1, "total": 3}


def test_a_single_adopter_has_no_standard_error():
    found = local_projections(_world(seed=7, cohorts={4: 1, np.inf: 44}, periods=6), **_NAMES)

    assert (found.inference, found.se) == ("permutation", None)
    assert found.has_caveat("horizons_of_one_adopter")


_PANEL = pd.read_csv(_ORACLES / "imputation_panel.csv").assign(
    cohort=lambda one: one["cohort"].where(one["cohort"] > 0)
)
_VALUES = pd.read_csv(_ORACLES / "local_projections_values.csv")


def _fits(*, covariates: list[str] | None, gaps: bool, weighting: str) -> pd.DataFrame:
    """Return [part, at, effect, se] with plain clustered errors."""
    panel = _PANEL.assign(outcome=_PANEL["outcome"].where(_PANEL["kept"] == 1)) if gaps else _PANEL
    checked = panel_of(panel, **{**_NAMES, "outcome": "outcome"}, covariates=covariates)
    fit = fitter(weighting=weighting, horizons=(0, 2))(checked)
    rows = [("pooled", 2, fit.effect, np.sqrt((fit.influence**2).sum()))]
    errors = np.sqrt((fit.horizon_influence**2).sum(axis=0))
    rows += [("horizon", *one) for one in zip(fit.horizons.tolist(), fit.effects, errors, strict=True)]
    return pd.DataFrame(rows, columns=["part", "at", "effect", "se"])


@pytest.mark.parametrize("covariates", [None, ["x"]])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("weighting", ["variance", "equal"])
def test_effects_and_errors_are_those_of_diff_diff(covariates, gaps, weighting):
    case = "_".join(["equal"] * (weighting == "equal") + ["gaps"] * gaps + ["covariate"] * (covariates is not None))
    found = _fits(covariates=covariates, gaps=gaps, weighting=weighting)
    both = found.merge(_VALUES[_VALUES["case"] == (case or "plain")], on=["part", "at"], suffixes=("", "_theirs"))
    assert len(both) == 11

    if gaps:  # theirs drop whoever has a gap in the window
        both = both[both["part"] == "horizon"]
    np.testing.assert_allclose(both["effect"], both["effect_theirs"], atol=1e-10)
    both = both[both["at"] != -1]
    if weighting == "equal" and covariates:  # both regression adjustment
        np.testing.assert_allclose(both["se"], both["se_theirs"], rtol=1e-9)
    if weighting == "variance" and not gaps:
        np.testing.assert_allclose(both["se"] * _factor(both, len(covariates or ())), both["se_theirs"], rtol=1e-9)


def test_effects_and_errors_are_those_of_pyfixest():
    found = _fits(covariates=None, gaps=False, weighting="variance")
    theirs = _VALUES[_VALUES["case"] == "pyfixest"]
    both = found.merge(theirs, on=["part", "at"], suffixes=("", "_theirs"))
    assert len(both) == 12

    np.testing.assert_allclose(both["effect"], both["effect_theirs"], atol=1e-10)
    np.testing.assert_allclose(both["se"] * _factor(both, 0), both["se_theirs"], rtol=1e-9)


def _factor(rows: pd.DataFrame, covariates: int) -> np.ndarray:
    """Return their factor: units in the sample, and effects of the periods 2 … 10 − h or 1 − h … 10."""
    at = rows["at"].to_numpy()
    periods = np.where(at >= 0, 9 - at, 10 + at)
    units = np.full(len(at), 24)
    for cohort, size in ((4, 12), (6, 10), (7, 14)):
        after = (cohort + at <= 10) | (cohort > 2 + at)
        units += size * np.where(at >= 0, after, cohort >= 1 - at)
    return np.sqrt(units / (units - 1) * (rows["n"] - 1) / (rows["n"] - periods - 1 - covariates)).to_numpy()


@pytest.mark.skipif(not _MPDTA.exists(), reason="needs the sample data (PEGEL_SAMPLE_DATA): did-mpdta is missing")
def test_county_teen_employment_is_what_pyfixest_finds():
    panel = pd.read_csv(_MPDTA / "mpdta.csv")
    panel["cohort"] = panel["first.treat"].where(panel["first.treat"] > 0)

    found = local_projections(panel, unit="countyreal", time="year", outcome="lemp", cohort="cohort")

    assert _effects(found)[3] == pytest.approx(-0.1008, abs=5e-5)
