"""GitHub Copilot: users and their teams joined day by day."""

from __future__ import annotations

import gzip
import os
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pegel.sources.usage.readings import checked, lines, pseudonyms_in, reasons, rows, saved

from pegel.errors import InputError, NotFoundError
from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.usage import read_copilot, read_copilot_seats

_DATA = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[5] / "shared" / "data"))
_SAMPLES = _DATA / "copilot-metrics-samples"
_NEEDS_SAMPLES = pytest.mark.skipif(
    not _SAMPLES.exists(), reason=f"needs the sample data (PEGEL_SAMPLE_DATA): {_SAMPLES.name} is missing"
)


@pytest.fixture
def people(tmp_path: Path) -> Pseudonyms:
    return pseudonyms_in(tmp_path)


def _user(number: int, day: str = "2026-03-02", **more: Any) -> dict[str, Any]:
    return {
        "user_id": number,
        "user_login": f"user{number}",
        "day": day,
        "user_initiated_interaction_count": 3,
        "code_generation_activity_count": 5,
        "code_acceptance_activity_count": 2,
        "used_chat": True,
        **more,
    }


def _team(number: int, slug: str, day: str = "2026-03-02", team: int | None = None) -> dict[str, Any]:
    team = hash(slug) % 97 if team is None else team
    return {"user_id": number, "user_login": f"user{number}", "day": day, "team_id": team, "slug": slug}


def test_one_user_one_team_one_day(tmp_path: Path, people: Pseudonyms) -> None:
    cli = {"token_usage": {"prompt_tokens_sum": 700, "output_tokens_sum": 40}}
    users = lines(tmp_path / "users.ndjson", [_user(1, totals_by_cli=cli)])
    teams = lines(tmp_path / "teams.ndjson", [_team(1, "claims")])

    read = checked(read_copilot(users, teams, pseudonyms=people), "user1")

    assert read.usage.rows() == [
        ("github_copilot", people.of("user1"), "claims", date(2026, 3, 2), True, 3, 2, 700, 40, None, None, 1)
    ]
    assert (read.rows, read.accepted, read.merged) == (2, 1, 1)


def test_people_change_teams_and_the_join_is_day_by_day(tmp_path: Path, people: Pseudonyms) -> None:
    users = lines(tmp_path / "users.ndjson", [_user(1), _user(1, "2026-03-03"), _user(1, "2026-03-04")])
    teams = lines(tmp_path / "teams.ndjson", [_team(1, "claims"), _team(1, "billing", "2026-03-03")])

    read = checked(read_copilot(users, teams, pseudonyms=people))

    assert rows(read, "day", "team") == [
        (date(2026, 3, 4), None),  # GitHub names no team of fewer than five seats
        (date(2026, 3, 3), "billing"),
        (date(2026, 3, 2), "claims"),
    ]


def test_a_member_of_two_teams_counts_in_both(tmp_path: Path, people: Pseudonyms) -> None:
    users = lines(tmp_path / "users.ndjson", [_user(1)])
    teams = lines(tmp_path / "teams.ndjson", [_team(1, "claims"), _team(1, "billing"), _team(1, "billing")])

    read = checked(read_copilot(users, teams, pseudonyms=people))

    assert rows(read, "team", "active", "row") == [("billing", True, 1), ("claims", True, 1)]
    assert (read.duplicate, dict(read.warnings)) == (1, {"in_several_teams": 1})


def test_a_member_with_a_seat_who_used_nothing_is_not_active(tmp_path: Path, people: Pseudonyms) -> None:
    users = lines(tmp_path / "users.ndjson", [_user(1)])
    teams = lines(tmp_path / "teams.ndjson", [_team(1, "claims"), _team(2, "claims"), _team(2, "claims", "2026-03-09")])

    read = checked(read_copilot(users, teams, pseudonyms=people))

    found = {(row[0], row[1]): row[2] for row in rows(read, "member", "day", "active")}
    two = people.of("user2")
    assert found == {
        (people.of("user1"), date(2026, 3, 2)): True,
        (two, date(2026, 3, 2)): False,
        (two, date(2026, 3, 9)): None,  # of that day there is no report of users
    }


def test_equal_team_names_of_two_organisations_stay_apart(tmp_path: Path, people: Pseudonyms) -> None:
    users = lines(tmp_path / "users.ndjson", [_user(1), _user(2)])
    teams = lines(tmp_path / "teams.ndjson", [_team(1, "core", team=7), _team(2, "core", team=9)])

    read = checked(read_copilot(users, teams, pseudonyms=people))

    assert sorted(read.usage["team"]) == ["core (7)", "core (9)"]


def test_a_person_keeps_one_pseudonym_when_the_login_changes(tmp_path: Path, people: Pseudonyms) -> None:
    users = lines(tmp_path / "users.ndjson", [_user(1, user_login="old"), _user(1, "2026-03-03", user_login="new")])

    read = checked(read_copilot(users, pseudonyms=people, known_as={"NEW": "Anna@example.org"}), "old", "new")

    assert set(read.usage["member"]) == {people.of("anna@example.org")}


@pytest.mark.parametrize(
    ("signs", "active"),
    [
        ({"used_chat": True}, True),
        ({"used_chat": False, "used_cli": True}, True),
        ({"used_chat": False, "used_copilot_coding_agent": True}, True),
        ({"used_chat": False, "used_copilot_code_review_passive": True}, False),  # Copilot's doing, not the person's
        ({"used_chat": False}, False),
        ({"code_generation_activity_count": 1}, True),
        ({"user_initiated_interaction_count": 0}, False),
        ({"user_initiated_interaction_count": float("nan")}, None),
        ({"used_chat": "yes"}, None),
        ({}, None),
    ],
)
def test_what_counts_as_active(signs: dict[str, Any], active: bool | None, tmp_path: Path, people: Pseudonyms) -> None:
    read = checked(
        read_copilot(lines(tmp_path / "u", [{"user_id": 1, "day": "2026-03-02", **signs}]), pseudonyms=people)
    )

    if active is None:
        assert reasons(read) == [(1, "use_not_said")]
    else:
        assert rows(read, "active") == [(active,)]


def test_the_same_user_and_day_twice(tmp_path: Path, people: Pseudonyms) -> None:
    more = _user(1, user_initiated_interaction_count=9)
    for order in ([_user(1), more, _user(1)], [more, _user(1), _user(1)], [_user(1), _user(1), more]):
        read = checked(read_copilot(lines(tmp_path / "u", order), pseudonyms=people))

        assert rows(read, "interactions") == [(9,)]  # figures of a day only grow: the largest is the latest
        assert {reason for _, reason in reasons(read)} == {"day_told_otherwise"}
        assert read.duplicate + read.rejects.height == 2


def test_hostile_lines_cost_only_themselves(tmp_path: Path, people: Pseudonyms) -> None:
    path = tmp_path / "u.ndjson"
    good = '{"user_id": 1, "user_login": "anna", "day": "2026-03-02", "used_chat": true}\n'
    path.write_bytes(
        good.encode()
        + b'{"user_id": 2, "user_login": "bob", "day": "2026-0\n'
        + b'{"user_id": 3, "user_login": "b\xf6b", "day": "2026-03-02"}\n'
        + b"\n[1, 2]\n"
        + b'{"user_id": 4, "user_login": "carl", "day": "carl@example.org", "used_chat": true}\n'
        + b'{"user_id": 5, "user_login": "dora", "day": "2026-02-30", "used_chat": true}\n'
        + b'{"user_id": null, "day": "2026-03-02", "used_chat": true}\n'
        + b'{"user_id": 6, "user_login": "renovate[bot]", "day": "2026-03-02", "used_chat": true}\n'
        + ('{"user_id": 7, "user_login": "' + "x" * 501 + '", "day": "2026-03-02"}\n').encode()
        + b'{"user_id": 8, "day": "2026-03-02", "used_chat": true, "code_acceptance_activity_count": 1'
        + b"0" * 400
        + b"}\n"
        + b"[" * 5000
        + b"\n"
        + "größer, äöü, Maß\n".encode()
    )

    read = checked(read_copilot(path, pseudonyms=people), "anna", "bob", "carl", "dora", "renovate")

    assert reasons(read) == [
        (2, "broken_json_line"),
        (3, "broken_encoding"),
        (4, "not_an_object"),
        (5, "not_an_object"),
        (6, "unreadable_time"),
        (7, "unreadable_time"),
        (8, "nobody_named"),
        (10, "name_too_long"),
        (12, "broken_json_line"),
        (13, "broken_json_line"),
    ]
    assert read.rejects["detail"].to_list()[5] == "2026-02-30"
    assert (dict(read.ignored), dict(read.warnings)) == ({"bot_user": 1}, {"value_unusable": 1})
    assert sorted(rows(read, "row", "accepted")) == [(1, None), (11, None)]


def test_a_broken_document_is_refused_as_a_whole(tmp_path: Path, people: Pseudonyms) -> None:
    with pytest.raises(InputError, match="json_truncated"):
        read_copilot(saved(tmp_path / "d.json", '{"day_totals": [{"user_id": 1'), pseudonyms=people)
    with pytest.raises(InputError, match="file_empty"):
        read_copilot(saved(tmp_path / "e.json", ""), pseudonyms=people)
    with pytest.raises(NotFoundError, match="file_not_found"):
        read_copilot(tmp_path / "none.json", pseudonyms=people)
    (tmp_path / "z.gz").write_bytes(gzip.compress(b"{}" * 100)[:20])
    with pytest.raises(InputError, match="archive_broken"):
        read_copilot(tmp_path / "z.gz", pseudonyms=people)


def test_links_and_totals_of_several_days_are_no_usage(tmp_path: Path, people: Pseudonyms) -> None:
    links = {"download_links": ["https://example.org/1"], "report_day": "2026-03-02"}
    totals = {"report_start_day": "2026-03-01", "report_end_day": "2026-03-28"}
    read = checked(
        read_copilot(
            [
                saved(tmp_path / "links.json", links),
                saved(tmp_path / "28.json", {**totals, "user_totals": [{"login": "anna", "total_active_days": 9}]}),
            ],
            pseudonyms=people,
        )
    )

    assert read.rejects.select("reason", "file").rows() == [
        ("links_without_report", "links.json"),
        ("several_days", "28.json"),
    ]


def test_the_order_of_rows_does_not_matter(tmp_path: Path, people: Pseudonyms) -> None:
    users = [_user(n, f"2026-03-0{d}", user_initiated_interaction_count=n + d) for n in (1, 2, 3) for d in (2, 3)]
    teams = [_team(n, slug, f"2026-03-0{d}") for n in (1, 2) for d in (2, 3, 4) for slug in ("a", "b")[: n % 2 + 1]]

    def read(backwards: int) -> Any:
        found = read_copilot(
            lines(tmp_path / "u", users[::backwards]), lines(tmp_path / "t", teams[::backwards]), pseudonyms=people
        )
        return checked(found).table.drop("row")

    assert read(1).equals(read(-1))


@given(st.binary(max_size=400) | st.text('{}[]":,aday_12e.-NI\n', max_size=200).map(str.encode))
def test_no_bytes_end_in_anything_but_an_answer_or_an_input_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise"
        path.write_bytes(data)
        with suppress(InputError):
            read = read_copilot(path, path, pseudonyms=pseudonyms_in(Path(folder)))
            assert read.rejects.height + read.duplicate == read.rows


@_NEEDS_SAMPLES
def test_the_sample_reports_of_github(people: Pseudonyms) -> None:
    path = _SAMPLES / "new-api" / "organization-users-28-day-report.json.gz"
    read = checked(read_copilot(path, pseudonyms=people), "octocat", "hubot", "defunkt")

    assert (read.rows, read.accepted, read.usage["member"].n_unique()) == (107, 107, 8)
    sums = [read.usage[name].sum() for name in ("interactions", "accepted", "tokens_out", "active")]
    assert sums == [2987, 3630, 6_594_915, 107]
    one_day = checked(
        read_copilot(_SAMPLES / "new-api" / "enterprise-users-1-day-report.json.gz", pseudonyms=people), "octocat"
    )
    assert rows(one_day, "day", "interactions", "accepted") == [(date(2026, 3, 3), 18, 38)]


@_NEEDS_SAMPLES
def test_the_sample_seats_of_github() -> None:
    read = checked(read_copilot_seats(_SAMPLES / "organization_seats_response_sample.json.gz"), "monalisa")

    assert rows(read, "unit", "granted", "seats") == [
        *[("backend-team", date(2026, 1, 3), 1)] * 2,
        *[("frontend-team", date(2026, 1, 3), 1)] * 3,
        *[("the-a-team", date(2026, 1, 3), 1)] * 3,
        ("the-a-team", date(2026, 4, 28), 1),
    ]
