"""Business calendars: when people work, as data.

A calendar says for every local date which hours are worked. An instant is working time when the clock on the wall of
the calendar's time zone shows a time inside one of that day's spans, and the date is neither a public holiday nor a
blackout day. That definition also settles the two odd nights of the year: an hour that the clock skips is never worked,
an hour that it shows twice counts twice.

The file form is read and written by :mod:`pegel.eventlog.calendar_file`, working time is computed by
:mod:`pegel.eventlog.calendar_time`. Method page: docs/methods/calendars.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.batch import name_defect

#: Working hours from … to, in minutes after local midnight; 1440 is 24:00.
Span = tuple[int, int]
#: The spans of Monday, Tuesday … Sunday, each in ascending order.
Week = tuple[tuple[Span, ...], ...]

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY: Final = 1440
#: Most spans on one day. A working day has breaks; a longer list is broken input (and makes the tables wide).
MOST_SPANS: Final = 8

GERMAN_STATES: Final = (
    *("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV"),
    *("NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"),
)
#: Built-in calendar names; "elapsed" means: no calendar, all time counts.
BUILT_IN: Final = ("elapsed", "de", *(f"de-{state}" for state in GERMAN_STATES))

#: Every (month, day) that exists.
_LEAP_YEAR: Final = tuple(
    (day.month, day.day) for day in (date(2000, 1, 1) + timedelta(days=offset) for offset in range(366))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Certain days: ``first`` to ``last``, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError("calendar_invalid", place=f"{self.first}..{self.last}", detail="first..last")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyDays:
    """Days of every year, ``first`` to ``last`` as (month, day), both included; may cross the end of the year.

    29 February is meant only in leap years.
    """

    first: tuple[int, int]
    last: tuple[int, int]

    def __post_init__(self) -> None:
        for month, day in (self.first, self.last):
            try:
                date(2000, month, day)
            except ValueError:
                raise InputError("calendar_invalid", place=f"{month:02}-{day:02}", detail="12-24") from None


DaysOff = DateRange | YearlyDays


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPeriod:
    """Other working hours for a time: from ``from_date`` until the day before ``until_date`` (None: without limit)."""

    from_date: date | None
    until_date: date | None
    week: Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A named, versioned calendar.

    Parameters
    ----------
    zone: IANA time zone of the hours and dates ("Europe/Berlin").
    week: working hours where no period says otherwise; at least one span.
    periods: other hours for a time; where two cover a day, the later one in the list counts.
    country: ISO 3166 code whose public holidays are not worked; None: no public holidays.
    subdivision: state or province with its own holidays ("BY"), as the ``holidays`` package names it.
    extra_holidays: further days that are holidays here (a company day, a local feast).
    blackouts: days on which no work is planned (a shutdown between Christmas and New Year).

    Raises
    ------
    InputError: ``calendar_invalid``, ``calendar_span_over_midnight``, ``calendar_spans_overlap``,
        ``calendar_unknown_zone``, ``calendar_unknown_holidays``.

    >>> office = (((540, 1020),),) * 5 + ((),) * 2
    >>> calendar = Calendar(name="office", zone="Europe/Berlin", week=office, country="DE", subdivision="BY")
    >>> calendar.hours_on(date(2026, 1, 5)), calendar.hours_on(date(2026, 1, 6))
    (((540, 1020),), ())
    """

    name: str
    version: int = 1
    zone: str
    week: Week
    periods: tuple[HoursPeriod, ...] = ()
    country: str | None = None
    subdivision: str | None = None
    extra_holidays: tuple[DaysOff, ...] = ()
    blackouts: tuple[DaysOff, ...] = ()

    def __post_init__(self) -> None:
        defect = name_defect(self.name)
        if defect:
            raise InputError("calendar_invalid", place="calendar", detail=defect)
        if self.version < 1:
            raise InputError("calendar_invalid", place="version", detail="1, 2, 3 …")
        zone_named(self.zone)
        _check_week(self.week, "hours")
        if not any(self.week):
            raise InputError("calendar_invalid", place="hours", detail="mon-fri: 09:00-17:00")
        for index, period in enumerate(self.periods):
            place = f"periods[{index}]"
            _check_week(period.week, place)
            if period.from_date and period.until_date and period.until_date <= period.from_date:
                raise InputError("calendar_invalid", place=place, detail="from < until")
        if self.country is not None:
            public_holidays(self.country, self.subdivision, ())
        elif self.subdivision is not None:
            raise InputError("calendar_invalid", place="holidays", detail="DE-BY")

    def week_on(self, day: date) -> Week:
        """Return the week's working hours in force on a date, whether or not that date is worked."""
        return self.weeks_between(day, date.fromordinal(day.toordinal() + 1))[0]

    def weeks_between(self, first: date, until: date) -> list[Week]:
        """Return the week's working hours in force on each date in [first, until)."""
        weeks = [self.week] * (until - first).days
        for period in self.periods:
            start = max(period.from_date or first, first)
            end = min(period.until_date or until, until)
            if start < end:
                weeks[(start - first).days : (end - first).days] = [period.week] * (end - start).days
        return weeks

    def days_off(self, first: date, until: date) -> bytearray:
        """Tell for each date in [first, until) whether it is a holiday or blackout day: 1, otherwise 0."""
        off = bytearray((until - first).days)
        origin = first.toordinal()

        def mark(start: int, end: int) -> None:
            start, end = max(start - origin, 0), min(end - origin, len(off))
            if start < end:
                off[start:end] = b"\x01" * (end - start)

        yearly: set[tuple[int, int]] = set()
        for days in (*self.extra_holidays, *self.blackouts):
            if isinstance(days, DateRange):
                mark(days.first.toordinal(), days.last.toordinal() + 1)
            else:
                yearly.update(_days_of_the_year(days))
        years = range(first.year, until.year + 1)
        for month, day in yearly:
            for year in years:
                if (month, day) != (2, 29) or _is_leap(year):
                    start = date(year, month, day).toordinal()
                    mark(start, start + 1)
        if self.country is not None:
            for holiday in public_holidays(self.country, self.subdivision, years):
                mark(holiday.toordinal(), holiday.toordinal() + 1)
        return off

    def hours_on(self, day: date) -> tuple[Span, ...]:
        """Return the spans worked on a local date; none on a holiday or blackout day."""
        if self.days_off(day, date.fromordinal(day.toordinal() + 1))[0]:
            return ()
        return self.week_on(day)[day.weekday()]

    def years_without_holidays(self, first: date, until: date) -> tuple[int, ...]:
        """Years touched by [first, until) whose public holidays are not known: they count as if there were none.

        >>> built_in_calendar("de").years_without_holidays(date(1989, 5, 1), date(1992, 1, 1))
        (1989, 1990)
        """
        if self.country is None:
            return ()
        known = _known_years(self.country)
        last = date.fromordinal(until.toordinal() - 1).year
        return tuple(year for year in range(first.year, last + 1) if year not in known)


def built_in_calendar(name: str) -> Calendar | None:
    """Return a built-in calendar by name; None for "elapsed", where all time counts.

    "de": Monday to Friday 09:00–17:00 in Germany with the nationwide holidays; "de-BY" and so on: with the holidays of
    a German state.

    Raises
    ------
    NotFoundError: ``unknown_calendar`` with the known names.

    >>> built_in_calendar("elapsed") is None, built_in_calendar("de-BY").subdivision
    (True, 'BY')
    """
    if name not in BUILT_IN:
        raise NotFoundError("unknown_calendar", name=name, known=list(BUILT_IN))
    if name == "elapsed":
        return None
    office: Week = (((9 * 60, 17 * 60),),) * 5 + ((), ())
    state = name.removeprefix("de").removeprefix("-") or None
    return Calendar(name=name, zone="Europe/Berlin", week=office, country="DE", subdivision=state)


def zone_named(name: str) -> ZoneInfo:
    """Return an IANA time zone; InputError ``calendar_unknown_zone`` for anything else.

    "localtime" is refused: it means something else on every machine.
    """
    try:
        if name != "localtime":
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    raise InputError("calendar_unknown_zone", name=name[:100])


def public_holidays(country: str, subdivision: str | None, years: Iterable[int]) -> set[date]:
    """Return the public holidays of some years, including those moved there from a neighbouring year.

    Raises
    ------
    InputError: ``calendar_unknown_holidays`` with the known subdivisions, or the known countries.
    """
    import holidays  # noqa: PLC0415  takes half a second, and only calendars with public holidays need it

    wanted = list(years)
    try:
        if not re.fullmatch("[A-Z]{2}", country):
            raise NotImplementedError
        nationwide = holidays.country_holidays(country)
    except NotImplementedError:
        countries = sorted(code for code in holidays.list_supported_countries() if len(code) == 2)
        raise InputError("calendar_unknown_holidays", name=country[:100], known=countries) from None
    if subdivision is not None and subdivision not in nationwide.subdivisions:
        known = [f"{country}-{code}" for code in nationwide.subdivisions]
        raise InputError("calendar_unknown_holidays", name=f"{country}-{subdivision[:100]}", known=known)
    return set(holidays.country_holidays(country, subdiv=subdivision, years=wanted)) if wanted else set()


def clock_text(minute: int) -> str:
    """Write minutes after midnight as a time of day.

    >>> clock_text(545), clock_text(1440)
    ('09:05', '24:00')
    """
    return f"{minute // 60:02}:{minute % 60:02}"


def _known_years(country: str) -> range:
    import holidays  # noqa: PLC0415  as above

    nationwide = holidays.country_holidays(country)
    return range(nationwide.start_year, nationwide.end_year + 1)


def _check_week(week: Week, place: str) -> None:
    if len(week) != len(WEEKDAYS):
        raise InputError("calendar_invalid", place=place, detail=", ".join(WEEKDAYS))
    for day, spans in zip(WEEKDAYS, week, strict=True):
        here = f"{place}.{day}"
        if len(spans) > MOST_SPANS:
            raise InputError("calendar_invalid", place=here, detail=f"≤ {MOST_SPANS}")
        worked_until = 0
        for start, end in spans:
            if not (0 <= start < MINUTES_A_DAY and 0 <= end <= MINUTES_A_DAY):
                raise InputError("calendar_invalid", place=here, detail="00:00-24:00")
            value = f"{clock_text(start)}-{clock_text(end)}"
            if end <= start:
                raise InputError("calendar_span_over_midnight", place=here, value=value)
            if start < worked_until:
                raise InputError("calendar_spans_overlap", place=here, value=value)
            worked_until = end


def _days_of_the_year(days: YearlyDays) -> Iterable[tuple[int, int]]:
    if days.first <= days.last:
        return (day for day in _LEAP_YEAR if days.first <= day <= days.last)
    return (day for day in _LEAP_YEAR if day >= days.first or day <= days.last)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
