"""Leaving out units and cohorts: by hand, at the edges, and as what a new fit finds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import UserError
from pegel.impact.diagnostics.leave_one_out import leave_one_out
from pegel.impact.estimators import callaway_santanna, imputation
from pegel.impact.panel import Panel, panel_of

NEVER = callaway_santanna.fitter(control="never")
FITTERS = {
    "never": NEVER,
    "not_yet": callaway_santanna.fitter(),
    "group": callaway_santanna.fitter(aggregate="group"),
    "imputation": imputation.fitter(),
}


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


def test_each_unit_by_hand():
    # Adopters move by 1 and 5, the others by 0 and 2: (1 + 5) / 2 − (0 + 2) / 2 = 2.
    found = leave_one_out(_panel([[0, 1], [0, 5], [0, 0], [0, 2]], [2, 2, np.inf, np.inf]), NEVER)

    # Without the first 5 − 1, without the second 1 − 1, without the third 3 − 2, without the fourth 3 − 0.
    assert found.effect == 2
    assert found.by_unit[["unit", "adopter", "effect", "change"]].to_numpy().tolist() == [
        ["team 0", True, 4, 2],
        ["team 1", True, 0, -2],
        ["team 2", False, 1, -1],
        ["team 3", False, 3, 1],
    ]
    assert found.most_influential == "team 0"
    assert not found.keeps_sign  # without the second unit nothing is left
    assert (found.low, found.high) == (0, 4)


def test_each_cohort_by_hand():
    # Cohort 2 moves by 4 and 6, cohort 3 by 1 in its only period; the other stays.
    panel = _panel([[0, 4, 6], [0, 0, 1], [0, 0, 0]], [2, 3, np.inf])
    found = leave_one_out(panel, NEVER)

    assert found.effect == pytest.approx((4 + 6 + 1) / 3)
    assert found.by_cohort[["cohort", "units", "effect"]].to_numpy().tolist() == [["2", 1, 1], ["3", 1, 5]]
    assert found.cohorts_keep_sign


def test_a_unit_without_which_nothing_can_be_said_decides():
    found = leave_one_out(_panel([[0, 3], [0, 0], [0, 0]], [2, np.inf, np.inf]), NEVER)
    first = found.by_unit.iloc[0]

    assert (first["unit"], first["reason"]) == ("team 0", "impact_nobody_adopted")
    assert np.isnan(first["effect"])
    assert found.most_influential == "team 0"
    assert not found.keeps_sign
    assert found.cohorts_keep_sign is None
    assert found.by_cohort["reason"].tolist() == ["impact_nobody_adopted"]


def test_where_all_have_adopted_nothing_is_left_without_them():
    found = leave_one_out(_panel([[0, 3, 3], [0, 0, 1]], [2, 3]), callaway_santanna.fitter())

    assert found.by_unit["reason"].notna().all()


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(FITTERS)))
def test_one_fit_per_cohort_finds_what_a_fit_per_unit_finds(seed, name):
    random = np.random.default_rng(seed)
    cohort = np.append(random.choice([3, 5, 6, np.inf], size=7), [5, 5, np.inf, np.inf])
    panel = _panel(random.normal(size=(11, 8)), cohort)
    found = leave_one_out(panel, FITTERS[name]).by_unit.set_index("unit")["effect"]
    wanted = [FITTERS[name](panel.only(np.arange(11) != i)).effect for i in range(11)]

    np.testing.assert_allclose(found[list(panel.units)], wanted, atol=1e-9)


def test_gaps_take_a_fit_per_unit():
    values = np.random.default_rng(1).normal(size=(8, 6))
    values[2, 1] = np.nan
    panel = _panel(values, [3, 3, 3, 5, np.inf, np.inf, np.inf, np.inf])
    found = leave_one_out(panel, NEVER).by_unit.set_index("unit")

    assert found.loc["team 0", "effect"] == pytest.approx(NEVER(panel.only(np.arange(1, 8))).effect)
    assert len(found) == 8


def test_many_units_with_gaps_are_left_out_by_influence():
    values = np.random.default_rng(2).normal(size=(12, 6))
    values[0, 0] = np.nan
    panel = _panel(values, [3] * 5 + [np.inf] * 7)
    found = leave_one_out(panel, NEVER, most=4)
    largest = np.sort(np.argsort(-np.abs(NEVER(panel).influence))[:4])

    assert set(found.by_unit["unit"]) == {panel.units[i] for i in largest}
    assert [(str(one), one.values["n"]) for one in found.caveats] == [("units_left_in", 8)]
    assert found.most_influential == leave_one_out(panel, NEVER).most_influential


def test_a_panel_that_cannot_be_fitted_is_refused():
    with pytest.raises(UserError):
        leave_one_out(_panel([[0, 1], [0, 1]], [np.inf, np.inf]), NEVER)
