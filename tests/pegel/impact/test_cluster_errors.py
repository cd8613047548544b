"""Standard errors over clusters: by hand, every sign gone through by brute force, and against other packages."""

import os
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pegel.errors import UserError
from pegel.impact.estimators.cluster_errors import (
    clustered_estimate,
    crv1,
    crv3,
    error_table,
    leave_one_out,
    small_sample_factor,
    wild_bootstrap,
)
from pegel.impact.estimators.fixed_effects import LinearEffect
from pegel.impact.estimators.sun_abraham import sun_abraham
from pegel.impact.estimators.two_way_fixed_effects import fitter, regression, two_way_fixed_effects
from pegel.impact.panel import Panel, panel_of

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
_MPDTA = _SAMPLES / "did-mpdta" / "mpdta.csv"
_ORACLES = Path(__file__).parent / "oracles"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _changes(adopters: list[float], others: list[float]) -> Panel:
    """Two periods; units move from 0 by what is given."""
    rows = [(f"a{i}", t, t * y, 1.0) for i, y in enumerate(adopters) for t in (0, 1)]
    rows += [(f"b{i}", t, t * y, np.nan) for i, y in enumerate(others) for t in (0, 1)]
    return panel_of(pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"]), **_NAMES)


def _linear(panel: Panel) -> LinearEffect:
    return regression(panel)[0]


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


def test_sandwich_by_hand():
    # The effect is (3 + 1) / 2 − (0 + 2) / 2 = 1. Each unit is 1 off its group's mean and counts half: four times 1/4.
    # Times 4 / 3 · 7 / 5: eight observations, two constants of periods and the effect.
    linear = _linear(_changes([3, 1], [0, 2]))
    found = crv1(linear, level=0.95)

    assert linear.effect == pytest.approx(1.0)
    assert linear.parameters == 3
    assert found.se == pytest.approx(np.sqrt(4 / 3 * 7 / 5))
    # t(3) = 1 / 1.36626 = 0.73193 has the two-sided p-value 0.517; its 97.5% quantile is 3.182446.
    assert found.p_value == pytest.approx(0.5172, abs=1e-4)
    assert found.interval == pytest.approx((1 - 3.182446 * found.se, 1 + 3.182446 * found.se), rel=1e-6)


def test_jackknife_by_hand():
    # Without 3: 1 − 1 = 0; without 1: 3 − 1 = 2; without 0: 2 − 2 = 0; without 2: 2 − 0 = 2. √(3/4 · 4) = √3.
    panel = _changes([3, 1], [0, 2])

    assert leave_one_out(panel, fitter(), fitter()(panel))[:, 0] == pytest.approx([0, 2, 0, 2])
    assert crv3(panel, fitter(), level=0.95).se == pytest.approx(np.sqrt(3))


def test_signs_by_hand():
    # With no effect all move by 1.5; off that: 1.5, −0.5 | −1.5, 0.5. Turned signs give changes 1.5 + (±1.5, ±0.5 | …),
    # an effect and, as both groups have two members, a standard error √(d_a² + d_b²) / 2 up to a factor, with d the
    # difference within a group. Observed: 1 / (√(2² + 2²) / 2) = 0.71.
    ratios = []
    for a, b, c, d in product((1, -1), repeat=4):
        one, two, three, four = 1.5 * a, -0.5 * b, -1.5 * c, 0.5 * d
        error = np.hypot(one - two, three - four) / 2
        ratios.append(abs((one + two) / 2 - (three + four) / 2) / error)
    share = np.mean([ratio >= 1 / np.sqrt(2) - 1e-9 for ratio in ratios])
    found = wild_bootstrap(_linear(_changes([3, 1], [0, 2])), level=0.5, draws=10, seed=0)

    assert (found.p_value, found.draws, found.complete) == (pytest.approx(share), 8, True)


def _brute_p(panel: Panel, tau: float, signs: np.ndarray) -> float:
    """The test of effect = tau by least squares on all columns, for every row of signs (B, G)."""
    observed = panel.observed
    units, periods = np.nonzero(observed)
    y, d = panel.values[observed], panel.treated[observed]
    constants = np.hstack(
        [units[:, None] == np.arange(panel.shape[0]), periods[:, None] == np.arange(1, panel.shape[1])]
    )
    x = np.column_stack([d, constants, panel.covariates[observed]])
    clusters = panel.clusters[units]
    inverse = np.linalg.pinv(x)

    def t_of(outcome):
        beta = inverse @ outcome
        scores = inverse[0] * (outcome - x @ beta)
        return (beta[0] - tau) / np.sqrt(sum(scores[clusters == g].sum() ** 2 for g in np.unique(clusters)))

    rest = x[:, 1:]
    fitted = rest @ np.linalg.lstsq(rest, y - tau * d, rcond=None)[0] + tau * d
    codes = np.searchsorted(np.unique(clusters), clusters)
    drawn = [abs(t_of(fitted + one[codes] * (y - fitted))) for one in signs]
    return float(np.mean(np.array(drawn) >= abs(t_of(y)) * (1 - 1e-7)))


@pytest.mark.parametrize("tau", [0.0, 0.9, 2.5])
def test_the_bootstrap_is_least_squares_on_made_outcomes(tau):
    data = _oracle_data("gaps")
    panel = panel_of(data, **_NAMES, covariates=["x"], cluster="team")
    shifted = panel.with_values(panel.values - tau * panel.treated)
    signs = np.array(list(product((1.0, -1.0), repeat=6)))

    found = wild_bootstrap(_linear(shifted), level=0.95, draws=10, seed=0)
    assert found.p_value == pytest.approx(_brute_p(panel, tau, signs))


def test_the_interval_ends_where_effects_begin_to_be_rejected():
    panel = panel_of(_oracle_data("gaps"), **_NAMES, cluster="team")
    found = wild_bootstrap(_linear(panel), level=0.9, draws=10, seed=0)

    def p(tau):
        shifted = panel.with_values(panel.values - tau * panel.treated)
        return wild_bootstrap(_linear(shifted), level=0.9, draws=10, seed=0).p_value

    low, high = found.interval
    assert (p(low + 1e-6) > 0.1, p(low - 1e-6) > 0.1) == (True, False)
    assert (p(high - 1e-6) > 0.1, p(high + 1e-6) > 0.1) == (True, False)


def test_few_clusters_cannot_reject_anything():
    # With four clusters there are 8 different signs: the smallest p-value is 1/8.
    found = wild_bootstrap(_linear(_changes([103, 101], [0, 2])), level=0.95, draws=10, seed=0)

    assert found.p_value == pytest.approx(1 / 8)
    assert found.interval == (-np.inf, np.inf)
    assert not found.interval.bounded


def test_no_noise_at_all():
    found = wild_bootstrap(_linear(_changes([3, 3, 3], [1, 1, 1])), level=0.9, draws=10, seed=0)

    assert found.p_value == pytest.approx(1 / 32)
    assert found.interval == pytest.approx((2, 2), abs=1e-6)
    assert crv1(_linear(_changes([3, 3], [1, 1])), level=0.9).se == pytest.approx(0, abs=1e-12)


def test_seeds_and_points():
    panel = panel_of(pd.concat([_oracle_data("full"), _oracle_data("full").assign(unit=lambda one: one.unit + 12)]),
                     **_NAMES)  # fmt: skip
    linear = _linear(panel)
    one, again, other = (wild_bootstrap(linear, level=0.95, draws=199, seed=s) for s in (1, 1, 2))
    webb = wild_bootstrap(linear, level=0.95, draws=199, seed=1, signs="webb")

    assert one == again
    assert one.interval != other.interval
    assert (one.draws, one.complete) == (webb.draws, webb.complete) == (200, False)
    assert webb.interval == pytest.approx(one.interval, rel=0.3)
    with pytest.raises(UserError, match="impact_unknown_choice"):
        wild_bootstrap(linear, level=0.95, draws=199, seed=1, signs="mammen")


def test_clusters_of_all_units_have_no_errors_and_say_so():
    panel = panel_of(_oracle_data("full").assign(one=1), **_NAMES, cluster="one")
    linear = _linear(panel)
    found = [
        crv1(linear, level=0.95),
        crv3(panel, fitter(), level=0.95),
        wild_bootstrap(linear, level=0.95, draws=9, seed=0),
    ]

    assert {one.reason for one in found} == {"too_few_clusters"}
    assert error_table(found)[["se", "p_value", "low", "high"]].isna().all(axis=None)
    assert small_sample_factor(n=10, parameters=2, clusters=np.zeros(5)) is None


def test_beside_the_estimate_stand_all_errors_below_forty_clusters():
    data = _oracle_data("full")
    found = two_way_fixed_effects(data, **_NAMES, inference="permutation", draws=50)
    table = found.diagnostics["cluster_errors"]

    assert table.columns.tolist() == ["kind", "clusters", "se", "p_value", "low", "high", "draws", "reason"]
    assert table.kind.tolist() == ["crv1", "crv3", "wild_bootstrap"]
    assert table.clusters.tolist() == [12, 12, 12]
    assert table.draws.tolist() == [0, 0, 2048]
    many = pd.concat([data.assign(unit=data.unit + 12 * k, y=data.y + k * data.x) for k in range(4)])
    above = two_way_fixed_effects(many, **_NAMES)
    assert above.inference == "analytic"
    assert above.diagnostics["cluster_errors"].kind.tolist() == ["crv1"]
    assert above.se == pytest.approx(above.diagnostics["cluster_errors"].se[0])
    asked = two_way_fixed_effects(many, **_NAMES, inference="cluster")
    assert asked.diagnostics["cluster_errors"].kind.tolist() == ["crv1", "crv3"]
    assert asked.interval == pytest.approx(tuple(asked.diagnostics["cluster_errors"].iloc[1][["low", "high"]]))


def test_few_adopters_among_many_units_are_named():
    random = np.random.default_rng(4)
    rows = [(u, t, random.normal(), 2.0 if u < 3 else np.nan) for u in range(45) for t in range(4)]
    data = pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"])

    found = two_way_fixed_effects(data, **_NAMES, inference="analytic")
    caveat = next(one for one in found.caveats if one.code == "few_adopters_standard_error")
    assert dict(caveat.values) == {"n": 3, "others": 42}
    assert not two_way_fixed_effects(data, **_NAMES, inference="permutation", draws=9).has_caveat(caveat.code)


def test_levels_outside_their_range_are_refused():
    panel = _changes([3, 1], [0, 2])
    with pytest.raises(UserError, match="impact_level_out_of_range"):
        clustered_estimate(panel, fitter(), _linear(panel), method="m", estimand="e", inference="auto", level=1.0,
                           draws=9, seed=0, assumptions=())  # fmt: skip


@pytest.mark.parametrize("name", ["full", "gaps", "mpdta"])
def test_sandwich_and_jackknife_are_those_of_pyfixest(name):
    oracle = pd.read_csv(_ORACLES / "regression_two_way.csv", keep_default_na=False)
    data = _oracle_data(name)
    for row in oracle[oracle.data == name].itertuples():
        if name == "mpdta" and row.cluster == "unit" and row.covariate:
            continue  # 500 fits once is enough
        panel = panel_of(data, **_NAMES, covariates=[row.covariate] if row.covariate else None, cluster=row.cluster)
        linear = _linear(panel)
        factor = small_sample_factor(n=linear.n, parameters=linear.parameters, clusters=linear.clusters)
        one, three = crv1(linear, level=0.95), crv3(panel, fitter(), level=0.95)
        assert one.se / np.sqrt(factor) == pytest.approx(row.crv1_plain, rel=1e-8)
        assert three.se / np.sqrt((one.clusters - 1) / one.clusters) == pytest.approx(row.crv3_plain, rel=1e-8)


@pytest.mark.parametrize("name", ["full", "gaps"])
def test_the_bootstrap_is_that_of_wildboottest(name):
    oracle = pd.read_csv(_ORACLES / "regression_wild.csv")
    for row in oracle[oracle.data == name].itertuples():
        linear = _linear(panel_of(_oracle_data(name), **_NAMES, cluster=row.cluster))
        found = wild_bootstrap(linear, level=0.95, draws=9, seed=0)
        # wildboottest counts signs farther off, of 2^G; we count ties, which are the observed signs and their opposite.
        # Whether those two are farther off there is a matter of rounding.
        more = (found.p_value - row.p) * 2**found.clusters
        assert round(more, 9) in (0.0, 1.0, 2.0)


def test_averages_have_errors_like_coefficients():
    # With one date and never-adopters the average effect is one coefficient: change since the base, less the others'.
    data = _oracle_data("full").query("adopted != 4 and adopted != 6 and time in (1, 2)")
    two = two_way_fixed_effects(data, **_NAMES, draws=9).diagnostics["cluster_errors"]
    study = sun_abraham(data, **_NAMES, draws=9).diagnostics["cluster_errors"]

    pd.testing.assert_frame_equal(two, study)
