"""What is kept of an import between its preview and its end, packed: rows, what was shown, what was refused."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pegel_web.organisation.contracts.structure_import import ImportLine, RejectedRow
from pegel_web.organisation.importing.columns import KINDS
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.importing.reading import ImportFile, packed, unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptImport:
    """The file (None once it is done), the lines that were shown (none once it is done), the rows that were refused."""

    seed: UUID | None
    file: ImportFile | None
    lines: tuple[ImportLine, ...]
    rejected: tuple[RejectedRow, ...]


def kept_of(file: ImportFile, draft: Draft) -> KeptImport:
    """Return what is kept of a preview: what the organisation calls a person only where the row has to be corrected."""
    refused = {(one.kind, one.row) for one in draft.rejected}
    tables = {
        kind: tuple(row if (kind, row.number) in refused else row.without_signs() for row in rows)
        for kind, rows in file.tables.items()
    }
    return KeptImport(
        seed=draft.seed, file=replace(file, tables=tables), lines=tuple(draft.lines), rejected=tuple(draft.rejected)
    )


def pack(kept: KeptImport) -> bytes:
    """Return it as bytes; refused rows as they stand in the file, in whatever turn they were planned."""
    tables = tuple(KINDS)
    rejected = sorted(kept.rejected, key=lambda one: (tables.index(one.kind), one.row or 0))
    said: dict[str, Any] = {
        "seed": None if kept.seed is None else str(kept.seed),
        "file": None if kept.file is None else packed(kept.file),
        "lines": [[one.kind, one.verb, one.row, one.what, one.before, one.after] for one in kept.lines],
        "rejected": [[one.kind, one.row, one.reason, one.detail, one.cells] for one in rejected],
    }
    return zlib.compress(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"), level=6)


def unpack(content: bytes | memoryview | None) -> KeptImport:
    """Return what was kept; nothing, where it was forgotten."""
    if content is None:
        return KeptImport(seed=None, file=None, lines=(), rejected=())
    said = json.loads(zlib.decompress(bytes(content)))
    return KeptImport(
        seed=None if said["seed"] is None else UUID(said["seed"]),
        file=None if said["file"] is None else unpacked(said["file"]),
        lines=tuple(
            ImportLine(kind=kind, verb=verb, row=row, what=what, before=_pairs(before), after=_pairs(after))
            for kind, verb, row, what, before, after in said["lines"]
        ),
        rejected=tuple(
            RejectedRow(kind=kind, row=row, reason=reason, detail=detail, cells=_pairs(cells))
            for kind, row, reason, detail, cells in said["rejected"]
        ),
    )


def _pairs(values: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in values)
