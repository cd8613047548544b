"""Roll-outs by lot: sizes by hand, balance, proof, the exact test with its own lots, and which design shows most."""

import json
from collections import Counter
from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.errors import InputError, PegelError
from pegel.impact.estimators import callaway_santanna
from pegel.impact.fit import draw
from pegel.impact.panel import panel_of
from pegel.impact.permutation import p_value
from pegel.impact.planning.design import ALTERNATIVE_COLUMNS, Design, design, hash_of
from pegel.worlds.panels import planted_panel

WEDGE = {"unit": "unit", "time": "time", "outcome": "outcome", "waves": 3, "start": "2024-W45", "every": 4}
QUICK = {"draws": 50, "weeks_more": (), "units_more": (), "compare": ()}


def past(**settings_of) -> pd.DataFrame:
    """Forty weeks of units that nobody has touched; the last one is week 40."""
    return planted_panel(**{"units": 12, "periods": 40, "cohorts": {}, **settings_of}).panel.drop(columns="cohort")


def test_seven_units_in_three_waves_by_hand():
    # A quarter of 7 is 1.75, so 2 stay without; 5 units in 3 waves are 2, 2 and 1; waves begin every 4 weeks.
    found = design(list("ABCDEFG"), waves=3, start="2026-W52", every=4, never_share=0.25)

    assert sorted(found.order["unit"]) == list("ABCDEFG")
    assert Counter(zip(found.order["wave"], found.order["date"], strict=True)) == {
        (1, "2026-W52"): 2,
        (2, "2027-W03"): 2,  # 2026 has 53 weeks
        (3, "2027-W07"): 1,
        (0, None): 2,
    }
    assert list(found.order.columns) == ["unit", "wave", "date"]
    assert found.order["wave"].tolist() == [1, 1, 2, 2, 3, 0, 0]
    assert (found.mde, found.mde_reason, found.power, found.best.code) == (None, "no_past", None, "no_past")
    assert found.alternatives.empty


def test_four_units_in_two_waves_have_six_lots_and_all_are_kept():
    found = design(["a", "b", "c", "d"], waves=2, start=5, every=1)

    assert len(found.lots) == 6
    assert found.order["date"].tolist() == [5, 5, 6, 6]
    assert found.deals().ways == 6


@pytest.mark.parametrize(
    ("start", "dates"),
    [("2026-11", ["2026-11", "2027-01"]), (date(2026, 12, 28), ["2026-W53", "2027-W02"]), (3, [3, 5])],
)
def test_dates_are_those_of_the_calendar(start, dates: list):
    assert design(["a", "b"], waves=2, start=start, every=2).order["date"].tolist() == dates


def test_every_lot_is_as_likely_as_any_other():
    drawn = Counter(
        tuple(design(list("abcd"), waves=2, start=1, every=1, seed=seed).order["unit"]) for seed in range(60)
    )

    # 60 draws from 6 lots: 10 each, standard deviation 2.9.
    assert len(drawn) == 6
    assert min(drawn.values()) >= 3


@given(st.integers(2, 15), st.integers(1, 5), st.sampled_from([0.0, 0.1, 0.3]), st.integers(0, 3))
@settings(max_examples=15)
def test_all_lots_have_the_same_sizes_and_the_order_is_one_of_them(units: int, waves: int, never: float, seed: int):
    if waves > units * (1 - never) - (never > 0):
        return
    found = design(list(range(units)), waves=waves, start=1, every=2, never_share=never, seed=seed)
    sizes = [np.bincount(lot, minlength=waves + 1).tolist() for lot in found.lots]

    assert all(size == sizes[0] for size in sizes)
    assert max(sizes[0][1:]) - min(sizes[0][1:]) <= 1
    drawn = dict(zip(found.order["unit"], found.order["wave"], strict=True))
    assert [drawn[unit] for unit in found.units] == found.lots[found.chosen].tolist()


def test_deals_are_the_other_kept_lots():
    found = design(past(), **WEDGE, **QUICK, never_share=0.2)
    mine = found.lots[found.chosen]

    np.testing.assert_array_equal(mine[found.deals().order], np.delete(found.lots, found.chosen, axis=0))


def test_strata_are_spread_over_waves():
    names = [f"U{i:02d}" for i in range(20)]
    strata = {name: "large" if i < 8 else "small" for i, name in enumerate(names)}
    for seed in range(5):
        found = design(names, waves=4, start="2026-01", every=3, strata=strata, seed=seed)
        large = np.array([strata[name] == "large" for name in found.units])
        counts = [(found.lots[:, large] == wave).sum(axis=1) for wave in (1, 2, 3, 4)]
        assert np.min(counts) >= 1  # of 8 large units each wave of 5 gets 2, give or take one
        assert np.max(counts) <= 3
    panel = past().assign(area=lambda data: np.where(data["unit"] < "U07", "north", "south"))
    by_column = design(panel, **WEDGE, **QUICK, strata="area")
    assert by_column.record["strata"] == [0] * 6 + [1] * 6


def test_waves_begin_at_like_levels():
    panel = past(units=24, unit_spread=5.0)
    found = design(panel, **WEDGE, **QUICK)
    level = panel.groupby("unit")["outcome"].mean()
    spread = [np.std([level[lot == wave].mean() for wave in (1, 2, 3)]) for lot in found.lots]
    free = np.random.default_rng(0)
    unrestricted = [
        np.std([level[lot == wave].mean() for wave in (1, 2, 3)])
        for lot in (free.permutation(found.lots[0]) for _ in range(300))
    ]

    assert len(found.lots) == 200  # a tenth of 2,000 candidates
    assert max(spread) < np.quantile(unrestricted, 0.2)


def test_the_lot_can_be_proven():
    one, same, other = (design(past(), **WEDGE, **QUICK, seed=seed) for seed in (1, 1, 2))

    assert one.hash == same.hash != other.hash
    text = json.dumps(one.record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == one.hash == hash_of(one.record)
    swapped = {**one.record, "order": [["U99", *rest] for _, *rest in one.record["order"]]}
    assert hash_of(swapped) != one.hash
    pd.testing.assert_frame_equal(one.order, same.order)
    shuffled = design(past().sample(frac=1, random_state=3), **WEDGE, **QUICK, seed=1)
    assert shuffled.hash == one.hash


def test_with_its_own_lots_the_test_keeps_its_level():
    # The order is drawn before; then the same units live on without any effect.
    small = []
    for seed in range(24):
        world = planted_panel(units=9, periods=32, cohorts={}, persistence=0.5, seed=seed, calendar="count").panel
        before = world[world["time"] <= 24].drop(columns="cohort")
        found = design(before, unit="unit", time="time", outcome="outcome", waves=3, start=25, every=2,
                       **QUICK, seed=seed)  # fmt: skip
        dates = found.order.set_index("unit")["date"].astype(float)
        panel = panel_of(
            world.assign(cohort=world["unit"].map(dates)), unit="unit", time="time", outcome="outcome", cohort="cohort"
        )
        assert panel.units == found.units
        fitter = callaway_santanna.fitter()
        fit = fitter(panel)
        drawn = draw(panel, fitter, fit, draws=0, seed=0, deals=found.deals())
        small.append(p_value(fit.effect, drawn.effects))

    # 24 uniform p-values: below 0.1 there are 2.4, standard deviation 1.5; their mean is 0.5, deviation 0.059.
    assert sum(p <= 0.1 for p in small) <= 6
    assert 0.35 < np.mean(small) < 0.65


def test_the_smallest_effect_comes_from_the_same_machinery_as_power():
    found = design(past(), **WEDGE, **{**QUICK, "compare": ((2, 4, 0.25),)}, never_share=0.25, effect_that_matters=1.0)

    assert found.power is not None
    assert found.mde == found.power.mde == found.alternatives["mde"].iloc[0]
    assert found.alternatives["asked"].tolist() == [True, False]
    assert found.alternatives["periods"].tolist() == [12, 12]
    assert tuple(found.alternatives.columns) == ALTERNATIVE_COLUMNS
    assert found.power.curve["periods"].iloc[0] == 12  # waves × every, from the first wave on
    assert found.power.basis == "observed"


def test_a_wedge_shows_more_than_everybody_at_once():
    panel = past(units=16, periods=60)
    settings_of = {"unit": "unit", "time": "time", "outcome": "outcome", "start": "2025-W20", "every": 4}
    at_once = design(panel, **settings_of, **QUICK, waves=1, periods=12)
    compared = design(panel, **settings_of, waves=1, periods=12, never_share=0.1,
                      **{**QUICK, "draws": 200, "compare": ((3, 4, 0.1),)})  # fmt: skip

    assert (at_once.mde, at_once.mde_reason) == (None, "no_controls_left")
    assert at_once.best.code == "nothing_shows"
    assert compared.best.code == "another_design"
    assert compared.best.values["waves"] == 3
    assert compared.best.values["mde"] < compared.best.values["mde_asked"]


def test_alternatives_differ_in_one_thing_and_end_with_the_asked_one():
    found = design(past(), **WEDGE, **{**QUICK, "compare": None}, never_share=0.25)
    table = found.alternatives
    differs = (table["waves"] != 3).astype(int) + (table["every"] != 4) + (table["never_share"] != 0.25)

    assert differs.tolist() == [0] + [1] * (len(table) - 1)
    assert ((table["waves"] - 1) * table["every"] < table["periods"]).all()
    assert set(table["periods"]) == {12}
    assert found.best.code in ("as_asked", "another_design")


def test_units_without_any_outcome_are_said():
    panel = past()
    panel.loc[panel["unit"] == "U03", "outcome"] = np.nan

    found = design(panel, **WEDGE, **QUICK)

    assert "U03" not in found.units
    assert "units_without_outcome" in [str(one) for one in found.caveats]


def test_gaps_and_empty_periods_do_not_break_the_balance():
    panel = past()
    panel = panel[(panel["time"] != panel["time"].iloc[5]) & ((panel["unit"] != "U02") | (panel.index % 3 > 0))]

    found = design(panel, **WEDGE, **QUICK)

    assert found.mde is not None
    assert len(found.order) == 12


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"waves": 0}, "impact_plan_setting_invalid"),
        ({"waves": 13}, "impact_plan_setting_invalid"),
        ({"waves": 2.5}, "impact_plan_setting_invalid"),
        ({"every": 0}, "impact_plan_setting_invalid"),
        ({"never_share": 0.9}, "impact_plan_setting_invalid"),
        ({"never_share": -0.1}, "impact_plan_setting_invalid"),
        ({"periods": 8}, "impact_plan_setting_invalid"),
        ({"start": "2024-W40"}, "impact_design_starts_in_past"),
        ({"start": None}, "impact_time_missing"),
        ({"start": 45}, "impact_cohort_unreadable"),
        ({"strata": "colour"}, "impact_column_missing"),
        ({"strata": "time"}, "impact_stratum_changes"),
        ({"strata": {"U01": 1}}, "impact_stratum_missing"),
        ({"unit": "team"}, "impact_column_missing"),
        ({"effect_that_matters": -1.0}, "impact_plan_setting_invalid"),
    ],
)
def test_what_cannot_be_designed_is_refused(wrong: dict, code: str):
    with pytest.raises(PegelError) as caught:
        design(past(), **{**WEDGE, **QUICK, **wrong})

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("names", "code"),
    [(["a", "b", "a"], "impact_units_twice"), ([], "impact_no_rows"), (["a", None], "impact_unit_missing")],
)
def test_names_of_units_are_checked(names: list, code: str):
    with pytest.raises(InputError) as caught:
        design(names, waves=1, start=1, every=1)

    assert caught.value.code == code


def test_a_frame_without_a_past_gives_its_units():
    found = design(pd.DataFrame({"team": ["b", "a", "b"]}), unit="team", waves=2, start="2026-W01", every=1)

    assert found.units == ("a", "b")
    assert found.mde_reason == "no_past"


@pytest.mark.parametrize("never", [0.0, 0.25])
def test_it_speaks_both_languages(never: float):
    found: list[Design] = [
        design(past(), **WEDGE, **QUICK, never_share=never, effect_that_matters=1.0),
        design(past(), **WEDGE, **{**QUICK, "compare": ((6, 2, 0.0),)}, periods=30, never_share=never),
        design(list("abcd"), waves=1, start="2026-05", every=1, never_share=never),
        design(past(units=3), **{**WEDGE, "waves": 1}, **QUICK),
    ]

    for one in found:
        german, english = one.summary("de"), one.summary("en")
        assert german != english
        assert one.hash[:12] in german
        assert "{" not in german + english
        assert "nan" not in german + english
