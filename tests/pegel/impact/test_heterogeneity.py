"""Effects by group: by hand, at the edges, and as statsmodels pools them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.diagnostics.heterogeneity import _pooled, heterogeneity
from pegel.impact.estimators import callaway_santanna
from pegel.impact.fit import Fit
from pegel.impact.panel import Panel, panel_of

NEVER = callaway_santanna.fitter(control="never")


def _panel(values, cohort) -> Panel:
    """Units in rows, periods 1, 2, ... in columns; ``cohort`` in these periods, infinite for never."""
    values, cohort = np.asarray(values, dtype=float), np.asarray(cohort, dtype=float)
    units, periods = values.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": values.ravel(),
            "cohort": np.repeat(np.where(np.isfinite(cohort), cohort, np.nan), periods),
        }
    )
    return panel_of(frame, unit="unit", time="time", outcome="y", cohort="cohort")


def _world(seed: int, effects=(1.0, 1.0, 1.0, 1.0), size: int = 10, never: int = 20, periods: int = 12) -> Panel:
    random = np.random.default_rng(seed)
    starts = np.append(np.repeat(5.0 + np.arange(len(effects)), size), np.full(never, np.inf))
    values = random.normal(size=(len(starts), periods))
    for k, effect in enumerate(effects):
        values += effect * ((starts == 5 + k)[:, None] & (np.arange(1, periods + 1)[None, :] >= starts[:, None]))
    return _panel(values, starts)


def test_pooling_by_hand():
    # Effects 0, 1, 5 with variance 1 each: mean 2, Q = 4 + 1 + 9 = 14, tr P = 3 − 1 = 2, τ² = (14 − 2) / 2 = 6,
    # I² = 12 / 14. Weights are equal: se² = (1 + 6) / 3. Shrunken by 6/7 towards 2.
    pooled, shrunken, caveats = _pooled(np.array([0.0, 1.0, 5.0]), np.eye(3), 0, 0.95)

    assert caveats == []
    assert (pooled.mean, pooled.q) == (pytest.approx(2), pytest.approx(14))
    assert pooled.tau == pytest.approx(np.sqrt(6))
    assert pooled.i_squared == pytest.approx(12 / 14)
    assert pooled.se == pytest.approx(np.sqrt(7 / 3))
    assert shrunken.tolist() == pytest.approx([2 - 12 / 7, 2 - 6 / 7, 2 + 18 / 7])
    assert pooled.p_value == pytest.approx(np.exp(-7))  # chi-squared with 2 degrees of freedom
    assert pooled.prediction.high == pytest.approx(2 + 12.7062 * np.sqrt(6 + 7 / 3), rel=1e-5)


def test_groups_that_are_alike_are_shrunk_to_one():
    pooled, shrunken, _ = _pooled(np.array([1.0, 1.1, 0.9]), np.eye(3), 0, 0.95)

    assert (pooled.tau, pooled.i_squared) == (0, 0)
    assert shrunken.tolist() == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(("seed", "k"), [(0, 3), (1, 4), (2, 6), (3, 8)])
def test_pooling_as_statsmodels_does(seed, k):
    from statsmodels.stats.meta_analysis import combine_effects  # noqa: PLC0415 - slow to import

    random = np.random.default_rng(seed)
    # So far apart that τ² is above 0, at which statsmodels does not stop.
    effects, variances = 10 * random.normal(size=k), random.uniform(0.1, 2.0, size=k)
    wanted = combine_effects(effects, variances, method_re="dl")
    pooled, _, _ = _pooled(effects, np.diag(variances), 0, 0.95)

    assert pooled.q == pytest.approx(wanted.q)
    assert pooled.tau**2 == pytest.approx(wanted.tau2)
    assert pooled.mean == pytest.approx(wanted.mean_effect_re)
    assert pooled.se == pytest.approx(wanted.sd_eff_w_re)


def test_noise_that_groups_share_does_not_make_them_alike():
    # All of the noise is shared: any difference between groups is then real.
    shared = np.ones((3, 3)) + 1e-4 * np.eye(3)
    effects = np.array([0.0, 1.0, 2.0])
    with_covariance, _, _ = _pooled(effects, shared, 0, 0.95)
    without, _, _ = _pooled(effects, np.diag(np.diag(shared)), 0, 0.95)

    assert with_covariance.p_value < 1e-6
    assert without.p_value > 0.3


def test_effects_are_those_of_each_cohort():
    panel = _world(0)
    found = heterogeneity(panel, NEVER)
    by_cohort = NEVER(panel).diagnostics["by_cohort"]

    assert found.groups["group"].tolist() == by_cohort["cohort"].tolist() == ["5", "6", "7", "8"]
    np.testing.assert_allclose(found.groups["effect"], by_cohort["effect"])
    # Ten adopters: the variance takes 10 / 9.
    np.testing.assert_allclose(found.groups["se"], by_cohort["se"] * np.sqrt(10 / 9))
    assert found.inference == "analytic"
    assert found.pooled.interval.low < 1 < found.pooled.interval.high


def test_groups_that_differ_are_found():
    found = heterogeneity(_world(1, effects=(0.0, 0.0, 3.0, 3.0)), NEVER)

    assert found.differ
    assert found.pooled.tau > 1


def test_other_adopters_are_controls_until_they_adopt():
    panel = _world(2)
    later = panel.with_values(np.where(panel.treated > 0, 1000.0, panel.values))
    one, other = (heterogeneity(some, callaway_santanna.fitter()).groups["effect"] for some in (panel, later))

    # What others do after adopting is never looked at: only the own effect is new.
    assert (other > 900).all()
    assert np.ptp(other.to_numpy() - 1000) < 3
    assert (one < 10).all()


def test_named_groups():
    panel = _world(3)
    core = {unit: "core" if unit % 3 else "edge" for unit in panel.units if unit != 7}
    found = heterogeneity(panel, NEVER, groups=core | {2: "lone"})

    assert found.groups["group"].tolist() == ["core", "edge", "lone"]
    assert found.groups["reason"].tolist() == [None, None, "too_few_adopters"]
    assert np.isnan(found.groups.loc[2, "se"])
    assert np.isfinite(found.groups.loc[2, "effect"])
    assert found.pooled is None
    assert found.differ is None
    assert [str(one) for one in found.caveats] == ["too_few_groups", "units_without_group"]


def test_few_units_take_permuted_dates():
    found = heterogeneity(_world(4, size=2, never=4), NEVER, draws=60)

    assert found.inference == "permutation"
    assert found.groups["reason"].isna().all()
    assert (found.groups["se"] > 0).all()
    assert found.pooled is not None
    with_gaps = heterogeneity(_world(4, size=2, never=4), callaway_santanna.fitter(), draws=10)
    assert (with_gaps.groups["se"] > 0).all()


def test_a_cohort_without_a_past_says_why():
    panel = _world(5)
    early = panel.with_cohort(np.where(panel.cohort == 4, 0.0, panel.cohort))
    found = heterogeneity(early, NEVER)

    assert found.groups["reason"].tolist() == ["impact_nothing_before", None, None, None]
    assert np.isnan(found.groups.loc[0, "effect"])
    assert found.pooled is not None


def test_outcomes_that_never_move_cannot_be_pooled():
    panel = _world(6)
    found = heterogeneity(panel.with_values(np.zeros(panel.shape)), NEVER)

    assert [str(one) for one in found.caveats] == ["groups_without_noise"]


def test_what_cannot_be_asked_is_refused():
    panel = _world(7)

    def blind(some: Panel) -> Fit:
        fit = NEVER(some)
        return Fit(effect=fit.effect, horizons=fit.horizons, effects=fit.effects, adopters=fit.adopters, n=fit.n)

    with pytest.raises(UserError, match="impact_level_out_of_range"):
        heterogeneity(panel, NEVER, level=0.1)
    with pytest.raises(UserError, match="impact_no_influence"):
        heterogeneity(panel, blind)
    with pytest.raises(InputError, match="impact_no_groups"):
        heterogeneity(panel, NEVER, groups={"nobody": "core"})
    with pytest.raises(InputError, match="impact_nobody_adopted"):
        heterogeneity(panel.with_cohort(np.full(60, np.inf)), NEVER)


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100))
def test_scaling_the_outcome_scales_effects_and_leaves_the_rest(seed, factor):
    panel = _world(seed)
    plain, scaled = (heterogeneity(panel.with_values(panel.values * f), NEVER) for f in (1.0, factor))

    np.testing.assert_allclose(scaled.groups["shrunken"], plain.groups["shrunken"] * factor, rtol=1e-6, atol=1e-9)
    assert scaled.pooled.i_squared == pytest.approx(plain.pooled.i_squared, abs=1e-9)
    assert scaled.pooled.p_value == pytest.approx(plain.pooled.p_value)
