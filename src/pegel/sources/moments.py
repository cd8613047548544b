r"""Reads dates and times of every usual notation into integer microseconds since 1970, UTC.

Notations: ISO 8601 and other year-first dates; German dates with dots; day/month or month/day with slashes or hyphens;
dates with English or German month names (Jira's exports); seconds, milliseconds or microseconds since 1970 and Excel's
day numbers, where all values of a column are such. One set of patterns serves the single value and the whole column.

Order of day and month: dots mean day first; a name or a year in front leaves no doubt; for slashes and hyphens some
value above 12 must decide. Where none does, Pegel does not guess. Where values contradict each other, an order that
is borne out by at least 95 of 100 deciding values is taken, and the others are unreadable; otherwise the person says.

Local times without offset are read in the given zone. A time that exists twice (clocks set back) is the earlier one; a
time that does not exist (clocks set forward) is read with the offset in force before the change, so that 02:30
becomes 03:30 of summer time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog.schema import DAY_US, EPOCH, HOUR_US, SECOND_US
from pegel.sources.formats import DateOrder
from pegel.sources.moment_patterns import (
    COMPACT,
    DAY_NAME,
    DOTTED,
    LONGEST_MOMENT,
    MONTHS,
    NAME_DAY,
    NUMBER,
    NUMERIC,
    UNORDERED,
    YEAR_FIRST,
    compiled,
    layout_of,
    with_order,
)

MINUTE_US: Final = 60 * SECOND_US
#: Excel counts days from here (its 1900 is wrongly a leap year; right from March 1900 on).
EXCEL_EPOCH_US: Final = -25_569 * DAY_US
#: Share of the deciding values that must agree on an order of day and month when some contradict it.
CLEAR_MAJORITY: Final = 0.95

#: A time of day; an offset behind it.
_CLOCK: Final = r"\d:\d\d"
_OFFSET: Final = r"(?i)(?:[zZ]|UTC|GMT|:\d\d(?:[.,]\d+)?\s*[+-]\d\d:?(?:\d\d)?)\s*$"

_Number = TypeVar("_Number", int, pl.Expr)

Numbers = Literal["seconds", "milliseconds", "microseconds", "excel_days"]

_UNIT_US: Final[dict[str, int]] = {"seconds": SECOND_US, "milliseconds": 1000, "microseconds": 1, "excel_days": DAY_US}


@lru_cache(maxsize=64)
def find_zone(zone: str) -> ZoneInfo:
    """Return an IANA time zone.

    Raises
    ------
    InputError: ``unknown_zone``.
    """
    try:
        pl.Series([0], dtype=pl.Datetime("us")).dt.replace_time_zone(zone)
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, pl.exceptions.PolarsError, ValueError, OSError):
        raise InputError("unknown_zone", zone=zone) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentFormat:
    """How the times of one column are read.

    Parameters
    ----------
    order: order of day and month in dates with slashes or hyphens; None: such dates are unreadable.
    zone: IANA zone of times without offset.
    numbers: what plain numbers mean; None: they are unreadable.
    local: times of day without offset occur, which ``zone`` is assumed for.
    decided_by: "given" (option), "values" (a value above 12), "notation" (no such date occurs).
    """

    order: Literal["dmy", "mdy"] | None = None
    zone: str = "UTC"
    numbers: Numbers | None = None
    decided_by: Literal["given", "values", "notation"] = "notation"
    local: bool = False

    def notes(self) -> dict[str, str]:
        """Return what the person should know about how times were read; see ``pegel.eventlog.batch.SourceInfo``."""
        notes = {"zone_assumed": self.zone} if self.local else {}
        if self.order and self.decided_by != "notation":
            notes["date_order"] = f"{self.order}:{self.decided_by}"
        return notes

    def parse(self, text: str) -> int | None:
        """Microseconds since 1970 of one time, or None if it cannot be read.

        >>> MomentFormat().parse("1970-01-01T01:00:00+01:00"), MomentFormat().parse("01.01.1970 00:00:01")
        (0, 1000000)
        >>> MomentFormat(zone="Europe/Berlin").parse("1/Jan/70 1:00 AM"), MomentFormat().parse("13/13/2026")
        (0, None)
        """
        if len(text) > LONGEST_MOMENT:
            return None
        if self.numbers is not None:
            match = compiled(NUMBER).match(text)
            return None if match is None else _number_us(match, self.numbers)
        for pattern in self._patterns():
            match = compiled(pattern).match(text)
            if match is not None:
                return self._moment(match.groupdict())
        return None

    def parse_series(self, texts: pl.Series) -> pl.Series:
        """Microseconds since 1970 (Int64) of a column of texts; null where it cannot be read."""
        name = texts.name
        texts = pl.select(pl.when(texts.str.len_chars() <= LONGEST_MOMENT).then(texts)).to_series()
        if self.numbers is not None:
            return _numbers_series(texts, self.numbers).alias(name)
        moments = self._parse_uniform(texts)
        for pattern in self._patterns():
            if moments.null_count() == texts.null_count():
                break
            todo = (moments.is_null() & texts.is_not_null()).arg_true()
            parsed = self._parse_pattern(texts.gather(todo), pattern)
            moments = moments.scatter(todo, parsed)
        return moments.alias(name)

    def _patterns(self) -> tuple[str, ...]:
        numeric = (with_order(self.order),) if self.order else ()
        return (YEAR_FIRST, DOTTED, *numeric, DAY_NAME, NAME_DAY, COMPACT)

    def _moment(self, parts: dict[str, str | None]) -> int | None:
        month = int(parts["m"] or 0) if "m" in parts else MONTHS.get((parts["n"] or "").lower(), 0)
        year_text = parts["y"] or "0"
        year = int(year_text)
        if len(year_text) == 2:
            year += 2000 if year < 70 else 1900
        day = int(parts["d"] or 0)
        if not 1 <= month <= 12 or not 1 <= day <= _days_in_month(year, month):
            return None
        hour, minute, second = (int(parts[key] or 0) for key in "HMS")
        half = (parts["p"] or "").lower()
        if half:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half == "p" else 0)
        if not (hour < 24 or (hour == 24 and minute == 0 and second == 0)) or minute > 59 or second > 59:
            return None
        fraction = int((parts["f"] or "0").ljust(6, "0")[:6])
        clock = hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + fraction
        local = _days_from_civil(year, month, day) * DAY_US + clock
        offset = parts["z"]
        if offset is None:
            return _from_local(local, self.zone)
        return local - _offset_us(offset)

    def _parse_pattern(self, texts: pl.Series, pattern: str) -> pl.Series:
        groups = texts.str.extract_groups(pattern).struct.unnest()
        if "m" not in groups.columns:
            months = pl.col("n").str.to_lowercase().replace_strict(MONTHS, default=None, return_dtype=pl.Int64)
            groups = groups.with_columns(m=months)
        frame = groups.with_columns(
            pl.col("y").cast(pl.Int64)
            + pl.when(pl.col("y").str.len_bytes() > 2)
            .then(0)
            .when(pl.col("y").cast(pl.Int64) < 70)
            .then(2000)
            .otherwise(1900),
            pl.col("m").cast(pl.Int64),
            pl.col("d").cast(pl.Int64),
            pl.col("H", "M", "S").cast(pl.Int64).fill_null(0),
            pl.col("f").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False).fill_null(0),
            pl.col("p").str.to_lowercase(),
        )
        hour = (
            pl.when(pl.col("p").is_null())
            .then(pl.col("H"))
            .when(pl.col("H").is_between(1, 12))
            .then(pl.col("H") % 12 + pl.when(pl.col("p") == "p").then(12).otherwise(0))
        )
        frame = frame.with_columns(H=hour)
        clock_fits = (
            ((pl.col("H") < 24) | ((pl.col("H") == 24) & (pl.col("M") == 0) & (pl.col("S") == 0)))
            & (pl.col("M") < 60)
            & (pl.col("S") < 60)
        )
        day_fits = pl.col("m").is_between(1, 12) & pl.col("d").is_between(1, _days_in_month_expr())
        local = (
            _days_from_civil_expr() * DAY_US
            + pl.col("H") * HOUR_US
            + pl.col("M") * MINUTE_US
            + pl.col("S") * SECOND_US
            + pl.col("f")
        )
        frame = frame.select(
            local=pl.when(clock_fits & day_fits).then(local), naive=pl.col("z").is_null(), offset=_offset_expr()
        )
        fixed = frame["local"] - frame["offset"]
        if not frame["naive"].any():
            return fixed
        return pl.select(
            pl.when(frame["naive"]).then(_local_series_to_us(frame["local"], self.zone)).otherwise(fixed)
        ).to_series()

    def _parse_uniform(self, texts: pl.Series) -> pl.Series:
        """Read the values that look exactly like the first one, the fast way; the rest stays null."""
        nothing = pl.Series([None], dtype=pl.Int64).new_from_index(0, len(texts))
        first = texts.first(ignore_nulls=True)
        layout = layout_of(str(first), self.order) if first is not None else None
        if layout is None:
            return nothing
        fitting = pl.select(pl.when(texts.str.contains(layout.shape)).then(texts)).to_series()
        if not layout.has_time:
            days = fitting.str.to_date(layout.notation, strict=False)
            return _local_series_to_us(days.to_physical().cast(pl.Int64) * DAY_US, self.zone)
        if layout.notation.endswith("%z"):
            moments = fitting.str.to_datetime(layout.notation, strict=False, time_unit="us", time_zone="UTC")
            return moments.to_physical()
        local = fitting.str.to_datetime(layout.notation, strict=False, time_unit="us").to_physical()
        return local if layout.has_offset else _local_series_to_us(local, self.zone)


class MomentSurvey:
    """Collects, part by part, what the values of a column say about their notation.

    >>> survey = MomentSurvey()
    >>> survey.add(pl.Series(["01/02/2026", "13/02/2026"]))
    >>> survey.decide(order=None, zone="UTC", column="at").order
    'dmy'
    """

    def __init__(self) -> None:
        self.values = 0
        self.day_first = 0
        self.month_first = 0
        self.undecided = 0
        self.indifferent = 0
        self._example: str | None = None
        self._local = False
        self._numbers = 0
        self._number_range = (float("inf"), float("-inf"))

    @property
    def open(self) -> bool:
        """Tell whether dates occur whose order of day and month no value has decided yet."""
        return bool(self.undecided or self.indifferent) and not (self.day_first or self.month_first)

    def add(self, texts: pl.Series) -> None:
        """Take further values into account; nulls and blanks say nothing."""
        texts = texts.drop_nulls()
        texts = texts.filter(texts.str.contains(r"\S"))
        self.values += len(texts)
        self._local = self._local or bool((texts.str.contains(_CLOCK) & ~texts.str.contains(_OFFSET)).any())
        slashed = texts.filter(texts.str.contains(UNORDERED))
        if len(slashed):
            parts = slashed.str.extract_groups(NUMERIC).struct.unnest().select(pl.col("a", "b").cast(pl.Int64))
            first, second = parts["a"], parts["b"]
            either = (first <= 12) & (second <= 12)
            self.day_first += int(((first > 12) & (second <= 12)).sum())
            self.month_first += int(((second > 12) & (first <= 12)).sum())
            self.undecided += int((either & (first != second)).sum())
            # 05/05 is the same day either way.
            self.indifferent += int((either & (first == second)).sum())
            if self._example is None and (either & (first != second)).any():
                self._example = slashed.filter(either & (first != second))[0]
        numbers = texts.filter(texts.str.contains(NUMBER)).str.replace(",", ".").cast(pl.Float64, strict=False)
        self._numbers += len(numbers)
        if len(numbers):
            low, high = self._number_range
            bounds = numbers.to_frame("n").select(low=pl.col("n").min(), high=pl.col("n").max()).row(0)
            self._number_range = (min(low, bounds[0]), max(high, bounds[1]))

    def decide(self, *, order: DateOrder | None, zone: str, column: str, serials: bool = False) -> MomentFormat:
        """Decide the format; ``serials``: plain small numbers are Excel's day numbers (a workbook's column).

        Raises
        ------
        AmbiguousInputError: ``ambiguous_dates`` with column, example and choices. InputError: ``unknown_zone``.
        """
        find_zone(zone)
        numbers = self._decide_numbers(serials) if self.values and self._numbers == self.values else None
        if order in ("dmy", "mdy"):
            return MomentFormat(order=order, zone=zone, numbers=numbers, decided_by="given", local=self._local)
        deciding = self.day_first + self.month_first
        if not deciding and not self.undecided:
            return MomentFormat(
                order="dmy" if self.indifferent else None, zone=zone, numbers=numbers, local=self._local
            )
        winner: Literal["dmy", "mdy"] = "dmy" if self.day_first >= self.month_first else "mdy"
        if deciding and max(self.day_first, self.month_first) >= CLEAR_MAJORITY * deciding:
            return MomentFormat(order=winner, zone=zone, decided_by="values", local=self._local)
        raise AmbiguousInputError(
            "ambiguous_dates",
            column=column,
            example=self._example or "",
            choices=["dmy", "mdy"],
            day_first=self.day_first,
            month_first=self.month_first,
        )

    def _decide_numbers(self, serials: bool) -> Numbers | None:
        low, high = self._number_range
        if serials and high < 200_000:  # a day before the year 2448
            return "excel_days"
        if high >= 1e18 or low < 1e7 or _all_compact(low, high):
            return None
        if high < 1e11:
            return "seconds"
        return "milliseconds" if high < 1e14 else "microseconds"


def decide_moments(
    samples: Sequence[str], *, order: DateOrder | None, zone: str, column: str, serials: bool = False
) -> MomentFormat:
    """Decide how the times of a column are read, from as many of its values as possible.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates`` (column, example, choices) when day and month cannot be told apart.
    InputError: ``unknown_zone``.

    >>> decide_moments(["31/12/2026", "01/02/2026"], order=None, zone="UTC", column="at").order
    'dmy'
    """
    survey = MomentSurvey()
    survey.add(pl.Series(samples, dtype=pl.String))
    return survey.decide(order=order, zone=zone, column=column, serials=serials)


def _all_compact(low: float, high: float) -> bool:
    """Eight (or twelve, fourteen) digits that are dates such as 20261231, not a count of seconds."""
    return any(19000101 * 10**more <= low and high < 22000101 * 10**more for more in (0, 4, 6))


def _number_us(match: re.Match[str], numbers: Numbers) -> int | None:
    whole, fraction = int(match.group("i")), match.group("f") or ""
    unit = _UNIT_US[numbers]
    start = EXCEL_EPOCH_US if numbers == "excel_days" else 0
    if whole >= 2**62 // unit:
        return None
    return start + whole * unit + _below_unit(int(fraction.ljust(9, "0")[:9]), numbers)


def _below_unit(billionths: _Number, numbers: Numbers) -> _Number:
    """Microseconds of a fraction of the unit, given in billionths of it."""
    if numbers == "excel_days":
        # A day number is a binary fraction: exact to the millisecond, noise below. A billionth of a day is 86.4 µs.
        return (billionths * 864 // 10 + 500) // 1000 * 1000
    return billionths // (1_000_000_000 // _UNIT_US[numbers])


def _numbers_series(texts: pl.Series, numbers: Numbers) -> pl.Series:
    parts = texts.str.extract_groups(NUMBER).struct.unnest()
    unit = _UNIT_US[numbers]
    start = EXCEL_EPOCH_US if numbers == "excel_days" else 0
    whole = pl.col("i").cast(pl.Int64)
    below = _below_unit(pl.col("f").str.pad_end(9, "0").str.slice(0, 9).cast(pl.Int64).fill_null(0), numbers)
    return parts.select(pl.when(whole < 2**62 // unit).then(start + whole * unit + below)).to_series()


def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _days_in_month_expr() -> pl.Expr:
    year, month = pl.col("y"), pl.col("m")
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return (
        pl.when(month == 2)
        .then(pl.when(leap).then(29).otherwise(28))
        .when(month.is_in([4, 6, 9, 11]))
        .then(30)
        .otherwise(31)
    )


def _days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, for any year (the year starts in March here)."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _days_from_civil_expr() -> pl.Expr:
    late = pl.col("m") > 2
    year = pl.col("y") - pl.when(late).then(0).otherwise(1)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (pl.col("m") + pl.when(late).then(-3).otherwise(9)) + 2) // 5 + pl.col("d") - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _offset_us(offset: str) -> int:
    if offset[0] not in "+-":
        return 0
    digits = offset[1:].replace(":", "")
    size = int(digits[:2]) * HOUR_US + int(digits[2:4] or 0) * MINUTE_US
    return -size if offset[0] == "-" else size


def _offset_expr() -> pl.Expr:
    digits = pl.col("z").str.slice(1).str.replace(":", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    size = hours * HOUR_US + minutes * MINUTE_US
    sign = pl.col("z").str.slice(0, 1)
    return pl.when(sign == "-").then(-size).when(sign == "+").then(size).otherwise(0)


def _from_local(local_us: int, zone: str) -> int:
    if zone == "UTC":
        return local_us
    try:
        naive = datetime(1970, 1, 1) + timedelta(microseconds=local_us)  # noqa: DTZ001  a local time has no zone yet
        return (naive.replace(tzinfo=find_zone(zone)).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    except OverflowError:  # year 0, or the edge of year 9999: placeholders; a few hours do not matter
        return local_us


def _local_series_to_us(local: pl.Series, zone: str) -> pl.Series:
    if zone == "UTC":
        return local
    span = 9998 * 365 * DAY_US
    placed = pl.select(
        pl.when((local > -1900 * 365 * DAY_US) & (local < span))
        .then(local)
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    ).to_series()
    moments = placed.to_physical()
    odd = (moments.is_null() & local.is_not_null()).arg_true()
    if len(odd):
        single = [_from_local(value, zone) for value in local.gather(odd)]
        moments = moments.scatter(odd, pl.Series(single, dtype=pl.Int64))
    return moments
