"""Charts of the impact engine: event study, verdict against what matters, lines of the panel. Data by hand."""

import json
from math import inf, log, nan

import numpy as np
import pandas as pd
import pytest

from pegel.charts import event_study, panel_lines, verdict_interval
from pegel.charts.palette import COLOURS
from pegel.impact.estimate import HORIZON_COLUMNS, Estimate, Interval
from pegel.impact.verdicts.verdict import Check, Design, verdict

_POINTS = [
    # horizon, effect, se, low, high, band_low, band_high, adopters
    (-3, 0.2, nan, -0.5, 0.9, -0.8, 1.2, 4),
    (-2, -0.1, nan, -0.6, 0.4, -0.9, 0.7, 6),
    (-1, 0.0, nan, 0.0, 0.0, 0.0, 0.0, 6),
    (0, -1.0, nan, -1.6, -0.5, -2.0, -0.1, 6),
    (1, -2.0, nan, -inf, -1.0, -inf, inf, 4),
    (2, nan, nan, nan, nan, nan, nan, 0),
]


def _estimate(points=_POINTS, effect=-1.5, interval=(-2.5, -0.5), **diagnostics) -> Estimate:
    return Estimate(
        method="callaway_santanna",
        estimand="simple",
        outcome="Flow time",
        effect=effect,
        se=None,
        se_reason="permutation_has_no_se",
        interval=None if interval is None else Interval(*interval),
        level=0.95,
        p_value=0.01,
        inference="permutation",
        n=120,
        units=12,
        adopters=6,
        periods=10,
        by_horizon=pd.DataFrame(points, columns=list(HORIZON_COLUMNS)) if points is not None else pd.DataFrame(),
        diagnostics={"axis": {"unit": "week", "first": "2026-W01", "last": "2026-W10"}, **diagnostics},
    )


def _verdict(effect=-1.5, low=-2.5, high=-0.5, **further):
    primary = None if effect is None else _estimate(effect=effect, interval=None if low is None else (low, high))
    return verdict(
        primary, **{"better": "lower", "smallest_effect": 1.0, "checks": (Check("pre_trend", True),), **further}
    )


def _lines(language="en", mode="light"):
    figures = np.array([[1.0, 2.0, nan], [4.0, 5.0, 6.0]])
    return panel_lines.chart(
        figures,
        np.array([1.0, inf]),
        ["A", "B"],
        ["2026-W01", "2026-W02", "2026-W03"],
        language,
        name="Days",
        mode=mode,
    )


def _charts(language="en", mode="light"):
    return [
        event_study.event_study_chart(_estimate(), language, mode=mode),
        event_study.event_study_chart(_estimate(), language, mode=mode, scale="log"),
        event_study.event_study_chart(_estimate(points=None), language, mode=mode),
        verdict_interval.chart(_verdict(), language, mode=mode),
        verdict_interval.chart(_verdict(), language, mode=mode, scale="log"),
        verdict_interval.chart(_verdict(0.5, -inf, inf), language, mode=mode),
        verdict_interval.chart(_verdict(None), language, mode=mode),
        _lines(language, mode),
    ]


def _rows(chart) -> list[list[dict]]:
    """The rows that are drawn, layer by layer."""
    return [layer["data"]["values"] for layer in chart.to_dict()["layer"]]


# Every chart -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_chart_is_a_valid_specification(language, mode):
    for chart in _charts(language, mode):
        specification = chart.to_dict()  # checks against the schema of Vega-Lite

        assert specification["width"] == "container"
        assert specification["config"]["locale"]["number"]["decimal"] == ("," if language == "de" else ".")
        assert specification["description"]
        json.dumps(specification, allow_nan=False)  # what is no number has no place in a page


def test_colours_of_the_other_mode_do_not_occur():
    for mode, other in (("light", 1), ("dark", 0)):
        text = json.dumps([chart.to_dict() for chart in _charts(mode=mode)])

        assert [pair[other] for pair in COLOURS.values() if pair[other] in text] == []


def test_an_estimate_draws_itself():
    assert _estimate().chart("de").to_dict() == event_study.event_study_chart(_estimate(), "de").to_dict()


# Event study -----------------------------------------------------------------------------------------------------


def test_points_by_hand():
    rows = event_study.rows(_estimate(), "en")

    assert [(row["horizon"], row["effect"], row["adopters"]) for row in rows] == [
        (-3, 0.2, 4), (-2, -0.1, 6), (-1, 0.0, 6), (0, -1.0, 6), (1, -2.0, 4),
    ]  # fmt: skip
    assert rows[0]["said"] == "0.200 (−0.500 … 0.900)"
    assert rows[0]["when"] == "period -3"
    assert (rows[3]["low"], rows[3]["high"], rows[3]["band_low"], rows[3]["band_high"]) == (-1.6, -0.5, -2.0, -0.1)


def test_bounds_without_an_end_stop_a_little_beyond_the_others():
    # Finite values reach from −2 to 1.2; a tenth of that is 0.32.
    last = event_study.rows(_estimate(), "de")[-1]

    assert last["low"] == pytest.approx(-2.32)
    assert last["band_low"] == pytest.approx(-2.32)
    assert last["band_high"] == pytest.approx(1.52)
    assert last["said"] == "−2,00 (offen … −1,00)"


def test_a_horizon_without_an_effect_is_left_out():
    assert 2 not in {row["horizon"] for row in event_study.rows(_estimate(), "en")}


def test_an_effect_without_bounds_is_a_point():
    rows = event_study.rows(_estimate([(0, 1.0, nan, nan, nan, nan, nan, 3)]), "en")

    assert len(rows) == 1
    assert (rows[0]["effect"], "low" in rows[0], "band_high" in rows[0]) == (1.0, False, False)


@pytest.mark.parametrize("points", [None, []])
def test_an_estimator_without_horizons_has_no_points(points):
    assert event_study.rows(_estimate(points), "en") == []
    assert event_study.sentence(_estimate(points), "en") == (
        "Effect −1.50 (−2.50 to −0.500). There is nothing to compare before adoption."
    )


def test_nothing_but_unbounded_values():
    rows = event_study.rows(_estimate([(0, 0.0, nan, -inf, inf, -inf, inf, 1)]), "en")

    assert rows[0]["low"] < 0 < rows[0]["high"]
    assert rows[0]["said"] == "0 (no bound … no bound)"


def test_logarithms_are_drawn_as_changes():
    points = [(0, log(1.2), nan, log(0.9), log(2), log(0.5), inf, 3)]

    (row,) = event_study.rows(_estimate(points), "en", scale="log")

    assert row["effect"] == pytest.approx(0.2)
    assert row["low"] == pytest.approx(-0.1)
    assert row["high"] == pytest.approx(1.0)
    assert row["band_low"] == pytest.approx(-0.5)
    assert row["said"] == "20.0% (−10.0% … 100.0%)"


def test_absurdly_large_logarithms_can_be_drawn():
    (row,) = event_study.rows(_estimate([(0, 900.0, nan, -900.0, 900.0, -900, 900, 3)]), "en", scale="log")

    assert np.isfinite(row["high"])
    assert row["said"] == "no bound (−100.0% … no bound)"


@pytest.mark.parametrize(
    ("estimate", "english"),
    [
        (_estimate(), "Effect −1.50 (−2.50 to −0.500). Before adoption all 2 leads stay within the band around zero."),
        (
            _estimate([(-3, 2.0, nan, 1, 3, 0.5, 3.5, 4), (-2, 0.1, nan, -1, 1, -2, 2, 4), *_POINTS[2:]]),
            "Effect −1.50 (−2.50 to −0.500). Before adoption 1 of 2 leads already lie outside the band around zero.",
        ),
        (_estimate(_POINTS[2:]), "Effect −1.50 (−2.50 to −0.500). There is nothing to compare before adoption."),
        (_estimate(effect=None), "Flow time: no effect can be said."),
        (_estimate(interval=None), "Flow time: no effect can be said."),
    ],
)
def test_sentences(estimate, english):
    assert event_study.sentence(estimate, "en") == english


def test_periods_of_anticipation_are_no_leads():
    # With two periods of anticipation the base is −3; −2 and −1 are expected to react.
    points = [(-4, 0.1, nan, -1, 1, -2, 2, 4), (-3, 0, nan, 0, 0, 0, 0, 4), (-2, 5, nan, 4, 6, 3, 7, 4), *_POINTS[3:]]

    assert "all 1 leads" in event_study.sentence(_estimate(points, anticipation=2), "en")


@pytest.mark.parametrize(("diagnostics", "unit"), [({}, "week"), ({"axis": None}, "period"), ({"axis": {}}, "period")])
def test_the_unit_of_the_axis(diagnostics, unit):
    assert event_study.unit_of(_estimate(**diagnostics)) == unit


def test_how_many_units_stand_behind_a_point_is_written_where_there_is_room():
    many = [(h, 0.0, nan, -1, 1, -1, 1, 5) for h in range(-40, 60)]

    counts = _rows(event_study.event_study_chart(_estimate(many), "en"))[-1]

    assert [row["horizon"] for row in counts[:3]] == [-36, -30, -24]  # every sixth of 100
    assert len(counts) <= 17


# The verdict against what matters --------------------------------------------------------------------------------


def test_interval_zero_and_what_matters_by_hand():
    shade, zero, bar, dot = _rows(verdict_interval.chart(_verdict(), "en"))

    assert (shade[0]["at"], shade[0]["to"]) == (-1, 1)
    assert zero == [{"at": 0}]
    assert (bar[0]["at"], bar[0]["to"], bar[0]["said"]) == (-2.5, -0.5, "−2.50 … −0.500")
    assert dot == [{"at": -1.5}]


def test_an_open_interval_reaches_the_edge_of_the_chart():
    # Known: −1, 0.5 and 1; 15% of 2 beyond both ends.
    chart = verdict_interval.chart(_verdict(0.5, -inf, inf), "en").to_dict()
    bar = chart["layer"][2]["data"]["values"][0]

    assert (bar["at"], bar["to"], bar["said"]) == (pytest.approx(-1.3), pytest.approx(1.3), "no bound … no bound")
    assert chart["layer"][2]["encoding"]["x"]["scale"]["domain"] == pytest.approx([-1.3, 1.3])


def test_without_an_estimate_only_what_matters_is_drawn():
    assert len(_rows(verdict_interval.chart(_verdict(None), "en"))) == 2
    for low in (None, nan):  # a point without an interval is open
        bar = _rows(verdict_interval.chart(_verdict(-1.5, low), "de"))[2]
        assert bar[0]["said"] == "offen … offen"


def test_relative_verdicts_are_drawn_as_changes():
    found = _verdict(log(0.8), log(0.7), log(0.9), smallest_effect=log(1.1))

    shade, _, bar, dot = _rows(verdict_interval.chart(found, "en", scale="log"))

    assert (bar[0]["at"], bar[0]["to"], dot[0]["at"]) == pytest.approx((-0.3, -0.1, -0.2))
    assert (shade[0]["at"], shade[0]["to"]) == pytest.approx((1 / 1.1 - 1, 0.1))


def test_the_description_is_the_headline():
    before_after = _verdict(design=Design.BEFORE_AFTER)

    assert verdict_interval.chart(_verdict(), "en").to_dict()["description"].startswith("Flow time fell by 1.50")
    assert (
        verdict_interval.chart(before_after, "de").to_dict()["description"].endswith("Beleg E: nur vorher und nachher.")
    )


# The figures themselves ------------------------------------------------------------------------------------------


def test_lines_by_hand():
    lines, starts = _rows(_lines())

    assert [(row["unit"], row["period"], row["value"], row["group"]) for row in lines] == [
        ("A", "2026-W01", 1, "adopters (▲ start)"),
        ("A", "2026-W02", 2, "adopters (▲ start)"),
        ("B", "2026-W01", 4, "compared with"),
        ("B", "2026-W02", 5, "compared with"),
        ("B", "2026-W03", 6, "compared with"),
    ]
    assert [(row["unit"], row["period"]) for row in starts] == [("A", "2026-W02")]


def test_many_units_are_drawn_as_medians_of_those_with_the_same_date():
    # 41 units: A to the 20th adopt in period 2 with 1 to 20 days, the others never with 101 to 121.
    days = np.concatenate([np.arange(1.0, 21), np.arange(101.0, 122)])
    figures = np.repeat(days[:, None], 2, axis=1)
    figures[0, 1] = figures[40, 0] = nan
    cohort = np.where(np.arange(41) < 20, 1.0, inf)

    chart = panel_lines.chart(figures, cohort, [f"u{n}" for n in range(41)], ["1", "2"], "en", name="Days")

    lines, starts = _rows(chart)
    assert [(row["period"], row["value"]) for row in lines] == [("1", 10.5), ("2", 11), ("1", 110.5), ("2", 111)]
    assert [row["period"] for row in starts] == ["2"]
    assert len({row["unit"] for row in lines}) == 2
    assert chart.to_dict()["description"] == panel_lines.sentence(cohort, "en")
    assert "20" in panel_lines.sentence(cohort, "en")
    assert "21" in panel_lines.sentence(cohort, "de")


def test_a_start_in_a_gap_has_no_mark():
    chart = panel_lines.chart(np.array([[1.0, nan]]), np.array([1.0]), ["A"], ["1", "2"], "en", name="Days")

    assert _rows(chart)[1] == []


def test_lines_say_how_many_there_are():
    cohort = np.array([1.0, inf, 3.0])

    assert panel_lines.sentence(cohort, "en") == "2 units that adopted, 1 to compare with."
    assert panel_lines.sentence(cohort, "de") == "2 Einheiten mit Einführung, 1 zum Vergleich."


def test_names_of_units_stay_data():
    chart = panel_lines.chart(
        np.ones((1, 2)), np.array([inf]), ["'</script>{0}"], ["2026-01", "2026-02"], "en", name="Days"
    )

    assert _rows(chart)[0][0]["unit"] == "'</script>{0}"


def test_many_periods_have_few_labels():
    chart = panel_lines.chart(
        np.ones((1, 100)), np.array([inf]), ["A"], [str(t) for t in range(100)], "en", name="Days"
    ).to_dict()

    assert chart["layer"][0]["encoding"]["x"]["axis"]["values"] == [str(t) for t in range(0, 100, 13)]
