"""Outcomes and adoption as one panel; and whether adopters were chosen by their outcome."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from inspect import getsource
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pegel.impact.frames import as_polars

from pegel.errors import InputError, UserError
from pegel.impact.adoption import flow_panel as flow_panel_module
from pegel.impact.adoption import panel_metrics, panels
from pegel.impact.adoption.adoption import adoption_dates
from pegel.impact.adoption.flow_panel import METRICS, flow_panel
from pegel.impact.adoption.panel_metrics import Metric
from pegel.impact.adoption.panels import AnalysisPanel, join_panel
from pegel.impact.diagnostics import selection_on_outcome
from pegel.impact.diagnostics.selection_on_outcome import selection_months
from pegel.impact.estimators.callaway_santanna import callaway_santanna
from pegel.impact.panel import panel_of
from pegel.words.catalogue import has

MONDAY = date(2026, 1, 5)  # of 2026-W02
COUNT = Metric(name="done", column="value", zero_is_data=True)
LEVEL = Metric(name="level", column="value", how="mean", zero_is_data=False)
NEVER = pd.DataFrame({"unit": ["A", "B"], "adopted_date": [None, None]})


def _items(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit", "day", "value"])


def _join(outcomes: Any, adoption: Any = NEVER, **more: Any) -> AnalysisPanel:
    given: dict[str, Any] = {"metrics": [COUNT], "time": "day", "window": (MONDAY, date(2026, 1, 25)), **more}
    return join_panel(outcomes, adoption, **given)


def _codes(panel: AnalysisPanel) -> list[str]:
    return [one.code for one in panel.caveats]


def _table(panel: AnalysisPanel, name: str = "done") -> dict[tuple[str, str], float | None]:
    frame = panel.frame
    return {
        (unit, time): None if np.isnan(value) else value
        for unit, time, value in zip(frame["unit"], frame["time"], frame[name], strict=True)
    }


def test_a_case_to_check_by_hand() -> None:
    items = _items(
        ("A", "2026-01-05", 1), ("A", "2026-01-11", 2), ("A", "2026-01-19", 4),
        ("B", "2026-01-12", 8), ("B", "2026-01-18", 16),
    )  # fmt: skip
    adoption = pd.DataFrame({"unit": ["A", "B"], "adopted_date": ["2026-01-14", None]})

    found = _join(items, adoption, metrics=[COUNT, LEVEL])

    assert found.frame.to_dict("list") == {
        "unit": ["A", "A", "A", "B", "B", "B"],
        "time": ["2026-W02", "2026-W03", "2026-W04"] * 2,
        # A: 1 + 2, nothing between two rows of its own (a true zero), 4. B: one week; what is around it is unknown.
        "done": pytest.approx([3, 0, 4, np.nan, 24, np.nan], nan_ok=True),
        "n_done": [2, 0, 1, 0, 2, 0],
        "level": pytest.approx([1.5, np.nan, 4, np.nan, 12, np.nan], nan_ok=True),
        "n_level": [2, 0, 1, 0, 2, 0],
        "cohort": ["2026-W04"] * 3 + [None] * 3,  # adopted on a Wednesday: the week after is the first whole one
        "adopted_date": [date(2026, 1, 14)] * 3 + [None] * 3,
    }
    assert (found.period, found.window) == ("week", (MONDAY, date(2026, 1, 25)))
    assert _codes(found) == ["zeros_between_rows_only", "adopted_within_period"]


def test_the_panel_is_what_estimators_read() -> None:
    rng = np.random.default_rng(3)
    units = [f"T{n}" for n in range(12)]
    days = [MONDAY + timedelta(days=7 * w + d) for w in range(20) for d in range(5)]
    starts = {unit: MONDAY + timedelta(days=70) for unit in units[:5]}
    items = _items(
        *[(u, day.isoformat(), 2.0 * (u in starts and day >= starts[u]) + rng.normal()) for u in units for day in days]
    )
    adoption = pd.DataFrame({"unit": units, "adopted_date": [starts.get(unit) for unit in units]})

    found = _join(items, adoption, metrics=[LEVEL], window=(MONDAY, MONDAY + timedelta(days=139)))

    assert panel_of(found.frame, unit="unit", time="time", outcome="level", cohort="cohort").cohorts.tolist() == [10]
    # The adopted date is placed like the cohort.
    dated = panel_of(found.frame, unit="unit", time="time", outcome="level", cohort="adopted_date")
    assert dated.cohorts.tolist() == [10]
    estimate = callaway_santanna(found.frame, unit="unit", time="time", outcome="level", cohort="cohort")
    assert estimate.effect == pytest.approx(2.0, abs=0.5)


# Calendar


@pytest.mark.parametrize(
    ("adopted", "week", "month"),
    [
        ("2026-01-12", "2026-W03", "2026-02"),
        ("2026-01-13", "2026-W04", "2026-02"),
        ("2026-01-18", "2026-W04", "2026-02"),
        ("2026-01-01", "2026-W02", "2026-01"),
        ("2025-12-29", "2026-W01", "2026-01"),
        ("2020-12-29", "2021-W01", "2021-01"),
        ("2020-12-28", "2020-W53", "2021-01"),
    ],
)
def test_the_cohort_is_the_first_whole_period(adopted: str, week: str, month: str) -> None:
    items = _items(("A", "2026-01-10", 1.0))
    adoption = pd.DataFrame({"unit": ["A"], "adopted_date": [adopted]})
    window = (date(2026, 1, 1), date(2026, 1, 31))

    by_week = _join(items, adoption, window=window).frame["cohort"]
    by_month = _join(items, adoption, window=window, period="month").frame["cohort"]

    assert (set(by_week), set(by_month)) == ({week}, {month})


def test_months_of_different_length_and_the_turn_of_the_year() -> None:
    items = _items(("A", "2025-12-31", 1), ("A", "2026-01-01", 2), ("A", "2026-02-28", 4), ("A", "2026-03-01", 8))

    found = _join(items, period="month", window=(date(2025, 12, 1), date(2026, 3, 30)))

    assert _table(found) == {("A", "2025-12"): 1, ("A", "2026-01"): 2, ("A", "2026-02"): 4}
    assert [one.values for one in found.caveats if one.code == "periods_cut"] == [{"n": 1, "partial": ["2026-03"]}]


def test_partial_first_and_last_periods_are_cut() -> None:
    items = _items(*[("A", (MONDAY + timedelta(days=d)).isoformat(), 1.0) for d in range(2, 24)])

    by_data = _join(items, window=None)
    told = _join(items, window=(MONDAY - timedelta(days=3), MONDAY + timedelta(days=27)))

    assert _table(by_data) == {("A", "2026-W03"): 7, ("A", "2026-W04"): 7}
    assert [one.values for one in by_data.caveats if one.code == "periods_cut"] == [
        {"n": 2, "partial": ["2026-W02", "2026-W05"]}
    ]
    assert "window_from_data" in _codes(by_data)
    assert _table(told) == {("A", "2026-W02"): 5, ("A", "2026-W03"): 7, ("A", "2026-W04"): 7, ("A", "2026-W05"): 3}
    assert not {"window_from_data", "periods_cut"} & set(_codes(told))


@pytest.mark.parametrize(
    ("times", "name"),
    [
        (["2026-W02", "2026-W03", "2026-W04"], "week"),
        (["2026W02", "2026W03", "2026W04"], "week"),
        ([pd.Period("2026-01-05", "W"), pd.Period("2026-01-12", "W"), pd.Period("2026-01-19", "W")], "week"),
        ([date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19)], "week"),
        ([date(2026, 1, 11), date(2026, 1, 18), date(2026, 1, 25)], "week"),  # named by their Sundays
        ([1767571200000000 + 604800000000 * n for n in range(3)], "week_us"),
        ([datetime(2026, 1, 5 + 7 * n, 12) for n in range(3)], "week"),  # noqa: DTZ001
    ],
)
def test_weeks_by_any_name(times: list[Any], name: str) -> None:
    frame = pd.DataFrame({"unit": ["A"] * 3, "value": [1.0, 2.0, 3.0]})
    frame[name] = pd.Series(times, dtype=object)

    found = _join(frame, time=name, window=None, rows="week")

    assert _table(found) == {("A", "2026-W02"): 1, ("A", "2026-W03"): 2, ("A", "2026-W04"): 3}


@pytest.mark.parametrize(
    ("times", "more", "kinds"),
    [
        (["2026-W02", "2026-01"], {}, "month.*week"),
        (["2026-W02", "2026-01-05"], {}, "day.*week"),
        (["2026-W02", "2026-W03"], {"period": "month"}, "month.*week"),
        (["2026-01", "2026-02"], {"period": "week"}, "month.*week"),
        (["2026-W02", "2026-W03"], {"rows": "day"}, "day.*week"),
        (["2026-01-05", "2026-01-12", "2026-01-19"], {"period": "month"}, "month.*week"),  # shown by their weekday
        (["2026-01-01", "2026-02-01", "2026-03-01"], {"period": "week"}, "month.*week"),
        (["2026-01-05", "2026-01-13"], {"rows": "week"}, "day.*week"),
        (["2026-01-01", "2026-02-02"], {"rows": "month", "period": "month"}, "day.*month"),
    ],
)
def test_mixed_granularity_is_refused(times: list[str], more: dict[str, Any], kinds: str) -> None:
    frame = pd.DataFrame({"unit": ["A"] * len(times), "day": times, "value": 1.0})

    with pytest.raises(InputError, match=f"impact_mixed_granularity.*{kinds}"):
        _join(frame, **{"window": None, **more})


# Gaps and zeros


def test_gaps_are_not_zeros() -> None:
    items = _items(("A", "2026-01-05", 1), ("A", "2026-01-19", 4), ("B", "2026-01-12", 8))
    unknown = Metric(name="done", column="value", zero_is_data=False)

    assert _table(_join(items, metrics=[unknown])) == {
        ("A", "2026-W02"): 1, ("A", "2026-W03"): None, ("A", "2026-W04"): 4,
        ("B", "2026-W02"): None, ("B", "2026-W03"): 8, ("B", "2026-W04"): None,
    }  # fmt: skip


def test_zeros_within_lives_and_parts_of_periods_cut() -> None:
    items = _items(("A", "2026-01-12", 1), ("B", "2026-01-07", 8), ("B", "2026-01-12", 1))
    lives = pd.DataFrame({"unit": ["A", "B"], "first": [None, "2026-01-07"], "last": [None, "2026-01-18"]})

    found = _join(items, lives=lives)

    assert _table(found) == {
        ("A", "2026-W02"): 0, ("A", "2026-W03"): 1, ("A", "2026-W04"): 0,
        ("B", "2026-W02"): None, ("B", "2026-W03"): 1, ("B", "2026-W04"): None,
    }  # fmt: skip
    assert [(one.code, dict(one.values)) for one in found.caveats] == [("partial_lives_cut", {"n": 1})]


def test_an_unknown_part_makes_a_sum_unknown_and_an_average_smaller() -> None:
    items = _items(("A", "2026-01-05", 1), ("A", "2026-01-06", float("nan")), ("A", "2026-01-12", 2))

    found = _join(items, metrics=[COUNT, LEVEL])

    assert _table(found) == {("A", "2026-W02"): None, ("A", "2026-W03"): 2, ("A", "2026-W04"): None}
    assert _table(found, "level") == {("A", "2026-W02"): 1, ("A", "2026-W03"): 2, ("A", "2026-W04"): None}
    assert [one.values for one in found.caveats if one.code == "values_missing"] == [
        {"name": "done", "n": 1},
        {"name": "level", "n": 1},
    ]


def test_ratios_weights_medians_and_counts() -> None:
    rows = pd.DataFrame(
        {
            "unit": ["A"] * 3,
            "day": ["2026-01-05", "2026-01-06", "2026-01-12"],
            "value": [10.0, 2.0, 5.0],
            "n": [4, 1, 0],
        }
    )
    found = _join(
        rows,
        metrics=[
            Metric(name="ratio", column="value", how="ratio", per="n", zero_is_data=False),
            Metric(name="weighted", column="value", how="mean", per="n", zero_is_data=False),
            Metric(name="median", column="value", how="median", zero_is_data=False),
            Metric(name="rows", zero_is_data=True),
        ],
    )

    first = found.frame.iloc[0]
    assert (first["ratio"], first["n_ratio"]) == (12 / 5, 5)
    assert (first["weighted"], first["median"], first["rows"]) == ((10 * 4 + 2) / 5, 6.0, 2)
    assert np.isnan(found.frame.loc[1, "ratio"])  # five of nothing is nothing
    assert _table(found, "rows") == {("A", "2026-W02"): 2, ("A", "2026-W03"): 1, ("A", "2026-W04"): None}


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Metric(name="x", column="v", how="mean", zero_is_data=True), "impact_zero_is_no_average"),
        (lambda: Metric(name="x", column="v", how="ratio", zero_is_data=False), "impact_metric_incomplete"),
        (lambda: Metric(name="x", how="median", zero_is_data=False), "impact_metric_incomplete"),
        (lambda: Metric(name="x", how="mode", zero_is_data=False), "impact_unknown_choice"),  # type: ignore[arg-type]
        (lambda: Metric(name="cohort", zero_is_data=False), "impact_metric_name"),
        (lambda: Metric(name="", zero_is_data=False), "impact_metric_name"),
    ],
)
def test_metrics_that_make_no_sense(make: Callable[[], Metric], code: str) -> None:
    with pytest.raises(UserError, match=code):
        make()


def test_averages_are_not_averaged() -> None:
    weekly = pd.DataFrame({"unit": ["A", "A"], "day": ["2026-W02", "2026-W02"], "value": [1.0, 3.0], "n": [3, 1]})
    weighted = Metric(name="level", column="value", how="mean", per="n", zero_is_data=False)

    with pytest.raises(InputError, match="impact_average_of_averages"):
        _join(weekly, metrics=[LEVEL])
    assert _join(weekly, metrics=[weighted]).frame["level"].iloc[0] == 1.5
    assert _join(weekly.head(1), metrics=[LEVEL]).frame["level"].iloc[0] == 1.0


# Adoption


def test_unknown_adoption_is_neither_adopter_nor_control() -> None:
    items = _items(*[(unit, "2026-01-05", 1.0) for unit in "ABCDE"])
    adoption = pd.DataFrame(
        {
            "unit": ["A", "B", "C", "D", "X"],
            "adopted_date": ["2026-01-12", None, None, None, None],
            "reason": [None, "never", "before_telemetry", "group_too_small", "never"],
        }
    )

    found = _join(items, adoption)

    assert sorted(set(found.frame["unit"])) == ["A", "B"]
    told = {one.code: dict(one.values) for one in found.caveats}
    assert told["adoption_unknown"] == {
        "n": 3, "units": ["C", "D", "E"], "reasons": ["before_telemetry", "group_too_small", "no_data"]
    }  # fmt: skip
    assert told["units_without_rows"] == {"n": 1, "units": ["X"]}
    everybody = _join(items, adoption, unknown="never")
    assert sorted(set(everybody.frame["unit"])) == list("ABCDE")
    with pytest.raises(InputError, match="impact_adoption_unknown"):
        _join(items, adoption.assign(reason="no_data", adopted_date=None))


def test_outcomes_after_the_known_adoption_are_cut_and_the_dose_is_joined() -> None:
    usage = pd.DataFrame(
        [
            (f"{u}{m}", u, MONDAY + timedelta(days=7 * w + d), u == "A" and w >= 3)
            for u in "AB"
            for m in range(5)
            for w in range(8)
            for d in range(5)
        ],
        columns=["member", "team", "day", "active"],
    )
    adoption = adoption_dates(usage, as_of=MONDAY + timedelta(days=55))
    weeks = pd.DataFrame(
        {"unit": np.repeat(["A", "B"], 10), "day": [f"2026-W{n:02d}" for n in range(2, 12)] * 2, "value": 1.0}
    )

    found = _join(weeks, adoption, window=None)

    a = found.frame[found.frame["unit"] == "A"]
    assert (a["time"].iloc[-1], a["cohort"].iloc[0]) == ("2026-W09", "2026-W05")
    assert a["dose"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert [one.values for one in found.caveats if one.code == "outcomes_after_as_of"] == [{"days": 14}]
    days = pd.DataFrame({"unit": ["A", "A"], "day": ["2026-01-05", "2026-02-27"], "value": 1.0})
    monthly = _join(days, adoption, period="month", window=(date(2026, 1, 1), date(2026, 2, 28)))
    # Weeks whose Thursday is in January: W02 to W05, of which only W05 (its Thursday is the 29th) has any use.
    assert monthly.frame["dose"].tolist() == [0.25, 1.0]


def test_changed_definitions_inside_the_window_are_reported() -> None:
    items = _items(("A", "2026-01-05", 1), ("A", "2026-01-19", 4), ("B", "2026-01-12", 8))
    adoption = pd.DataFrame({"unit": ["A", "B"], "adopted_date": ["2026-01-12", None]})
    changes = [
        ("2026-01-05", None, "on the first day: nothing to compare with"),
        ("2026-01-13", "A", "workflow"),
        (date(2026, 1, 19), None, "metric"),
        ("2026-01-13", "elsewhere", "workflow"),
        ("2026-02-13", "A", "later"),
    ]

    found = _join(items, adoption, definition_changes=changes)

    assert found.changes.to_dict("records") == [
        {"date": date(2026, 1, 13), "unit": "A", "what": "workflow", "time": "2026-W03"},
        {"date": date(2026, 1, 19), "unit": None, "what": "metric", "time": "2026-W04"},
    ]
    assert [one.values for one in found.caveats if one.code == "definition_changed"] == [
        {"n": 2, "what": ["metric", "workflow"], "at_adoption": 1}
    ]


@pytest.mark.parametrize(
    ("frame", "more", "code"),
    [
        (_items(), {}, "impact_no_rows"),
        (_items(("A", "", 1.0)), {}, "impact_time_missing"),
        (_items(("A", "soon", 1.0)), {}, "impact_time_unreadable"),
        (_items(("A", "2026-W60", 1.0)), {}, "impact_time_unreadable"),
        (_items(("A", 202601, 1.0)), {}, "impact_time_unreadable"),  # type: ignore[arg-type]
        (_items(("A", "2026-01-05", float("inf"))), {}, "impact_infinite_values"),
        (_items(("A", "2026-01-05", "many")), {}, "impact_not_numbers"),  # type: ignore[arg-type]
        (_items((None, "2026-01-05", 1.0)), {}, "impact_unit_missing"),  # type: ignore[arg-type]
        (_items(("A", "2026-01-05", 1.0)), {"window": (MONDAY, MONDAY)}, "impact_no_whole_period"),
        (_items(("A", "2026-01-05", 1.0)), {"window": (MONDAY, date(2025, 1, 1))}, "impact_no_whole_period"),
        (_items(("A", "2026-01-05", 1.0)), {"window": (MONDAY, None)}, "impact_time_missing"),
        (_items(("A", "2026-01-05", 1.0)), {"period": "year"}, "impact_unknown_choice"),
        (_items(("A", "2026-01-05", 1.0)), {"rows": "hour"}, "impact_unknown_choice"),
        (_items(("A", "2026-01-05", 1.0)), {"unknown": "?"}, "impact_unknown_choice"),
        (_items(("A", "2026-01-05", 1.0)), {"metrics": []}, "impact_metric_name"),
        (_items(("A", "2026-01-05", 1.0)), {"metrics": [COUNT, COUNT]}, "impact_metric_name"),
        (_items(("A", "2026-01-05", 1.0)), {"time": "at"}, "impact_column_missing"),
        (_items(("A", "2026-01-05", 1.0)), {"adoption": pd.concat([NEVER, NEVER])}, "impact_unit_twice"),
        (_items(("A", "2026-01-05", 1.0)), {"definition_changes": [(None, None, "x")]}, "impact_time_missing"),
    ],
)
def test_refused(frame: pd.DataFrame, more: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError, match=code):
        _join(frame, more.pop("adoption", NEVER), **more)


def test_pandas_and_polars_and_the_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    days = [(MONDAY + timedelta(days=int(n))).isoformat() for n in rng.integers(0, 21, 60)]
    items = _items(*[("AB"[n % 2], day, float(n)) for n, day in enumerate(days)])

    plain = _join(items, metrics=[COUNT, LEVEL])
    for one in (
        as_polars(items),
        items.sample(frac=1, random_state=1),
        items.assign(unit=pd.Categorical(items["unit"])),
    ):
        pd.testing.assert_frame_equal(_join(one, metrics=[COUNT, LEVEL]).frame, plain.frame)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=40))
def test_the_parts_add_up(rows: list[tuple[int, int]]) -> None:
    items = _items(*[("A", (MONDAY + timedelta(days=day)).isoformat(), float(value)) for day, value in rows])
    window = (MONDAY, MONDAY + timedelta(days=62))

    found = _join(items, window=window, metrics=[COUNT, Metric(name="rows", zero_is_data=True)])

    assert found.frame["done"].sum() == sum(value for _, value in rows)
    assert found.frame["rows"].sum() == len(rows)
    assert len(found.frame) == 9


# Selection on the outcome


def _chosen(recent: dict[str, float], adopters: str, *, past: float = 10.0) -> pd.DataFrame:
    """Six periods of level ``past``, two of ``recent``, then adoption in the ninth."""
    rows = [
        (unit, t, past if t < 6 else level, 8 if unit in adopters else None)
        for unit, level in recent.items()
        for t in range(10)
    ]
    return pd.DataFrame(rows, columns=["unit", "time", "value", "cohort"])


def _check(frame: pd.DataFrame, k: int = 2, **more: Any) -> Any:
    return selection_months(frame, unit="unit", time="time", outcome="value", cohort="cohort", k=k, **more)


def test_selection_to_check_by_hand() -> None:
    # A and B had fallen by 4 and 2 before they adopted; the four others changed by 0, 0, 1 and -1.
    found = _check(_chosen({"A": 6, "B": 8, "C": 10, "D": 10, "E": 11, "F": 9}, "AB"))

    assert (found.adopter_change, found.control_change, found.statistic) == (-3.0, 0.0, -3.0)
    # Of the 15 pairs only the observed one is as far from zero: p = 1/15.
    assert (found.ways, found.p_value, found.selected) == (15, pytest.approx(1 / 15), True)
    assert [one.code for one in found.caveats] == ["selected_on_outcome"]


def test_no_selection() -> None:
    found = _check(_chosen({"A": 10, "B": 11, "C": 9, "D": 10, "E": 12, "F": 8}, "AB"))

    assert (found.selected, [one.code for one in found.caveats]) == (False, [])
    assert found.p_value > 0.3


def test_too_few_choices_are_named() -> None:
    found = _check(_chosen({"A": 1, "B": 10, "C": 10}, "A"))

    assert (found.ways, found.p_value, found.selected) == (3, pytest.approx(1 / 3), False)
    assert [one.code for one in found.caveats] == ["too_few_ways_to_deal"]


def test_no_longer_past_is_not_a_clean_bill() -> None:
    frame = _chosen({"A": 1, "B": 10, "C": 10}, "A")

    found = _check(frame, k=7)

    assert (found.statistic, found.p_value, found.selected, found.ways) == (None, None, False, 1)
    assert [dict(one.values) for one in found.caveats] == [{"k": 7, "needed": 9}]
    assert _check(frame.assign(cohort=None)).statistic is None


def test_units_compare_with_those_not_treated_yet() -> None:
    rows = [
        (unit, t, level, cohort)
        for unit, cohort in (("A", 6), ("B", 9), ("C", None), ("D", None))
        for t in range(12)
        for level in [100.0 if cohort is not None and t >= cohort else (5.0 if unit == "A" and t in (4, 5) else 10.0)]
    ]
    found = _check(pd.DataFrame(rows, columns=["unit", "time", "value", "cohort"]))

    # A fell by 5, B by 0; what came after adoption is never looked at.
    assert (found.adopter_change, found.control_change) == (-2.5, 0.0)
    assert found.ways == 4 * 3  # one of four at risk, then one of three


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 100))
def test_scale_level_and_order_do_not_matter(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    frame = _chosen({unit: float(rng.normal()) for unit in "ABCDEFGH"}, "ABC", past=1.0)
    plain = _check(frame)
    moved = _check(frame.assign(value=frame["value"] * scale + 7).sample(frac=1, random_state=0))

    assert moved.p_value == plain.p_value
    assert moved.statistic == pytest.approx(scale * plain.statistic)


def test_draws_come_close_to_all_choices_and_are_seeded() -> None:
    frame = _chosen({unit: float(n) for n, unit in enumerate("ABCDEFGHIJKL")}, "ABCD")
    exact, drawn = _check(frame), _check(frame, draws=400)

    assert (exact.ways, drawn.ways) == (495, 401)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.05)
    assert _check(frame, draws=400) == drawn


def test_the_check_keeps_its_level_and_finds_the_worst_quartile() -> None:
    rng = np.random.default_rng(1)
    units, periods, when = 16, 16, 13
    found = {"by_lot": 0, "worst": 0}
    for _ in range(150):
        values = rng.normal(size=(units, periods))
        worst = np.argsort(values[:, when - 1])[:4]
        for name, chosen in (("by_lot", rng.permutation(units)[:4]), ("worst", worst)):
            cohort = np.where(np.isin(np.arange(units), chosen), float(when), np.nan)
            frame = pd.DataFrame(
                {
                    "unit": np.repeat(np.arange(units), periods),
                    "time": np.tile(np.arange(periods), units),
                    "value": values.ravel(),
                    "cohort": np.repeat(cohort, periods),
                }
            )
            found[name] += _check(frame, k=1, draws=200).selected
    # 10 % by lot: 15 of 150, give or take three standard deviations (3.7); chosen as the worst, nearly always.
    assert found["by_lot"] <= 26
    assert found["worst"] >= 140


@pytest.mark.parametrize(
    ("more", "code"), [({"k": 0}, "impact_selection_periods"), ({"alpha": 0.0}, "impact_level_out_of_range")]
)
def test_selection_refuses(more: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError, match=code):
        _check(_chosen({"A": 1, "B": 10, "C": 10}, "A"), **more)


# Flow


def _weekly() -> pl.DataFrame:
    day = 86_400_000_000
    monday = 1_767_571_200_000_000  # 2026-01-05
    rows = [
        ("S", "Bug", "defect", monday, 2, 2, 6 * day, 2 * day, 3, 2),
        ("S", "Story", "feature", monday, 1, 1, 6 * day, 1 * day, 0, 1),
        ("S", "Story", "feature", monday + 14 * day, 1, 0, 0, 0, 0, 1),
    ]
    names = [
        "stream",
        "type",
        "kind",
        "week_us",
        "finished",
        "with_flow_time",
        "flow_us",
        "active_us",
        "arrivals",
        "departures",
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_flow_metrics_by_week() -> None:
    adoption = pd.DataFrame({"unit": ["S"], "adopted_date": ["2026-01-19"]})

    found = flow_panel(_weekly(), adoption, metrics=tuple(METRICS))

    frame = found.frame.set_index("time")
    # Two bugs of 3 days each and a story of 6: 12 days over 3 items; 3 of 12 days active.
    assert frame["velocity"].tolist() == [3, 0, 1]
    assert frame["flow_time_days"].tolist() == pytest.approx([4.0, np.nan, np.nan], nan_ok=True)
    assert frame["flow_efficiency"].tolist() == pytest.approx([0.25, np.nan, np.nan], nan_ok=True)
    assert (frame["arrivals"].tolist(), frame["n_flow_time_days"].tolist()) == ([3, 0, 0], [3, 0, 0])
    assert set(frame["cohort"]) == {"2026-W04"}
    assert _codes(found) == ["zeros_between_rows_only", "finished_items_only"]


def test_flow_of_some_kinds_and_of_working_days() -> None:
    adoption = pd.DataFrame({"unit": ["S"], "adopted_date": [None]})

    bugs = flow_panel(_weekly(), adoption, kinds=["defect"], day_us=28_800_000_000, metrics=["flow_time_days"])

    assert bugs.frame["flow_time_days"].tolist() == [9.0]  # 3 days of 24 hours are 9 of 8
    with pytest.raises(UserError, match="impact_unknown_choice"):
        flow_panel(_weekly(), adoption, metrics=["happiness"])
    with pytest.raises(InputError, match="impact_no_rows"):
        flow_panel(_weekly(), adoption, kinds=["risk"])


def test_every_code_has_words() -> None:
    source = "".join(getsource(one) for one in (panels, panel_metrics, selection_on_outcome, flow_panel_module))
    codes = set(re.findall(r'Caveat\(\s*"(\w+)"', source)) - {"too_few_ways_to_deal"}  # that one is the permutation's
    assert {"definition_changed", "selected_on_outcome", "finished_items_only"} <= codes
    assert [one for one in codes if not has(f"impact.caveat.{one}")] == []
