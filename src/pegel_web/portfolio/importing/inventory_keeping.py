"""What is kept of an import of use cases for a day, packed: the file, what was shown, what was refused."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pegel_web.portfolio.contracts.case_import import CaseImportLine, NormalisedValue, RefusedCaseRow
from pegel_web.portfolio.importing.inventory_reading import Inventory, InventoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptInventory:
    """The file (None once the import is done), the lines that were shown, the rows that were refused."""

    inventory: Inventory | None
    lines: tuple[CaseImportLine, ...]
    rejected: tuple[RefusedCaseRow, ...]
    normalised: tuple[NormalisedValue, ...]


def pack(kept: KeptInventory) -> bytes:
    """Return it as bytes."""
    file = kept.inventory
    said: dict[str, Any] = {
        "columns": None if file is None else list(file.columns),
        "rows": [] if file is None else [[one.number, dict(one.cells), one.broken] for one in file.rows],
        "lines": [
            [one.row, one.verb, one.key, one.title, one.number, one.before, one.after, one.kept] for one in kept.lines
        ],
        "rejected": [[one.row, one.reason, one.detail, one.cells] for one in kept.rejected],
        "normalised": [[one.field, one.said, one.became, one.count] for one in kept.normalised],
    }
    return zlib.compress(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"), level=3)


def unpack(content: bytes | memoryview | None) -> KeptInventory:
    """Return what was kept; nothing, where it was forgotten."""
    if content is None:
        return KeptInventory(inventory=None, lines=(), rejected=(), normalised=())
    said = json.loads(zlib.decompress(bytes(content)))
    rows = (InventoryRow(number=number, cells=cells, broken=broken) for number, cells, broken in said["rows"])
    return KeptInventory(
        inventory=None if said["columns"] is None else Inventory(columns=tuple(said["columns"]), rows=tuple(rows)),
        lines=tuple(
            CaseImportLine(
                row=row, verb=verb, key=key, title=title, number=number, before=_pairs(before), after=_pairs(after),
                kept=tuple(ours),
            )
            for row, verb, key, title, number, before, after, ours in said["lines"]
        ),
        rejected=tuple(
            RefusedCaseRow(row=row, reason=reason, detail=detail, cells=_pairs(cells))
            for row, reason, detail, cells in said["rejected"]
        ),
        normalised=tuple(
            NormalisedValue(field=field, said=value, became=became, count=count)
            for field, value, became, count in said["normalised"]
        ),
    )  # fmt: skip


def _pairs(values: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in values)
