"""The comparisons that make up the two-way regression: by hand, at the edges, as a property, against diff-diff."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.estimators.bacon import bacon_decomposition, comparisons, fitter
from pegel.impact.estimators.two_way_fixed_effects import regression
from pegel.impact.panel import panel_of

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
_MPDTA = _SAMPLES / "did-mpdta" / "mpdta.csv"
_ORACLES = Path(__file__).parent / "oracles"
_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _long(outcomes: dict[str, list[float]], adopted: dict[str, int]) -> pd.DataFrame:
    rows = [(u, t, y, adopted.get(u, np.nan)) for u, series in outcomes.items() for t, y in enumerate(series, start=1)]
    return pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"])


def test_two_dates_by_hand():
    # A against B while B has not adopted: (1 − 0) − (0 − 0) = 1. B against A, which has: (1 − 0) − (4 − 1) = −2.
    # Weights are 1/4 · 1/3 · 1/3 each before they are made to add up to 1.
    found = bacon_decomposition(_long({"A": [0, 1, 4], "B": [0, 0, 1]}, {"A": 2, "B": 3}), **_NAMES)

    assert found.diagnostics["comparisons"].values.tolist() == [
        ["earlier_vs_later", "2", "3", pytest.approx(0.5), pytest.approx(1.0)],
        ["later_vs_earlier", "3", "2", pytest.approx(0.5), pytest.approx(-2.0)],
    ]
    assert found.effect == pytest.approx(-0.5)
    assert found.diagnostics["unfair_weight"] == pytest.approx(0.5)
    caveat = next(one for one in found.caveats if one.code == "compares_with_treated")
    assert caveat.values["percent"] == pytest.approx(50)
    assert found.has_caveat("biased_if_effects_change")


def test_one_date_is_one_fair_comparison():
    found = bacon_decomposition(_long({"A": [1, 4], "B": [2, 3]}, {"A": 2}), **_NAMES)

    assert found.diagnostics["comparisons"].values.tolist() == [["treated_vs_never", "2", "never", 1.0, 2.0]]
    assert not found.has_caveat("compares_with_treated")


def test_units_treated_from_the_start_are_left_out_or_kept_as_controls():
    data = _long({"A": [5, 6, 9], "B": [0, 0, 1], "N": [0, 0, 0]}, {"A": 1, "B": 3})
    dropped = bacon_decomposition(data, **_NAMES)
    kept = bacon_decomposition(data, **_NAMES, already="keep")

    assert dropped.has_caveat("already_treated_dropped")
    assert dropped.diagnostics["by_kind"].kind.tolist() == ["treated_vs_never"]
    # B against A: 1 − 0 − (9 − (5 + 6) / 2) = −2.5; shares are equal, so the weights are too.
    assert kept.diagnostics["by_kind"].values.tolist() == [
        ["treated_vs_never", pytest.approx(0.5), pytest.approx(1.0)],
        ["later_vs_always", pytest.approx(0.5), pytest.approx(-2.5)],
    ]
    assert kept.effect == pytest.approx(-0.75)


@given(st.integers(0, 10_000), st.integers(3, 9), st.integers(3, 7), st.booleans())
def test_weights_add_up_to_one_and_the_mean_is_the_regression(seed, units, periods, always):
    random = np.random.default_rng(seed)
    adopted = random.choice([1.0 if always else 2.0, 2.0, 3.0, np.nan], size=units)
    adopted[:3] = [2.0, 3.0, np.nan]
    data = _long({f"u{i}": list(random.normal(size=periods)) for i in range(units)},
                 {f"u{i}": a for i, a in enumerate(adopted)})  # fmt: skip
    panel = panel_of(data, **_NAMES, already="keep")
    table = comparisons(panel)

    assert table.weight.sum() == pytest.approx(1.0)
    assert (table.weight > 0).all()
    assert (table.weight * table.effect).sum() == pytest.approx(regression(panel)[0].effect, abs=1e-12)


def test_gaps_are_refused():
    data = _long({"A": [0, 1, np.nan], "B": [0, 0, 1]}, {"A": 2})
    with pytest.raises(InputError, match="impact_panel_has_gaps") as caught:
        bacon_decomposition(data, **_NAMES)
    assert caught.value.values["n"] == 1
    with pytest.raises(InputError, match="impact_panel_has_gaps"):
        fitter()(panel_of(data, **_NAMES))


def test_covariates_are_refused():
    data = _long({"A": [0, 1], "B": [0, 0]}, {"A": 2}).assign(x=1.0)
    with pytest.raises(UserError, match="impact_covariates_not_supported"):
        bacon_decomposition(data, **_NAMES, covariates=["x"])
    assert bacon_decomposition(data, **_NAMES, covariates=None).effect == pytest.approx(1.0)


def test_another_word_for_already():
    with pytest.raises(UserError, match="impact_unknown_choice"):
        bacon_decomposition(_long({"A": [0, 1], "B": [0, 0]}, {"A": 2}), **_NAMES, already="maybe")


@pytest.mark.parametrize("name", ["full", "mpdta"])
def test_comparisons_are_those_of_diff_diff(name):
    oracle = pd.read_csv(_ORACLES / "regression_bacon.csv")
    oracle = oracle[oracle.data == name].assign(
        treated=lambda one: one.treated.astype(int).astype(str),
        control=lambda one: one.control.map(lambda c: "never" if c == "never_treated" else str(int(float(c)))),
    )
    if name == "mpdta":
        if not _MPDTA.exists():
            pytest.skip(f"needs the sample data (PEGEL_SAMPLE_DATA): {_MPDTA.name} is missing")
        data = pd.read_csv(_MPDTA).rename(
            columns={"lemp": "y", "countyreal": "unit", "year": "time", "first.treat": "adopted"}
        )
        data["adopted"] = data.adopted.where(data.adopted > 0)
    else:
        data = pd.read_csv(_ORACLES / "regression_panel.csv")
    found = bacon_decomposition(data, **_NAMES, inference="analytic").diagnostics["comparisons"]
    both = found.merge(oracle, on=["kind", "treated", "control"])

    assert len(both) == len(found) == len(oracle) == 9
    np.testing.assert_allclose(both.weight_x, both.weight_y, rtol=1e-9)
    np.testing.assert_allclose(both.effect_x, both.effect_y, rtol=1e-9, atol=1e-12)
