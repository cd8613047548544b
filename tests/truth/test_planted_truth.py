"""Two thousand items with planted causes, defects and dependencies: all must be found, in the planted amount."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import polars as pl
import pytest

from pegel.eventlog.schema import DAY_US, to_us
from pegel.prediction.forecast import forecast
from pegel.prediction.rules import Rules
from pegel.worlds.planted import planted
from pegel.worlds.planted_time import calendar
from tests.pegel.worlds import planted_comparison as compare
from tests.pegel.worlds.planted_lake import POLICY, PlantedLake, lake_of

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
#: Worlds over which the chances of forecasts are averaged, and the days that are forecast.
WORLDS = 30
DAYS = 14


@pytest.fixture(scope="module", params=[1, 2, 3])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PlantedLake:
    return lake_of(planted(seed=request.param, until=UNTIL), tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("off_hours", [False, True])
def test_waits_by_stay(large: PlantedLake, *, off_hours: bool) -> None:
    compare.compare_waits_by_stay(large, off_hours=calendar() if off_hours else None)


def test_waits_in_working_time(large: PlantedLake) -> None:
    compare.compare_waits_in_working_time(large, calendar())


@pytest.mark.parametrize("off_hours", [False, True])
def test_wait_summaries(large: PlantedLake, *, off_hours: bool) -> None:
    compare.compare_summaries(large, off_hours=calendar() if off_hours else None)


def test_streams_one_by_one(large: PlantedLake) -> None:
    compare.compare_streams_one_by_one(large, calendar())


def test_quality(large: PlantedLake) -> None:
    compare.compare_quality(large)


def test_network_and_shared_people(large: PlantedLake) -> None:
    compare.compare_shared_people(large, compare.compare_network(large))


def test_forecasts_keep_their_word_on_average(tmp_path: Path) -> None:
    """Ask 30 worlds how many items a stationary stream finishes in 14 days at least: the law knows how sure that is.

    A forecast sees 60 days. Their mean is off by √1.55 ÷ √60 = 0.16 items a day or 2.2 in 14 days, where the truth has
    a standard deviation of √(14 · 1.55) = 4.7: the exact chance of one forecast is off by some 0.1 or 0.2, the average
    of 30 by some 0.03. The chance of "at least the median" is above one half by half the chance of the median, 0.04.
    """
    # The first finished items were begun up to nine days earlier: the window leaves the beginning of the log out.
    rules = Rules(window_days=60)
    chances: dict[int, list[float]] = {50: [], 85: []}
    for seed in range(WORLDS):
        here = lake_of(planted(seed=seed, items=600, until=UNTIL), tmp_path / str(seed))
        law = here.world.truth.service
        asked_us = to_us(UNTIL) + DAYS * DAY_US - 1
        found = forecast(here.log(law.stream), POLICY, until_us=asked_us, rules=rules, with_backtest=False)
        told = found.how_many.filter(pl.col("stream").is_null() & (pl.col("answer") == "value"))
        for level, items in told.select("level", "items").iter_rows():
            if level in chances:
                chances[level].append(law.chance_of_at_least(items, days=DAYS))
    assert [len(found) for found in chances.values()] == [WORLDS, WORLDS]
    assert mean(chances[50]) == pytest.approx(0.54, abs=0.08)
    assert mean(chances[85]) == pytest.approx(0.87, abs=0.06)
