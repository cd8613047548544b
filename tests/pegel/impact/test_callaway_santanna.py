"""Staggered roll-outs cohort by cohort: by hand, at the edges, as properties, against R's did."""

import os
from math import log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.estimators.callaway_santanna import callaway_santanna, fitter
from pegel.impact.panel import panel_of

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data")) / "did-mpdta"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}
_GROWING = {"A": [0, 1, 4], "B": [0, 0, 1], "N": [3, 5, 4]}
_AGGREGATES = ("simple", "dynamic", "group", "calendar")


def _long(outcomes: dict[str, list[float]], adopted: dict[str, int]) -> pd.DataFrame:
    rows = [(u, t, y, adopted.get(u, np.nan)) for u, series in outcomes.items() for t, y in enumerate(series, start=1)]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"])


def _many(units: int = 60, periods: int = 6, adopters: int = 24, seed: int = 0) -> pd.DataFrame:
    """Lognormal outcomes with three cohorts (periods 3, 4, 5) and a covariate that matters."""
    random = np.random.default_rng(seed)
    x = random.normal(size=units)
    starts = np.where(np.arange(units) < adopters, 3.0 + np.arange(units) % 3, np.nan)
    trend = np.arange(periods)[None, :] * (0.05 + 0.02 * x[:, None])
    y = np.exp(random.normal(size=(units, 1)) + trend + 0.2 * random.normal(size=(units, periods)))
    return pd.DataFrame(
        {
            "unit": np.repeat([f"team {u:02d}" for u in range(units)], periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": y.ravel(),
            "adopted": np.repeat(starts, periods),
            "x": np.repeat(x, periods),
        }
    )


def _cells(found) -> dict[tuple[str, str], float]:
    table = found.diagnostics["cells"]
    return dict(zip(zip(table.cohort, table.period, strict=True), table.effect.round(12), strict=True))


# By hand ---------------------------------------------------------------------------------------------------------


def test_two_cohorts_by_hand():
    # A adopts in period 2. Until then B and N did not: they moved by 0 and 2, so A's 1 is 1 − 1 = 0. In period 3 only N
    # is left, 1 up since period 1: 4 − 1 = 3. B adopts in period 3: 1 up since period 2, N 1 down: 1 − (−1) = 2.
    # Before: B was at 0 − 0 = 0 in period 1, N at 3 − 5 = −2: 0 − (−2) = 2.
    found = callaway_santanna(_long(_GROWING, {"A": 2, "B": 3}), **_NAMES)

    assert _cells(found) == {
        ("2", "1"): 0, ("2", "2"): 0, ("2", "3"): 3, ("3", "1"): 2, ("3", "2"): 0, ("3", "3"): 2,
    }  # fmt: skip
    assert found.effect == pytest.approx((0 + 3 + 2) / 3)
    table = found.by_horizon
    assert dict(zip(table.horizon, table.effect, strict=True)) == pytest.approx({-2: 2, -1: 0, 0: 1, 1: 3})
    assert table.adopters.tolist() == [1, 2, 2, 1]
    assert (found.n, found.units, found.adopters, found.periods) == (9, 3, 2, 3)
    assert found.diagnostics["axis"] == {"unit": "period", "first": "1", "last": "3"}


@pytest.mark.parametrize(
    ("aggregate", "effect"),
    [
        ("simple", (0 + 3 + 2) / 3),
        ("dynamic", ((0 + 2) / 2 + 3) / 2),
        ("group", ((0 + 3) / 2 + 2) / 2),
        ("calendar", (0 + (3 + 2) / 2) / 2),
    ],
)
def test_averages_by_hand(aggregate, effect):
    found = callaway_santanna(_long(_GROWING, {"A": 2, "B": 3}), **_NAMES, aggregate=aggregate)

    assert found.effect == pytest.approx(effect)
    assert found.estimand == aggregate
    assert found.diagnostics["by_cohort"].values.tolist()[0][:3] == ["2", 1, 1.5]
    assert found.diagnostics["by_period"].values.tolist() == [["2", 0], ["3", 2.5]]


def test_larger_cohorts_weigh_more():
    # A and C moved alike: their cells count twice.
    found = callaway_santanna(_long({**_GROWING, "C": _GROWING["A"]}, {"A": 2, "C": 2, "B": 3}), **_NAMES)

    assert found.effect == pytest.approx((2 * 0 + 2 * 3 + 2) / 5)


def test_only_never_adopters_as_controls_by_hand():
    # B is no control any more: in period 2 A moved by 1, N by 2.
    found = callaway_santanna(_long(_GROWING, {"A": 2, "B": 3}), **_NAMES, control="never")

    assert _cells(found)["2", "2"] == 1 - 2
    assert found.effect == pytest.approx((-1 + 3 + 2) / 3)


def test_anticipation_moves_the_base_by_hand():
    # One period of anticipation: A adopts in period 3, its base is period 1. A moved by 2 and 5, N by 1 and 1.
    outcomes = {"A": [0, 2, 5], "N": [0, 1, 1]}

    plain = callaway_santanna(_long(outcomes, {"A": 3}), **_NAMES)
    found = callaway_santanna(_long(outcomes, {"A": 3}), **_NAMES, anticipation=1)

    assert plain.effect == (5 - 2) - (1 - 1)
    assert found.effect == 5 - 1
    assert dict(zip(found.by_horizon.horizon, found.by_horizon.effect, strict=True)) == {-2: 0, -1: 1, 0: 4}
    assert found.diagnostics["anticipation"] == 1


def test_whoever_will_soon_adopt_is_no_control_under_anticipation():
    # B adopts in period 4 and may react in period 3 already: only N is compared with.
    outcomes = {"A": [0, 0, 5, 5], "B": [0, 0, 100, 0], "N": [0, 0, 1, 1]}

    plain = callaway_santanna(_long(outcomes, {"A": 3, "B": 4}), **_NAMES)
    careful = callaway_santanna(_long(outcomes, {"A": 3, "B": 4}), **_NAMES, anticipation=1)

    assert _cells(plain)["3", "3"] == 5 - (100 + 1) / 2
    assert _cells(careful)["3", "3"] == 5 - 1


def test_a_standard_error_by_hand():
    # Adopters move by 1 and 3, the others by 0, 2 and 4. Each mean is 2; squared deviations ÷ n²: 2/4 + 8/9.
    outcomes = {"A": [0, 1], "B": [0, 3], "K": [0, 0], "L": [0, 2], "M": [0, 4]}

    found = callaway_santanna(_long(outcomes, {"A": 2, "B": 2}), **_NAMES, inference="analytic")

    assert found.effect == 0
    assert found.se == pytest.approx(sqrt(2 / 4 + 8 / 9))
    assert found.interval == pytest.approx((-1.959964 * found.se, 1.959964 * found.se), rel=1e-6)
    assert found.p_value == 1


def test_a_gap_takes_a_unit_out_of_the_cells_that_need_it_by_hand():
    # K misses period 2: there only L is compared with. In period 3 both are.
    outcomes = {"A": [0, 5, 5], "K": [0, np.nan, 1], "L": [0, 2, 3]}

    found = callaway_santanna(_long(outcomes, {"A": 2}), **_NAMES)

    assert _cells(found) == {("2", "1"): 0, ("2", "2"): 5 - 2, ("2", "3"): 5 - 2}
    assert found.has_caveat("gaps_in_the_panel")
    assert found.n == 8


@pytest.mark.parametrize("adjustment", ["dr", "reg", "ipw"])
def test_two_kinds_of_teams_by_hand(adjustment):
    # Large teams (x = 1) drift up by 5, small ones by 2, whoever adopts; more of the adopters are large. Adopters moved
    # by 9, 10 (large) and 5 (small): beyond teams of their kind by 4, 5 and 3, which is 4. Not adjusted: 8 − 3.5 = 4.5.
    rows = {"A": ([0, 9], 1), "B": ([0, 10], 1), "C": ([0, 5], 0), "K": ([0, 4], 1), "L": ([0, 6], 1),
            "M": ([0, 1], 0), "N": ([0, 3], 0)}  # fmt: skip
    frame = _long({name: series for name, (series, _) in rows.items()}, dict.fromkeys("ABC", 2))
    frame["x"] = frame.unit.map({name: x for name, (_, x) in rows.items()})

    found = callaway_santanna(frame, **_NAMES, covariates=["x"], adjustment=adjustment)

    assert found.effect == pytest.approx(4)
    assert callaway_santanna(frame, **_NAMES).effect == pytest.approx(4.5)


def test_covariates_count_with_their_value_in_the_earlier_period():
    # After adoption everybody's covariate is another one: it must not matter.
    frame = _many(units=20, adopters=8)
    changed = frame.assign(x=np.where(frame.time > 2, frame.x.iloc[::-1].to_numpy(), frame.x))

    one, other = (
        callaway_santanna(
            data[data.adopted.isna() | (data.adopted == 3)], **_NAMES, covariates=["x"], adjustment="reg", draws=20
        )
        for data in (frame, changed)
    )

    assert one.effect == pytest.approx(other.effect)


# Refused and reported --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "options", "code"),
    [
        (_long(_GROWING, {}), {}, "impact_nobody_adopted"),
        (_long(_GROWING, {"A": 9}), {}, "impact_nobody_adopted"),
        (_long(_GROWING, dict.fromkeys("ABN", 2)), {}, "impact_no_controls_left"),
        (_long(_GROWING, {"A": 2, "B": 3, "N": 3}), {"control": "never"}, "impact_no_controls_left"),
        (_long({"A": [0, 1]}, {"A": 2}), {}, "impact_no_controls_left"),
        (_long(_GROWING, {"A": 2}), {"anticipation": 1}, "impact_nothing_before"),
        (_long({"A": [np.nan, 1, 2], "N": [0, 0, 0]}, {"A": 2}), {}, "impact_no_controls_left"),
    ],
)
def test_what_cannot_be_compared_is_refused(frame, options, code):
    with pytest.raises(InputError) as caught:
        callaway_santanna(frame, **_NAMES, **options)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"control": "all"}, "control"), ({"aggregate": "mean"}, "aggregate"), ({"adjustment": "ols"}, "adjustment"),
        ({"inference": "bootstrap"}, "inference"), ({"draws": 0}, "draws"),
    ],
)  # fmt: skip
def test_unknown_choices_are_named(options, name):
    with pytest.raises(UserError) as caught:
        callaway_santanna(_long(_GROWING, {"A": 2}), **_NAMES, **options)

    assert (caught.value.code, caught.value.values["name"]) == ("impact_unknown_choice", name)


def test_negative_anticipation_is_refused():
    with pytest.raises(UserError, match="impact_anticipation_negative"):
        fitter(anticipation=-1)


def test_cohorts_without_a_base_are_left_out_and_counted():
    # With one period of anticipation A (period 2) has no base; C (period 3) has.
    outcomes = {"A": [0, 9, 9], "C": [0, 0, 4], "N": [0, 1, 1]}

    found = callaway_santanna(_long(outcomes, {"A": 2, "C": 3}), **_NAMES, anticipation=1)

    assert found.effect == 4 - 1
    assert dict(found.caveats[0].values) == {"n": 1}
    assert found.caveats[0].code == "cohorts_without_before"


def test_comparisons_without_controls_are_left_out_and_counted():
    # All adopt in the end: in period 3 nobody is left for A, and nobody at all for B.
    outcomes = {"A": [0, 3, 9], "B": [0, 1, 9]}

    found = callaway_santanna(_long(outcomes, {"A": 2, "B": 3}), **_NAMES)

    assert found.effect == 3 - 1
    assert [(one.code, dict(one.values)) for one in found.caveats if one.code.startswith("cells")] == [
        ("cells_without_controls", {"n": 2, "total": 3})
    ]


@pytest.mark.parametrize("adjustment", ["dr", "ipw"])
def test_a_covariate_that_tells_the_groups_apart_is_refused_by_name(adjustment):
    frame = _many(units=20, adopters=8)
    frame = frame[frame.adopted.isna() | (frame.adopted == 3)].assign(x=lambda rows: 1.0 * rows.adopted.notna())
    frame["x"] += frame.y / frame.y.max() / 4

    with pytest.raises(InputError) as caught:
        callaway_santanna(frame, **_NAMES, covariates=["x"], adjustment=adjustment)

    assert (caught.value.code, caught.value.values) == ("impact_covariates_not_separable", {"names": ["x"]})


def test_covariates_that_say_the_same_are_refused_by_name():
    frame = _many(units=20, adopters=8).assign(twice=lambda rows: 2 * rows.x, one=1.0)

    for names in (["x", "twice"], ["one"]):
        with pytest.raises(InputError, match="impact_covariates_not_separable"):
            callaway_santanna(frame, **_NAMES, covariates=names)


def test_without_controls_covariates_are_not_to_blame():
    with pytest.raises(InputError, match="impact_no_controls_left"):
        callaway_santanna(_long(_GROWING, dict.fromkeys("ABN", 2)).assign(x=1.0), **_NAMES, covariates=["x"])


def test_cells_that_covariates_tell_apart_are_left_out_and_counted():
    # The covariate separates the cohort of period 3 from the others, and not that of period 4.
    frame = _many(units=40, adopters=16)
    frame["x"] += np.where(frame.adopted == 3, 50, 0)

    found = callaway_santanna(frame, **_NAMES, covariates=["x"], control="never", draws=20)

    assert "3" not in {cohort for cohort, period in _cells(found) if int(period) >= 3}
    assert found.has_caveat("cells_without_controls")
    assert np.isfinite(found.effect)


def test_rows_without_covariates_do_not_count():
    frame = _many(units=20, adopters=8)
    frame.loc[frame.index[:3], "x"] = np.nan

    found = callaway_santanna(frame, **_NAMES, covariates=["x"], draws=20)

    assert found.n == 20 * 6 - 3
    assert found.has_caveat("covariates_missing")


def test_a_period_in_which_nobody_was_seen():
    # Period 2 is empty: it would be A's base, so A is lost; B's base is period 4.
    outcomes = {"A": [0, np.nan, 9, 9, 9], "B": [0, np.nan, 0, 0, 3], "N": [0, np.nan, 0, 0, 1]}

    found = callaway_santanna(_long(outcomes, {"A": 3, "B": 5}), **_NAMES)

    assert found.effect == 3 - 1
    assert found.has_caveat("cells_without_controls")


# Properties ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aggregate", _AGGREGATES)
@pytest.mark.parametrize("control", ["never", "not_yet"])
@pytest.mark.parametrize("anticipation", [0, 1])
def test_weights_are_the_estimator(aggregate, control, anticipation):
    panel = panel_of(_many(units=14, adopters=9), **_NAMES)

    fit = fitter(control=control, aggregate=aggregate, anticipation=anticipation)(panel)

    own = fit.weights.weights[:, np.searchsorted(fit.weights.cohorts, panel.cohort), :]
    direct = (own * panel.values[None, :, :]).sum(axis=(1, 2))
    np.testing.assert_allclose(direct, [fit.effect, *fit.effects], atol=1e-12)
    np.testing.assert_allclose(own.sum(axis=1), 0, atol=1e-12)  # what moves all units alike does not matter
    np.testing.assert_allclose(own.sum(axis=2), 0, atol=1e-12)  # nor the level of a unit


def test_there_are_no_weights_where_they_would_not_hold():
    frame = _many(units=14, adopters=9)

    assert fitter()(panel_of(frame.iloc[1:], **_NAMES)).weights is None
    assert fitter()(panel_of(frame, **_NAMES, covariates=["x"])).weights is None


@pytest.mark.parametrize("aggregate", _AGGREGATES)
@pytest.mark.parametrize("covariates", [None, ["x"]])
def test_twenty_per_cent_more_move_a_relative_effect_by_exactly_that(aggregate, covariates):
    frame = _many(units=30, adopters=12)
    more = frame.assign(y=frame.y * np.where(frame.time >= frame.adopted, 1.2, 1.0))

    plain, moved = (
        callaway_santanna(
            data.assign(y=np.log(data.y)), **_NAMES, covariates=covariates, aggregate=aggregate,
            control="never" if covariates else "not_yet", inference="analytic",
        )
        for data in (frame, more)
    )  # fmt: skip

    assert moved.effect - plain.effect == pytest.approx(log(1.2), abs=1e-12)
    after = (moved.by_horizon.horizon >= 0).to_numpy()
    shift = (moved.by_horizon.effect - plain.by_horizon.effect).to_numpy()
    np.testing.assert_allclose(shift, np.where(after, log(1.2), 0), atol=1e-12)
    assert moved.se == pytest.approx(plain.se)


@given(st.randoms(use_true_random=False), st.floats(-3, 3).filter(lambda factor: abs(factor) > 0.01))
def test_order_names_levels_and_scale(random, factor):
    frame = _many(units=12, adopters=5)
    rows = list(range(len(frame)))
    random.shuffle(rows)
    moved = frame.iloc[rows].assign(
        y=lambda data: factor * data.y + data.unit.str[-2:].astype(int) - 7 * data.time,
        unit=lambda data: "x" + data.unit,
    )

    one, other = (callaway_santanna(data, **_NAMES, inference="analytic") for data in (frame, moved))

    assert other.effect == pytest.approx(factor * one.effect, abs=1e-9)
    assert other.se == pytest.approx(abs(factor) * one.se, abs=1e-9)
    np.testing.assert_allclose(other.by_horizon.effect, factor * one.by_horizon.effect, atol=1e-9)


def test_shuffled_rows_give_the_same_to_the_last_digit():
    frame = _many(units=12, adopters=5)

    one, other = (callaway_santanna(data, **_NAMES, draws=99) for data in (frame, frame.sample(frac=1, random_state=3)))

    assert (one.effect, one.interval, one.p_value) == (other.effect, other.interval, other.p_value)
    pd.testing.assert_frame_equal(one.by_horizon, other.by_horizon, check_exact=True)


def test_units_that_stand_there_twice_add_no_certainty_when_clustered():
    frame = _many(units=60, adopters=24)
    twice = pd.concat([frame, frame.assign(unit=frame.unit + " again")]).assign(site=lambda rows: rows.unit.str[:7])

    once = callaway_santanna(frame, **_NAMES, inference="analytic")
    naive = callaway_santanna(twice, **_NAMES, inference="analytic")
    honest = callaway_santanna(twice, **_NAMES, cluster="site", inference="analytic")

    assert once.effect == pytest.approx(naive.effect) == pytest.approx(honest.effect)
    assert naive.se == pytest.approx(once.se / sqrt(2))
    assert honest.se == pytest.approx(once.se)
    np.testing.assert_allclose(honest.by_horizon.se, once.by_horizon.se)


def test_without_covariates_the_adjustments_are_the_same():
    frame = _many(units=40, adopters=15)

    effects = {callaway_santanna(frame, **_NAMES, adjustment=how, draws=20).effect for how in ("dr", "reg", "ipw")}

    assert len(effects) == 1


# Parity with R's did on county teen employment ---------------------------------------------------------------------

_needs_samples = pytest.mark.skipif(
    not _SAMPLES.exists(), reason="needs the sample data (PEGEL_SAMPLE_DATA): did-mpdta is missing"
)
_SCENARIOS = {
    "mpdta_nev_dr": {"control": "never", "adjustment": "dr"},
    "mpdta_nyt_dr": {"control": "not_yet", "adjustment": "dr"},
    "mpdta_nev_ipw": {"control": "never", "adjustment": "ipw"},
    "mpdta_nev_reg_cov": {"control": "never", "adjustment": "reg", "covariates": ["lpop"]},
}


def _counties(**options):
    data = pd.read_csv(_SAMPLES / "mpdta.csv")
    names = {"unit": "countyreal", "time": "year", "outcome": "lemp", "cohort": "first.treat"}
    return callaway_santanna(data, **names, inference="analytic", **options)


@_needs_samples
@pytest.mark.parametrize("scenario", _SCENARIOS)
def test_cells_are_those_of_r(scenario):
    reference = pd.read_csv(_SAMPLES / "ref_attgt.csv").query("scenario == @scenario")
    table = _counties(**_SCENARIOS[scenario]).diagnostics["cells"].astype({"cohort": int, "period": int})
    found = {(row.cohort, row.period): row for row in table.itertuples()}

    after = reference[reference.t >= reference.group]
    assert len(after) == 7
    for row in after.itertuples():
        cell = found[row.group, row.t]
        assert cell.effect == pytest.approx(row.att, abs=1e-9)
        assert cell.se == pytest.approx(row.se, abs=1e-9)
    # Before adoption R compares with the period before; against one base, with the same controls throughout, these are
    # steps from period to period.
    if _SCENARIOS[scenario]["control"] == "never":
        for row in reference[reference.t < reference.group].itertuples():
            step = found[row.group, row.t].effect - found[row.group, row.t - 1].effect
            assert step == pytest.approx(row.att, abs=1e-9)


@_needs_samples
@pytest.mark.parametrize("scenario", _SCENARIOS)
@pytest.mark.parametrize("aggregate", _AGGREGATES)
def test_averages_are_those_of_r(scenario, aggregate):
    reference = pd.read_csv(_SAMPLES / "ref_aggte.csv").query("scenario == @scenario and type == @aggregate")
    found = _counties(**_SCENARIOS[scenario], aggregate=aggregate)

    assert found.effect == pytest.approx(reference.overall_att.iloc[0], abs=1e-9)
    assert found.se == pytest.approx(reference.overall_se.iloc[0], abs=1e-9)
    if aggregate == "dynamic":
        table = found.by_horizon.set_index("horizon")
        for row in reference[reference.egt >= 0].itertuples():
            assert table.loc[row.egt, "effect"] == pytest.approx(row.att_egt, abs=1e-9)
            assert table.loc[row.egt, "se"] == pytest.approx(row.se_egt, abs=1e-9)
    if aggregate == "group":
        table = found.diagnostics["by_cohort"].set_index("cohort")
        for row in reference.itertuples():
            assert table.loc[str(int(row.egt)), "effect"] == pytest.approx(row.att_egt, abs=1e-9)
            assert table.loc[str(int(row.egt)), "se"] == pytest.approx(row.se_egt, abs=1e-9)
    if aggregate == "calendar":
        table = found.diagnostics["by_period"].set_index("period")
        for row in reference.itertuples():
            assert table.loc[str(int(row.egt)), "effect"] == pytest.approx(row.att_egt, abs=1e-9)


@_needs_samples
def test_the_doubly_robust_average_with_a_covariate_is_the_published_one():
    found = _counties(control="never", covariates=["lpop"])

    assert found.effect == pytest.approx(-0.0417518, abs=5e-8)
    assert found.se == pytest.approx(0.0115028, abs=5e-8)
    assert (found.units, found.adopters, found.n) == (500, 191, 2500)
    assert found.caveats[0].code == "zero_read_as_never"
