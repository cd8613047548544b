"""What tests of value streams share: a lake and a data folder of their own."""

from pathlib import Path

import pytest
from django.test import override_settings

from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.streams import Stream
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path) -> object:
    """Let every test have a data folder of its own."""
    with override_settings(DATA_DIR=tmp_path / "data"):
        yield


@pytest.fixture
def boss(company: Company) -> Actor:
    return company.actor("programme_lead", "C")


@pytest.fixture
def claims(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    """Return a computed stream of the team Motor."""
    make_lake(tmp_path, {"Claims": rows_of_weeks(), "Sales": rows_of_weeks(prefix="S")})
    return adopted(boss, "Claims", company.unit("K1"))
