"""States of issues and pull requests, each case worked out by hand. Times are seconds after 1970 began."""

from __future__ import annotations

import pytest

from pegel.eventlog.schema import SECOND_US
from pegel.sources.github.parts import Facts, Happening
from pegel.sources.github.states import states_of

_ISSUE, _PULL = Facts(is_pull=False), Facts(is_pull=True)


def _h(second: int, kind: str, value: str | None = None, **more: str) -> Happening:
    return Happening(kind, second * SECOND_US, value=value, **more)


def _states(facts: Facts, *happenings: Happening) -> list[tuple[int, str]]:
    return [(step.at_us // SECOND_US, step.state) for step in states_of(facts, happenings, 0)]


def test_an_issue_is_closed_reopened_and_closed_for_another_reason() -> None:
    found = _states(_ISSUE, _h(5, "closed"), _h(7, "reopened"), _h(9, "closed", "not_planned"))
    assert found == [(0, "Open"), (5, "Closed (completed)"), (7, "Open"), (9, "Closed (not planned)")]


def test_reasons_are_read_in_the_writing_of_both_apis() -> None:
    assert _states(_ISSUE, _h(1, "closed", "NOT_PLANNED"))[-1] == (1, "Closed (not planned)")
    assert _states(_ISSUE, _h(1, "closed", "duplicate"))[-1] == (1, "Closed (duplicate)")
    # The event does not say why, the issue does: that is about its last closing only.
    facts = Facts(is_pull=False, state_reason="not_planned")
    found = _states(facts, _h(1, "closed"), _h(2, "reopened"), _h(3, "closed"))
    assert [state for _, state in found] == ["Open", "Closed (completed)", "Open", "Closed (not planned)"]


def test_project_statuses_win_over_open_closed_and_labels() -> None:
    found = _states(
        _ISSUE,
        _h(1, "status", "Todo"),
        _h(2, "labeled", "status: waiting"),
        _h(3, "status", "In Progress", before="Todo"),
        _h(4, "closed", "completed"),
        _h(5, "status", "Done", before="In Progress"),
    )
    assert found == [(0, "Open"), (1, "Todo"), (3, "In Progress"), (4, "Closed (completed)"), (5, "Done")]


def test_a_board_that_says_done_does_not_finish_what_is_not_planned() -> None:
    found = _states(_ISSUE, _h(1, "status", "Todo"), _h(4, "closed", "not_planned"), _h(5, "status", "Done"))
    assert found == [(0, "Open"), (1, "Todo"), (4, "Closed (not planned)")]


def test_the_tool_says_what_was_before_where_an_event_is_missing() -> None:
    steps = list(states_of(_ISSUE, [_h(5, "status", "Done", before="In Progress")], 0))
    assert [(step.before, step.state) for step in steps] == [(None, "Open"), ("In Progress", "Done")]


def test_labels_are_states_where_there_is_no_project() -> None:
    found = _states(
        _ISSUE,
        _h(1, "labeled", "status: ready"),
        _h(3, "unlabeled", "status: ready"),
        _h(4, "labeled", "status: doing"),  # within two seconds: taken for the other label, never without
        _h(9, "unlabeled", "status: doing"),
        _h(10, "labeled", "help wanted"),
        _h(11, "closed"),
        _h(12, "labeled", "status: released"),  # a label does not reopen
    )
    assert found == [(0, "Open"), (1, "ready"), (4, "doing"), (9, "Open"), (11, "Closed (completed)")]


def test_a_pull_request_from_draft_to_merge() -> None:
    found = _states(
        _PULL,
        _h(1, "review_requested", "ann"),  # a draft stays a draft
        _h(2, "ready_for_review"),
        _h(3, "reviewed", "commented", actor="ann"),
        _h(4, "reviewed", "changes_requested", actor="ann"),
        _h(5, "review_requested", "ann"),
        _h(6, "reviewed", "APPROVED", actor="ann"),
        _h(7, "merged"),
        _h(7, "closed"),
    )
    assert found == [
        (0, "Draft"),
        (2, "In review"),
        (4, "Changes requested"),
        (5, "In review"),
        (6, "Approved"),
        (7, "Merged"),
    ]


def test_one_reviewer_who_wants_changes_outweighs_another_who_approves() -> None:
    found = _states(
        _PULL,
        _h(1, "reviewed", "approved", actor="ann"),
        _h(2, "reviewed", "changes_requested", actor="bob", own_id="r2"),
        _h(3, "review_dismissed", "changes_requested", other="r2"),
    )
    assert found == [(0, "Open"), (1, "Approved"), (2, "Changes requested"), (3, "Approved")]


def test_a_dismissed_review_was_a_verdict_until_it_was_dismissed() -> None:
    # The review itself is told as it is today: dismissed. What it was, the dismissal says.
    found = _states(
        _PULL,
        _h(1, "reviewed", "dismissed", actor="ann", own_id="r1"),
        _h(2, "review_dismissed", "approved", other="r1"),
    )
    assert found == [(0, "Open"), (1, "Approved"), (2, "Open")]


def test_a_request_taken_back_and_a_return_to_draft() -> None:
    found = _states(
        _PULL,
        _h(1, "review_requested", "ann"),
        _h(2, "review_request_removed", "ann"),
        _h(3, "convert_to_draft"),
        _h(4, "closed"),
        _h(5, "reopened"),
    )
    assert found == [(0, "Open"), (1, "In review"), (2, "Open"), (3, "Draft"), (4, "Closed"), (5, "Draft")]


@pytest.mark.parametrize("merged", [4, 6])
def test_closed_beside_its_merge_is_merged_whatever_comes_first(merged: int) -> None:
    assert _states(_PULL, _h(min(5, merged), "closed"), _h(max(5, merged), "merged"))[-1][1] == "Merged"
    facts = Facts(is_pull=True, merged_us=merged * SECOND_US)
    assert _states(facts, _h(5, "closed")) == [(0, "Open"), (5, "Merged")]


def test_what_only_the_facts_say_is_a_guessed_step() -> None:
    steps = list(states_of(Facts(is_pull=False, closed_us=9, state_reason="duplicate"), [], 0))
    assert [(step.at_us, step.state, step.guessed) for step in steps] == [
        (0, "Open", False),
        (9, "Closed (duplicate)", True),
    ]
    draft = Facts(is_pull=True, draft=True, closed_us=9)
    assert [step.state for step in states_of(draft, [], 0)] == ["Draft", "Closed"]
