"""Rosters: who belongs to which unit, and when. People leave the reader as pseudonyms only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from pegel.eventlog.batch import name_defect
from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.formats import ReadOptions
from pegel.sources.usage.dated_table import dated_rows
from pegel.sources.usage.licences import HEADERS as LICENCE_HEADERS
from pegel.sources.usage.people import People
from pegel.sources.usage.plain_table import HEADERS as USAGE_HEADERS
from pegel.sources.usage.tidy import ROSTER, Fates, TableRead

HEADERS: Final = {
    "person": USAGE_HEADERS["person"],
    "unit": LICENCE_HEADERS["unit"],
    "joined": ("joined", "joined on", "from", "since", "start", "eintritt", "seit", "ab", "von", "beginn"),
    "left": ("left", "left on", "until", "to", "end", "austritt", "bis", "ende"),
}


def read_roster(
    path: Path | str,
    *,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
) -> TableRead:
    """Read a roster: person, unit and, where given, first and last day.

    Raises
    ------
    NotFoundError, InputError, AmbiguousInputError: those of ``open_table``; ``columns_missing``, ``ambiguous_dates``.
    """
    fates = Fates()
    people = People(pseudonyms, known_as)
    seen: set[tuple[Any, ...]] = set()
    kept: list[tuple[Any, ...]] = []
    dates = ("joined", "left")
    rows = dated_rows(path, fates, headers=HEADERS, dates=dates, required=("person", "unit"), options=options)
    for row, texts, days in rows:
        joined, left = days.get("joined"), days.get("left")
        if reason := name_defect(texts["person"]) or name_defect(texts["unit"]):
            fates.reject(row, reason)
        elif joined is not None and left is not None and left < joined:
            fates.reject(row, "left_before_joined", left)
        elif (found := (people.of(texts["person"]), texts["unit"], joined, left)) in seen:
            fates.duplicate += 1
        else:
            seen.add(found)
            kept.append((*found, row))
    return TableRead(
        table=pl.DataFrame(kept, schema=ROSTER, orient="row").sort("unit", "member", "joined", "row"),
        rejects=fates.rejects(),
        rows=fates.rows,
        duplicate=fates.duplicate,
        ignored=+fates.ignored,
        warnings=+fates.warnings,
    )
