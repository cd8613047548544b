"""Moving load: against arithmetic where weeks never differ, and against a closed form where they do."""

from __future__ import annotations

import pytest

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import attribute, item_windows, log_of_rows
from pegel.flow.answer import Status
from pegel.network.load_transfer import Compared, LoadTransfer, WeeklyFlow, load_transfer, weekly_flow
from pegel.words.load_transfer import transfer_sentences

POLICY = built_in_policy("first_active_to_last_done")


def flow(stream: str, load: int, arrivals: int, departures: int, *, least: int = 0, weeks: int = 8) -> WeeklyFlow:
    return WeeklyFlow(
        stream=stream, load=load, arrivals=(arrivals,) * weeks, departures=(departures,) * weeks, least_load=least
    )


def measure(found: LoadTransfer, side: int, name: str) -> Compared:
    return next(one for one in found.sides[side].measures if one.measure == name)


def test_weeks_that_never_differ_are_arithmetic() -> None:
    # D/D/1: 10 in progress, 5 come and 5 leave a week: Little's law says 10 / 5 = 2 weeks = 14 days.
    found = load_transfer(flow("IT", 10, 5, 5), flow("Claims", 4, 2, 2), items_per_week=1)
    assert measure(found, 0, "load").before.middle == 10
    assert measure(found, 0, "p50_days").before.middle == 14.0
    # 4 come, 5 can leave: one fewer each week, nothing left after ten weeks, then 4 a week: (10 · 5 + 16 · 4) / 26.
    assert measure(found, 0, "load").after.middle == 0
    assert measure(found, 0, "departures").after.middle == pytest.approx(114 / 26)
    # 3 come, 2 leave: one more each week for 26 weeks.
    taker = measure(found, 1, "load")
    assert (taker.before.middle, taker.after.middle, taker.difference.middle) == (4, 30, 26)
    assert measure(found, 2, "load").after.middle == 30
    # No week differs from another, so every difference is more than the usual up and down.
    assert not taker.usual


def test_flow_time_while_the_load_grows() -> None:
    # From 0, 3 come and 2 leave a week. The item in the middle of week 20's departures is number 2 · 19.5 = 39; it came
    # at 39 / 3 = 13 weeks and leaves at 19.5: 6.5 weeks. Of weeks 14 to 26 the middle one is week 20.
    found = load_transfer(flow("A", 0, 2, 2), flow("B", 0, 2, 2), items_per_week=1)
    assert measure(found, 1, "p50_days").after.middle == pytest.approx(6.5 * 7)


def test_capacity_that_goes_along_keeps_both_even() -> None:
    found = load_transfer(flow("A", 10, 5, 5), flow("B", 4, 2, 2), items_per_week=1, capacity_share=0.2)
    assert measure(found, 0, "load").after.middle == 10
    assert measure(found, 1, "load").after.middle == 4
    assert measure(found, 2, "departures").difference.middle == 0


def test_what_is_in_hand_never_goes_away() -> None:
    # In the emptiest week there were 10: with 4 instead of 5 arrivals 8 of them stay, and work still takes 14 days.
    found = load_transfer(flow("A", 10, 5, 5, least=10), flow("B", 4, 2, 2), items_per_week=1)
    assert measure(found, 0, "load").after.middle == 8
    assert measure(found, 0, "p50_days").after.middle == pytest.approx(14.0)


def test_against_the_closed_form_of_a_queue_with_chance() -> None:
    # Geo/Geo/1: one comes with p = 0.3, one can leave with q = 0.5, independently; the load is geometric with
    # ρ = p(1 − q) / (q(1 − p)) = 0.15 / 0.35 = 3/7. P(load = 0) = 4/7, P(≤ 1) = 1 − ρ² = 0.816, P(≤ 2) = 0.921.
    pairs = [(int(n % 10 < 3), int(n // 10 < 5)) for n in range(100)]
    random = WeeklyFlow(
        stream="A", load=0, arrivals=tuple(one for one, _ in pairs), departures=tuple(two for _, two in pairs)
    )
    found = load_transfer(random, flow("B", 0, 1, 1, weeks=100), items_per_week=0, horizon_weeks=150, runs=4000)
    load = measure(found, 0, "load").before
    assert (load.low, load.middle, load.high) == (0, 0, 2)
    # What comes leaves in the long run: 0.3 a week.
    assert measure(found, 0, "departures").before.middle == pytest.approx(0.3, abs=0.01)


def test_a_difference_within_the_up_and_down_is_called_that() -> None:
    wild = WeeklyFlow(stream="A", load=100, arrivals=(0, 40) * 10, departures=(35, 5) * 10)
    calm = WeeklyFlow(stream="B", load=100, arrivals=(0, 40) * 10, departures=(35, 5) * 10)
    found = load_transfer(wild, calm, items_per_week=1)
    assert measure(found, 0, "load").usual
    assert "smaller than the usual up and down" in transfer_sentences(found, "en")[1]
    assert "kleiner als das übliche Auf und Ab" in transfer_sentences(found, "de")[1]


def test_the_same_question_has_the_same_answer() -> None:
    pair = flow("A", 3, 2, 1), WeeklyFlow(stream="B", load=1, arrivals=tuple(range(8)), departures=(3,) * 8)
    assert load_transfer(*pair, items_per_week=2, seed=4) == load_transfer(*pair, items_per_week=2, seed=4)


def test_no_more_moves_than_there_is() -> None:
    found = load_transfer(flow("A", 5, 2, 2), flow("B", 0, 1, 9), items_per_week=50)
    assert measure(found, 1, "departures").after.middle == 3.0


def test_few_weeks_say_nothing_and_nonsense_is_refused() -> None:
    short = load_transfer(flow("A", 1, 1, 1, weeks=7), flow("B", 1, 1, 1), items_per_week=1)
    assert (short.status, short.reason, short.sides) == (Status.NO_DATA, "too_few_shared_weeks", ())
    for wrong in ({"items_per_week": -1}, {"items_per_week": 1, "capacity_share": 1.5}):
        with pytest.raises(ValueError, match="between 0 and 1"):
            load_transfer(flow("A", 1, 1, 1), flow("B", 1, 1, 1), **wrong)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ValueError, match="two different"):
        load_transfer(flow("A", 1, 1, 1), flow("A", 1, 1, 1), items_per_week=1)


def test_weekly_flow_counts_whole_weeks() -> None:
    # 5 January 2026 is a Monday. The week in which a stream begins is not whole unless it begins with it.
    workflow = load_workflow("states: {Doing: active, Done: done}")
    rows = [
        ("A", "2026-01-05", "Doing"), ("A", "2026-01-14", "Done"),  # comes in week 1, leaves in week 2
        ("B", "2026-01-06", "Doing"),
        ("C", "2026-01-20", "Doing"), ("C", "2026-01-21", "Done"),  # week 3
        ("D", "2026-01-27", "Doing"),  # week 4 is not over
    ]  # fmt: skip
    log = log_of_rows(rows, workflow, stream="IT")
    found = weekly_flow(log, POLICY, attribute(log, POLICY, item_windows(log, POLICY), all_streams=True))["IT"]
    assert found == WeeklyFlow(stream="IT", load=2, arrivals=(2, 0, 1), departures=(0, 1, 1), least_load=1)
