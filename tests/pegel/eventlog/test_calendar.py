"""What a calendar says about a date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pegel.errors import InputError, NotFoundError, UserError
from pegel.eventlog.calendar import (
    BUILT_IN,
    GERMAN_STATES,
    Calendar,
    DateRange,
    HoursPeriod,
    Week,
    YearlyDays,
    built_in_calendar,
    public_holidays,
)

NINE_TO_FIVE = ((9 * 60, 17 * 60),)
OFFICE: Week = (NINE_TO_FIVE,) * 5 + ((), ())
EVERY_DAY: Week = (NINE_TO_FIVE,) * 7


def calendar(**values: Any) -> Calendar:
    return Calendar(**{"name": "test", "zone": "Europe/Berlin", "week": OFFICE, **values})


def german(name: str) -> Calendar:
    found = built_in_calendar(name)
    assert found is not None
    return found


def refused(error: type[UserError], code: str, **values: Any) -> UserError:
    with pytest.raises(error) as caught:
        calendar(**values)
    assert caught.value.code == code
    return caught.value


def test_a_week_in_january_2026_in_munich() -> None:
    # 2026-01-01 is a Thursday and New Year, the 6th (Tuesday) is Epiphany in Bavaria, the 3rd and 4th are a weekend.
    munich = german("de-BY")
    worked = [day for day in range(1, 10) if munich.hours_on(date(2026, 1, day)) == NINE_TO_FIVE]
    assert worked == [2, 5, 7, 8, 9]
    assert 6 in [day for day in range(1, 10) if german("de").hours_on(date(2026, 1, day)) == NINE_TO_FIVE]


@pytest.mark.parametrize(
    ("day", "states_off"),
    [
        # From the states' holiday laws; all these dates are working weekdays elsewhere.
        (date(2026, 1, 6), {"BW", "BY", "ST"}),  # Epiphany
        (date(2027, 3, 8), {"BE", "MV"}),  # Women's Day, a Monday
        (date(2026, 6, 4), {"BW", "BY", "HE", "NW", "RP", "SL"}),  # Corpus Christi
        (date(2024, 9, 20), {"TH"}),  # World Children's Day
        (date(2025, 10, 31), {"BB", "HB", "HH", "MV", "NI", "SH", "SN", "ST", "TH"}),  # Reformation Day
        (date(2027, 11, 1), {"BW", "BY", "NW", "RP", "SL"}),  # All Saints, a Monday
        (date(2026, 11, 18), {"SN"}),  # Day of Prayer and Repentance
        (date(2025, 10, 3), set(GERMAN_STATES)),  # German Unity Day
        (date(2026, 12, 24), set()),  # no public holiday in any state
    ],
)
def test_holidays_of_the_german_states(day: date, states_off: set[str]) -> None:
    assert {state for state in GERMAN_STATES if not german(f"de-{state}").hours_on(day)} == states_off


def test_built_in_names() -> None:
    assert len(BUILT_IN) == 18
    assert built_in_calendar("elapsed") is None
    assert german("de-BY").name == "de-BY"
    assert german("de").subdivision is None
    with pytest.raises(NotFoundError) as caught:
        built_in_calendar("de-XX")
    assert caught.value.code == "unknown_calendar"
    assert caught.value.values["known"] == list(BUILT_IN)


def test_extra_holidays_and_blackouts() -> None:
    closed = calendar(
        week=EVERY_DAY,
        extra_holidays=(DateRange(first=date(2026, 5, 15), last=date(2026, 5, 15)),),
        blackouts=(
            DateRange(first=date(2026, 8, 3), last=date(2026, 8, 5)),
            YearlyDays(first=(12, 30), last=(1, 2)),
            YearlyDays(first=(2, 29), last=(2, 29)),
        ),
    )

    def off(first: date, until: date) -> list[int]:
        return [index for index, is_off in enumerate(closed.days_off(first, until)) if is_off]

    assert off(date(2026, 5, 14), date(2026, 5, 17)) == [1]
    assert off(date(2026, 8, 1), date(2026, 8, 8)) == [2, 3, 4]  # both ends of the range included
    assert off(date(2026, 12, 28), date(2027, 1, 6)) == [2, 3, 4, 5]  # 30, 31, 1, 2: over the end of the year
    assert off(date(2027, 1, 1), date(2027, 1, 4)) == [0, 1]  # also when the range starts inside
    assert off(date(2024, 2, 28), date(2024, 3, 2)) == [1]  # 29 February exists
    assert off(date(2026, 2, 27), date(2026, 3, 2)) == []  # and here it does not


def test_yearly_days_in_a_year_without_29_february_end_on_the_28th() -> None:
    winter = calendar(week=EVERY_DAY, blackouts=(YearlyDays(first=(2, 27), last=(2, 29)),))
    assert list(winter.days_off(date(2025, 2, 26), date(2025, 3, 3))) == [0, 1, 1, 0, 0]
    assert list(winter.days_off(date(2024, 2, 26), date(2024, 3, 3))) == [0, 1, 1, 1, 0, 0]


def test_a_yearly_range_over_the_end_of_the_year_contains_29_february() -> None:
    winter = calendar(week=EVERY_DAY, blackouts=(YearlyDays(first=(12, 1), last=(3, 1)),))
    assert list(winter.days_off(date(2024, 2, 28), date(2024, 3, 3))) == [1, 1, 1, 0]


def test_hours_change_on_a_date() -> None:
    short: Week = (((9 * 60, 13 * 60),),) * 5 + ((), ())
    changed = calendar(
        periods=(
            HoursPeriod(from_date=date(2026, 3, 2), until_date=date(2026, 3, 5), week=short),
            HoursPeriod(from_date=date(2026, 3, 4), until_date=None, week=EVERY_DAY),
        )
    )
    hours = [sum(end - start for start, end in changed.hours_on(date(2026, 3, day))) / 60 for day in range(1, 9)]
    # Sunday 1st: own week, free. 2nd and 3rd: short. From the 4th the later period counts, also at the weekend.
    assert hours == [0, 4, 4, 8, 8, 8, 8, 8]
    assert changed.week_on(date(2026, 3, 1)) == OFFICE


def test_years_whose_holidays_are_unknown_are_named() -> None:
    assert german("de").years_without_holidays(date(1990, 1, 1), date(1991, 1, 1)) == (1990,)
    assert german("de").years_without_holidays(date(2020, 1, 1), date(2026, 1, 1)) == ()
    assert calendar().years_without_holidays(date(1970, 1, 1), date(2200, 1, 1)) == ()


def test_a_holiday_moved_into_the_year_before_is_found() -> None:
    # 2022-01-01 was a Saturday: in the United States the day off was Friday, 2021-12-31.
    assert date(2021, 12, 31) in public_holidays("US", None, [2021])
    assert calendar(country="US", zone="America/New_York").hours_on(date(2021, 12, 31)) == ()


@pytest.mark.parametrize(
    ("spans", "code"),
    [
        (((22 * 60, 6 * 60),), "calendar_span_over_midnight"),
        (((9 * 60, 9 * 60),), "calendar_span_over_midnight"),
        (((9 * 60, 12 * 60), (11 * 60, 17 * 60)), "calendar_spans_overlap"),
        (((13 * 60, 17 * 60), (8 * 60, 12 * 60)), "calendar_spans_overlap"),
        (((0, 1441),), "calendar_invalid"),
        (((-1, 60),), "calendar_invalid"),
        (((1440, 1440),), "calendar_invalid"),
        (tuple((hour * 60, hour * 60 + 30) for hour in range(9)), "calendar_invalid"),
    ],
)
def test_impossible_working_hours_are_refused(spans: tuple[tuple[int, int], ...], code: str) -> None:
    error = refused(InputError, code, week=((), spans, (), (), (), (), ()))
    assert error.values["place"] == "hours.tue"
    period = HoursPeriod(from_date=None, until_date=None, week=((),) * 6 + (spans,))
    assert refused(InputError, code, periods=(period,)).values["place"] == "periods[0].sun"


def test_a_day_of_24_hours_and_touching_spans_are_accepted() -> None:
    round_the_clock: Week = (((0, 720), (720, 1440)),) * 7
    assert calendar(week=round_the_clock).hours_on(date(2026, 1, 1)) == ((0, 720), (720, 1440))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"week": ((),) * 7}, "calendar_invalid"),
        ({"week": (NINE_TO_FIVE,) * 6}, "calendar_invalid"),
        ({"name": ""}, "calendar_invalid"),
        ({"version": 0}, "calendar_invalid"),
        ({"subdivision": "BY"}, "calendar_invalid"),
        ({"zone": "Europe/Munich"}, "calendar_unknown_zone"),
        ({"zone": "Europe"}, "calendar_unknown_zone"),
        ({"zone": "../../etc/passwd"}, "calendar_unknown_zone"),
        ({"zone": "a" * 5_000}, "calendar_unknown_zone"),
        ({"zone": "UTC\x00"}, "calendar_unknown_zone"),
        ({"zone": ""}, "calendar_unknown_zone"),
        ({"zone": "localtime"}, "calendar_unknown_zone"),
        ({"country": "DE", "subdivision": "XX"}, "calendar_unknown_holidays"),
        ({"country": "XX"}, "calendar_unknown_holidays"),
        ({"country": "country_holidays"}, "calendar_unknown_holidays"),
        (
            {"periods": (HoursPeriod(from_date=date(2026, 1, 2), until_date=date(2026, 1, 2), week=OFFICE),)},
            "calendar_invalid",
        ),
    ],
)
def test_impossible_calendars_are_refused(values: dict[str, Any], code: str) -> None:
    refused(InputError, code, **values)


def test_unknown_regions_name_the_known_ones() -> None:
    assert "DE-BY" in refused(InputError, "calendar_unknown_holidays", country="DE", subdivision="XX").values["known"]  # type: ignore[operator]
    assert "AT" in refused(InputError, "calendar_unknown_holidays", country="Austria").values["known"]  # type: ignore[operator]


def test_impossible_days_off_are_refused() -> None:
    for build in (
        lambda: DateRange(first=date(2026, 1, 2), last=date(2026, 1, 1)),
        lambda: YearlyDays(first=(2, 30), last=(3, 1)),
        lambda: YearlyDays(first=(1, 1), last=(13, 1)),
    ):
        with pytest.raises(InputError) as caught:
            build()
        assert caught.value.code == "calendar_invalid"
