"""DORA's model of the first-year return: its published results, and what is ours around them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import UserError
from pegel.impact.estimate import HORIZON_COLUMNS, Estimate
from pegel.impact.money.dora_return import PUBLISHED, Dip, dip_of, dora_return
from pegel.words.catalogue import has


def event_study(effects: dict[int, float]) -> Estimate:
    table = pd.DataFrame(dict.fromkeys(HORIZON_COLUMNS, np.nan), index=range(len(effects)))
    table["horizon"], table["effect"] = list(effects), list(effects.values())
    return Estimate(
        method="any", estimand="dynamic", outcome="items", effect=1.0, se=None, se_reason="x", interval=None,
        level=0.95, p_value=None, inference="permutation", n=1, units=1, adopters=1, periods=1, by_horizon=table,
    )  # fmt: skip


def test_the_published_defaults_give_the_published_results():
    # github.com/dora-team/dora.dev, svelte/roi-calculator/src/lib/calculations.test.js (commit 7da434e).
    found = dora_return()

    assert found.hard_costs == 5_065_000
    assert found.dip_cost == pytest.approx(3_300_000)
    assert found.investment == pytest.approx(8_365_000)
    assert found.capacity == 11_000_000
    assert round(found.feature_revenue) == 990_000
    assert round(found.downtime) == -344_000
    assert round(found.value) == 11_646_000
    assert round(found.benefit) == 3_281_000
    assert round(found.roi * 100) == 39
    assert round(found.payback_years, 1) == 0.7


def test_the_published_case_without_tools_that_cost_and_with_lost_time():
    # The second published test: no AI costs, 10% of time lost; only the dip is left to pay.
    found = dora_return(
        licence_per_user=0, further_ai_cost_per_user=0, infrastructure=0, training_per_user=0, time_saved=-0.1
    )

    assert (found.hard_costs, found.investment) == (0, pytest.approx(3_300_000))
    assert found.capacity < 0
    assert found.payback_years is None


def test_a_case_by_hand():
    # 10 people at 60,000 who save 10%: 60,000. Cost 10 · (100 + 20 + 380) + 1,000 = 6,000 and a dip of 20% for
    # two months: 10 · 60,000 · 0.2 · 2/12 = 20,000. Two more features · 50% · 1% · 1,000,000 = 10,000. Downtime now
    # 10 · 10% · 2 h · 1,000 = 2,000, then 20 · 5% · 2 h · 1,000 = 2,000.
    people = {"staff": 10, "salary": 60_000, "time_saved": 0.1, "dip": 0.2, "dip_months": 2}
    costs = {"licence_per_user": 100, "further_ai_cost_per_user": 20, "training_per_user": 380, "infrastructure": 1_000}
    features = {"features_now": 3, "features_then": 5, "idea_success_rate": 0.5, "revenue_impact_per_feature": 0.01,
                "revenue": 1_000_000}  # fmt: skip
    downtime = {"deployments_now": 10, "failure_rate_now": 0.1, "recovery_hours": 2, "downtime_cost_per_hour": 1_000,
                "deployments_then": 20, "failure_rate_then": 0.05}  # fmt: skip
    found = dora_return(**people, **costs, **features, **downtime)

    assert (found.investment, found.value) == (pytest.approx(26_000), pytest.approx(70_000))
    assert found.roi == pytest.approx(44 / 26)
    assert found.payback_years == pytest.approx(26 / 70)
    # In money alone: 10,000 + 0 − 6,000.
    assert found.cash_benefit == pytest.approx(4_000)
    assert found.placeholders == ()
    assert [one.code for one in found.caveats] == ["capacity_is_not_cash"]


def test_placeholders_are_named():
    found = dora_return(staff=40, salary=95_000)

    assert len(found.placeholders) == 18
    assert "dip" in found.placeholders
    assert "staff" not in found.placeholders
    assert found.caveats[-1].code == "published_placeholders"
    assert found.caveats[-1].values["n"] == 18
    assert (PUBLISHED.dip, PUBLISHED.dip_months, PUBLISHED.staff) == (0.15, 3, 500)


def test_nothing_put_in_has_no_ratio():
    free = {"licence_per_user": 0, "further_ai_cost_per_user": 0, "infrastructure": 0, "training_per_user": 0, "dip": 0}

    assert dora_return(**free).roi is None


@pytest.mark.parametrize(
    "wrong",
    [{"staff": 0}, {"salary": -1}, {"dip": 1.2}, {"failure_rate_now": -0.1}, {"revenue": np.nan}, {"time_saved": -2}],
)
def test_inputs_that_cannot_be_are_refused(wrong: dict[str, float]):
    with pytest.raises(UserError) as caught:
        dora_return(**wrong)
    assert caught.value.code == "impact_dora_input_out_of_range"
    assert caught.value.values["name"] in wrong


def test_unknown_inputs_are_refused():
    with pytest.raises(UserError) as caught:
        dora_return(lines_of_code=5)
    assert caught.value.code == "impact_unknown_choice"


@given(st.floats(1, 1e4), st.floats(1e4, 3e5), st.floats(-0.5, 0.5), st.floats(0, 0.5), st.floats(0, 12))
def test_the_drivers_add_up(staff: float, salary: float, saved: float, dip: float, months: float):
    found = dora_return(staff=staff, salary=salary, time_saved=saved, dip=dip, dip_months=months)
    sums = found.drivers.groupby("side")["amount"].sum()

    assert sums["cost"] == pytest.approx(found.investment)
    assert sums["value"] == pytest.approx(found.value)
    assert found.benefit == pytest.approx(found.value - found.investment)
    cash = found.drivers[found.drivers["cash"]].set_index("side")["amount"]
    assert found.cash_benefit == pytest.approx(cash["value"].sum() - cash["cost"])


def test_the_dip_is_measured_not_assumed():
    # Output falls by 3, 2 and 1 of 20 items in the first months: 2 / 20 on average, for three months.
    study = event_study({-2: 0.0, -1: 0.0, 0: -3.0, 1: -2.0, 2: -1.0, 3: 4.0})

    assert dip_of(study, baseline=20, better="higher") == Dip(pytest.approx(0.1), 3)
    # Weeks: the same three periods are three weeks.
    assert dip_of(study, baseline=20, better="higher", months_per_period=12 / 52).months == pytest.approx(36 / 52)


def test_a_longer_time_per_item_is_less_output():
    # 10 days become 12.5: a quarter more time per item is a fifth less output.
    assert dip_of(event_study({0: 2.5}), baseline=10, better="lower") == Dip(pytest.approx(0.2), 1)


def test_no_dip_and_nothing_known_are_two_answers():
    assert dip_of(event_study({0: 1.0, 1: 2.0}), baseline=10, better="higher") == Dip(0, 0)
    assert dip_of(event_study({-1: 0.0, 5: 2.0}), baseline=10, better="higher") is None
    assert dip_of(event_study({0: np.nan}), baseline=10, better="higher") is None


def test_dip_options_out_of_range_are_refused():
    for options, code in (
        ({"baseline": 0, "better": "lower"}, "impact_baseline_not_positive"),
        ({"baseline": 1, "better": "faster"}, "impact_unknown_choice"),
    ):
        with pytest.raises(UserError) as caught:
            dip_of(event_study({0: 1.0}), **options)
        assert caught.value.code == code


def test_every_driver_has_a_name():
    assert [name for name in dora_return().drivers["driver"] if not has(f"impact.dora_driver.{name}")] == []
