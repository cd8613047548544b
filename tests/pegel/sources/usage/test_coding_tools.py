"""Claude Code (amounts in cents) and Cursor (no dollars at all)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.usage.readings import checked, lines, pseudonyms_in, reasons, rows, saved

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.usage import read_claude_code, read_cursor


@pytest.fixture
def people(tmp_path: Path) -> Pseudonyms:
    return pseudonyms_in(tmp_path)


def _claude(mail: str = "anna@example.org", day: str = "2026-03-02T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "date": day,
        "actor": {"type": "user_actor", "email_address": mail},
        "customer_type": "api",
        "terminal_type": "vscode",
        "core_metrics": {"num_sessions": 2, "lines_of_code": {"added": 900, "removed": 5}, "commits_by_claude_code": 1},
        "tool_actions": {"edit_tool": {"accepted": 4, "rejected": 1}, "write_tool": {"accepted": 1, "rejected": 0}},
        "model_breakdown": [
            {
                "model": "a",
                "tokens": {"input": 100, "output": 30, "cache_read": 10, "cache_creation": 5},
                "estimated_cost": {"currency": "USD", "amount": 186},
            },
            {
                "model": "b",
                "tokens": {"input": 1, "output": 2, "cache_read": 3, "cache_creation": 4},
                "estimated_cost": {"currency": "USD", "amount": 14.5},
            },
        ],
        **more,
    }


def test_cents_become_dollars_and_models_add_up(tmp_path: Path, people: Pseudonyms) -> None:
    answer = saved(tmp_path / "a.json", {"data": [_claude()], "has_more": False, "next_page": None})

    read = checked(read_claude_code(answer, pseudonyms=people), "anna")

    # 186 + 14.5 cents; input 100 + 10 + 5 + 1 + 3 + 4; output 30 + 2; accepted 4 + 1.
    assert read.usage.rows() == [
        (
            "claude_code", people.of("anna@example.org"), None, date(2026, 3, 2),
            True, 2, 5, 123, 32, 2.005, "USD", 1,
        )
    ]  # fmt: skip


def test_terminals_of_a_day_add_up_and_the_same_record_counts_once(tmp_path: Path, people: Pseudonyms) -> None:
    records = [_claude(), _claude(terminal_type="iTerm"), _claude(), _claude("Anna@Example.org ", terminal_type="tmux")]

    read = checked(read_claude_code(lines(tmp_path / "a.ndjson", records), pseudonyms=people))

    assert rows(read, "interactions", "cost_amount", "row") == [(6, 6.015, 1)]
    assert (read.accepted, read.merged, read.duplicate) == (1, 2, 1)


def test_a_key_is_no_person(tmp_path: Path, people: Pseudonyms) -> None:
    key = {"type": "api_actor", "api_key_name": "nightly build of anna"}
    answer = saved(tmp_path / "a.json", {"data": [_claude(actor=key)]})

    assert reasons(checked(read_claude_code(answer, pseudonyms=people), "anna")) == [(1, "key_without_team")]
    read = checked(
        read_claude_code(answer, pseudonyms=people, team_of_key={"nightly build of anna": "Platform"}), "anna"
    )
    assert rows(read, "member", "team", "cost_amount") == [(None, "Platform", 2.005)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"core_metrics": {}, "tool_actions": {}, "model_breakdown": []}, "use_not_said"),
        ({"date": "yesterday"}, "unreadable_time"),
        ({"date": "1969-12-31"}, "unreadable_time"),
        ({"actor": {}}, "nobody_named"),
        ({"actor": "anna@example.org"}, "nobody_named"),
        ({"core_metrics": None, "tool_actions": [], "model_breakdown": "x"}, "use_not_said"),
    ],
)
def test_rejected_records(more: dict[str, Any], expected: str, tmp_path: Path, people: Pseudonyms) -> None:
    read = checked(read_claude_code(lines(tmp_path / "a", [_claude(), _claude(**more)]), pseudonyms=people), "anna")

    assert reasons(read) == [(2, expected)]


@pytest.mark.parametrize(
    ("costs", "amount", "warnings"),
    [
        ([("USD", 100), ("USD", 50)], 1.5, {}),
        ([("USD", 100), ("EUR", 50)], None, {"currency_unclear": 1}),
        ([(None, 100)], None, {"currency_unclear": 1}),
        ([("USD", float("nan"))], None, {"value_unusable": 1}),
        ([("USD", 1e300)], None, {"value_unusable": 1}),
        ([("USD", "12.5")], 0.125, {}),
        ([("USD", -30)], -0.3, {}),  # a correction
        ([], None, {}),
    ],
)
def test_costs_that_can_be_used_and_others(
    costs: list[tuple[str | None, Any]],
    amount: float | None,
    warnings: dict[str, int],
    tmp_path: Path,
    people: Pseudonyms,
) -> None:
    models = [{"tokens": {}, "estimated_cost": {"currency": unit, "amount": value}} for unit, value in costs]
    read = checked(read_claude_code(lines(tmp_path / "a", [_claude(model_breakdown=models), "{"]), pseudonyms=people))

    assert rows(read, "cost_amount", "cost_currency") == [(amount, None if amount is None else "USD")]
    assert dict(read.warnings) == warnings


def test_missing_pages_are_reported(tmp_path: Path, people: Pseudonyms) -> None:
    first = saved(tmp_path / "1.json", {"data": [_claude()], "has_more": True})
    last = saved(tmp_path / "2.json", {"data": [_claude("b@example.org")], "has_more": False})

    assert dict(read_claude_code([first, last], pseudonyms=people).warnings) == {}
    assert dict(read_claude_code(first, pseudonyms=people).warnings) == {"further_pages_missing": 1}


def _cursor(mail: str = "anna@example.org", **more: Any) -> dict[str, Any]:
    return {
        "date": 1772409600000,  # 2026-03-02
        "email": mail,
        "isActive": True,
        "totalAccepts": 3,
        "totalTabsAccepted": 4,
        "composerRequests": 1,
        "chatRequests": 2,
        "agentRequests": 3,
        "cmdkUsages": 4,
        "bugbotUsages": 100,
        "usageBasedReqs": 7,
        **more,
    }


def test_cursor_knows_no_dollars(tmp_path: Path, people: Pseudonyms) -> None:
    nothing = {name: 0 for name, value in _cursor().items() if isinstance(value, int) and name != "date"}
    idle = {**_cursor("bob@example.org"), **nothing, "isActive": False}
    answer = saved(tmp_path / "a.json", {"data": [_cursor(), idle], "period": {"startDate": 1, "endDate": 2}})

    read = checked(read_cursor(answer, pseudonyms=people), "anna", "bob")

    found = {row[0]: row[1:] for row in rows(read, "member", "active", "interactions", "accepted", "cost_amount")}
    assert found == {
        people.of("anna@example.org"): (True, 10, 7, None),
        people.of("bob@example.org"): (False, 0, 0, None),
    }


def test_cursor_days_pages_and_repetitions(tmp_path: Path, people: Pseudonyms) -> None:
    page = {"data": [_cursor(), _cursor(), _cursor(day="2026-03-03")], "pagination": {"hasNextPage": True}}
    worse = {
        "data": [
            _cursor(totalAccepts=9),
            _cursor(date="soon"),
            _cursor(None),
            _cursor(isActive=None, date=float("inf")),
        ]
    }

    read = checked(
        read_cursor([saved(tmp_path / "1.json", page), saved(tmp_path / "2.json", worse)], pseudonyms=people), "anna"
    )

    assert rows(read, "day", "accepted", "row") == [(date(2026, 3, 2), 13, 4), (date(2026, 3, 3), 7, 3)]
    assert reasons(read) == [
        (1, "day_told_otherwise"),
        (5, "unreadable_time"),
        (6, "nobody_named"),
        (7, "unreadable_time"),
    ]
    assert read.duplicate == 1
