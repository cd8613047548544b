"""The return in money: sums by hand, what stays apart, what is refused, and sentences for every kind of answer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import UserError
from pegel.impact.estimate import Caveat, Estimate, Interval
from pegel.impact.money.net_return import NetReturn, net_return
from pegel.impact.money.return_inputs import ACTIVITY, COSTS, Cost
from pegel.impact.money.uncertain import Beta, Known, Range, Samples, TwoSided, draw_together
from pegel.words.catalogue import has

FREE = {name: Cost(0) for name in COSTS}
KNOWN = {"licences": Cost(20_000, "billed"), "tokens": Cost(5_000, "billed"), "enablement": Cost(10_000),
         "review_rework": Cost(4_000), "dip": Cost(1_000)}  # fmt: skip


def worth(**more: object) -> NetReturn:
    """Half an hour less per item, 1,000 items, half of it used, 100 an hour: 25,000 in value, 40,000 in costs."""
    given = {"effect": -0.5, "better": "lower", "volume": 1_000, "realised_share": 0.5, "value_unit": "hour",
             "value_per_unit": 100, "costs": KNOWN, "draws": 2_000}  # fmt: skip
    return net_return(**{**given, **more})


def estimate(effect: float | None, low: float, high: float, **more: object) -> Estimate:
    values = {"method": "any", "estimand": "any", "outcome": "hours", "effect": effect, "se": None, "se_reason": "x",
              "interval": None if effect is None else Interval(low, high), "level": 0.95, "p_value": None,
              "inference": "permutation", "n": 1, "units": 1, "adopters": 1, "periods": 1,
              "by_horizon": pd.DataFrame()}  # fmt: skip
    return Estimate(**{**values, **more})


def test_a_sum_by_hand():
    # 0.5 h · 1,000 · 0.5 = 250 h; · 100 = 25,000; less 20,000 + 5,000 + 10,000 + 4,000 + 1,000: −15,000.
    found = worth()

    assert found.net == pytest.approx((-15_000,) * 3)
    assert (found.status, found.p_positive, found.missing) == ("value", 0.0, ())
    assert found.value == pytest.approx((25_000,) * 3)
    assert found.cost == pytest.approx((40_000,) * 3)
    assert found.capacity_freed.hours == pytest.approx((250,) * 3)
    assert found.capacity_freed.value == pytest.approx((25_000,) * 3)
    assert found.cash_saved == (0, 0, 0)
    assert found.ratio == pytest.approx((-15_000 / 40_000,) * 3)
    # 40,000 / (1,000 · 0.5 · 100) = 0.8 hours less per item pay for it all.
    assert found.break_even == pytest.approx(-0.8)
    assert found.tornado.empty


def test_break_even_is_where_nothing_is_left():
    assert worth(effect=worth().break_even).net == pytest.approx((0, 0, 0), abs=1e-9)
    more = worth(effect=0.5, better="higher")
    assert more.net == pytest.approx((-15_000,) * 3)
    assert more.break_even == pytest.approx(0.8)


def test_cash_and_capacity_are_kept_apart():
    # A fifth of the 25,000 leaves the books: 5,000 in cash, 20,000 (200 h) in capacity; cash alone: 5,000 − 40,000.
    found = worth(cash_share=0.2)

    assert found.cash_saved == pytest.approx((5_000,) * 3)
    assert found.capacity_freed.value == pytest.approx((20_000,) * 3)
    assert found.capacity_freed.hours == pytest.approx((200,) * 3)
    assert found.net_cash == pytest.approx((-35_000,) * 3)
    assert found.net == worth().net


def test_a_loss_counts_in_full():
    # Half an hour more per item: nobody loses only half of it.
    assert worth(effect=0.5).value == pytest.approx((-50_000,) * 3)


def test_the_tornado_sets_one_assumption_at_a_time():
    # Volume 500 to 1,500, triangular: 5% at 500 + 500 √0.1, 95% at 1,500 less that. Net: 25 per item − 40,000.
    found = worth(volume=Range(500, 1_000, 1_500), costs={**KNOWN, "dip": Cost(Range(0, 1_000, 2_000))})
    edge = 500 * np.sqrt(0.1)

    assert found.tornado["assumption"].tolist() == ["volume", "dip"]
    row = found.tornado.iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((500 + edge, 1_500 - edge))
    assert (row["net_low"], row["net_high"]) == pytest.approx(
        (25 * (500 + edge) - 40_000, 25 * (1_500 - edge) - 40_000)
    )
    dip = found.tornado.iloc[1]
    assert dip["net_low"] > dip["net_high"]


def test_the_spread_is_that_of_the_parts():
    # Only the effect is uncertain, normal with interval ±0.98: net is normal around −15,000 with sd 0.5 · 50,000.
    found = worth(effect=estimate(-0.5, -0.5 - 0.5 * 1.959964, -0.5 + 0.5 * 1.959964), realised_share=1, draws=200_000)

    # Share 1: value 100,000 · gain; gain ~ N(0.5, 0.5), costs 40,000: net ~ N(10,000, 50,000).
    assert found.net.median == pytest.approx(10_000, abs=500)
    assert found.net.high - found.net.median == pytest.approx(1.645 * 50_000, rel=0.01)
    assert found.p_positive == pytest.approx(0.579, abs=0.005)  # Φ(0.2)


def test_an_interval_with_uneven_arms_keeps_its_middle():
    found = TwoSided(-1.0, -1.2, 0.5, 0.95).quantile(np.array([0.025, 0.5, 0.975]))

    assert found.tolist() == pytest.approx([-1.2, -1.0, 0.5])


def test_samples_are_drawn_as_they_are():
    found = worth(effect=[-1.0, -1.0, -1.0, 3.0] * 50, realised_share=1, costs=FREE, draws=50_000)

    # Three of four draws gain 1,000 · 100; one loses 300,000.
    assert found.net.median == pytest.approx(100_000)
    assert found.net.low == pytest.approx(-300_000)
    assert found.p_positive == pytest.approx(0.75, abs=0.01)


def test_what_is_not_known_is_not_zero():
    found = worth(costs={"licences": Cost(20_000, "billed"), "dip": Cost(None)})

    assert (found.status, found.reason, found.net, found.p_positive) == ("not_configured", "prices_missing", None, None)
    assert found.missing == ("tokens", "enablement", "review_rework", "dip")
    assert found.value == pytest.approx((25_000,) * 3)
    assert found.costs.set_index("cost")["mid"].isna().tolist() == [False, True, True, True, True]
    assert found.costs["provenance"].tolist() == ["billed", *["not_configured"] * 4]


def test_without_a_price_there_are_still_hours():
    found = worth(value_per_unit=None)

    assert (found.status, found.missing, found.net, found.value) == ("not_configured", ("value_per_unit",), None, None)
    assert found.capacity_freed == (pytest.approx((250,) * 3), None)


def test_hours_of_other_units_must_be_said():
    assert worth(value_unit="incident").capacity_freed.hours is None
    assert worth(value_unit="incident", hours_per_unit=6).capacity_freed.hours == pytest.approx((1_500,) * 3)
    assert worth(value_unit="Stunden").capacity_freed.hours == pytest.approx((250,) * 3)


def test_an_unknown_or_unbounded_effect_has_no_return_but_a_break_even():
    unknown = worth(effect=estimate(None, 0, 0))
    unbounded = worth(effect=estimate(-1.0, -np.inf, np.inf))

    assert (unknown.status, unknown.reason, unknown.net) == ("no_data", "effect_unknown", None)
    assert (unbounded.status, unbounded.reason, unbounded.net) == ("undefined", "effect_unbounded", None)
    assert unknown.break_even == unbounded.break_even == pytest.approx(-0.8)
    assert worth(effect=estimate(None, 0, 0), value_per_unit=None).break_even is None


def test_caveats_of_the_estimate_come_along():
    found = worth(effect=estimate(-0.5, -0.6, -0.4, caveats=(Caveat("gaps_in_the_panel"), Caveat("few_units"))))

    assert dict(found.caveats[0].values) == {"n": 2}


def test_the_ratio_stands_only_where_it_means_something():
    assert worth(costs=FREE).ratio is None
    assert [one.code for one in worth(costs=FREE).caveats] == ["no_ratio_without_costs"]
    nearly = worth(costs={**FREE, "tokens": Cost(1_000)})
    assert nearly.ratio == pytest.approx((24.0,) * 3)
    assert [one.code for one in nearly.caveats] == ["ratio_unstable"]
    assert worth().caveats == ()


@pytest.mark.parametrize(
    "unit", ["lines of code", "LOC", "Story Points", "commit", "accepted-lines", "Codezeilen", "PRs"]
)
def test_activity_has_no_price(unit: str):
    with pytest.raises(UserError) as caught:
        worth(value_unit=unit)
    assert caught.value.code == "impact_value_unit_is_activity"


def test_value_that_somebody_pays_for_may_sound_like_activity():
    for unit in ("order line", "production line stop", "point of sale"):
        assert unit.replace(" ", "_") not in ACTIVITY
        assert worth(value_unit=unit).status == "value"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"better": "sideways"}, "impact_unknown_choice"),
        ({"costs": {"lunch": Cost(1)}}, "impact_unknown_choice"),
        ({"volume": -1}, "impact_amount_negative"),
        ({"volume": float("nan")}, "impact_amount_negative"),
        ({"value_per_unit": Range(-1, 2, 3)}, "impact_amount_negative"),
        ({"hours_per_unit": -2}, "impact_amount_negative"),
        ({"costs": {"dip": Cost(-5)}}, "impact_amount_negative"),
        ({"realised_share": 1.2}, "impact_share_out_of_range"),
        ({"cash_share": Range(-0.1, 0.2, 0.3)}, "impact_share_out_of_range"),
        ({"effect": []}, "impact_samples_not_finite"),
        ({"effect": [1.0, np.nan]}, "impact_samples_not_finite"),
        ({"draws": 10}, "impact_draws_too_few"),
        ({"correlations": {("effect", "lunch"): 0.5}}, "impact_unknown_choice"),
        ({"correlations": {("effect", "volume"): 1.5}}, "impact_correlations_impossible"),
        (
            {"correlations": {("effect", "volume"): 0.9, ("volume", "dip"): 0.9, ("effect", "dip"): -0.9}},
            "impact_correlations_impossible",
        ),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], code: str):
    with pytest.raises(UserError) as caught:
        worth(**change)
    assert caught.value.code == code


def test_ranges_and_costs_that_cannot_be_are_refused():
    for make, code in (
        (lambda: Range(2, 1, 3), "impact_range_not_ordered"),
        (lambda: Range(1, 2, np.inf), "impact_range_not_ordered"),
        (lambda: Range(1, 2, 3, "uniform"), "impact_unknown_choice"),
        (lambda: Beta(0, 1), "impact_beta_not_positive"),
        (lambda: Cost(Range(1, 2, 3), "billed"), "impact_billed_cost_is_a_range"),
        (lambda: Cost(1, "guessed"), "impact_unknown_choice"),
        (lambda: Samples(np.array([])), "impact_samples_not_finite"),
    ):
        with pytest.raises(UserError) as caught:
            make()
        assert caught.value.code == code


def test_quantiles_of_ranges():
    # Triangular on 0 to 2 with mode 1: F(x) = x² / 2 up to 1. PERT with mode in the middle: Beta(3, 3).
    assert Range(0, 1, 2).quantile(np.array([0.125, 0.5])).tolist() == pytest.approx([0.5, 1.0])
    assert Range(3, 3, 3).quantile(np.array([0.1, 0.9])).tolist() == [3, 3]
    assert Range(0, 1, 1).quantile(np.array([0.25])).tolist() == pytest.approx([0.5])
    middle, narrow = Range(0, 1, 2, "pert").quantile(np.array([0.5, 0.05]))
    assert middle == pytest.approx(1)
    assert narrow > Range(0, 1, 2).quantile(np.array([0.05]))[0]


def test_correlated_draws_are_correlated_and_keep_their_own_spread():
    parts = {"a": TwoSided(0, -1.959964, 1.959964, 0.95), "b": Range(0, 1, 2), "c": Known(4)}
    drawn = draw_together(parts, correlations={("a", "b"): 0.8}, draws=50_000, seed=3)
    alone = draw_together(parts, correlations={}, draws=50_000, seed=3)

    assert np.corrcoef(drawn["a"], drawn["b"])[0, 1] == pytest.approx(0.8, abs=0.02)
    assert np.corrcoef(alone["a"], alone["b"])[0, 1] == pytest.approx(0, abs=0.02)
    assert drawn["a"].std() == pytest.approx(1, abs=0.02)
    assert drawn["b"].std() == pytest.approx(np.sqrt(1 / 6), abs=0.01)
    assert (drawn["c"] == 4).all()


def test_one_more_quantity_does_not_change_the_others():
    parts = {"a": Range(0, 1, 2), "b": Range(0, 1, 2)}
    one = draw_together({"a": parts["a"]}, correlations={}, draws=1_000, seed=3)
    two = draw_together(parts, correlations={}, draws=1_000, seed=3)

    assert (one["a"] == two["a"]).all()
    assert not (two["a"] == two["b"]).any()


def test_the_same_seed_is_the_same_answer_and_another_is_near():
    given = {"effect": Range(-1, -0.5, 0.2), "realised_share": Beta(6, 6), "draws": 20_000}
    found, again, other = worth(**given), worth(**given), worth(**given, seed=1)

    assert found.net == again.net
    assert found.net != other.net
    assert found.net.median == pytest.approx(other.net.median, rel=0.05)


MONEY = st.just(0.0) | st.floats(0.01, 1e5)  # there is nothing between nothing and a cent


@given(st.floats(-3, 3), st.just(0.0) | st.floats(0.01, 1), MONEY, MONEY, st.floats(0, 1))
def test_the_parts_add_up(effect: float, share: float, price: float, licences: float, cash: float):
    found = worth(effect=effect, realised_share=share, value_per_unit=price, cash_share=cash,
                  costs={**FREE, "licences": Cost(licences)})  # fmt: skip

    assert found.net.median == pytest.approx(found.value.median - found.cost.median, abs=1e-6)
    apart = found.cash_saved.median + found.capacity_freed.value.median
    assert apart == pytest.approx(found.value.median, abs=1e-6)
    if found.break_even is not None:
        at_it = worth(effect=found.break_even, realised_share=share, value_per_unit=price,
                      costs={**FREE, "licences": Cost(licences)})  # fmt: skip
        assert at_it.net.median == pytest.approx(0, abs=1e-6 * max(1, licences))


def test_summaries_in_both_languages():
    text = worth(effect=Range(-2.5, -1.4, -0.2), realised_share=Beta(6, 6), volume=2_400, period="2026").summary("en")
    assert text.startswith("After all costs EUR ")
    assert "in the period “2026”" in text
    for part in (
        "chance that anything is left",
        "Capacity freed:",
        "nothing is saved as cash",
        "Nothing is left at an effect of −0.33 hours",
        "Most hangs on: effect",
        "Billed: licences, usage (tokens).",
        "Only stated: roll-out and training",
    ):
        assert part in text, part
    german = worth(cash_share=0.2).summary("de")
    for part in ("bleiben −15.000 EUR", "Als Geld gespart werden 5.000 EUR", "−0,80 Stunden je Arbeitseinheit"):
        assert part in german, part


def test_summaries_of_answers_without_an_amount():
    missing = worth(costs={}, value_per_unit=None).summary("en")
    assert "not configured" in missing
    assert "Missing: value per unit, licences, usage (tokens)" in missing
    assert "Die Wirkung ist nicht bekannt" in worth(effect=estimate(None, 0, 0)).summary("de")
    assert "does not bound the effect" in worth(effect=estimate(-1.0, -np.inf, np.inf)).summary()
    assert "costs there is no ratio" in worth(costs=FREE).summary().lower()
    assert "7 caveats" in worth(effect=estimate(-1.0, -2, 0, caveats=(Caveat("x"),) * 7)).summary()
    assert "stops" in worth(value_unit="stops").summary()


def test_every_input_has_a_name():
    names = ["effect", "volume", "realised_share", "cash_share", "value_per_unit", *COSTS]

    assert [name for name in names if not has(f"impact.return_input.{name}")] == []
