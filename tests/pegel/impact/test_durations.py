"""Kaplan–Meier: the restricted mean by hand, its boundaries, and the curves of lifelines and of a published trial."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.pegel.impact.frames import as_polars

from pegel.errors import InputError, UserError
from pegel.impact.durations.durations import kaplan_meier, restricted_mean

ORACLES = Path(__file__).parent / "oracles"
#: Weeks of remission in the 6-MP trial: Freireich et al., Blood 21 (1963) 699–716; a plus is still in remission.
SIX_MP = "6 6 6 7 10 13 16 22 23 6+ 9+ 10+ 11+ 17+ 19+ 20+ 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def remission() -> pd.DataFrame:
    rows = [(float(one.rstrip("+")), "+" not in one, arm)
            for arm, times in (("6-MP", SIX_MP), ("placebo", PLACEBO)) for one in times.split()]  # fmt: skip
    return pd.DataFrame(rows, columns=["weeks", "relapse", "arm"])


def table(treated: str, control: str, **more: list[object]) -> pd.DataFrame:
    rows = [(float(one.rstrip("+")), "+" not in one, arm)
            for arm, times in ((1, treated), (0, control)) for one in times.split()]  # fmt: skip
    return pd.DataFrame(rows, columns=["days", "done", "ai"]).assign(**more)


def compare(data: object, **more: object):
    return kaplan_meier(data, duration="days", finished="done", group="ai", **more)


def test_a_case_by_hand():
    # treated: 2, 4, 6+ : S = 2/3 from 2, 1/3 from 4. Area to 6: 2 · 1 + 2 · 2/3 + 2 · 1/3 = 4.
    # control: 3, 6, 6  : S = 2/3 from 3. Area to 6: 3 · 1 + 3 · 2/3 = 5. Effect 4 − 5 = −1.
    # Greenwood, treated: A(2) = 2, A(4) = 2/3: 2² · 1/(3·2) + (2/3)² · 1/(2·1) = 2/3 + 2/9 = 8/9;
    # control: A(3) = 2: 2² · 1/(3·2) = 2/3. Standard error √(8/9 + 6/9) = √14 / 3.
    found = compare(table("2 4 6+", "3 6 6"))

    assert found.effect == pytest.approx(-1)
    assert found.se == pytest.approx(np.sqrt(14) / 3)
    assert found.diagnostics["horizon"] == 6
    assert found.interval == pytest.approx((-1 - 1.959964 * np.sqrt(14) / 3, -1 + 1.959964 * np.sqrt(14) / 3), rel=1e-6)
    assert found.diagnostics["relative"] == pytest.approx(-1 / 5)
    curves = found.diagnostics["curves"]
    assert curves[curves["group"] == "1"]["unfinished"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert (found.n, found.units, found.adopters, found.estimand) == (6, 6, 3, "restricted_mean_difference")


def test_without_open_work_it_is_the_mean_and_its_textbook_error():
    days = np.array([1.0, 2, 2, 5, 9])
    found = restricted_mean(days, np.ones(5, dtype=bool), horizon=9)

    assert found.mean == pytest.approx(days.mean())
    assert found.se == pytest.approx(days.std() / np.sqrt(5))
    assert found.influence == pytest.approx((days - days.mean()) / 5)


def test_finished_items_alone_would_look_fast():
    # The slow half is still open after 5 days: the finished ones took 2, the restricted mean says 3.5.
    found = kaplan_meier(table("2 2 5+ 5+", ""), duration="days", finished="done")

    assert (found.effect, found.estimand, found.p_value, found.adopters) == (3.5, "restricted_mean", None, 0)


def test_strata_are_averaged_by_their_size():
    # Stratum a: treated mean 2, control 4; stratum b: 6 and 10. Sizes 4 and 2: −2 · 4/6 − 4 · 2/6 = −8/3.
    rows = [(2, 1, "a"), (2, 1, "a"), (4, 0, "a"), (4, 0, "a"), (6, 1, "b"), (10, 0, "b")]
    data = pd.DataFrame(rows, columns=["days", "ai", "kind"]).assign(done=True)

    assert compare(data, strata="kind", horizon=10).effect == pytest.approx(-8 / 3)


def test_a_stratum_with_one_group_does_not_count_and_is_reported():
    data = table("2 4 6+", "3 6 6").assign(kind="a")
    extra = pd.DataFrame({"days": [9.0], "done": [True], "ai": [1], "kind": ["b"]})
    found = compare(pd.concat([data, extra]), strata="kind", horizon=6)

    assert found.effect == pytest.approx(-1)
    assert [one.values["n"] for one in found.caveats if one.code == "strata_without_both_groups"] == [1]


def test_items_of_a_team_do_not_count_as_independent():
    # Every team's items take equally long: with two teams a side the error is that of two and two values.
    # Treated teams 2 and 4, control 3 and 7: variances of the means 2 / 2 and 8 / 2, error √(1 + 4).
    days = np.repeat([2.0, 4.0, 3.0, 7.0], 10)
    data = pd.DataFrame(
        {"days": days, "done": True, "ai": np.repeat([1, 1, 0, 0], 10), "team": np.repeat(list("abcd"), 10)}
    )
    found = compare(data, cluster="team", horizon=7)

    assert found.effect == pytest.approx(-2)
    assert found.se == pytest.approx(np.sqrt(5))
    assert (found.inference, found.units, found.adopters) == ("cluster", 4, 2)
    assert found.has_caveat("few_units_standard_error")
    # Satterthwaite: (1 + 4)² / (1² / 1 + 4² / 1) = 25 / 17 degrees of freedom.
    assert found.interval.high == pytest.approx(-2 + stats.t(25 / 17).ppf(0.975) * np.sqrt(5))


def test_one_team_in_a_group_tells_no_error():
    data = table("2 4 6", "3 6 6 7", team=["a", "a", "a", "b", "b", "c", "c"])
    found = compare(data, cluster="team", horizon=6)

    assert found.effect is not None
    assert (found.se, found.interval, found.p_value, found.se_reason) == (None, None, None, "too_few_clusters_in_group")


def test_teams_with_items_of_both_groups():
    data = table("2 4 6 8", "3 5 7 9", team=list("abcdabcd"))
    found = compare(data, cluster="team", horizon=8)

    # Within each team the treated item takes one day less: the teams' differences vary less than the items.
    assert found.se < compare(data, horizon=8).se


def test_percentiles_are_the_least_time_reached_and_nan_where_not_reached():
    found = compare(table("2 4 6+", "3 6 6"))
    percentiles = found.diagnostics["percentiles"].set_index(["group", "percentile"])

    assert percentiles.loc[("1", 50), "time"] == 4
    assert np.isnan(percentiles.loc[("1", 70), "time"])
    assert percentiles.loc[("0", 70), "time"] == 6


def test_late_entry_leaves_out_what_was_not_in_view():
    # Items that were under way when recording began are at risk from that age on only.
    # At 4: three in view (4, 6, 6), not those entering at 5: S = 2/3; at 6: four, all finish.
    data = pd.DataFrame({"days": [4.0, 6, 6, 6], "done": True, "seen": [0.0, 0, 0, 5]})
    found = kaplan_meier(data, duration="days", finished="done", entry="seen", horizon=6)

    assert found.effect == pytest.approx(4 + 2 * 2 / 3)


def test_a_gap_in_view_makes_no_effect():
    data = pd.DataFrame({"days": [2.0, 9, 9, 4, 8], "done": True, "seen": [0.0, 5, 5, 0, 0], "ai": [1, 1, 1, 0, 0]})
    found = compare(data, entry="seen")

    assert (found.effect, found.interval, found.se_reason) == (None, None, "risk_set_runs_empty")
    assert found.has_caveat("risk_set_runs_empty")


def test_nothing_finished_in_a_group_makes_no_effect():
    found = compare(table("2+ 4+", "3 6"))

    assert (found.effect, found.interval, found.p_value, found.se_reason) == (
        None,
        None,
        None,
        "nothing_finished_in_group",
    )
    assert found.diagnostics["groups"]["finished"].tolist() == [2, 0]


def test_few_finished_zero_durations_and_missing_ones_are_reported():
    data = table("0 4 6+", "3 6 6")
    data.loc[0:0, "days"] = 0.0
    more = pd.DataFrame({"days": [np.nan, 3.0], "done": [True, None], "ai": [1, 0]})
    found = compare(pd.concat([data, more]))

    codes = {one.code: dict(one.values) for one in found.caveats}
    assert codes["durations_missing"] == {"n": 2}
    assert codes["durations_of_zero"] == {"n": 1}
    assert codes["few_finished_in_group"]["n"] in (2, 3)
    assert found.n == 6


def test_values_that_are_all_the_same_give_no_interval():
    found = compare(table("5 5 5", "5 5"))

    assert (found.effect, found.interval, found.se_reason) == (0.0, None, "outcome_without_spread")


def test_groups_that_started_apart_are_a_before_and_after():
    data = table("2 4 6", "3 6 6", since=["2026-05-01", "2026-06-01", "2026-07-01", "2026-01-01", "2026-02-01", None])
    found = compare(data, start="since")

    assert found.has_caveat("groups_started_apart")
    assert found.diagnostics["starts"]["first"].tolist() == ["2026-01-01", "2026-05-01"]
    data.loc[1, "since"] = "2026-01-15"
    assert not compare(data, start="since").has_caveat("groups_started_apart")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"days": [-1.0, 4, 6, 3, 6, 6]}, "impact_duration_negative"),
        ({"days": [np.inf, 4, 6, 3, 6, 6]}, "impact_infinite_values"),
        ({"days": list("abcdef")}, "impact_not_numbers"),
        ({"days": [np.nan] * 6}, "impact_no_rows"),
        ({"done": [2, 1, 1, 1, 1, 1]}, "impact_yes_or_no_unreadable"),
        ({"done": list("yyyyyy")}, "impact_yes_or_no_unreadable"),
        ({"ai": [0, 1, 2, 0, 0, 0]}, "impact_groups_not_two"),
        ({"ai": [1] * 6}, "impact_groups_not_two"),
        ({"ai": list("aaabbb")}, "impact_treated_group_unclear"),
        ({"ai": [5, 5, 5, 7, 7, 7]}, "impact_treated_group_unclear"),
    ],
)
def test_what_cannot_be_compared_is_refused(change: dict[str, list[object]], code: str):
    with pytest.raises(UserError) as caught:
        compare(table("2 4 6+", "3 6 6").assign(**change))

    assert caught.value.code == code


def test_options_out_of_range_are_refused():
    data = table("2 4 6+", "3 6 8").assign(seen=[0, 4, 0, 0, 0, 0], kind=list("aaabbb"))
    for options, code in (
        ({"horizon": 0}, "impact_horizon_not_positive"),
        ({"horizon": float("nan")}, "impact_horizon_not_positive"),
        ({"horizon": 7}, "impact_horizon_beyond_data"),
        ({"level": 0.3}, "impact_level_out_of_range"),
        ({"entry": "seen"}, "impact_entry_after_end"),
        ({"strata": "kind"}, "impact_no_stratum_has_both"),
        ({"strata": "nothing"}, "impact_column_missing"),
        ({"treated": 3}, "impact_treated_group_unclear"),
    ):
        with pytest.raises(UserError) as caught:
            compare(data, **options)
        assert caught.value.code == code


def test_a_curve_that_ends_at_zero_is_known_for_ever():
    # All of the control group is finished by 6: its mean min(duration, 9) is known; the treated are watched until 9.
    assert compare(table("2 4 9+", "3 6 6"), horizon=9).effect == pytest.approx((2 + 2 * 2 / 3 + 5 / 3) - 5)


def test_any_frame_and_any_order_give_the_same():
    data = table("2 4 6+ 5", "3 6 6 2+").assign(team=list("abababab"))
    found = compare(data, cluster="team")
    shuffled = compare(as_polars(data).reverse(), cluster="team")

    assert (shuffled.effect, shuffled.interval) == (pytest.approx(found.effect), pytest.approx(found.interval))


@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), min_size=6, max_size=40),
    st.floats(0.1, 100),
)
def test_scaling_time_scales_the_effect(rows: list[tuple[int, bool, bool]], factor: float):
    data = pd.DataFrame(rows, columns=["days", "done", "ai"])
    if data["ai"].nunique() < 2:
        return
    found, scaled = compare(data), compare(data.assign(days=data["days"] * factor))
    swapped = compare(data.assign(ai=~data["ai"]))

    if found.effect is None:
        assert scaled.effect is None
        return
    assert scaled.effect == pytest.approx(found.effect * factor, rel=1e-9, abs=1e-9)
    assert swapped.effect == pytest.approx(-found.effect, rel=1e-9, abs=1e-9)
    if found.se is not None:
        assert scaled.se == pytest.approx(found.se * factor, rel=1e-6)
        assert found.effect in found.interval


def test_the_published_remissions():
    # Log-rank 16.79, medians 23 and 8 weeks (Kleinbaum & Klein, Survival Analysis, 3rd ed. 2012, ch. 2).
    found = kaplan_meier(remission(), duration="weeks", finished="relapse", group="arm", treated="6-MP")

    assert found.diagnostics["log_rank"]["statistic"] == pytest.approx(16.793, abs=5e-4)
    percentiles = found.diagnostics["percentiles"].set_index(["group", "percentile"])["time"]
    assert (percentiles["6-MP", 50], percentiles["placebo", 50]) == (23, 8)
    curve = found.diagnostics["curves"].query("group == '6-MP'")
    assert curve["unfinished"].round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    means = found.diagnostics["groups"].set_index("group")["restricted_mean"]
    assert means["placebo"] == pytest.approx(np.mean([int(one) for one in PLACEBO.split()]))


def test_lifelines_agrees():
    data = pd.read_csv(ORACLES / "durations_data.csv")
    wanted = pd.read_csv(ORACLES / "durations_values.csv").set_index("name")["value"]
    found = kaplan_meier(data, duration="days", finished="done", group="treated", horizon=30)
    late = kaplan_meier(data, duration="days", finished="done", group="treated", horizon=30, entry="seen_from")

    for name, estimate in (("", found), ("late_", late)):
        means = estimate.diagnostics["groups"]["restricted_mean"].tolist()
        assert means == pytest.approx([wanted[f"{name}restricted_mean_30_{group}"] for group in (0, 1)], abs=1e-9)
    assert found.diagnostics["log_rank"]["statistic"] == pytest.approx(wanted["log_rank"], rel=1e-9)
    assert found.diagnostics["log_rank"]["p_value"] == pytest.approx(wanted["log_rank_p"], rel=1e-9)
    medians = found.diagnostics["percentiles"].query("percentile == 50")["time"].tolist()
    assert medians == [wanted["median_0"], wanted["median_1"]]
    curves = pd.read_csv(ORACLES / "durations_curves.csv")
    columns = ["time", "unfinished", "low", "high"]
    assert found.diagnostics["curves"][columns].to_numpy() == pytest.approx(curves[columns].to_numpy(), abs=1e-9)


def test_the_error_is_that_of_leaving_one_out():
    # The jackknife knows nothing of Greenwood: its variance is close to the sum of squared influences.
    data = pd.read_csv(ORACLES / "durations_data.csv")
    days, done = data["days"].to_numpy(dtype=float), data["done"].to_numpy() == 1
    found = restricted_mean(days, done, horizon=30)
    without = [restricted_mean(np.delete(days, i), np.delete(done, i), horizon=30).mean for i in range(len(days))]
    spread = (len(days) - 1) / len(days) * ((np.array(without) - np.mean(without)) ** 2).sum()

    assert np.sqrt(spread) == pytest.approx(found.se, rel=0.01)


def test_errors_in_the_input_are_input_errors():
    with pytest.raises(InputError):
        compare(pd.DataFrame({"days": [], "done": [], "ai": []}))
