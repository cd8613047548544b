"""``pegel serve`` as people run it: up, both processes there, back after a crash, gone together."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.pegel_web.fresh_database import fresh_database

PROGRAM = "import sys; from pegel.cli import run; sys.exit(run(sys.argv[1:]))"


class Running:
    """A started ``pegel serve`` on a port of its own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "serve.log"
        self.environment = environment
        command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(self.port)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def children(self) -> dict[str, int]:
        """Return the processes by name, as the kernel knows them."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (place / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError, ValueError):
                continue
            if parent == self.process.pid and len(words) > 3:
                found[words[3].decode()] = int(place.name)
        return found

    def figure(self, name: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))

    def until(self, condition: Callable[[], bool], seconds: float = 240) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.2)


def gone(pid: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True


needs_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
pytestmark = [
    needs_linux,
    pytest.mark.skipif(
        not any(point.name == "worker" for point in entry_points(group="pegel.commands")),
        reason="the commands are not installed: install the package again after a change of its entry points",
    ),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / "data"
    folder.mkdir()
    with fresh_database(folder) as environment:
        running = Running(tmp_path, environment)
        yield running
        for pid in (*running.children().values(), running.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        running.process.wait()


def test_up_back_after_a_crash_and_gone_together(served: Running) -> None:
    served.until(served.ready)
    served.until(lambda: set(served.children()) == {"web", "worker"})
    served.until(lambda: served.figure("pegel_workers") == 1.0)
    for name in ("worker", "web"):
        before = served.children()[name]
        os.kill(before, signal.SIGKILL)
        served.until(lambda name=name, before=before: served.children().get(name, before) != before)
    served.until(served.ready)
    children = served.children()
    assert set(children) == {"web", "worker"}
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    assert all(gone(pid) for pid in children.values())
    lines = [json.loads(line) for line in served.log.read_text().splitlines() if line.startswith("{")]
    assert "worker_ended" in {line["event"] for line in lines}


def test_a_killed_supervisor_leaves_nobody_behind(served: Running) -> None:
    served.until(lambda: set(served.children()) == {"web", "worker"})
    served.until(served.ready)
    children = served.children()
    served.process.kill()
    served.process.wait()
    served.until(lambda: all(gone(pid) for pid in children.values()), 30)


def test_a_port_in_use_is_said_and_does_not_go_on_for_ever(served: Running) -> None:
    served.until(served.ready)
    command = [sys.executable, "-c", PROGRAM, "web", "--port", str(served.port)]
    done = subprocess.run(command, env=served.environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert str(served.port) in done.stderr


def test_a_wrong_setting_ends_it_at_once(tmp_path: Path) -> None:
    environment = {**os.environ, "PEGEL_DATA_DIR": str(tmp_path), "PEGEL_TRUSTED_PROXIES": "99", "PEGEL_LANGUAGE": "en"}
    for command in ("serve", "web", "worker", "migrate", "doctor"):
        arguments = [sys.executable, "-c", PROGRAM, command]
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert (command, done.returncode) == (command, 2)
        assert "PEGEL_TRUSTED_PROXIES cannot be used" in done.stderr
        assert "Traceback" not in done.stderr
