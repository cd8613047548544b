"""Each defect is planted by hand and found in the right amount; a clean log shows nothing."""

from __future__ import annotations

from typing import Any

import pytest

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.quality import QualityReport, quality_report
from pegel.quality.catalogue import CODES

WORKFLOW = load_workflow(
    "states: {Open: new, Doing: active, Waits: waiting, Hold: ignored, Done: done, Dropped: cancelled}"
)
POLICY = built_in_policy("first_active_to_last_done")


def life(item: str, day: int = 1) -> list[tuple[str, str, str]]:
    """Return a flawless life of four days of work."""
    return [
        (item, f"2026-01-{day:02}T08:00", "Open"),
        (item, f"2026-01-{day + 1:02}T08:00", "Doing"),
        (item, f"2026-01-{day + 5:02}T08:00", "Done"),
    ]


CLEAN = [*life("clean 1"), *life("clean 2", 3)]


def checked(rows: list[tuple[str, ...]], **options: Any) -> QualityReport:
    return quality_report(log_of_rows(rows, WORKFLOW, **{"as_of": "2026-03-31", **options}), POLICY)


def found(report: QualityReport) -> dict[str, list[int]]:
    return {code: report.items_of(code) for code in CODES if report.check(code).found}


def test_a_clean_log_shows_nothing() -> None:
    report = checked(CLEAN)
    assert found(report) == {}
    assert (report.grade, report.doubtful, report.wrong, report.items) == ("clean", 0, 0, 2)
    assert report.check("change_after_done").items == 0
    assert report.check("change_after_done").without is None
    assert report.without_doubtful == report.figures


#: Name, rows of item 3, checks that find it.
PLANTED: list[tuple[str, list[tuple[str, str]], set[str]]] = [
    ("skipped", [("01T08:00", "Open"), ("09T08:00", "Done")], {"done_without_start"}),
    (
        "done, then begun and done again",
        [("01T08:00", "Open"), ("02T08:00", "Done"), ("03T08:00", "Doing"), ("05T08:00", "Done")],
        {"done_before_start", "change_after_done", "backwards_states"},
    ),
    (
        "reopened",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("03T08:00", "Done"), ("04T08:00", "Waits")],
        {"change_after_done"},
    ),
    (
        "put away after it was done",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("03T08:00", "Done"), ("04T08:00", "Hold")],
        {"not_visible"},
    ),
    (
        "put back",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("03T08:00", "Open"), ("04T08:00", "Dropped")],
        {"backwards_categories", "backwards_states"},
    ),
    (
        "back and forth",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("03T08:00", "Waits"), ("04T08:00", "Doing")],
        {"backwards_states"},
    ),
    ("born at work", [("01T08:00", "Doing"), ("02T08:00", "Done")], {"created_in_wrong_state"}),
    ("born waiting", [("01T08:00", "Waits"), ("02T08:00", "Doing")], set()),
    ("held for 29 days", [("01T08:00", "Open"), ("02T08:00", "Hold"), ("31T07:59", "Doing")], set()),
    ("held for 30 days", [("01T08:00", "Open"), ("01T08:01", "Hold"), ("31T08:01", "Doing")], {"not_visible"}),
    (
        "a state that nobody mapped",
        [("01T08:00", "Open"), ("02T08:00", "Odd"), ("03T08:00", "Doing")],
        {"unmapped_states"},
    ),
    (
        "clicked through",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("09T08:00", "Waits"), ("09T08:00:00.999999", "Done")],
        {"same_time"},
    ),
    (
        "a second later",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("09T08:00", "Waits"), ("09T08:00:01", "Done")],
        set(),
    ),
    (
        "at the very same moment",
        [("01T08:00", "Open"), ("02T08:00", "Doing"), ("09T08:00", "Waits"), ("09T08:00", "Done")],
        {"same_time"},
    ),
    ("days only", [("01", "Open"), ("02", "Doing"), ("09T08:00", "Done")], {"dates_without_time"}),
    ("one midnight of three", [("01", "Open"), ("02T08:00", "Doing"), ("09T08:00", "Done")], set()),
    ("nothing but its creation", [("01T08:00", "(created)")], {"no_transitions"}),
]


@pytest.mark.parametrize(("rows", "expected"), [pytest.param(*case[1:], id=case[0]) for case in PLANTED])
def test_a_planted_defect_is_found_once_and_alone(rows: list[tuple[str, str]], expected: set[str]) -> None:
    report = checked([*CLEAN, *(("planted", f"2026-01-{at}", state) for at, state in rows)])
    assert found(report) == {code: [3] for code in expected}
    for code in expected:
        check = report.check(code)
        assert (check.items, check.share, check.examples) == (1, 1 / 3, (3,))
        assert check.streams.rows() == [("Example", 1)]


def test_the_effect_is_computed() -> None:
    # Flow times 4, 4 and 10 days: the median is 4, p85 = 4 + (10 - 4) * 0.7 = 8.2; without the third both are 4.
    rows = [*CLEAN, ("late", "2026-01-01T08:00", "Doing"), ("late", "2026-01-11T08:00", "Done")]
    report = checked(rows)
    check = report.check("created_in_wrong_state")
    assert (report.figures.p50, report.figures.p85, report.figures.finished) == (4.0, pytest.approx(8.2), 3)
    assert check.without is not None
    assert (check.without.p50, check.without.p85, check.without.finished) == (4.0, 4.0, 2)
    assert check.moves == ("timed", "p85", "finished", "per_week", "load_mean")
    assert report.grade == "many"


def test_a_flow_time_that_is_missing_is_bounded() -> None:
    # Known: 4 and 4 days; the skipped one was known for 8 days. p85 of (0, 4, 4) is 4, of (4, 4, 8): 4 + 4 * 0.7.
    report = checked([*CLEAN, ("skipped", "2026-01-01T08:00", "Open"), ("skipped", "2026-01-09T08:00", "Done")])
    limits = {one.figure: (one.low, one.high) for one in report.check("done_without_start").bounds}
    assert limits == {"p50": (4.0, 4.0), "p85": (4.0, pytest.approx(6.8))}


def test_time_in_a_state_without_meaning_bounds_the_efficiency() -> None:
    rows = [("A", "2026-01-01T08:00", "Doing"), ("A", "2026-01-02T08:00", "Odd"), ("A", "2026-01-05T08:00", "Done")]
    report = checked(rows)
    # One day of four was work; if the three in "Odd" were too, all was.
    assert report.figures.efficiency == 0.25
    (limits,) = report.check("unmapped_states").bounds
    assert (limits.figure, limits.low, limits.high) == ("efficiency", 0.25, 1.0)


def test_midnight_is_that_of_the_calendar_too() -> None:
    rows = [("A", "2026-01-04T23:00", "Doing"), ("A", "2026-01-05T23:00", "Done"), *life("B")]
    assert checked(rows).check("dates_without_time").items == 0
    assert checked(rows, calendar=built_in_calendar("de")).items_of("dates_without_time") == [1]


@pytest.mark.parametrize(("count", "expected"), [(9, 0), (10, 10)])
def test_many_at_once_are_ten_in_a_minute(count: int, expected: int) -> None:
    rows = list(CLEAN)
    for number in range(count):
        rows += [
            (f"swept {number}", f"2026-01-{number + 1:02}T09:{number:02}", "Open"),
            (f"swept {number}", f"2026-01-{number + 1:02}T10:{number:02}", "Doing"),
            (f"swept {number}", f"2026-02-20T09:00:{number:02}", "Done"),
        ]
    report = checked(rows)
    assert report.check("mass_closing").items == expected
    assert report.check("mass_creation").items == 0


def test_a_busy_stream_is_no_mass_change() -> None:
    # 300 in one minute and nothing else in its hour: 5 a minute are usual, so 50 or more are a burst.
    burst = [(f"{number}", f"2026-01-05T08:00:{number % 60:02}", "Open") for number in range(300)]
    assert checked(burst).check("mass_creation").items == 300
    # Twelve in each minute of four hours are simply the work: a burst would be 120.
    steady = [
        (f"{number}", f"2026-01-05T{8 + number // 720:02}:{number // 12 % 60:02}:{number % 12:02}", "Open")
        for number in range(2880)
    ]
    assert checked(steady).check("mass_creation").items == 0


def test_parents_and_children() -> None:
    rows = [
        *life("over"), ("open child", "2026-01-02T08:00", "Open"), ("parent", "2026-01-01T08:00", "Open"),
        *life("done child"), *life("good parent"), *life("good child"),
    ]  # fmt: skip
    links = [("over", "parent", "open child"), ("parent", "parent", "done child"),
             ("good parent", "parent", "good child")]  # fmt: skip
    report = checked(rows, links=links)
    assert found(report) == {"open_children": [1], "child_before_parent": [3]}


def test_a_child_that_was_started_before_its_parent() -> None:
    rows = [("parent", "2026-01-03T08:00", "Doing"), ("late child", "2026-01-04T08:00", "Doing"),
            ("early child", "2026-01-02T08:00", "Doing"), ("calm parent", "2026-01-01T08:00", "Doing")]  # fmt: skip
    links = [("parent", "parent", "early child"), ("calm parent", "parent", "late child")]
    assert checked(rows, links=links).items_of("child_started_earlier") == [1]


def test_work_at_rest_whose_blockers_are_over() -> None:
    rows = [
        *life("over"), ("open", "2026-01-01T08:00", "Open"),
        *((name, f"2026-01-0{day}T08:00", state) for name, last in (("rests", "Waits"), ("waits", "Waits"),
          ("works", "Doing")) for day, state in ((1, "Open"), (2, "Hold"), (3, last))),
    ]  # fmt: skip
    links = [("over", "blocks", "rests"), ("over", "blocks", "waits"), ("open", "blocks", "waits"),
             ("over", "blocks", "works")]  # fmt: skip
    assert checked(rows, links=links).items_of("blocked_by_closed") == [3]


def test_a_move_to_another_stream_is_no_return_and_no_click() -> None:
    rows = life("A")
    moves = [("A", "2026-01-03T08:00", "stream", "Claims", "IT"), ("A", "2026-01-04T08:00", "stream", "IT", "Claims"),
             ("A", "2026-01-06T08:00", "stream", "Claims", "IT")]  # fmt: skip
    report = checked([*rows, *life("B")], changes=moves, stream={"A": "IT", "B": "Claims"})
    assert found(report) == {"several_streams": [1]}


def test_what_is_absent_is_not_configured_and_what_is_empty_is_no_data() -> None:
    report = checked(CLEAN)
    reasons = {one.code: (one.status, one.reason) for one in report.checks if one.status is not Status.VALUE}
    assert reasons == {
        **dict.fromkeys(
            ("negative_span", "future_time", "history_begins_late", "history_with_gap", "conflicting_records"),
            (Status.NOT_CONFIGURED, "no_lake_facts"),
        ),
        **dict.fromkeys(
            ("history_truncated", "rows_rejected", "import_warnings"), (Status.NOT_CONFIGURED, "no_import_facts")
        ),
        **dict.fromkeys(
            ("open_children", "child_before_parent", "child_started_earlier"), (Status.NOT_CONFIGURED, "no_parents")
        ),
        "blocked_by_closed": (Status.NOT_CONFIGURED, "no_blocked_links"),
    }
    nothing = checked(CLEAN, as_of="2025-12-31")
    assert (nothing.status, nothing.reason, nothing.grade, nothing.items) == (
        Status.NO_DATA, "nothing_to_check", "clean", 0,
    )  # fmt: skip
    assert nothing.check("same_time").status is Status.NO_DATA
    unclear = load_workflow("states: {Doing: active, Done: done}")
    log = log_of_rows([("A", "2026-01-01T08:00", "Doing"), ("A", "2026-01-02T08:00", "Done")], unclear)
    check = quality_report(log, POLICY).check("created_in_wrong_state")
    assert (check.status, check.reason) == (Status.NOT_CONFIGURED, "no_new_states")
