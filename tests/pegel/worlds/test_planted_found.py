"""The metrics find what was planted in a small world, exactly; the large one is in tests/truth."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pegel.worlds.planted import planted
from pegel.worlds.planted_time import calendar
from tests.pegel.worlds import planted_comparison as compare
from tests.pegel.worlds.planted_lake import PlantedLake, lake_of


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> PlantedLake:
    world = planted(items=600, until=datetime(2026, 7, 1, tzinfo=UTC))
    return lake_of(world, tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize("off_hours", [False, True])
def test_waits_by_stay(small: PlantedLake, *, off_hours: bool) -> None:
    compare.compare_waits_by_stay(small, off_hours=calendar() if off_hours else None)


def test_waits_in_working_time(small: PlantedLake) -> None:
    compare.compare_waits_in_working_time(small, calendar())


def test_wait_summaries(small: PlantedLake) -> None:
    compare.compare_summaries(small, off_hours=calendar())


def test_streams_one_by_one(small: PlantedLake) -> None:
    compare.compare_streams_one_by_one(small, calendar())


def test_quality(small: PlantedLake) -> None:
    compare.compare_quality(small)


def test_network(small: PlantedLake) -> None:
    compare.compare_network(small)


def test_shared_people(small: PlantedLake) -> None:
    compare.compare_shared_people(small, compare.compare_network(small))
