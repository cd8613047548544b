"""Bottlenecks: delays by hand, planted queues, options that need evidence, and promises that every log keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.flow.item_windows import item_windows
from pegel.waits.bottlenecks import bottlenecks
from pegel.waits.certainty import first_share, percentile_interval, ratio_interval, slope_interval, week_weights
from pegel.waits.removal_options import Option, Strength
from tests.pegel.flow import histories
from tests.pegel.waits.flows import POLICY, WORKFLOW, day, planted


def by_state(found, *columns: str) -> dict[str, Any]:
    rows = found.stages.select("state", *columns).iter_rows()
    return {row[0]: row[1] if len(columns) == 1 else row[1:] for row in rows}


def options_of(found, state: str) -> dict[Option, Strength]:
    return {one.option: one.strength for one in found.options if one.state == state}


def four_items():
    """Four items of one week: days in work 1, 2, 3, 10 (reckoned 0.1 each, so that all end within the week)."""
    rows = []
    for name, work, wait in (("A", 0.1, 0.4), ("B", 0.2, 0.4), ("C", 0.3, 0.4), ("D", 1.0, 0.8)):
        rows += [(name, day(0), "Doing"), (name, day(work), "Review"), (name, day(work + wait), "Done")]
    return log_of_rows(rows, WORKFLOW, as_of=day(7))


def test_delay_is_all_waiting_and_of_work_what_lies_above_its_best_quarter():
    found = bottlenecks(four_items(), POLICY)
    # Review: 0.4 + 0.4 + 0.4 + 0.8 = 2.0, all of it could go. Its best quarter is 0.4: only 0.4 lies above.
    # Doing: 25th percentile (type 7) of 0.1, 0.2, 0.3, 1.0 is 0.175: 0.025 + 0.125 + 0.825 = 0.975 lie above.
    # Flow time: 1.6 + 2.0 = 3.6.
    assert by_state(found, "delay_days", "excess_days", "time_days") == {
        "Review": (pytest.approx(2.0), pytest.approx(0.4), pytest.approx(2.0)),
        "Doing": (pytest.approx(0.975), pytest.approx(0.975), pytest.approx(1.6)),
    }
    assert by_state(found, "per_item_days") == {"Review": pytest.approx(0.5), "Doing": pytest.approx(0.24375)}
    assert by_state(found, "share") == {"Review": pytest.approx(2 / 3.6), "Doing": pytest.approx(0.975 / 3.6)}
    assert by_state(found, "rank", "rank_by_excess") == {"Review": (1, 2), "Doing": (2, 1)}
    assert (found.n, found.weeks, found.flow_days) == (4, 1.0, pytest.approx(3.6))


def test_without_active_states_nothing_is_called_waiting_and_only_the_excess_counts():
    workflow = load_workflow("states: {after Check: waiting, Done: done}")
    rows = [(item, day(0), "after Check") for item in "AB"] + [("A", day(1), "Done"), ("B", day(3), "Done")]
    found = bottlenecks(log_of_rows(rows, workflow, as_of=day(7)), BUILT_IN["commitment_to_done"])
    # 25th percentile of 1 and 3 is 1.5: 1.5 days lie above it.
    assert by_state(found, "stage_kind", "delay_days") == {"after Check": ("unknown", pytest.approx(1.5))}


def test_count_times_duration_beats_the_longest_state():
    # Side: 1 of 5 items for 2 days. Review: every item for 1.5 days. Per week 2 against 7.5 days.
    log = planted(
        lambda _, number: [
            ("Doing", 0.1),
            *([("Side", 2.0)] if number == 0 else []),
            ("Review", 1.5),
            ("Done", 0),
        ]
    )
    found = bottlenecks(log, POLICY)
    assert by_state(found, "rank", "rank_by_longest", "per_week_days")["Review"] == (1, 2, pytest.approx(7.5))
    assert by_state(found, "rank", "rank_by_longest", "per_week_days")["Side"] == (2, 1, pytest.approx(2.0))


def test_reopened_time_is_a_stage_of_its_own_and_asks_for_less_rework():
    log = planted(lambda *_: [("Doing", 0.5), ("Done", 2), ("Doing", 0.5), ("Done", 0)])
    found = bottlenecks(log, POLICY)
    assert by_state(found, "stage_kind", "delay_days")["Done"] == ("ended", pytest.approx(120.0))
    assert options_of(found, "Done") == {Option.REWORK: Strength.STRONG}


def test_each_type_can_be_ranked_apart():
    log = planted(
        lambda _, number: [("Doing", 0.5), ("Review", 1.0 + number), ("Done", 0)],
        weeks=2,
        per_week=2,
        types={f"I-{week}-{number}": "Bug" if number else "Story" for week in range(2) for number in range(2)},
    )
    found = bottlenecks(log, POLICY, by_type=True).stages.filter(state="Review")
    assert found.select("type", "delay_days").rows() == [("Bug", pytest.approx(4.0)), ("Story", pytest.approx(2.0))]


# --- how sure ---------------------------------------------------------------------------------------------------------


def scattered(week: int, number: int) -> list[tuple[str, float]]:
    """Review and Queue cost nearly the same: which of them is first depends on the weeks."""
    return [("Doing", 0.2), ("Review", 1 + (week % 3) * 0.5), ("Queue", 1 + (week % 4) * 0.3), ("Done", 0)]


def test_the_same_seed_gives_the_same_answer_and_another_seed_another_interval():
    log = planted(scattered)
    first, again, other = (bottlenecks(log, POLICY, seed=seed) for seed in (1, 1, 2))
    assert first.stages.equals(again.stages)
    assert not first.stages.equals(other.stages)
    assert first.stages.drop("per_item_low", "per_item_high", "first_share").equals(
        other.stages.drop("per_item_low", "per_item_high", "first_share")
    )


def test_a_close_race_is_not_called_decided_and_a_clear_one_is():
    close = by_state(bottlenecks(planted(scattered), POLICY), "first_share")
    assert 0.05 < close["Queue"] < 0.95
    assert sum(close.values()) == pytest.approx(1.0)
    clear = planted(lambda week, _: [("Doing", 0.2), ("Review", 3 + week % 2), ("Queue", 0.5), ("Done", 0)])
    found = bottlenecks(clear, POLICY)
    assert by_state(found, "first_share")["Review"] == 1.0
    value, low, high = by_state(found, "per_item_days", "per_item_low", "per_item_high")["Review"]
    assert 3 <= low < value < high <= 4


@pytest.mark.parametrize(
    ("weeks", "per_week", "reason"), [(12, 2, "too_few_items"), (6, 10, "too_few_weeks"), (8, 4, None)]
)
def test_too_little_data_gives_a_ranking_without_certainty(weeks: int, per_week: int, reason: str | None):
    found = bottlenecks(
        planted(lambda *_: [("Doing", 1), ("Review", 2), ("Done", 0)], weeks=weeks, per_week=per_week), POLICY
    )
    assert found.status is Status.VALUE
    assert found.certainty.reason == reason
    assert (found.stages["first_share"].null_count() > 0) == (reason is not None)


def test_resampled_weeks_add_up_and_equal_columns_share_the_first_place():
    weights = week_weights(12, seed=7)
    assert weights.shape == (500, 12)
    assert (weights.sum(axis=1) == 12).all()
    assert first_share(np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]])).tolist() == [0.25, 0.75, 0.0]


def test_intervals_of_means_slopes_and_percentiles():
    # A straight line has no doubt about its slope.
    assert slope_interval(np.array([[week, 2.0 * week] for week in range(8)])) == pytest.approx((2.0, 2.0, 2.0))
    # All weeks alike: the mean of the items is certain; a percentile of few items never is.
    assert ratio_interval(np.full(8, 12.0), np.full(8, 4.0)) == pytest.approx((3.0, 3.0))
    values = np.tile(np.arange(1.0, 6.0), 20)
    low, high = percentile_interval(values, np.repeat(np.arange(10), 10), 0.5)
    assert low < 3.0 < high
    # Weeks that differ make it less certain than the same values mixed.
    assert percentile_interval(np.sort(values), np.repeat(np.arange(10), 10), 0.5)[1] >= high


# --- queues -----------------------------------------------------------------------------------------------------------


def test_a_planted_growing_queue_is_found_with_its_oldest_item():
    # Of five items per week three leave Review on the same day; two stay for ever: 2 more per week, 24 in all.
    log = planted(lambda _, number: [("Doing", 0.1), ("Review", 0.2), *([("Done", 0)] if number < 3 else [])])
    found = by_state(bottlenecks(log, POLICY), "trend", "net_per_week", "arrivals", "departures", "now", "oldest_days")
    assert found["Review"] == ("growing", pytest.approx(2.0), 60, 36, 24, pytest.approx(83.9))
    assert found["Doing"][0] == "stable"


def test_a_queue_that_shrinks_and_one_of_which_too_little_is_known():
    # 36 items lie in Review from week 0 on; three leave in each of the weeks 1 to 12.
    log = planted(
        lambda week, number: [("Doing", 0.1), ("Review", 7 * (number // 3 + 1)), ("Done", 0)] if week == 0 else [],
        weeks=13,
        per_week=36,
    )
    found = by_state(bottlenecks(log, POLICY), "trend", "net_per_week")
    assert found["Review"] == ("shrinking", pytest.approx(-3.0))
    # Nothing came to Doing and nothing left in the last twelve weeks: it is not there at all.
    few = planted(lambda *_: [("Doing", 1), ("Review", 2), ("Done", 0)], weeks=4, per_week=1)
    assert set(by_state(bottlenecks(few, POLICY), "trend").values()) == {"unknown"}


def test_a_stage_nothing_ever_leaves_is_listed_without_a_rank():
    log = planted(lambda _, number: [("Doing", 0.1), *([("Queue", 0)] if number == 0 else [("Done", 0)])])
    row = bottlenecks(log, POLICY).stages.filter(state="Queue").row(0, named=True)
    assert (row["rank"], row["delay_days"], row["trend"], row["now"]) == (None, None, "growing", 12)


def test_the_level_of_each_week_follows_from_its_moves():
    found = bottlenecks(planted(scattered), POLICY)
    for group in found.queues.partition_by("stream", "state"):
        change = (group["arrivals"] - group["departures"]).to_list()[1:]
        assert group["level"].diff().to_list()[1:] == change


# --- before and after commitment --------------------------------------------------------------------------------------


def test_efficiency_before_and_after_commitment_apart():
    log = planted(
        lambda *_: [("Open", 1.5), ("Triage", 0.5), ("Doing", 1), ("Review", 1), ("Done", 0)], weeks=2, per_week=1
    )
    found = bottlenecks(log, POLICY)
    # Before: 0.5 of 2 days is work; Open lies before the window and counts all the same. After: 1 of 2.
    assert (found.upstream.share, found.upstream.days) == (pytest.approx(0.25), pytest.approx(4.0))
    assert found.downstream.share == pytest.approx(0.5)


def test_efficiency_is_not_configured_without_phases_or_without_work_in_them():
    plain = load_workflow("states: {Doing: active, Review: {category: waiting, phase: intake}, Done: done}")
    rows = [("A", day(0), "Doing"), ("A", day(1), "Review"), ("A", day(2), "Done")]
    found = bottlenecks(log_of_rows(rows, plain, as_of=day(7)), POLICY)
    assert (found.upstream.status, found.upstream.reason) == (Status.NOT_CONFIGURED, "no_active_states_in_part")
    assert (found.downstream.status, found.downstream.reason) == (Status.NOT_CONFIGURED, "no_phases_mapped")


# --- removal options --------------------------------------------------------------------------------------------------


def steady(*_: int) -> list[tuple[str, float]]:
    return [("Doing", 1.0), ("Review", 2.0), ("Done", 0)]


def test_a_confirmed_approval_speaks_strongly_and_a_suggested_one_is_a_hint():
    assert options_of(bottlenecks(planted(steady), POLICY), "Review")[Option.APPROVALS] is Strength.STRONG
    suggested = load_workflow(
        "{status: suggested, states: {Doing: active, Review: {category: waiting, friction: approval}, Done: done}}"
    )
    rows = [
        (f"I{n}", day(7 * (n % 12) + at), state)
        for n in range(48)
        for at, state in ((0, "Doing"), (1, "Review"), (3, "Done"))
    ]
    found = bottlenecks(log_of_rows(rows, suggested, as_of=day(84)), POLICY)
    assert options_of(found, "Review")[Option.APPROVALS] is Strength.HINT


def test_leaving_on_one_weekday_is_timing_and_in_heaps_is_batching():
    # Items come one a day from Monday to Friday and all leave Side on Saturday at noon.
    log = planted(lambda _, number: [("Doing", number + 0.1), ("Side", 5.4 - number), ("Done", 0)])
    found = bottlenecks(log, POLICY)
    assert options_of(found, "Side") == {
        Option.PROCESS_TIMING: Strength.STRONG,
        Option.BATCHING: Strength.STRONG,
    }
    timing = next(one for one in found.options if one.option is Option.PROCESS_TIMING)
    assert timing.evidence == {
        "busiest_weekday": 5.0,  # Saturday
        "busiest_departure_share": 1.0,
        "busiest_arrival_share": 0.2,
    }


def test_what_comes_on_one_weekday_may_leave_on_one():
    # All come on Monday and leave on Thursday: no rhythm of the stage's own.
    assert Option.PROCESS_TIMING not in options_of(bottlenecks(planted(steady), POLICY), "Review")


def test_a_queue_that_grows_before_work_is_scarcity():
    # Two of five never get out of Queue; what gets out goes into work.
    log = planted(
        lambda _, number: [("Triage", 0.1), ("Queue", 1.0), *([("Doing", 0.5), ("Done", 0)] if number < 3 else [])]
    )
    found = bottlenecks(log, POLICY)
    assert options_of(found, "Queue")[Option.SCARCITY] is Strength.STRONG


def test_another_person_taking_over_is_a_hand_off_and_no_person_is_named():
    def log_of(second: str):
        rows = []
        for n in range(48):
            start = 7 * (n % 12)
            rows += [
                (f"I{n}", day(start), "Doing", "ada"),
                (f"I{n}", day(start + 1), "Side", "ada"),
                (f"I{n}", day(start + 2), "Done", second),
            ]
        return log_of_rows(rows, WORKFLOW, as_of=day(84))

    found = bottlenecks(log_of("bob"), POLICY)
    assert options_of(found, "Side") == {Option.HAND_OFFS: Strength.STRONG}
    assert options_of(bottlenecks(log_of("ada"), POLICY), "Side") == {}
    assert "actor" not in " ".join(found.stages.columns)


def test_flags_set_in_a_stage_are_a_dependency_and_links_alone_only_a_hint():
    names = [f"I-{week}-{number}" for week in range(12) for number in range(5)]
    flags = [(name, day(7 * int(name.split("-")[1]) + 1.5), "flag", None, "Impediment") for name in names[:40]]
    found = bottlenecks(planted(steady, changes=flags), POLICY)
    assert options_of(found, "Review")[Option.DEPENDENCIES] is Strength.STRONG
    assert Option.DEPENDENCIES not in options_of(found, "Doing")
    links = [(names[-1], "blocks", name) for name in names[:40]]
    linked = bottlenecks(planted(steady, links=links), POLICY)
    assert options_of(linked, "Review")[Option.DEPENDENCIES] is Strength.HINT


def test_taking_a_flag_away_is_no_flag():
    names = [f"I-{week}-{number}" for week in range(12) for number in range(5)]
    gone = [(name, day(7 * int(name.split("-")[1]) + 1.5), "flag", "Impediment", None) for name in names]
    assert Option.DEPENDENCIES not in options_of(bottlenecks(planted(steady, changes=gone), POLICY), "Review")


def test_new_ranks_while_waiting_are_prioritisation_and_returns_are_rework():
    names = [f"I-{week}-{number}" for week in range(12) for number in range(5)]
    ranks = [(name, day(7 * int(name.split("-")[1]) + 1.5), "rank", "9", "1") for name in names[:40]]
    assert Option.PRIORITISATION in options_of(bottlenecks(planted(steady, changes=ranks), POLICY), "Review")
    back = planted(lambda *_: [("Doing", 1), ("Review", 1), ("Doing", 1), ("Review", 1), ("Done", 0)])
    # Four stays of two items' worth: half of the stays in Review are returns.
    assert options_of(bottlenecks(back, POLICY), "Review")[Option.REWORK] is Strength.STRONG


def test_short_frequent_regular_work_is_at_most_a_hint_for_automation():
    log = planted(lambda week, _: [("Doing", 0.1 + week % 2 * 0.02), ("Side", 1), ("Done", 0)])
    assert options_of(bottlenecks(log, POLICY), "Doing") == {Option.AUTOMATION: Strength.HINT}


# --- other answers ----------------------------------------------------------------------------------------------------


def test_answers_that_are_no_value_say_why():
    unfinished = log_of_rows([("A", day(0), "Doing")], WORKFLOW, as_of=day(14))
    young = log_of_rows([("A", day(0), "Doing"), ("A", day(1), "Done")], WORKFLOW, as_of=day(2))
    at_once = log_of_rows([("A", day(0), "Doing"), ("A", day(0), "Done")], WORKFLOW, as_of=day(7))
    cases = [
        (unfinished, POLICY, Status.NO_DATA, "nothing_finished"),
        (young, POLICY, Status.NO_DATA, "no_full_week"),
        (at_once, POLICY, Status.UNDEFINED, "no_time_passed"),
        (four_items(), BUILT_IN["process_time"], Status.UNDEFINED, "policy_adds_up_states"),
    ]
    for log, policy, status, reason in cases:
        found = bottlenecks(log, policy)
        assert (found.status, found.reason) == (status, reason)
        assert (found.stages.height, found.options) == (0, ())


# --- promises ---------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(moves=histories.transitions, edits=histories.changes, typed=st.booleans())
def test_the_delays_of_all_stages_are_at_most_the_flow_time(moves: list[Any], edits: list[Any], typed: bool):
    log = histories.log_of(moves, edits)
    period = {"from_us": 0, "until_us": log.as_of_us + 1}
    found = bottlenecks(log, POLICY, by_type=typed, **period)
    windows = log.engine.collect(item_windows(log, POLICY))
    flow_us = sum(us for us in windows["flow_us"] if us is not None)
    assert found.flow_days == pytest.approx(flow_us / log.day_us)
    if found.status is Status.VALUE:
        ranked = found.stages.filter(pl.col("rank").is_not_null())
        assert ranked["delay_days"].sum() <= found.flow_days + 1e-9
        assert ranked["time_days"].sum() == pytest.approx(found.flow_days)
        assert (ranked["excess_days"] <= ranked["time_days"] + 1e-12).all()
        assert ranked["rank"].to_list() == list(range(1, ranked.height + 1))


@settings(deadline=None, max_examples=40)
@given(moves=histories.transitions, edits=histories.changes)
def test_what_is_in_a_queue_is_what_came_less_what_left(moves: list[Any], edits: list[Any]):
    log = histories.log_of(moves, edits)
    found = bottlenecks(log, POLICY, from_us=0, until_us=log.as_of_us + 1)
    if found.status is Status.VALUE:
        moved = found.stages.filter(pl.col("arrivals").is_not_null())
        assert (moved["arrivals"] - moved["departures"] == moved["now"]).all()


@settings(deadline=None, max_examples=25)
@given(moves=histories.transitions, seed=st.integers(0, 3))
def test_the_order_of_rows_and_a_second_run_change_nothing(moves: list[Any], seed: int):
    period = {"from_us": 0, "until_us": 200 * histories.HOUR_US, "seed": seed}
    numbered = [
        (item, at, state) for item, at, state in {(item, at): (item, at, state) for item, at, state in moves}.values()
    ]
    one, other = (bottlenecks(histories.log_of(rows, []), POLICY, **period) for rows in (numbered, numbered[::-1]))
    assert one.stages.equals(other.stages)
    assert one.queues.equals(other.queues)
