"""Periods as consecutive numbers: by hand, over year ends, in every notation, and what is refused."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.impact.time_axis import axis_of, is_missing, place_on

_DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))


def _labels(values):
    axis, _ = axis_of(values)
    return [axis.label(i) for i in range(axis.length)]


def test_months_over_a_year_end_by_hand():
    axis, index = axis_of(["2026-01", "2025-11", "2026-03", "2025-12"])

    assert index.tolist() == [2, 0, 4, 1]
    assert (axis.kind, axis.unit, axis.length, axis.step) == ("month", "month", 5, 1)
    assert _labels(["2025-11", "2026-02"]) == ["2025-11", "2026-02"]  # a step of three months, not a quarter's first
    assert [axis.label(i) for i in range(5)] == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]


def test_weeks_over_year_ends_with_52_and_53_weeks():
    assert _labels(["2026-W52", "2026-W53", "2027-W01"]) == ["2026-W52", "2026-W53", "2027-W01"]
    assert _labels(["2025-W51", "2025-W52", "2026-W01"]) == ["2025-W51", "2025-W52", "2026-W01"]
    assert axis_of(["2020-W53", "2021-W01", "2021-W02"])[1].tolist() == [0, 1, 2]
    assert axis_of(["2020-W52", "2020-W53", "2021-W02"])[1].tolist() == [0, 1, 3]


def test_a_53rd_week_in_a_year_of_52_is_refused():
    with pytest.raises(InputError, match=r"impact_time_unreadable.*2025-W53"):
        axis_of(["2025-W52", "2025-W53"])


def test_quarters_and_years():
    axis, index = axis_of(["2025-Q4", "2026Q1", "2026-Q3"])
    assert (axis.unit, axis.step, index.tolist()) == ("quarter", 3, [0, 1, 3])
    assert axis.label(2) == "2026-Q2"

    axis, index = axis_of(["2023-01-01", "2024-01-01", "2026-01-01"])
    assert (axis.unit, index.tolist(), axis.label(2)) == ("year", [0, 1, 3], "2025")

    axis, index = axis_of([2003, 2004, 2007])
    assert (axis.kind, axis.unit, index.tolist(), axis.label(3)) == ("count", "period", [0, 1, 4], "2006")


def test_half_years_and_fortnights_are_periods_of_their_own():
    axis, index = axis_of(["2025-07", "2026-01", "2027-01"])
    assert (axis.unit, axis.step, index.tolist(), axis.label(2)) == ("period", 6, [0, 1, 3], "2026-07")

    axis, index = axis_of(["2026-W50", "2026-W52", "2027-W01"])  # 2026 has 53 weeks
    assert (axis.unit, axis.step, index.tolist(), axis.label(2)) == ("period", 2, [0, 1, 2], "2027-W01")


_MONTHS = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 3, 1)]
_MONDAYS = [date(2025, 12, 22), date(2025, 12, 29), date(2026, 1, 12)]


@pytest.mark.parametrize(
    "written",
    [
        ["2025-12", "2026-01", "2026-03"],
        _MONTHS,
        [day.isoformat() for day in _MONTHS],
        [f"{day.isoformat()} 00:00:00" for day in _MONTHS],
        [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in _MONTHS],
        [pd.Timestamp(day) for day in _MONTHS],
        [np.datetime64(day) for day in _MONTHS],
        [np.datetime64(day, "ns") for day in _MONTHS],
        [pd.Period(day, freq="M") for day in _MONTHS],
    ],
)
def test_every_notation_of_months_is_the_same(written):
    axis, index = axis_of(written)

    assert (axis.unit, index.tolist(), axis.label(2)) == ("month", [0, 1, 3], "2026-02")


@pytest.mark.parametrize(
    "written",
    [
        ["2025-W52", "2026-W01", "2026-W03"],
        ["2025W52", "2026W01", "2026W03"],
        _MONDAYS,
        [day.isoformat() for day in _MONDAYS],
        [pd.Timestamp(day) for day in _MONDAYS],
        [np.datetime64(day, "s") for day in _MONDAYS],
        [pd.Period(day, freq="W-SUN") for day in _MONDAYS],
    ],
)
def test_every_notation_of_weeks_is_the_same(written):
    axis, index = axis_of(written)

    assert (axis.unit, index.tolist(), axis.label(2)) == ("week", [0, 1, 3], "2026-W02")


@pytest.mark.parametrize(
    ("freq", "unit"), [("M", "month"), ("Q-DEC", "quarter"), ("Y-DEC", "year"), ("W-SUN", "week"), ("D", "day")]
)
def test_pandas_periods(freq, unit):
    periods = list(pd.period_range("2025-11-03", periods=4, freq=freq))

    axis, index = axis_of(periods)

    assert (axis.unit, index.tolist()) == (unit, [0, 1, 2, 3])


def test_a_moment_counts_as_its_day_in_utc():
    late = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5)))  # the 3rd in UTC

    assert axis_of([late, date(2026, 3, 4)])[1].tolist() == [0, 1]
    assert axis_of(["2026-03-02T23:30:00-05:00", "2026-03-04"])[1].tolist() == [0, 1]
    assert axis_of([pd.Timestamp(late), date(2026, 3, 4)])[1].tolist() == [0, 1]


def test_working_days_are_days_although_weekends_lack():
    days = [date(2026, 3, 2) + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8)]

    axis, index = axis_of(days)

    assert (axis.unit, index.tolist(), axis.label(5)) == ("day", [0, 1, 2, 3, 4, 7, 8], "2026-03-07")


@pytest.mark.parametrize(
    "numbers", [[202611, 202612, 202701], [202652, 202653, 202701], [20261130, 20261201], [202601]]
)
def test_integers_that_spell_a_calendar_are_refused(numbers):
    with pytest.raises(InputError) as caught:
        axis_of(numbers)

    assert (caught.value.code, caught.value.values["value"]) == ("impact_integer_calendar", min(numbers))


@pytest.mark.parametrize("kind", [int, float, np.int32, np.float64])
def test_whatever_their_type(kind):
    with pytest.raises(InputError, match="impact_integer_calendar"):
        axis_of([kind(202611), kind(202612)])


@pytest.mark.parametrize(
    "numbers", [[1, 2, 3], [2003, 2004], [-2, -1, 0], [202600, 202601], [202612, 202699], [0], [20261301, 20261302]]
)
def test_integers_that_only_count_are_not(numbers):
    assert axis_of(numbers)[0].kind == "count"


@pytest.mark.parametrize(
    ("times", "kinds"),
    [
        (["2026-01", "2026-W05"], ["month", "week"]),
        ([date(2026, 1, 5), "2026-02"], ["day", "month"]),
        # First days of months among Mondays: neither months nor weeks, and no days either.
        (["2026-01-01", "2026-02-02", "2026-03-02", "2026-04-06"], ["month", "week"]),
        (["2026-01-31", "2026-02-28", "2026-03-31"], ["month", "week"]),
    ],
)
def test_periods_of_different_length_are_refused(times, kinds):
    with pytest.raises(InputError) as caught:
        axis_of(times)

    assert (caught.value.code, caught.value.values["kinds"]) == ("impact_mixed_granularity", kinds)


@pytest.mark.parametrize(
    "time",
    ["soon", "2026-13", "2026-00", "2026-W00", "2026-W54", "2026-Q5", "2026-02-30", "05.01.2026", "2026", True, 1.5,
     "2026-03-02x", "2026-03-021", "2026-03-02T25:00", 1e300, 2**60, "{}", b"2026-01"],
)  # fmt: skip
def test_what_is_no_period_is_refused(time):
    with pytest.raises(InputError, match="impact_time_unreadable"):
        axis_of([time, time])


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), "", "  "])
def test_a_missing_time_is_refused_and_counted(nothing):
    assert is_missing(nothing)
    with pytest.raises(InputError) as caught:
        axis_of(["2026-01", nothing, nothing])

    assert (caught.value.code, caught.value.values["n"]) == ("impact_time_missing", 2)


def test_no_times_and_too_many_periods_are_refused():
    with pytest.raises(InputError, match="impact_no_rows"):
        axis_of([])
    with pytest.raises(InputError) as caught:
        axis_of([1, 2, 10**12])
    assert caught.value.code == "impact_too_many_periods"
    assert caught.value.values["n"] == 10**12
    assert axis_of([0, 10**12])[0].length == 2  # a step, not so many periods


def test_one_time_is_one_period():
    assert axis_of(["2026-03", "2026-03"])[0].length == 1
    assert axis_of([7])[1].tolist() == [0]


@given(st.lists(_DAYS, min_size=2, max_size=30, unique_by=lambda day: (day.year, day.month)))
def test_months_are_as_far_apart_as_in_the_calendar(days):
    firsts = [day.replace(day=1) for day in days]

    axis, index = axis_of(firsts)

    first = min(firsts)
    away = [12 * (day.year - first.year) + day.month - first.month for day in firsts]
    assert (index * axis.step).tolist() == away


@given(st.lists(_DAYS, min_size=1, max_size=30))
def test_weeks_bear_their_iso_names(days):
    mondays = [day - timedelta(days=day.weekday()) for day in days]
    names = ["{}-W{:02d}".format(*day.isocalendar()[:2]) for day in mondays]

    axis, index = axis_of(names)

    assert [axis.label(int(i)) for i in index] == names
    assert [axis.label(int(i)) for i in place_on(axis, mondays)] == names


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=30), st.randoms())
def test_the_order_of_times_does_not_matter(numbers, random):
    shuffled = random.sample(numbers, len(numbers))

    (one, index), (other, moved) = axis_of(numbers), axis_of(shuffled)

    assert one == other
    assert dict(zip(numbers, index.tolist(), strict=True)) == dict(zip(shuffled, moved.tolist(), strict=True))


# Where an adoption falls -----------------------------------------------------------------------------------------


def _placed(times, adoption):
    return place_on(axis_of(times)[0], adoption).tolist()


_Q1 = ["2026-01", "2026-02", "2026-03"]


def test_a_period_treated_in_part_is_not_treated():
    # The first of February is the whole of February; the second leaves a day of it without.
    assert _placed(_Q1, ["2026-02", "2026-02-01", "2026-02-02", "2026-02-28"]) == [1, 1, 2, 2]
    assert _placed(["2026-W05", "2026-W06", "2026-W07"], ["2026-02-02", "2026-02-03", "2026-02-08"]) == [1, 2, 2]
    assert _placed(["2026-Q1", "2026-Q2", "2026-Q3"], ["2026-04", "2026-05", "2026-06-30"]) == [1, 2, 2]
    assert _placed([1, 2, 3], [2, 2.5, np.float64(2.01)]) == [1, 2, 2]


def test_adoption_in_another_unit_of_time():
    weeks = ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    assert _placed(weeks, ["2027-01", "2026-W53"]) == [2, 1]  # 1 January 2027 is a Friday of week 53
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert _placed(days, ["2026-03", "2026-W09", date(2026, 2, 28)]) == [2, -4, 1]
    assert _placed(_Q1, ["2026-W05", "2026-W06"]) == [1, 2]  # 26 January rounds up to February, 2 February to March


def test_adoption_written_like_the_times_is_that_period_on_every_weekday():
    for weekday in range(7):
        times = [date(2026, 3, 2) + timedelta(days=weekday + 7 * n) for n in range(4)]

        assert _placed(times, times) == [0, 1, 2, 3]
        assert _placed(times, [times[1] + timedelta(days=1)]) == [2]
        assert _placed(times, [times[1] - timedelta(days=1)]) == [1]


def test_never():
    nothing = [None, float("nan"), pd.NaT, pd.NA, "", float("inf"), np.inf]

    assert _placed(_Q1, [*nothing, "2026-02"]) == [np.inf] * 7 + [1]
    assert _placed([1, 2], nothing) == [np.inf] * 7
    assert _placed(_Q1, []) == []


def test_before_and_after_the_panel():
    assert _placed(_Q1, ["2025-12", "2026-01", "2026-04", "2027-01"]) == [-1, 0, 3, 12]


def test_a_step_of_several_numbers_rounds_up_to_the_next_period():
    assert _placed([10, 20, 30], [10, 11, 20, 25]) == [0, 1, 1, 2]
    assert _placed(["2025-07", "2026-01", "2027-01"], ["2026-01", "2026-02", "2026-07"]) == [1, 2, 2]


@pytest.mark.parametrize(
    ("times", "adoption"),
    [(_Q1, 202602), (_Q1, 2.0), (_Q1, np.int64(3)), ([1, 2, 3], "2026-02"), ([1, 2, 3], "2"), ([1, 2], True)],
)
def test_adoption_of_another_kind_than_the_times_is_refused(times, adoption):
    with pytest.raises(InputError, match="impact_cohort_unreadable"):
        place_on(axis_of(times)[0], [None, adoption])


def test_adoption_that_cannot_be_read_is_refused():
    with pytest.raises(InputError, match=r"impact_time_unreadable.*last spring"):
        place_on(axis_of(_Q1)[0], ["last spring"])


@given(st.lists(_DAYS, min_size=2, max_size=10, unique=True), _DAYS)
def test_a_day_is_placed_on_the_first_period_that_begins_on_or_after_it(days, adoption):
    mondays = sorted({day - timedelta(days=day.weekday()) for day in days})
    axis, _ = axis_of(mondays)

    index = int(place_on(axis, [adoption])[0])

    begins = mondays[0] + timedelta(days=7 * axis.step * index)
    assert begins >= adoption
    assert begins - timedelta(days=7 * axis.step) < adoption
