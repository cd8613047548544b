"""Random assignment: arithmetic by hand, what the lot alone says, and the same figures as statsmodels and pyfixest."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import UserError
from pegel.impact.trials.ancova import ancova
from pegel.impact.trials.random_assignment import deal_arms
from pegel.impact.trials.sandwich_errors import crv3, hc2

ORACLES = Path(__file__).parent / "oracles"
EXPECTED = pd.read_csv(ORACLES / "series_expected.csv").set_index(["case", "figure"])["value"]
TRIAL = pd.read_csv(ORACLES / "series_trial.csv")


def compare(data, **options):
    return ancova(data, **{"outcome": "outcome", "treatment": "arm", **options})


# By hand


def test_two_arms_without_anything_else():
    # 5, 7 against 1, 3, 5: 6 − 3 = 3. Welch: 2/2 + 4/3 = 7/3.
    data = pd.DataFrame({"outcome": [5, 7, 1, 3, 5], "arm": [1, 1, 0, 0, 0]})
    found = compare(data, inference="analytic")

    assert found.effect == pytest.approx(3)
    assert found.se**2 == pytest.approx(7 / 3)
    assert found.diagnostics["arm_means"] == {"treated": 6, "control": 3}
    assert found.diagnostics["variance_reduction"] == pytest.approx(0)
    assert found.has_caveat("few_units_standard_error")


def test_the_lot_by_hand():
    # Ten ways to choose two of five. The observed 5 + 7 gives 6 − 9/3 = 3, and so does 7 with the other 5; only 1 + 3
    # lies as far from zero: 2 − 17/3 = −3.67. Three of ten ways.
    data = pd.DataFrame({"outcome": [5, 7, 1, 3, 5], "arm": [1, 1, 0, 0, 0]})
    found = compare(data, level=0.8)
    ways = [sum(pair) / 2 - (21 - sum(pair)) / 3 for pair in combinations([5, 7, 1, 3, 5], 2)]

    assert found.diagnostics["ways"] == 10
    assert found.diagnostics["all_ways"]
    assert found.p_value == pytest.approx(0.3)
    assert found.p_value == pytest.approx(np.mean(np.abs(ways) >= 3 - 1e-9))
    assert found.se_reason == "permutation_has_no_se"
    assert 3 in found.interval


def test_a_value_from_before_that_explains_all_leaves_the_effect():
    before = np.array([1.0, 2, 4, 8, 16, 3, 9, 5, 6, 7, 11, 12])
    arm = np.tile([0, 1], 6)
    found = compare(pd.DataFrame({"outcome": 2 * before + 5 * arm, "before": before, "arm": arm}), baseline="before")

    assert found.effect == pytest.approx(5)
    assert found.diagnostics["variance_reduction"] == pytest.approx(1)
    # Only swapping the arms is as far from zero.
    assert found.p_value == pytest.approx(2 / found.diagnostics["ways"])


def test_pairs_are_the_mean_of_their_differences():
    # Differences 3, 1, 2 within pairs that lie far apart: 2. Eight ways to toss three coins; two have |mean| ≥ 2.
    data = pd.DataFrame({"outcome": [3, 0, 101, 100, 52, 50], "arm": [1, 0] * 3, "pair": list("aabbcc")})
    found = compare(data, strata="pair")

    assert found.effect == pytest.approx(2)
    assert found.diagnostics["ways"] == 8
    assert found.p_value == pytest.approx(2 / 8)
    assert found.has_caveat("too_few_ways_to_deal")
    assert not found.interval.bounded


def test_strata_with_unequal_shares_are_weighed_by_their_size():
    # Stratum a: 10 − 4 = 6 (8 rows), b: 3 − 2 = 1 (4 rows): (6 · 8 + 1 · 4) / 12 = 52 / 12.
    rows = [("a", 1, 9), ("a", 1, 11)] + [("a", 0, 4 + d) for d in (-1, 1, -2, 2, 0, 0)]
    rows += [("b", 1, 3), ("b", 1, 3), ("b", 0, 1), ("b", 0, 3)]
    data = pd.DataFrame(rows, columns=["site", "arm", "outcome"])

    assert compare(data, strata="site").effect == pytest.approx(52 / 12)


def test_leaving_clusters_out_by_hand():
    # Means of clusters of one: leaving one of two in an arm out gives 7 or 5 (− 2), or 6 − 1 and 6 − 3.
    # Around 4: 1, −1, 1, −1; times 3/4: √3.
    design = np.array([[1, 0], [1, 0], [1, 1], [1, 1.0]])
    error = crv3(design, np.array([1, 3, 5, 7.0]), 1, np.arange(4))

    assert error.se == pytest.approx(np.sqrt(3))
    assert error.dof == 3


# The same as statsmodels and pyfixest


@pytest.mark.parametrize("errors", ["hc2", "hc3"])
@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("raw", {}),
        ("plain", {"baseline": ["before", "tenure"], "adjustment": "plain"}),
        ("lin", {"baseline": ["before", "tenure"]}),
        ("plain_site", {"baseline": ["before", "tenure"], "adjustment": "plain", "strata": "site"}),
    ],
)
def test_as_statsmodels(case, options, errors):
    found = compare(TRIAL, errors=errors, **options)

    assert found.inference == "analytic"
    assert found.effect == pytest.approx(EXPECTED[f"ancova_{case}", "effect"], rel=1e-8)
    assert found.se == pytest.approx(EXPECTED[f"ancova_{case}", f"se_{errors}"], rel=1e-8)


@pytest.mark.parametrize("adjustment", ["plain", "lin"])
def test_whole_teams_as_pyfixest(adjustment):
    found = compare(
        TRIAL, treatment="team_arm", baseline="before", cluster="team", adjustment=adjustment, inference="cluster"
    )

    assert found.effect == pytest.approx(EXPECTED[f"cluster_{adjustment}", "effect"], rel=1e-8)
    # pyfixest's jackknife leaves out the factor (G − 1) / G.
    assert found.se == pytest.approx(np.sqrt(14 / 15) * EXPECTED[f"cluster_{adjustment}", "se_crv3"], rel=1e-8)
    assert (found.units, found.adopters, found.n) == (15, 7, 60)


def test_degrees_of_freedom_from_the_matrices_of_their_definition():
    random = np.random.default_rng(0)
    design = np.column_stack([np.ones(14), np.arange(14) < 4, random.normal(size=14)])
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    weights = (np.linalg.inv(design.T @ design) @ design.T)[1]
    parts = (np.eye(14) - hat) * (weights / np.sqrt(1 - np.diagonal(hat)))[None, :]
    lengths = np.linalg.eigvalsh(parts.T @ parts)

    assert hc2(design, random.normal(size=14), 1).dof == pytest.approx(lengths.sum() ** 2 / (lengths**2).sum())


# What the lot alone says


def test_every_deal_is_estimated_as_if_it_were_the_observed_one():
    data = TRIAL.head(12).assign(arm=[1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0])
    found = compare(data, baseline="before", strata="site", draws=5000)
    strata = pd.factorize(data["site"])[0]
    deals = deal_arms(data["arm"].to_numpy(), strata, draws=5000, seed=0)
    again = [
        compare(data.assign(arm=data["arm"].to_numpy()[order]), baseline="before", strata="site", inference="analytic")
        for order in deals.order
    ]
    far = [abs(one.effect) >= abs(found.effect) - 1e-9 for one in again]

    assert found.inference == "permutation"
    assert found.diagnostics["ways"] == len(far) + 1
    assert found.p_value == pytest.approx((1 + sum(far)) / (1 + len(far)))


def test_the_interval_holds_what_the_lot_does_not_reject():
    data = TRIAL.head(30)
    found = compare(data, baseline="before", draws=500)
    for bound, outside in ((found.interval.low, -0.01), (found.interval.high, 0.01)):
        inside, beyond = (
            compare(data.assign(outcome=data["outcome"] - tau * data["arm"]), baseline="before", draws=500).p_value
            for tau in (bound - outside, bound + outside)
        )
        assert inside > 0.05
        assert beyond <= 0.05


def test_dealing_keeps_strata_and_teams():
    strata = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    treated = np.array([1, 0, 0, 1, 0, 1, 1, 0, 0])
    some, every = deal_arms(treated, strata, draws=20, seed=1), deal_arms(treated, strata, draws=36, seed=1)

    assert not some.complete
    assert every.complete
    assert every.ways == 3 * 2 * 6
    assert len(np.unique(treated[every.order], axis=0)) == 35
    for deals in (some, every):
        assert (np.sort(deals.order, axis=1) == np.arange(9)).all()
        assert (strata[deals.order] == strata).all()


def test_whole_teams_are_dealt_as_wholes():
    small = TRIAL[TRIAL["team"] < 6].assign(team_arm=lambda table: table["team"] % 2)
    found = compare(small, treatment="team_arm", cluster="team")

    assert found.diagnostics["ways"] == 20  # three of six teams
    assert found.inference == "permutation"


def test_errors_of_the_first_kind_are_as_rare_as_promised():
    random = np.random.default_rng(2)
    rejected = 0
    for seed in range(60):
        before = random.normal(size=16)
        outcome = before + random.standard_exponential(16)
        data = pd.DataFrame({"outcome": outcome, "before": before, "arm": random.permutation(np.repeat([0, 1], 8))})
        rejected += compare(data, baseline="before", draws=199, seed=seed).p_value <= 0.05

    assert rejected <= 7  # 5% of 60 is 3


# What it reports, and what it refuses


def test_missing_values():
    data = TRIAL.copy()
    data.loc[[0, 1], "outcome"] = np.nan
    data.loc[2, "arm"] = np.nan
    data.loc[[3, 4, 5], "before"] = np.nan
    found = compare(data, baseline="before")
    values = {caveat.code: dict(caveat.values) for caveat in found.caveats}

    assert found.n == 57
    assert values["assignment_missing"] == {"n": 1}
    assert values["outcomes_missing"]["n"] == 2
    lost = data["outcome"].isna() & (data["arm"] == 1)
    assert values["outcomes_missing"]["treated_percent"] == pytest.approx(100 * lost.sum() / (data["arm"] == 1).sum())
    assert values["baseline_imputed"] == {"n": 3}
    assert "before:missing" in found.diagnostics["balance"]["name"].tolist()


def test_what_says_nothing_new_is_left_out():
    data = TRIAL.assign(double=2 * TRIAL["before"] + 1, same=3.0)
    found = compare(data, baseline=["before", "double", "same"])

    assert found.effect == pytest.approx(compare(data, baseline="before").effect)
    assert [caveat.values["names"] for caveat in found.caveats] == [["double", "same"]]


def test_strata_with_one_arm_do_not_count():
    extra = pd.DataFrame({"outcome": [90.0, 95], "arm": [1, 1], "site": [7, 7]})
    found = compare(pd.concat([TRIAL, extra]), strata="site")

    assert found.effect == pytest.approx(compare(TRIAL, strata="site").effect)
    assert found.has_caveat("strata_with_one_arm")


def test_arms_that_differ_before_are_told():
    data = TRIAL.assign(before=TRIAL["before"] + 3 * TRIAL["arm"])

    assert compare(data, baseline="before").has_caveat("arms_differ_before")
    assert not compare(TRIAL, baseline="before").has_caveat("arms_differ_before")
    away = compare(TRIAL, baseline="before").diagnostics["balance"].iloc[0]
    groups = TRIAL.groupby("arm")["before"]
    assert away["standardised_difference"] == pytest.approx(
        (groups.mean()[1] - groups.mean()[0]) / np.sqrt((groups.var(ddof=0)).mean())
    )


def test_too_few_for_what_was_asked():
    columns = ["before", "tenure"]
    assert compare(TRIAL.head(11), baseline=columns).has_caveat("too_few_units_for_interactions")
    assert compare(TRIAL.head(6), baseline=columns).has_caveat("too_few_units_for_baseline")
    assert compare(TRIAL.head(6), baseline=columns).diagnostics["adjustment"] == "none"


def test_an_arm_of_one_has_no_standard_error():
    data = TRIAL.head(45).assign(arm=[1] + [0] * 44)
    found = compare(data)

    assert found.effect is not None
    assert found.se is None
    assert found.interval is None
    assert found.has_caveat("arm_rests_on_one_unit")
    by_lot = compare(data, inference="permutation")
    assert by_lot.diagnostics["ways"] == 45
    one_team = TRIAL.assign(team_arm=(TRIAL["team"] == 0).astype(int))
    assert compare(one_team, treatment="team_arm", cluster="team", inference="cluster").se_reason == (
        "arm_rests_on_one_unit"
    )


def test_assignment_within_teams_is_dealt_by_row():
    found = compare(TRIAL, cluster="team")

    assert found.units == 60
    assert found.has_caveat("assigned_within_clusters")
    assert found.inference == "cluster"


def test_an_outcome_that_never_varies():
    found = compare(TRIAL.assign(outcome=4.0))

    assert (found.effect, found.p_value) == (pytest.approx(0), 1.0)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"outcome": "nothing"}, "impact_column_missing"),
        ({"outcome": "name"}, "impact_not_numbers"),
        ({"treatment": "before"}, "impact_yes_or_no_unreadable"),
        ({"treatment": "all"}, "impact_one_arm"),
        ({"outcome": "empty"}, "impact_no_rows"),
        ({"strata": "hole"}, "impact_labels_missing"),
        ({"cluster": "hole"}, "impact_labels_missing"),
        ({"treatment": "team_arm", "cluster": "team", "strata": "arm"}, "impact_strata_split_clusters"),
        ({"inference": "cluster"}, "impact_cluster_column_needed"),
        ({"inference": "bayes"}, "impact_unknown_choice"),
        ({"adjustment": "cuped"}, "impact_unknown_choice"),
        ({"errors": "hc1"}, "impact_unknown_choice"),
        ({"level": 0.2}, "impact_level_out_of_range"),
    ],
)
def test_what_is_refused(options, code):
    data = TRIAL.assign(name="x", all=1, empty=np.nan, hole=[None, *["a"] * 59])

    with pytest.raises(UserError) as caught:
        compare(data, **options)

    assert caught.value.code == code


# Properties


@given(seed=st.integers(0, 1000), clustered=st.booleans())
def test_order_of_rows_does_not_matter(seed, clustered):
    data = TRIAL[TRIAL["team"] < 8]
    options = {"treatment": "team_arm", "cluster": "team"} if clustered else {"strata": "site"}
    found = compare(data, baseline="before", draws=100, **options)
    again = compare(data.sample(frac=1, random_state=seed), baseline="before", draws=100, **options)

    assert (again.effect, again.interval, again.p_value) == (found.effect, found.interval, found.p_value)


@given(scale=st.sampled_from([1e-6, -2.0, 1e6]), shift=st.sampled_from([0.0, 1e3]))
def test_units_of_measurement_do_not_matter(scale, shift):
    found = compare(TRIAL, baseline=["before", "tenure"], strata="site")
    other = TRIAL.assign(outcome=scale * (TRIAL["outcome"] + shift), before=TRIAL["before"] / scale - shift)
    again = compare(other, baseline=["before", "tenure"], strata="site")

    assert again.effect == pytest.approx(scale * found.effect, rel=1e-6)
    assert again.se == pytest.approx(abs(scale) * found.se, rel=1e-6)
    assert again.p_value == pytest.approx(found.p_value, rel=1e-6)


def test_truth_values_and_polars_are_read_alike():
    found = compare(pl.from_pandas(TRIAL.assign(arm=TRIAL["arm"] == 1)), baseline="before")

    assert found.effect == compare(TRIAL, baseline="before").effect
