"""From a fit to an estimate: which inference is chosen, what each says, and what it admits."""

from math import inf, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pegel.errors import UserError
from pegel.impact.estimate import FEW_ADOPTERS, FEW_UNITS, HORIZON_COLUMNS, Interval
from pegel.impact.estimators.callaway_santanna import callaway_santanna, fitter
from pegel.impact.fit import Fit, draw, estimate_of, sup_t
from pegel.impact.panel import Panel, panel_of
from pegel.impact.permutation import deal_dates

_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _frame(units: int, adopters: int, *, periods: int = 6, effect: float = 0.0, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    starts = np.where(np.arange(units) < adopters, 4.0 + np.arange(units) % 2, np.nan)
    treated = np.arange(1, periods + 1)[None, :] >= np.nan_to_num(starts, nan=inf)[:, None]
    y = random.normal(size=(units, periods)) + effect * treated
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": y.ravel(),
            "adopted": np.repeat(starts, periods),
            "site": np.repeat(np.arange(units) // 2, periods),
        }
    )


def _panel(units: int = 40, adopters: int = 20, **further) -> Panel:
    return panel_of(_frame(units, adopters, **further), **_NAMES)


def _said(panel: Panel, **further):
    return estimate_of(panel, fitter(), method="callaway_santanna", estimand="simple", **further)


def _of_influence(influence: list[float], horizons: list[list[float]], effect: float = 1.0) -> Fit:
    """A fit of four units with influences as given."""
    return Fit(
        effect=effect,
        horizons=np.arange(len(horizons)),
        effects=np.full(len(horizons), effect),
        adopters=np.full(len(horizons), 2),
        n=8,
        influence=np.array(influence),
        horizon_influence=np.array(horizons).T,
    )


_FOUR = panel_of(_frame(4, 2), **_NAMES)


# The rule --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "adopters", "chosen"),
    [
        (FEW_UNITS, FEW_ADOPTERS, "analytic"),
        (FEW_UNITS - 1, FEW_ADOPTERS, "permutation"),
        (FEW_UNITS + 20, FEW_ADOPTERS - 1, "permutation"),
        (FEW_UNITS + 20, FEW_ADOPTERS, "analytic"),
    ],
)
def test_few_units_or_few_adopters_are_permuted(units, adopters, chosen):
    found = _said(_panel(units, adopters), draws=30)

    assert (FEW_UNITS, FEW_ADOPTERS) == (40, 20)
    assert found.inference == chosen
    assert not found.has_caveat("few_units_standard_error")


def test_clusters_count_not_units():
    # 80 units in 40 pairs, 40 adopters in 20 pairs: enough. Half of that is not.
    enough, half = (
        callaway_santanna(_frame(units, units // 2), **_NAMES, cluster="site", draws=30) for units in (80, 40)
    )

    assert (enough.inference, enough.diagnostics["clusters"]) == ("analytic", 40)
    assert half.inference == "permutation"


def test_an_estimator_without_influence_is_permuted_and_says_so_when_asked_for_more():
    def without(panel: Panel) -> Fit:
        return Fit(effect=1.0, horizons=np.array([0]), effects=np.array([1.0]), adopters=np.array([20]), n=9)

    found = estimate_of(_panel(), without, method="odd", estimand="simple", draws=30)

    assert found.inference == "permutation"
    for inference in ("analytic", "cluster"):
        with pytest.raises(UserError) as caught:
            estimate_of(_panel(), without, method="odd", estimand="simple", inference=inference)
        assert (caught.value.code, caught.value.values["method"]) == ("impact_no_influence", "odd")


@pytest.mark.parametrize("inference", ["analytic", "cluster"])
@pytest.mark.parametrize(("units", "adopters", "warned"), [(12, 6, True), (60, 8, True), (40, 20, False)])
def test_a_standard_error_from_few_units_comes_with_a_warning(inference, units, adopters, warned):
    found = _said(_panel(units, adopters), inference=inference)

    assert found.has_caveat("few_units_standard_error") is warned
    assert found.se is not None


@pytest.mark.parametrize("level", [0.49, 1.0, 1.5, -1, float("nan")])
def test_levels_that_are_none(level):
    with pytest.raises(UserError, match="impact_level_out_of_range"):
        _said(_panel(), level=level)


def test_no_draws_and_unknown_inference():
    for options, name in (({"draws": 0}, "draws"), ({"inference": "magic"}, "inference")):
        with pytest.raises(UserError) as caught:
            _said(_panel(), **options)
        assert caught.value.values["name"] == name


# Permutation -----------------------------------------------------------------------------------------------------


def test_permutation_gives_no_standard_error_and_says_why():
    found = _said(_panel(12, 6), draws=199)

    assert found.se is None
    assert found.se_reason == "permutation_has_no_se"
    assert found.by_horizon["se"].isna().all()
    assert found.diagnostics["ways"] == 200
    assert found.diagnostics["all_ways"] is False
    assert found.interval.low < found.effect < found.interval.high


def test_too_few_ways_are_reported_and_leave_everything_open():
    found = _said(_panel(5, 2), level=0.95)  # two dates among five: 20 ways suffice
    fewer = _said(panel_of(_frame(5, 2).replace({"adopted": {5.0: 4.0}}), **_NAMES))  # one date: 10 ways do not

    assert (found.diagnostics["ways"], found.has_caveat("too_few_ways_to_deal")) == (20, False)
    assert found.interval.bounded
    assert (fewer.diagnostics["ways"], fewer.has_caveat("too_few_ways_to_deal")) == (10, True)
    assert fewer.interval == (-inf, inf)
    assert fewer.interval.bounded is False
    assert fewer.p_value >= 1 / 10
    table = fewer.by_horizon.set_index("horizon")
    assert table.loc[-1, ["low", "high", "band_low", "band_high"]].tolist() == [0, 0, 0, 0]
    assert np.isinf(table.drop(index=-1)[["low", "high", "band_low", "band_high"]]).all(axis=None)


def test_deals_may_be_given():
    panel = _panel(12, 6)
    fit = fitter()(panel)
    deals = deal_dates(panel.cohort, draws=20, seed=9)

    drawn = draw(panel, fitter(), fit, draws=5, seed=0, deals=deals)

    assert drawn.effects.shape == (20,)
    assert drawn.by_horizon.shape == (20, len(fit.horizons))


# Influence -------------------------------------------------------------------------------------------------------


def test_errors_by_hand():
    # Influences 1, −1, 2, 0 square to 6. `cluster` multiplies by 4 / 3 and takes t with 3 degrees of freedom.
    fit = _of_influence([1, -1, 2, 0], [[1, 0, 0, 0], [0, 2, 0, 0]])

    plain, careful = (
        estimate_of(_FOUR, lambda _: fit, method="m", estimand="simple", inference=how)
        for how in ("analytic", "cluster")
    )

    assert plain.se == pytest.approx(sqrt(6))
    assert careful.se == pytest.approx(sqrt(6 * 4 / 3))
    normal, student = stats.norm.ppf(0.975), stats.t.ppf(0.975, 3)
    assert plain.interval == pytest.approx((1 - normal * sqrt(6), 1 + normal * sqrt(6)))
    assert careful.interval == pytest.approx((1 - student * sqrt(8), 1 + student * sqrt(8)))
    assert plain.p_value == pytest.approx(2 * stats.norm.sf(1 / sqrt(6)))
    assert careful.p_value == pytest.approx(2 * stats.t.sf(1 / sqrt(8), 3))
    assert plain.by_horizon["se"].tolist() == [1, 2]
    assert tuple(plain.by_horizon.columns) == HORIZON_COLUMNS


def test_errors_of_clusters_by_hand():
    # Units 0 and 1 form a cluster whose influences cancel: 0² + 2² + 0².
    panel = panel_of(_frame(4, 2).assign(site=lambda rows: rows.unit.clip(lower=1)), **_NAMES, cluster="site")
    fit = _of_influence([1, -1, 2, 0], [[1, 0, 0, 0]])

    found = estimate_of(panel, lambda _: fit, method="m", estimand="simple", inference="analytic")

    assert found.se == 2
    assert found.diagnostics["clusters"] == 3


def test_one_cluster_has_no_standard_error():
    frame = _frame(4, 2).assign(site="all")

    for inference in ("analytic", "cluster"):
        with pytest.raises(UserError) as caught:
            callaway_santanna(frame, **_NAMES, cluster="site", inference=inference)
        assert (caught.value.code, caught.value.values["clusters"]) == ("impact_too_few_clusters", 1)


@pytest.mark.parametrize(("effect", "p"), [(0.0, 1.0), (1.0, 0.0)])
def test_no_noise_at_all(effect, p):
    fit = _of_influence([0, 0, 0, 0], [[0, 0, 0, 0]], effect=effect)

    found = estimate_of(_FOUR, lambda _: fit, method="m", estimand="simple", inference="analytic")

    assert (found.se, found.interval, found.p_value) == (0, (effect, effect), p)


@pytest.mark.parametrize("inference", ["permutation", "analytic", "cluster"])
@pytest.mark.parametrize("seed", range(5))
def test_bands_contain_the_pointwise_intervals(inference, seed):
    found = _said(_panel(24, 8, effect=2.0 * (seed % 2), seed=seed), inference=inference, draws=199)

    table = found.by_horizon
    assert (table["band_low"] <= table["low"]).all()
    assert (table["low"] <= table["effect"]).all()
    assert (table["effect"] <= table["high"]).all()
    assert (table["high"] <= table["band_high"]).all()
    base = table[table["horizon"] == -1].iloc[0]
    assert base[["effect", "low", "high", "band_low", "band_high"]].tolist() == [0] * 5


def test_the_critical_value_of_bands():
    # One column: that of a normal variable. Two independent ones: 0.95 = P(|z| < c)². Two equal ones: one.
    one = np.zeros((100, 1)) + np.random.default_rng(0).normal(size=(100, 1))
    half = np.zeros((100, 2))
    half[:50, 0] = half[50:, 1] = 1
    both = stats.norm.ppf((1 + sqrt(0.95)) / 2)

    assert sup_t(one, level=0.95, seed=1) == pytest.approx(1.96, abs=0.12)
    assert sup_t(half, level=0.95, seed=1) == pytest.approx(both, abs=0.12)
    twice = sup_t(np.column_stack([one, 3 * one]), level=0.95, seed=1)
    assert twice == pytest.approx(sup_t(one, level=0.95, seed=1))
    assert sup_t(np.zeros((100, 3)), level=0.95, seed=1) == pytest.approx(stats.norm.ppf(0.975))
    assert sup_t(half, level=0.95, seed=1) == sup_t(half, level=0.95, seed=1)


def test_permutation_and_influence_agree_where_there_are_enough_units():
    panel = _panel(60, 30, effect=1.0, seed=4)

    one, other = (_said(panel, inference=how, draws=999) for how in ("permutation", "analytic"))

    assert one.effect == other.effect
    assert one.interval.low == pytest.approx(other.interval.low, abs=0.15)
    assert one.interval.high == pytest.approx(other.interval.high, abs=0.15)


# What an estimate says -------------------------------------------------------------------------------------------


def test_an_estimate_holds_what_belongs_to_it():
    found = _said(_panel(12, 6), draws=30, assumptions=("parallel_trends",))

    assert (found.n, found.units, found.adopters, found.periods) == (72, 12, 6, 6)
    assert (found.method, found.estimand, found.outcome, found.level) == ("callaway_santanna", "simple", "y", 0.95)
    assert found.assumptions == ("parallel_trends",)
    assert found.diagnostics["axis"] == {"unit": "period", "first": "1", "last": "6"}
    assert found.diagnostics["control"] == "not_yet"
    assert found.has_caveat("anything") is False


def test_caveats_of_the_panel_come_first():
    found = callaway_santanna(_frame(12, 6).iloc[1:], **_NAMES, inference="analytic")

    assert [caveat.code for caveat in found.caveats] == ["gaps_in_the_panel", "few_units_standard_error"]
    assert [str(caveat) for caveat in found.caveats] == ["gaps_in_the_panel", "few_units_standard_error"]


def test_intervals_know_what_lies_in_them():
    interval = Interval(-1.0, 2.0)

    assert 0 in interval
    assert -1.0 in interval
    assert 2.5 not in interval
    assert "0" not in interval
    assert interval.bounded
    assert not Interval(-inf, 2.0).bounded


def test_the_same_input_gives_the_same_estimate():
    one, other = (_said(_panel(12, 6), draws=99, seed=7) for _ in range(2))
    moved = _said(_panel(12, 6), draws=99, seed=8)

    assert (one.interval, one.p_value) == (other.interval, other.p_value)
    pd.testing.assert_frame_equal(one.by_horizon, other.by_horizon, check_exact=True)
    assert moved.interval != one.interval
