import time
from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog.schema import DAY_US, HOUR_US, SECOND_US, to_us
from pegel.sources.moments import MomentFormat, MomentSurvey, decide_moments

# 2026-12-31 is day 20,818 after 1970-01-01: 56 years of 365 days and 14 leap days, and 364 days of 2026.
LAST_DAY = (56 * 365 + 14 + 364) * DAY_US
AT_1405 = LAST_DAY + 14 * HOUR_US + 5 * 60 * SECOND_US
DMY = MomentFormat(order="dmy")
MDY = MomentFormat(order="mdy")


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31T14:05",
        "2026-12-31 14:05:00",
        "2026-12-31T14:05:00.000000",
        "2026-12-31T14:05Z",
        "2026-12-31T15:05:00+01:00",
        "2026-12-31T15:05:00.000+0100",
        "2026-12-31 15:05+01",
        "2026-12-31T10:05:00.000-0400",
        "2026/12/31 14:05",
        "20261231T1405Z",
        "202612311405",
        "31.12.2026 14:05",
        "31.12.2026, 14:05:00 Uhr",
        "31.12.26 14:05",
        "31/12/2026 14:05",
        "31-12-2026 2:05 PM",
        "31/Dec/26 2:05 PM",
        "31/Dez/26 14:05",
        "31. Dezember 2026 14:05",
        "31-DEC-2026 14:05",
        "Dec 31, 2026 2:05 pm",
        "December 31, 2026, 2:05 p.m.",
        "Thu, 31 Dec 2026 14:05:00 GMT",
        "Do. 31.12.2026 14:05",
        " 2026-12-31 14:05 ",
        "31/12/2026 2:05\u202fPM",
    ],
)
def test_usual_notations(text: str) -> None:
    assert DMY.parse(text) == AT_1405
    assert DMY.parse_series(pl.Series([text, None])).to_list() == [AT_1405, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/31/2026 12:00 AM", LAST_DAY),
        ("12/31/2026 12:00 PM", LAST_DAY + 12 * HOUR_US),
        ("12/31/26", LAST_DAY),
        ("31/12/2026", None),
        ("12/31/2026 13:00 PM", None),
        ("12/31/2026 0:00 AM", None),
    ],
)
def test_month_first(text: str, expected: int | None) -> None:
    assert MDY.parse(text) == expected
    assert MDY.parse_series(pl.Series([text])).to_list() == [expected]


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-01-32", "31.04.2026", "00.01.2026"),
        *("2026-01-01T25:00", "2026-01-01T10:60", "2026-01-01T10:00:61", "2026-01-01T24:01", "01/Foo/26", "1e9"),
        *("2026-01-01T10", "2026-01-01 10:00 CET", "1767225600", "46023", "\x00", "\uffff", "2026-01-01" + " " * 1000),
        *("2026-01-01\n\n2026-01-02", "٢٠٢٦-٠١-٠١"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert DMY.parse(text) is None
    assert DMY.parse_series(pl.Series([text])).to_list() == [None]


@pytest.mark.parametrize(
    ("name", "month"),
    [("Jan", 1), ("Feb", 2), ("Mrz", 3), ("Mär", 3), ("März", 3), ("Mai", 5), ("Juni", 6), ("Okt", 10), ("Dez", 12)],
)
def test_german_months(name: str, month: int) -> None:
    assert DMY.parse(f"01/{name}/26 3:04 PM") == to_us(datetime(2026, month, 1, 15, 4, tzinfo=UTC))


def test_placeholder_years_are_read_so_that_they_can_be_rejected_for_what_they_are() -> None:
    year_zero, year_9999 = -719_528 * DAY_US, 2_932_896 * DAY_US
    for zone in ("UTC", "Europe/Berlin"):
        both = MomentFormat(zone=zone).parse_series(pl.Series(["0000-01-01", "9999-12-31"])).to_list()
        assert [MomentFormat(zone=zone).parse(text) for text in ("0000-01-01", "9999-12-31")] == both
        assert abs(both[0] - year_zero) <= DAY_US
        assert abs(both[1] - year_9999) <= DAY_US


def test_end_of_day_is_the_next_midnight() -> None:
    assert DMY.parse("2026-12-30T24:00") == LAST_DAY


def test_more_digits_than_microseconds_are_cut() -> None:
    assert DMY.parse("1970-01-01 00:00:00.1234567") == 123_456


def test_local_times_when_clocks_change() -> None:
    berlin = MomentFormat(zone="Europe/Berlin")
    texts = ["2025-03-30 01:59", "2025-03-30 02:30", "2025-03-30 03:00", "2025-10-26 02:30", "2025-10-26 03:00"]
    expected = [
        to_us(datetime(2025, 3, 30, 0, 59, tzinfo=UTC)),
        to_us(datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),  # does not exist: read with +01:00, that is 03:30 in summer
        to_us(datetime(2025, 3, 30, 1, 0, tzinfo=UTC)),
        to_us(datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),  # exists twice: the earlier one, still +02:00
        to_us(datetime(2025, 10, 26, 2, 0, tzinfo=UTC)),
    ]
    assert [berlin.parse(text) for text in texts] == expected
    assert berlin.parse_series(pl.Series(texts)).to_list() == expected


@pytest.mark.parametrize(
    ("samples", "order"),
    [
        (["01/02/2026", "13/02/2026"], "dmy"),
        (["01/02/2026", "02/13/2026"], "mdy"),
        (["03.04.2026"], None),  # dots: nothing to decide
        (["2026-04-03", ""], None),
        (["01/02/2026"], "ask"),
        (["13/1/2026", "1/13/2026"], "ask"),
        (["13/1/2026"] * 19 + ["1/13/2026"], "dmy"),  # 19 of 20 is 95 %
        (["13/1/2026"] * 18 + ["1/13/2026"], "ask"),
        (["1/2/2026 3:04 PM"], "ask"),
    ],
)
def test_order_of_day_and_month_is_never_guessed(samples: list[str], order: str | None) -> None:
    if order == "ask":
        with pytest.raises(AmbiguousInputError) as caught:
            decide_moments(samples, order=None, zone="UTC", column="When")
        assert caught.value.code == "ambiguous_dates"
        assert caught.value.values["column"] == "When"
        assert caught.value.values["choices"] == ["dmy", "mdy"]
    else:
        assert decide_moments(samples, order=None, zone="UTC", column="When").order == order


def test_same_day_and_month_can_be_read_either_way() -> None:
    chosen = decide_moments(["05/05/2026"], order=None, zone="UTC", column="When")
    assert chosen.parse("05/05/2026") == to_us(datetime(2026, 5, 5, tzinfo=UTC))


def test_contradicting_values_are_unreadable() -> None:
    chosen = decide_moments(["13/1/2026"] * 19 + ["1/13/2026"], order=None, zone="UTC", column="When")
    assert chosen.parse("1/13/2026") is None
    assert chosen.decided_by == "values"


def test_survey_looks_at_every_part() -> None:
    survey = MomentSurvey()
    survey.add(pl.Series(["01/02/2026"] * 1000))
    assert survey.open
    survey.add(pl.Series(["01/13/2026"]))
    assert not survey.open
    assert survey.decide(order=None, zone="UTC", column="When").order == "mdy"


def test_zone_must_exist() -> None:
    for wrong in ("Europe/Atlantis", "", "../etc/passwd"):
        with pytest.raises(InputError, match="unknown_zone"):
            decide_moments(["2026-01-01"], order=None, zone=wrong, column="at")


@pytest.mark.parametrize(
    ("texts", "serials", "expected"),
    [
        (["0000000001", "1767225600"], False, [None, None]),  # 1 s after 1970 is no plausible time: not such a column
        (["1767225600", "1767225600.5"], False, [1767225600 * SECOND_US, 1767225600 * SECOND_US + 500_000]),
        (["1767225600123"], False, [1767225600 * SECOND_US + 123_000]),
        (["1767225600123456"], False, [1767225600 * SECOND_US + 123_456]),
        (["46023.5"], True, [46023 * DAY_US - 25_569 * DAY_US + 12 * HOUR_US]),  # 2026-01-01 12:00
        (["46023.041666666664"], True, [46023 * DAY_US - 25_569 * DAY_US + HOUR_US]),
        (["46023.5"], False, [None]),
        (["20261231", "20260101"], False, [LAST_DAY, LAST_DAY - 364 * DAY_US]),
        (["1767225600", "2026-01-01"], False, [None, 1767225600 * SECOND_US]),  # not all are numbers
    ],
)
def test_plain_numbers(texts: list[str], serials: bool, expected: list[int | None]) -> None:
    chosen = decide_moments(texts, order=None, zone="UTC", column="at", serials=serials)
    assert chosen.parse_series(pl.Series(texts)).to_list() == expected
    assert [chosen.parse(text) for text in texts] == expected


STRFTIME = ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %I:%M %p", "%d/%b/%y %H:%M:%S")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 30)),  # noqa: DTZ001
            st.integers(-14 * 60, 14 * 60),
            st.sampled_from(STRFTIME),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_python_writes_is_read_back(cases: list[tuple[datetime, int, str]]) -> None:
    texts, expected = [], []
    for moment, minutes, notation in cases:
        zone = timezone(timedelta(minutes=minutes)) if "%z" in notation else UTC
        aware = moment.replace(tzinfo=zone)
        if "%f" not in notation:
            aware = aware.replace(microsecond=0)
        if "%S" not in notation:
            aware = aware.replace(second=0)
        texts.append(aware.strftime(notation))
        expected.append(to_us(aware))
    assert DMY.parse_series(pl.Series(texts)).to_list() == expected
    assert [DMY.parse(text) for text in texts] == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("0123456789 :.,/-+TZzAaPpMmbFez\u00a0UhrTC", max_size=30), min_size=1, max_size=10),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from([None, "dmy", "mdy"]),
)
def test_one_value_and_a_column_are_read_alike(texts: list[str], zone: str, order: str | None) -> None:
    chosen = MomentFormat(order=order, zone=zone)  # type: ignore[arg-type]
    assert chosen.parse_series(pl.Series(texts, dtype=pl.String)).to_list() == [chosen.parse(text) for text in texts]


def test_a_long_cell_costs_nothing() -> None:
    began = time.perf_counter()
    assert DMY.parse("2026-01-01" + " " * 10_000_000) is None
    assert DMY.parse("1" * 10_000_000) is None
    assert time.perf_counter() - began < 1
