"""The reference window: which days it has, and what was finished on each."""

from __future__ import annotations

from datetime import date

import pytest

from pegel.eventlog.calendar import Calendar, DateRange, built_in_calendar
from pegel.eventlog.calendar_file import load_calendar
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.prediction.supply import day_of, midnight_us, supply, worked_days
from tests.pegel.prediction.worlds import DAY_US, MONDAY, POLICY, WORKFLOW, log_of, moment


def found(log, **options):
    return supply(log, attribute(log, POLICY, item_windows(log, POLICY)), window_days=90, **options)


def test_days_of_the_window_and_the_first_day_to_come():
    log = log_of({"A": (0, 2.5), "B": (0, 2.9), "C": (1, 4.2)}, as_of=5.5)
    window = found(log)

    # 5 to 9 January are whole; the 10th has begun, so it is neither drawn nor can it deliver.
    assert window.counts[:, 0].tolist() == [0, 0, 2, 0, 1]
    assert (window.days - MONDAY).tolist() == [0, 1, 2, 3, 4]
    assert (window.until_day - MONDAY, window.next_day - MONDAY) == (5, 6)


def test_seen_from_midnight_the_day_itself_is_to_come():
    log = log_of({"A": (0, 2.5)}, as_of=5)

    assert (found(log).until_day - MONDAY, found(log).next_day - MONDAY) == (5, 5)


def test_the_window_is_no_longer_than_asked_and_no_longer_than_the_log():
    log = log_of({str(day): (day, day + 0.5) for day in range(40)}, as_of=40)
    items = attribute(log, POLICY, item_windows(log, POLICY))

    assert len(supply(log, items, window_days=10).days) == 10
    assert len(supply(log, items, window_days=90).days) == 40


def test_streams_have_columns_of_their_own():
    log = log_of({"A": (0, 1.5), "B": (0, 1.6), "C": (0, 2.5)}, as_of=4, stream={"A": "X", "B": "Y", "C": "Y"})

    assert found(log, streams=["X", "Y"]).counts.tolist() == [[0, 0], [1, 1], [0, 1], [0, 0]]


def test_what_is_finished_on_a_day_off_counts_for_the_next_working_day():
    calendar = built_in_calendar("de")
    items = {"A": (0, 3.4), "B": (0, 5.5), "C": (0, 6.5), "D": (0, 7.5)}  # Thursday, Saturday, Sunday, Monday
    window = found(log_of(items, as_of=9, calendar=calendar))

    # 5 to 13 January, less the weekend; the log's last midnight (UTC) is 01:00 of the 14th in Berlin.
    assert (window.days - MONDAY).tolist() == [0, 1, 2, 3, 4, 7, 8]
    assert window.counts[:, 0].tolist() == [0, 0, 0, 1, 0, 3, 0]
    assert window.finished == 4


def test_days_are_those_of_the_calendars_zone():
    rows = [("A", "2026-01-05T08:00", "Doing"), ("A", "2026-01-07T23:30", "Done")]  # 00:30 of the 8th in Berlin
    window = found(log_of_rows(rows, WORKFLOW, as_of="2026-01-10T12:00", calendar=built_in_calendar("de")))

    assert dict(zip((window.days - MONDAY).tolist(), window.counts[:, 0].tolist(), strict=True))[3] == 1


def test_blackout_days_are_not_worked():
    shutdown = Calendar(
        name="shutdown",
        zone="UTC",
        week=(((540, 1020),),) * 5 + ((),) * 2,
        blackouts=(DateRange(first=date(2026, 1, 6), last=date(2026, 1, 8)),),
    )

    assert worked_days(shutdown, MONDAY, MONDAY + 7).tolist() == [True, False, False, False, True, False, False]


def test_other_hours_for_a_time_are_other_working_days():
    calendar = load_calendar("""
calendar: four days
zone: UTC
hours: {mon-fri: "09:00-17:00"}
periods:
  - {from: 2026-01-12, hours: {mon-thu: "09:00-18:00"}}
""")

    assert worked_days(calendar, MONDAY, MONDAY + 14).sum() == 9


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia"])
def test_a_moment_belongs_to_the_day_that_began_before_it(zone):
    calendar = Calendar(name="x", zone=zone, week=(((540, 1020),),) * 7)
    for hour in range(0, 72, 5):
        at_us = MONDAY * DAY_US + hour * 3_600_000_000
        day = day_of(at_us, calendar)
        assert midnight_us(day, calendar) <= at_us < midnight_us(day + 1, calendar)


def test_a_log_without_anything_finished_has_a_supply_of_zeros():
    log = log_of_rows([("A", moment(0), "Open")], WORKFLOW, as_of=moment(3))

    assert found(log).counts[:, 0].tolist() == [0, 0, 0]
