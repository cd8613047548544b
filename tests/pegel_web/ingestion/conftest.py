"""What tests of brought files share."""

from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings

from pegel_web.core.actor import Actor
from pegel_web.ingestion import queries, services
from pegel_web.ingestion.contracts import FileReport, Reading
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company

Bring = Callable[..., FileReport]


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path) -> object:
    """Let every test have a data folder of its own."""
    with override_settings(DATA_DIR=tmp_path / "data"):
        yield


@pytest.fixture
def lead(company: Company) -> Actor:
    """Return the lead of the team Motor."""
    return company.actor("team_lead", "K1")


@pytest.fixture
def bring(lead: Actor, company: Company) -> Bring:
    """Return a function that brings lines as a file for the team Motor and has it looked at."""

    def brought(
        lines: Iterable[str],
        *,
        name: str = "Claims.csv",
        actor: Actor = lead,
        unit: UUID | None = None,
        **reading: object,
    ) -> FileReport:
        content = "\n".join(lines).encode()
        made = services.bring_file(
            actor=actor,
            unit_id=unit or company.unit("K1"),
            file_name=name,
            parts=[content],
            reading=Reading(**reading),  # type: ignore[arg-type]  # what the test says
        )
        run_waiting_jobs()
        return queries.brought_file(actor=actor, file_id=made.line.id)

    return brought


def imported(found: FileReport, actor: Actor) -> FileReport:
    """Confirm a file and have it imported."""
    services.confirm_file(actor=actor, file_id=found.line.id, seen=found.seen)
    run_waiting_jobs()
    return queries.brought_file(actor=actor, file_id=found.line.id)
