"""Reads a file of saved answers into batches, whichever API gave them.

Row: one issue or pull request, or a part of one that was saved apart (its event, review, comment). The file is read
twice: first to learn how many rows tell of each item, then to write each item when its last row was read. In memory
are the items whose rows are spread over the file, at some 300 bytes per event; items told by one row are not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.sources.formats import ReadOptions
from pegel.sources.github.parts import Parsed, Part
from pegel.sources.github.to_events import IssueMapping
from pegel.sources.reading import open_bytes, open_text

_MOST_RECORDS: Final = 500_000


@dataclass(slots=True)
class Pages:
    """What the pages say of themselves: how many records there are, and whether more pages follow (by name)."""

    announced: int = 0
    open: dict[str, bool] = field(default_factory=dict)


#: Reads a text as rows, and notes what the pages say.
Reader = Callable[[TextIO, ReadOptions, Pages], Iterator[Parsed]]


class SavedAnswers:
    """A file of saved answers; ``read``: how their API writes them."""

    def __init__(self, path: Path, options: ReadOptions, *, name: str, read: Reader, left_out: tuple[str, ...]) -> None:
        with open_bytes(path):  # a file that cannot be opened is told now
            pass
        self._path = path
        self._options = options
        self._name = name
        self._read = read
        self._left_out = left_out
        self._text: TextIO | None = None
        self._share = (0.0, 0.5)
        self._pages = Pages()
        self._rows = 0
        self._mapping = IssueMapping(options)

    def batches(self) -> Iterator[Batch]:
        """Yield the file's rows as batches.

        Raises
        ------
        InputError: the file is broken, cut short or hostile (``json_*``, ``archive_*``).
        """
        self._share, self._mapping, self._rows = (0.0, 0.5), IssueMapping(self._options), 0
        expected = Counter(part.item for _, part in self._unlike() if part is not None)
        self._share, self._pages = (0.5, 0.5), Pages()
        builder, in_batch = BatchBuilder(), 0
        waiting: dict[str, list[Part]] = {}
        for parsed, part in self._unlike():
            self._rows += 1
            if part is None:
                in_batch += 1
                _settle(builder, self._rows, parsed)
            else:
                part.row = self._rows
                parts = waiting.setdefault(part.item, [])
                parts.append(part)
                if len(parts) == expected[part.item]:
                    self._mapping.add(builder, part.item, waiting.pop(part.item))
                    in_batch += len(parts)
            if in_batch >= self._options.batch_rows or len(builder) >= _MOST_RECORDS:
                yield builder.take()
                in_batch = 0
        self._share = (1.0, 0.0)
        yield builder.take()

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        notes: dict[str, str] = {}
        if self._mapping.without_history:
            notes["no_state_history"] = str(self._mapping.without_history)
        if any(self._pages.open.values()) or self._pages.announced > self._rows:
            notes["pages_missing"] = str(self._pages.announced or "")
        if self._mapping.links_outside:
            notes["links_outside"] = str(self._mapping.links_outside)
        dates_only = bool(self._mapping.without_history) and not self._mapping.with_history
        return SourceInfo(
            source=self._name,
            log_kind="dates" if dates_only else "states",
            state_hints=self._mapping.state_hints(),
            left_out=tuple(name for name in self._left_out if not (name == "title" and self._options.titles)),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read (it is read twice)."""
        start, width = self._share
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return start + width * (buffer.share_read() if buffer is not None else 0.0)

    def _unlike(self) -> Iterator[tuple[Parsed, Part | None]]:
        """Yield every row, with its part unless it is broken or says exactly what an earlier row said."""
        seen: set[bytes] = set()
        with open_text(self._path, self._options.encoding) as opened:
            self._text = opened
            for parsed in self._read(opened, self._options, self._pages):
                repeated = parsed.digest in seen
                seen.add(parsed.digest)
                if repeated:
                    yield Parsed(parsed.digest), None
                else:
                    yield parsed, parsed.part


def _settle(builder: BatchBuilder, row: int, parsed: Parsed) -> None:
    """Give a row that tells of no item its fate."""
    if parsed.ignored:
        builder.ignored[parsed.reason] += 1
    elif parsed.reason:
        builder.reject(row, parsed.reason, parsed.detail)
    else:
        builder.duplicate += 1
