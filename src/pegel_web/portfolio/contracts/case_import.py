"""What is said about an import of use cases: before it, what would happen; after it, what did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pegel_web.jobs.contracts import JobReport


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImportColumn:
    """A column of the file. ``target``: the field it is read as, ``keep`` (kept as the source says it) or empty: not
    read. ``confidence``: of the suggestion, 0 to 1; 1 where a person said it. ``filled``: rows with a value.
    """

    header: str
    target: str
    confidence: float
    filled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImportLine:
    """What happens to one use case. ``verb``: added or changed; ``number``: of one that is there.

    ``before``, ``after``: the values that differ. ``kept``: fields that were changed here and at the source: ours stay.
    """

    row: int
    verb: str
    key: str
    title: str
    number: int | None
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCaseRow:
    """A row that cannot be taken over. ``reason``: words ``portfolio.import.reject.REASON``; ``cells`` as read."""

    row: int
    reason: str
    detail: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedValue:
    """What a spelling became and how often; ``became`` empty: it was not understood and is kept as a detail."""

    field: str
    said: str
    became: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImportNote:
    """Something that happened to several rows on the way: words ``portfolio.import.note.CODE``."""

    code: str
    field: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImportReport:
    """An import of use cases. ``state``: previewed, queued (confirmed, in the background), confirmed or discarded.

    ``digest``: of exactly what was shown. ``lines``, ``rejected``, ``normalised``: the first of all; their numbers
    stand beside them. ``left_out``: columns that were not read. ``job``: where the work in the background is, or why it
    ended without changing anything.
    """

    case_import_id: UUID
    state: str
    file_name: str
    source: str
    unit_id: UUID
    unit_name: str
    made_at: datetime
    confirmed_at: datetime | None
    digest: str
    rows: int
    added: int
    changed: int
    unchanged: int
    total: int
    rejected_total: int
    normalised_total: int
    columns: tuple[CaseImportColumn, ...]
    lines: tuple[CaseImportLine, ...]
    rejected: tuple[RefusedCaseRow, ...]
    normalised: tuple[NormalisedValue, ...]
    notes: tuple[CaseImportNote, ...]
    left_out: tuple[str, ...]
    rows_kept: bool
    job: JobReport | None = None
