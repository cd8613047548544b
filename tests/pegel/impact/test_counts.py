"""Counts and rare events: ratios by hand, the lot, and the same figures as pyfixest's fepois."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.fit import estimate_of
from pegel.impact.panel import panel_of
from pegel.impact.permutation import deal_dates
from pegel.impact.rates.counts import METHOD, fitter, quasi_poisson

ORACLES = Path(__file__).parent / "oracles"
EXPECTED = pd.read_csv(ORACLES / "series_expected.csv").set_index(["case", "figure"])["value"]
PANEL = pd.read_csv(ORACLES / "series_panel.csv")
NAMES = {"unit": "team", "time": "month", "outcome": "defects", "cohort": "cohort"}


def rates(data, **options):
    return quasi_poisson(data, **{**NAMES, "draws": 200, **options})


def table(counts: list[list[float]], cohorts: list[float | None], **columns: list[list[float]]) -> pd.DataFrame:
    units, periods = len(counts), len(counts[0])
    frame = {
        "team": np.repeat(np.arange(units), periods),
        "month": np.tile(np.arange(1, periods + 1), units),
        "cohort": np.repeat([np.nan if one is None else one for one in cohorts], periods),
        "defects": np.ravel(counts),
    }
    return pd.DataFrame({**frame, **{name: np.ravel(values) for name, values in columns.items()}})


# By hand


def test_two_teams_two_months_are_a_ratio_of_ratios():
    # Adopter 10 to 30, the other 20 to 30: (30/10) / (30/20) = 2.
    found = rates(table([[10, 30], [20, 30]], [2, None]))

    assert found.effect == pytest.approx(np.log(2))
    assert found.diagnostics["ratio"] == pytest.approx(2)
    assert found.diagnostics["expected_after"] == pytest.approx(15)
    assert found.diagnostics["imputed_log_ratio"] == pytest.approx(np.log(2))
    assert found.has_caveat("too_few_ways_to_deal")
    assert not found.interval.bounded
    assert found.diagnostics["ratio_interval"] == (0, np.inf)


def test_what_is_counted_over_is_divided_by():
    # Per change: adopter 10/10 to 30/60, the other 20/10 to 30/10: (0.5 / 1) / (3 / 2) = 1/3.
    data = table([[10, 30], [20, 30]], [2, None], changes=[[10, 60], [10, 10]])

    assert rates(data, exposure="changes").effect == pytest.approx(np.log(1 / 3))


def test_horizons_by_hand():
    # Adopters 10, 20, 40, 60, the others 10, 20, 20, 20: base month 2, then ratios 2 and 3; before it 1.
    found = rates(table([[5, 10, 20, 30], [5, 10, 20, 30], [4, 8, 8, 8], [6, 12, 12, 12]], [3, 3, None, None]))

    assert found.by_horizon["horizon"].tolist() == [-2, -1, 0, 1]
    assert found.by_horizon["effect"].tolist() == pytest.approx([0, 0, np.log(2), np.log(3)])
    assert found.by_horizon["adopters"].tolist() == [2, 2, 2, 2]
    # Over both months: 100 events instead of 20 · (1 + 1) = 40.
    assert found.effect == pytest.approx(np.log(2.5))


def test_without_others_the_last_adopters_are_the_comparison_until_they_adopt():
    counts = [[5, 10, 20, 7], [5, 10, 20, 9], [4, 8, 8, 50], [6, 12, 12, 70]]
    found = rates(table(counts, [3, 3, 4, 4]))

    assert found.by_horizon["horizon"].tolist() == [-2, -1, 0]
    assert found.by_horizon["effect"].tolist() == pytest.approx([0, 0, np.log(2)])


def test_the_lot_by_hand():
    # Six teams, one adopts in the last month: 6 ways. Means without adoption are row · column / total. A deal's step is
    # Σ (count − mean) over its treated cell, by the information of that cell: w (1 − w / row) (1 − w / column …).
    counts = np.array([[4, 9.0], [5, 5], [6, 6], [3, 4], [8, 7], [5, 5]])
    means = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    steps = []
    for team in range(6):
        treated = np.zeros((6, 2))
        treated[team, 1] = 1
        dummies = np.column_stack([np.kron(np.eye(6), np.ones((2, 1))), np.tile([0, 1], 6)])
        root = np.sqrt(means.ravel())
        rest = treated.ravel() * root
        rest = rest - (dummies * root[:, None]) @ np.linalg.lstsq(dummies * root[:, None], rest, rcond=None)[0]
        steps.append((treated * (counts - means)).sum() / (rest**2).sum())
    found = rates(table(counts.tolist(), [2, None, None, None, None, None]), level=0.8)

    assert found.diagnostics["ways"] == 6
    assert found.p_value == pytest.approx(np.mean(np.abs(steps) >= abs(steps[0]) - 1e-9))
    assert found.p_value == pytest.approx(1 / 6)
    assert 0 not in found.interval
    assert found.effect in found.interval


# The same as pyfixest


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("counts", {}),
        ("rates", {"exposure": "changes"}),
        ("covariate", {"exposure": "changes", "covariates": ["share_new"]}),
    ],
)
def test_as_fepois(case, options):
    found = rates(PANEL, inference="cluster", **options)

    assert found.effect == pytest.approx(EXPECTED[f"panel_{case}", "effect"], abs=1e-7)
    assert found.se == pytest.approx(EXPECTED[f"panel_{case}", "se_crv1"], abs=1e-7)
    assert found.units == 13  # two teams never had a defect
    assert found.has_caveat("units_without_events")
    assert found.has_caveat("few_units_standard_error")


def test_horizons_as_fepois():
    found = rates(PANEL, inference="cluster", exposure="changes").by_horizon.set_index("horizon").drop(index=-1)

    assert found["effect"].to_dict() == pytest.approx(
        {int(name): value for name, value in EXPECTED["panel_horizons"].items()}, abs=1e-7
    )
    assert found["se"].to_dict() == pytest.approx(
        {int(name): value for name, value in EXPECTED["panel_horizons_se"].items()}, abs=1e-6
    )


# The lot


def test_the_interval_ends_where_the_test_begins_to_reject():
    # Multiplying the adopters' exposure after adoption by exp(τ) takes the ratio exp(τ) out of their rates.
    found = rates(PANEL, exposure="changes", draws=99)
    for bound, sign in ((found.interval.low, -1), (found.interval.high, 1)):
        inside, beyond = (
            rates(
                PANEL.assign(
                    changes=PANEL["changes"] * np.exp(np.where(PANEL["month"] >= PANEL["cohort"], tau, 0.0)),
                ),
                exposure="changes",
                draws=99,
            ).p_value
            for tau in (bound - sign * 1e-3, bound + sign * 1e-3)
        )
        assert inside > 0.05
        assert beyond <= 0.05
    assert found.se_reason == "permutation_has_no_se"
    assert found.inference == "permutation"
    assert (found.by_horizon["band_high"] >= found.by_horizon["high"]).all()


def test_all_deals_and_some_deals_tell_the_same():
    data = table(
        [[9, 8, 4, 3], [7, 9, 5, 4], [6, 6, 6, 7], [5, 7, 6, 6], [8, 8, 9, 8], [4, 6, 5, 6], [9, 9, 9, 9]],
        [3, 3, None, None, None, None, None],
    )
    every, some = rates(data, draws=1000), rates(data, draws=15, level=0.8)

    assert every.diagnostics["ways"] == 21
    assert every.diagnostics["all_ways"]
    assert not some.diagnostics["all_ways"]
    assert every.p_value == pytest.approx(1 / 21)
    assert some.effect == every.effect


def test_errors_of_the_first_kind_are_as_rare_as_promised():
    random = np.random.default_rng(4)
    rejected = 0
    for seed in range(16):
        level = random.gamma(2, 3, size=(10, 1)) * random.gamma(3, 1 / 3, size=(10, 7))
        adopted = random.permutation([4, 4, 5, 6, *[None] * 6]).tolist()
        rejected += rates(table(random.poisson(level).tolist(), adopted), draws=99, seed=seed).p_value <= 0.05

    assert rejected <= 3  # 5% of 16 is about one


# What it reports, and what it refuses


def test_teams_and_months_without_events_say_nothing():
    counts = [[10, 0, 30], [20, 0, 30], [0, 0, 0], [10, 0, 10]]
    found = rates(table(counts, [3, None, None, None]))
    without = rates(table([[10, 30], [20, 30], [10, 10]], [2, None, None]))

    assert found.effect == pytest.approx(without.effect)
    assert [caveat.values["n"] for caveat in found.caveats if caveat.code.endswith("without_events")] == [1, 1]
    assert found.n == 6


def test_months_without_anything_to_count_over_do_not_count():
    data = table([[10, 10, 30], [20, 20, 30]], [3, None], changes=[[10, 10, 10], [10, 10, 10]])
    idle = data.assign(changes=[10, 0, 10, 10, 10, 10], defects=[10, 0, 30, 20, 20, 30])

    assert rates(idle, exposure="changes").has_caveat("exposure_zero")
    assert rates(idle, exposure="changes").effect == pytest.approx(rates(data, exposure="changes").effect)


def test_effects_that_differ_between_dates_are_told():
    # The early adopters' ratio grows from 1 to 8: the late ones look as if they had fallen.
    base = np.full((12, 10), 400.0)
    base[:4, 2:] *= np.exp(np.linspace(0, 2.1, 8))
    data = table(base.round().tolist(), [3] * 4 + [7] * 4 + [None] * 4)

    found = rates(data.assign(defects=np.random.default_rng(0).poisson(data["defects"])))
    assert found.has_caveat("imputed_rate_differs")


def test_covariates_that_units_and_periods_explain_are_left_out():
    found = rates(PANEL.assign(size=PANEL["team"] * 2.0), covariates=["size"])

    assert found.has_caveat("covariates_collinear")
    assert found.effect == pytest.approx(rates(PANEL).effect)


@pytest.mark.parametrize(
    ("counts", "cohorts", "code"),
    [
        ([[1, -2], [1, 2]], [2, None], "impact_negative_counts"),
        ([[1, 2], [1, 2]], [None, None], "impact_nobody_adopted"),
        ([[1, 2], [1, 2]], [2, 2], "impact_no_controls_left"),
        ([[5, 0], [1, 2]], [2, None], "impact_rate_not_identified"),
        ([[0, 5], [1, 2]], [2, None], "impact_rate_not_identified"),
        ([[0, 0], [0, 0]], [2, None], "impact_rate_not_identified"),
        # The only adopter in month 2 has no events there; whoever has some adopts later or never.
        ([[3, 0, 0], [2, 2, 0], [2, 2, 0]], [2, None, None], "impact_rate_not_identified"),
    ],
)
def test_what_is_refused(counts, cohorts, code):
    with pytest.raises(InputError) as caught:
        rates(table(counts, cohorts))

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"exposure": "none"}, "impact_exposure_not_positive"),
        ({"exposure": "nothing"}, "impact_column_missing"),
        ({"inference": "bayes"}, "impact_unknown_choice"),
        ({"level": 0.3}, "impact_level_out_of_range"),
    ],
)
def test_wrong_options_are_refused(options, code):
    with pytest.raises(UserError) as caught:
        rates(PANEL.assign(none=0), **options)

    assert caught.value.code == code


# Properties


@given(seed=st.integers(0, 1000))
def test_order_of_rows_does_not_matter(seed):
    found, again = (
        rates(data, exposure="changes", draws=40, inference=how)
        for data, how in ((PANEL, "cluster"), (PANEL.sample(frac=1, random_state=seed), "cluster"))
    )

    assert (again.effect, again.se) == (found.effect, found.se)


def test_scale_of_counts_and_of_exposure_does_not_matter():
    found = rates(PANEL, exposure="changes")
    scaled = PANEL.assign(defects=PANEL["defects"] * 1000.0, changes=PANEL["changes"] * 1e-6)
    again = rates(scaled, exposure="changes")

    assert again.effect == pytest.approx(found.effect, abs=1e-8)
    assert again.p_value == found.p_value
    assert list(again.interval) == pytest.approx(list(found.interval), abs=1e-5)


def test_polars_is_read_alike():
    assert rates(pl.from_pandas(PANEL), inference="cluster").effect == rates(PANEL, inference="cluster").effect


def test_diagnostics_can_call_the_fit_again():
    panel = panel_of(PANEL, **NAMES, covariates=["changes"])
    fit = fitter(exposure="changes")
    order = deal_dates(panel.cohort, draws=3, seed=0).order[0]
    found = estimate_of(panel, fit, method=METHOD, estimand="log_rate_ratio", inference="analytic")

    assert found.effect == rates(PANEL, exposure="changes").effect
    assert np.isfinite(fit(panel.with_cohort(panel.cohort[order])).effect)
    assert fit(panel).influence.sum() == pytest.approx(0, abs=1e-9)


def test_many_teams_use_sums_of_scores():
    random = np.random.default_rng(1)
    level = random.gamma(2, 2, size=(60, 1)) * np.ones((60, 8))
    level[:30, 4:] *= 0.5
    found = rates(table(random.poisson(level).tolist(), [5] * 30 + [None] * 30))

    assert found.inference == "analytic"
    assert found.diagnostics["ratio"] == pytest.approx(0.5, abs=0.1)
    assert found.p_value < 0.001
    assert 0.5 in found.diagnostics["ratio_interval"]
