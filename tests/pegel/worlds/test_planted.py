"""The planted truth is consistent with the events that were emitted: plain Python, no metric code."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pegel.eventlog import schema
from pegel.eventlog.batch import rows_of
from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.schema import DAY_US, HOUR_US, to_us
from pegel.eventlog.workflow import StateCategory, dump_workflow, load_workflow
from pegel.lake.store import create_lake
from pegel.worlds.planted import PlantedWorld, planted
from pegel.worlds.planted_time import Diary, calendar
from pegel.worlds.planted_truth import Defect, PlantedCause, PlantedTruth, PlantedWait, lying
from tests.pegel.worlds.planted_events import idle_stays, seen, window

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
UNTIL_US = to_us(UNTIL)
#: Content of ``planted(seed=5, items=300, until=UNTIL)``; changes only when the world is changed on purpose.
COUNTS = (336, 1293, 1435)
EVENTS = "02f70fa1a7b05844"
TRUTH = "6ef516339723a0b9"


@pytest.fixture(scope="module")
def world() -> PlantedWorld:
    return planted(items=600, until=UNTIL)


def test_the_same_on_every_machine_and_python() -> None:
    world = planted(seed=5, items=300, until=UNTIL)
    assert world == planted(seed=5, items=300, until=UNTIL)
    events = "\n".join(
        f"{life.item} {one.at_us} {one.sequence} {one.state} {one.actor}"
        for life in world.lives
        for one in life.entries
    )
    truth = "\n".join(f"{wait.item} {wait.state} {wait.parts}" for wait in world.truth.waits)
    assert (world.truth.items, world.truth.transitions, world.truth.source_rows) == COUNTS
    assert sha256(events.encode()).hexdigest()[:16] == EVENTS
    assert sha256(truth.encode()).hexdigest()[:16] == TRUTH


def test_seeds_give_different_worlds() -> None:
    assert planted(seed=1, items=300, until=UNTIL).lives != planted(seed=2, items=300, until=UNTIL).lives


def test_impossible_parameters() -> None:
    with pytest.raises(ValueError, match="negative"):
        planted(items=-1, until=UNTIL)
    with pytest.raises(ValueError, match="midnight"):
        planted(until=datetime(2026, 7, 1, 9, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        planted(until=datetime(2026, 7, 1))  # noqa: DTZ001
    with pytest.raises(KeyError):
        planted(items=0, until=UNTIL).workflow("Legal")


@pytest.mark.parametrize(("items", "low", "high"), [(0, 200, 400), (600, 500, 700), (2000, 1800, 2200)])
def test_about_as_many_items_as_asked_for(items: int, low: int, high: int) -> None:
    assert low <= planted(items=items, until=UNTIL).truth.items <= high


def check(world: PlantedWorld) -> None:
    """Every wait of the world is told, and its parts cover it from end to end."""
    until_us = to_us(world.until)
    told: dict[str, list[PlantedWait]] = defaultdict(list)
    for wait in world.truth.waits:
        told[wait.item].append(wait)
        for part in wait.parts:
            assert part.from_us < part.until_us
            assert (part.blocked_by is not None) == (part.cause is PlantedCause.BLOCKED)
        for one, other in pairwise(wait.parts):
            assert one.until_us == other.from_us
    for life in world.lives:
        waits = sorted(told.pop(life.item, []), key=lambda wait: wait.parts[0].from_us)
        joined: list[tuple[int, int, str]] = []
        for wait in waits:  # a wait that goes on in another stream is one stay of the item
            begin, end = wait.parts[0].from_us, wait.parts[-1].until_us
            assert life.stream_at(begin) == wait.stream
            if joined and joined[-1][1] == begin and joined[-1][2] == wait.state:
                joined[-1] = (joined[-1][0], end, wait.state)
            else:
                joined.append((begin, end, wait.state))
        assert joined == idle_stays(life, until_us)
        bounds = window(life, until_us)
        assert bounds is None or all(wait.open is bounds[2] for wait in waits)
    assert not told


def test_parts_are_the_waits_and_all_of_them(world: PlantedWorld) -> None:
    check(world)
    waits = world.truth.waits
    assert sum(wait.wait_us for wait in waits) == sum(
        end - begin for life in world.lives for begin, end, _ in idle_stays(life, UNTIL_US)
    )


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), until=st.dates(date(2005, 1, 1), date(2035, 1, 1)))
def test_truth_holds_in_every_world(seed: int, until: date) -> None:
    check(planted(seed=seed, items=0, until=datetime(until.year, until.month, until.day, tzinfo=UTC)))


def test_every_cause_is_planted_in_every_stream(world: PlantedWorld) -> None:
    found = Counter((wait.stream, part.cause) for wait in world.truth.waits for part in wait.parts)
    assert all(found[stream, cause] for stream in world.streams[:4] for cause in PlantedCause)
    assert not any(stream == world.streams[4] for stream, _ in found)
    assert set(world.truth.blocked_by(open=False)) >= {"supplier", "approval", "environment", "dependency"}


def test_off_hours_and_what_nobody_explains_are_told_by_the_clock_on_the_wall(world: PlantedWorld) -> None:
    clock = WorkingTime(calendar(), UNTIL_US - 600 * DAY_US, UNTIL_US)
    for wait in world.truth.waits:
        for part in wait.parts:
            worked = clock.between(part.from_us, part.until_us)
            if part.cause is PlantedCause.CALENDAR:
                assert worked == 0
            if part.cause is PlantedCause.UNEXPLAINED:
                assert worked == part.until_us - part.from_us


def test_a_stretch_in_which_nothing_happens_by_hand() -> None:
    # Friday 16:00 to Monday 10:00 in Berlin: 1 hour, then 7 + 24 + 24 + 9 = 64 hours closed, then 1 hour.
    friday = to_us(datetime(2026, 1, 9, 15, tzinfo=UTC))
    parts = lying(friday, friday + 66 * HOUR_US)
    assert [(part.cause.value, (part.until_us - part.from_us) // HOUR_US) for part in parts] == [
        ("unexplained", 1),
        ("calendar", 64),
        ("unexplained", 1),
    ]
    assert Diary(date(2026, 4, 2)).day(1) == date(2026, 4, 7)  # Easter lies between


def test_nobody_is_overtaken_or_busy_unless_it_was_planted(world: PlantedWorld) -> None:
    queues: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    work: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for life in world.lives:
        steps = [*seen(life, UNTIL_US), (UNTIL_US, "", StateCategory.DONE, "")]
        for one, other in pairwise(steps):
            if one[2] is StateCategory.ACTIVE:
                work[one[3]].append((one[0], other[0], life.item))
            if one[2] is StateCategory.WAITING and other[1] != "Cancelled":
                queues[life.stream_at(one[0]), one[1]].append((one[0], other[0], life.item))
    overtaken = {
        item
        for stays in queues.values()
        for begin, end, item in stays
        if any(begin < other and left < end for other, left, _ in stays)
    }
    by_rank = {wait.item for wait in world.truth.waits if wait.state == "Sorted by urgency" and len(wait.parts) > 1}
    assert overtaken == by_rank
    told = {wait.item for wait in world.truth.waits for part in wait.parts if part.cause is PlantedCause.CONTENTION}
    found = set()
    for life in world.lives:
        steps = seen(life, UNTIL_US)
        for one, other in pairwise(steps):
            # The reason for a transfer is known from its state, whoever is busy.
            if one[2] is StateCategory.WAITING and one[3] == other[3] and one[1] != "Transfer":
                rivals = [stay for stay in work[other[3]] if stay[2] != life.item]
                if any(begin < other[0] and one[0] < end for begin, end, _ in rivals):
                    found.add(life.item)
    # Who lays a batch aside works on its items in turn, but before the last of them has come in.
    batched = {wait.item for wait in world.truth.waits if wait.state.startswith("Collected")}
    assert found - batched == told - batched


def test_source_is_a_complete_event_log(world: PlantedWorld) -> None:
    source = world.source()
    assert source.progress() == 0
    batches = list(source.batches())
    assert source.progress() == 1
    truth = world.truth
    for table, count in (
        ("items", truth.items),
        ("transitions", truth.transitions),
        ("field_changes", truth.field_changes),
        ("links", truth.links),
    ):
        assert sum(len(getattr(batch, table)) for batch in batches) == count
        assert all(dict(getattr(batch, table).schema) == schema.TABLES[table] for batch in batches)
    rows = pl.concat([rows_of(batch) for batch in batches])
    assert rows.sort().to_list() == list(range(1, truth.source_rows + 1))
    assert all(batch.rejects.is_empty() for batch in batches)
    assert sum((batch.warnings for batch in batches), Counter()) == {"history_truncated": world.log.truncated}


def test_a_lake_accounts_for_every_row(world: PlantedWorld, tmp_path: Path) -> None:
    truth: PlantedTruth = world.truth
    lake = create_lake(tmp_path / "lake")
    account = lake.import_source(
        world.source(), file="planted", fingerprint="planted", seen_us=to_us(world.until)
    ).account
    assert account.rows_read == account.accepted == truth.source_rows
    assert (account.items, account.transitions) == (truth.items, truth.transitions)
    assert (account.field_changes, account.links) == (truth.field_changes, truth.links)
    assert account.warnings["future_time"] == len(truth.defects[Defect.FUTURE_TIME])
    assert sorted(lake.streams()) == sorted(world.streams)


@pytest.mark.parametrize("number", range(5))
def test_workflow_is_confirmed_and_writable(world: PlantedWorld, number: int) -> None:
    workflow = world.workflow(world.streams[number])
    assert workflow.status == "confirmed"
    assert load_workflow(dump_workflow(workflow)) == workflow
    for life in world.lives:
        for entry in life.entries:
            rule = workflow.rule(entry.state)
            assert entry.category is (StateCategory.UNMAPPED if rule is None else rule.category)
