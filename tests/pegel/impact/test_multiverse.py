"""Variants of an analysis: by hand, at the edges, and as properties."""

import numpy as np
import pandas as pd
import pytest

from pegel.errors import UserError
from pegel.impact.diagnostics.multiverse import ESTIMATORS, multiverse
from pegel.impact.estimators import callaway_santanna
from pegel.impact.panel import Panel, panel_of

_ONE = {"anticipations": (0,), "scales": ("level",), "clipped": (False,), "windows": ("all",)}


def _panel(values, cohort) -> Panel:
    """Units in rows, periods 1, 2, ... in columns; ``cohort`` in these periods, infinite for never."""
    values, cohort = np.asarray(values, dtype=float), np.asarray(cohort, dtype=float)
    units, periods = values.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(1, periods + 1), units),
            "y": values.ravel(),
            "cohort": np.repeat(np.where(np.isfinite(cohort), cohort, np.nan), periods),
        }
    )
    return panel_of(frame, unit="unit", time="time", outcome="y", cohort="cohort")


def _world(seed: int, units: int = 12, periods: int = 20, effect: float = 0.5) -> Panel:
    """Positive outcomes; two cohorts that rise by ``effect`` in logarithms."""
    random = np.random.default_rng(seed)
    cohort = np.resize([8.0, 12.0, np.inf, np.inf], units)
    logs = 0.2 * random.normal(size=(units, periods)) + effect * (np.arange(1, periods + 1)[None, :] >= cohort[:, None])
    return _panel(np.exp(logs), cohort)


def test_windows_by_hand():
    # One adopter 1, 1 | 2, 2, 4, 5 against others at 1: effects 1, 1, 3, 4 over the base.
    panel = _panel([[1, 1, 2, 2, 4, 5], [1] * 6, [1] * 6], [3, np.inf, np.inf])
    found = multiverse(
        panel,
        estimators={"callaway_santanna_never": ESTIMATORS["callaway_santanna_never"]},
        **{**_ONE, "windows": ("all", "without_first", "without_last", "early", "late")},
    )
    effects = found.variants.set_index("window")["effect"]

    assert effects["all"] == pytest.approx((1 + 1 + 3 + 4) / 4)
    assert effects["without_first"] == effects["all"]  # the base is the last period before adoption
    assert effects["without_last"] == pytest.approx((1 + 1 + 3) / 3)
    assert effects["early"] == pytest.approx((1 + 1) / 2)  # four periods since adoption: the first half
    assert effects["late"] == pytest.approx((3 + 4) / 2)
    assert found.variants["repeats"].tolist() == [False, True, False, False, False]
    assert (found.estimated, found.same_sign) == (4, 1.0)


def test_scale_and_clipping_by_hand():
    panel = _panel([[1, 1, np.e, np.e], [1] * 4, [1] * 4, [1] * 4], [3, np.inf, np.inf, np.inf])
    found = multiverse(
        panel,
        estimators={"callaway_santanna_never": ESTIMATORS["callaway_santanna_never"]},
        **{**_ONE, "scales": ("level", "log")},
    )

    assert found.variants["effect"].tolist() == pytest.approx([np.e - 1, 1.0])


def test_all_choices_are_crossed():
    found = multiverse(_world(0))

    assert len(found.variants) == 3 * 2 * 2 * 2 * 5
    assert not found.variants.duplicated(["estimator", "anticipation", "scale", "clipped", "window"]).any()
    assert found.crossed
    assert found.variants["reason"].isna().all()
    assert set(found.variants["inference"]) == {"permutation"}
    assert found.same_sign == 1
    assert found.excludes_zero > 0.9
    assert found.against == 0


def test_one_choice_at_a_time():
    found = multiverse(_world(0), crossed=False)

    assert len(found.variants) == 1 + 2 + 1 + 1 + 1 + 4
    first = found.variants.iloc[0]
    assert (first["estimator"], first["window"], first["anticipation"]) == ("callaway_santanna_not_yet", "all", 0)


def test_the_reference_is_the_plain_estimate():
    panel = _world(1)
    found = multiverse(panel, **_ONE)

    assert found.variants["effect"].iloc[0] == callaway_santanna.fitter()(panel).effect


def test_many_units_take_analytic_intervals():
    panel = _world(2, units=60)
    fit = callaway_santanna.fitter()(panel)
    first = multiverse(panel, **_ONE).variants.iloc[0]

    assert first["inference"] == "analytic"
    assert first["high"] - first["low"] == pytest.approx(2 * 1.959964 * np.sqrt((fit.influence**2).sum()), rel=1e-6)


def test_outcomes_at_zero_have_no_logarithm():
    panel = _world(3)
    found = multiverse(panel.with_values(panel.values - panel.values.min()))

    assert set(found.variants["scale"]) == {"level"}
    assert [str(one) for one in found.caveats] == ["no_logarithm_of_zero"]
    only_log = multiverse(panel.with_values(panel.values - 10), **{**_ONE, "scales": ("log",)})
    assert set(only_log.variants["reason"]) == {"impact_no_logarithm"}
    assert (only_log.estimated, only_log.same_sign, only_log.excludes_zero, only_log.against) == (0, None, None, None)


def test_with_one_cohort_both_kinds_of_controls_are_the_same():
    panel = _world(4)
    found = multiverse(panel.only(panel.cohort != 11.0), **_ONE)

    assert set(found.variants["estimator"]) == {"callaway_santanna_not_yet", "imputation"}


def test_what_cannot_be_estimated_says_why():
    random = np.random.default_rng(5)
    panel = _panel(random.normal(size=(6, 8)), [4, 4, 4, 7, 7, 7])  # nobody stays without adoption
    variants = multiverse(panel, **_ONE).variants.set_index("estimator")

    assert variants.loc["callaway_santanna_never", "reason"] == "impact_no_controls_left"
    assert np.isnan(variants.loc["callaway_santanna_never", "effect"])
    assert np.isfinite(variants.loc["callaway_santanna_not_yet", "effect"])


def test_a_single_period_after_adoption_has_no_parts():
    found = multiverse(
        _panel([[0, 0, 1]] * 2 + [[0, 0, 0]] * 2, [3, 3, np.inf, np.inf]), **{**_ONE, "windows": ("all", "late")}
    )

    assert "impact_horizons_not_observed" in set(found.variants["reason"])


def test_gaps_change_one_choice_at_a_time():
    panel = _world(6, units=8, periods=10)
    values = panel.values.copy()
    values[0, 0] = np.nan
    found = multiverse(panel.with_values(values), estimators={"a": ESTIMATORS["imputation"]}, draws=9)

    assert not found.crossed
    assert len(found.variants) == 1 + 1 + 1 + 1 + 4


def test_signs_against_the_reference_are_counted():
    # Levels fall in the adopter with the largest values and rise in the small ones: logarithms say the opposite.
    panel = _panel(
        [[100, 100, 90, 90], [1, 1, 2, 2], [1, 1, 2, 2]] * 20 + [[10, 10, 10, 10], [10, 10, 10.2, 10.2]] * 30,
        [3, 3, 3] * 20 + [np.inf] * 60,
    )
    found = multiverse(
        panel,
        estimators={"a": ESTIMATORS["callaway_santanna_never"]},
        **{**_ONE, "scales": ("level", "log")},
    )

    assert found.variants["effect"].iloc[0] < 0 < found.variants["effect"].iloc[1]
    assert found.same_sign == 0.5
    assert found.against == 0.5


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"level": 1.0}, "impact_level_out_of_range"),
        ({"windows": ("summer",)}, "impact_unknown_choice"),
        ({"scales": ("root",)}, "impact_unknown_choice"),
        ({"clipped": ()}, "impact_no_choice"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments, code):
    with pytest.raises(UserError, match=code):
        multiverse(_world(0), **arguments)


def test_the_same_input_gives_the_same_answer():
    first, second = (multiverse(_world(7), crossed=False) for _ in range(2))

    pd.testing.assert_frame_equal(first.variants, second.variants)
