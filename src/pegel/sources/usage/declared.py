"""Declared dates: since when a unit works with AI, as somebody responsible says.

Taken: unit, day, and the role of whoever says so. Notes are not taken; nor is a role that is an e-mail address. A row
without a day declares that the unit has not adopted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import polars as pl

from pegel.eventlog.batch import name_defect
from pegel.sources.formats import ReadOptions
from pegel.sources.usage.dated_table import dated_rows
from pegel.sources.usage.licences import HEADERS as LICENCE_HEADERS
from pegel.sources.usage.tidy import DECLARED, Fates, TableRead

HEADERS: Final = {
    "unit": LICENCE_HEADERS["unit"],
    "date": (
        "date",
        "adopted",
        "adopted on",
        "since",
        "from",
        "start",
        "datum",
        "seit",
        "ab",
        "eingeführt am",
        "beginn",
    ),
    "role": ("role", "by", "declared by", "said by", "rolle", "durch", "angegeben von"),
}  # fmt: skip
_LONGEST_ROLE: Final = 100


def read_declared(path: Path | str, *, options: ReadOptions | None = None) -> TableRead:
    """Read a table of declared dates.

    Raises
    ------
    NotFoundError, InputError, AmbiguousInputError: those of ``open_table``; ``columns_missing``, ``ambiguous_dates``.
    """
    fates = Fates()
    seen: set[tuple[Any, ...]] = set()
    kept: list[tuple[Any, ...]] = []
    rows = dated_rows(path, fates, headers=HEADERS, dates=("date",), required=("unit", "date"), options=options)
    for row, texts, days in rows:
        role = texts.get("role", "")
        found = (texts["unit"], days["date"], role if role and "@" not in role and len(role) <= _LONGEST_ROLE else None)
        if reason := name_defect(texts["unit"]):
            fates.reject(row, reason)
        elif found in seen:
            fates.duplicate += 1
        else:
            seen.add(found)
            kept.append((*found, row))
    return TableRead(
        table=pl.DataFrame(kept, schema=DECLARED, orient="row").sort("unit", "date", "row"),
        rejects=fates.rejects(),
        rows=fates.rows,
        duplicate=fates.duplicate,
        ignored=+fates.ignored,
        warnings=+fates.warnings,
    )
