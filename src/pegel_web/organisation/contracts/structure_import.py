"""What is said about an import of the organisation: before it, what would happen; after it, what did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pegel_web.jobs.contracts import JobReport


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """How many records of one kind are added, changed, ended, stay as they are, or are refused."""

    kind: str
    added: int
    changed: int
    ended: int
    unchanged: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One change. ``what``: the record as the file calls it; ``before``, ``after``: the values that differ."""

    kind: str
    verb: str
    row: int | None
    what: str
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that cannot be taken over. ``row``: its number below the header; None: nothing in the file, but something
    missing from it. ``reason``: words ``organisation.structure_import.reject.REASON``.
    """

    kind: str
    row: int | None
    reason: str
    detail: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """An import. ``state``: ``previewed``, ``queued`` (it is being confirmed in the background), ``confirmed`` or
    ``discarded``; ``digest``: of exactly what was shown.

    ``lines``: the first of all changes (``total`` says how many there are); empty once the import is done.
    ``left_out``: columns and sheets that were not read, and why: words ``organisation.structure_import.left.…``.
    ``job``: where the work in the background is, or why it ended without changing anything; None: there was none, or
    the import is done.
    """

    import_id: UUID
    state: str
    file_name: str
    effective_date: date
    with_names: bool
    complete: bool
    made_at: datetime
    made_by: str | None
    confirmed_at: datetime | None
    digest: str
    counts: tuple[ImportCounts, ...]
    lines: tuple[ImportLine, ...]
    total: int
    rejected: tuple[RejectedRow, ...]
    rejected_total: int
    left_out: tuple[tuple[str, str], ...]
    rows_kept: bool
    job: JobReport | None = None
