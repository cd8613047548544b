"""Looks at a running experiment: published bounds, false alarms, and intervals that hold at all looks."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from pegel.errors import UserError
from pegel.impact.trials.alpha_spending import _by_recursion, bounds, mixture_bound, narrowest, spent
from pegel.impact.trials.sequential import confidence_sequence

FIVE = [0.2, 0.4, 0.6, 0.8, 1.0]


# --- bounds


def test_one_look_is_the_ordinary_test():
    for rule in ("obrien_fleming", "pocock"):
        assert bounds([1.0], rule=rule)["bound"].tolist() == pytest.approx([stats.norm.ppf(0.975)])


def test_two_looks_by_quadrature():
    # The chance to cross 2.157 first, or stay within and then cross 2.201 after as many units again, is 5%:
    # Z₂ = (Z₁ + X) / √2 with X independent of Z₁.
    first, second = bounds([0.5, 1.0], rule="pocock")["bound"]
    grid = np.linspace(-first, first, 20_001)
    beyond = stats.norm.sf(second * np.sqrt(2) - grid) + stats.norm.cdf(-second * np.sqrt(2) - grid)
    late = np.trapezoid(beyond * stats.norm.pdf(grid), grid)

    assert 2 * stats.norm.sf(first) == pytest.approx(spent(0.5, rule="pocock", alpha=0.05))
    assert 2 * stats.norm.sf(first) + late == pytest.approx(0.05, abs=1e-7)


@pytest.mark.parametrize(
    ("rule", "published"),
    [
        # Reboussin, DeMets, Kim & Lan, Controlled Clinical Trials 21 (2000) 190–207 (program ld98), two-sided 5%.
        ("obrien_fleming", [4.877, 3.357, 2.680, 2.290, 2.031]),
        ("pocock", [2.438, 2.427, 2.410, 2.397, 2.386]),
    ],
)
def test_the_published_bounds_of_five_looks(rule: str, published: list[float]):
    assert bounds(FIVE, rule=rule)["bound"].round(3).tolist() == published


def test_the_same_bound_at_every_look_is_pocock_s_own():
    # Pocock (1977): 2.413 at each of five looks raises a false alarm in 5%. Spent as such looks spend it, the bounds
    # come back: checks the recursion without any spending function.
    times = np.array(FIVE)

    def used(constant: float) -> np.ndarray:
        added = np.empty(5)
        for k in range(5):
            # brentq inside finds the bound for a chance; here the chance for a bound, look by look
            added[k] = optimize.brentq(
                lambda chance, k=k: _by_recursion(times[: k + 1], np.append(added[:k], chance))[-1] - constant,
                1e-6,
                0.5,
            )
        return added

    assert used(2.413).sum() == pytest.approx(0.05, abs=5e-5)


def test_too_early_a_look_cannot_end_anything():
    found = bounds([0.01, 0.02, 1.0])

    assert found["bound"].tolist() == pytest.approx([np.inf, np.inf, stats.norm.ppf(0.975)])
    assert found["spent"].iloc[-1] == pytest.approx(0.05)


def test_the_last_look_uses_up_what_is_left():
    early = bounds([0.4, 0.8], final=True)

    assert early["spent"].tolist() == pytest.approx([spent(0.4, rule="obrien_fleming", alpha=0.05), 0.05])
    assert early["bound"].iloc[1] < bounds([0.4, 0.8])["bound"].iloc[1]


def test_beyond_the_plan_nothing_is_left():
    assert np.isinf(bounds([0.5, 1.0, 1.2], rule="pocock")["bound"].iloc[-1])


def test_the_mixture_is_lowest_at_the_planned_number():
    found = optimize.minimize_scalar(
        lambda t: mixture_bound(np.array([t]), level=0.9)[0], bounds=(0.2, 5), method="bounded"
    )

    assert found.x == pytest.approx(1, abs=1e-4)
    assert mixture_bound(np.array([1.0]), level=0.95)[0] / stats.norm.ppf(0.975) == pytest.approx(1.5485, abs=1e-4)
    # x solves x + 1 = α⁻² exp … : at the minimum x = ln((x + 1) / α²).
    x = narrowest(0.05)
    assert x == pytest.approx(np.log((x + 1) / 0.05**2))


@given(st.lists(st.floats(0.02, 1), min_size=1, max_size=6, unique=True), st.sampled_from(["obrien_fleming", "pocock"]))
def test_what_is_spent_is_never_more_than_allowed(times: list[float], rule: str):
    times = sorted(times)
    if min(np.diff(times, prepend=0)) < 1e-3:
        return
    found = bounds(times, rule=rule, level=0.9)

    assert found["spent"].is_monotonic_increasing
    assert found["spent"].iloc[-1] <= 0.1 + 1e-12
    # No look is easier than a single one at its own share of α.
    assert (found["bound"] >= stats.norm.isf(0.05) - 1e-9).all()


def test_options_out_of_range_are_refused():
    for times, options, code in (
        ([], {}, "impact_information_not_ascending"),
        ([0.5, 0.5], {}, "impact_information_not_ascending"),
        ([-0.5, 0.5], {}, "impact_information_not_ascending"),
        ([0.5, np.nan], {}, "impact_information_not_ascending"),
        (np.arange(1, 400) / 400, {}, "impact_too_many_looks"),
        ([1.0], {"rule": "haybittle"}, "impact_unknown_choice"),
        ([1.0], {"level": 0.2}, "impact_level_out_of_range"),
    ):
        with pytest.raises(UserError) as caught:
            bounds(times, **options)
        assert caught.value.code == code


# --- false alarms


def test_weekly_looks_without_protection_raise_a_third_of_false_alarms():
    # 52 weekly looks at 20 new units each, no effect, 2,000 experiments.
    random = np.random.default_rng(20261121)
    units = np.arange(1, 53) * 10
    mean, variance = [], []
    for _ in range(2):
        values = random.standard_normal((2_000, 52, 10))
        mean.append(values.sum(axis=2).cumsum(axis=1) / units)
        squares = (values**2).sum(axis=2).cumsum(axis=1)
        variance.append((squares - units * mean[-1] ** 2) / (units - 1))
    z = np.abs(mean[1] - mean[0]) / np.sqrt((variance[0] + variance[1]) / units)
    information = np.arange(1, 53) / 52
    looked = units >= 20

    def alarms(bound: np.ndarray) -> float:
        return float(((z > bound) & looked).any(axis=1).mean())

    assert alarms(np.full(52, 1.96)) == pytest.approx(0.32, abs=0.03)
    assert alarms(mixture_bound(information, level=0.95)) == pytest.approx(0.015, abs=0.007)
    for rule in ("obrien_fleming", "pocock"):
        assert alarms(bounds(information, rule=rule)["bound"].to_numpy()) == pytest.approx(0.05, abs=0.015)


# --- confidence sequence


def flow(treated: list[float], control: list[float], weeks: int = 1) -> pd.DataFrame:
    rows = [
        (i * weeks // len(arm), value, name)
        for name, arm in ((1, treated), (0, control))
        for i, value in enumerate(arm)
    ]
    return pd.DataFrame(rows, columns=["week", "hours", "ai"])


def sequence(data: object, **more: object):
    return confidence_sequence(data, time="week", outcome="hours", treatment="ai", **{"planned": 80, **more})


def test_a_case_by_hand():
    # 20 treated alternate 1 and 3, 20 controls 4 and 6: means 2 and 5, variances 20/19 each, error √(2/19).
    # 40 of 80 planned units: x = x* / 2; interval −3 ± √(2/19) · √(2 (x + 1) / x · ln(√(x + 1) / 0.05)).
    found = sequence(flow([1, 3] * 10, [4, 6] * 10))
    x = narrowest(0.05) / 2
    reach = np.sqrt(2 / 19) * np.sqrt(2 * (x + 1) / x * np.log(np.sqrt(x + 1) / 0.05))

    assert found.effect == pytest.approx(-3)
    assert found.se == pytest.approx(np.sqrt(2 / 19))
    assert found.interval == pytest.approx((-3 - reach, -3 + reach))
    assert found.p_value == pytest.approx(np.sqrt(x + 1) * np.exp(-x * 9 / (2 / 19) / (2 * (x + 1))))
    assert (found.n, found.adopters, found.periods, found.inference) == (40, 20, 1, "confidence_sequence")
    assert found.diagnostics["first_excluding_zero"] == "0"


def test_interval_and_p_value_say_the_same():
    random = np.random.default_rng(4)
    data = flow(list(random.normal(0.5, 1, 200)), list(random.normal(0, 1, 200)), weeks=10)
    looks = sequence(data, planned=400).diagnostics["looks"]
    excluding = (looks["low"] > 0) | (looks["high"] < 0)

    assert (excluding == (looks["p_value"] < 0.05)).all()
    assert excluding.any()


def test_few_units_get_no_interval():
    found = sequence(flow([1, 2, 3], [4, 5, 6]))

    assert found.effect == -3
    assert (found.se, found.p_value, found.interval) == (None, 1.0, (-np.inf, np.inf))
    assert found.se_reason == "too_few_units_for_sequence"
    same = sequence(flow([1] * 30, [2] * 30))
    assert (same.effect, same.se_reason, same.interval.bounded) == (-1, "outcome_without_spread", False)


def test_looks_before_both_groups_have_units_are_open():
    data = pd.concat(
        [flow([1, 3] * 15, [4, 6] * 15).assign(week=2), pd.DataFrame({"week": [1], "hours": [2.0], "ai": [1]})]
    )
    looks = sequence(data).diagnostics["looks"]

    assert looks["units"].tolist() == [1, 61]
    assert np.isnan(looks["effect"].iloc[0])
    assert looks[["low", "high"]].iloc[0].tolist() == [-np.inf, np.inf]


def test_a_split_that_is_no_chance_is_reported():
    lopsided = flow([1, 3] * 60, [4, 6] * 20)

    assert dict(next(one for one in sequence(lopsided).caveats if one.code == "split_not_as_planned").values) == {
        "treated": 120, "units": 160, "planned": 80,
    }  # fmt: skip
    assert not sequence(lopsided, share=0.75).has_caveat("split_not_as_planned")


def test_missing_outcomes_are_reported_and_wrong_columns_refused():
    data = flow([1, 3] * 10, [4, 6] * 10)
    data.loc[0, "hours"] = np.nan

    assert sequence(data).n == 39
    assert sequence(data).has_caveat("units_without_outcome")
    for change, options, code in (
        ({"week": [None] * 40}, {}, "impact_time_missing"),
        ({"week": ["1"] * 20 + [1] * 20}, {}, "impact_time_unreadable"),
        ({"hours": ["x"] * 40}, {}, "impact_not_numbers"),
        ({"hours": [np.nan] * 40}, {}, "impact_no_rows"),
        ({"ai": [1] * 40}, {}, "impact_groups_not_two"),
        ({}, {"planned": 0}, "impact_planned_not_positive"),
        ({}, {"planned": 1.5}, "impact_planned_not_positive"),
        ({}, {"share": 1}, "impact_share_out_of_range"),
    ):
        with pytest.raises(UserError) as caught:
            sequence(data.assign(**change), **options)
        assert caught.value.code == code


@given(st.integers(0, 50), st.floats(0.01, 1000), st.floats(-1e6, 1e6))
def test_order_and_scale_do_not_matter(seed: int, factor: float, shift: float):
    random = np.random.default_rng(seed)
    data = flow(list(random.normal(0, 1, 30)), list(random.normal(0, 1, 30)), weeks=3)
    found = sequence(data)
    other = sequence(
        pl.from_pandas(data.assign(hours=data["hours"] * factor + shift)).sample(fraction=1, shuffle=True, seed=1)
    )

    assert other.effect == pytest.approx(found.effect * factor, rel=1e-6, abs=1e-6)
    assert other.interval == pytest.approx(
        (found.interval.low * factor, found.interval.high * factor), rel=1e-5, abs=1e-6
    )
    assert found.effect in found.interval
