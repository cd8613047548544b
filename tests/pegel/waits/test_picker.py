"""The start-small picker: lost hours and baselines by hand, and what it refuses to call proven."""

from __future__ import annotations

import pytest

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.waits.bottlenecks import bottlenecks
from pegel.waits.picker import Pace, start_small
from pegel.waits.stages import stage_sums
from tests.pegel.waits.flows import FIRST, POLICY, WORKFLOW, day, planted


def test_the_pick_is_the_step_that_loses_most_hours_per_week_with_its_baseline():
    # Five items a week: Review 2 days each = 10 days = 240 hours a week; Queue 0.5 each = 60 hours; work is even.
    log = planted(lambda *_: [("Doing", 1), ("Review", 2), ("Queue", 0.5), ("Done", 0)])
    found = start_small(log, POLICY)
    assert [(step.phase, step.state, step.lost_hours_per_week.value) for step in found.steps] == [
        ("execution", "Review", pytest.approx(240.0)),
        ("planning", "Queue", pytest.approx(60.0)),
    ]
    pick = found.pick
    assert pick is not None
    assert (pick.state, pick.proven, pick.items, pick.share_of_stream) == ("Review", True, 60, pytest.approx(2 / 3.5))
    base = pick.baseline
    assert (base.n, base.n_per_week, base.weeks_with_data, base.sufficient) == (60, 5.0, 12, True)
    # Every item takes exactly 2 days: nothing scatters.
    for figure in (base.mean, base.p50, base.p85):
        assert (figure.value, figure.low, figure.high) == pytest.approx((2.0, 2.0, 2.0))
    assert base.by_week["n"].to_list() == [5] * 12
    assert found.by_phase.select("phase", "hours_per_week").rows() == [
        ("execution", pytest.approx(240.0)),
        ("planning", pytest.approx(60.0)),
    ]


def test_the_interval_of_the_baseline_holds_its_figure_and_grows_with_the_scatter():
    calm = start_small(planted(lambda week, n: [("Doing", 1), ("Review", 2 + 0.1 * (week % 2)), ("Done", 0)]), POLICY)
    wild = start_small(planted(lambda week, n: [("Doing", 1), ("Review", 1 + 2 * (week % 2)), ("Done", 0)]), POLICY)
    widths = []
    for found in (calm, wild):
        mean = found.steps[0].baseline.mean
        assert mean.low is not None
        assert mean.high is not None
        assert mean.low < mean.value < mean.high
        widths.append(mean.high - mean.low)
    assert widths[1] > 10 * widths[0]


def test_the_reference_is_the_last_twelve_full_weeks():
    log = planted(lambda *_: [("Doing", 1), ("Review", 2), ("Done", 0)], weeks=20, until_week=20)
    found = start_small(log, POLICY)
    week = 7 * 86_400_000_000
    first = round(FIRST.timestamp() * 1_000_000)
    assert (found.from_us, found.until_us) == (first + 8 * week, first + 20 * week)
    assert found.n == 60
    chosen = start_small(log, POLICY, from_us=first, until_us=first + 20 * week)
    assert (chosen.n, chosen.weeks) == (100, 20.0)


@pytest.mark.parametrize(
    ("weeks", "per_week", "reason"), [(12, 2, "too_few_items"), (7, 10, "too_few_weeks"), (10, 3, None)]
)
def test_a_baseline_needs_thirty_items_and_eight_weeks(weeks: int, per_week: int, reason: str | None):
    log = planted(lambda *_: [("Doing", 1), ("Review", 2), ("Done", 0)], weeks=weeks, per_week=per_week)
    found = start_small(log, POLICY)
    step = found.steps[0]
    assert (step.baseline.sufficient, step.baseline.reason) == (reason is None, reason)
    assert (found.pick is None) == (reason is not None)
    assert found.pick_reason == (None if reason is None else "none_proven")
    assert (step.baseline.p85.low is None) == (reason is not None)


def test_a_step_that_few_items_pass_is_not_proven_though_the_stream_has_enough():
    # 60 items finish, 12 of them wait in Queue: the longest, the largest loss, and too few for a baseline.
    log = planted(lambda _, n: [("Doing", 0.5), ("Review", 0.3), *([("Queue", 3)] if n == 0 else []), ("Done", 0)])
    found = start_small(log, POLICY)
    assert [(step.state, step.proven) for step in found.steps] == [("Queue", False), ("Review", True)]
    assert found.pick is not None
    assert found.pick.state == "Review"


def test_a_loss_below_a_twentieth_of_the_flow_time_is_not_too_slow():
    log = planted(lambda *_: [("Doing", 4), ("Review", 0.1), ("Done", 0)])
    found = start_small(log, POLICY)
    assert [(step.state, step.proven) for step in found.steps] == [("Review", False)]
    assert found.pick_reason == "none_proven"


def test_steps_without_a_phase_are_listed_apart():
    log = planted(lambda *_: [("Doing", 1), ("Review", 1), ("Side", 2), ("Done", 0)])
    found = start_small(log, POLICY)
    assert [step.state for step in found.steps] == ["Review"]
    # Side: five items of 2 days are 240 hours a week.
    assert found.not_configured.select("state", "hours_per_week").rows() == [("Side", pytest.approx(240.0))]


def test_without_any_phase_it_is_not_configured():
    plain = load_workflow("{status: suggested, states: {Doing: active, Review: waiting, Done: done}}")
    rows = [("A", day(0), "Doing"), ("A", day(1), "Review"), ("A", day(2), "Done")]
    found = start_small(log_of_rows(rows, plain, as_of=day(7)), POLICY)
    assert (found.status, found.reason, found.pick) == (Status.NOT_CONFIGURED, "no_phases_mapped", None)
    assert found.not_configured["state"].to_list() == ["Review"]
    assert found.workflow_status == "suggested"


def test_time_after_a_first_end_is_no_step():
    log = planted(lambda *_: [("Doing", 0.5), ("Done", 2), ("Doing", 0.5), ("Done", 0)])
    assert start_small(log, POLICY).steps == ()
    assert start_small(log, POLICY).pick_reason == "nothing_lost"


def test_answers_that_are_no_value_are_handed_on():
    open_only = log_of_rows([("A", day(0), "Doing")], WORKFLOW, as_of=day(14))
    assert start_small(open_only, POLICY).reason == "nothing_finished"
    log = planted(lambda *_: [("Doing", 1), ("Done", 0)])
    assert start_small(log, BUILT_IN["process_time"]).status is Status.UNDEFINED


@pytest.mark.parametrize(
    ("review", "pace"),
    [
        (lambda week: 1 + 0.2 * week, Pace.SLOWER),
        (lambda week: 4 - 0.2 * week, Pace.QUICKER),
        (lambda week: 1 + week % 2, Pace.STEADY),
    ],
)
def test_the_trend_of_a_step(review, pace: Pace):
    log = planted(lambda week, _: [("Doing", 0.5), ("Review", review(week)), ("Done", 0)])
    assert start_small(log, POLICY).steps[0].pace is pace


def test_lost_hours_are_working_hours_where_a_calendar_is_set():
    # From Friday noon to Monday noon (UTC) is one working day of eight hours in Germany, and 72 hours by the clock.
    calendar = built_in_calendar("de")
    rows = []
    for week in range(2):
        start = 7 * week + 3
        rows += [
            (f"I{week}", day(start), "Doing"),
            (f"I{week}", day(start + 1.5), "Review"),
            (f"I{week}", day(start + 4.5), "Done"),
        ]
    # Both stop in the weeks after they began: weeks 2 and 3 of January have no holiday.
    worked = log_of_rows(rows, WORKFLOW, as_of=day(21), calendar=calendar)
    found = start_small(worked, POLICY, from_us=_us(7), until_us=_us(21))
    assert found.unit == "working_days"
    assert found.steps[0].lost_hours_per_week.value == pytest.approx(8.0)
    elapsed = log_of_rows(rows, WORKFLOW, as_of=day(21))
    assert start_small(elapsed, POLICY, from_us=_us(7), until_us=_us(21)).steps[0].lost_hours_per_week.value == 72.0


def test_sums_and_ranking_that_are_there_already_are_used():
    log = planted(lambda week, _: [("Doing", 1), ("Review", 1 + week % 3), ("Done", 0)])
    sums = stage_sums(log, POLICY)
    shared = start_small(log, POLICY, sums=sums, ranked=bottlenecks(log, POLICY, sums=sums))
    alone = start_small(log, POLICY)
    assert shared.pick is not None
    assert alone.pick is not None
    assert shared.pick.lost_hours_per_week == alone.pick.lost_hours_per_week
    assert shared.pick.baseline.p85 == alone.pick.baseline.p85


def _us(days: int) -> int:
    return round((FIRST.timestamp() + days * 86_400) * 1_000_000)
