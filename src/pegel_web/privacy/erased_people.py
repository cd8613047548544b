"""Who was forgotten, outside the database: a restored backup knows those people again, this file makes it forget them.

One line per person in ``erased-people.jsonl``: the number that stands for the person, and when. No names.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

FILE: Final = "erased-people.jsonl"


class ErasedPeople:
    """The file in a folder. Lines that cannot be read are kept and counted, never guessed at."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def note(self, people: Mapping[UUID, datetime]) -> None:
        """Add people; those who stand there already stay as they are."""
        with self._locked() as descriptor:
            said = _whole(descriptor)
            known = dict(_parsed(said))
            lines = "".join(
                json.dumps({"person": str(person), "at": at.isoformat()}) + "\n"
                for person, at in people.items()
                if person not in known
            )
            if lines:
                os.write(descriptor, (("" if not said or said.endswith("\n") else "\n") + lines).encode())
                os.fsync(descriptor)

    def read(self) -> dict[UUID, datetime]:
        """Return who was forgotten, and when."""
        return dict(_parsed(self.path.read_text(encoding="utf-8", errors="replace"))) if self.path.exists() else {}

    def unreadable(self) -> int:
        """Return how many lines cannot be read."""
        if not self.path.exists():
            return 0
        lines = [line for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        return sum(_one(line) is None for line in lines)

    def drop(self, *, before: datetime) -> int:
        """Drop lines older than a moment; returns how many."""
        if not self.path.exists():
            return 0
        with self._locked() as descriptor:
            lines = _whole(descriptor).splitlines()
            kept = [line for line in lines if (one := _one(line)) is None or one[1] >= before]
            if len(kept) < len(lines):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, "".join(f"{line}\n" for line in kept).encode())
                os.fsync(descriptor)
            return len(lines) - len(kept)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def _whole(descriptor: int) -> str:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "replace")


def _parsed(text: str) -> Iterator[tuple[UUID, datetime]]:
    return (one for line in text.splitlines() if (one := _one(line)) is not None)


def _one(line: str) -> tuple[UUID, datetime] | None:
    try:
        said = json.loads(line)
        person, at = UUID(said["person"]), datetime.fromisoformat(said["at"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return (person, at) if at.tzinfo is not None else None
