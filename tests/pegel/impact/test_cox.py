"""Cox: published coefficients, lifelines, a case by hand, and what makes no effect."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from tests.pegel.impact.test_durations import remission

from pegel.errors import UserError
from pegel.impact.durations.cox import cox
from pegel.impact.durations.cox_residuals import score_residuals
from pegel.impact.durations.duration_rows import duration_rows

ORACLES = Path(__file__).parent / "oracles"


def fit(data: object, **more: object):
    return cox(data, duration="days", finished="done", treatment="ai", **more)


def small(**more: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"days": [1.0, 2, 3, 4], "done": True, "ai": [1, 0, 1, 0]}).assign(**more)


def test_a_case_by_hand():
    # Finished in the order treated, control, treated, control. With r = exp(β) the partial likelihood is
    # r/(2r+2) · 1/(r+2) · r/(r+1) · 1 = r² / (2 (r+1)² (r+2)). Its log has the slope 2/r − 2/(r+1) − 1/(r+2) = 0:
    # 2 (r+1)(r+2) − 2 r (r+2) − r (r+1) = −r² + r + 4 = 0, so r = (1 + √17) / 2.
    found = fit(small())

    assert found.diagnostics["hazard_ratio"] == pytest.approx((1 + np.sqrt(17)) / 2, rel=1e-6)
    # Information: Σ p (1 − p) over the risk sets, p the chance that a treated item is next.
    r = (1 + np.sqrt(17)) / 2
    chances = [2 * r / (2 * r + 2), r / (r + 2), r / (r + 1)]
    assert found.se == pytest.approx(1 / np.sqrt(sum(p * (1 - p) for p in chances)), rel=1e-6)


@pytest.mark.parametrize(
    ("ties", "effect", "error"),
    [("breslow", 1.509, 0.410), ("efron", 1.572, 0.412)],
)
def test_the_published_remissions(ties: str, effect: float, error: float):
    # Placebo against 6-MP: Kleinbaum & Klein 2012, ch. 3 (Breslow 1.509, 0.410); R's coxph (Efron 1.5721, 0.4124).
    found = cox(remission(), duration="weeks", finished="relapse", treatment="arm", treated="placebo", ties=ties)

    assert found.effect == pytest.approx(effect, abs=5e-4)
    assert found.se == pytest.approx(error, abs=5e-4)
    assert found.diagnostics["finished"] == 30
    assert not found.has_caveat("hazards_not_proportional")


def test_the_published_likelihoods():
    # Kleinbaum & Klein 2012, ch. 3: log likelihood −86.380 (Breslow); R's coxph: likelihood ratio 16.35 (Efron).
    columns = {"duration": "weeks", "finished": "relapse", "treatment": "arm", "treated": "placebo"}

    breslow, efron = (cox(remission(), **columns, ties=ties).diagnostics for ties in ("breslow", "efron"))
    assert breslow["log_likelihood"] == pytest.approx(-86.380, abs=5e-4)
    assert efron["likelihood_ratio"]["statistic"] == pytest.approx(16.35, abs=5e-3)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("plain", {}),
        ("strata", {"strata": "kind"}),
        ("entry", {"entry": "seen_from"}),
        ("distinct", {}),
        ("distinct_clustered", {"cluster": "team"}),
        ("distinct_strata", {"strata": "kind"}),
        ("distinct_strata_clustered", {"strata": "kind", "cluster": "team"}),
    ],
)
def test_lifelines_agrees(kind: str, options: dict[str, str]):
    data = pd.read_csv(ORACLES / "durations_data.csv")
    if kind.startswith("distinct"):
        data = data.assign(days=data["days"] + np.arange(len(data)) / 1000)
    wanted = pd.read_csv(ORACLES / "durations_cox.csv").query(f"kind == '{kind}'")
    found = cox(data, duration="days", finished="done", treatment="treated", covariates=["size"], **options)
    table = found.diagnostics["coefficients"]
    # lifelines has no factor for few clusters: 12 teams.
    factor = np.sqrt(12 / 11) if "cluster" in options else 1.0

    assert table["effect"].tolist() == pytest.approx(wanted["effect"].tolist(), abs=1e-6)
    assert table["se"].tolist() == pytest.approx((wanted["se"] * factor).tolist(), abs=1e-6)
    assert found.diagnostics["log_likelihood"] == pytest.approx(wanted["log_likelihood"].iloc[0], abs=1e-6)
    if kind == "distinct":
        drift = found.diagnostics["proportional_hazards"]["statistic"].tolist()
        assert drift == pytest.approx(wanted["drift"].tolist(), abs=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_score_residuals_add_up_to_nothing_at_the_maximum(ties: str):
    # Many equal durations, strata and late entry: each item's part is right only if all together are the score.
    data = pd.read_csv(ORACLES / "durations_data.csv")
    columns = {"duration": "days", "finished": "done", "entry": "seen_from", "strata": "kind", "covariates": ["size"]}
    found = cox(data, treatment="treated", ties=ties, **columns)
    rows = duration_rows(data, group="treated", **columns)
    exog = np.column_stack([rows.treated, rows.covariates]).astype(float)
    beta = found.diagnostics["coefficients"]["effect"].to_numpy()

    assert score_residuals(rows, exog, beta, ties).sum(axis=0) == pytest.approx([0, 0], abs=1e-5)


def test_robust_errors_with_ties_are_those_of_leaving_a_team_out():
    data = pd.read_csv(ORACLES / "durations_data.csv")
    found = cox(data, duration="days", finished="done", treatment="treated", cluster="team")
    without = [
        cox(data[data["team"] != team], duration="days", finished="done", treatment="treated").effect
        for team in range(12)
    ]
    jackknife = np.sqrt(11 / 12 * ((np.array(without) - np.mean(without)) ** 2).sum())

    assert found.se == pytest.approx(jackknife, rel=0.1)
    assert found.inference == "cluster"


def test_items_that_leave_before_the_first_completion_say_nothing():
    # statsmodels makes the robust covariance NaN for them.
    data = pd.read_csv(ORACLES / "durations_data.csv")
    early = pd.DataFrame({"days": [0.5, 0.5], "done": [0, 0], "treated": [0, 1], "team": [0, 1]})
    columns = {"duration": "days", "finished": "done", "treatment": "treated", "cluster": "team"}
    found = cox(pd.concat([data, early]), **columns)

    assert (found.effect, found.se) == pytest.approx((cox(data, **columns).effect, cox(data, **columns).se))


def test_items_seen_only_after_the_last_completion_say_nothing():
    data = small(seen=[0.0] * 4)
    late = pd.DataFrame({"days": [9.0], "done": [False], "ai": [1], "seen": [5.0]})

    assert fit(pd.concat([data, late]), entry="seen").effect == pytest.approx(fit(data).effect, abs=1e-9)


def test_who_comes_into_view_when_another_finishes_is_not_at_risk():
    # Seen from age 2 on, the last item is not at risk at 2: risk sets {1..4}, {2, 3, 4} as without it, then 3 with it.
    one = fit(small(seen=[0.0, 0, 0, 0]))
    data = pd.concat([small(seen=[0.0] * 4), pd.DataFrame({"days": [5.0], "done": [True], "ai": [1], "seen": [2.0]})])
    just_before, at_it = (
        fit(data.assign(seen=data["seen"] - 0.001 * (data["seen"] > 0)), entry="seen"),
        fit(data, entry="seen"),
    )

    assert one.effect is not None
    assert at_it.effect != pytest.approx(just_before.effect, abs=1e-3)
    assert at_it.effect == pytest.approx(
        fit(data.assign(seen=data["seen"] + 0.5 * (data["seen"] > 0)), entry="seen").effect
    )


def test_a_group_without_completions_makes_no_effect():
    found = fit(small(done=[False, True, False, True]))

    assert (found.effect, found.interval, found.p_value, found.se_reason) == (
        None,
        None,
        None,
        "nothing_finished_in_group",
    )


def test_separation_is_reported():
    data = pd.read_csv(ORACLES / "durations_data.csv").assign(never=lambda one: 1 - one["done"])
    found = cox(data, duration="days", finished="done", treatment="treated", covariates=["never"])

    assert (found.effect, found.se_reason) == (None, "hazard_ratio_separated")
    assert found.caveats[-1].values["names"] == ["treated", "never"]


def test_all_treated_before_all_others_is_separation():
    found = fit(small(ai=[1, 1, 0, 0]))

    assert (found.effect, found.se_reason) == (None, "hazard_ratio_separated")


def test_a_ratio_that_changes_with_age_is_reported():
    random = np.random.default_rng(3)
    ai = np.arange(400) % 2
    days = np.where(ai == 1, random.weibull(0.6, 400), random.weibull(2.0, 400))
    found = fit(pd.DataFrame({"days": days, "done": True, "ai": ai}))

    assert found.has_caveat("hazards_not_proportional")


def test_columns_that_follow_from_others_are_refused():
    for wrong in ([1, 0, 1, 0], [3, 3, 3, 3]):
        with pytest.raises(UserError) as caught:
            fit(small(x=wrong), covariates=["x"])
        assert caught.value.code == "impact_cox_columns_collinear"


def test_options_out_of_range_are_refused():
    for options, code in (({"ties": "exact"}, "impact_unknown_choice"), ({"level": 1.0}, "impact_level_out_of_range")):
        with pytest.raises(UserError) as caught:
            fit(small(), **options)
        assert caught.value.code == code


def test_few_teams_are_reported_and_one_in_a_group_gives_no_error():
    data = pd.concat([small(team=list("abcd")), small(team=list("efgh")).assign(days=[2.5, 1.5, 3.5, 4.5])])

    assert fit(data, cluster="team").has_caveat("few_units_standard_error")
    found = fit(data.assign(team=np.where(data["ai"] == 1, "a", data["team"])), cluster="team")
    assert found.effect is not None
    assert (found.se, found.interval, found.p_value, found.se_reason) == (None, None, None, "too_few_clusters_in_group")


def test_the_unit_of_time_the_order_and_the_kind_of_frame_do_not_matter():
    data = pd.read_csv(ORACLES / "durations_data.csv")
    columns = {
        "duration": "days",
        "finished": "done",
        "treatment": "treated",
        "covariates": ["size"],
        "cluster": "team",
    }
    found = cox(data, **columns)
    other = cox(pl.from_pandas(data.assign(days=data["days"] / 7)).reverse(), **columns)
    swapped = cox(data.assign(treated=1 - data["treated"]), **columns)

    assert (other.effect, other.se) == pytest.approx((found.effect, found.se), rel=1e-6)
    assert (swapped.effect, swapped.se) == pytest.approx((-found.effect, found.se), rel=1e-6)
