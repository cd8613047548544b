"""The panel: by hand, what is refused, what is reported, and that neither order nor kind of frame matters."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.impact.panel import Panel, panel_of

_NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "adopted"}


def _rows(**changes) -> pd.DataFrame:
    """A adopts in period 3, B never; A misses period 2."""
    columns = {
        "unit": ["A", "A", "B", "B", "B"],
        "time": [1, 3, 1, 2, 3],
        "y": [1.0, 3.0, 10.0, 20.0, 30.0],
        "adopted": [3, 3, None, None, None],
    }
    return pd.DataFrame({**columns, **changes})


def _panel(frame, **further) -> Panel:
    return panel_of(frame, **_NAMES, **further)


def _refusal(frame, **further) -> InputError:
    with pytest.raises(InputError) as caught:
        _panel(frame, **further)
    return caught.value


def _codes(panel: Panel) -> list[str]:
    return [caveat.code for caveat in panel.caveats]


def test_a_small_panel_by_hand():
    panel = _panel(_rows())

    np.testing.assert_array_equal(panel.values, [[1, np.nan, 3], [10, 20, 30]])
    assert panel.cohort.tolist() == [2, np.inf]
    assert (panel.units, panel.shape, panel.outcome) == (("A", "B"), (2, 3), "y")
    assert panel.treated.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert panel.adopters.tolist() == [True, False]
    assert panel.cohorts.tolist() == [2]
    assert panel.clusters.tolist() == [0, 1]
    assert not panel.balanced
    assert _codes(panel) == ["gaps_in_the_panel"]
    assert dict(panel.caveats[0].values) == {"n": 1, "share": 1 / 6}


def test_a_gap_may_be_a_missing_row_or_an_empty_cell():
    rows = pd.concat([_rows(), pd.DataFrame({"unit": ["A"], "time": [2], "y": [np.nan], "adopted": [3]})])

    np.testing.assert_array_equal(_panel(rows).values, _panel(_rows()).values)


def test_a_period_in_which_nobody_was_seen_stays_a_period():
    panel = _panel(_rows(time=[1, 4, 1, 2, 4]))

    np.testing.assert_array_equal(panel.values, [[1, np.nan, np.nan, 3], [10, 20, np.nan, 30]])
    assert panel.cohort.tolist() == [2, np.inf]


def test_without_gaps_nothing_is_reported():
    full = _rows().loc[[0, 1, 2, 4]]

    assert _panel(full).balanced
    assert _panel(full).caveats == ()


def test_covariates_and_clusters():
    rows = _rows(x=[1.0, 2.0, 3.0, np.nan, 5.0], site=["east", "east", "west", "west", "west"])

    panel = _panel(rows, covariates=["x"], cluster="site")

    np.testing.assert_array_equal(panel.covariates[:, :, 0], [[1, np.nan, 2], [3, np.nan, 5]])
    np.testing.assert_array_equal(panel.values, [[1, np.nan, 3], [10, np.nan, 30]])  # no covariate, no observation
    assert panel.covariate_names == ("x",)
    assert panel.clusters.tolist() == [0, 1]
    assert _codes(panel) == ["covariates_missing", "gaps_in_the_panel"]
    assert panel.caveats[0].values["n"] == 1


def test_parts_of_a_panel_keep_their_periods():
    panel = _panel(_rows())

    by_mask, by_index = panel.only(np.array([False, True])), panel.only(np.array([1]))

    assert by_mask.units == by_index.units == ("B",)
    assert by_mask.shape == (1, 3)
    assert panel.with_cohort(np.array([np.inf, 1.0])).treated.tolist() == [[0, 0, 0], [0, 1, 1]]
    assert panel.with_values(panel.values * 2).values[1].tolist() == [20, 40, 60]


# Refused ---------------------------------------------------------------------------------------------------------


def test_a_period_of_a_unit_that_stands_there_twice():
    rows = pd.concat([_rows(), _rows().iloc[[0, 3, 3]]])

    refusal = _refusal(rows)

    assert refusal.code == "impact_duplicate_unit_periods"
    assert refusal.values == {"n": 2, "examples": ["A 1", "B 2"]}


def test_two_notations_of_one_month_are_duplicates_too():
    rows = _rows(time=["2026-01", "2026-01", "2026-01", "2026-02", "2026-03"])

    assert _refusal(rows).values["examples"] == ["A 2026-01"]


@pytest.mark.parametrize(("dates", "said"), [([2, 3], ["2.0", "3.0"]), ([3, None], ["3.0", "None"])])
def test_an_adoption_date_that_changes(dates, said):
    refusal = _refusal(_rows(adopted=[*dates, None, None, None]))

    assert (refusal.code, refusal.values) == ("impact_cohort_changes", {"unit": "A", "values": said})


def test_a_cluster_that_changes():
    refusal = _refusal(_rows(site=["east", "west", "west", "west", "west"]), cluster="site")

    assert (refusal.code, refusal.values["unit"]) == ("impact_cluster_changes", "A")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"y": ["1", "2", "3", "4", "5"]}, "impact_not_numbers"),
        ({"y": pd.to_timedelta([1, 2, 3, 4, 5], unit="D")}, "impact_not_numbers"),
        ({"y": [1j, 2, 3, 4, 5]}, "impact_not_numbers"),
        ({"y": [1.0, np.inf, 3, 4, 5]}, "impact_infinite_values"),
        ({"y": [1.0, -np.inf, 3, 4, 5]}, "impact_infinite_values"),
        ({"y": [1.0, 1e200, 3, 4, 5]}, "impact_infinite_values"),
        ({"y": [np.nan] * 5}, "impact_no_rows"),
        ({"unit": ["A", "A", None, "B", "B"]}, "impact_unit_missing"),
        ({"unit": ["A", "A", "", "B", "B"]}, "impact_unit_missing"),
        ({"time": [1, 3, np.nan, 2, 3]}, "impact_time_missing"),
        ({"time": [202601, 202603, 202601, 202602, 202603]}, "impact_integer_calendar"),
        ({"time": ["2026-01", "2026-W05", "2026-01", "2026-02", "2026-03"]}, "impact_mixed_granularity"),
        ({"time": [1, 3, 1, 2, 10**12]}, "impact_too_many_periods"),
        ({"adopted": ["2026-01", "2026-01", None, None, None]}, "impact_cohort_unreadable"),
        ({"adopted": [0, 0, 3, 3, 3]}, "impact_cohort_zero"),
        ({"adopted": [1] * 5}, "impact_all_already_treated"),
        ({"y": [1.0, 3.0, np.nan, np.nan, np.nan], "adopted": [1, 1, None, None, None]}, "impact_all_already_treated"),
    ],
)
def test_what_no_estimate_can_rest_on_is_refused(changes, code):
    assert _refusal(_rows(**changes)).code == code


def test_missing_columns_are_named():
    refusal = _refusal(_rows().drop(columns=["y", "time"]), covariates=["x"])

    assert refusal.code == "impact_column_missing"
    assert refusal.values == {"names": ["time", "y", "x"], "found": ["unit", "adopted"]}


def test_no_rows():
    assert _refusal(_rows().iloc[:0]).code == "impact_no_rows"


def test_infinite_values_are_counted_by_column():
    refusal = _refusal(_rows(x=[np.inf, -np.inf, 1, 2, 3]), covariates=["x"])

    assert refusal.values == {"name": "x", "n": 2}


# Reported --------------------------------------------------------------------------------------------------------


def test_year_zero_means_never():
    years = _rows(time=[2003, 2005, 2003, 2004, 2005], adopted=[2005, 2005, 0, 0, 0])

    panel = _panel(years)

    assert panel.cohort.tolist() == [2, np.inf]
    assert _codes(panel) == ["zero_read_as_never", "gaps_in_the_panel"]
    assert panel.caveats[0].values["n"] == 1


def test_zero_is_a_period_where_periods_begin_there():
    panel = _panel(_rows(time=[0, 2, 0, 1, 2], adopted=[0, 0, 2, 2, 2]))

    assert panel.units == ("B",)  # A was treated from the start
    assert panel.cohort.tolist() == [2]


def test_units_treated_from_the_start_are_dropped_or_kept():
    rows = _rows(adopted=[1, 1, 3, 3, 3])

    assert _panel(rows).units == ("B",)
    assert [(caveat.code, caveat.values["n"]) for caveat in _panel(rows).caveats] == [("already_treated_dropped", 1)]
    assert _panel(rows, already="keep").units == ("A", "B")
    assert _panel(rows, already="keep").cohort.tolist() == [0, 2]
    assert _panel(_rows(adopted=[-7, -7, 3, 3, 3])).units == ("B",)


def test_adopting_after_the_last_period_is_not_adopting_yet():
    panel = _panel(_rows(adopted=[4, 4, None, None, None]))

    assert panel.cohort.tolist() == [np.inf, np.inf]
    assert [(one.code, one.values.get("n")) for one in panel.caveats] == [
        ("adopts_after_the_panel", 1),
        ("gaps_in_the_panel", 1),
    ]


def test_units_without_any_outcome_are_left_out():
    panel = _panel(_rows(y=[np.nan, np.nan, 1, 2, 3]))

    assert panel.units == ("B",)
    assert _codes(panel) == ["units_without_outcome"]


def test_a_partly_treated_month_is_before_adoption():
    months = ["2026-01", "2026-03", "2026-01", "2026-02", "2026-03"]

    first, later = (
        _panel(_rows(time=months, adopted=[day, day, "", None, None])) for day in ("2026-02-01", "2026-02-02")
    )

    assert first.cohort.tolist() == [1, np.inf]
    assert later.cohort.tolist() == [2, np.inf]


# Whatever the frame ----------------------------------------------------------------------------------------------


def test_polars_and_pandas_are_the_same():
    rows = _rows(x=[1.0, 2, 3, 4, 5])
    polars = pl.DataFrame(rows.to_dict("list")).with_columns(pl.col("adopted").fill_nan(None))

    one, other = (_panel(frame, covariates=["x"]) for frame in (rows, polars))

    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.cohort, other.cohort)
    np.testing.assert_array_equal(one.covariates, other.covariates)
    assert (one.units, one.axis, one.caveats) == (other.units, other.axis, other.caveats)


def test_dates_of_every_kind_of_frame():
    months, adopted = [dt.date(2025, 12, 1), dt.date(2026, 1, 1)] * 2, [dt.date(2026, 1, 1)] * 2 + [None] * 2
    columns = {"unit": list("AABB"), "time": months, "y": [1, 2, 3, 4], "adopted": adopted}
    frames = [
        pl.DataFrame(columns),
        pl.DataFrame(columns).with_columns(pl.col("unit").cast(pl.Categorical), pl.col("time").cast(pl.Datetime)),
        pd.DataFrame(columns),
        pd.DataFrame(columns).astype({"unit": "category", "time": "datetime64[ns]", "adopted": "datetime64[s]"}),
        pd.DataFrame(columns).assign(time=lambda rows: pd.PeriodIndex(rows["time"], freq="M")),
    ]

    for frame in frames:
        panel = _panel(frame)
        assert panel.values.tolist() == [[1, 2], [3, 4]]
        assert panel.cohort.tolist() == [1, np.inf]
        assert (panel.units, panel.axis.unit) == (("A", "B"), "month")


def test_columns_that_may_lack_values():
    rows = _rows(
        y=pd.array([1, None, 3, 4, 5], dtype="Int64"),
        adopted=pd.array([3, 3, None, None, None], dtype="Int64"),
    )

    panel = _panel(rows)

    np.testing.assert_array_equal(panel.values, [[1, np.nan, np.nan], [3, 4, 5]])
    assert panel.cohort.tolist() == [2, np.inf]


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32, "Float64", "boolean"])
def test_every_kind_of_number(dtype):
    rows = _rows(y=np.array([1, 0, 1, 1, 0])).astype({"y": dtype})

    np.testing.assert_array_equal(_panel(rows).values, [[1, np.nan, 0], [1, 1, 0]])


def test_polars_decimals_are_numbers():
    rows = pl.DataFrame({"unit": ["A", "A"], "time": [1, 2], "y": [1, 2], "adopted": [2, 2]})

    assert _panel(rows.with_columns(pl.col("y").cast(pl.Decimal(10, 2)))).values.tolist() == [[1, 2]]


def test_hostile_names():
    names = {"unit": "class", "time": "__time__; --", "outcome": "a b\n$", "cohort": "größe/%s{0}"}
    units = ["<b>", "<b>", "Ü\u202e x" * 50, "Ü\u202e x" * 50, "Ü\u202e x" * 50]
    rows = _rows(unit=units).rename(columns={_NAMES[key]: name for key, name in names.items()})

    panel = panel_of(rows, **names)

    assert panel.shape == (2, 3)
    assert panel.outcome == "a b\n$"
    assert set(panel.units) == set(units)


def test_names_of_several_kinds_and_numbers_as_names():
    rows = _rows(unit=[7, 7, "7", "7", "7"])

    assert _panel(rows).units == (7, "7")
    assert _panel(_rows(unit=[10, 10, 9, 9, 9])).units == (9, 10)


def test_one_unit_and_one_period():
    panel = _panel(_rows().iloc[[2]])

    assert panel.shape == (1, 1)
    assert panel.cohorts.tolist() == []


def test_large_and_tiny_values_stay_as_they_are():
    values = [1e99, -1e99, 1e-300, 5e-324, 0.1]

    np.testing.assert_array_equal(_panel(_rows(y=values)).values, [[1e99, np.nan, -1e99], [1e-300, 5e-324, 0.1]])


@given(st.permutations(range(5)), st.sampled_from([None, "x"]))
def test_the_order_of_rows_does_not_matter(order, covariate):
    rows = _rows(x=[1.0, 2, 3, 4, 5])
    further = {"covariates": [covariate]} if covariate else {}

    one, other = _panel(rows, **further), _panel(rows.iloc[list(order)], **further)

    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.covariates, other.covariates)
    np.testing.assert_array_equal(one.cohort, other.cohort)
    assert (one.units, one.axis, one.caveats) == (other.units, other.axis, other.caveats)


@given(
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 8)), st.floats(-1e6, 1e6), min_size=1, max_size=40),
    st.dictionaries(st.integers(0, 6), st.integers(1, 12)),
)
def test_every_observation_is_in_its_cell_and_nowhere_else(cells, adopted):
    rows = [(f"u{u}", t, y, adopted.get(u)) for (u, t), y in cells.items()]
    frame = pd.DataFrame(rows, columns=["unit", "time", "y", "adopted"]).astype({"adopted": "Float64"})

    panel = _panel(frame, already="keep")

    known = {(panel.units[u], int(panel.axis.label(t))): panel.values[u, t] for u, t in np.argwhere(panel.observed)}
    assert known == {(f"u{u}", t): y for (u, t), y in cells.items()}
    gaps = [caveat.values["n"] for caveat in panel.caveats if caveat.code == "gaps_in_the_panel"]
    assert sum(gaps) == panel.values.size - len(cells)
