"""The metrics find what was planted in the invented company, item by item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import DAY_US, to_us
from pegel.flow import attribute, item_windows, log_of_prepared
from pegel.flow.arrivals_and_departures import arrivals_and_departures
from pegel.flow.flow_load import summarise_flow_load
from pegel.flow.flow_report import flow_report
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake, create_lake
from pegel.words.summary import longest_wait
from pegel.worlds.company import World, company

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = BUILT_IN["first_active_to_last_done"]


@pytest.fixture(scope="module")
def world() -> World:
    return company(seed=3, items=1500, until=UNTIL)


@pytest.fixture(scope="module")
def lake(world: World, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = create_lake(tmp_path_factory.mktemp("company") / "lake")
    lake.import_source(world.source(), file="company", fingerprint="company", seen_us=to_us(UNTIL))
    return lake


@pytest.fixture(scope="module")
def log(world: World, lake: Lake) -> FlowLog:
    workflows = {stream: world.workflow(stream) for stream in world.streams}
    return log_of_prepared(lake.prepared(), workflows, as_of_us=to_us(UNTIL))


def test_every_finished_item_has_its_true_times(world: World, lake: Lake, log: FlowLog) -> None:
    table = log.engine.collect(attribute(log, POLICY, item_windows(log, POLICY)))
    names = lake.item_names(table["item"].to_list())
    found = {names[row["item"]]: row for row in table.filter(pl.col("ending") == Ending.DONE).iter_rows(named=True)}
    assert set(found) == set(world.truth.finished)
    for name, truth in world.truth.finished.items():
        row = found[name]
        assert (row["start_us"], row["end_us"], row["flow_us"]) == (truth.started_us, truth.done_us, truth.flow_us)
        assert (row["stream"], row["type"]) == (truth.stream, truth.type)
        if truth.started_us is not None:
            assert (row["active_us"], row["paused_us"]) == (truth.active_us, truth.paused_us)


def test_endings_per_stream(world: World, log: FlowLog) -> None:
    table = log.engine.collect(attribute(log, POLICY, item_windows(log, POLICY)))
    for stream, truth in world.truth.streams.items():
        mine = table.filter(pl.col("stream") == stream)
        counts = {ending: mine.filter(pl.col("ending") == ending).height for ending in Ending}
        assert counts == {
            Ending.DONE: truth.finished,
            Ending.CANCELLED: truth.cancelled,
            Ending.DELETED: truth.deleted,
            Ending.OPEN: truth.still_open,
        }


def test_load_of_the_probe_days(world: World, log: FlowLog) -> None:
    windows = log.engine.keep(attribute(log, POLICY, item_windows(log, POLICY)))
    changes = log.engine.collect(arrivals_and_departures(log, POLICY, windows))
    for day, streams in world.truth.load.items():
        start_us = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
        for stream, expected in streams.items():
            mine = changes.filter(pl.col("stream") == stream)
            load = summarise_flow_load(mine, from_us=start_us, until_us=start_us + DAY_US)
            assert load.now == expected


def test_the_planted_bottleneck_is_named(world: World, log: FlowLog) -> None:
    planted = world.truth.bottleneck
    report = flow_report(replace(log, streams=frozenset({planted.stream})), POLICY)
    worst = longest_wait(report.time_in_state)
    assert worst is not None
    assert worst.state == planted.state
    assert worst.share == pytest.approx(planted.share, abs=1e-12)
