"""Invented panels: what is planted is there, and nothing else changes with it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import UserError
from pegel.worlds.panels import RAMP, TROUBLES, ar1, planted_items, planted_panel

STILL = {"noise": 0.0, "unit_spread": 0.0, "period_spread": 0.0}


def wide(panel: pd.DataFrame) -> np.ndarray:
    return panel.pivot(index="unit", columns="time", values="outcome").to_numpy()


def adopters(panel: pd.DataFrame) -> np.ndarray:
    return panel.groupby("unit")["cohort"].first().notna().to_numpy()


def test_a_still_world_holds_the_level_and_the_effect_and_nothing_else():
    world = planted_panel(units=3, periods=5, cohorts={3: 1}, effect=[1.0, 4.0], calendar="count", **STILL)
    values = wide(world.panel)

    assert values[adopters(world.panel)].tolist() == [[10, 10, 10, 11, 14]]
    assert values[~adopters(world.panel)].tolist() == [[10] * 5] * 2
    assert world.truth.effect == 2.5  # (1 + 4) / 2
    assert world.truth.by_horizon.to_numpy().tolist() == [[0, 1.0, 1], [1, 4.0, 1]]
    assert world.panel["cohort"].dropna().unique().tolist() == [4.0]  # periods are counted from 1


def test_the_last_value_of_a_path_stays_and_cohorts_count_with_their_cells():
    world = planted_panel(units=4, periods=6, cohorts={2: 1, 5: 1}, effect=[1.0, 3.0], **STILL)

    assert world.truth.effect == pytest.approx((1 + 3 + 3 + 3 + 1) / 5)
    assert sorted(world.truth.by_unit["effect"]) == [1.0, 2.5]


@pytest.mark.parametrize(
    ("calendar", "first", "second"), [("week", "2024-01-01", "2024-01-08"), ("month", "2024-01-01", "2024-02-01")]
)
def test_calendars_are_true_ones(calendar: str, first: str, second: str):
    times = planted_panel(units=2, periods=3, calendar=calendar).panel["time"]

    assert times[:2].tolist() == [pd.Timestamp(first), pd.Timestamp(second)]


@pytest.mark.parametrize("outcome", ["normal", "lognormal", "zero_inflated", "count"])
def test_the_truth_is_the_difference_of_the_two_outcomes(outcome: str):
    settings = {"outcome": outcome, "noise": 0.3, "unit_spread": 0.2, "period_spread": 0.1, "seed": 3}
    world, without = planted_panel(effect=-0.5, **settings), planted_panel(effect=0.0, **settings)
    difference = wide(world.panel) - wide(without.panel)
    treated = (world.panel["time"] >= world.panel["cohort"]).to_numpy().reshape(difference.shape)

    assert world.truth.effect == pytest.approx(difference[treated].mean())
    assert (difference[~treated] == 0).all()
    assert world.truth.effect < 0
    assert without.truth.effect == 0
    if outcome == "count":
        assert (wide(world.panel) % 1 == 0).all()
        assert planted_panel(effect=0.5, **settings).truth.effect > 0
    if outcome == "zero_inflated":
        assert 0.2 < (wide(world.panel) == 0).mean() < 0.4


def test_noise_has_the_variance_and_the_persistence_that_it_was_given():
    drawn = ar1(np.random.default_rng(0), (200, 400), persistence=0.6)

    assert drawn.var() == pytest.approx(1, abs=0.05)
    assert (drawn[:, 1:] * drawn[:, :-1]).mean() == pytest.approx(0.6, abs=0.05)


@given(st.integers(2, 30), st.integers(0, 20))
def test_more_periods_begin_like_fewer(periods: int, more: int):
    short, long = (ar1(np.random.default_rng(1), (3, n), persistence=0.5) for n in (periods, periods + more))

    np.testing.assert_array_equal(long[:, :periods], short)


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not():
    one, same, other = (planted_panel(seed=seed, troubles={"gaps": 0.1}).panel for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(one, same)
    assert one["outcome"].tolist() != other["outcome"].tolist()


def test_a_pre_trend_lifts_adopters_before_they_adopt_and_for_good():
    plain, ramped = (planted_panel(units=4, periods=20, cohorts={12: 2}, troubles=t) for t in ({}, {"pre_trend": 0.5}))
    added = wide(ramped.panel) - wide(plain.panel)
    rising = adopters(plain.panel)

    assert np.abs(added[~rising]).max() == 0
    # From RAMP = 8 periods before adoption in period 12: period 5 has one step, period 11 seven, period 12 eight.
    np.testing.assert_allclose(added[rising][:, [4, 5, 11, 12, 19]], [[0, 0.5, 3.5, 4.0, 7.5]] * 2, atol=1e-12)
    assert RAMP == 8
    assert ramped.truth.effect == 0


def test_a_pilot_of_the_worst_falls_back_by_itself():
    world = planted_panel(units=40, periods=40, unit_spread=0.0, period_spread=0.0, troubles={"selected_on_outcome": 2})
    values, chosen = wide(world.panel), adopters(world.panel)
    before = values[:, 18:20].mean(axis=1)

    assert chosen.sum() == 10
    assert before[chosen].min() >= before[~chosen].max()
    # The mean of the upper quarter of a normal lies 1.27 deviations up; two periods make the deviation 1 / √2.
    assert before[chosen].mean() - values[chosen, 20:].mean() == pytest.approx(1.27 / np.sqrt(2), abs=0.25)
    assert world.truth.effect == 0


def test_spill_over_gives_the_untreated_a_share_with_exposure():
    world = planted_panel(units=4, periods=4, cohorts={2: 1}, effect=8.0, troubles={"spill_over": 0.5}, **STILL)
    values, treated = wide(world.panel), adopters(world.panel)

    assert values[treated].tolist() == [[10, 10, 18, 18]]
    assert values[~treated].tolist() == [[10, 10, 11, 11]] * 3  # 0.5 × 8 × (1 adopter of 4)
    assert world.truth.effect == 8.0


@pytest.mark.parametrize(("name", "moved"), [("definition_changed", 4), ("definition_changed_for_adopters", 2)])
def test_a_changed_definition_moves_everybody_or_adopters(name: str, moved: int):
    world = planted_panel(units=4, periods=10, cohorts={4: 2}, troubles={name: 3.0}, calendar="count", **STILL)
    values = wide(world.panel)

    assert (values[:, :7] == 10).all()
    assert (values[:, 7:] == 13).all(axis=1).sum() == moved
    assert world.truth.broken_at == 8
    assert world.truth.effect == 0


def test_a_unit_shock_is_one_step_per_unit():
    values = wide(planted_panel(units=50, periods=30, troubles={"unit_shocks": 2.0}, **STILL).panel)
    steps = (np.abs(np.diff(values, axis=1)) > 1e-9).sum(axis=1)

    assert set(steps) == {0, 1}  # a shock in the first period shows no step
    assert (values[:, -1] - 10).std() == pytest.approx(2.0, abs=0.6)


def test_gaps_are_half_empty_values_and_half_missing_rows():
    world = planted_panel(units=10, periods=20, troubles={"gaps": 0.1})

    assert len(world.panel) == 190
    assert world.panel["outcome"].isna().sum() == 10
    pd.testing.assert_frame_equal(world.truth.by_unit, planted_panel(units=10, periods=20).truth.by_unit)


def test_recent_items_are_unfinished_and_those_finished_look_fast():
    world = planted_items(units=20, periods=30, cohorts={15: 10}, unit_spread=0.0, seed=2)
    items = world.items
    assert items is not None
    end = pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * 30)
    by_week = world.panel.groupby("time")["outcome"].mean()

    assert (items["end"].dropna() <= end).all()
    assert items.loc[items["start"] >= end - pd.Timedelta(days=7), "end"].isna().mean() > 0.6
    assert items.loc[items["start"] < end - pd.Timedelta(days=90), "end"].isna().mean() < 0.05
    assert by_week.iloc[-3:].mean() < 0.5 * by_week.iloc[:15].mean()
    assert world.truth.effect == 0
    assert len(items) == 20 * 30 * 5
    first = items.dropna().iloc[0]
    assert first["end"] > first["start"]


def test_an_effect_on_items_is_that_on_all_of_them():
    world = planted_items(effect=-0.7, seed=4)

    # Mean of a lognormal with median 10 and σ² = 1.1² + 0.2² is 10 · exp(0.625) = 18.7; exp(−0.7) − 1 = −50 %.
    assert world.truth.effect == pytest.approx(-0.503 * 18.7, rel=0.15)


@pytest.mark.parametrize(
    "wrong",
    [
        {"troubles": {"earthquake": 1.0}},
        {"outcome": "gamma"},
        {"calendar": "moon"},
        {"cohorts": {0: 1}},
        {"cohorts": {40: 1}},
        {"cohorts": {5: 21}},
    ],
)
def test_impossible_worlds_are_refused(wrong: dict):
    with pytest.raises(UserError) as caught:
        planted_panel(**wrong)

    assert caught.value.code == "panel_world_impossible"


def test_every_trouble_that_the_page_names_is_planted():
    plain = planted_panel(effect=1.0).panel
    for name in TROUBLES:
        planted = planted_panel(effect=1.0, troubles={name: 2.0 if name != "gaps" else 0.2}).panel
        assert len(planted) != len(plain) or planted["outcome"].tolist() != plain["outcome"].tolist(), name
