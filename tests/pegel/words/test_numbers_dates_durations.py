"""Numbers, shares, dates and durations in both languages, at their boundaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.schema import DAY_US
from pegel.words.dates import day_text, moment_text, period_text
from pegel.words.durations import duration, in_days
from pegel.words.numbers import number, percent, short_number, signed

_THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "decimals", "german", "english"),
    [
        (0, 0, "0", "0"),
        (-0.0, 1, "0,0", "0.0"),
        (-0.04, 1, "0,0", "0.0"),  # no minus before nothing
        (999.95, 1, "1.000,0", "1,000.0"),
        (1234567.891, 2, "1.234.567,89", "1,234,567.89"),
        (-5.5, 1, "−5,5", "−5.5"),
    ],
)
def test_number(value, decimals, german, english):
    assert (number(value, "de", decimals=decimals), number(value, "en", decimals=decimals)) == (german, english)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.04, "0"), (0.05, "0.1"), (9.96, "10"), (99.96, "100"), (100.4, "100"), (0.5, "0.5")],
)
def test_short_number(value, text):
    assert short_number(value, "en") == text


@pytest.mark.parametrize(
    ("share", "german", "english"),
    [
        (0, f"0{_THIN}%", "0%"),
        (0.0001, f"<{_THIN}1{_THIN}%", "< 1%"),
        (0.01, f"1{_THIN}%", "1%"),
        (0.385, f"38{_THIN}%", "38%"),  # 38.5 rounds to even
        (0.99, f"99{_THIN}%", "99%"),
        (0.9999, f">{_THIN}99{_THIN}%", "> 99%"),
        (1, f"100{_THIN}%", "100%"),
    ],
)
def test_percent_never_hides_a_little_nor_claims_all(share, german, english):
    assert (percent(share, "de"), percent(share, "en")) == (german, english)


def test_signed():
    assert [signed(value, "de") for value in (1200, 0, -3)] == ["+1.200", "0", "−3"]


@pytest.mark.parametrize(
    ("days", "german", "english"),
    [
        (0, "0 Minuten", "0 minutes"),
        (1e-9, "< 1 Minute", "< 1 minute"),
        (1 / 1440, "1 Minute", "1 minute"),
        (59 / 1440, "59 Minuten", "59 minutes"),
        (59.6 / 1440, "1 Stunde", "1 hour"),  # not "60 minutes"
        (1 / 24, "1 Stunde", "1 hour"),
        (1.5 / 24, "1,5 Stunden", "1.5 hours"),
        (23.9 / 24, "23,9 Stunden", "23.9 hours"),
        (23.96 / 24, "1 Tag", "1 day"),  # not "24 hours"
        (1.04, "1 Tag", "1 day"),
        (1.06, "1,1 Tage", "1.1 days"),
        (12.44, "12,4 Tage", "12.4 days"),
        (1234.5, "1.234 Tage", "1,234 days"),
    ],
)
def test_duration(days, german, english):
    assert (duration(days, "de"), duration(days, "en")) == (german, english)


def test_a_working_day_is_never_split_into_hours():
    assert duration(0.25, "de", unit="working_days") == "0,2 Arbeitstage"
    assert duration(1, "en", unit="working_days") == "1 working day"


@given(st.floats(min_value=0, max_value=100_000))
def test_durations_never_read_like_a_full_next_unit(days):
    text = duration(days, "en")

    assert text not in {"60 minutes", "24 hours"}
    assert not text.startswith("0 ") or days == 0


@pytest.mark.parametrize(
    ("days", "text"), [(0, "0.0"), (0.0001, "< 0.01"), (0.005, "0.01"), (0.09, "0.09"), (0.1, "0.1"), (99.96, "100.0")]
)
def test_days_in_a_table(days, text):
    assert in_days(days, "en") == text


def test_dates():
    assert day_text(-1, "de") == "31.12.1969"
    assert moment_text(90_061_000_000, "de") == "02.01.1970, 01:01 UTC"
    assert period_text(0, 7 * DAY_US, "en") == "1 Jan 1970 – 7 Jan 1970"
    assert period_text(0, 0, "en") == "1 Jan 1970"
