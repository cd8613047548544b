"""Tables: sorted, filtered and paged by what stands in the address, whatever stands there."""

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from django.test import RequestFactory
from django.utils import translation

from pegel_web.ui.components import Badge, Column, EmptyState, Missing, table_of

_COLUMNS = (
    Column(key="name", label="Name", href_key="href"),
    Column(key="items", label="Items", kind="number"),
    Column(key="since", label="Since", kind="date"),
    Column(key="state", label="State", kind="badge", sortable=False),
)
_ROWS = (
    {"name": "Zürich", "items": 3, "since": date(2026, 3, 2), "state": Badge(text="late", tone="bad"), "href": "/z"},
    {"name": "Ärzte", "items": None, "since": date(2025, 1, 1), "state": None, "href": "javascript:alert(1)"},
    {"name": "bern", "items": 12, "since": None, "state": None},
    {"name": "Aachen", "items": Missing.NO_DATA, "since": date(2026, 3, 1), "state": None},
)
_EMPTY = EmptyState(title="Nothing", text="yet")


def _table(query="", rows=_ROWS, page_size=50):
    request = RequestFactory().get(f"/x?{query}")
    return table_of(
        request, identity="t", caption="Towns", columns=_COLUMNS, rows=rows, empty=_EMPTY, page_size=page_size
    )


def _names(query, **options):
    return [row["name"] for row in _table(query, **options).rows]


def test_without_a_wish_rows_stand_as_given():
    assert _names("") == ["Zürich", "Ärzte", "bern", "Aachen"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("t.sort=name", ["Aachen", "Ärzte", "bern", "Zürich"]),
        ("t.sort=-name", ["Zürich", "bern", "Ärzte", "Aachen"]),
        # Where there is no value the row stands last, both ways.
        ("t.sort=items", ["Zürich", "bern", "Ärzte", "Aachen"]),
        ("t.sort=-items", ["bern", "Zürich", "Ärzte", "Aachen"]),
        ("t.sort=since", ["Ärzte", "Aachen", "Zürich", "bern"]),
        ("t.sort=-since", ["Zürich", "Aachen", "Ärzte", "bern"]),
    ],
)
def test_rows_are_sorted_by_a_column(query, names):
    assert _names(query) == names


@pytest.mark.parametrize(
    "hostile", ["t.sort=state", "t.sort=nope", "t.sort=--name", "t.sort=%00", "t.sort=name%27--", "other.sort=name"]
)
def test_a_wish_that_makes_no_sense_is_ignored(hostile):
    table = _table(hostile)

    assert [row["name"] for row in table.rows] == ["Zürich", "Ärzte", "bern", "Aachen"]
    assert table.sort == ""


def test_values_of_different_kinds_can_be_sorted():
    values = (
        "b", 3, date(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC), Decimal("NaN"),
        float("nan"), 10**400, None, "a",
    )  # fmt: skip
    mixed = [{"name": value} for value in values]

    assert [str(row["name"])[:10] for row in _table("t.sort=name", rows=mixed).rows] == [
        "3", "1000000000", "2026-01-01", "2026-01-02", "a", "b", "NaN", "nan", "None",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("arzte", ["Ärzte"]),
        ("ZUR", ["Zürich"]),
        ("late", ["Zürich"]),
        ("2026", ["Zürich", "Aachen"]),
        ("mar zur", ["Zürich"]),
        ("mar bern", []),
        ("no data", ["Aachen"]),
        ("%00", ["Zürich", "Ärzte", "bern", "Aachen"]),
        ("(.*", []),
    ],
)
def test_every_word_of_a_filter_stands_in_the_row_as_it_is_shown(text, names):
    with translation.override("en"):
        assert _names(f"t.q={text}") == names


@pytest.mark.parametrize(
    ("page", "first", "shown"),
    [
        ("1", 1, 1),
        ("2", 3, 2),
        ("99", 4 * 0 + 3, 2),
        ("0", 1, 1),
        ("-1", 1, 1),
        ("x", 1, 1),
        ("²", 1, 1),
        ("9" * 30, 1, 1),
    ],
)
def test_a_page_that_is_not_there_is_the_nearest(page, first, shown):
    rows = [{"name": number} for number in range(1, 5)]
    table = _table(f"t.page={page}", rows=rows, page_size=2)

    assert (table.rows[0]["name"], table.page, table.pages) == (first, shown, 2)


def test_links_keep_what_belongs_to_others():
    table = _table("other.page=3&t.page=2&t.q=a&x=1&x=2&t.export=csv")
    href = table.heads[0].href

    assert href is not None
    assert parse_qs(href[1:]) == {"other.page": ["3"], "t.q": ["a"], "x": ["1", "2"], "t.sort": ["name"]}
    assert table.kept == [("other.page", "3"), ("x", "1"), ("x", "2")]
    assert parse_qs(table.csv[1:])["t.export"] == ["csv"]


def test_a_second_click_turns_the_order():
    table = _table("t.sort=name")

    assert table.heads[0].order == "ascending"
    assert "t.sort=-name" in str(table.heads[0].href)
    assert table.heads[3].href is None


def test_pages_around_the_current_one_are_offered():
    rows = [{"name": number} for number in range(100)]

    assert [number for number, _ in _table("t.page=10", rows=rows, page_size=5).steps] == [
        1,
        0,
        8,
        9,
        10,
        11,
        12,
        0,
        20,
    ]
    assert [number for number, _ in _table("", rows=rows, page_size=50).steps] == [1, 2]


def test_a_table_without_rows_shows_the_next_step():
    html = _table(rows=[]).html("en")

    assert "Nothing" in html
    assert "<table" not in html


def test_a_filter_that_matches_nothing_can_be_taken_back():
    html = _table("t.q=zzz&x=1").html("en")

    assert "No row matches “zzz”" in html
    assert 'href="?x=1"' in html


def test_only_safe_addresses_become_links():
    html = _table().html("en")

    assert '<a href="/z">Zürich</a>' in html
    assert "javascript:" not in html


def test_fifty_thousand_rows_do_not_hold_up_a_page():
    rows = [{"name": f"row {number}", "items": number} for number in range(50_000)]

    assert _names("t.sort=-items&t.page=1000", rows=rows) == [f"row {number}" for number in range(49, -1, -1)]
