"""The log as Parquet: a folder with the event log's tables, zstd, for notebooks, databases and archives.

Everything that the lake knows of the exported items and may say: also the changes of other fields, links, and when and
by which import each record was seen. Times are timestamps in UTC with microseconds. Each table is one file, sorted by
item and order of events; chunks are written first and joined at the end, so that no table is ever in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from pegel.exports.result import Written
from pegel.exports.view import Chunk, LogView

_MOMENT: Final = pl.Datetime("us", "UTC")
#: Tables and their columns; ``title`` only where titles are wanted and known.
TABLES: Final[dict[str, dict[str, pl.DataType]]] = {
    "items": {
        "item": pl.String(),
        "stream": pl.String(),
        "type": pl.String(),
        "parent": pl.String(),
        "created_at": _MOMENT,
        "title": pl.String(),
        "attributes": pl.String(),
    },
    "transitions": {
        "item": pl.String(),
        "at": _MOMENT,
        "sequence": pl.Int64(),
        "from_state": pl.String(),
        "to_state": pl.String(),
        "actor": pl.String(),
        "seen_at": _MOMENT,
        "import_id": pl.String(),
    },
    "field_changes": {
        "item": pl.String(),
        "at": _MOMENT,
        "sequence": pl.Int64(),
        "field": pl.String(),
        "from_value": pl.String(),
        "to_value": pl.String(),
        "actor": pl.String(),
        "seen_at": _MOMENT,
        "import_id": pl.String(),
    },
    "links": {
        "item": pl.String(),
        "kind": pl.String(),
        "other": pl.String(),
        "at": _MOMENT,
        "seen_at": _MOMENT,
        "import_id": pl.String(),
    },
}
README: Final = "README.txt"
#: Names of all files of such an export.
FILES: Final = frozenset({README, *(f"{table}.parquet" for table in TABLES)})

_ROW_GROUP: Final = 131_072


def write_parquet(view: LogView, folder: Path, written: Written, *, readme: str) -> None:
    """Write the log of a view into an empty folder; counts the rows of each table under its name.

    ``readme``: text that describes the tables, for people.
    """
    imports = {line["import_no"]: line["import_id"] for line in view.register.lines}
    titles = view.has_titles()
    schemas = {
        table: {name: kind for name, kind in columns.items() if name != "title" or titles}
        for table, columns in TABLES.items()
    }
    pieces = folder / "pieces"
    pieces.mkdir()
    for number, chunk in enumerate(view.chunks(whole=True)):
        frames = _tables(chunk, imports)
        for table, schema in schemas.items():
            frame = frames[table].select(pl.col(name).cast(kind) for name, kind in schema.items())
            if frame.height or not number:
                with _writing():
                    frame.write_parquet(pieces / f"{table}-{number:06d}.parquet", compression="lz4")
        written.chunk_done(chunk, **{table: frame.height for table, frame in frames.items()})
    for table in schemas:
        files = sorted(pieces.glob(f"{table}-*.parquet"))
        with _writing():
            pl.scan_parquet(files).sink_parquet(
                folder / f"{table}.parquet", compression="zstd", row_group_size=_ROW_GROUP, maintain_order=True
            )
    shutil.rmtree(pieces)
    (folder / README).write_text(readme, encoding="utf-8")


@contextmanager
def _writing() -> Iterator[None]:
    """Make a failure of the disk what it is: polars reports it as one of the computation."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error


def _tables(chunk: Chunk, imports: dict[int, str]) -> dict[str, pl.DataFrame]:
    moves = chunk.rows.filter(pl.col("kind") == "transition")
    in_order = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("item_no")

    def told(frame: pl.DataFrame) -> pl.DataFrame:
        """Add the item's id, times as timestamps, and the import's id."""
        return frame.join(
            chunk.items.select("item_no", "item"), on="item_no", how="left", maintain_order="left"
        ).with_columns(
            at=_at("at_us"),
            seen_at=_at("seen_us"),
            import_id=pl.col("import_no").replace_strict(imports, return_dtype=pl.String),
        )

    return {
        "items": chunk.items.with_columns(created_at=_at("created_us")),
        "transitions": told(moves).with_columns(to_state="state", sequence=in_order),
        "field_changes": told(chunk.changes).with_columns(sequence=in_order),
        "links": told(chunk.links),
    }


def _at(column: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="us").dt.replace_time_zone("UTC")
