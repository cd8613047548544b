"""One writer at a time: an exclusive lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pegel.errors import BusyError


@contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Hold the lake's write lock.

    Raises
    ------
    BusyError: ``lake_busy`` when another process is writing.
    """
    with (root / "write.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("lake_busy", lake=root.name) from None
        yield


def replace_text(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old or the new one, never half of it."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
