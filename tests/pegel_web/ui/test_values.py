"""Values are written in the language of the page; why there is none is four different answers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pegel_web.ui.links import safe_href
from pegel_web.ui.values import Missing, written


@pytest.mark.parametrize(
    ("value", "kind", "german", "english"),
    [
        (1234, "number", "1.234", "1,234"),
        (12.44, "number", "12,4", "12.4"),
        (0, "number", "0", "0"),
        (-3, "number", "−3", "−3"),
        (12.04, "days", "12,0", "12.0"),
        (0.001, "days", "< 0,01", "< 0.01"),
        (0.384, "percent", "38\N{NARROW NO-BREAK SPACE}%", "38%"),
        (Decimal("1234.5"), "money", "1.234,50\N{NARROW NO-BREAK SPACE}€", "€1,234.50"),
        (date(2026, 12, 31), "date", "31.12.2026", "31 Dec 2026"),
        # 09:05 UTC is 10:05 in the time zone of the installation, Europe/Berlin, in March.
        (datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "datetime", "02.03.2026, 10:05", "2 Mar 2026, 10:05"),
        # 23:30 UTC is the next day there.
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "date", "03.03.2026", "3 Mar 2026"),
        (True, "text", "ja", "yes"),
        (["a", "b"], "text", "a, b", "a, b"),
        (None, "number", "–", "–"),
        (Missing.NOT_CONFIGURED, "number", "nicht eingerichtet", "not configured"),
        (Missing.NO_DATA, "days", "keine Daten", "no data"),
        (Missing.UNDEFINED, "percent", "nicht definiert", "undefined"),
        (Missing.TOO_FEW, "text", "zu wenige zum Anzeigen", "too few to show"),
        (float("nan"), "number", "nicht definiert", "undefined"),
        (Decimal("sNaN"), "money", "nicht definiert", "undefined"),
        (float("-inf"), "days", "nicht definiert", "undefined"),
        (10**400, "number", "1,00e+400", "1.00e+400"),
    ],
)  # fmt: skip
def test_values_are_written_by_language(value, kind, german, english):
    assert (written(value, kind, "de"), written(value, kind, "en")) == (german, english)


def test_a_number_of_six_thousand_digits_is_written_short():
    assert written(10**6000, "money", "de") == "1,00e+6000"


def test_signs_that_forge_a_text_become_visible():
    assert written("a\x00b\u202ec", "text", "en") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_a_value_of_ten_megabytes_is_cut():
    assert len(written("x" * 10_000_000, "text", "en")) == 300


@pytest.mark.parametrize(
    "hostile",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "java\nscript:x",
        "\x01javascript:x",
        " javascript:x",
        "http://[",
        3,
        b"/x",
        "",
    ],
)
def test_an_address_that_runs_something_is_not_linked(hostile):
    assert safe_href(hostile) is None


@pytest.mark.parametrize("address", ["/flow/3", "?a=1", "#x", "https://example.org/a", "mailto:a@example.org"])
def test_an_address_that_leads_somewhere_is_linked(address):
    assert safe_href(address) == address
