"""Planted defects, dependencies and throughput are what the emitted events show: plain Python, no metric code."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from pegel.eventlog.schema import DAY_US, to_us
from pegel.eventlog.workflow import StateCategory
from pegel.worlds.planted import PlantedWorld, planted
from pegel.worlds.planted_truth import Defect, ThroughputLaw
from tests.pegel.worlds.planted_events import idle_stays, seen, window

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
UNTIL_US = to_us(UNTIL)


@pytest.fixture(scope="module")
def world() -> PlantedWorld:
    return planted(items=600, until=UNTIL)


def test_defects_by_hand(world: PlantedWorld) -> None:
    lives = {life.item: life for life in world.lives}
    defects = world.truth.defects
    service = {life.item for life in world.lives if life.stream == world.streams[4]}
    shown: dict[Defect, set[str]] = {defect: set() for defect in Defect}
    for item, life in lives.items():
        steps = seen(life, UNTIL_US)
        states = [state for _, state, _, _ in steps]
        categories = [category for _, _, category, _ in steps]
        if StateCategory.DONE in categories and StateCategory.ACTIVE not in categories:
            shown[Defect.DONE_WITHOUT_START].add(item)
        if StateCategory.DONE in categories[:-1]:
            shown[Defect.CHANGE_AFTER_DONE].add(item)
        first_done = categories.index(StateCategory.DONE) if StateCategory.DONE in categories else len(categories)
        if StateCategory.ACTIVE in categories[first_done:] and StateCategory.ACTIVE not in categories[:first_done]:
            shown[Defect.DONE_BEFORE_START].add(item)
        if len(set(states)) < len(states):
            shown[Defect.BACKWARDS_STATES].add(item)
        if any(other is StateCategory.NEW and one is not StateCategory.NEW for one, other in pairwise(categories)):
            shown[Defect.BACKWARDS_CATEGORIES].add(item)
        if states[0] == "Completion" and item not in world.log.undated:
            shown[Defect.CREATED_IN_WRONG_STATE].add(item)
        if len({at for at, *_ in steps}) < len(steps):
            shown[Defect.SAME_TIME].add(item)
        if "Parked" in states:
            shown[Defect.UNMAPPED_STATES].add(item)
        if len(steps) < len(life.entries):
            shown[Defect.FUTURE_TIME].add(item)
        if all(at % DAY_US == 0 for at, *_ in steps):
            shown[Defect.DATES_WITHOUT_TIME].add(item)
        gaps = [sequence for one, sequence in world.log.first_states if one == item]
        if gaps:
            shown[Defect.HISTORY_WITH_GAP if min(gaps) > 1 else Defect.HISTORY_BEGINS_LATE].add(item)
    minutes = Counter(
        (seen(life, UNTIL_US)[-1][0] // 60_000_000) for life in world.lives if seen(life, UNTIL_US)[-1][1] == "Done"
    )
    crowded = {minute for minute, count in minutes.items() if count >= 10}
    shown[Defect.MASS_CLOSING] = {
        item for item, life in lives.items() if seen(life, UNTIL_US)[-1][0] // 60_000_000 in crowded
    }
    for link in world.log.links:
        one, other = lives[link.item], lives[link.other]
        ends = [
            None if bounds is None or bounds[2] else bounds[1]
            for bounds in (window(one, UNTIL_US), window(other, UNTIL_US))
        ]
        starts = [None if bounds is None else bounds[0] for bounds in (window(one, UNTIL_US), window(other, UNTIL_US))]
        if link.kind == "parent" and ends[0] is not None and ends[1] is None:
            shown[Defect.OPEN_CHILDREN].add(link.item)
        if link.kind == "parent" and starts[0] is None:
            shown[Defect.CHILD_BEFORE_PARENT].add(link.item)
        if link.kind == "parent" and starts[0] is not None and starts[1] is not None and starts[1] < starts[0]:
            shown[Defect.CHILD_STARTED_EARLIER].add(link.item)
        if link.kind == "blocks" and ends[0] is not None and ends[0] < (link.at_us or 0):
            shown[Defect.BLOCKED_BY_CLOSED].add(link.other)
    assert {defect: sorted(items) for defect, items in shown.items()} == {
        defect: sorted(items) for defect, items in defects.items()
    }
    assert not service & set().union(*defects.values())


def test_dependencies_by_hand(world: PlantedWorld) -> None:
    truth = world.truth
    lives = {life.item: life for life in world.lives}
    assert len(truth.dependencies) == sum(link.kind == "blocks" for link in world.log.links)
    for one in truth.dependencies:
        until = UNTIL_US if one.until_us is None else one.until_us
        waited = sum(
            max(0, min(end, until) - max(begin, one.since_us))
            for begin, end, _ in idle_stays(lives[one.blocked], UNTIL_US)
        )
        assert waited == one.waited_us
        assert lives[one.blocker].stream == one.blocker_stream
        assert lives[one.blocked].stream == one.blocked_stream
    still = {(one.blocker, one.blocked) for one in truth.dependencies if one.status == "open"}
    assert {*pairwise(truth.chain)} <= still
    assert len(truth.chain) == 6
    assert len(still) == 5 + 3
    assert {item for pair in still for item in pair if item in truth.circle} == truth.circle
    for move in truth.moves:
        life = lives[move.item]
        assert (life.stream, life.stream_at(UNTIL_US)) == (move.from_stream, move.to_stream)
        assert life.stream_at(move.at_us - 1) == move.from_stream
        assert next(
            at for at, _, category, _ in seen(life, UNTIL_US) if at > move.at_us and category is StateCategory.ACTIVE
        ) == (move.taken_up_us)
    assert len(truth.moves) == len({move.item for move in truth.moves})


def test_people_and_teams_by_hand(world: PlantedWorld) -> None:
    """Somebody works in a stream by moving an item that is there at that moment."""
    streams: dict[str, set[str]] = defaultdict(set)
    teams: Counter[tuple[str, str]] = Counter()
    for life in world.lives:
        for entry in life.entries:
            streams[entry.actor].add(life.stream_at(entry.at_us))
        teams.update((one.old or "", one.new or "") for one in life.changes if one.field == "team")
    pairs = Counter(tuple(sorted(both)) for both in streams.values() if len(both) > 1)
    assert pairs == world.truth.people == {("Claims", "Purchasing"): 6, ("IT service", "Software"): 2}
    assert teams == world.truth.team_hand_offs


def test_unmapped_time_by_hand(world: PlantedWorld) -> None:
    stays = [stay for life in world.lives for stay in idle_stays(life, UNTIL_US)]
    assert world.truth.unmapped_us == sum(end - begin for begin, end, state in stays if state == "Parked") > 0


def test_the_stationary_stream_keeps_its_law(world: PlantedWorld) -> None:
    law = world.truth.service
    finished = Counter(
        (at - UNTIL_US) // DAY_US
        for life in world.lives
        if life.stream == law.stream
        for at, state, _, _ in seen(life, UNTIL_US)
        if state == "Done"
    )
    days = len(law.finished)
    assert [finished[number - days] for number in range(days)] == list(law.finished)
    assert sum(law.chances) == pytest.approx(1)
    assert law.mean == pytest.approx(0.3 + 2 * 0.25 + 3 * 0.1 + 4 * 0.1)
    assert sum(law.over(14)) == pytest.approx(1)
    assert sum(number * chance for number, chance in enumerate(law.over(14))) == pytest.approx(14 * law.mean)
    # Two days, nothing on either: 0.25 · 0.25.
    assert law.chance_of_at_least(1, days=2) == pytest.approx(1 - 0.0625)
    assert law.chance_of_at_least(0, days=2) == pytest.approx(1)


def test_the_draws_of_many_worlds_follow_the_law() -> None:
    law: ThroughputLaw | None = None
    drawn: Counter[int] = Counter()
    for seed in range(5):
        law = planted(seed=seed, items=500, until=UNTIL).truth.service
        drawn.update((*law.finished, *law.future))
    assert law is not None
    days = drawn.total()
    # Pearson's chi-squared with 4 degrees of freedom: 18.5 is exceeded once in a thousand times.
    expected = [chance * days for chance in law.chances]
    assert sum((drawn[number] - wanted) ** 2 / wanted for number, wanted in enumerate(expected)) < 18.5
