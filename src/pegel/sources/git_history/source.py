"""A history as a source of events: reads all commits, then maps them; either kind of file uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.eventlog.schema import EARLIEST_US, LATEST_US
from pegel.sources.git_history.commits import Commit
from pegel.sources.git_history.to_events import HistoryMapping

_ENDINGS: Final = (".gz", ".zip", ".csv", ".tsv", ".txt", ".log", ".xlsx", ".xlsm")


class Broken(NamedTuple):
    """A row that is no commit, with its reason."""

    row: int
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read: ``commits`` begins anew at each call; ``progress`` tells the share of the file read."""

    source: str
    commits: Callable[[], Iterator[Commit | Broken]]
    progress: Callable[[], float | None]
    stream: str
    batch_rows: int
    columns: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


class CommitHistory:
    """An opened history (an ``EventSource``)."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._mapping = self._new_mapping()

    def batches(self) -> Iterator[Batch]:
        """Yield batches: first rejected and repeated rows, then the items.

        Raises
        ------
        InputError: what only reading on can show (``archive_broken`` …).
        """
        self._mapping = self._new_mapping()
        builder = BatchBuilder()
        known: dict[str, bytes] = {}
        commits: list[Commit] = []
        for one in self._reading.commits():
            if isinstance(one, Broken):
                builder.reject(one.row, one.reason, one.detail)
            elif not (EARLIEST_US <= one.authored_us < LATEST_US and EARLIEST_US <= one.committed_us < LATEST_US):
                builder.reject(one.row, "time_out_of_range", one.hash)
            elif one.hash not in known:
                known[one.hash] = _digest(one)
                commits.append(one)
            elif known[one.hash] == _digest(one):
                builder.duplicate += 1
            else:
                builder.reject(one.row, "item_repeated", one.hash)
        known.clear()
        yield builder.take()
        yield from self._mapping.batches(commits)

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        mapping, notes = self._mapping, dict(self._reading.notes)
        if mapping.requests:
            notes["requests"] = str(mapping.requests)
        if mapping.commits:
            notes["single_commits"] = str(mapping.commits)
        if mapping.missing_parents:
            notes["parents_missing"] = str(mapping.missing_parents)
        notes["code_history_only"] = ""
        return SourceInfo(
            source=self._reading.source,
            log_kind="states",
            state_hints=mapping.hints(),
            columns=self._reading.columns,
            left_out=self._reading.left_out,
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._reading.progress()

    def _new_mapping(self) -> HistoryMapping:
        return HistoryMapping(stream=self._reading.stream, batch_rows=self._reading.batch_rows)


def stream_by_name(path: Path) -> str:
    """Name of a stream after a file that says none.

    >>> stream_by_name(Path("x/pegel.log.gz"))
    'pegel'
    """
    name = Path(path).name
    for ending in _ENDINGS:
        name = name[: -len(ending)] if name.lower().endswith(ending) and len(name) > len(ending) else name
    return name


def _digest(commit: Commit) -> bytes:
    said = (commit.parents, commit.authored_us, commit.committed_us, commit.actor, commit.request, commit.tags)
    return blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=8).digest()
