"""The checks behind a verdict: troubles planted and found, their absence not found, and what cannot be said."""

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pegel.impact.panel import Panel, panel_of
from pegel.impact.verdicts.checks import (
    as_plain,
    definition_check,
    pre_trend_check,
    selection_checks,
    spill_over_check,
    unfinished_check,
)
from pegel.impact.verdicts.measurement import measure
from pegel.impact.verdicts.plan import ChecksPlan, DataPlan, MeasurementPlan, MetricPlan
from pegel.impact.verdicts.verdict import Check, Design

_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _panel(values: np.ndarray, starts: np.ndarray, *, times: list | None = None) -> Panel:
    units, periods = values.shape
    times = list(range(1, periods + 1)) if times is None else times
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"team {u:02d}" for u in range(units)], periods),
            "time": times * units,
            "y": values.ravel(),
            "adopted": np.repeat(np.array(starts, dtype=object), periods),
        }
    )
    if not isinstance(times[0], str):
        frame["adopted"] = frame.adopted.astype(float)
    return panel_of(frame, **_NAMES)


# Definitions -----------------------------------------------------------------------------------------------------

_WEEKS = ["2026-W01", "2026-W02", "2026-W03", "2026-W04"]  # 29 December 2025 to 25 January 2026
_CALENDAR = _panel(np.arange(8.0).reshape(2, 4) % 3, [None, "2026-W03"], times=_WEEKS)


def _changed(day: date, unit: str | None = None, panel: Panel = _CALENDAR) -> bool | None:
    return definition_check(panel, [(day, unit, "new workflow")]).holds


def test_nobody_has_said_whether_definitions_changed():
    found = definition_check(_CALENDAR, None)

    assert (found.holds, found.reason) == (None, "not_configured")
    assert definition_check(_CALENDAR, []).holds is True
    assert definition_check(_CALENDAR, ()).values == {"changes": []}


def test_a_change_within_the_panel_by_hand():
    found = definition_check(
        _CALENDAR, [(date(2026, 1, 12), None, "new workflow"), (date(2020, 1, 1), None, "long ago")]
    )

    assert (found.code, found.holds) == ("definition_changed", False)
    assert found.values == {"changes": [{"date": "2026-01-12", "unit": None, "what": "new workflow"}]}


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2025, 12, 28), True),  # before
        (date(2025, 12, 29), True),  # with the first day: everything is of the new kind
        (date(2025, 12, 30), False),
        (date(2026, 1, 19), False),  # the first day of the last week
        (date(2026, 1, 21), False),  # within the last week: a part of it is of another kind
        (date(2026, 1, 25), False),
        (date(2026, 1, 26), True),  # after it
        (date(2026, 2, 20), True),
    ],
)
def test_only_days_that_split_the_panel_count(day, holds):
    assert _changed(day) is holds


def test_a_change_in_one_unit_counts_if_it_is_in_the_panel():
    assert _changed(date(2026, 1, 12), "team 01") is False
    assert _changed(date(2026, 1, 12), "team 09") is True


def test_counted_periods_know_no_calendar_so_every_change_counts():
    assert _changed(date(1990, 1, 1), panel=_panel(np.zeros((2, 4)), [None, 3])) is False


# The choice of adopters ------------------------------------------------------------------------------------------


def _chosen(spell: float, *, better: str = "lower", effect: float | None = -2.0, seed: int = 0, **further):
    """Nine teams; three adopt in period 10, after three periods that were off by ``spell``."""
    values = 20 + 0.3 * np.random.default_rng(seed).normal(size=(9, 14))
    values[:3, 6:9] += spell
    panel = _panel(values, np.where(np.arange(9) < 3, 10.0, np.nan))
    settings = {"chosen_by": None, "design": Design.STAGGERED, "anticipation": 0, "plan": ChecksPlan(), **further}
    return selection_checks(panel, better=better, effect=effect, draws=500, seed=0, **settings)


def test_adopters_chosen_after_a_bad_spell():
    # 3 of 9 are 84 choices; only the true one is that far off.
    found = _chosen(5.0)

    assert (found.selected.holds, found.recovery.holds) == (False, False)
    assert found.selected.values["p_value"] == pytest.approx(1 / 84)
    assert found.selected.values["k"] == 3
    assert found.selected.values["change"] == pytest.approx(5, abs=0.5)
    assert found.found.ways == 84


def test_a_good_spell_is_no_reason_to_choose_but_its_end_may_look_like_an_effect():
    # Before adoption times had been short; afterwards they rise: that is recovery, not harm.
    better = _chosen(-5.0, effect=2.0)

    assert (better.selected.holds, better.recovery.holds) == (True, False)
    # An effect in the direction of the spell is no return from it.
    assert _chosen(-5.0, effect=-2.0).recovery.holds is True


def test_what_is_worse_depends_on_the_direction():
    assert _chosen(-5.0, better="higher", effect=2.0).selected.holds is False
    assert _chosen(5.0, better="higher", effect=-2.0).selected.holds is True


def test_without_a_spell_nothing_is_found():
    found = [_chosen(0.0, seed=seed) for seed in range(40)]

    assert sum(one.selected.holds is False for one in found) <= 5
    assert sum(one.recovery.holds is False for one in found) <= 5


def test_without_an_effect_there_is_no_recovery():
    assert _chosen(5.0, effect=None).recovery.holds is True
    assert _chosen(5.0, effect=0.0).recovery.holds is True


def test_a_lot_cannot_choose_by_the_outcome():
    for further in ({"chosen_by": "lot"}, {"design": Design.RANDOMISED}):
        found = _chosen(5.0, **further)
        assert (found.selected.holds, found.recovery.holds, found.found) == (True, True, None)


def test_whoever_says_so_was_chosen_by_the_outcome():
    assert _chosen(0.0, chosen_by="outcome").selected.holds is False
    assert _chosen(0.0, chosen_by="volunteers").selected.holds is True


def test_periods_left_out_of_the_baseline_do_no_harm():
    # The three periods of the choice are anticipation: the baseline does not know them.
    found = _chosen(5.0, anticipation=3, chosen_by="outcome")

    assert (found.selected.holds, found.recovery.holds) == (True, True)
    assert found.selected.values["p_value"] == pytest.approx(1 / 84)
    assert _chosen(5.0, anticipation=2).selected.holds is False


def test_a_short_past_cannot_say():
    values = np.random.default_rng(0).normal(size=(6, 6))
    panel = _panel(values, np.where(np.arange(6) < 2, 4.0, np.nan))

    found = selection_checks(
        panel, ChecksPlan(), chosen_by=None, design=Design.STAGGERED, anticipation=0, effect=1.0, better="lower",
        draws=50, seed=0,
    )  # fmt: skip

    assert (found.selected.holds, found.selected.reason) == (None, "too_short")
    assert (found.recovery.holds, found.recovery.reason) == (None, "too_short")
    declared = selection_checks(
        panel, ChecksPlan(), chosen_by="outcome", design=Design.STAGGERED, anticipation=0, effect=1.0, better="lower",
        draws=50, seed=0,
    )  # fmt: skip
    assert (declared.selected.holds, declared.selected.reason) == (False, None)


# Trends before ---------------------------------------------------------------------------------------------------


def _leads(count: int, *, alarming: bool = False):
    """Stands in for the result of the tests before adoption: only these values are read."""
    return SimpleNamespace(
        leads=pd.DataFrame({"horizon": range(-count - 1, -1)}),
        alarming=alarming,
        reasons=("leads_slope",) if alarming else (),
        joint=SimpleNamespace(p_value=0.03) if count else None,
        weak=True,
    )


def test_trends_before():
    assert pre_trend_check(_leads(5)) == Check("pre_trend", True, {"codes": [], "p_value": 0.03, "weak": True})
    assert pre_trend_check(_leads(5, alarming=True)).holds is False
    assert pre_trend_check(_leads(5, alarming=True)).values["codes"] == ["leads_slope"]
    for found in (None, _leads(0), _leads(1)):
        assert pre_trend_check(found) == Check("pre_trend", None, reason="too_short")


# Spill-over ------------------------------------------------------------------------------------------------------


def _touched(slope: float, seed: int, *, units: int = 12, periods: int = 16) -> tuple[Panel, np.ndarray]:
    """Half adopt in period 9; from then on the others are in touch with them, each to another degree."""
    random = np.random.default_rng(seed)
    starts = np.where(np.arange(units) < units // 2, 9.0, np.nan)
    exposure = np.zeros((units, periods))
    exposure[units // 2 :, 8:] = np.linspace(0, 1, units - units // 2)[:, None]
    values = random.normal(size=(units, 1)) + random.normal(size=periods) + 0.3 * random.normal(size=(units, periods))
    return _panel(values + slope * exposure - 3 * (np.arange(1, periods + 1) >= starts[:, None]), starts), exposure


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_spill_over_is_found(seed):
    panel, exposure = _touched(-1.0, seed=seed)

    found = spill_over_check(panel, exposure, draws=199, seed=0)

    assert (found.code, found.holds) == ("spill_over", False)
    assert found.values["slope"] == pytest.approx(-1, abs=0.5)
    assert found.values["p_value"] <= 0.05
    assert found.values["units"] == 12


def test_without_spill_over_none_is_found():
    found = [spill_over_check(*_touched(0.0, seed=seed), draws=99, seed=0).holds for seed in range(20)]

    assert found.count(False) <= 3


def test_a_slope_by_hand():
    # Two untreated units without noise. Level and period effects fall out: the second moves by 3 where its exposure
    # moves by 1; a third one without exposure moves as the first.
    values = np.array([[1.0, 1, 2, 2], [5, 5, 9, 9], [0, 0, 1, 1]])
    exposure = np.array([[0.0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])

    found = spill_over_check(_panel(values, [np.nan] * 3), exposure, draws=50, seed=0)

    assert found.values["slope"] == pytest.approx(3)


@pytest.mark.parametrize("exposure", [np.zeros((12, 16)), np.ones((12, 16)), np.full((12, 16), np.nan)])
def test_exposure_that_never_moves_says_nothing(exposure):
    panel, _ = _touched(0.0, seed=1)

    found = spill_over_check(panel, exposure, draws=20, seed=0)

    assert (found.holds, found.reason) == (None, "no_exposure")


def test_without_a_column_spill_over_is_not_checked():
    panel, _ = _touched(0.0, seed=1)

    assert spill_over_check(panel, None, draws=20, seed=0).reason == "not_configured"


def test_two_units_are_too_few_to_tell():
    panel = _panel(np.random.default_rng(0).normal(size=(2, 6)), [np.nan, np.nan])

    assert spill_over_check(panel, np.random.default_rng(1).random((2, 6)), draws=20, seed=0).holds is None


def test_gaps_in_outcome_and_exposure():
    panel, exposure = _touched(-2.0, seed=1)
    holes = np.random.default_rng(0).random(panel.shape) < 0.2
    panel = panel.with_values(np.where(holes, np.nan, panel.values))
    exposure = np.where(np.random.default_rng(1).random(panel.shape) < 0.1, np.nan, exposure)

    found = spill_over_check(panel, exposure, draws=99, seed=0)

    assert found.holds is False
    assert found.values["slope"] == pytest.approx(-2, abs=0.4)


def test_the_same_seed_gives_the_same_check():
    panel, exposure = _touched(0.0, seed=3)

    one, other = (spill_over_check(panel, exposure, draws=99, seed=5) for _ in range(2))

    assert one == other


# Unfinished work -------------------------------------------------------------------------------------------------


def test_unfinished_work_by_hand():
    # Team 0 adopts in period 3. Since then 10% and 30% of what was begun is open: 20%. What the others left open does
    # not count, nor what the adopters did before.
    panel = _panel(np.arange(8.0).reshape(2, 4), [3.0, np.nan])
    open_share = np.array([[0.9, 0.9, 0.1, 0.3], [0.8, 0.8, 0.8, 0.8]])

    found = unfinished_check(panel, open_share, 0.10)

    assert (found.code, found.holds) == ("unfinished_items", False)
    assert found.values == {"share": pytest.approx(0.2), "most": 0.10}
    assert unfinished_check(panel, open_share, 0.2000001).holds is True
    assert unfinished_check(panel, np.zeros((2, 4)), 0.0).holds is True


def test_what_is_not_known_about_unfinished_work():
    panel = _panel(np.arange(8.0).reshape(2, 4), [3.0, np.nan])
    some = np.array([[0.9, 0.9, np.nan, 0.05], [0.8] * 4])
    none = np.array([[0.9, 0.9, np.nan, np.nan], [0.8] * 4])

    assert unfinished_check(panel, None, 0.1).reason == "not_configured"
    assert unfinished_check(panel, some, 0.1).values["share"] == pytest.approx(0.05)
    assert (unfinished_check(panel, none, 0.1).holds, unfinished_check(panel, none, 0.1).reason) == (None, "no_data")


def test_a_check_as_plain_values():
    assert as_plain(Check("spill_over", None, {"slope": 1.0}, "no_exposure")) == {
        "code": "spill_over", "holds": None, "values": {"slope": 1.0}, "reason": "no_exposure",
    }  # fmt: skip


def test_days_before_and_after_every_week_of_the_panel():
    for days in range(-10, 40):
        day = date(2025, 12, 29) + timedelta(days=days)
        assert _changed(day) is not (0 < days < 28)


# As a plan asks for them -----------------------------------------------------------------------------------------


def _measured(frame: pd.DataFrame, **further):
    metric = MetricPlan(name="y", better="lower", smallest_effect=1.0, relative=False)
    plan = MeasurementPlan(
        name="test", data=DataPlan(panel="-", cohort="adopted"), metric=metric, **{"draws": 60, **further}
    )
    return measure(frame, plan)


def _rows(**columns) -> pd.DataFrame:
    """Ten teams, 14 periods; four adopt in period 9."""
    random = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "unit": np.repeat([f"team {u}" for u in range(10)], 14),
            "time": np.tile(np.arange(1, 15), 10),
            "adopted": np.repeat(np.where(np.arange(10) < 4, 9.0, np.nan), 14),
            "y": random.normal(size=140),
            **columns,
        }
    )


def _found(measured, code: str) -> Check:
    return next(check for check in measured.verdict.checks if check.code == code)


def test_columns_that_are_empty_for_whole_teams():
    # Exposure is known for those that did not adopt, open work for those that did.
    adopters = np.repeat(np.arange(10) < 4, 14)
    touch = np.where(adopters, np.nan, np.linspace(0, 1, 140))
    still_open = np.where(adopters, 0.25, np.nan)

    found = _measured(
        _rows(touch=touch, still_open=still_open), checks=ChecksPlan(exposure="touch", unfinished="still_open")
    )

    assert _found(found, "spill_over").values["units"] == 6
    assert _found(found, "unfinished_items").values["share"] == pytest.approx(0.25)
    assert _found(found, "unfinished_items").holds is False


def test_columns_that_are_empty_altogether():
    found = _measured(
        _rows(touch=np.nan, still_open=None), checks=ChecksPlan(exposure="touch", unfinished="still_open")
    )

    assert _found(found, "spill_over").reason == "no_exposure"
    assert _found(found, "unfinished_items").reason == "no_data"


def test_a_guard_counts_from_its_own_smallest_effect_on():
    # Defects of adopters rise by exactly 1, without noise.
    rows = _rows()
    rows["defects"] = rows.unit.str[-1].astype(float) + (rows.time >= rows.adopted)

    worse = [
        _measured(rows, guards=(MetricPlan(name="defects", better="lower", smallest_effect=most, relative=False),))
        for most in (0.9, 1.1)
    ]

    assert [one.verdict.worse_guards for one in worse] == [("defects",), ()]
    assert worse[0].verdict.guards[0].margin == 0.9


def test_a_guard_that_cannot_be_measured_is_named():
    rows = _rows().assign(defects=lambda frame: np.where(frame.adopted.notna(), 1.0, np.nan))

    found = _measured(rows, guards=(MetricPlan(name="defects", better="lower", smallest_effect=0.1, relative=False),))

    assert found.verdict.guards == ()
    assert ("guards_not_measured", {"guards": ["defects"]}) in [
        (one.code, dict(one.values)) for one in found.verdict.caveats
    ]
