"""Workers as they really run: processes of their own on one database, killed, cancelled, sent home."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pegel_web.fresh_database import fresh_database

PROGRAM = "tests.pegel_web.jobs.worker_process"
ROOT = Path(__file__).parents[3]


class Place:
    """A data folder and a database of their own, and the processes that were started on them."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.effects = folder / "effects.txt"
        self.effects.touch()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environment = {**environment, "EFFECTS": str(self.effects)}

    def call(self, *arguments: str) -> str:
        command = [sys.executable, "-m", PROGRAM, *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=300)
        return done.stdout.decode().strip().splitlines()[-1] if done.stdout else ""

    def start(self, *, at_once: int = 1, lease_seconds: float = 4) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", PROGRAM, "work", str(at_once), str(lease_seconds)]
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def jobs(self) -> list[dict[str, str]]:
        return json.loads(self.call("report"))

    def lines(self) -> list[str]:
        return self.effects.read_text(encoding="utf-8").split()

    def until(self, condition: Callable[[], bool], seconds: float = 240) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (self.lines()[-5:], self.jobs()[:5])
            time.sleep(0.1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with fresh_database(tmp_path) as environment:
        found = Place(tmp_path, environment)
        yield found
        for process in found.processes:
            process.kill()
            process.wait()


def test_two_workers_do_every_job_exactly_once(place: Place) -> None:
    place.call("prepare", "200", "0.01")
    place.start(at_once=2, lease_seconds=60)
    place.start(at_once=2, lease_seconds=60)
    place.until(lambda: len(place.lines()) >= 200)
    place.until(lambda: {one["state"] for one in place.jobs()} == {"done"})
    assert Counter(place.lines()) == Counter(str(n) for n in range(200))
    assert {one["attempts"] for one in place.jobs()} == {"1"}
    assert len({one["worker"] for one in place.jobs()}) == 2


def test_a_killed_worker_loses_no_job(place: Place) -> None:
    # Jobs of a second: a process that dies is in the middle of one, not between two, also where the database is slow.
    place.call("prepare", "24", "1")
    victims = [place.start(at_once=2), place.start(at_once=2)]
    for victim, seen in zip(victims, (4, 10), strict=True):
        place.until(lambda seen=seen: len(place.lines()) >= seen)
        victim.send_signal(signal.SIGKILL)
    place.start(at_once=2)
    place.until(lambda: {one["state"] for one in place.jobs()} == {"done"})
    # What was being done when the process died is done again: at most two jobs of each victim.
    assert set(place.lines()) == {str(n) for n in range(24)}
    assert len(place.lines()) <= 28
    assert "2" in {one["attempts"] for one in place.jobs()}


def test_a_running_job_stops_when_it_is_cancelled(place: Place) -> None:
    place.call("prepare", "0", "0")
    place.start()
    job = place.call("ask", "test.endless")
    place.until(lambda: place.lines() == ["begun"])
    time.sleep(1.5)
    assert int(place.jobs()[0]["done"]) > 0
    place.call("cancel", job)
    place.until(lambda: place.jobs()[0]["state"] == "cancelled")


def test_a_worker_that_is_sent_home_gives_its_job_back(place: Place) -> None:
    place.call("prepare", "0", "0")
    worker = place.start(lease_seconds=600)
    place.call("ask", "test.endless")
    place.until(lambda: place.lines() == ["begun"])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    job = place.jobs()[0]
    assert (job["state"], job["attempts"]) == ("waiting", "0")
    place.start(lease_seconds=600)
    place.until(lambda: place.lines() == ["begun", "begun"])


def test_a_task_that_does_not_listen_is_given_back_after_the_grace(place: Place) -> None:
    place.call("prepare", "0", "0")
    worker = place.start(lease_seconds=600)
    place.call("ask", "test.deaf")
    place.until(lambda: place.lines() == ["begun"])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert place.jobs()[0]["state"] == "waiting"
