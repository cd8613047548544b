"""What tests of pick-up folders share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from pegel_web.core.actor import Actor
from pegel_web.ingestion import queries as brought
from pegel_web.ingestion import services as ingestion
from pegel_web.ingestion.contracts import FileReport, Reading
from pegel_web.jobs.actors import pegel_itself
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.services import enqueue
from pegel_web.pickup import services
from pegel_web.pickup.contracts import PickupReport
from tests.pegel_web.company import Company

#: What the confirmed import held: its second date says that the day comes first.
EXAMPLE = "Vorgang;Wann;Wohin\nA-1;03/04/2026 09:00;Los\nA-1;25/04/2026 09:00;Fertig\n"


def more(item: str) -> str:
    """Return an export of one more item; alone, its dates could be read either way."""
    return f"Vorgang;Wann;Wohin\n{item};04/05/2026 09:00;Los\n{item};06/05/2026 09:00;Fertig\n"


def look(times: int = 1) -> None:
    """Let a minute pass, so often: one look into all folders, then whatever it asked for."""
    for _ in range(times):
        actor = pegel_itself(at=shared_now(), request_id="test-look")
        enqueue(actor=actor, kind="pickup.look", arguments={}, label_code="job.pickup.look")
        run_waiting_jobs()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Configure a pick-up folder with the sub-folder claims/motor, apart from the data folder of the test."""
    folder = tmp_path / "drop"
    (folder / "claims" / "motor").mkdir(parents=True)
    with override_settings(DATA_DIR=tmp_path / "data", PEGEL_PICKUP_DIR=folder):
        yield folder


@pytest.fixture
def motor(root: Path) -> Path:
    """Return the folder of the team Motor."""
    return root / "claims" / "motor"


@pytest.fixture
def lead(company: Company) -> Actor:
    """Return the lead of the team Motor."""
    return company.actor("team_lead", "K1")


@pytest.fixture
def example(root: Path, lead: Actor, company: Company) -> FileReport:
    """Return an import that the lead has confirmed."""
    assert root.is_dir()
    reading = Reading(format="csv.transitions", columns={"item": "Vorgang", "at": "Wann", "state": "Wohin"})
    made = ingestion.bring_file(
        actor=lead, unit_id=company.unit("K1"), file_name="Motor.csv", parts=[EXAMPLE.encode()], reading=reading
    )
    run_waiting_jobs()
    seen = brought.brought_file(actor=lead, file_id=made.line.id).seen
    ingestion.confirm_file(actor=lead, file_id=made.line.id, seen=seen)
    run_waiting_jobs()
    return brought.brought_file(actor=lead, file_id=made.line.id)


@pytest.fixture
def declared(example: FileReport, lead: Actor) -> PickupReport:
    """Return the folder claims/motor, declared by the lead."""
    return services.declare_folder(actor=lead, name="claims/motor", file_id=example.line.id)


Drop = Callable[[str, str], Path]


@pytest.fixture
def drop(motor: Path) -> Drop:
    """Return a function that writes a file into the folder."""

    def dropped(name: str, content: str) -> Path:
        path = motor / name
        path.write_text(content)
        return path

    return dropped
