"""What is remembered of the audit outside the database: one line per seal in a file that is only ever added to.

Whoever cuts the newest part off the audit would have to cut the same lines off here, and off every log that has them.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db.models import QuerySet

from pegel_web.core.models import AuditSeal

FILE: Final = "audit-heads.jsonl"
_TAIL_BYTES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The digest of a seal as it was noted; ``line``: where. ``number`` 0: the line cannot be read."""

    line: int
    number: int
    digest: str


class HeadsFile:
    """The file ``audit-heads.jsonl`` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def note_from(self, seals: QuerySet[AuditSeal]) -> None:
        """Add every seal behind the last one noted; several processes may do this at once."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            tail = os.pread(descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
            last = next(
                (head.number for head in reversed(list(_read(tail.decode(errors="replace")))) if head.number), 0
            )
            lines = "" if tail.endswith(b"\n") or not tail else "\n"
            for seal in seals.filter(number__gt=last).defer("contents").iterator():
                said = {
                    "number": seal.number,
                    "digest": seal.digest,
                    "entries": seal.entries,
                    "sealed_at": seal.sealed_at.isoformat(),
                }
                lines += json.dumps(said) + "\n"
            if lines.strip():
                os.write(descriptor, lines.encode())
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> Iterator[Head] | None:
        """Yield what was noted; None when there is no file."""
        if not self.path.exists():
            return None
        return _read(self.path.read_text(encoding="utf-8", errors="replace"))


def _read(text: str) -> Iterator[Head]:
    for line, said in enumerate(text.splitlines(), start=1):
        if not said.strip():
            continue
        try:
            noted = json.loads(said)
            number, digest = int(noted["number"]), str(noted["digest"])
        except (ValueError, TypeError, KeyError):
            number, digest = 0, ""
        yield Head(line=line, number=number, digest=digest)
