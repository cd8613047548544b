"""Imputed effects: by hand, at the edges of what is identified, as properties, and against published values."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import PegelError
from pegel.impact.estimators.callaway_santanna import callaway_santanna
from pegel.impact.estimators.imputation import fitter, imputation
from pegel.impact.estimators.imputation_leads import lead_regression, leads_of
from pegel.impact.estimators.imputation_model import untreated_model
from pegel.impact.estimators.two_way_effects import two_way_effects
from pegel.impact.fit import draw
from pegel.impact.panel import panel_of

_MPDTA = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data")) / "did-mpdta"
_ORACLES = Path(__file__).parent / "oracles"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "cohort"}


def _long(outcomes: dict[str, list[float | None]], cohorts: dict[str, int | None]) -> pd.DataFrame:
    rows = [
        (unit, time, np.nan if y is None else y, cohorts.get(unit))
        for unit, series in outcomes.items()
        for time, y in enumerate(series, start=1)
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "cohort"]).astype({"cohort": float})


def _world(*, seed: int, cohorts: dict[float, int], periods: int, gaps: float = 0.0) -> pd.DataFrame:
    """Unit and period effects, a covariate, noise, no effect of adopting."""
    random = np.random.default_rng(seed)
    starts = np.repeat(list(cohorts), list(cohorts.values()))
    shape = (len(starts), periods)
    x = random.normal(size=shape)
    y = (
        random.normal(size=(len(starts), 1))
        + random.normal(size=periods).cumsum()
        + 0.5 * x
        + random.normal(size=shape)
    )
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
    return dict(zip(table["horizon"].tolist(), table["effect"].round(12).tolist(), strict=True))


def test_one_adopter_by_hand():
    # A adopts in period 3. Before, it lies at (1 + 3) / 2 = 2; the others move by 4 − 2.5 = 1.5 and 5 − 0.5 = 4.5 from
    # their means before, 3 on average. Expected 2 + 3 = 5, observed 9: effect 4.
    # Leads: A moves by 2 from period 1 to 2, the others by 1; each period against the other one: −1 and +1.
    panel = _long({"A": [1, 3, 9], "B": [2, 3, 4], "C": [0, 1, 5]}, {"A": 3})

    found = imputation(panel, **_NAMES)

    assert found.effect == pytest.approx(4.0)
    assert _effects(found) == {-2: -1.0, -1: 1.0, 0: 4.0}
    assert (found.n, found.units, found.adopters, found.periods) == (9, 3, 1, 3)
    assert found.inference == "permutation"
    assert found.diagnostics["by_cohort"].to_dict("list")["cohort"] == ["3"]
    assert found.diagnostics["lead_test"]["leads"]["effect"].tolist() == pytest.approx([1.0])


def test_what_cannot_be_imputed_is_left_out_and_counted():
    # Untreated are A1, B1, B2, which fix everything: from period 1 to 2 the outcome moves by 3 − 2 = 1. A is expected
    # at 1 + 1 = 2 in period 2, is at 5: effect 3. In period 3 nobody is untreated: two of three treated cells are lost.
    panel = _long({"A": [1, 5, 7], "B": [2, 3, 8]}, {"A": 2, "B": 3})

    found = imputation(panel, **_NAMES)

    assert found.effect == pytest.approx(3.0)
    (caveat,) = [one for one in found.caveats if one.code == "cells_not_imputable"]
    assert caveat.values == {
        "n": 2,
        "total": 3,
        "unit_never_untreated": 0,
        "period_without_untreated": 2,
        "not_linked": 0,
    }


def test_a_unit_never_seen_before_and_cells_that_nothing_links_are_lost_too():
    # A was never seen before adopting. B was seen before only in period 1, in which nobody else was: no chain of
    # untreated cells leads from B to period 3. C is expected at 1 + (2 − 0) = 3 and is at 8.
    panel = _long(
        {"A": [None, None, 4], "B": [7, None, 9], "C": [None, 1, 8], "D": [None, 0, 2]}, {"A": 3, "B": 3, "C": 3}
    )

    found = imputation(panel, **_NAMES)

    assert found.effect == pytest.approx(5.0)
    (caveat,) = [one for one in found.caveats if one.code == "cells_not_imputable"]
    assert {name: value for name, value in caveat.values.items() if value} == {
        "n": 2,
        "total": 3,
        "unit_never_untreated": 1,
        "not_linked": 1,
    }


def test_periods_of_anticipation_are_neither_before_nor_in_the_effect():
    # With one period of anticipation only period 1 is before: A is expected at 1, 2, 3 (the other moves by 1).
    panel = _long({"A": [1, 4, 9], "B": [2, 3, 4]}, {"A": 3})

    found = imputation(panel, **_NAMES, anticipation=1)

    assert found.effect == pytest.approx(6.0)
    assert _effects(found) == {-1: 2.0, 0: 6.0}


@pytest.mark.parametrize(
    ("aggregate", "effect"),
    # Effects: unit A (from period 2 on) 1, 2, 3; units B and C (from period 3 on) 10, 20 and 30, 40.
    [
        ("simple", (1 + 2 + 3 + 10 + 20 + 30 + 40) / 7),
        ("dynamic", ((1 + 10 + 30) / 3 + (2 + 20 + 40) / 3 + 3) / 3),
        ("group", 1 / 3 * 2 + 2 / 3 * 25),
        ("calendar", (1 + (2 + 10 + 30) / 3 + (3 + 20 + 40) / 3) / 3),
    ],
)
def test_the_averages_by_hand(aggregate, effect):
    panel = _long(
        {"A": [0, 1, 2, 3], "B": [0, 0, 10, 20], "C": [0, 0, 30, 40], "D": [0, 0, 0, 0], "E": [0, 0, 0, 0]},
        {"A": 2, "B": 3, "C": 3},
    )

    assert imputation(panel, **_NAMES, aggregate=aggregate).effect == pytest.approx(effect)


def test_the_effect_can_leave_first_periods_out():
    panel = _long({"A": [0, 0, 5, 1, 3], "B": [0, 0, 0, 0, 0]}, {"A": 3})

    found = imputation(panel, **_NAMES, horizons=(1, 2))

    assert found.effect == pytest.approx(2.0)
    assert _effects(found)[0] == pytest.approx(5.0)
    assert found.diagnostics["imputed"] == 2


@pytest.mark.parametrize(
    ("cohorts", "settings", "code"),
    [
        ({}, {}, "impact_nobody_adopted"),
        ({"A": 3, "B": 3}, {}, "impact_no_controls_left"),
        ({"A": 3}, {"anticipation": 2}, "impact_nothing_before"),
        ({"A": 3}, {"anticipation": -1}, "impact_anticipation_negative"),
        ({"A": 3}, {"horizons": (1, 2)}, "impact_horizons_not_observed"),
        ({"A": 3}, {"horizons": (2, 1)}, "impact_unknown_choice"),
        ({"A": 3}, {"horizons": (-1, 1)}, "impact_unknown_choice"),
        ({"A": 3}, {"aggregate": "median"}, "impact_unknown_choice"),
        ({"A": 3}, {"leads": 0}, "impact_unknown_choice"),
        ({"A": 3}, {"inference": "analytic"}, "impact_no_influence"),
    ],
)
def test_what_has_no_answer_is_refused_by_code(cohorts, settings, code):
    panel = _long({"A": [1, 2, 4], "B": [2, 3, 4]}, cohorts)

    with pytest.raises(PegelError) as caught:
        imputation(panel, **_NAMES, **settings)

    assert caught.value.code == code


def test_a_covariate_that_only_adopting_moves_leaves_nothing_to_impute():
    panel = _world(seed=1, cohorts={4: 3, np.inf: 3}, periods=6)
    panel["x"] = (panel["time"] >= panel["cohort"]).astype(float)

    with pytest.raises(PegelError) as caught:
        imputation(panel, **_NAMES, covariates=["x"])

    assert caught.value.code == "impact_no_controls_left"


def test_a_covariate_that_never_changes_is_said_to_add_nothing():
    panel = _world(seed=2, cohorts={4: 3, np.inf: 3}, periods=6)
    panel["fixed"] = panel["unit"] * 3.0 + 1e6

    without, given_too = imputation(panel, **_NAMES), imputation(panel, **_NAMES, covariates=["fixed"])

    assert given_too.effect == pytest.approx(without.effect, rel=1e-9)
    (caveat,) = [one for one in given_too.caveats if one.code == "covariates_collinear"]
    assert caveat.values == {"n": 1, "names": ["fixed"]}
    assert "covariates_not_moved" in given_too.assumptions
    assert "covariates_not_moved" not in without.assumptions


def test_a_single_adopter_has_no_standard_error_however_many_others_there_are():
    panel = _world(seed=3, cohorts={4: 1, np.inf: 44}, periods=6)

    found = imputation(panel, **_NAMES)

    assert (found.inference, found.se) == ("permutation", None)
    assert found.has_caveat("horizons_of_one_adopter")


def test_cohorts_of_single_units_are_not_taken_for_units_without_noise():
    # Published groups (cohort × period) would give each of these adopters' own noise the size 0.
    starts = {float(start): 1 for start in range(4, 24)}
    panel = _world(seed=4, cohorts={**starts, np.inf: 30}, periods=26)
    fit = fitter()(panel_of(panel, **_NAMES))

    treated = fit.influence[:20]  # that of adopters: their own noise and that of their untreated cells
    assert np.sqrt((treated**2).sum()) > 0.5 * np.sqrt((fit.influence**2).sum())


def test_order_of_rows_and_names_of_units_do_not_matter():
    panel = _world(seed=5, cohorts={4: 3, 5: 2, np.inf: 4}, periods=7, gaps=0.1)
    mixed = panel.sample(frac=1, random_state=1)

    one, other = imputation(panel, **_NAMES, draws=99), imputation(mixed, **_NAMES, draws=99)

    assert one.effect == other.effect
    pd.testing.assert_frame_equal(one.by_horizon, other.by_horizon)


def test_scale_and_effects_of_units_and_periods_come_through():
    panel = _world(seed=6, cohorts={4: 22, 5: 9, np.inf: 14}, periods=7, gaps=0.1)
    moved = panel.assign(y=-3 * panel["y"] + 10 * panel["unit"] - panel["time"] ** 2 + 1e4)

    one, other = imputation(panel, **_NAMES), imputation(moved, **_NAMES)

    assert other.effect == pytest.approx(-3 * one.effect)
    assert other.se == pytest.approx(3 * one.se)
    assert other.by_horizon["effect"].to_numpy() == pytest.approx(-3 * one.by_horizon["effect"].to_numpy(), abs=1e-8)
    assert other.diagnostics["lead_test"]["p_value"] == pytest.approx(one.diagnostics["lead_test"]["p_value"])


@given(st.integers(0, 10_000), st.floats(0, 0.5), st.booleans())
def test_without_noise_the_effects_are_found_whatever_gaps_there_are(seed, gaps, covariate):
    random = np.random.default_rng(seed)
    panel = _world(seed=seed, cohorts={3: 2, 5: 3, 6: 1, np.inf: 3}, periods=8, gaps=gaps)
    horizon = (panel["time"] - panel["cohort"]).to_numpy()
    unit, period = random.normal(size=9)[panel["unit"]], random.normal(size=9)[panel["time"]]
    panel["y"] = unit + period + np.where(horizon >= 0, 1 + horizon, 0.0) + (2 * panel["x"] if covariate else 0)
    try:
        found = fitter()(panel_of(panel, **_NAMES, covariates=["x"] if covariate else None))
    except PegelError as error:
        assert error.code in {"impact_no_controls_left", "impact_nothing_before"}  # noqa: PT017
        return

    assert found.effects == pytest.approx(np.maximum(found.horizons + 1, 0), abs=1e-6)


@pytest.mark.parametrize("aggregate", ["simple", "dynamic", "group", "calendar"])
@pytest.mark.parametrize("anticipation", [0, 2])
def test_permutation_by_weights_is_refitting(aggregate, anticipation):
    panel = panel_of(_world(seed=7, cohorts={4: 2, 6: 3, np.inf: 3}, periods=8), **_NAMES)
    fit = fitter(aggregate=aggregate, anticipation=anticipation)

    quick = draw(panel, fit, fit(panel), draws=20, seed=1)
    slow = draw(panel, fit, replace(fit(panel), weights=None), draws=20, seed=1)

    np.testing.assert_allclose(quick.effects, slow.effects, atol=1e-12)
    np.testing.assert_allclose(quick.slopes, slow.slopes, atol=1e-12)
    np.testing.assert_allclose(quick.by_horizon, slow.by_horizon, atol=1e-12)


def test_weights_give_the_effects_back():
    panel = panel_of(_world(seed=8, cohorts={4: 2, 6: 3, np.inf: 3}, periods=8), **_NAMES)
    fit = fitter()(panel)

    by_unit = fit.weights.weights[:, np.searchsorted(fit.weights.cohorts, panel.cohort)]

    np.testing.assert_allclose((by_unit * panel.values).sum(axis=(1, 2)), [fit.effect, *fit.effects], atol=1e-12)
    np.testing.assert_allclose(by_unit.sum(axis=1), 0, atol=1e-12)  # levels of periods do not matter
    np.testing.assert_allclose(by_unit.sum(axis=2), 0, atol=1e-12)  # levels of units do not matter


def test_one_common_date_without_gaps_is_the_difference_of_mean_changes():
    # With one date, effects of horizons are those of the means before: less than Callaway & Sant'Anna's in noise only.
    panel = _world(seed=9, cohorts={5: 4, np.inf: 6}, periods=8)
    wide = panel.pivot(index="unit", columns="time", values="y").to_numpy()
    change = wide[:, 4:].mean(axis=1) - wide[:, :4].mean(axis=1)

    assert imputation(panel, **_NAMES).effect == pytest.approx(change[:4].mean() - change[4:].mean())


def test_one_period_before_is_callaway_santanna():
    panel = _world(seed=10, cohorts={2: 25, np.inf: 20}, periods=5)
    one, other = imputation(panel, **_NAMES), callaway_santanna(panel, **_NAMES, control="never")

    assert one.effect == pytest.approx(other.effect)
    assert one.se == pytest.approx(other.se)


@pytest.mark.parametrize("gaps", [0.0, 0.15])
@pytest.mark.parametrize("covariates", [None, ["x"]])
def test_leads_are_regressions_on_untreated_observations(gaps, covariates):
    panel = panel_of(
        _world(seed=11, cohorts={4: 6, 6: 5, 7: 4, np.inf: 6}, periods=8, gaps=gaps), **_NAMES, covariates=covariates
    )
    horizon = np.arange(8)[None, :] - panel.cohort[:, None]
    untreated = panel.observed & (horizon < 0)
    unit, period = np.nonzero(untreated)
    found = leads_of(untreated_model(panel, untreated), horizon)
    dummies = [np.eye(panel.shape[0])[unit], np.eye(8)[period], panel.covariates[untreated]]

    def by_dummies(leads: list[int]) -> tuple[np.ndarray, np.ndarray]:
        design = np.column_stack([(horizon[untreated][:, None] == leads).astype(float), *dummies])
        inverse = np.linalg.pinv(design.T @ design)
        coefficients = inverse @ design.T @ panel.values[untreated]
        scores = (design @ inverse) * (panel.values[untreated] - design @ coefficients)[:, None]
        return coefficients[: len(leads)], np.array([scores[unit == u].sum(axis=0) for u in range(panel.shape[0])])

    assert found.horizons.tolist() == [-6, -5, -4, -3, -2, -1]
    for h, lead in enumerate(found.horizons.tolist()):
        (effect, *_), scores = by_dummies([lead])
        assert found.effects[h] == pytest.approx(effect, abs=1e-10)
        np.testing.assert_allclose(found.influence[:, h], scores[:, 0], atol=1e-10)
    joint = lead_regression(panel, leads=[-3, -2, -1])
    effects, scores = by_dummies([-3, -2, -1])
    covariance = scores[:, :3].T @ scores[:, :3] * 21 / 20
    np.testing.assert_allclose(joint.effects, effects, atol=1e-10)
    np.testing.assert_allclose(joint.covariance, covariance, atol=1e-10)
    assert joint.statistic == pytest.approx(effects @ np.linalg.solve(covariance, effects) / 3)


def test_leads_that_nothing_is_compared_with_are_left_out():
    # Of 4 + 6 cells of cohorts before adoption, periods 5 and 6 hold one cohort only; the other 8 less 2 + 4 − 1
    # effects leave three leads.
    panel = panel_of(_world(seed=12, cohorts={5: 4, 7: 4}, periods=7), **_NAMES)

    found = lead_regression(panel, leads=range(-6, 0))

    assert found.horizons.tolist() == [-3, -2, -1]
    assert np.isfinite(found.effects).all()
    assert lead_regression(panel_of(_world(seed=1, cohorts={np.inf: 3}, periods=3), **_NAMES)) is None


@given(st.integers(0, 10_000), st.floats(0, 0.9))
def test_effects_of_units_and_periods_are_least_squares_in_every_linked_part(seed, gaps):
    random = np.random.default_rng(seed)
    shape = (int(random.integers(1, 7)), int(random.integers(1, 7)))
    counted, values = random.random(shape) >= gaps, random.normal(size=shape)
    unit, period = np.nonzero(counted)
    design = np.column_stack([np.eye(shape[0])[unit], np.eye(shape[1])[period]])
    expected = design @ np.linalg.lstsq(design, values[counted], rcond=None)[0]

    effects = two_way_effects(counted)
    units, periods = effects.fit(values[:, :, None])

    np.testing.assert_allclose((units[:, 0][:, None] + periods[:, 0])[counted], expected, atol=1e-9)
    # A cell is linked if its row lies in the space that the rows of counted cells span.
    for i, t in np.ndindex(shape):
        row = np.concatenate([np.eye(shape[0])[i], np.eye(shape[1])[t]])
        spanned = len(design) > 0 and np.linalg.matrix_rank(np.vstack([design, row])) == np.linalg.matrix_rank(design)
        assert effects.linked()[i, t] == spanned


_PANEL = pd.read_csv(_ORACLES / "imputation_panel.csv").assign(
    cohort=lambda one: one["cohort"].where(one["cohort"] > 0)
)
_VALUES = pd.read_csv(_ORACLES / "imputation_values.csv")


@pytest.mark.parametrize(("case", "covariates"), [("plain", None), ("covariate", ["x"])])
@pytest.mark.parametrize("gaps", [False, True])
def test_effects_and_errors_are_those_of_diff_diff(case, covariates, gaps):
    panel = _PANEL[_PANEL["kept"] == 1] if gaps else _PANEL
    case = {(True, "plain"): "gaps", (True, "covariate"): "gaps_covariate"}.get((gaps, case), case)
    wanted = {part: rows.set_index("at") for part, rows in _VALUES[_VALUES["case"] == case].groupby("part")}
    names = {**_NAMES, "outcome": "outcome", "covariates": covariates}

    found = imputation(panel, **names)
    leads = lead_regression(panel_of(panel, **names), leads=range(-6, -1))

    assert (found.inference, found.effect, found.se) == (
        "analytic",
        pytest.approx(wanted["simple"]["effect"].item(), abs=1e-9),
        pytest.approx(wanted["simple"]["se"].item(), abs=1e-9),
    )
    table = found.by_horizon[found.by_horizon["horizon"] >= 0].set_index("horizon")
    np.testing.assert_allclose(table[["effect", "se"]], wanted["horizon"].loc[table.index, ["effect", "se"]], atol=1e-9)
    cohorts = found.diagnostics["by_cohort"]
    np.testing.assert_allclose(cohorts[["effect", "se"]], wanted["cohort"][["effect", "se"]], atol=1e-9)
    expected = wanted["lead"].drop(index=-1).sort_index()
    np.testing.assert_allclose(leads.effects, expected["effect"], atol=1e-9)
    # Theirs carry one factor for degrees of freedom more, the same for all leads.
    ratio = np.sqrt(np.diag(leads.covariance)) / expected["se"]
    np.testing.assert_allclose(ratio, ratio.iloc[0], rtol=1e-6)


@pytest.mark.skipif(not _MPDTA.exists(), reason="needs the sample data (PEGEL_SAMPLE_DATA): did-mpdta is missing")
def test_county_teen_employment_is_the_published_value():
    panel = pd.read_csv(_MPDTA / "mpdta.csv")
    panel["cohort"] = panel["first.treat"].where(panel["first.treat"] > 0)

    found = imputation(panel, unit="countyreal", time="year", outcome="lemp", cohort="cohort")

    assert found.effect == pytest.approx(-0.0477099, abs=5e-8)
    assert found.se == pytest.approx(0.0132225, abs=5e-8)
    assert found.inference == "analytic"
