"""Calendar files: a small readable YAML form of :class:`pegel.eventlog.calendar.Calendar`.

File form::

    calendar: Claims Munich
    version: 2
    zone: Europe/Berlin
    holidays: DE-BY                  # country, or country-subdivision; leave out: no public holidays
    hours:                           # local times; days that are not named are not worked
      mon-thu: 08:00-12:00, 13:00-17:00
      fri: 08:00-14:00
    periods:                         # only where a time differs; until is not included
      - {from: 2025-01-01, until: 2025-07-01, hours: {mon-fri: 09:00-17:00}}
    extra_holidays: [2026-05-15]
    blackouts:                       # a range includes its last day; without a year: every year
      - 2026-08-03..2026-08-14
      - 12-24..01-01
"""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import yaml

from pegel.errors import InputError
from pegel.eventlog.calendar import (
    MINUTES_A_DAY,
    WEEKDAYS,
    Calendar,
    DateRange,
    DaysOff,
    HoursPeriod,
    Span,
    Week,
    YearlyDays,
    clock_text,
)
from pegel.eventlog.setting_file import read_settings

_KEYS: Final = ("calendar", "version", "zone", "holidays", "hours", "periods", "extra_holidays", "blackouts")
_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")
_YEARLY: Final = re.compile(r"([0-9]{2})-([0-9]{2})")


def load_calendar(text: str) -> Calendar:
    """Read a calendar file.

    Raises
    ------
    InputError: ``calendar_unreadable`` (not YAML, or too long), ``calendar_invalid`` with the place and an example of
        what belongs there, and the errors of :class:`pegel.eventlog.calendar.Calendar`.

    >>> calendar = load_calendar("zone: Europe/Berlin\\nhours: {mon-fri: '09:00-17:00'}")
    >>> calendar.name, calendar.week[4], calendar.week[5]
    ('calendar', ((540, 1020),), ())
    """
    body = _mapping(read_settings(text, unreadable="calendar_unreadable"), "", _KEYS)
    name, version, zone = body.get("calendar", "calendar"), body.get("version", 1), body.get("zone")
    if not isinstance(name, str):
        raise _invalid("calendar", "a name")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _invalid("version", "1, 2, 3 …")
    if not isinstance(zone, str):
        raise _invalid("zone", "Europe/Berlin")
    country, subdivision = _region(body.get("holidays"))
    return Calendar(
        name=name,
        version=version,
        zone=zone,
        week=_week(body.get("hours"), "hours"),
        periods=tuple(
            _period(raw, f"periods[{index}]") for index, raw in enumerate(_list(body.get("periods"), "periods"))
        ),
        country=country,
        subdivision=subdivision,
        extra_holidays=_days(body.get("extra_holidays"), "extra_holidays"),
        blackouts=_days(body.get("blackouts"), "blackouts"),
    )


def dump_calendar(calendar: Calendar) -> str:
    """Write a calendar file; ``load_calendar`` of it gives the same calendar back.

    >>> from pegel.eventlog.calendar import built_in_calendar
    >>> print(dump_calendar(built_in_calendar("de-BY")))
    calendar: de-BY
    version: 1
    zone: Europe/Berlin
    holidays: DE-BY
    hours:
      mon-fri: 09:00-17:00
    """
    data: dict[str, Any] = {"calendar": calendar.name, "version": calendar.version, "zone": calendar.zone}
    if calendar.country:
        data["holidays"] = "-".join(part for part in (calendar.country, calendar.subdivision) if part)
    data["hours"] = _hours(calendar.week)
    if calendar.periods:
        data["periods"] = [
            {
                **({"from": period.from_date} if period.from_date else {}),
                **({"until": period.until_date} if period.until_date else {}),
                "hours": _hours(period.week),
            }
            for period in calendar.periods
        ]
    for key in ("extra_holidays", "blackouts"):
        if days := getattr(calendar, key):
            data[key] = [_days_text(one) for one in days]
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110, default_flow_style=False)
    return text


def _invalid(place: str, detail: str) -> InputError:
    return InputError("calendar_invalid", place=place, detail=detail)


def _mapping(raw: object, place: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _invalid(place, ", ".join(keys))
    for key in raw:
        if key not in keys:
            raise _invalid(f"{place}.{_shown(key)}".lstrip("."), ", ".join(keys))
    return raw


def _list(raw: object, place: str) -> list[object]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise _invalid(place, "[ … ]")
    return raw


def _shown(raw: object) -> str:
    # Never str() of a list or mapping: YAML aliases can make its text explode.
    return str(raw)[:100] if isinstance(raw, str | int | float | date) else type(raw).__name__


def _region(raw: object) -> tuple[str | None, str | None]:
    if raw is None:
        return None, None
    if not isinstance(raw, str):  # an unquoted NO (Norway) arrives as False
        raise _invalid("holidays", "DE-BY, 'NO'")
    country, _, subdivision = raw.partition("-")
    return country, subdivision or None


def _period(raw: object, place: str) -> HoursPeriod:
    body = _mapping(raw, place, ("from", "until", "hours"))
    bounds = [None if body.get(key) is None else _date(body[key], f"{place}.{key}") for key in ("from", "until")]
    return HoursPeriod(from_date=bounds[0], until_date=bounds[1], week=_week(body.get("hours"), f"{place}.hours"))


def _week(raw: object, place: str) -> Week:
    example = "mon-thu: 08:00-12:00, 13:00-17:00"
    if not isinstance(raw, dict):
        raise _invalid(place, example)
    week: list[tuple[Span, ...] | None] = [None] * len(WEEKDAYS)
    for key, spans in raw.items():
        here = f"{place}.{_shown(key)}"
        first, _, last = key.partition("-") if isinstance(key, str) else ("", "", "")
        last = last or first
        if first not in WEEKDAYS or last not in WEEKDAYS or WEEKDAYS.index(last) < WEEKDAYS.index(first):
            raise _invalid(here, example)
        for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last) + 1):
            if week[day] is not None:  # "mon-fri" and "fri": which one is meant?
                raise _invalid(here, f"{WEEKDAYS[day]} × 2")
            week[day] = _spans(spans, here)
    return tuple(spans or () for spans in week)


def _spans(raw: object, place: str) -> tuple[Span, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, str):  # an unquoted 10:00 is a number in YAML
        raise _invalid(place, "08:00-12:00, 13:00-17:00")
    spans: list[Span] = []
    for part in raw.split(","):
        match = _SPAN.fullmatch(part.strip())
        if not match:
            raise _invalid(place, "08:00-12:00, 13:00-17:00")
        start_hour, start_minute, end_hour, end_minute = (int(number) for number in match.groups())
        if max(start_minute, end_minute) > 59 or max(start_hour, end_hour) > MINUTES_A_DAY // 60:
            raise _invalid(place, "00:00-24:00")
        spans.append((start_hour * 60 + start_minute, end_hour * 60 + end_minute))
    return tuple(sorted(spans))


def _days(raw: object, place: str) -> tuple[DaysOff, ...]:
    return tuple(_one_days_off(one, f"{place}[{index}]") for index, one in enumerate(_list(raw, place)))


def _one_days_off(raw: object, place: str) -> DaysOff:
    if isinstance(raw, str):
        first, dots, last = raw.partition("..")
        ends = [_YEARLY.fullmatch(part.strip()) for part in (first, last if dots else first)]
        if ends[0] and ends[1]:
            month_days = [(int(match[1]), int(match[2])) for match in ends if match]
            return YearlyDays(first=month_days[0], last=month_days[1])
        if dots:
            return DateRange(first=_date(first.strip(), place), last=_date(last.strip(), place))
    day = _date(raw, place)
    return DateRange(first=day, last=day)


def _date(raw: object, place: str) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        if isinstance(raw, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise _invalid(place, "2026-01-31, 2026-08-03..2026-08-14, 12-24")


def _hours(week: Week) -> dict[str, str]:
    written: dict[str, str] = {}
    for spans, days in groupby(zip(WEEKDAYS, week, strict=True), key=lambda day: day[1]):
        names = [name for name, _ in days]
        if spans:
            key = names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}"
            written[key] = ", ".join(f"{clock_text(start)}-{clock_text(end)}" for start, end in spans)
    return written


def _days_text(days: DaysOff) -> str | date:
    if isinstance(days, DateRange):
        return days.first if days.first == days.last else f"{days.first}..{days.last}"
    first, last = (f"{month:02}-{day:02}" for month, day in (days.first, days.last))
    return first if first == last else f"{first}..{last}"
