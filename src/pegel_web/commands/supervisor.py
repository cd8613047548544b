"""Keeping processes alive: started, watched, started again after a crash, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pegel_web.commands.supervised import SUPERVISED

#: Seconds until a process that crashed is started again, doubled each time up to the second number.
WAITS: Final = (1.0, 30.0)
#: Who lives so many seconds is well again.
WELL_AFTER: Final = 60.0
#: Seconds that processes get to end in order.
GRACE: Final = 15.0
#: A process that ends with one of these was used wrongly: starting it again would end the same way.
HOPELESS: Final = frozenset({2, 3, 5})


@dataclass(slots=True)
class Child:
    """A process that should always be there."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float = 0.0
    wait: float = field(default=WAITS[0])

    def start(self) -> None:
        """Start it; it ends when the pipe that is its standard input ends, so never after its supervisor."""
        program = "import sys; from pegel.cli import run; sys.exit(run(sys.argv[1:]))"
        self.process = subprocess.Popen(  # noqa: S603  (our own program, with arguments of our own)
            [sys.executable, "-c", program, *self.arguments],
            stdin=subprocess.PIPE,
            env={**os.environ, SUPERVISED: "1"},
            # Ctrl-C reaches the supervisor only, which then ends everything in order.
            start_new_session=True,
        )
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """Return the exit code of a process that has just ended, and plan its next start; None: it lives."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        now = time.monotonic()
        if now - self.started > WELL_AFTER:
            self.wait = WAITS[0]
        self.again_at, self.wait = now + self.wait, min(WAITS[1], self.wait * 2)
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def wait_until(self, moment: float) -> None:
        """Wait for its end; at the moment it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, moment - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class Supervisor:
    """Watches processes until it is asked to end.

    ``crashed``: told the name and exit code of each process that ended without being asked to.
    """

    def __init__(self, *, crashed: Callable[[str, int], None]) -> None:
        self._children: list[Child] = []
        self._ending = False
        self._crashed = crashed
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._end)

    def add(self, name: str, *arguments: str) -> None:
        """Start a process and keep it."""
        child = Child(name=name, arguments=arguments)
        self._children.append(child)
        child.start()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> int | None:
        """Watch until asked to end, until a process is hopeless, or until the condition holds.

        Returns the exit code with which to end; None: the condition holds and everything goes on.
        """
        while not self._ending:
            for child in self._children:
                code = child.ended()
                if code is not None:
                    self._crashed(child.name, code)
                    if code in HOPELESS:
                        self.stop()
                        return code
                if child.process is None and time.monotonic() >= child.again_at:
                    child.start()
            if until():
                return None
            time.sleep(0.1)
        self.stop()
        return 0

    def stop(self) -> None:
        """End all processes: in order where they can, in any case after the grace."""
        for child in self._children:
            child.terminate()
        moment = time.monotonic() + GRACE
        for child in self._children:
            child.wait_until(moment)

    def _end(self, *_: object) -> None:
        self._ending = True
