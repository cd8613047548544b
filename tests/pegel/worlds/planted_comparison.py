"""What the metrics say against what was planted: each function compares one metric and asserts equality."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.schema import to_us
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Status
from pegel.network import StreamNetwork, stream_network
from pegel.quality import QualityReport, lake_facts, quality_report
from pegel.waits.cause import CAUSES, column
from pegel.waits.causes import summarise_wait_causes
from pegel.waits.wait_parts import WaitParts, wait_parts
from pegel.worlds.planted_truth import PlantedCause, seen_cause
from tests.pegel.worlds.planted_lake import POLICY, PlantedLake


def compare_waits_by_stay(planted: PlantedLake, *, off_hours: Calendar | None) -> None:
    """Every wait of every item, by cause, to the microsecond."""
    log = planted.log()
    found = wait_parts(log, POLICY, waiting_calendar=off_hours)
    assert _by_stay(planted, found) == _told_by_stay(planted, off_hours=off_hours is not None)


def compare_waits_in_working_time(planted: PlantedLake, calendar: Calendar) -> None:
    """The same in the calendar's working time: each planted stretch is measured, off-hours are none."""
    first = min(part.from_us for wait in planted.world.truth.waits for part in wait.parts)
    clock = WorkingTime(calendar, first, to_us(planted.world.until))
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for wait in planted.world.truth.waits:
        for part in wait.parts:
            cause = seen_cause(part, off_hours=False)
            expected[wait.item, wait.stream, wait.state, cause.value] += clock.between(part.from_us, part.until_us)
    found = wait_parts(planted.log(calendar=calendar), POLICY)
    assert _by_stay(planted, found) == {key: us for key, us in expected.items() if us}


def compare_summaries(planted: PlantedLake, *, off_hours: Calendar | None) -> None:
    """By state and cause, and what blocks: the summary's days are the planted microseconds."""
    truth = planted.world.truth
    log = planted.log()
    causes = summarise_wait_causes(log, wait_parts(log, POLICY, waiting_calendar=off_hours))
    assert causes.status is Status.VALUE
    for is_open in (False, True):
        mine = causes.by_state.filter(pl.col("open") == is_open)
        days = {
            (stream, state, PlantedCause(cause)): days
            for stream, state, cause, days in mine.select("stream", "state", "cause", "days").iter_rows()
        }
        told = truth.by_state(open=is_open, off_hours=off_hours is not None)
        assert days == pytest.approx({key: us / log.day_us for key, us in told.items()})
        blocked = causes.blocked_by.filter(pl.col("open") == is_open)
        assert dict(blocked.select("reason", "days").iter_rows()) == pytest.approx(
            {reason: us / log.day_us for reason, us in truth.blocked_by(open=is_open).items()}
        )
    finished = sum(wait.wait_us for wait in truth.waits if not wait.open)
    assert causes.wait_days == pytest.approx(finished / log.day_us)


def compare_streams_one_by_one(planted: PlantedLake, off_hours: Calendar | None) -> None:
    """A stream opened alone says of its own queues what the log of all streams says.

    Waits for items of other streams are not seen there (``blocking``'s text), so items with such a link are left out.
    """
    truth = planted.world.truth
    linked = {one.blocked for one in truth.dependencies}
    moved = {move.item for move in truth.moves}
    told = _told_by_stay(planted, off_hours=off_hours is not None)
    for stream in planted.world.streams[:4]:
        found = _by_stay(planted, wait_parts(planted.log(stream), POLICY, waiting_calendar=off_hours))
        expected = {key: us for key, us in told.items() if key[1] == stream and key[0] not in linked | moved}
        assert {key: us for key, us in found.items() if key[0] not in linked | moved} == expected


def compare_quality(planted: PlantedLake) -> QualityReport:
    """Every check finds the items that were planted, and no others; returns the report."""
    report = quality_report(planted.log(), POLICY, lake=lake_facts(planted.lake))
    truth = planted.world.truth
    expected = {defect.value: set(items) for defect, items in truth.defects.items()}
    found = {code: {planted.names[number] for number in report.items_of(code)} for code in expected}
    assert found == expected
    assert report.check("history_truncated").rows == planted.world.log.truncated
    assert {planted.names[number] for number in report.items_of("several_streams")} == {
        move.item for move in truth.moves
    }
    for code in ("negative_span", "not_visible", "no_transitions", "mass_creation"):
        assert report.check(code).items == 0
    return report


def compare_network(planted: PlantedLake) -> StreamNetwork:
    """Dependencies, edges, chain, circles, moves and shared people; returns the network."""
    log = planted.log()
    truth = planted.world.truth
    network = stream_network(log, POLICY, attribute(log, POLICY, item_windows(log, POLICY), all_streams=True))
    found = network.dependencies
    names = planted.names
    board = {
        (names[row["blocker"]], names[row["blocked"]]): (row["status"], row["since_us"], row["until_us"])
        for row in found.board.iter_rows(named=True)
    }
    assert board == {(one.blocker, one.blocked): (one.status, one.since_us, one.until_us) for one in truth.dependencies}
    waited = {
        (names[row["blocker"]], names[row["blocked"]]): row["waited_days"] for row in found.board.iter_rows(named=True)
    }
    assert waited == pytest.approx(
        {(one.blocker, one.blocked): one.waited_us / log.day_us for one in truth.dependencies}
    )
    blocks = network.edges.filter(pl.col("kind") == "blocks").select("from_stream", "to_stream", "waited_days")
    assert {(one, other): days for one, other, days in blocks.iter_rows()} == pytest.approx(
        {pair: us / log.day_us for pair, us in truth.waited_between().items()}
    )
    assert tuple(names[number] for number in found.longest) == truth.chain
    assert [{names[number] for number in group} for group in found.cycles] == [truth.circle]
    assert [set(group) for group in network.cycles] == [truth.stream_circle]
    moves: Counter[tuple[str, str]] = Counter()
    moved_us: Counter[tuple[str, str]] = Counter()
    for move in truth.moves:
        moves[move.from_stream, move.to_stream] += 1
        moved_us[move.from_stream, move.to_stream] += move.taken_up_us - move.at_us
    edges = network.edges.filter(pl.col("kind") == "moves").select("from_stream", "to_stream", "volume", "waited_days")
    assert {(one, other): volume for one, other, volume, _ in edges.iter_rows()} == moves
    assert {(one, other): days for one, other, _, days in edges.iter_rows()} == pytest.approx(
        {pair: us / log.day_us for pair, us in moved_us.items()}
    )
    teams = network.teams.select("from_team", "to_team", "hand_offs")
    assert {(one, other): count for one, other, count in teams.iter_rows()} == truth.team_hand_offs
    return network


def compare_shared_people(planted: PlantedLake, network: StreamNetwork) -> None:
    """Who works in two streams is told from five people on."""
    told = {pair: count for pair, count in planted.world.truth.people.items() if count >= 5}
    assert {(one, other): count for one, other, count in network.people.iter_rows()} == told


def _by_stay(planted: PlantedLake, found: WaitParts) -> dict[tuple[str, str, str, str], int]:
    """µs by item, stream, state and cause."""
    log = planted.log()
    places = log.engine.collect(log.place_table()).select(
        "place", pl.col("stream").cast(pl.String), pl.col("state").cast(pl.String)
    )
    columns = [column(cause) for cause in CAUSES]
    pieces = log.engine.collect(found.pieces.select("item", "place", *columns)).join(places, on="place", how="left")
    summed: Counter[tuple[str, str, str, str]] = Counter()
    for row in pieces.iter_rows(named=True):
        for cause in CAUSES:
            summed[planted.names[row["item"]], row["stream"], row["state"], cause.value] += row[column(cause)]
    return {key: us for key, us in summed.items() if us}


def _told_by_stay(planted: PlantedLake, *, off_hours: bool) -> dict[tuple[str, str, str, str], int]:
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for wait in planted.world.truth.waits:
        for part in wait.parts:
            cause = seen_cause(part, off_hours=off_hours)
            expected[wait.item, wait.stream, wait.state, cause.value] += part.until_us - part.from_us
    return dict(expected)
