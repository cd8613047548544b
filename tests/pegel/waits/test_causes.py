"""Each cause planted by hand, with the arithmetic; then the boundaries; the four kinds of answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.waits.causes import WaitCauses, wait_causes
from pegel.waits.flag_reasons import REASONS, reason_number
from pegel.waits.lowered import lowered

POLICY = built_in_policy("first_active_to_last_done")
WORKFLOW = load_workflow("""
states:
  Open: new
  Doing: {category: active, phase: execution}
  Queue: {category: waiting, phase: execution}
  Approval: {category: waiting, phase: planning, friction: approval}
  Ranking: {category: waiting, friction: prioritisation}
  Parked: ignored
  Done: done
  Dropped: cancelled
""")
#: 09:07 on the day: finer than full hours, so that batches can be told.
T = "T09:07"


def causes(rows: list[tuple[str, ...]], *, as_of: str = "2026-01-30", **options: Any) -> WaitCauses:
    """Waits of a log whose days stand for days of January 2026: (item, day[Thh:mm], state[, person])."""
    calendar = options.pop("waiting_calendar", None)
    policy = options.pop("policy", POLICY)
    changes = [(item, _at(day), *rest) for item, day, *rest in options.pop("changes", [])]
    log = log_of_rows(
        [(item, _at(day), *rest) for item, day, *rest in rows], WORKFLOW, as_of=as_of, changes=changes, **options
    )
    return wait_causes(log, policy, waiting_calendar=calendar)


def _at(day: str) -> str:
    date, _, time = day.partition("T")
    return f"2026-01-{int(date):02}T{time or '09:07'}"


def days(found: WaitCauses, *, is_open: bool = False) -> dict[str, float]:
    """Days by cause, those above 0."""
    table = found.by_cause.filter((pl.col("open") == is_open) & (pl.col("days") > 0))
    return dict(table.select("cause", "days").iter_rows())


def answer(found: WaitCauses, cause: str) -> tuple[str, str | None, float | None]:
    row = found.by_cause.row(by_predicate=~pl.col("open") & (pl.col("cause") == cause), named=True)
    return row["status"], row["reason"], row["days"]


LIFE = [("A", "1", "Doing"), ("A", "2", "Queue"), ("A", "8", "Doing"), ("A", "9", "Done")]


def test_a_raised_flag_blocks() -> None:
    # Waiting from the 2nd to the 8th: 6 days; flagged from the 3rd to the 5th: 2 days; the other 4 are unexplained.
    found = causes(LIFE, changes=[("A", "3", "flag", None, "Warten auf Kunde"), ("A", "5", "flag", "x", None)])
    assert days(found) == {"blocked": 2.0, "unexplained": 4.0}
    assert found.blocked_by.rows() == [(False, "customer", 2.0, 1.0)]
    assert (found.flow_days, found.active_days, found.wait_days) == (8.0, 2.0, 6.0)
    row = found.by_cause.row(by_predicate=~pl.col("open") & (pl.col("cause") == "unexplained"), named=True)
    assert (row["items"], row["stays"]) == (1, 1)  # one stay, though the flag cuts it in two


def test_a_flag_raised_and_lowered_in_one_moment_is_down() -> None:
    # Tools number the changes of one edit alike: then the order in which they were recorded counts, for every item.
    names = [f"A{n}" for n in range(100)]
    rows = [(name, _at(day), state) for name in names for _, day, state in LIFE]
    edits = [(name, _at("3"), "flag", *values) for name in names for values in ((None, "Impediment"), (None, None))]
    log = log_of_rows(rows, WORKFLOW, as_of="2026-01-30", changes=edits)
    log = replace(log, changes=log.changes.with_columns(sequence=nw.lit(1, dtype=nw.Int64())))
    found = wait_causes(log, POLICY)
    assert days(found).get("blocked", 0.0) == 0.0
    assert found.wait_days == 600.0


def test_a_flag_that_stays_up_blocks_until_the_end_and_while_work_is_active_nothing_waits() -> None:
    found = causes(LIFE, changes=[("A", "1T12:00", "flag", "", "Impediment")])
    assert days(found) == {"blocked": 6.0}
    assert found.blocked_by["reason"].to_list() == ["other"]


def test_lowering_a_flag_that_was_never_seen_raised_says_nothing() -> None:
    assert days(causes(LIFE, changes=[("A", "5", "flag", "Impediment", "")])) == {"unexplained": 6.0}


def test_an_open_blocker_blocks() -> None:
    # B blocks A and is done on the 6th: A's wait from the 2nd to the 6th is blocked, two days are left.
    rows = [*LIFE, ("B", "1", "Doing"), ("B", "6", "Done")]
    found = causes(rows, links=[("B", "blocks", "A")])
    assert days(found) == {"blocked": 4.0, "unexplained": 2.0}
    assert found.blocked_by["reason"].to_list() == ["dependency"]


def test_a_flag_says_more_than_a_blocker_and_both_count_once() -> None:
    rows = [*LIFE, ("B", "1", "Doing"), ("B", "6", "Done")]
    changes = [("A", "5", "flag", None, "Freigabe fehlt"), ("A", "7", "flag", "x", None)]
    found = causes(rows, links=[("B", "blocks", "A"), ("A", "blocks", "A"), ("A", "blocks", "B")], changes=changes)
    # 2nd–5th the blocker (3 days), 5th–7th the flag (2 days), 7th–8th free.
    assert days(found) == {"blocked": 5.0, "unexplained": 1.0}
    assert found.blocked_by.select("reason", "days").rows() == [("dependency", 3.0), ("approval", 2.0)]


def test_the_friction_of_a_state_takes_the_whole_piece() -> None:
    rows = [("A", "1", "Doing"), ("A", "2", "Approval"), ("A", "5", "Ranking"), ("A", "6", "Done"),
            ("B", "1", "Doing"), ("B", "2", "Approval"), ("B", "3", "Done")]  # fmt: skip
    found = causes(rows)
    assert days(found) == {"approval": 4.0, "prioritisation": 1.0}
    assert found.by_state.select("state", "phase", "cause", "days", "items", "stays").rows() == [
        ("Approval", "planning", "approval", 4.0, 2, 2),
        ("Ranking", None, "prioritisation", 1.0, 1, 1),
    ]
    # Waits per approval step 1 and 3 days: p50 2, p85 = 1 + 0.85 × 2.
    assert found.approvals.select("state", "items", "p50", "p85").rows() == [("Approval", 2, 2.0, pytest.approx(2.7))]


def batch(last: str = "6", at: tuple[str, str, str] = ("8T09:07", "8T09:07", "8T09:07")) -> list[tuple[str, ...]]:
    return [
        step
        for item, entered, left in (("A", "2", at[0]), ("B", "3", at[1]), ("C", last, at[2]))
        for step in ((item, "1", "Doing"), (item, entered, "Queue"), (item, left, "Done"))
    ]


def test_three_that_leave_together_waited_for_the_last_of_them() -> None:
    # C came on the 6th: A waited for it 4 days (2nd–6th), B 3 (3rd–6th), C not at all; then all three 2 days.
    assert days(causes(batch())) == {"batching": 7.0, "unexplained": 6.0}


def test_two_are_no_batch_nor_three_in_two_minutes_nor_three_by_different_people() -> None:
    assert "batching" not in days(causes(batch()[:6]))
    assert "batching" not in days(causes(batch(at=("8T09:07", "8T09:07", "8T09:08"))))
    rows = [(*step, f"p{index}" if step[2] == "Done" else "p") for index, step in enumerate(batch())]
    assert "batching" not in days(causes(rows))


def test_without_times_of_day_leaving_together_says_nothing() -> None:
    rows = [(item, f"{day.partition('T')[0]}T00:00", state) for item, day, state in batch()]
    found = causes(rows)
    assert answer(found, "batching") == ("undefined", "times_too_coarse", None)
    assert days(found) == {"unexplained": 13.0}


def test_who_came_later_and_left_earlier_was_preferred() -> None:
    # B came on the 4th and left on the 5th: from then on A (2nd–8th) waits because others were preferred, 3 days; the
    # 3 days before and B's own day are unexplained.
    rows = [*LIFE, ("B", "3", "Doing"), ("B", "4", "Queue"), ("B", "5", "Doing"), ("B", "6", "Done")]
    assert days(causes(rows)) == {"prioritisation": 3.0, "unexplained": 3.0 + 1.0}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("B", "4", "Queue"), ("B", "5", "Dropped")], "cancelled, not preferred"),
        ([("B", "4", "Queue"), ("B", "4", "Doing")], "passed through without waiting"),
        ([("B", "2", "Queue"), ("B", "5", "Doing")], "came at the same moment"),
        ([("B", "4", "Queue"), ("B", "8", "Doing")], "left at the same moment"),
    ],
)
def test_nobody_is_overtaken_by_what_was(rows: list[tuple[str, ...]], why: str) -> None:
    assert "prioritisation" not in days(causes([*LIFE, *rows])), why


def test_a_change_of_type_in_the_queue_is_neither_an_entry_nor_a_way_out() -> None:
    # B has been in the queue since the 1st; retyped on the 4th, it has still not come later than A.
    rows = [*LIFE, ("B", "1", "Queue"), ("B", "7", "Doing")]
    assert "prioritisation" not in days(causes(rows, changes=[("B", "4", "type", "Bug", "Story")]))


def test_a_lowered_priority_puts_back() -> None:
    found = causes(LIFE, changes=[("A", "5", "priority", "High", "Low"), ("A", "6", "priority", "Low", "High")])
    assert days(found) == {"unexplained": 3.0, "prioritisation": 3.0}
    assert days(causes(LIFE, changes=[("A", "5", "priority", "Low", "High")])) == {"unexplained": 6.0}


def test_from_one_person_to_another_is_a_hand_off() -> None:
    people = ("x", "x", "y", "y")
    rows = [(*step, person) for step, person in zip(LIFE, people, strict=True)]
    assert days(causes(rows)) == {"hand_off": 6.0}
    alone = [(*step, "x") for step in LIFE]
    assert days(causes(alone)) == {"unexplained": 6.0}


def test_a_changed_assignee_is_a_hand_off_and_a_first_one_is_not() -> None:
    assert days(causes(LIFE, changes=[("A", "4", "assignee", "x", "y")])) == {"hand_off": 6.0}
    assert days(causes(LIFE, changes=[("A", "4", "assignee", None, "y")])) == {"unexplained": 6.0}
    # Known from the change before, where the source does not say what was there.
    told = [("A", "1T10:00", "team", None, "North"), ("A", "8", "team", None, "South")]
    assert days(causes(LIFE, changes=told)) == {"hand_off": 6.0}


def test_what_lies_between_the_first_and_last_comment_is_asking() -> None:
    asked = [("A", "3", "comment_count", "0", "1"), ("A", "4", "comment_count", "1", "2"),
             ("A", "7", "comment_count", "2", "3")]  # fmt: skip
    assert days(causes(LIFE, changes=asked)) == {"status_query": 4.0, "unexplained": 2.0}
    # One comment has no length, and one together with a transition is none of asking.
    assert days(causes(LIFE, changes=asked[:1])) == {"unexplained": 6.0}
    assert days(causes(LIFE, changes=[*asked[:1], ("A", "8", "comment_count", "1", "2")])) == {"unexplained": 6.0}


def busy(person: str = "x") -> list[tuple[str, ...]]:
    """X works on B from the 3rd to the 5th and on C from the 4th to the 6th: busy for 3 days, not 4."""
    return [("B", "3", "Doing", person), ("B", "5", "Done", person), ("C", "4", "Doing", person),
            ("C", "6", "Done", person)]  # fmt: skip


def test_who_takes_the_item_up_was_busy_with_other_items() -> None:
    alone = [(*step, "x") for step in LIFE]
    assert days(causes([*alone, *busy()])) == {"contention": 3.0, "unexplained": 3.0}
    assert days(causes([*alone, *busy("y")])) == {"unexplained": 6.0}


def test_busy_in_another_stream_is_not_seen_so_that_streams_add_up() -> None:
    rows = [*((*step, "x") for step in LIFE), *busy()]
    found = causes(rows, stream={"A": "One", "B": "Two", "C": "Two"})
    assert days(found) == {"unexplained": 6.0}


def test_off_hours_are_what_is_left_at_night_and_at_the_weekend() -> None:
    # Monday 5 to Tuesday 6 January 2026, 09:00 UTC each = 10:00 in Berlin; the 6th is no holiday in all of Germany.
    # 24 hours, of which 10:00–17:00 and 09:00–10:00 = 8 are working hours: 16 hours off.
    rows = [("A", "5T08:07", "Doing"), ("A", "5T09:00", "Queue"), ("A", "6T09:00", "Doing"), ("A", "6T10:07", "Done")]
    found = causes(rows, waiting_calendar=built_in_calendar("de"))
    assert days(found) == {"calendar": pytest.approx(16 / 24), "unexplained": pytest.approx(8 / 24)}


def test_a_busy_night_is_no_off_hours_twice() -> None:
    # X is busy from 12:00 to 22:00 Berlin time: 5 working hours and 5 off; off-hours left: 16 − 5 = 11; 8 − 5 = 3 left.
    rows = [("A", "5T08:07", "Doing"), ("A", "5T09:00", "Queue"), ("A", "6T09:00", "Doing"), ("A", "6T10:07", "Done"),
            ("B", "5T11:00", "Doing"), ("B", "5T21:00", "Done")]  # fmt: skip
    found = causes([(*step, "x") for step in rows], waiting_calendar=built_in_calendar("de"))
    hours = {cause: round(one * 24, 9) for cause, one in days(found).items()}
    assert hours == {"contention": 10.0, "calendar": 11.0, "unexplained": 3.0}


def test_a_log_of_working_time_has_no_off_hours() -> None:
    rows = [("A", "5T08:07", "Doing"), ("A", "5T09:00", "Queue"), ("A", "6T09:00", "Doing"), ("A", "6T10:07", "Done")]
    found = causes(rows, calendar=built_in_calendar("de"), waiting_calendar=built_in_calendar("de"))
    assert days(found) == {"unexplained": 1.0}  # 8 working hours are one working day
    assert found.unit == "working_days"
    assert answer(found, "calendar") == ("undefined", "log_measures_working_time", None)


def test_open_items_are_listed_apart_up_to_now() -> None:
    rows = [*LIFE, ("B", "10", "Doing"), ("B", "11", "Queue")]
    found = causes(rows, as_of="2026-01-14T09:07")
    assert (days(found), days(found, is_open=True)) == ({"unexplained": 6.0}, {"unexplained": 3.0})
    assert (found.n, found.open_n, found.wait_days, found.open_wait_days) == (1, 1, 6.0, 3.0)
    assert found.items.select("item", "open", "wait_days", "cause").rows() == [
        (1, False, 6.0, "unexplained"),
        (2, True, 3.0, "unexplained"),
    ]


def test_paused_time_and_time_before_the_start_are_no_wait() -> None:
    rows = [("A", "1", "Queue"), ("A", "2", "Doing"), ("A", "3", "Parked"), ("A", "6", "Queue"), ("A", "7", "Done")]
    assert days(causes(rows)) == {"unexplained": 1.0}


def test_a_reopened_item_waits_in_done_and_is_overtaken_by_nobody_there() -> None:
    rows = [("A", "1", "Doing"), ("A", "2", "Done"), ("A", "6", "Doing"), ("A", "7", "Done"), ("B", "2", "Doing"),
            ("B", "3", "Done"), ("B", "4", "Doing"), ("B", "5", "Done")]  # fmt: skip
    assert days(causes(rows)) == {"unexplained": 4.0 + 1.0}


def test_a_cause_without_evidence_is_not_configured_and_never_0() -> None:
    found = causes(LIFE)
    assert answer(found, "blocked") == ("not_configured", "no_block_evidence", None)
    assert answer(found, "hand_off") == ("not_configured", "no_handover_evidence", None)
    assert answer(found, "status_query") == ("not_configured", "no_comment_evidence", None)
    assert answer(found, "contention") == ("not_configured", "no_actor_evidence", None)
    assert answer(found, "calendar") == ("not_configured", "no_waiting_calendar", None)
    assert answer(found, "approval") == ("not_configured", "no_approval_states", None)
    assert answer(found, "prioritisation") == ("value", None, 0.0)


def test_the_kinds_of_answers() -> None:
    assert (causes([("A", "1", "Open")]).status, causes([("A", "1", "Open")]).reason) == (
        Status.NO_DATA,
        "nothing_started_or_finished",
    )
    adding = causes(LIFE, policy=built_in_policy("process_time"))
    assert (adding.status, adding.reason) == (Status.UNDEFINED, "policy_adds_up_states")
    log = log_of_rows([("A", "2026-01-01", "Queue")], load_workflow("states: {Queue: waiting, Done: done}"))
    unmapped = wait_causes(log, built_in_policy("commitment_to_done"))
    assert (unmapped.status, unmapped.reason) == (Status.NOT_CONFIGURED, "no_active_states")
    early = wait_causes(log_of_rows([(a, f"2026-01-0{b}", c) for a, b, c in LIFE], WORKFLOW), POLICY, from_us=2**60)
    assert (early.status, early.reason) == (Status.NO_DATA, "nothing_started_or_finished")


def test_the_period_chooses_finished_items() -> None:
    rows = [(item, f"2026-01-{int(day):02}", state) for item, day, state in LIFE]
    log = log_of_rows(rows, WORKFLOW)
    ninth = log.as_of_us
    assert wait_causes(log, POLICY, from_us=ninth).n == 1
    assert wait_causes(log, POLICY, until_us=ninth).n == 0
    assert wait_causes(replace(log, streams=frozenset({"Example"})), POLICY).wait_days == 6.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Waiting for vendor", "supplier"),
        ("Rückfrage beim Fachbereich", "information"),
        ("Testumgebung fehlt", "environment"),
        ("Umgebung nicht erreichbar", "environment"),
        ("wartet auf Genehmigung durch Frau Müller", "approval"),
        ("x" * 1_000_000, "other"),
        ("nein", ""),
        ("\x00", "other"),
    ],
)
def test_flags_become_codes(text: str, reason: str) -> None:
    assert REASONS[reason_number(text)] == reason


@pytest.mark.parametrize(
    ("field", "before", "after", "expected"),
    [
        ("priority", "1 - Critical", "3 - Moderate", True),
        ("priority", "P3", "P1", False),
        ("priority", "P1", "Low", False),
        ("priority", "", "Low", False),
        ("priority", "Hoch", "Niedrig", True),
        ("rank", "0|i0002:", "0|i000b:", True),
        ("rank", "0|i000b:", "0|i0002:", False),
        ("rank", "", "Ranked higher", False),
        ("rank", "12", "9", False),
    ],
)
def test_lowered_is_what_tools_write(field: str, before: str, after: str, expected: bool) -> None:
    assert lowered(field, before, after) is expected
