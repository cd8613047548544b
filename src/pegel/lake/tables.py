"""The append-only tables on disk: Delta on Parquet, one partition per part of an import.

A *part* is one batch of one import, named ``<import id>.<number>``. A part that was not finished is removed and
written again when the import is resumed; readers name the parts they want to see, so a part that no committed import
owns is invisible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, write_deltalake

#: Columns on disk: the event-log schema with the item's number in place of its id.
STORED: Final[dict[str, dict[str, pl.DataType]]] = {
    "items": {
        "row_id": pl.Int64(),  # of this record, for good: see ``row_ids``
        "item_no": pl.Int32(),
        "item": pl.String(),
        "stream": pl.String(),
        "type": pl.String(),
        "parent": pl.String(),
        "created_us": pl.Int64(),
        "title": pl.String(),
        "attributes": pl.String(),
        "seen_us": pl.Int64(),
        "import_no": pl.Int32(),
    },
    "transitions": {
        "row_id": pl.Int64(),
        "item_no": pl.Int32(),
        "at_us": pl.Int64(),
        "sequence": pl.Int64(),
        "occurrence": pl.Int32(),  # 1, 2 … among equal (item, at, to_state)
        "from_state": pl.String(),
        "to_state": pl.String(),
        "actor": pl.String(),  # pseudonym
        "seen_us": pl.Int64(),
        "import_no": pl.Int32(),
    },
    "field_changes": {
        "row_id": pl.Int64(),
        "item_no": pl.Int32(),
        "at_us": pl.Int64(),
        "sequence": pl.Int64(),
        "occurrence": pl.Int32(),
        "field": pl.String(),
        "from_value": pl.String(),
        "to_value": pl.String(),
        "actor": pl.String(),
        "seen_us": pl.Int64(),
        "import_no": pl.Int32(),
    },
    "links": {
        "row_id": pl.Int64(),
        "item_no": pl.Int32(),
        "kind": pl.String(),
        "other": pl.String(),
        "at_us": pl.Int64(),
        "seen_us": pl.Int64(),
        "import_no": pl.Int32(),
    },
    "rejects": {"row": pl.Int64(), "reason": pl.String(), "detail": pl.String(), "import_no": pl.Int32()},
    # Records of earlier imports that this one says again: when the earlier one is undone, they stay.
    "confirmed": {"table": pl.String(), "row_id": pl.Int64(), "import_no": pl.Int32()},
}
#: Tables that hold records.
RECORDS: Final = ("items", "transitions", "field_changes", "links")

#: The register of imports: a line when one is committed, another when it is undone or takes records over. The last
#: line of an id counts.
IMPORTS: Final[dict[str, pl.DataType]] = {
    "line_no": pl.Int32(),
    "import_id": pl.String(),
    "import_no": pl.Int32(),
    "event": pl.String(),  # committed | undone
    "parts": pl.Int32(),
    "rescued": pl.Int32(),  # further parts: records taken over from imports that were undone
    "source": pl.String(),
    "file": pl.String(),
    "fingerprint": pl.String(),
    "at_us": pl.Int64(),
    "earliest_us": pl.Int64(),
    "latest_us": pl.Int64(),
    "result": pl.String(),  # JSON: the account of every row, hints, notes
}


def append(root: Path, table: str, frame: pl.DataFrame, *, part: str) -> None:
    """Append rows to a table as (a piece of) one part; an empty frame writes nothing."""
    if frame.height == 0:
        return
    columns = [*STORED[table]]
    write_deltalake(
        root / table,
        frame.select(pl.col(name).cast(kind) for name, kind in STORED[table].items())
        .select(columns)
        .with_columns(part=pl.lit(part)),
        mode="append",
        partition_by=["part"],
        commit_properties=CommitProperties(custom_metadata={"part": part}),
    )


def scan(root: Path, table: str, parts: Collection[str]) -> pl.LazyFrame:
    """Return the rows of the given parts, lazily, read as plain Parquet files."""
    files = files_of(root, table, parts)
    if not files:
        return pl.LazyFrame(schema=STORED[table])
    return pl.scan_parquet(files, hive_partitioning=False).select(
        pl.col(name).cast(kind) for name, kind in STORED[table].items()
    )


def files_of(root: Path, table: str, parts: Collection[str]) -> list[str]:
    """Return the Parquet files that hold the given parts, in a stable order."""
    if not DeltaTable.is_deltatable(str(root / table)):
        return []
    wanted = set(parts)
    return sorted(uri for uri in DeltaTable(root / table).file_uris() if _part_of(uri) in wanted)


def present_parts(root: Path, table: str) -> set[str]:
    """Return the parts that have rows in a table, committed or not."""
    if not DeltaTable.is_deltatable(str(root / table)):
        return set()
    return {_part_of(uri) for uri in DeltaTable(root / table).file_uris()}


def remove(root: Path, table: str, parts: Iterable[str]) -> None:
    """Take the files of parts out of a table; they stay on disk until ``vacuum``."""
    gone = sorted(set(parts) & present_parts(root, table))
    for start in range(0, len(gone), 500):
        names = ", ".join(f"'{name}'" for name in gone[start : start + 500])
        DeltaTable(root / table).delete(f"part IN ({names})")


def vacuum(root: Path, table: str) -> int:
    """Delete files that no version of the table still needs; returns how many."""
    if not DeltaTable.is_deltatable(str(root / table)):
        return 0
    return len(DeltaTable(root / table).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False))


def append_imports(root: Path, lines: Sequence[Mapping[str, object]]) -> None:
    """Add lines to the register: the one write that makes an import visible, or takes it back."""
    first = read_imports(root)["line_no"].max()
    number = int(first) + 1 if isinstance(first, int) else 1
    numbered = [{**line, "line_no": number + offset} for offset, line in enumerate(lines)]
    write_deltalake(root / "imports", pl.DataFrame(numbered, schema=IMPORTS), mode="append")


def row_ids(import_no: int, part_no: int, count: int) -> pl.Series:
    """Return the ids of the records that a part of an import adds to a table: unique in it for good."""
    first = (import_no << 40) + (part_no << 24)
    return pl.int_range(first, first + count, dtype=pl.Int64, eager=True).alias("row_id")


def read_imports(root: Path) -> pl.DataFrame:
    """Return the register, in the order it was written."""
    if not DeltaTable.is_deltatable(str(root / "imports")):
        return pl.DataFrame(schema=IMPORTS)
    files = sorted(DeltaTable(root / "imports").file_uris())
    frame = pl.concat([pl.read_parquet(file) for file in files])
    return frame.select(*IMPORTS).sort("line_no")


def _part_of(uri: str) -> str:
    return unquote(uri.rsplit("/part=", 1)[-1].split("/", 1)[0])
