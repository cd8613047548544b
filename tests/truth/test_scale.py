"""A million transitions with known truth: the metrics must find exactly what was planted."""

from __future__ import annotations

import polars as pl
import pytest

from pegel.eventlog.policy import BUILT_IN
from pegel.flow import item_windows, log_of_prepared
from pegel.flow.item_windows import Ending, exact_item_windows
from pegel.flow.log import FlowLog
from pegel.lake.store import create_lake
from pegel.worlds.scale import ScaleSource, scale_truth, scale_workflow

TRANSITIONS = 1_000_000
POLICY = BUILT_IN["first_active_to_last_done"]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> FlowLog:
    lake = create_lake(tmp_path_factory.mktemp("scale") / "lake")
    source = ScaleSource(transitions=TRANSITIONS)
    lake.import_source(source, file="scale", fingerprint="scale", seen_us=2 * 10**15)
    return log_of_prepared(lake.prepared(), dict.fromkeys(lake.streams(), scale_workflow()))


def test_the_metrics_find_the_truth(log: FlowLog) -> None:
    truth = scale_truth(transitions=TRANSITIONS)
    windows = log.engine.collect(item_windows(log, POLICY))
    done = windows.filter(pl.col("ending") == Ending.DONE)
    assert windows.height == truth.items
    assert done.height == truth.finished
    assert done["flow_us"].null_count() == truth.without_flow_time
    assert done["flow_us"].sum() == truth.flow_us
    assert windows.filter(pl.col("ending") == Ending.CANCELLED).height == truth.cancelled
    assert windows["reopened"].sum() == truth.reopened


def test_both_ways_to_item_windows_agree_on_all_of_them(log: FlowLog) -> None:
    columns = pl.exclude("place", "place_today")
    for policy in BUILT_IN.values():
        fast = log.engine.collect(item_windows(log, policy)).sort("item").select(columns)
        exact = log.engine.collect(exact_item_windows(log, policy)).sort("item").select(columns)
        assert fast.equals(exact)
