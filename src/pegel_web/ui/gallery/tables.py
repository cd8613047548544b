"""Specimens of tables: full, empty, filtered to nothing, and with what other people might write into them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.http import HttpRequest

from pegel_web.ui.components import Badge, Column, EmptyState, Missing, Table, table_of
from pegel_web.ui.gallery.words import sample


def tables(request: HttpRequest) -> list[Table]:
    """Return the tables."""
    empty = EmptyState(title=sample("empty_title"), text=sample("empty_text"))
    return [
        table_of(
            request,
            identity="streams",
            caption=sample("streams"),
            columns=_columns(),
            rows=[_row(number) for number in range(1, 64)],
            empty=empty,
            page_size=12,
        ),
        table_of(
            request, identity="hostile", caption=sample("hostile"), columns=_columns(), rows=_hostile(), empty=empty
        ),
        table_of(request, identity="none", caption=sample("empty_title"), columns=_columns(), rows=[], empty=empty),
    ]


def _columns() -> list[Column]:
    return [
        Column(key="name", label=sample("stream"), href_key="href"),
        Column(key="items", label=sample("items"), kind="number"),
        Column(key="time", label=sample("flow_time_days"), kind="days"),
        Column(key="efficiency", label=sample("efficiency"), kind="percent"),
        Column(key="value", label=sample("value"), kind="money"),
        Column(key="since", label=sample("since"), kind="date"),
        Column(key="read", label=sample("last_read"), kind="datetime"),
        Column(key="state", label=sample("state"), kind="badge", sortable=False),
    ]


def _row(number: int) -> Mapping[str, object]:
    state = ("good", "warning", "bad")[number % 3]
    return {
        "name": f"{sample('stream_name')} {number}",
        "href": f"#stream-{number}",
        "items": number * 37 % 211,
        "time": None if number % 9 == 0 else number * 1.7 % 40,
        "efficiency": Missing.TOO_FEW if number % 7 == 0 else number % 50 / 50,
        "value": Decimal(number * 1_250) / 2,
        "since": date(2026, 1, 1) + timedelta(days=number * 11 % 90),
        "read": datetime(2026, 3, 1, 6, tzinfo=UTC) + timedelta(minutes=number * 97 % 600),
        "state": Badge(text=sample(state), tone=state),  # type: ignore[arg-type]  # the three are tones
    }


def _hostile() -> list[Mapping[str, object]]:
    texts = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\u202egpj.exe", "x\0y", "{{ settings.SECRET_KEY }}")
    rows: list[Mapping[str, object]] = [{"name": text, "href": "javascript:alert(1)", "items": 1} for text in texts]
    rows.append(
        {"name": "ab" * 400, "items": 10**400, "time": float("nan"), "efficiency": 1e-9, "value": Decimal("NaN")}
    )
    return rows
