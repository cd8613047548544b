"""Keeping processes alive: waits that grow, processes that are hopeless, an end for those that do not listen."""

import signal
import sys
import time
from collections.abc import Iterator

import pytest

from pegel_web.commands import supervisor as module
from pegel_web.commands.supervisor import Child, Supervisor


class Script(Child):
    """A child that runs a piece of Python."""

    def start(self) -> None:
        self.process = module.subprocess.Popen([sys.executable, "-c", self.arguments[0]], stdin=module.subprocess.PIPE)
        self.started = time.monotonic()


@pytest.fixture
def crashes() -> Iterator[list[tuple[str, int]]]:
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield []
    for one, handler in before.items():
        signal.signal(one, handler)


def watched(crashes: list[tuple[str, int]], program: str) -> tuple[Supervisor, Script]:
    supervisor = Supervisor(crashed=lambda name, code: crashes.append((name, code)))
    child = Script(name="script", arguments=[program])
    supervisor._children.append(child)
    child.start()
    return supervisor, child


def test_a_crash_is_told_and_the_wait_grows(crashes: list[tuple[str, int]]) -> None:
    supervisor, child = watched(crashes, "raise SystemExit(7)")
    assert supervisor.run(until=lambda: len(crashes) == 2) is None
    assert crashes == [("script", 7), ("script", 7)]
    assert child.wait == 4.0
    supervisor.stop()


def test_a_process_that_was_used_wrongly_is_not_started_again(crashes: list[tuple[str, int]]) -> None:
    supervisor, _ = watched(crashes, "raise SystemExit(2)")
    assert supervisor.run() == 2
    assert crashes == [("script", 2)]


def test_who_does_not_listen_is_killed_after_the_grace(
    crashes: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.5)
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    supervisor, child = watched(crashes, program)
    time.sleep(0.5)
    process = child.process
    assert process is not None
    supervisor.stop()
    assert process.wait(1) == -signal.SIGKILL


def test_a_signal_ends_everything_in_order(crashes: list[tuple[str, int]]) -> None:
    supervisor, child = watched(crashes, "import time; time.sleep(60)")
    process = child.process
    assert process is not None
    signal.raise_signal(signal.SIGTERM)
    assert supervisor.run() == 0
    assert process.returncode == -signal.SIGTERM
