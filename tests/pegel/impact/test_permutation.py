"""Permutation of adoption dates: all ways by hand, p-values by hand, inversion against trying every effect."""

from fractions import Fraction
from itertools import pairwise
from math import factorial, inf

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.impact.estimators import imputation
from pegel.impact.estimators.callaway_santanna import callaway_santanna, fitter
from pegel.impact.fit import draw
from pegel.impact.panel import Panel, panel_of
from pegel.impact.permutation import deal_dates, draw_by_refitting, draw_by_weights, invert, p_value

_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _long(outcomes: dict[str, list[float]], adopted: dict[str, int]) -> pd.DataFrame:
    rows = [(u, t, y, adopted.get(u, np.nan)) for u, series in outcomes.items() for t, y in enumerate(series, start=1)]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"])


def _noise(units: int, periods: int, adopters: int, seed: int, *, effect: float = 0.0) -> pd.DataFrame:
    """AR(1) noise with φ = 0.5; two cohorts in the middle."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal((units, periods))
    for t in range(1, periods):
        noise[:, t] = 0.5 * noise[:, t - 1] + np.sqrt(0.75) * noise[:, t]
    starts = np.full(units, np.nan)
    starts[:adopters] = np.where(np.arange(adopters) % 2, periods // 2 + 1, periods // 2 + 3)
    treated = np.arange(1, periods + 1)[None, :] >= np.nan_to_num(starts, nan=inf)[:, None]
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": (noise + effect * treated + random.standard_normal((units, 1))).ravel(),
            "adopted": np.repeat(starts, periods),
        }
    )


def _panel(frame: pd.DataFrame) -> Panel:
    return panel_of(frame, **_NAMES)


# Ways to deal ----------------------------------------------------------------------------------------------------


def test_all_ways_of_three_units_by_hand():
    # One date among three units: it falls on the first (as observed), the second or the third.
    deals = deal_dates(np.array([4.0, inf, inf]), draws=100, seed=0)

    dates = np.array([4.0, inf, inf])[deals.order]
    assert deals.complete
    assert deals.ways == 3
    assert {tuple(row) for row in dates.tolist()} == {(inf, 4.0, inf), (inf, inf, 4.0)}


def test_all_ways_of_three_dates():
    # 3! = 6 ways; five differ from the observed one.
    cohort = np.array([2.0, 3.0, inf])

    dates = {tuple(row) for row in cohort[deal_dates(cohort, draws=6, seed=0).order].tolist()}

    assert dates == {
        (2.0, inf, 3.0), (3.0, 2.0, inf), (3.0, inf, 2.0), (inf, 2.0, 3.0), (inf, 3.0, 2.0),
    }  # fmt: skip


def test_one_date_for_all_leaves_nothing_to_deal():
    deals = deal_dates(np.array([3.0, 3.0, 3.0]), draws=10, seed=0)

    assert (deals.ways, deals.complete, deals.order.shape) == (1, True, (0, 3))


@given(st.lists(st.sampled_from([2.0, 3.0, inf]), min_size=1, max_size=6))
def test_every_way_is_listed_once_and_keeps_the_dates(dates):
    cohort = np.array(dates)
    ways = factorial(len(dates))
    for date in set(dates):
        ways //= factorial(dates.count(date))

    deals = deal_dates(cohort, draws=1_000, seed=0)

    dealt = [tuple(row) for row in cohort[deals.order].tolist()]
    assert deals.ways == ways
    assert len(set(dealt)) == ways - 1
    assert tuple(dates) not in dealt
    assert all(sorted(row) == sorted(dates) for row in dealt)
    assert all(sorted(order) == list(range(len(dates))) for order in deals.order.tolist())
    assert deals.keep_sizes(cohort)


def test_more_ways_than_draws_are_drawn_from_the_seed():
    cohort = np.where(np.arange(20) < 8, 3.0, inf)  # 125,970 ways

    one, same, other = (deal_dates(cohort, draws=50, seed=seed) for seed in (1, 1, 2))

    assert not one.complete
    assert one.ways == 51
    np.testing.assert_array_equal(one.order, same.order)
    assert (one.order != other.order).any()
    assert (np.sort(one.order, axis=1) == np.arange(20)).all()


@pytest.mark.parametrize(("units", "adopters", "ways"), [(300, 1, 300), (6, 3, 20), (170, 1, 170)])
def test_few_ways_among_many_units(units, adopters, ways):
    assert deal_dates(np.where(np.arange(units) < adopters, 3.0, inf), draws=2_000, seed=0).ways == ways


def test_many_ways_among_many_units_are_not_counted_out():
    deals = deal_dates(np.where(np.arange(2_000) < 1_000, 3.0, inf), draws=10, seed=0)

    assert (deals.complete, deals.ways) == (False, 11)


# Clusters --------------------------------------------------------------------------------------------------------


def test_clusters_of_one_date_are_dealt_whole():
    # Three clusters of 2, 1 and 2 units; the first adopted. Dates fall on the second or the third instead.
    cohort = np.array([5.0, 5.0, inf, inf, inf])

    deals = deal_dates(cohort, draws=100, seed=0, clusters=np.array([0, 0, 1, 2, 2]))

    assert deals.complete
    assert sorted(cohort[deals.order].tolist()) == sorted([[inf, inf, 5.0, inf, inf], [inf, inf, inf, 5.0, 5.0]])
    assert not deals.keep_sizes(cohort)  # the second cluster has one unit only


def test_clusters_of_different_dates_are_dealt_within():
    # The first two units may swap, the last three have 3 ways: 2 × 3 = 6.
    cohort = np.array([5.0, inf, 4.0, inf, inf])

    deals = deal_dates(cohort, draws=100, seed=0, clusters=np.array([7, 7, 9, 9, 9]))

    dates = cohort[deals.order]
    assert deals.ways == 6
    assert {tuple(row) for row in np.isfinite(dates).tolist()} == {
        (a, not a, b == 0, b == 1, b == 2) for a in (True, False) for b in range(3) if (a, b) != (True, 0)
    }
    drawn = deal_dates(cohort, draws=5, seed=0, clusters=np.array([7, 7, 9, 9, 9]))
    assert (drawn.complete, drawn.order.shape) == (False, (5, 5))
    assert (np.sort(drawn.order[:, :2]) == [0, 1]).all()
    assert (np.sort(drawn.order[:, 2:]) == [2, 3, 4]).all()


def test_clusters_of_one_unit_each_change_nothing():
    cohort = np.array([3.0, inf, inf, 4.0])

    one, other = (deal_dates(cohort, draws=50, seed=3, clusters=codes) for codes in (None, np.array([5, 2, 9, 1])))

    np.testing.assert_array_equal(one.order, other.order)


def test_units_that_move_together_are_no_evidence_each():
    # 8 sites of 4 units that follow their site's random walk, without any effect: dealt by unit, every third test
    # would reject at 5%.
    rejected = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        walk = random.standard_normal((8, 8)).cumsum(axis=1)
        y = np.repeat(walk, 4, axis=0) + 0.3 * random.standard_normal((32, 8))
        frame = pd.DataFrame(
            {
                "unit": np.repeat(np.arange(32), 8),
                "time": np.tile(np.arange(8), 32),
                "y": y.ravel(),
                "adopted": np.repeat(np.where(np.arange(32) < 16, 5.0, np.nan), 8),
                "site": np.repeat(np.arange(8), 32),
            }
        )
        rejected += callaway_santanna(frame, **_NAMES, cluster="site", draws=199).p_value <= 0.05

    assert rejected <= 5


# p-values --------------------------------------------------------------------------------------------------------


def test_a_p_value_by_hand():
    # A moves by 3, B by 1, C by 0, and A adopted: 3 − (1 + 0)/2 = 2.5. Had B: 1 − 3/2 = −0.5. Had C: 0 − 4/2 = −2.
    # One way of three is as far from zero as 2.5.
    found = callaway_santanna(_long({"A": [0, 3], "B": [0, 1], "C": [0, 0]}, {"A": 2}), **_NAMES)

    assert found.effect == pytest.approx(2.5)
    assert found.p_value == pytest.approx(1 / 3)
    assert dict(found.diagnostics)["ways"] == 3
    assert found.se is None
    assert found.se_reason == "permutation_has_no_se"


def test_shares_by_hand():
    assert p_value(2.0, np.array([1.0, -3.0, 2.0, 0.5])) == 3 / 5  # −3 and the tie 2 count, and the observed one
    assert p_value(-2.0, np.array([1.0, -3.0, 2.0, 0.5])) == 3 / 5
    assert p_value(0.0, np.array([1.0, -3.0])) == 1
    assert p_value(5.0, np.array([])) == 1
    assert p_value(2.0, np.array([np.nan, 3.0, 1.0, np.nan])) == 2 / 3  # what could not be estimated says nothing


def test_ties_but_for_rounding_are_ties_at_every_scale():
    for scale in (1e-12, 1.0, 1e12):
        assert p_value(0.3 * scale, scale * np.array([0.1 + 0.2, 0.3 - 1e-5, 0.2])) == 2 / 4


# Inversion -------------------------------------------------------------------------------------------------------


def test_an_interval_by_hand():
    # Deals that have nothing in common with the observed adoption: |a| ≥ |2 − τ| for a = 1, −1, 0.5. At 60% one of
    # four ways besides the observed one has to hold: τ from 1 to 3.
    assert invert(2.0, np.array([1.0, -1.0, 0.5]), np.zeros(3), level=0.6) == (1.0, 3.0)
    # At 50% two have to hold, which the two largest deals do; at 75% one suffices as well.
    assert invert(2.0, np.array([1.0, -0.75, 0.5]), np.zeros(3), level=0.5) == (1.25, 2.75)
    assert invert(2.0, np.array([1.0, -0.75, 0.5]), np.zeros(3), level=0.75) == (1.0, 3.0)


def test_an_interval_with_slopes_by_hand():
    # |a − τb| = |o − τ| with o = 3, a = 1, b = 1/2: τ = (3 − 1)/(1 − 1/2) = 4 and τ = (3 + 1)/(1 + 1/2) = 8/3.
    assert invert(3.0, np.array([1.0]), np.array([0.5]), level=0.5) == pytest.approx((8 / 3, 4))
    # b = 1: as far for every τ from (3 + 1)/2 on. b = −1: from (3 − 1)/2 on. b = 2: outside −2 and 4/3.
    assert invert(3.0, np.array([1.0]), np.array([1.0]), level=0.5) == (2, inf)
    assert invert(3.0, np.array([1.0]), np.array([-1.0]), level=0.5) == (1, inf)
    assert invert(3.0, np.array([1.0]), np.array([2.0]), level=0.5) == (-inf, inf)
    assert invert(1.0, np.array([3.0]), np.array([1.0]), level=0.5) == (-inf, 2)
    # A deal that is the observed way again never speaks against any τ.
    assert invert(3.0, np.array([3.0]), np.array([1.0]), level=0.5) == (-inf, inf)
    assert invert(3.0, np.array([-3.0]), np.array([-1.0]), level=0.5) == (-inf, inf)


@pytest.mark.parametrize(("ways", "bounded"), [(19, False), (20, True), (21, True)])
def test_few_ways_cannot_bound_anything(ways, bounded):
    # 5% of 19 ways is less than the observed one alone.
    found = invert(2.0, np.linspace(-1, 1, ways - 1), np.zeros(ways - 1), level=0.95)

    assert found.bounded is bounded
    assert 2.0 in found


def test_three_units_leave_the_interval_open_and_say_so():
    found = callaway_santanna(_long({"A": [0, 3], "B": [0, 1], "C": [0, 0]}, {"A": 2}), **_NAMES)

    assert found.interval == (-inf, inf)
    assert found.has_caveat("too_few_ways_to_deal")
    assert dict(found.caveats[-1].values) == {"ways": 3, "level": 0.95}
    table = found.by_horizon
    assert table["low"].tolist() == [0, -inf]  # the base is zero by definition
    assert table["band_high"].tolist() == [0, inf]


def _by_trying(o: Fraction, a: list[Fraction], b: list[Fraction], level: Fraction) -> tuple[float, float]:
    """The lowest and the highest τ that the test does not reject, by exact arithmetic at every τ where that can change,
    and between."""

    def kept(tau: Fraction) -> bool:
        as_far = sum(abs(x - tau * slope) >= abs(o - tau) for x, slope in zip(a, b, strict=True))
        return Fraction(1 + as_far, 1 + len(a)) > 1 - level

    edges = {o}
    for x, slope in zip(a, b, strict=True):
        edges |= {(o - x) / (1 - slope)} if slope != 1 else set()
        edges |= {(o + x) / (1 + slope)} if slope != -1 else set()
    points = sorted(edges)
    tried = [points[0] - 1, *points, *((one + two) / 2 for one, two in pairwise(points))]
    tried.append(points[-1] + 1)
    held = [tau for tau in tried if kept(tau)]
    low, high = min(held), max(held)
    return (-inf if low < points[0] else float(low)), (inf if high > points[-1] else float(high))


_QUARTERS = st.integers(-12, 12).map(lambda n: Fraction(n, 4))
_THIRDS = st.integers(-9, 9).map(lambda n: Fraction(n, 3))


@settings(max_examples=200)
@given(
    _THIRDS,
    st.lists(st.tuples(_THIRDS, _QUARTERS), min_size=1, max_size=24),
    st.sampled_from([Fraction(1, 2), Fraction(3, 5), Fraction(4, 5), Fraction(9, 10), Fraction(19, 20)]),
)
def test_inversion_is_trying_every_effect(o, deals, level):
    a, b = [x for x, _ in deals], [slope for _, slope in deals]

    found = invert(float(o), np.array(a, dtype=float), np.array(b, dtype=float), level=float(level))

    assert found == pytest.approx(_by_trying(o, a, b, level))
    assert found.low <= float(o) <= found.high


@given(st.integers(0, 10_000), st.sampled_from([0.8, 0.9, 0.95]))
def test_an_interval_without_zero_means_that_no_effect_is_rejected(seed, level):
    # Not the other way round: zero may lie in a hole of the set, and holes are filled.
    random = np.random.default_rng(seed)
    o, a, b = random.normal() * 2, random.normal(size=60), random.normal(size=60) / 3

    found = invert(o, a, b, level=level)

    assert 0.0 in found or p_value(o, a) <= 1 - level


def test_what_could_not_be_estimated_is_left_out():
    full = invert(2.0, np.array([1.0, -1.0, 0.5]), np.zeros(3), level=0.6)
    with_gaps = invert(2.0, np.array([np.nan, 1.0, -1.0, 0.5]), np.array([0, 0, 0, 0.0]), level=0.6)

    assert full == with_gaps


# Estimates under deals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aggregate", ["simple", "dynamic", "group", "calendar"])
@pytest.mark.parametrize("control", ["never", "not_yet"])
def test_weights_and_refitting_draw_the_same(aggregate, control):
    panel = _panel(_noise(9, 8, 4, seed=5))
    again = fitter(control=control, aggregate=aggregate)
    fit = again(panel)
    deals = deal_dates(panel.cohort, draws=30, seed=1)

    def refit(one: Panel) -> tuple[float, np.ndarray]:
        found = again(one)
        return found.effect, found.effects

    by_weights = draw_by_weights(panel, *fit.weights, deals)
    effects, horizons = draw_by_refitting(panel, refit, deals)

    np.testing.assert_allclose(by_weights[:, 0], effects, atol=1e-12)
    np.testing.assert_allclose(by_weights[:, 1:], horizons, atol=1e-12)


def test_the_slope_of_the_observed_way_is_one():
    panel = _panel(_noise(9, 8, 4, seed=6))
    marked = panel.with_values(panel.treated)

    assert fitter()(marked).effect == pytest.approx(1)


def test_clusters_of_different_size_by_hand():
    # Changes: A 1, B 3 (adopted, one site), C 6 (a site), D 0, E 1, F 2 (a site). As observed 2 − 9/4 = −1/4. Had C
    # adopted: 6 − 7/5 = 4.6. Had D, E and F: 1 − 10/3 = −7/3. The numbers of adopters change, so weights do not serve.
    change = {"A": 1, "B": 3, "C": 6, "D": 0, "E": 1, "F": 2}
    frame = _long({name: [0, end] for name, end in change.items()}, {"A": 2, "B": 2})
    frame["site"] = frame.unit.map({"A": 1, "B": 1, "C": 2, "D": 3, "E": 3, "F": 3})
    panel = panel_of(frame, **_NAMES, cluster="site")
    fit = fitter()(panel)

    drawn = draw(panel, fitter(), fit, draws=100, seed=0)

    assert fit.effect == pytest.approx(-1 / 4)
    assert sorted(drawn.effects) == pytest.approx([-7 / 3, 4.6])


def test_a_deal_that_cannot_be_estimated_says_nothing():
    # C was not seen before, so it cannot be the adopter: A as observed 3 − 1 = 2, B 1 − 3 = −2, C nothing.
    panel = _panel(_long({"A": [0, 3], "B": [0, 1], "C": [np.nan, 0]}, {"A": 2}))
    fit = fitter()(panel)

    drawn = draw(panel, fitter(), fit, draws=100, seed=0)

    assert (fit.effect, drawn.ways) == (2, 2)
    np.testing.assert_array_equal(np.sort(drawn.effects), [-2, np.nan])
    assert p_value(fit.effect, drawn.effects) == 1


def test_another_estimator_is_permuted_by_the_same_code():
    panel = _panel(_noise(8, 8, 3, seed=8))
    again = imputation.fitter()

    drawn = draw(panel, again, again(panel), draws=60, seed=0)

    assert np.isfinite(drawn.effects).all()
    assert np.abs(drawn.slopes).max() < 1 + 1e-9


# Promises --------------------------------------------------------------------------------------------------------


def test_intervals_hold_the_truth_as_often_as_they_say():
    # 12 teams, AR(1) noise, effect 0.7; 80% intervals. Within three standard errors of 80%, and never far below.
    held = 0
    for seed in range(100):
        found = callaway_santanna(
            _noise(12, 10, 6, seed=seed, effect=0.7), **_NAMES, level=0.8, draws=199, inference="permutation"
        )
        held += 0.7 in found.interval

    assert 70 <= held <= 92


def test_no_effect_is_hardly_ever_called_one():
    called = sum(
        callaway_santanna(_noise(6, 12, 3, seed=1_000 + seed), **_NAMES, draws=199).p_value <= 0.05
        for seed in range(100)
    )

    assert called <= 10


def test_the_order_of_rows_and_the_scale_do_not_matter():
    frame = _noise(9, 8, 4, seed=3)

    one = callaway_santanna(frame, **_NAMES, draws=99)
    other = callaway_santanna(frame.sample(frac=1, random_state=1), **_NAMES, draws=99)
    scaled = callaway_santanna(frame.assign(y=frame.y * -1e-9), **_NAMES, draws=99)

    assert (one.effect, one.p_value, one.interval) == (other.effect, other.p_value, other.interval)
    assert scaled.p_value == one.p_value
    assert scaled.interval == pytest.approx((-1e-9 * one.interval.high, -1e-9 * one.interval.low), rel=1e-6)
