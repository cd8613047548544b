"""Effects of units and periods taken out exactly, and the two-way regression: by hand, at the edges, as properties,
against other packages."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.estimators.fixed_effects import FixedEffects, adjustments, without_singletons
from pegel.impact.estimators.two_way_fixed_effects import regression, two_way_fixed_effects
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
        counties["x"], counties["team"] = counties.lpop * (counties.time - 2003), counties.unit // 1000
        return counties
    full = pd.read_csv(_ORACLES / "regression_panel.csv")
    return full if name == "full" else full[full.gap == 0]


def test_one_date_is_the_difference_of_two_changes_by_hand():
    # A moved by 4 − 1 = 3, B by 3 − 2 = 1; the effect is 3 − 1.
    found = two_way_fixed_effects(_long({"A": [1, 4], "B": [2, 3]}, {"A": 2}), **_NAMES)

    assert found.effect == pytest.approx(2.0)
    assert (found.n, found.units, found.adopters, found.periods) == (4, 2, 1, 2)
    assert found.diagnostics["negative_share"] == 0.0


def test_growing_effects_turn_the_sign_by_hand():
    # Effects are 1 and 4 for A, 1 for B. Adoption less both means is A: −1/6, 1/3, −1/6, B: 1/6, −1/3, 1/6 and its
    # squares add up to 1/3, so the weights are 1 and −1/2 for A, 1/2 for B: 1 − 4/2 + 1/2 = −1/2.
    found = two_way_fixed_effects(_long({"A": [0, 1, 4], "B": [0, 0, 1]}, {"A": 2, "B": 3}), **_NAMES)

    assert found.effect == pytest.approx(-0.5)
    assert found.diagnostics["negative_share"] == pytest.approx(1 / 3)
    assert found.diagnostics["negative_sum"] == pytest.approx(-0.5)
    weights = found.diagnostics["cell_weights"]
    assert list(weights.columns) == ["cohort", "period", "weight"]
    assert weights.values.tolist() == [["2", "2", pytest.approx(1)], ["2", "3", pytest.approx(-0.5)],
                                       ["3", "3", pytest.approx(0.5)]]  # fmt: skip
    caveat = next(one for one in found.caveats if one.code == "biased_if_effects_change")
    assert dict(caveat.values) == {"n": 1, "total": 3, "negative_share": pytest.approx(1 / 3)}
    assert "same_effect_for_all" in found.assumptions


def test_the_caveat_stands_there_with_one_date_too():
    assert two_way_fixed_effects(_long({"A": [1, 4], "B": [2, 3]}, {"A": 2}), **_NAMES).has_caveat(
        "biased_if_effects_change"
    )


def test_nobody_adopted():
    with pytest.raises(InputError, match="impact_nobody_adopted"):
        two_way_fixed_effects(_long({"A": [1, 4], "B": [2, 3]}, {}), **_NAMES)


def test_all_adopt_at_once():
    with pytest.raises(InputError, match="impact_no_controls_left"):
        two_way_fixed_effects(_long({"A": [1, 4], "B": [2, 3]}, {"A": 2, "B": 2}), **_NAMES)


def test_a_single_unit():
    with pytest.raises(InputError, match="impact_no_controls_left"):
        two_way_fixed_effects(_long({"A": [1, 4, 5]}, {"A": 2}), **_NAMES)


def test_adopters_never_seen_before():
    data = _long({"A": [np.nan, 4, 5], "B": [2, 3, 4]}, {"A": 2})
    with pytest.raises(InputError, match="impact_nothing_before"):
        two_way_fixed_effects(data, **_NAMES)


def test_a_covariate_that_is_adoption():
    data = _long({"A": [1, 4, 5], "B": [2, 3, 1], "C": [0, 1, 1]}, {"A": 2})
    data["x"] = (data.time >= data.adopted) * 3.0
    with pytest.raises(InputError, match="impact_adoption_in_covariates"):
        two_way_fixed_effects(data, **_NAMES, covariates=["x"])


def test_covariates_that_say_nothing_new_are_left_out_and_named():
    data = _oracle_data("gaps").assign(size=lambda one: one.unit * 2.0, trend=lambda one: one.time * 1e6 + 2.0e9)
    data["twice"] = 2 * data.x + data.size - data.trend
    found = two_way_fixed_effects(data, **_NAMES, covariates=["size", "x", "trend", "twice"], inference="analytic")
    alone = two_way_fixed_effects(data, **_NAMES, covariates=["x"], inference="analytic")

    caveat = next(one for one in found.caveats if one.code == "covariates_collinear")
    assert dict(caveat.values) == {"n": 3, "names": ["size", "trend", "twice"]}
    assert (found.effect, found.se) == (pytest.approx(alone.effect, rel=1e-12), pytest.approx(alone.se, rel=1e-12))
    assert found.assumptions[-1] == "covariates_not_moved"


@pytest.mark.parametrize("inference", ["analytic", "cluster"])
def test_a_single_cluster_has_no_standard_error(inference):
    data = _oracle_data("full").assign(all=1)
    with pytest.raises(UserError, match="impact_too_few_clusters"):
        two_way_fixed_effects(data, **_NAMES, cluster="all", inference=inference)


def test_a_sole_adopter_cannot_be_left_out():
    data = _long({"A": [1, 4, 5], "B": [2, 3, 1], "C": [0, 1, 1]}, {"A": 2})
    with pytest.raises(UserError, match="impact_jackknife_undefined") as caught:
        two_way_fixed_effects(data, **_NAMES, inference="cluster")
    assert dict(caught.value.values) == {"clusters": 3, "lost": 1}
    table = two_way_fixed_effects(data, **_NAMES).diagnostics["cluster_errors"].set_index("kind")
    assert table.reason["crv3"] == "jackknife_undefined"


def test_permutation_without_and_with_refitting_is_the_same():
    data = _oracle_data("full")
    by_weights = two_way_fixed_effects(data, **_NAMES, draws=40)
    data["size"] = data.unit * 1.0  # absorbed, but makes the permutation fit each deal anew
    by_fits = two_way_fixed_effects(data, **_NAMES, covariates=["size"], draws=40)

    assert by_weights.inference == by_fits.inference == "permutation"
    assert by_weights.p_value == by_fits.p_value
    assert by_weights.interval == pytest.approx(by_fits.interval, rel=1e-9)


def test_rows_in_another_order_and_another_scale():
    data = _oracle_data("gaps")
    one = two_way_fixed_effects(data, **_NAMES, covariates=["x"], inference="cluster")
    mixed = two_way_fixed_effects(data.sample(frac=1, random_state=3), **_NAMES, covariates=["x"], inference="cluster")
    scaled = two_way_fixed_effects(data.assign(y=data.y * -60), **_NAMES, covariates=["x"], inference="cluster")

    assert (mixed.effect, mixed.se, mixed.interval) == (one.effect, one.se, one.interval)
    assert scaled.effect == pytest.approx(-60 * one.effect)
    assert scaled.se == pytest.approx(60 * one.se)
    assert scaled.p_value == pytest.approx(one.p_value)


def _designs(observed: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The constants as columns, a row per observation."""
    units, periods = np.nonzero(observed)
    by_unit = (units[:, None] == np.arange(observed.shape[0])).astype(float)
    codes = groups[units] * observed.shape[1] + periods
    by_period = (codes[:, None] == np.arange((groups.max() + 1) * observed.shape[1])).astype(float)
    return np.hstack([by_unit, by_period])


@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 7), st.sampled_from([0.0, 0.3, 0.7]), st.booleans())
def test_residuals_are_those_of_least_squares_whatever_the_gaps(seed, units, periods, gaps, grouped):
    random = np.random.default_rng(seed)
    observed = random.random((units, periods)) >= gaps
    groups = random.integers(0, 2, size=units) if grouped and units > 1 else np.zeros(units, dtype=int)
    groups = np.unique(groups, return_inverse=True)[1]
    y = random.normal(size=(units, periods))
    effects = FixedEffects(observed, groups)
    left = effects.residuals(y)
    design = _designs(observed, groups)

    assert (left[~observed] == 0).all()
    if observed.any():
        wanted = y[observed] - design @ np.linalg.lstsq(design, y[observed], rcond=None)[0]
        np.testing.assert_allclose(left[observed], wanted, atol=1e-10)
        assert effects.shared == np.linalg.matrix_rank(design) - observed.any(axis=1).sum() + 1


def test_effects_of_periods_are_compared_within_parts_only():
    observed = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]], dtype=bool)
    effects = FixedEffects(observed)

    assert effects.parts.tolist() == [[0, 0, 1, 1]]
    # unit 0: 5 − 2 between its periods, unit 1: 9 − 1.
    levels = effects.split(np.array([[2.0, 5, 0, 0], [0, 0, 1, 9], [0, 0, 0, 7]]))[1][0]
    assert (levels[1] - levels[0], levels[3] - levels[2]) == (pytest.approx(3), pytest.approx(8))


def test_singletons_go_until_none_is_left():
    # The last unit is seen once; without it the last period is seen once; without that nothing changes further.
    observed = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1]], dtype=bool)

    assert without_singletons(observed).tolist() == [[True, True, False], [True, True, False], [False] * 3]


def test_covariates_are_checked_in_their_order():
    random = np.random.default_rng(1)
    x = random.normal(size=(6, 5, 4))
    x[:, :, 1] = x[:, :, 0] * 3 + np.arange(5)  # follows from the first and the periods
    x[:, :, 3] = 1e-7 * x[:, :, 3] + 1e3  # small, but its own
    found = adjustments(FixedEffects(np.ones((6, 5), dtype=bool)), x)

    assert (found.kept, found.dropped) == ((0, 2, 3), (1,))
    left = FixedEffects(np.ones((6, 5), dtype=bool)).residuals(
        x[:, :, [0, 2, 3]] - x[:, :, [0, 2, 3]].mean(axis=(0, 1))
    )
    np.testing.assert_allclose(found.q @ found.triangle, left, atol=1e-9)


def test_a_large_panel_with_gaps_is_quick_and_exact():
    random = np.random.default_rng(2)
    observed = random.random((200, 104)) > 0.1
    y = random.normal(size=(200, 104)).cumsum(axis=1) * 1e6 + np.arange(200)[:, None] * 1e6
    left = FixedEffects(observed).residuals(y)

    assert np.abs(left.sum(axis=0)).max() < 1e-13 * np.abs(y).sum()
    assert np.abs(left.sum(axis=1)).max() < 1e-13 * np.abs(y).sum()


@pytest.mark.parametrize("name", ["full", "gaps", "mpdta"])
def test_the_coefficient_is_that_of_pyfixest(name):
    oracle = pd.read_csv(_ORACLES / "regression_two_way.csv", keep_default_na=False)
    data = _oracle_data(name)
    for row in oracle[oracle.data == name].itertuples():
        panel = panel_of(data, **_NAMES, covariates=[row.covariate] if row.covariate else None, cluster=row.cluster)
        linear, _ = regression(panel)
        assert linear.effect == pytest.approx(row.effect, rel=1e-9)
        assert linear.n == row.n


def test_published_county_teen_employment():
    found = two_way_fixed_effects(_oracle_data("mpdta"), **_NAMES)

    assert found.inference == "analytic"
    assert round(found.effect, 6) == -0.036549
    assert round(found.se, 6) == 0.013265
