"""Reading and writing calendar files."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.eventlog.calendar import (
    BUILT_IN,
    Calendar,
    DateRange,
    HoursPeriod,
    YearlyDays,
    built_in_calendar,
)
from pegel.eventlog.calendar_file import dump_calendar, load_calendar
from pegel.eventlog.setting_file import LONGEST_FILE

CLAIMS = """
calendar: Claims Munich
version: 2
zone: Europe/Berlin
holidays: DE-BY
hours:
  mon-thu: 08:00-12:00, 13:00-17:00
  fri: 8:00 – 14:00
periods:
  - {from: 2025-01-01, until: 2025-07-01, hours: {mon-sun: 00:00-24:00}}
extra_holidays: [2026-05-15]
blackouts:
  - 2026-08-03..2026-08-14
  - 12-24..01-01
  - "12-31"
"""


def test_a_file_is_read() -> None:
    morning_and_afternoon = ((480, 720), (780, 1020))
    assert load_calendar(CLAIMS) == Calendar(
        name="Claims Munich",
        version=2,
        zone="Europe/Berlin",
        week=(morning_and_afternoon,) * 4 + (((480, 840),), (), ()),
        periods=(HoursPeriod(from_date=date(2025, 1, 1), until_date=date(2025, 7, 1), week=(((0, 1440),),) * 7),),
        country="DE",
        subdivision="BY",
        extra_holidays=(DateRange(first=date(2026, 5, 15), last=date(2026, 5, 15)),),
        blackouts=(
            DateRange(first=date(2026, 8, 3), last=date(2026, 8, 14)),
            YearlyDays(first=(12, 24), last=(1, 1)),
            YearlyDays(first=(12, 31), last=(12, 31)),
        ),
    )


def test_a_file_is_written_as_people_would() -> None:
    assert dump_calendar(load_calendar(CLAIMS)) == (
        "calendar: Claims Munich\n"
        "version: 2\n"
        "zone: Europe/Berlin\n"
        "holidays: DE-BY\n"
        "hours:\n"
        "  mon-thu: 08:00-12:00, 13:00-17:00\n"
        "  fri: 08:00-14:00\n"
        "periods:\n"
        "- from: 2025-01-01\n"
        "  until: 2025-07-01\n"
        "  hours:\n"
        "    mon-sun: 00:00-24:00\n"
        "extra_holidays:\n"
        "- 2026-05-15\n"
        "blackouts:\n"
        "- 2026-08-03..2026-08-14\n"
        "- 12-24..01-01\n"
        "- 12-31\n"
    )


def test_built_in_calendars_survive_the_round_trip() -> None:
    for name in BUILT_IN[1:]:
        calendar = built_in_calendar(name)
        assert calendar is not None
        assert load_calendar(dump_calendar(calendar)) == calendar


_DAYS = st.lists(st.integers(0, 1440), max_size=8, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges))] * 2, strict=False))
)
_WEEKS = st.tuples(*[_DAYS] * 7)
_MONTH_DAYS = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: (day.month, day.day))
_DAYS_OFF = st.one_of(
    st.tuples(st.dates(), st.dates()).map(lambda ends: DateRange(first=min(ends), last=max(ends))),
    st.builds(YearlyDays, first=_MONTH_DAYS, last=_MONTH_DAYS),
)
_PERIODS = st.builds(
    HoursPeriod,
    from_date=st.none() | st.dates(max_value=date(2020, 1, 1)),
    until_date=st.none() | st.dates(min_value=date(2020, 1, 2)),
    week=_WEEKS,
)
_CALENDARS = st.builds(
    Calendar,
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda name: not name.isspace()),
    version=st.integers(1, 10**6),
    zone=st.sampled_from(["Europe/Berlin", "UTC", "America/New_York"]),
    week=_WEEKS.filter(any),
    periods=st.lists(_PERIODS, max_size=2).map(tuple),
    country=st.sampled_from([None, "DE", "NO"]),
    extra_holidays=st.lists(_DAYS_OFF, max_size=3).map(tuple),
    blackouts=st.lists(_DAYS_OFF, max_size=3).map(tuple),
)


@given(_CALENDARS)
@settings(max_examples=100, deadline=None)
def test_what_is_written_reads_back_the_same(calendar: Calendar) -> None:
    assert load_calendar(dump_calendar(calendar)) == calendar


HEAD = "zone: UTC\n"
GOOD = HEAD + "hours: {mon: '09:00-17:00'}\n"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "calendar_invalid", ""),
        ("- 1", "calendar_invalid", ""),
        ("zone: [", "calendar_unreadable", None),
        ("a: \x00", "calendar_unreadable", None),
        (GOOD + "x" * LONGEST_FILE, "calendar_unreadable", None),
        ("[" * 50_000, "calendar_unreadable", None),
        (GOOD + "blackouts: [2026-13-01]", "calendar_unreadable", None),
        (GOOD + "colour: red", "calendar_invalid", "colour"),
        (GOOD + "1: red", "calendar_invalid", "1"),
        (GOOD + "version: true", "calendar_invalid", "version"),
        (GOOD + "version: '1'", "calendar_invalid", "version"),
        (GOOD + "calendar: [a]", "calendar_invalid", "calendar"),
        ("hours: {mon: '09:00-17:00'}", "calendar_invalid", "zone"),
        (HEAD, "calendar_invalid", "hours"),
        (HEAD + "hours: {}", "calendar_invalid", "hours"),
        (HEAD + "hours: {funday: '09:00-17:00'}", "calendar_invalid", "hours.funday"),
        (HEAD + "hours: {fri-mon: '09:00-17:00'}", "calendar_invalid", "hours.fri-mon"),
        (HEAD + "hours: {mon-: '09:00-17:00', mon: '09:00-17:00'}", "calendar_invalid", "hours.mon"),
        (HEAD + "hours: {mon-fri: '09:00-17:00', fri: '09:00-12:00'}", "calendar_invalid", "hours.fri"),
        (HEAD + "hours: {1: '09:00-17:00'}", "calendar_invalid", "hours.1"),
        (HEAD + "hours: {mon: 10:00}", "calendar_invalid", "hours.mon"),
        (HEAD + "hours: {mon: nine to five}", "calendar_invalid", "hours.mon"),
        (HEAD + "hours: {mon: '09:00-17:60'}", "calendar_invalid", "hours.mon"),
        (HEAD + "hours: {mon: '09:00-24:01'}", "calendar_invalid", "hours.mon"),
        (HEAD + "hours: {mon: '09:00-99:00'}", "calendar_invalid", "hours.mon"),
        (HEAD + "hours: {mon: '22:00-06:00'}", "calendar_span_over_midnight", "hours.mon"),
        (HEAD + "hours: {mon: '09:00-12:00, 11:00-13:00'}", "calendar_spans_overlap", "hours.mon"),
        (GOOD + "holidays: NO", "calendar_invalid", "holidays"),
        (GOOD + "periods: {a: 1}", "calendar_invalid", "periods"),
        (GOOD + "periods: [1]", "calendar_invalid", "periods[0]"),
        (GOOD + "periods: [{from: 2026-01-01, hours: {mon: x}}]", "calendar_invalid", "periods[0].hours.mon"),
        (GOOD + "periods: [{from: soon, hours: {}}]", "calendar_invalid", "periods[0].from"),
        (GOOD + "periods: [{to: 2026-01-01, hours: {}}]", "calendar_invalid", "periods[0].to"),
        (GOOD + "blackouts: 2026-01-01", "calendar_invalid", "blackouts"),
        (GOOD + "blackouts: [2026-01-01 10:00:00]", "calendar_invalid", "blackouts[0]"),
        (GOOD + "blackouts: [a..b]", "calendar_invalid", "blackouts[0]"),
        (GOOD + "blackouts: ['2026-02-30..2026-03-01']", "calendar_invalid", "blackouts[0]"),
        (GOOD + "blackouts: [12-24..2026-01-01]", "calendar_invalid", "blackouts[0]"),
        (GOOD + "blackouts: ['02-30']", "calendar_invalid", "02-30"),
        (GOOD + "extra_holidays: [2026-01-01, [x]]", "calendar_invalid", "extra_holidays[1]"),
    ],
)
def test_broken_files_are_refused_with_their_place(text: str, code: str, place: str | None) -> None:
    with pytest.raises(InputError) as caught:
        load_calendar(text)
    assert caught.value.code == code
    assert caught.value.values.get("place") == place


@pytest.mark.parametrize(
    "lines",
    [
        "calendar: *a9",
        "version: *a9",
        "zone: *a9",
        "holidays: *a9",
        "hours: {mon: *a9}",
        "hours: *a9",
        "periods: *a9",
        "periods: [{from: *a9, hours: {}}]",
        "extra_holidays: *a9",
        "? *a9\n: 1",
    ],
)
def test_a_bomb_of_aliases_is_refused_at_once(lines: str) -> None:
    # Written out, *a9 would be 9**9 = 387 million elements.
    bomb = "blackouts:\n- &a0 [x]\n" + "".join(f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    rest = "".join(line + "\n" for line in GOOD.splitlines() if line.split(":")[0] != lines.split(":", maxsplit=1)[0])
    started = time.perf_counter()
    with pytest.raises(InputError):
        load_calendar(bomb + rest + lines)
    assert time.perf_counter() - started < 2


def test_many_days_and_periods_stay_quick() -> None:
    text = GOOD + "blackouts: [" + ", ".join(["12-24..12-23"] * 7_000) + "]"
    started = time.perf_counter()
    calendar = load_calendar(text)
    assert sum(calendar.days_off(date(1970, 1, 1), date(2200, 1, 1))) == 84_006
    assert time.perf_counter() - started < 20
