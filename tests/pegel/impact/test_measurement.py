"""From a plan and a panel to a verdict with its evidence: small worlds whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.pegel.impact.frames import as_polars

from pegel.errors import InputError
from pegel.impact.verdicts.measurement import Measurement, data_hash, measure
from pegel.impact.verdicts.plan import ChecksPlan, DataPlan, MeasurementPlan, MetricPlan
from pegel.impact.verdicts.verdict import Answer, Design
from pegel.worlds.panels import planted_panel

FLOW = MetricPlan(name="outcome", better="lower", smallest_effect=0.5, relative=False)


def plan(**more: Any) -> MeasurementPlan:
    given = {"metric": FLOW, "draws": 199, "checks": ChecksPlan(definition_changes=()), **more}
    return MeasurementPlan(name="test", data=DataPlan(panel="-"), **given)


def world(*, effect: float = -2.0, seed: int = 6, **more: Any) -> pd.DataFrame:
    shape = {"units": 16, "periods": 32, "cohorts": {16: 4, 20: 4}, "noise": 0.6, **more}
    return planted_panel(effect=effect, seed=seed, **shape).panel


def checks(found: Measurement) -> dict[str, bool | None]:
    return {check.code: check.holds for check in found.verdict.checks}


def test_a_clear_effect_is_called_one_with_all_its_evidence() -> None:
    found = measure(world(), plan())
    assert found.verdict.answer is Answer.HELPED
    assert found.verdict.interval is not None
    assert -2.0 in found.verdict.interval
    assert found.verdict.second is not None
    assert found.verdict.second.method == "imputation"
    assert checks(found) == {
        "no_controls_left": True, "definition_changed": True, "selected_on_outcome": True, "regression_to_mean": True,
        "unfinished_items": None, "spill_over": None, "pre_trend": True, "placebo_in_time": True,
        "one_unit_decides": True,
    }  # fmt: skip
    assert measure(world(), plan(metric=replace(FLOW, better="higher"))).verdict.answer is Answer.HURT


def test_the_same_plan_and_data_give_the_same_answer_whatever_the_order_of_rows_and_the_kind_of_frame() -> None:
    panel = world()
    first = measure(panel, plan())
    mixed = panel.sample(frac=1, random_state=1)
    for other in (mixed, as_polars(mixed)):
        again = measure(other, plan())
        assert again.summary("de") == first.summary("de")
        assert again.verdict.interval == first.verdict.interval
    assert measure(mixed, plan()).hashes == first.hashes
    changed = panel.assign(outcome=panel["outcome"].where(panel.index != 3, 0.0))
    assert data_hash(changed) != data_hash(panel)


def test_a_worse_guard_makes_it_mixed() -> None:
    panel = world()
    panel["defects"] = world(effect=2.0, seed=8).sort_values(["unit", "time"])["outcome"].to_numpy()
    ordered = panel.sort_values(["unit", "time"], ignore_index=True)
    other = world(effect=0.0, seed=8).sort_values(["unit", "time"], ignore_index=True)
    adopted = ordered["cohort"].notna() & (ordered["time"] >= ordered["cohort"])
    ordered["defects"] = other["outcome"] + 2.0 * adopted
    guard = MetricPlan(name="defects", better="lower", smallest_effect=0.5, relative=False)
    found = measure(ordered, plan(guards=(guard,)))
    assert (found.verdict.answer, found.verdict.worse_guards) == (Answer.MIXED, ("defects",))
    calm = measure(ordered.assign(defects=other["outcome"]), plan(guards=(guard,)))
    assert (calm.verdict.answer, calm.verdict.worse_guards) == (Answer.HELPED, ())


def test_an_effect_too_small_to_matter_is_no_measurable_effect() -> None:
    found = measure(world(effect=0.0, noise=0.05, period_spread=0.05), plan())
    assert found.verdict.answer is Answer.NO_EFFECT
    assert checks(found)["placebo_in_time"] is None  # nothing that a placebo could explain away


def test_what_the_plan_declares_can_take_the_answer_away() -> None:
    panel = world()
    by_outcome = measure(panel, plan(chosen_by="outcome")).verdict
    assert (by_outcome.answer, by_outcome.reasons[0].code) == (Answer.CANNOT_TELL, "selected_on_outcome")
    # With the months of the choice left out of the baseline it is no reason any more.
    assert not measure(panel, plan(chosen_by="outcome", anticipation=3)).verdict.has_reason("selected_on_outcome")
    middle = ChecksPlan(definition_changes=((date(2024, 5, 15), None, "workflow"),))
    assert measure(panel, plan(checks=middle)).verdict.has_reason("definition_changed")
    outside = ChecksPlan(definition_changes=((date(2023, 5, 15), None, "workflow"),))
    assert measure(panel, plan(checks=outside)).verdict.answer is Answer.HELPED
    misspelt = ChecksPlan(definition_changes=((date(2024, 5, 15), "U1", "workflow"),))
    with pytest.raises(InputError) as refusal:
        measure(panel, plan(checks=misspelt))
    assert refusal.value.values["place"] == "checks.definition_changes.1.unit"


def test_unfinished_work_is_read_from_its_column() -> None:
    panel = world()
    after = panel["cohort"].notna() & (panel["time"] >= panel["cohort"])
    named = ChecksPlan(definition_changes=(), unfinished="open", most_unfinished=0.1)
    much = measure(panel.assign(open=np.where(after, 0.3, 0.0)), plan(checks=named))
    assert much.verdict.has_reason("unfinished_items")
    little = measure(panel.assign(open=np.where(after, 0.05, 0.9)), plan(checks=named))
    assert (little.verdict.answer, checks(little)["unfinished_items"]) == (Answer.HELPED, True)


def test_plain_before_and_after_never_answers() -> None:
    found = measure(world(), plan(design=Design.BEFORE_AFTER)).verdict
    assert (found.answer, found.grade, found.reasons[0].code) == (Answer.CANNOT_TELL, "E", "before_after_only")
    assert found.effect is not None


def test_one_adopter_is_compared_with_a_mixture_of_the_others() -> None:
    panel = world(cohorts={20: 1}, units=24, effect=-6.0)
    found = measure(panel, plan(design=Design.ONE_ADOPTER))
    assert found.verdict.grade == "C"
    assert found.verdict.primary is not None
    assert found.verdict.second is not None
    assert (found.verdict.primary.method, found.verdict.second.method) == ("synthetic_did", "synthetic_control")
    assert found.verdict.effect == pytest.approx(-6.0, abs=1.5)


def test_a_series_without_comparison_is_weak_evidence_at_most() -> None:
    panel = world(cohorts={26: 1}, units=1, periods=52, effect=-9.0, noise=0.4)
    found = measure(panel, plan(design=Design.SERIES)).verdict
    assert (found.grade, found.primary is not None and found.primary.method) == ("D", "interrupted_time_series")
    assert found.answer is Answer.HELPED
    assert any(caveat.code == "weak_evidence" for caveat in found.caveats)


def test_nobody_left_to_compare_with_is_an_answer_not_a_crash() -> None:
    panel = world(cohorts={16: 16})
    found = measure(panel, plan()).verdict
    assert (found.answer, found.reasons[0].code, found.effect) == (Answer.CANNOT_TELL, "no_controls_left", None)


def test_few_units_cannot_tell_however_large_the_effect() -> None:
    found = measure(world(units=4, cohorts={16: 1}, effect=-20.0), plan()).verdict
    assert found.answer is Answer.CANNOT_TELL
    assert found.has_reason("too_few_units")


def test_logarithms_need_positive_figures_and_shares_a_baseline() -> None:
    panel = world()
    relative = replace(FLOW, relative=True, smallest_effect=0.1, scale="log")
    with pytest.raises(InputError) as refusal:
        measure(panel.assign(outcome=panel["outcome"] - panel["outcome"].min()), plan(metric=relative))
    assert (refusal.value.code, refusal.value.values["n"]) == ("impact_log_needs_positive", 1)
    with pytest.raises(InputError) as refusal:
        measure(panel.assign(outcome=0.0), plan(metric=replace(FLOW, relative=True)))
    assert refusal.value.code == "impact_baseline_unknown"
    # +20 % on treated cells moves a log estimate by exactly log 1.2, whatever the data.
    treated = panel["cohort"].notna() & (panel["time"] >= panel["cohort"])
    plain = measure(panel, plan(metric=relative)).verdict.effect
    more = measure(panel.assign(outcome=panel["outcome"] * np.where(treated, 1.2, 1.0)), plan(metric=relative))
    assert more.verdict.effect - plain == pytest.approx(np.log(1.2), abs=1e-12)  # type: ignore[operator]


def test_the_window_cuts_both_ends_and_must_hold_something() -> None:
    panel = world()
    found = measure(panel, plan(window=(date(2024, 1, 15), date(2024, 7, 1))))
    assert (found.panel.axis.label(0), found.panel.shape[1]) == ("2024-W03", 24)
    with pytest.raises(InputError) as refusal:
        measure(panel, plan(window=(date(2020, 1, 1), date(2020, 7, 1))))
    assert refusal.value.code == "impact_window_empty"


def test_the_return_is_in_units_of_the_metric() -> None:
    money = {
        "volume": 1_000, "realised_share": 0.5, "value_unit": "day", "value_per_unit": 10,
        "costs": {"licences": {"amount": 4_000, "provenance": "billed"}, "tokens": 0, "enablement": 0,
                  "review_rework": 0, "dip": 0},
    }  # fmt: skip
    found = measure(world(), plan(net_return=money))
    assert found.net_return is not None
    assert found.net_return.net is not None
    # Two days for each of 1,000 items, half of it realised, at 10 a day: 10,000 less 4,000.
    assert found.net_return.net.median == pytest.approx(-found.verdict.effect * 5_000 - 4_000, rel=0.05)  # type: ignore[operator]
    with pytest.raises(InputError) as refusal:
        measure(world(), plan(net_return={**money, "volumes": 3}))
    assert refusal.value.values["place"] == "return.volumes"
