"""Worlds whose truth is known: intervals keep their promise, no effect is hardly ever called one, troubles are named.

Run by ``make truth``. The thresholds are those of the issue; the simulations are seeded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pegel.impact import callaway_santanna
from pegel.impact import measure as measure_and_advise
from pegel.impact.verdicts.measurement import Measurement
from pegel.impact.verdicts.plan import ChecksPlan, DataPlan, MeasurementPlan, MetricPlan
from pegel.impact.verdicts.verdict import Answer, Design
from pegel.worlds.panels import planted_items, planted_panel

COLUMNS = {"unit": "unit", "time": "time", "outcome": "outcome", "cohort": "cohort"}


def measure(panel: pd.DataFrame, plan: MeasurementPlan) -> Measurement:
    return measure_and_advise(panel, plan, advise=False)


def plan_for(*, scale: str = "level", delta: float = 0.5, **more: Any) -> MeasurementPlan:
    metric = MetricPlan(
        name="outcome", better="lower", smallest_effect=delta, relative=scale == "log",
        scale="log" if scale == "log" else "level",
    )  # fmt: skip
    return MeasurementPlan(
        name="truth", data=DataPlan(panel="-"), metric=metric, draws=499, seed=1,
        **{"checks": ChecksPlan(definition_changes=()), **more},
    )  # fmt: skip


@pytest.mark.parametrize(("teams", "least"), [(8, 0.90), (12, 0.93), (20, 0.93)])
def test_intervals_cover_the_truth(teams: int, least: float) -> None:
    worlds, covered = 1_000, 0
    half = teams // 2
    cohorts = {12: half // 2, 16: half - half // 2}
    for seed in range(worlds):
        world = planted_panel(
            units=teams, periods=26, cohorts=cohorts, effect=1.0, persistence=0.5, calendar="count", seed=seed
        )
        found = callaway_santanna(world.panel, **COLUMNS, inference="permutation", draws=499, seed=seed)
        assert found.interval is not None
        covered += found.interval.low <= world.truth.effect <= found.interval.high
    # Three standard errors of a share among 1,000 worlds, so that the promise and not the lot is judged.
    assert covered / worlds >= least - 3 * np.sqrt(least * (1 - least) / worlds)


@pytest.mark.parametrize(
    ("kind", "scale", "delta"),
    [
        ({"outcome": "lognormal", "noise": 0.4}, "log", 0.10),
        ({"outcome": "zero_inflated", "noise": 0.4}, "level", 1.0),
        ({"season": 1.5}, "level", 0.5),
        ({"persistence": 0.6}, "level", 0.5),
    ],
)
def test_no_effect_is_hardly_ever_called_one(kind: dict[str, Any], scale: str, delta: float) -> None:
    worlds, false = 300, 0
    for seed in range(worlds):
        world = planted_panel(
            units=12, periods=36, cohorts={18: 3, 24: 3}, effect=0.0, calendar="count", seed=seed, **kind
        )
        answer = measure(world.panel, plan_for(scale=scale, delta=delta)).verdict.answer
        false += answer in (Answer.HELPED, Answer.HURT, Answer.MIXED)
    assert false / worlds <= 0.07


def test_shuffled_dates_are_hardly_ever_called_an_effect() -> None:
    worlds, false = 300, 0
    world = planted_panel(units=14, periods=36, cohorts={16: 4, 22: 3}, effect=-1.5, calendar="count", seed=3).panel
    per_unit = world.groupby("unit")["cohort"].first()
    for seed in range(worlds):
        dealt = pd.Series(np.random.default_rng(seed).permutation(per_unit.to_numpy()), index=per_unit.index)
        shuffled = world.assign(cohort=world["unit"].map(dealt))
        answer = measure(shuffled, plan_for()).verdict.answer
        false += answer in (Answer.HELPED, Answer.HURT, Answer.MIXED)
    assert false / worlds <= 0.07


def test_a_real_effect_is_found() -> None:
    world = planted_panel(units=20, periods=40, cohorts={20: 5, 26: 5}, effect=-2.0, calendar="week", seed=5)
    found = measure(world.panel, plan_for())
    assert found.verdict.answer is Answer.HELPED
    assert found.verdict.grade == "B"
    assert found.verdict.interval is not None
    assert found.verdict.interval.low <= world.truth.effect <= found.verdict.interval.high


def test_a_trend_before_adoption_is_named() -> None:
    world = planted_panel(
        units=20, periods=40, cohorts={20: 10}, noise=0.5, troubles={"pre_trend": -0.3}, calendar="week", seed=7
    )
    found = measure(world.panel, plan_for()).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("pre_trend")


def test_a_choice_by_the_outcome_is_named() -> None:
    named = 0
    for seed in range(20):
        world = planted_panel(
            units=24, periods=40, cohorts={20: 6}, unit_spread=0.3, persistence=0.3,
            troubles={"selected_on_outcome": 3}, calendar="week", seed=seed,
        )  # fmt: skip
        found = measure(world.panel, plan_for()).verdict
        assert found.answer is not Answer.HELPED
        named += found.has_reason("regression_to_mean") and found.has_reason("selected_on_outcome")
    assert named >= 18


def test_a_declared_choice_by_the_outcome_is_a_reason_by_itself() -> None:
    world = planted_panel(units=20, periods=40, cohorts={20: 6}, effect=-3.0, calendar="week", seed=2)
    found = measure(world.panel, plan_for(chosen_by="outcome")).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("selected_on_outcome")


def test_a_changed_definition_is_named() -> None:
    world = planted_panel(
        units=20, periods=40, cohorts={16: 5, 20: 5}, troubles={"definition_changed": 2.0}, calendar="week", seed=9
    )
    changed = pd.Timestamp(world.truth.broken_at).date()
    checks = ChecksPlan(definition_changes=((changed, None, "workflow"),))
    found = measure(world.panel, plan_for(checks=checks)).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("definition_changed")


def test_spill_over_is_named() -> None:
    world = planted_panel(
        units=24, periods=40, cohorts={20: 8}, effect=-2.0, noise=0.5, calendar="count", seed=11
    ).panel
    never = sorted(world.loc[world["cohort"].isna(), "unit"].unique())
    touch = {unit: (i % 4) / 4 for i, unit in enumerate(never)}
    late = world["time"] >= 20
    exposure = world["unit"].map(touch).fillna(0.0) * late
    moved = world.assign(outcome=world["outcome"] - 2.0 * exposure, exposure=exposure)
    checks = ChecksPlan(definition_changes=(), exposure="exposure")
    found = measure(moved, plan_for(checks=checks)).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("spill_over")
    calm = measure(world.assign(exposure=exposure), plan_for(checks=checks)).verdict
    assert not calm.has_reason("spill_over")


def test_unfinished_items_are_named() -> None:
    world = planted_items(units=12, periods=40, cohorts={28: 6}, effect=0.0, seed=13)
    items = world.items
    assert items is not None
    monday = items["start"].dt.to_period("W").dt.start_time
    shares = items.assign(time=monday, unfinished=items["end"].isna()).groupby(["unit", "time"])["unfinished"].mean()
    panel = world.panel.merge(shares.reset_index(), on=["unit", "time"], how="left")
    assert panel["unfinished"].notna().all()
    checks = ChecksPlan(definition_changes=(), unfinished="unfinished")
    found = measure(panel, plan_for(checks=checks)).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("unfinished_items")


def test_before_and_after_alone_is_no_verdict() -> None:
    world = planted_panel(units=10, periods=40, cohorts={20: 9}, effect=-5.0, noise=0.2, calendar="week", seed=1)
    found = measure(world.panel, plan_for(design=Design.BEFORE_AFTER)).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("before_after_only")
    assert found.grade == "E"
