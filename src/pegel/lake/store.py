"""A lake: one folder that holds the event log of an organisation, its settings and its prepared intervals."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from pegel.errors import InputError, NotFoundError
from pegel.eventlog import schema
from pegel.eventlog.batch import EventSource
from pegel.lake import importing, prepared, tables
from pegel.lake.importing import Account, ImportResult
from pegel.lake.prepared import Prepared
from pegel.lake.pseudonyms import create_key
from pegel.lake.register import Register
from pegel.lake.writing import exclusive, replace_text

_FORMAT: Final = 1
_TABLES: Final = (*tables.RECORDS, "rejects", "confirmed")


@dataclass(frozen=True, slots=True)
class Lake:
    """An opened lake; use ``open_lake`` or ``create_lake``."""

    root: Path

    # -- changing ------------------------------------------------------------------------------------------------

    def import_source(
        self,
        source: EventSource,
        *,
        file: str,
        fingerprint: str,
        seen_us: int,
        file_stream: str | None = None,
        on_part: Callable[[Account, float | None], None] | None = None,
    ) -> ImportResult:
        """Import a source and prepare its intervals; see ``pegel.lake.importing.run_import``."""
        with exclusive(self.root):
            result = importing.run_import(
                self.root,
                source,
                file=file,
                fingerprint=fingerprint,
                seen_us=seen_us,
                file_stream=file_stream,
                on_part=on_part,
            )
            prepared.bring_up_to_date(self.root)
        return result

    def abandon(self, fingerprint: str) -> bool:
        """Give up an import that was begun and not finished; False: there is none."""
        with exclusive(self.root):
            return importing.abandon(self.root, fingerprint)

    def undo(self, import_id: str) -> None:
        """Take an import back; what it alone said is gone from every figure.

        Raises
        ------
        NotFoundError: ``unknown_import``.
        """
        with exclusive(self.root):
            importing.undo(self.root, import_id)
            prepared.bring_up_to_date(self.root)

    def prepare(self, *, anew: bool = False) -> Prepared:
        """Bring the prepared intervals up to date, or write them anew."""
        with exclusive(self.root):
            return prepared.bring_up_to_date(self.root, anew=anew)

    def vacuum(self) -> dict[str, int]:
        """Delete what no reader can see: parts of undone and abandoned imports, old files. Returns counts.

        Undone imports can no longer be inspected afterwards. Do not run it while somebody reads the lake.
        """
        with exclusive(self.root):
            prepared.bring_up_to_date(self.root)
            visible = Register.read(self.root).visible_parts()
            begun = tuple(importing.open_imports(self.root))
            removed: set[str] = set()
            files = prepared.remove_unused(self.root)
            for table in _TABLES:
                gone = {
                    part
                    for part in tables.present_parts(self.root, table) - visible
                    if not part.startswith(tuple(f"{one}." for one in begun))
                }
                tables.remove(self.root, table, gone)
                removed |= gone
                files += tables.vacuum(self.root, table)
        return {"parts": len(removed), "files": files}

    # -- reading -------------------------------------------------------------------------------------------------

    def register(self) -> Register:
        """Return the register of imports."""
        return Register.read(self.root)

    def prepared(self, *, known_at_us: int | None = None) -> Prepared:
        """Return the prepared intervals, of what was known at a time if one is given.

        A process that was killed between an import and its preparation left them behind: they are caught up here.
        """
        if known_at_us is not None:
            return prepared.build_known_at(self.root, known_at_us=known_at_us)
        if not prepared.is_current(self.root, self.register()):
            return self.prepare()
        return prepared.read(self.root)

    def table(self, name: str) -> pl.LazyFrame:
        """Return a table of the event log, lazily, with item ids; only what committed imports say.

        Shapes and units: ``pegel.eventlog.schema``; stored columns: ``pegel.lake.tables.STORED``.
        """
        if name not in schema.TABLES:
            raise NotFoundError("unknown_table", name=name, known=sorted(schema.TABLES))
        parts = self.register().visible_parts()
        frame = tables.scan(self.root, name, parts)
        if name in ("items", "rejects"):
            return frame
        ids = tables.scan(self.root, "items", parts).select("item_no", "item").unique()
        return frame.join(ids, on="item_no", how="left").select("item", pl.exclude("item"))

    def records(self, name: str, *, known_at_us: int | None = None) -> pl.LazyFrame:
        """Return a table of the event log, lazily, with the item numbers of the prepared intervals instead of ids.

        ``known_at_us``: only what was imported until then. The other end of a link is a number too (``other_no``, null:
        an item that the lake does not have).
        """
        register = self.register()
        if known_at_us is not None:
            register = Register(tuple(line for line in register.committed if line["at_us"] <= known_at_us))
        parts = register.visible_parts()
        frame = tables.scan(self.root, name, parts)
        if name != "links":
            return frame
        if not tables.files_of(self.root, name, parts):  # the items need not be looked through for nothing
            return frame.with_columns(other_no=pl.lit(None, pl.Int32))
        names = tables.scan(self.root, "items", parts).select(other_no="item_no", other="item").unique()
        return frame.join(names, on="other", how="left")

    def rejects(self, import_id: str | None = None) -> pl.DataFrame:
        """Return the rejected rows [import_id, row, reason, detail] of all imports, or of one.

        Raises
        ------
        NotFoundError: ``unknown_import``.
        """
        register = self.register()
        lines = register.committed if import_id is None else (register.line(import_id),)
        names = {line["import_no"]: line["import_id"] for line in lines}
        table = tables.scan(self.root, "rejects", register.visible_parts())
        return (
            table.filter(pl.col("import_no").is_in(list(names)))
            .with_columns(import_id=pl.col("import_no").replace_strict(names, return_dtype=pl.String))
            .select("import_id", "row", "reason", "detail")
            .sort("import_id", "row")
            .collect()
        )

    def items(self) -> pl.LazyFrame:
        """Return one row per item: [item_no, item, stream, type, parent, created_us, title, attributes] as of today."""
        return importing.latest_items(tables.scan(self.root, "items", self.register().visible_parts()))

    def item_names(self, numbers: Collection[int]) -> dict[int, str]:
        """Return the ids in their tools of some items, by item number."""
        chosen = self.items().filter(pl.col("item_no").is_in(list(numbers))).select("item_no", "item")
        return dict(chosen.collect().iter_rows())

    def state_hints(self) -> dict[str, dict[str, str]]:
        """Return, per stream, what the tools themselves say about states: stream → state → category."""
        hints: dict[str, dict[str, str]] = {}
        for line, streams in self.sources_by_import():
            result = json.loads(line["result"])
            for stream in streams:
                hints.setdefault(stream, {}).update(result["state_hints"])
        return hints

    def log_kinds(self) -> dict[str, str]:
        """Return, per stream, the kind of log its latest import brought: states, activities, intervals or dates."""
        return {
            stream: json.loads(line["result"])["log_kind"]
            for line, streams in self.sources_by_import()
            for stream in streams
        }

    def sources_by_import(self) -> list[tuple[dict[str, Any], list[str]]]:
        """Return each committed import's line with the streams it brought items of."""
        register = self.register()
        frame = tables.scan(self.root, "items", register.visible_parts()).select("import_no", "stream").unique()
        rows = frame.sort("import_no", "stream").collect()
        return [
            (line, rows.filter(pl.col("import_no") == line["import_no"])["stream"].to_list())
            for line in register.committed
        ]

    def states(self, stream: str) -> list[str]:
        """Return the states that items were in while they belonged to a stream, sorted; the deleted one is left out."""
        places = self.prepared().places.filter(pl.col("stream") == stream)
        return sorted(set(places["state"].unique()) - {schema.DELETED_STATE})

    def streams(self) -> list[str]:
        """Return the names of all value streams, sorted."""
        return sorted(self.prepared().places["stream"].unique().to_list())


def create_lake(root: Path | str) -> Lake:
    """Make a new lake in a folder, or open the one that is there.

    Raises
    ------
    InputError: ``not_a_lake`` when the folder holds something else.
    """
    root = Path(root)
    marker = root / "lake.json"
    if not marker.exists():
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise InputError("not_a_lake", lake=str(root))
        root.mkdir(parents=True, exist_ok=True)
        create_key(root)
        replace_text(marker, json.dumps({"pegel_lake": _FORMAT}))
    return open_lake(root)


def open_lake(root: Path | str) -> Lake:
    """Open a lake.

    Raises
    ------
    NotFoundError: ``no_lake``. InputError: ``lake_too_new`` when a later version of Pegel wrote it.
    """
    root = Path(root)
    marker = root / "lake.json"
    if not marker.exists():
        raise NotFoundError("no_lake", lake=str(root))
    written = json.loads(marker.read_text(encoding="utf-8"))["pegel_lake"]
    if written > _FORMAT:
        raise InputError("lake_too_new", lake=str(root), written=written, known=_FORMAT)
    return Lake(root)
