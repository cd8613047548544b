"""A child process ends with the supervisor that started it, even when that one was killed."""

from __future__ import annotations

import os
import signal
from threading import Thread
from typing import Final

#: Set by the supervisor, which holds the other end of standard input.
SUPERVISED: Final = "PEGEL_SUPERVISED"


def end_with_supervisor() -> None:
    """Ask this process to end as soon as standard input ends, where a supervisor holds it."""
    if os.environ.pop(SUPERVISED, None):
        Thread(target=_wait, name="supervisor", daemon=True).start()


def _wait() -> None:
    # Without a buffer, whose lock would be held while the interpreter ends.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
