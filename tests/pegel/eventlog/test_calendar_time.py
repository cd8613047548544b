"""Working time: one clock in three forms (scalar, table, expression), against counting minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.errors import InternalError
from pegel.eventlog import schema
from pegel.eventlog.calendar import Calendar, DateRange, HoursPeriod, Week, YearlyDays, built_in_calendar
from pegel.eventlog.calendar_time import WorkingTime, day_us, working_spans

BERLIN = "Europe/Berlin"
MINUTE_US = 60 * schema.SECOND_US
ROUND_THE_CLOCK: Week = (((0, 1440),),) * 7
LUNCH: Week = (((480, 720), (780, 1020)),) * 5 + ((), ())


def at(text: str, zone: str = BERLIN) -> int:
    return schema.to_us(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def utc(text: str) -> int:
    return at(text, "UTC")


def office(**values: Any) -> Calendar:
    week: Week = (((540, 1020),),) * 5 + ((), ())
    return Calendar(**{"name": "office", "zone": BERLIN, "week": week, **values})


def german(name: str) -> Calendar:
    found = built_in_calendar(name)
    assert found is not None
    return found


def vectorised(working: WorkingTime, rows: list[tuple[int | None, int | None]]) -> list[int | None]:
    frame = pl.LazyFrame(
        {"row": range(len(rows)), "entered": [row[0] for row in rows], "left": [row[1] for row in rows]},
        schema={"row": pl.Int64(), "entered": pl.Int64(), "left": pl.Int64()},
    )
    worked = working.add_working_time(nw.from_native(frame), start="entered", end="left", into="worked").to_native()
    result = worked.collect(engine="streaming").sort("row")
    assert result.columns == ["row", "entered", "left", "worked"]
    assert result.schema["worked"] == pl.Int64()
    return list(result["worked"])


def test_friday_four_to_monday_ten_is_two_hours() -> None:
    # Friday 16:00–17:00 = 1 h, the weekend = 0 h, Monday 9:00–10:00 = 1 h; 1 h + 1 h = 2 h of 66 h elapsed.
    start, end = at("2026-01-09T16:00"), at("2026-01-12T10:00")
    assert (end - start) / schema.HOUR_US == 66
    working = WorkingTime(office(), start, end)
    assert working.between(start, end) == 2 * schema.HOUR_US
    assert vectorised(working, [(start, end)]) == [2 * schema.HOUR_US]


def test_every_piece_of_a_week_by_hand() -> None:
    # 2026-01-05 is a Monday; Tuesday the 6th is Epiphany in Bavaria.
    working = WorkingTime(german("de-BY"), at("2026-01-05T00:00"), at("2026-01-12T00:00"))
    cases = [
        ("2026-01-05T08:00", "2026-01-05T09:00", 0.0),  # before work
        ("2026-01-05T08:00", "2026-01-05T09:30", 0.5),
        ("2026-01-05T12:00", "2026-01-05T12:15", 0.25),  # within work
        ("2026-01-05T16:45", "2026-01-05T23:00", 0.25),
        ("2026-01-05T17:00", "2026-01-07T09:00", 0.0),  # evening, holiday, night
        ("2026-01-05T12:00", "2026-01-07T12:00", 8.0),  # 5 h + holiday + 3 h
        ("2026-01-05T00:00", "2026-01-12T00:00", 32.0),  # 4 days of 8 h
    ]
    rows: list[tuple[int | None, int | None]] = [(at(start), at(end)) for start, end, _ in cases]
    expected = [round(hours * schema.HOUR_US) for _, _, hours in cases]
    assert [working.between(at(start), at(end)) for start, end, _ in cases] == expected
    assert vectorised(working, rows) == expected


def test_microseconds_are_exact() -> None:
    nine = at("2026-01-05T09:00")
    working = WorkingTime(office(), nine, nine)
    assert working.between(nine - 1, nine + 1) == 1
    assert vectorised(working, [(nine - 1, nine + 1), (nine, nine + 7), (nine - 9, nine)]) == [1, 7, 0]


def test_32_business_hours_are_four_days() -> None:
    # pm4py issue 559: 32 working hours were shown as 1.33 days (32 / 24) instead of 4.0 (32 / 8).
    assert 32 * schema.HOUR_US / day_us(german("de")) == 4.0
    assert 32 * schema.HOUR_US / day_us(None) == pytest.approx(1.3333, abs=1e-4)


def test_a_full_week_is_as_many_days_as_it_has_working_days() -> None:
    # 4 × 8 h + 5 h = 37 h on five days: 7.4 h a day.
    week: Week = (((480, 960),),) * 4 + (((480, 780),), (), ())
    calendar = office(
        week=week,
        periods=(
            HoursPeriod(from_date=date(2026, 2, 1), until_date=date(2026, 3, 1), week=(((0, 360),),) * 7),
            HoursPeriod(from_date=date(2026, 3, 1), until_date=date(2026, 4, 1), week=((),) * 7),
        ),
    )
    assert day_us(calendar) == 74 * schema.HOUR_US // 10
    assert day_us(calendar, date(2026, 1, 31)) == 74 * schema.HOUR_US // 10
    assert day_us(calendar, date(2026, 2, 1)) == 6 * schema.HOUR_US
    assert day_us(calendar, date(2026, 3, 1)) == 74 * schema.HOUR_US // 10  # nobody works: the calendar's own day
    working = WorkingTime(calendar, at("2026-01-05T00:00"), at("2026-01-12T00:00"))
    assert working.between(at("2026-01-05T00:00"), at("2026-01-12T00:00")) == 5 * day_us(calendar)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_days_of_a_clock_change_have_their_true_length(day: str, hours: int) -> None:
    week: Week = ((),) * 6 + (((0, 1440),),)
    if hours == 24:
        week = (((0, 1440),),) + ((),) * 6
    spans = working_spans(office(week=week), at(f"{day}T00:00") - schema.DAY_US, at(f"{day}T00:00") + 2 * schema.DAY_US)
    assert spans.rows() == [(at(f"{day}T00:00"), at(f"{day}T00:00") + hours * schema.HOUR_US)]


def test_office_hours_move_in_utc_with_the_clock() -> None:
    spans = working_spans(office(), utc("2026-03-27T00:00"), utc("2026-03-31T00:00"))
    assert spans.rows() == [
        (utc("2026-03-27T08:00"), utc("2026-03-27T16:00")),  # Friday, winter time: UTC+1
        (utc("2026-03-30T07:00"), utc("2026-03-30T15:00")),  # Monday, summer time: UTC+2
    ]


def test_a_skipped_hour_is_not_worked_and_a_repeated_one_counts_twice() -> None:
    night = office(week=(((150, 210),),) * 7)  # 02:30–03:30
    spring = working_spans(night, utc("2026-03-29T00:00"), utc("2026-03-30T00:00"))
    assert spring.rows() == [(utc("2026-03-29T01:00"), utc("2026-03-29T01:30"))]  # the clock jumps from 2:00 to 3:00
    autumn = working_spans(night, utc("2026-10-25T00:00"), utc("2026-10-26T00:00"))
    assert autumn.rows() == [
        (utc("2026-10-25T00:30"), utc("2026-10-25T01:00")),  # 02:30–03:00 summer time, then the clock goes back to 2:00
        (utc("2026-10-25T01:30"), utc("2026-10-25T02:30")),  # 02:30–03:30 winter time
    ]


def test_a_day_that_a_zone_skipped_does_not_exist() -> None:
    # Samoa crossed the date line: 2011-12-29 was followed by 2011-12-31.
    samoa = office(
        zone="Pacific/Apia",
        week=ROUND_THE_CLOCK,
        blackouts=(DateRange(first=date(2011, 12, 30), last=date(2011, 12, 30)),),
    )
    start, end = utc("2011-12-28T00:00"), utc("2012-01-03T00:00")
    assert WorkingTime(samoa, start, end).between(start, end) == end - start


def test_spans_are_cut_to_the_range_and_joined_over_midnight() -> None:
    spans = working_spans(
        office(week=(((1200, 1440),), ((0, 360), (360, 480)), (), (), (), (), ())),
        at("2026-01-05T21:00"),
        at("2026-01-06T07:00"),
    )
    assert spans.rows() == [(at("2026-01-05T21:00"), at("2026-01-06T07:00"))]
    assert working_spans(office(), at("2026-01-05T10:00"), at("2026-01-05T10:00")).rows() == []
    assert spans.schema == {"start_us": pl.Int64(), "end_us": pl.Int64()}


@pytest.mark.parametrize(
    ("calendar", "hours", "pieces"),
    [
        (office(), 24, 1),
        (office(week=LUNCH, zone="UTC"), 12, 1),  # 08–12 and 13–17: noon lies in a break
        (office(week=ROUND_THE_CLOCK), 24, 1),
        (office(zone="America/Los_Angeles"), 12, 1),  # 17:00–01:00 UTC
        (office(week=(((480, 500), (510, 520), (530, 540)),) * 5 + ((), ()), zone="UTC"), 24, 3),
    ],
)
def test_the_table_has_the_widest_cells_with_the_fewest_pieces(calendar: Calendar, hours: int, pieces: int) -> None:
    working = WorkingTime(calendar, utc("2026-01-01T00:00"), utc("2026-12-31T00:00"))
    table = working.table()
    assert working.cell_us == hours * schema.HOUR_US
    names = [f"{side}_{k}" for k in range(1, pieces + 1) for side in ("opens", "closes")]
    assert table.columns == ["cell", "worked_us", *names]
    assert table["cell"].to_list() == list(
        range(working.from_us // working.cell_us, working.until_us // working.cell_us)
    )
    assert table.null_count().sum_horizontal().item() == 0


def test_the_table_by_hand() -> None:
    working = WorkingTime(office(zone="UTC"), utc("2026-01-08T11:00"), utc("2026-01-09T11:00"))
    thursday = utc("2026-01-08T00:00")
    hour, day = schema.HOUR_US, schema.DAY_US
    assert working.table().rows() == [
        (thursday // day, 0, thursday + 9 * hour, thursday + 17 * hour),
        (thursday // day + 1, 8 * hour, thursday + 33 * hour, thursday + 41 * hour),
    ]
    assert working.clock(utc("2026-01-09T10:00")) == 9 * hour


def test_a_time_outside_the_range_is_never_cut_off() -> None:
    inside = utc("2026-01-07T00:00")
    working = WorkingTime(office(zone="UTC"), inside, inside)
    before, after = utc("2025-12-31T00:00"), utc("2026-01-14T00:00")
    # Wed 2025-12-31 … Tue 2026-01-13: ten weekdays without any holiday in this calendar.
    assert working.between(before, after) == 80 * schema.HOUR_US
    assert working.between(after, before) == -80 * schema.HOUR_US
    assert working.clock(before) == -40 * schema.HOUR_US
    assert vectorised(working, [(before, after), (inside, after), (inside, inside), (None, inside)]) == [
        None,
        None,
        0,
        None,
    ]
    wide = working.covering(before, after)
    assert vectorised(wide, [(before, after)]) == [80 * schema.HOUR_US]
    assert working.covering(inside, inside) is working
    assert working.covering(before, inside) is wide
    wider = working.covering(inside, after + 2 * schema.DAY_US)
    assert (wider.from_us, wider.until_us) == (wide.from_us, wide.until_us + 2 * schema.DAY_US)  # grows, never moves
    assert wider.between(before, after) == 80 * schema.HOUR_US


def test_the_last_moment_of_the_range_is_inside() -> None:
    start, end = utc("2026-01-05T00:00"), utc("2026-01-07T00:00")
    working = WorkingTime(office(zone="UTC"), start, end)
    assert vectorised(working, [(start, end)]) == [16 * schema.HOUR_US]
    assert vectorised(working, [(start, working.until_us - 1)]) == [24 * schema.HOUR_US]
    assert vectorised(working, [(start, working.until_us)]) == [None]


def test_a_range_without_any_work_has_a_clock_that_stands_still() -> None:
    saturday, sunday = utc("2026-01-10T06:00"), utc("2026-01-11T06:00")
    working = WorkingTime(office(), saturday, sunday)
    assert working.between(saturday, sunday) == 0
    assert vectorised(working, [(saturday, sunday)]) == [0]
    assert working.table()["worked_us"].to_list() == [0, 0]


def test_by_default_every_accepted_time_is_covered() -> None:
    working = WorkingTime(german("de"))
    whole = schema.LATEST_US - schema.EARLIEST_US
    assert 0.2 < working.between(schema.EARLIEST_US, schema.LATEST_US) / whole < 0.25
    assert vectorised(working, [(schema.EARLIEST_US, schema.LATEST_US)]) == [
        working.between(schema.EARLIEST_US, schema.LATEST_US)
    ]
    assert working.years_without_holidays[0] == 1970
    assert 2026 not in working.years_without_holidays
    assert 2200 in working.years_without_holidays


@pytest.mark.parametrize(("start", "end"), [(0, schema.OPEN_US), (-1, 0), (0, schema.LATEST_US + 2 * schema.DAY_US)])
def test_times_that_no_event_can_have_are_refused(start: int, end: int) -> None:
    working = WorkingTime(office(), 0, 0)
    for ask in (
        lambda: working.between(start, end),
        lambda: working_spans(office(), start, end),
        lambda: WorkingTime(office(), start, end),
    ):
        with pytest.raises(InternalError) as caught:
            ask()
        assert caught.value.code == "calendar_range_outside"


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    for ask in (WorkingTime, working_spans):
        with pytest.raises(InternalError) as caught:
            ask(office(), 1, 0)
        assert caught.value.code == "calendar_range_outside"


def test_columns_of_the_frame_may_have_any_name() -> None:
    start, end = at("2026-01-09T16:00"), at("2026-01-12T10:00")
    working = WorkingTime(office(), start, end)
    frame = pl.LazyFrame({"cell": [start], "worked_us": [end], "opens_1": [1], "closes_1": [2]})
    table = nw.from_native(working.table().lazy())
    added = working.add_working_time(
        nw.from_native(frame), start="cell", end="worked_us", into="opens_1", table=table
    ).to_native()
    assert added.select("cell", "worked_us", "opens_1", "closes_1").collect().rows() == [
        (start, end, 2 * schema.HOUR_US, 2)
    ]


_START, _DAYS = date(2026, 3, 20), 25
_ZONES = ["UTC", BERLIN, "America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca"]
_SPANS = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges))] * 2, strict=False))
)
_WEEKS = st.tuples(*[_SPANS] * 7)
_NEAR = st.integers(-2, _DAYS + 2).map(lambda days: _START + timedelta(days=days))
_CALENDARS = st.builds(
    Calendar,
    name=st.just("drawn"),
    zone=st.sampled_from(_ZONES),
    week=_WEEKS.filter(any),
    periods=st.lists(st.builds(HoursPeriod, from_date=_NEAR, until_date=st.none(), week=_WEEKS), max_size=2).map(tuple),
    country=st.sampled_from([None, "DE"]),
    extra_holidays=st.lists(_NEAR.map(lambda day: DateRange(first=day, last=day)), max_size=2).map(tuple),
    blackouts=st.lists(
        _NEAR.map(lambda day: YearlyDays(first=(day.month, day.day), last=(day.month, day.day))), max_size=2
    ).map(tuple),
)
_FROM_US = schema.to_us(datetime(_START.year, _START.month, _START.day, tzinfo=UTC))
_UNTIL_US = _FROM_US + _DAYS * schema.DAY_US
_TIMES = st.integers(_FROM_US, _UNTIL_US)


def minutes_counted(calendar: Calendar, start_us: int, end_us: int) -> int:
    """Look at the wall clock in the middle of every minute: the definition, word for word."""
    zone = ZoneInfo(calendar.zone)
    hours = {
        day: calendar.hours_on(day) for day in (_START + timedelta(days=offset) for offset in range(-2, _DAYS + 3))
    }
    counted = 0
    for minute_us in range(start_us, end_us, MINUTE_US):
        wall = (schema.from_us(minute_us) + timedelta(seconds=30)).astimezone(zone)
        clock = wall.hour * 60 + wall.minute
        counted += any(start <= clock < end for start, end in hours[wall.date()])
    return counted


@given(_CALENDARS, st.integers(0, (_DAYS - 3) * 1440), st.integers(0, 3 * 1440))
@settings(max_examples=60, deadline=None)
def test_scalar_and_vectorised_equal_counting_minutes(calendar: Calendar, offset: int, length: int) -> None:
    start = _FROM_US + offset * MINUTE_US
    end = start + length * MINUTE_US
    working = WorkingTime(calendar, _FROM_US, _UNTIL_US)
    expected = minutes_counted(calendar, start, end) * MINUTE_US
    assert working.between(start, end) == expected
    assert vectorised(working, [(start, end)]) == [expected]
    spans = working_spans(calendar, start, end)
    assert (spans["end_us"] - spans["start_us"]).sum() == expected


@given(_CALENDARS, st.lists(_TIMES, min_size=3, max_size=3).map(sorted))
@settings(max_examples=60, deadline=None)
def test_intervals_add_up_and_never_exceed_elapsed_time(calendar: Calendar, times: list[int]) -> None:
    first, middle, last = times
    working = WorkingTime(calendar, _FROM_US, _UNTIL_US)
    assert working.between(first, last) == working.between(first, middle) + working.between(middle, last)
    assert 0 <= working.between(first, last) <= last - first
    pairs: list[tuple[int | None, int | None]] = [(first, middle), (middle, last), (first, last), (last, first)]
    assert vectorised(working, pairs) == [working.between(start or 0, end or 0) for start, end in pairs]


@given(st.sampled_from(_ZONES), _TIMES, _TIMES)
@settings(max_examples=30, deadline=None)
def test_working_round_the_clock_is_elapsed_time(zone: str, start: int, end: int) -> None:
    always = Calendar(name="always", zone=zone, week=ROUND_THE_CLOCK)
    working = WorkingTime(always, _FROM_US, _UNTIL_US)
    assert working.between(start, end) == end - start
    assert vectorised(working, [(start, end)]) == [end - start]
    assert working_spans(always, _FROM_US, _UNTIL_US).rows() == [(_FROM_US, _UNTIL_US)]


@given(_CALENDARS)
@settings(max_examples=20, deadline=None)
def test_the_range_does_not_change_the_answer(calendar: Calendar) -> None:
    start, end = _FROM_US + 5 * schema.DAY_US + 12_345_678_901, _FROM_US + 9 * schema.DAY_US
    wide = WorkingTime(calendar, _FROM_US - 3 * schema.DAY_US, _UNTIL_US)
    assert WorkingTime(calendar, start, end).between(start, end) == wide.between(start, end)
