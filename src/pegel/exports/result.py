"""What an export did: counts by table, and what a person should know about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pegel.exports.view import Chunk

ExportFormat = Literal["csv", "xes", "parquet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """A finished export.

    ``items``: items in it. ``rows``: what was written, by kind: ``rows`` of CSV, ``events`` of XES, rows of the tables
    in Parquet. ``bytes``: size on disk. ``remarks``: what could not be said in the format, by code.
    """

    format: ExportFormat
    path: Path
    items: int
    rows: dict[str, int]
    bytes: int
    remarks: dict[str, int]


@dataclass(slots=True)
class Written:
    """The account of an export under way; ``on_part`` is called after each chunk with rows so far and share."""

    on_part: Callable[[int, float], None] | None = None
    items: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)

    def remark(self, code: str, count: int) -> None:
        """Count something that a person should know; nothing for none."""
        if count:
            self.remarks[code] += count

    def chunk_done(self, chunk: Chunk, **rows: int) -> None:
        """Count a chunk that was written."""
        self.items += chunk.items.height
        self.rows.update(rows)
        if self.on_part is not None:
            self.on_part(self.rows.total(), chunk.share)
