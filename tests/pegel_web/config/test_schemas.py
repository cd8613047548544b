"""Every released schema can be brought to today's, with its rows, on both databases."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.pegel_web.fresh_database import fresh_database

SCHEMAS = Path(__file__).parent / "schemas"
ROOT = Path(__file__).parents[3]
VERSIONS = sorted(path.name.removesuffix(".json.gz") for path in SCHEMAS.glob("*.json.gz"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_schema_comes_to_today_with_all_its_rows(version: str, tmp_path: Path) -> None:
    with fresh_database(tmp_path) as environment:
        command = [sys.executable, "-m", "tests.pegel_web.config.schema_fixture", "load", version]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["missing"] == []
    assert said["lost"] == {}
    assert said["administrators"] == 1
    assert "failed" not in said["jobs"]


def test_there_is_a_fixture_of_a_released_schema() -> None:
    assert VERSIONS


def test_no_change_of_a_model_lacks_its_migration(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
