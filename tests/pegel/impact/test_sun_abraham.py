"""The interaction-weighted event study: by hand, at the edges, as properties, against pyfixest and diff-diff."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.estimators.callaway_santanna import callaway_santanna
from pegel.impact.estimators.sun_abraham import fitter, sun_abraham
from pegel.impact.estimators.two_way_fixed_effects import two_way_fixed_effects
from pegel.impact.panel import panel_of

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
_MPDTA = _SAMPLES / "did-mpdta" / "mpdta.csv"
_ORACLES = Path(__file__).parent / "oracles"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _long(outcomes: dict[str, list[float]], adopted: dict[str, int]) -> pd.DataFrame:
    rows = [(u, t, y, adopted.get(u, np.nan)) for u, series in outcomes.items() for t, y in enumerate(series, start=1)]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"])


def _oracle_data(name: str) -> pd.DataFrame:
    if name == "mpdta":
        if not _MPDTA.exists():
            pytest.skip(f"needs the sample data (PEGEL_SAMPLE_DATA): {_MPDTA.name} is missing")
        counties = pd.read_csv(_MPDTA).rename(
            columns={"lemp": "y", "countyreal": "unit", "year": "time", "first.treat": "adopted"}
        )
        counties["adopted"] = counties.adopted.where(counties.adopted > 0)
        counties["x"] = counties.lpop * (counties.time - 2003)
        return counties
    full = pd.read_csv(_ORACLES / "regression_panel.csv")
    return {"full": full, "gaps": full[full.gap == 0], "adopters": full[full.adopted.notna()]}[name]


_GROWING = {"A": [0, 1, 4], "B": [0, 0, 1], "N": [3, 5, 4]}


def test_growing_effects_by_hand():
    # N moves by 2 and −1. A moves 1 and 3, B 0 and 1; less N's: A −1 and 3 since its base, B −2 and 2 since its own.
    # Since period 1 A is 1 − 2 = −1 and 4 − 1 = 3 up; since period 2 B is 1 − (−1) = 2 up, period 1 is 0 − (−2) = 2.
    found = sun_abraham(_long(_GROWING, {"A": 2, "B": 3}), **_NAMES)

    table = found.by_horizon
    assert dict(zip(table.horizon, table.effect, strict=True)) == pytest.approx({-2: 2, -1: 0, 0: 0.5, 1: 3})
    assert table.adopters.tolist() == [1, 2, 2, 1]
    assert found.effect == pytest.approx((-1 + 3 + 2) / 3)
    cells = found.diagnostics["cells"]
    assert cells.values.tolist() == [
        ["2", "1", -1, 0, 0.5], ["2", "2", 0, -1, 0.5], ["2", "3", 1, 3, 1.0],
        ["3", "1", -2, 2, 1.0], ["3", "2", -1, 0, 0.5], ["3", "3", 0, 2, 0.5],
    ]  # fmt: skip
    dynamic = sun_abraham(_long(_GROWING, {"A": 2, "B": 3}), **_NAMES, aggregate="dynamic")
    assert (dynamic.effect, dynamic.estimand) == (pytest.approx((0.5 + 3) / 2), "dynamic")


def test_the_last_cohort_is_the_control_when_nobody_never_adopts():
    # Only periods 1 and 2 count, in which C has not adopted: A moves by 1, C by 2.
    found = sun_abraham(_long({"A": [0, 1, 4], "C": [3, 5, 4]}, {"A": 2, "C": 3}), **_NAMES)

    assert found.effect == pytest.approx(-1.0)
    assert found.diagnostics["control"] == "3"
    caveat = next(one for one in found.caveats if one.code == "last_cohort_as_control")
    assert dict(caveat.values) == {"cohort": "3", "n": 1}


@pytest.mark.parametrize(
    ("outcomes", "adopted", "code"),
    [
        ({"A": [0, 1], "B": [0, 0]}, {}, "impact_nobody_adopted"),
        ({"A": [0, 1], "B": [0, 0]}, {"A": 2, "B": 2}, "impact_no_controls_left"),
        (
            {"A": [0, 1, np.nan], "B": [np.nan, np.nan, 1], "C": [np.nan, 0, np.nan]},
            {"A": 2},
            "impact_no_controls_left",
        ),
    ],
)
def test_what_cannot_be_estimated_is_refused(outcomes, adopted, code):
    with pytest.raises(InputError, match=code):
        sun_abraham(_long(outcomes, adopted), **_NAMES)


def test_anticipation_moves_the_base_and_drops_cohorts_without_one():
    data = _long({"A": [0, 1, 4, 5], "B": [0, 0, 1, 2], "N": [0, 0, 0, 0]}, {"A": 2, "B": 3})
    found = sun_abraham(data, **_NAMES, anticipation=1)

    assert next(one.values["n"] for one in found.caveats if one.code == "cohorts_without_before") == 1
    table = found.by_horizon.set_index("horizon")
    assert table.effect.to_dict() == pytest.approx({-2: 0, -1: 0, 0: 1, 1: 2})
    with pytest.raises(InputError, match="impact_nothing_before"):
        sun_abraham(data, **_NAMES, anticipation=2)
    with pytest.raises(UserError, match="impact_anticipation_negative"):
        fitter(anticipation=-1)
    with pytest.raises(UserError, match="impact_unknown_choice"):
        fitter(aggregate="group")


def test_cohorts_whose_effects_the_last_cohort_hides_keep_their_leads():
    # C may react from period 4 on, so periods 1 to 3 count: B has horizon 0 there, A only its base.
    data = _long({"B": [0, 0, 3, 9, 9], "A": [0, 2, 9, 9, 9], "C": [0, 0, 1, 9, 9]}, {"B": 3, "A": 4, "C": 5})
    found = sun_abraham(data, **_NAMES, anticipation=1)

    assert found.effect == pytest.approx(3 - 1)
    assert found.diagnostics["cells"][["cohort", "horizon"]].values.tolist() == [
        ["3", -2], ["3", -1], ["3", 0], ["4", -3], ["4", -2], ["4", -1],
    ]  # fmt: skip


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.4]), st.sampled_from(["auto", "cluster", "analytic"]))
def test_any_panel_has_an_effect_or_a_code(seed, gaps, inference):
    random = np.random.default_rng(seed)
    units, periods = random.integers(1, 8), random.integers(1, 7)
    adopted = random.choice([1.0, 2, 3, 4, 9, np.nan], size=units)
    data = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "adopted": np.repeat(adopted, periods),
            "y": random.normal(size=units * periods).round(random.integers(0, 3)),
            "x": random.normal(size=units * periods).round(),
            "team": np.repeat(random.integers(0, 3, size=units), periods),
        }
    )
    data = data[random.random(len(data)) >= gaps]
    choices = {"covariates": ["x"] if seed % 2 else None, "cluster": "team" if seed % 3 else None}
    for estimator in (sun_abraham, two_way_fixed_effects):
        try:
            found = estimator(data, **_NAMES, **choices, inference=inference, draws=19)
        except UserError:  # a code; anything else is a failure
            continue
        assert np.isfinite(found.effect)
        assert 0 <= found.p_value <= 1
        assert found.se is None or np.isfinite(found.se)


def test_periods_cut_off_from_the_base_are_not_estimated():
    # A1 links periods 1 and 2, A2 periods 3 and 4: nothing says how A's periods 3 and 4 compare with its base.
    data = _long(
        {"A1": [0, 1, np.nan, np.nan], "A2": [np.nan, np.nan, 7, 9], "N": [0, 0, 0, 0], "M": [1, 1, 1, 1]},
        {"A1": 2, "A2": 2},
    )
    found = sun_abraham(data, **_NAMES)

    assert found.effect == pytest.approx(1.0)
    assert found.diagnostics["cells"].period.tolist() == ["1", "2"]
    caveat = next(one for one in found.caveats if one.code == "cells_cut_off_by_gaps")
    assert dict(caveat.values) == {"n": 2, "total": 3}


def test_standard_errors_of_single_adopters_are_not_claimed():
    data = _oracle_data("full")
    data.loc[data.unit.isin([1, 2]), "adopted"] = np.nan  # unit 0 alone adopts in 2
    found = sun_abraham(data, **_NAMES, inference="analytic")

    table = found.by_horizon.set_index("horizon")
    assert table.se[[4, 5]].isna().all()
    assert table.se[[0, 1]].notna().all()
    assert found.has_caveat("horizons_of_one_adopter")
    assert found.has_caveat("cohorts_of_one_unit")
    left_out = sun_abraham(data, **_NAMES, inference="cluster")
    assert left_out.by_horizon.set_index("horizon").se[[4, 5]].isna().all()
    assert not left_out.has_caveat("horizons_without_error")


def test_horizons_that_hang_on_one_cluster_have_no_jackknife():
    data = _oracle_data("full").assign(group=lambda one: np.where(one.unit < 9, one.unit // 3, one.unit))
    found = sun_abraham(data, **_NAMES, cluster="group", inference="cluster")

    # Each cohort is a cluster: leads 6 and 5 exist only in the last one, horizons 4 and 5 only in the first.
    assert next(one.values["n"] for one in found.caveats if one.code == "horizons_without_error") == 4
    table = found.by_horizon
    assert table.horizon[table.se.isna()].tolist() == [-6, -5, 4, 5]


def test_the_jackknife_does_not_change_controls_on_the_way():
    # All never-adopters are one cluster: without it the last cohort would have to be the control, another question.
    data = _oracle_data("full").assign(group=lambda one: np.where(one.unit < 9, one.unit, 9))
    with pytest.raises(UserError, match="impact_jackknife_undefined") as caught:
        sun_abraham(data, **_NAMES, cluster="group", inference="cluster")
    assert dict(caught.value.values) == {"clusters": 10, "lost": 1}


def test_the_jackknife_leaves_out_one_unit_at_a_time():
    data = _oracle_data("gaps")
    found = sun_abraham(data, **_NAMES, covariates=["x"], inference="cluster")
    without = [sun_abraham(data[data.unit != u], **_NAMES, covariates=["x"], inference="analytic").effect
               for u in range(12)]  # fmt: skip

    assert found.se == pytest.approx(np.sqrt(11 / 12 * ((np.array(without) - found.effect) ** 2).sum()))
    table = found.diagnostics["cluster_errors"].set_index("kind")
    assert table.p_value["crv3"] == pytest.approx(found.p_value)
    assert (table.low["crv3"], table.high["crv3"]) == pytest.approx(found.interval)


def test_permutation_without_and_with_refitting_is_the_same():
    data = _oracle_data("full")
    by_weights = sun_abraham(data, **_NAMES, draws=30)
    data["size"] = data.unit * 1.0
    by_fits = sun_abraham(data, **_NAMES, covariates=["size"], draws=30)

    assert by_weights.p_value == by_fits.p_value
    assert by_weights.interval == pytest.approx(by_fits.interval, rel=1e-9)
    np.testing.assert_allclose(
        by_weights.by_horizon.drop(columns="se"), by_fits.by_horizon.drop(columns="se"), atol=1e-9
    )


def test_rows_in_another_order_and_another_scale():
    data = _oracle_data("gaps")
    one = sun_abraham(data, **_NAMES, covariates=["x"], inference="analytic")
    mixed = sun_abraham(data.sample(frac=1, random_state=3), **_NAMES, covariates=["x"], inference="analytic")
    scaled = sun_abraham(data.assign(y=data.y * -60), **_NAMES, covariates=["x"], inference="analytic")

    assert (mixed.effect, mixed.se) == (one.effect, one.se)
    pd.testing.assert_frame_equal(mixed.by_horizon, one.by_horizon)
    assert (scaled.effect, scaled.se) == (pytest.approx(-60 * one.effect), pytest.approx(60 * one.se))


@given(st.integers(0, 10_000), st.sampled_from([0, 1]), st.sampled_from(["simple", "dynamic"]))
def test_without_gaps_and_covariates_it_is_callaway_santanna(seed, anticipation, aggregate):
    random = np.random.default_rng(seed)
    adopted = random.choice([3.0, 4.0, 6.0, np.nan], size=9)
    adopted[:2] = [3.0, np.nan]
    data = _long({f"u{i}": list(random.normal(size=6)) for i in range(9)},
                 {f"u{i}": a for i, a in enumerate(adopted)})  # fmt: skip
    same = {"anticipation": anticipation, "aggregate": aggregate, "draws": 1}
    ours, theirs = sun_abraham(data, **_NAMES, **same), callaway_santanna(data, **_NAMES, **same, control="never")

    assert ours.effect == pytest.approx(theirs.effect, abs=1e-12)
    assert ours.by_horizon.horizon.tolist() == theirs.by_horizon.horizon.tolist()
    np.testing.assert_allclose(ours.by_horizon.effect, theirs.by_horizon.effect, atol=1e-12)


@pytest.mark.parametrize("covariate", ["", "x"])
@pytest.mark.parametrize("name", ["full", "gaps", "adopters", "mpdta"])
def test_effects_and_errors_are_those_of_the_saturated_regression_of_pyfixest(name, covariate):
    oracle = pd.read_csv(_ORACLES / "regression_sun_abraham.csv").fillna({"covariate": ""})
    oracle = oracle[(oracle.data == name) & (oracle.covariate == covariate)]
    data = _oracle_data(name)
    found = sun_abraham(data, **_NAMES, covariates=[covariate] if covariate else None, inference="analytic")
    whole = oracle[oracle.horizon.isna()].iloc[0]
    # fixest: G / (G − 1) · (n − 1) / (n − k), k: coefficients and constants of periods.
    periods = 6 if name == "adopters" else found.periods
    factor = found.units / (found.units - 1) * (whole.n - 1) / (whole.n - whole.coefficients - periods)

    assert found.n == whole.n
    assert found.effect == pytest.approx(whole.effect, rel=1e-9)
    assert found.se == pytest.approx(whole.se * np.sqrt(factor), rel=1e-6)
    table = oracle[oracle.horizon.notna()].set_index("horizon")
    ours = found.by_horizon.set_index("horizon").loc[table.index]
    np.testing.assert_allclose(ours.effect, table.effect, rtol=1e-8, atol=1e-10)
    known = ours.se.notna()
    np.testing.assert_allclose(ours.se[known], table.se[known] * np.sqrt(factor), rtol=1e-6)


def test_effects_and_errors_are_those_of_diff_diff():
    oracle = pd.read_csv(_ORACLES / "regression_diff_diff_sun_abraham.csv").set_index("horizon")
    ours = sun_abraham(_oracle_data("full"), **_NAMES, inference="analytic").by_horizon.set_index("horizon")

    np.testing.assert_allclose(ours.effect[oracle.index], oracle.effect, rtol=1e-8)
    np.testing.assert_allclose(ours.se[oracle.index], oracle.se, rtol=1e-8)


def test_published_county_teen_employment():
    found = sun_abraham(_oracle_data("mpdta"), **_NAMES, covariates=["lpop"])

    assert round(found.effect, 7) == -0.0399513
    # Population does not change within a county: it adds nothing to the constants, and that is said.
    assert next(one.values["names"] for one in found.caveats if one.code == "covariates_collinear") == ["lpop"]


def test_clusters_of_the_panel_are_those_of_the_fit():
    panel = panel_of(_oracle_data("full"), **_NAMES, cluster="team")
    by_team = fitter()(panel)
    by_unit = fitter()(panel_of(_oracle_data("full"), **_NAMES))

    # Only the factor G / (G − 1) differs: 6 / 5 against 12 / 11.
    np.testing.assert_allclose(by_team.influence, by_unit.influence * np.sqrt((6 / 5) / (12 / 11)))
