"""Placebos in time and space: by hand, at the edges, and as properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.impact.diagnostics.placebo import placebo_in_space, placebo_in_time
from pegel.impact.diagnostics.sub_panels import before_adoption, between, only_group
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.fit import Fit
from pegel.impact.panel import Panel, panel_of

NEVER = callaway_santanna.fitter(control="never")


def _panel(values, cohort) -> Panel:
    """Units in rows, periods 1, 2, ... in columns; ``cohort`` in these periods, infinite for never."""
    values, cohort = np.asarray(values, dtype=float), np.asarray(cohort, dtype=float)
    units, periods = values.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"team {i}" for i in range(units)], periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": values.ravel(),
            "cohort": np.repeat(np.where(np.isfinite(cohort), cohort, np.nan), periods),
        }
    )
    return panel_of(frame, unit="unit", time="time", outcome="y", cohort="cohort")


def _world(seed: int, *, effect: float = 2.0, units: int = 9, periods: int = 16, adopters: int = 3) -> Panel:
    random = np.random.default_rng(seed)
    cohort = np.where(np.arange(units) < adopters, 11.0, np.inf)
    values = random.normal(size=(units, periods)) + effect * (np.arange(1, periods + 1)[None, :] >= cohort[:, None])
    return _panel(values, cohort)


def test_pretended_dates_by_hand():
    # One adopter 0, 0, 3, 3, 9 (adoption in period 5), two others at 0. Headline 9 − 3 = 6.
    found = placebo_in_time(_panel([[0, 0, 3, 3, 9], [0] * 5, [0] * 5], [5, np.inf, np.inf]), NEVER)

    # One period earlier: 3 − 3 = 0. Two: (3 + 3) / 2 − 0 = 3. Three: (0 + 3 + 3) / 3 − 0 = 2.
    assert found.effects[["shift", "effect"]].to_numpy().tolist() == [[1, 0], [2, 3], [3, 2]]
    assert found.effect == 6
    assert found.by_ratio is False  # others that do not move leave no standard error
    assert found.ratio is None
    assert found.share_as_large == 0
    assert found.p_value == pytest.approx(1 / 4)
    assert not found.alarming
    assert [str(one) for one in found.caveats] == ["few_placebo_dates"]


def test_what_happened_after_the_true_adoption_is_not_looked_at():
    panel = _world(1)
    moved = panel.with_values(panel.values + 100.0 * panel.treated)
    pd.testing.assert_frame_equal(
        placebo_in_time(panel, NEVER).effects.drop(columns="as_large"),
        placebo_in_time(moved, NEVER).effects.drop(columns="as_large"),
    )


def test_the_periods_that_anticipate_are_not_looked_at():
    panel = _world(1)
    late = panel.with_values(panel.values + 100.0 * (np.arange(16)[None, :] == panel.cohort[:, None] - 1))
    fitter = callaway_santanna.fitter(control="never", anticipation=1)

    np.testing.assert_allclose(
        placebo_in_time(panel, fitter).effects["effect"], placebo_in_time(late, fitter).effects["effect"]
    )


def test_an_early_jump_is_alarming_and_an_effect_is_not():
    panel = _world(2, effect=3.0)
    early = panel.with_values(panel.values + 3.0 * panel.adopters[:, None] * (np.arange(16) >= 5)[None, :])

    assert not placebo_in_time(panel, NEVER).alarming
    assert placebo_in_time(early.with_values(early.values - 3.0 * panel.treated), NEVER).alarming


def test_ratios_are_compared_where_standard_errors_are_known():
    found = placebo_in_time(_world(3), NEVER)

    assert found.by_ratio
    assert found.ratio == pytest.approx(found.effect / np.sqrt((NEVER(_world(3)).influence ** 2).sum()))
    assert found.effects["as_large"].tolist() == (found.effects["ratio"].abs() >= abs(found.ratio)).tolist()


def test_effects_are_compared_where_they_are_not():
    def blind(panel: Panel) -> Fit:
        fit = NEVER(panel)
        return Fit(effect=fit.effect, horizons=fit.horizons, effects=fit.effects, adopters=fit.adopters, n=fit.n)

    found = placebo_in_time(_world(3), blind)

    assert not found.by_ratio
    assert found.effects["se"].isna().all()


def test_the_largest_shift_can_be_limited():
    assert placebo_in_time(_world(4), NEVER, most=3).effects["shift"].tolist() == [1, 2, 3]


def test_cohorts_with_too_little_past_drop_out():
    panel = _world(4)
    two = panel.with_cohort(np.where(np.arange(9) == 0, 3.0, panel.cohort))

    assert placebo_in_time(two, NEVER).effects["adopters"].tolist() == [3, 3] + [2] * 7


def test_without_past_there_are_no_placebo_dates():
    with pytest.raises(InputError, match="impact_no_placebo_dates"):
        placebo_in_time(_panel(np.zeros((4, 3)), [2, 2, np.inf, np.inf]), NEVER)


def test_the_imputation_estimator_can_be_tried_too():
    assert len(placebo_in_time(_world(5), imputation.fitter()).effects) == 9
    assert len(placebo_in_space(_world(5), imputation.fitter()).effects) == 6


def test_pretended_adopters_by_hand():
    # Adopter: 5 − 0 = 5 against the mean of the others, (1 + 0 + 2) / 3 = 1: headline 4.
    panel = _panel([[0, 5], [0, 1], [0, 0], [0, 2]], [2, np.inf, np.inf, np.inf])
    found = placebo_in_space(panel, NEVER)

    # Each of the others against the remaining two: 1 − 1, 0 − 1.5, 2 − 0.5.
    assert found.effects["effect"].tolist() == [0, -1.5, 1.5]
    assert found.effects["unit"].tolist() == ["team 1", "team 2", "team 3"]
    assert found.effect == 4
    assert found.share_as_large == 0
    assert (found.p_value, found.ways) == (pytest.approx(1 / 4), 4)


def test_several_adopters_are_compared_with_averages():
    # Two adopters among never-adopters whose single placebos are 0, −1.5, 1.5: of the three pairs none reaches 0.9.
    panel = _panel([[0, 2], [0, 1.8], [0, 1], [0, 0], [0, 2]], [2, 2, np.inf, np.inf, np.inf])
    found = placebo_in_space(panel, NEVER)

    assert found.effect == pytest.approx(0.9)
    assert found.share_as_large == pytest.approx(2 / 3)
    # Averages of pairs: −0.75, 0.75, 0.
    assert (found.p_value, found.ways) == (pytest.approx(1 / 4), 4)


def test_more_adopters_than_others_leave_no_p_value():
    found = placebo_in_space(_world(6, adopters=6), NEVER)

    assert found.p_value is None
    assert [str(one) for one in found.caveats] == ["fewer_never_adopters_than_adopters"]


def test_too_few_never_adopters_are_refused():
    with pytest.raises(InputError, match="impact_too_few_never_adopters"):
        placebo_in_space(_world(6, adopters=7), NEVER)


def test_gaps_take_a_fit_for_each_and_change_nothing_else():
    panel = _world(7)
    values = panel.values.copy()
    values[0, 0] = np.nan  # long before the base of anyone
    whole, gap = (placebo_in_space(one, NEVER) for one in (panel, panel.with_values(values)))
    values = panel.values.copy()
    values[8, 0] = np.nan
    never_gap = placebo_in_space(panel.with_values(values), NEVER)

    np.testing.assert_allclose(whole.effects["effect"], gap.effects["effect"])
    np.testing.assert_allclose(whole.effects["effect"], never_gap.effects["effect"])


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100))
def test_scale_does_not_matter_for_shares(seed, factor):
    panel = _world(seed, effect=0.5)
    scaled = panel.with_values(panel.values * factor)
    for look in (placebo_in_time, placebo_in_space):
        plain, other = look(panel, NEVER), look(scaled, NEVER)
        np.testing.assert_allclose(other.effects["effect"], plain.effects["effect"] * factor, rtol=1e-9)
        assert other.share_as_large == plain.share_as_large
        assert other.p_value == plain.p_value


def test_parts_of_a_panel():
    panel = _panel(np.arange(24).reshape(4, 6), [3, 5, 6, np.inf])
    part = between(panel, 2, 5)

    # Periods 3 to 5: the first unit had adopted before, the third adopts later.
    assert part.units == ("team 1", "team 2", "team 3")
    assert part.cohort.tolist() == [2, np.inf, np.inf]
    assert part.axis.label(0) == "3"
    past = before_adoption(panel, until=-1)
    assert past.shape == (4, 5)
    assert np.isnan(past.values[0, 2:]).all()
    assert not np.isnan(past.values[3]).any()
    alone, units = only_group(panel, panel.cohort == 2, "not_yet")
    assert alone.cohort.tolist() == [2, np.inf, np.inf, np.inf]
    assert np.isnan(alone.values[1]).tolist() == [False] * 4 + [True] * 2
    assert units.tolist() == [0, 1, 2, 3]
    alone, units = only_group(panel, panel.cohort == 2, "never")
    assert units.tolist() == [0, 3]
