"""The three lists by hand: six items around the first quarter of 2026.

        came        started     ended
    A   1 Dec 25    10 Dec 25   20 Jan (cancelled)   planned; 41 days in it
    B   20 Dec 25   5 Jan       25 Jan (done)        planned; priority changed on 10 Jan: 20 days
    C   10 Jan      12 Jan      22 Jan (done)        unplanned: 10 days
    D   1 Feb       3 Feb       open                 unplanned; its estimate is filled in, then changed on 5 Feb
    E   5 Feb       –           9 Feb (cancelled)    never started
    F   10 Feb      –           –                    only came in
The log ends on 13 February: D has 10 days.
"""

from __future__ import annotations

from typing import Any

import pytest

from pegel.errors import InputError
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.quarters import Quarter, QuarterReview, quarter_named, quarter_review, quarter_reviews
from pegel.words.numbers import percent
from pegel.words.quarters import list_sentence

WORKFLOW = load_workflow("states: {Open: new, Doing: active, Waits: waiting, Done: done, Dropped: cancelled}")
POLICY = built_in_policy("first_active_to_last_done")
Q1 = Quarter(year=2026, number=1)
ROWS = [
    ("A", "2025-12-01", "Open"), ("A", "2025-12-10", "Doing"), ("A", "2026-01-20", "Dropped"),
    ("B", "2025-12-20", "Open"), ("B", "2026-01-05", "Doing"), ("B", "2026-01-25", "Done"),
    ("C", "2026-01-10", "Open"), ("C", "2026-01-12", "Doing"), ("C", "2026-01-22", "Done"),
    ("D", "2026-02-01", "Open"), ("D", "2026-02-03", "Doing"),
    ("E", "2026-02-05", "Open"), ("E", "2026-02-09", "Dropped"),
    ("F", "2026-02-10", "Open"),
]  # fmt: skip
CHANGES = [
    ("B", "2026-01-10", "priority", "Low", "High"),
    ("D", "2026-02-04", "estimate", None, "3"),
    ("D", "2026-02-05", "estimate", None, "8"),  # the value before is known from the day before
    ("C", "2026-01-11", "priority", "Low", "High"),  # before its start
    ("A", "2026-01-21", "priority", "Low", "High"),  # after its end
    ("C", "2026-01-15", "priority", "High", "High"),  # nothing changed
    ("C", "2026-01-15", "assignee", "p-1", "p-2"),  # not what this is about
    ("A", "2025-12-15", "sprint", "1", "2"),  # in the quarter before
]


def log(**options: Any) -> FlowLog:
    given = {"as_of": "2026-02-13", "changes": CHANGES, **options}
    return log_of_rows(given.pop("rows", ROWS), given.pop("workflow", WORKFLOW), **given)


def review(found: FlowLog, quarter: Quarter = Q1) -> QuarterReview:
    return quarter_review(found, attribute(found, POLICY, item_windows(found, POLICY)), quarter)


def listed(found: QuarterReview, name: str) -> tuple[Any, ...]:
    one = found.lists[name]
    return (one.n, one.of, one.days, one.not_started, one.items["item"].to_list())


def test_the_three_lists_by_hand() -> None:
    found = review(log())
    assert found.running
    # A, B, C and D were in progress at some moment of the quarter: 4.
    assert listed(found, "unplanned_work") == (2, 4, 20.0, 0, [3, 4])
    assert listed(found, "changed_work") == (2, 4, 30.0, 0, [2, 4])
    assert listed(found, "cancelled_work") == (1, 4, 41.0, 1, [1, 5])
    assert found.lists["unplanned_work"].share == 0.5
    assert dict(found.lists["changed_work"].items.select("item", "what").iter_rows()) == {2: "priority", 4: "estimate"}
    assert found.lists["cancelled_work"].items["what"].to_list() == ["cancelled", "cancelled"]
    assert found.lists["cancelled_work"].items["started"].to_list() == [True, False]


def test_the_quarter_before_begins_before_the_data() -> None:
    found = review(log(), Q1.before)
    assert (found.lists["unplanned_work"].status, found.lists["unplanned_work"].reason) == (
        Status.NO_DATA, "log_begins_later",
    )  # fmt: skip
    # A was in progress and its sprint changed; 10 to 31 December: 22 days of it by the end of the quarter.
    assert listed(found, "changed_work") == (1, 1, 22.0, 0, [1])
    assert listed(found, "cancelled_work") == (0, 1, 0.0, 0, [])
    assert not found.running


def test_what_cannot_be_seen_is_not_configured_and_never_zero() -> None:
    bare = load_workflow("states: {Doing: active, Done: done}")
    rows = [("A", "2025-12-10", "Doing"), ("A", "2026-01-20", "Done"), ("B", "2026-01-10", "Doing")]
    found = review(log(rows=rows, workflow=bare, changes=[]))
    told = {name: (one.status, one.reason) for name, one in found.lists.items()}
    assert told == {
        "unplanned_work": (Status.NOT_CONFIGURED, "no_backlog"),
        "changed_work": (Status.NOT_CONFIGURED, "no_field_changes"),
        "cancelled_work": (Status.NOT_CONFIGURED, "no_cancelled_states"),
    }


def test_a_quarter_without_data_has_none() -> None:
    found = review(log(), Quarter(year=2027, number=1))
    assert {one.status for one in found.lists.values()} == {Status.NO_DATA}


def test_deleted_work_is_cancelled_work() -> None:
    rows = [*ROWS, ("F", "2026-02-11", "Doing"), ("F", "2026-02-12", "(deleted)")]
    found = review(log(rows=rows)).lists["cancelled_work"]
    assert dict(found.items.select("item", "what").iter_rows())[6] == "deleted"
    assert (found.n, found.days) == (2, 42.0)


def test_every_quarter_of_a_log_the_latest_first() -> None:
    found = log()
    windows = attribute(found, POLICY, item_windows(found, POLICY))
    assert [one.quarter.name for one in quarter_reviews(found, windows)] == ["2026-Q1", "2025-Q4"]
    assert [one.quarter.name for one in quarter_reviews(found, windows, most=1)] == ["2026-Q1"]


@pytest.mark.parametrize("name", ["", "2026", "2026-Q5", "2026-Q0", "Q1-2026", "0000-Q1", "2026-Q1 ", "9" * 5000])
def test_what_is_no_quarter_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        quarter_named(name)
    assert caught.value.code == "quarter_unknown"


def test_sentences_in_both_languages() -> None:
    values: dict[str, Any] = {"n": 2, "share": 0.5, "days": 20.0, "unit": "days", "before": (1, 0.25)}
    assert list_sentence("unplanned_work", "de", **values) == (
        f"2 Arbeitseinheiten kamen ungeplant dazu und wurden im Quartal begonnen: {percent(0.5, 'de')} der Arbeit, "
        f"20 Tage stecken darin. Im Quartal davor: eine ({percent(0.25, 'de')})."
    )
    assert list_sentence("cancelled_work", "en", n=0, share=0.0, days=0, unit="days", not_started=2).endswith(
        "2 more were cancelled or deleted before anybody started them."
    )
    assert list_sentence("changed_work", "en", n=0, share=None, days=0, unit="days") == (
        "Nothing was in progress in this quarter."
    )
