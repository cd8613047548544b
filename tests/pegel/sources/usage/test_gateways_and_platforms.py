"""LiteLLM, OpenAI and Anthropic: requests and buckets that add up to days."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.usage.readings import checked, lines, pseudonyms_in, reasons, rows, saved

from pegel.errors import InputError
from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.usage import read_anthropic, read_litellm, read_openai


@pytest.fixture
def people(tmp_path: Path) -> Pseudonyms:
    return pseudonyms_in(tmp_path)


def _request(number: int, **more: Any) -> dict[str, Any]:
    return {
        "request_id": f"r{number}",
        "startTime": "2026-03-02T22:30:00.123Z",
        "user": "anna@example.org",
        "team_id": "claims",
        "spend": 0.1,
        "prompt_tokens": 10,
        "completion_tokens": 2,
        "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "messages": "secret words",
        **more,
    }


def test_requests_add_up_to_days(tmp_path: Path, people: Pseudonyms) -> None:
    log = [_request(1), _request(2), _request(2), _request(3, startTime="2026-03-03 00:00:00"), _request(4, spend=None)]

    read = checked(read_litellm(saved(tmp_path / "logs.json", log), pseudonyms=people), "anna", "secret", "88dc")

    member = people.of("anna@example.org")
    assert read.usage.rows() == [
        ("litellm", member, "claims", date(2026, 3, 2), True, 3, None, 30, 6, 0.2, "USD", 1),
        ("litellm", member, "claims", date(2026, 3, 3), True, 1, None, 10, 2, 0.1, "USD", 4),
    ]
    assert (read.accepted, read.merged, read.duplicate) == (2, 2, 1)


def test_a_table_of_the_database_says_the_same(tmp_path: Path, people: Pseudonyms) -> None:
    log = [_request(n, request_tags=["use:faq"], metadata={"status": "success"}) for n in (1, 2)]
    names = list(log[0])
    cells = [[json.dumps(v) if isinstance(v, list | dict) else str(v) for v in one.values()] for one in log]
    table = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [names, *cells])

    from_table = checked(read_litellm(saved(tmp_path / "logs.csv", table), pseudonyms=people, tag="use:faq"), "anna")
    from_json = checked(read_litellm(saved(tmp_path / "logs.json", log), pseudonyms=people, tag="use:faq"))

    assert from_table.usage.equals(from_json.usage)
    assert from_table.usage.height == 1


def test_which_requests_count(tmp_path: Path, people: Pseudonyms) -> None:
    log = [
        _request(1, request_tags=["use:faq"]),
        _request(2, request_tags="[broken"),
        _request(3, status="failure"),
        _request(4, metadata={"status": "failure"}),
        _request(5, user="default_user_id", team_id=None),
        _request(6, user="", team_id="", metadata={"user_api_key_team_alias": "Claims"}, request_tags=["use:faq"]),
        _request(7, startTime=None),
        _request(8, team_id="x" * 501, request_tags=["use:faq"]),
        _request(9, prompt_tokens=-1, spend="much", request_tags=["use:faq"]),
    ]
    path = lines(tmp_path / "logs.ndjson", [*log, '{"request_id": '])

    read = checked(read_litellm(path, pseudonyms=people, tag="use:faq"), "anna")

    assert dict(read.ignored) == {"request_failed": 2, "other_tag": 2}
    assert reasons(read) == [(7, "unreadable_time"), (8, "name_too_long"), (10, "broken_json_line")]
    assert [row[1:] for row in rows(read, "member", "team", "interactions", "tokens_in", "cost_amount")] == [
        ("Claims", 1, 10, 0.1),
        ("claims", 2, 10, 0.1),
    ]
    assert dict(read.warnings) == {"value_unusable": 2}
    without_tag = checked(read_litellm(path, pseudonyms=people), "anna")
    assert (5, "nobody_named") in reasons(without_tag)


def test_end_users_of_an_application(tmp_path: Path, people: Pseudonyms) -> None:
    log = [_request(1, end_user="bob"), _request(2, end_user="Bob"), _request(3)]

    read = checked(read_litellm(saved(tmp_path / "l.json", log), pseudonyms=people, person="end_user"), "bob", "anna")

    assert {row[0] for row in rows(read, "member", "interactions")} == {None, people.of("bob")}


def test_a_file_that_is_neither_json_nor_a_table(tmp_path: Path, people: Pseudonyms) -> None:
    with pytest.raises(InputError, match="no_table"):
        read_litellm(saved(tmp_path / "l.txt", "nothing\nat all\n"), pseudonyms=people)


def _bucket(*results: Any, day: int = 1772409600, days: int = 1) -> dict[str, Any]:
    return {"object": "bucket", "start_time": day, "end_time": day + 86_400 * days, "results": list(results)}


def _openai(**more: Any) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": 1000,
        "output_tokens": 500,
        "input_cached_tokens": 800,
        "num_model_requests": 5,
        "project_id": "proj_1",
        "user_id": "user-1",
        "model": None,
        **more,
    }


def _cost(amount: Any, **more: Any) -> dict[str, Any]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": amount, "currency": "usd"},
        "project_id": "proj_1",
        "line_item": None,
        **more,
    }


def test_openai_usage_and_costs(tmp_path: Path, people: Pseudonyms) -> None:
    usage = saved(
        tmp_path / "usage.json", {"object": "page", "data": [_bucket(_openai(), _openai(model="b")), _bucket()]}
    )
    costs = saved(
        tmp_path / "costs.json", {"object": "page", "data": [_bucket(_cost(0.06), _cost("0.04", line_item="x"))]}
    )

    read = checked(read_openai([usage, costs], pseudonyms=people, team_of_project={"proj_1": "Claims"}), "user-1")

    member = people.of("user-1")
    assert read.usage.rows() == [
        ("openai", None, "Claims", date(2026, 3, 2), None, None, None, None, None, 0.1, "USD", 3),
        ("openai", member, "Claims", date(2026, 3, 2), True, 10, None, 2000, 1000, None, None, 1),
    ]
    assert (read.rows, read.merged) == (4, 2)


def test_openai_hostile_and_useless_rows(tmp_path: Path, people: Pseudonyms) -> None:
    data = [
        _bucket(
            _openai(user_id=None, project_id=None),
            7,
            _openai(num_model_requests=None, input_tokens="x", output_tokens=None),
        ),
        _bucket(_openai(), days=7),
        _bucket(_openai(), day=-5),
        {"start_time": 1772409600},
        "bucket",
        _bucket(_cost(float("nan")), _cost(1, project_id=None)),
        _bucket(_openai(), _openai(num_model_requests=6)),
    ]
    read = checked(read_openai(saved(tmp_path / "u.json", {"data": data, "has_more": True}), pseudonyms=people))

    assert reasons(read) == [
        (1, "nobody_named"),
        (2, "not_an_object"),
        (3, "use_not_said"),
        (4, "several_days"),
        (5, "unreadable_time"),
        (6, "no_bucket"),
        (7, "not_an_object"),
        (9, "nobody_named"),
        (10, "day_told_otherwise"),
    ]
    assert dict(read.warnings) == {"value_unusable": 2, "further_pages_missing": 1}


def test_the_same_usage_grouped_two_ways_is_noticed(tmp_path: Path, people: Pseudonyms) -> None:
    twice = _bucket(_openai(project_id=None), _openai(user_id=None))
    both = _bucket(_openai(), _openai(user_id=None))  # a service account has no user

    assert dict(read_openai(saved(tmp_path / "a", [twice]), pseudonyms=people).warnings) == {"grouped_two_ways": 1}
    assert dict(read_openai(saved(tmp_path / "b", [both]), pseudonyms=people).warnings) == {}


def test_hours_add_up_to_a_day(tmp_path: Path, people: Pseudonyms) -> None:
    hours = [
        {"start_time": 1772409600 + 3600 * h, "end_time": 1772413200 + 3600 * h, "results": [_openai()]}
        for h in range(25)
    ]

    read = checked(read_openai(saved(tmp_path / "u.json", {"data": hours}), pseudonyms=people))

    assert rows(read, "day", "interactions") == [(date(2026, 3, 2), 120), (date(2026, 3, 3), 5)]


def test_anthropic_usage_and_costs_in_cents(tmp_path: Path, people: Pseudonyms) -> None:
    bucket = {"starting_at": "2026-03-02T00:00:00Z", "ending_at": "2026-03-03T00:00:00Z"}
    usage = {
        "uncached_input_tokens": 100,
        "cache_read_input_tokens": 20,
        "cache_creation": {"ephemeral_1h_input_tokens": 3, "ephemeral_5m_input_tokens": 4},
        "output_tokens": 50,
        "workspace_id": "wrkspc_1",
        "model": "a",
    }
    cost = {"amount": "123.78912", "currency": "USD", "workspace_id": "wrkspc_1", "description": "Input"}
    pages = [
        {"data": [{**bucket, "results": [usage, {**usage, "model": "b"}, {**usage, "workspace_id": None}]}]},
        {"data": [{**bucket, "results": [cost, {**cost, "description": "Output"}, {**cost, "amount": "many"}]}]},
    ]

    read = checked(
        read_anthropic(
            [saved(tmp_path / f"{n}.json", page) for n, page in enumerate(pages)],
            pseudonyms=people,
            team_of_workspace={"wrkspc_1": "Claims"},
        )
    )

    assert read.usage.rows() == [
        ("anthropic", None, "Claims", date(2026, 3, 2), True, None, None, 254, 100, 2.4757824, "USD", 1)
    ]
    assert reasons(read) == [(3, "nobody_named"), (6, "day_told_otherwise")]
    assert dict(read.warnings) == {"value_unusable": 1}
