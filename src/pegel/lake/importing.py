"""Bringing a source into the lake: idempotent, resumable, all tables at once or none.

Batches become parts; a marker file says which parts are complete, so that a killed import goes on where it stopped.
Nothing is visible before one line in the register says "committed".
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import polars as pl

from pegel.errors import InternalError
from pegel.eventlog.batch import Batch, EventSource, rows_of
from pegel.lake import intervals, tables
from pegel.lake.pseudonyms import Pseudonyms
from pegel.lake.register import Register, parts_of, rescued_part
from pegel.lake.writing import replace_text

_MARKERS: Final = "open-imports"
_ITEM_COLUMNS: Final = ("stream", "type", "parent", "created_us", "title", "attributes")
#: What makes two records of an item the same one; equal events are told apart by their ``occurrence``.
_IDENTITY: Final = {
    "transitions": ("at_us", "to_state"),
    "field_changes": ("at_us", "field", "to_value"),
    "links": ("kind", "other"),
}


@dataclass(slots=True)
class Account:
    """The account of every row of an import: ``rows_read`` is the sum of the five fates.

    ``items``, ``transitions``, ``field_changes``, ``links``: new records (``items``: items the lake did not know).
    ``reasons``: why rows were ignored or rejected, by code. ``warnings``: defects that cost no row, by code.
    """

    items: int = 0
    transitions: int = 0
    field_changes: int = 0
    links: int = 0
    accepted: int = 0
    merged: int = 0
    duplicate: int = 0
    ignored: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    earliest_us: int | None = None
    latest_us: int | None = None

    @property
    def rows_read(self) -> int:
        """Rows of the source, each counted once."""
        return self.accepted + self.merged + self.duplicate + self.ignored + self.rejected

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ``rows_read`` first."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        # Not ``asdict``: it takes a Counter for a list of pairs.
        return {"rows_read": self.rows_read, **plain, "reasons": dict(self.reasons), "warnings": dict(self.warnings)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Account:
        """Read what ``to_dict`` wrote."""
        plain = {name: value for name, value in values.items() if name != "rows_read"}
        return cls(**{**plain, "reasons": Counter(plain["reasons"]), "warnings": Counter(plain["warnings"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did. ``status``: imported | already_imported | resumed."""

    import_id: str
    status: str
    source: str
    log_kind: str
    file: str
    account: Account
    columns: dict[str, str]
    left_out: tuple[str, ...]
    notes: dict[str, str]
    state_hints: dict[str, str]


def run_import(
    root: Path,
    source: EventSource,
    *,
    file: str,
    fingerprint: str,
    seen_us: int,
    file_stream: str | None = None,
    on_part: Callable[[Account, float | None], None] | None = None,
) -> ImportResult:
    """Import a source; the caller holds the write lock.

    Parameters
    ----------
    file: name to show. ``fingerprint``: hash of content and options; the same one is never imported twice.
    seen_us: when the lake sees these events (microseconds, UTC).
    file_stream: a stream that is only the file's name, because nobody said another. It never moves an item that is in
        a stream already, and new items join the others of the file if those are all in one stream.
    on_part: called after each part with the account so far and the share that was read (0–1, or None).

    Raises
    ------
    InputError: from the source; the lake is left as it was.
    """
    register = Register.read(root)
    known = register.committed_with(fingerprint)
    if known is not None:
        (root / _MARKERS / f"{fingerprint}.json").unlink(missing_ok=True)
        return _already(known)
    run = _Run.begin(root, register, fingerprint)
    run.file_stream = file_stream
    try:
        for number, batch in enumerate(source.batches()):
            if number >= run.parts:
                run.store(batch, number=number, seen_us=seen_us)
            if on_part is not None:
                on_part(run.account, source.progress())
    except Exception:
        # A source that fails fails again on the same file: nothing of it stays. (A killed process comes not here.)
        run.discard()
        raise
    info = source.info()
    account = run.account
    result = {
        "account": account.to_dict(),
        "source": info.source,
        "log_kind": info.log_kind,
        "columns": dict(info.columns),
        "left_out": list(info.left_out),
        "notes": {**info.notes, **({"stream_kept": run.joined} if run.joined else {})},
        "state_hints": dict(info.state_hints),
    }
    line = {
        "import_id": run.import_id,
        "import_no": run.import_no,
        "event": "committed",
        "parts": run.parts,
        "rescued": 0,
        "source": info.source,
        "file": file,
        "fingerprint": fingerprint,
        "at_us": seen_us,
        "earliest_us": account.earliest_us,
        "latest_us": account.latest_us,
        "result": json.dumps(result, ensure_ascii=False),
    }
    tables.append_imports(root, [line])
    run.marker.unlink(missing_ok=True)
    return _result(run.import_id, "resumed" if run.resumed else "imported", file, result)


def undo(root: Path, import_id: str) -> None:
    """Take an import back: what it alone said is invisible from now on; the caller holds the lock.

    Records that other imports have said too stay: the first of those takes them over, in the same write.
    """
    register = Register.read(root)
    line = register.line(import_id)
    others = [other for other in register.committed if other["import_id"] != import_id]
    visible = {part for other in others for part in parts_of(other)}
    confirmed = (
        tables.scan(root, "confirmed", visible).group_by("table", "row_id").agg(pl.col("import_no").min()).collect()
    )
    taken_over: list[dict[str, Any]] = []
    for other in others:
        mine = confirmed.filter(pl.col("import_no") == other["import_no"])
        part = rescued_part(other, other["rescued"])
        rows = 0
        for table in tables.RECORDS:
            tables.remove(root, table, [part])  # left by an undo that was killed
            ids = mine.filter(pl.col("table") == table)["row_id"]
            kept = tables.scan(root, table, parts_of(line)).filter(pl.col("row_id").is_in(ids.implode())).collect()
            stamp = {"import_no": pl.lit(other["import_no"]), "seen_us": pl.lit(other["at_us"])}
            tables.append(root, table, kept.with_columns(**stamp), part=part)
            rows += kept.height
        if rows:
            taken_over.append({**other, "rescued": other["rescued"] + 1})
    tables.append_imports(root, [{**line, "event": "undone"}, *taken_over])


def abandon(root: Path, fingerprint: str) -> bool:
    """Give up an import that was begun and not finished; False: there is none. The caller holds the lock."""
    if not (root / _MARKERS / f"{fingerprint}.json").exists():
        return False
    _Run.begin(root, Register.read(root), fingerprint).discard()
    return True


def open_imports(root: Path) -> list[str]:
    """Return the ids of imports that were begun and neither finished nor discarded."""
    return sorted(json.loads(path.read_text())["import_id"] for path in (root / _MARKERS).glob("*.json"))


@dataclass(slots=True)
class _Run:
    root: Path
    marker: Path
    import_id: str
    import_no: int
    parts: int
    account: Account
    visible: set[str]
    next_item: int
    pseudonyms: Pseudonyms
    resumed: bool
    file_stream: str | None = None
    joined: str | None = None  # the stream that the file's known items are in

    @classmethod
    def begin(cls, root: Path, register: Register, fingerprint: str) -> _Run:
        marker = root / _MARKERS / f"{fingerprint}.json"
        marker.parent.mkdir(exist_ok=True)
        resumed = marker.exists()
        if resumed:
            state = json.loads(marker.read_text())
        else:
            begun = [json.loads(path.read_text())["import_no"] for path in marker.parent.glob("*.json")]
            number = max([0, register.last_number, *begun]) + 1
            state = {
                "import_id": f"{number:06d}-{fingerprint[:8]}",
                "import_no": number,
                "parts": 0,
                "account": Account().to_dict(),
            }
            replace_text(marker, json.dumps(state))
        run = cls(
            root=root,
            marker=marker,
            import_id=state["import_id"],
            import_no=state["import_no"],
            parts=state["parts"],
            account=Account.from_dict(state["account"]),
            visible=register.visible_parts(),
            next_item=0,
            pseudonyms=Pseudonyms(root),
            resumed=resumed and state["parts"] > 0,
        )
        run._remove_parts(keep=run.parts)
        # Numbers of undone imports are not given again: intervals prepared from them may still lie on disk.
        numbers = tables.scan(root, "items", tables.present_parts(root, "items")).select(pl.col("item_no").max())
        run.next_item = (numbers.collect().item() or 0) + 1
        return run

    def discard(self) -> None:
        self._remove_parts(keep=0)
        self.marker.unlink(missing_ok=True)

    def store(self, batch: Batch, *, number: int, seen_us: int) -> None:
        batch = self.pseudonyms.apply(batch)
        part = f"{self.import_id}.{number:05d}"
        numbers, known = self._number_items(batch)
        batch.items = self._in_their_streams(batch.items, known)
        stamp = {"seen_us": pl.lit(seen_us), "import_no": pl.lit(self.import_no)}
        split = {
            "items": self._split("items", self._numbered_items(batch.items, numbers), known, _ITEM_COLUMNS),
            "transitions": self._split_events("transitions", batch.transitions, numbers, known),
            "field_changes": self._split_events("field_changes", batch.field_changes, numbers, known),
            "links": self._split("links", _numbered_links(batch.links, numbers), known, _IDENTITY["links"]),
        }
        for table, (new, _) in split.items():
            ids = tables.row_ids(self.import_no, number, new.height)
            tables.append(self.root, table, new.with_columns(ids, **stamp), part=part)
        tables.append(self.root, "rejects", batch.rejects.with_columns(import_no=stamp["import_no"]), part=part)
        again = [ids.to_frame().with_columns(table=pl.lit(table)) for table, (_, ids) in split.items()]
        confirmed = pl.concat(again).with_columns(import_no=stamp["import_no"])
        tables.append(self.root, "confirmed", confirmed, part=part)
        fresh = {table: new for table, (new, _) in split.items()}
        fresh["items"] = _saying_more(fresh["items"], known)
        self._count(batch, fresh, created=int((~numbers["known"]).sum()), seen_us=seen_us)
        self.parts = number + 1
        state = {
            "import_id": self.import_id,
            "import_no": self.import_no,
            "parts": self.parts,
            "account": self.account.to_dict(),
        }
        replace_text(self.marker, json.dumps(state))

    def _count(self, batch: Batch, new: dict[str, pl.DataFrame], *, created: int, seen_us: int) -> None:
        account = self.account
        fresh = pl.concat([frame["row"] for frame in new.values()]).n_unique()
        account.accepted += fresh
        account.duplicate += batch.duplicate + rows_of(batch).len() - fresh
        account.merged += batch.merged
        account.ignored += batch.ignored.total()
        account.rejected += batch.rejects.height
        account.reasons.update(batch.ignored)
        account.reasons.update(batch.rejects["reason"].to_list())
        account.warnings.update(batch.warnings)
        account.items += created
        account.transitions += new["transitions"].height
        account.field_changes += new["field_changes"].height
        account.links += new["links"].height
        # Everything that begins an interval is an event: creations, moves and deletions too.
        ends = batch.field_changes.filter(pl.col("field").is_in(intervals.FIELDS))["at_us"]
        times = pl.concat([batch.transitions["at_us"], batch.items["created_us"].drop_nulls().rename("at_us"), ends])
        future = int((times > seen_us).sum())
        if future:
            account.warnings["future_time"] += future
        past = times.filter(times <= seen_us)
        if past.len():
            low, high = int(past.min()), int(past.max())  # type: ignore[arg-type]  # not empty
            account.earliest_us = low if account.earliest_us is None else min(low, account.earliest_us)
            account.latest_us = high if account.latest_us is None else max(high, account.latest_us)

    def _own_and_visible(self) -> set[str]:
        return self.visible | {f"{self.import_id}.{number:05d}" for number in range(self.parts)}

    def _number_items(self, batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return [item, item_no, known] for every item of the batch, and the known ones' latest record."""
        ids = pl.concat(
            [frame["item"] for frame in (batch.items, batch.transitions, batch.field_changes, batch.links)]
        ).unique(maintain_order=True)
        known = latest_items(
            tables.scan(self.root, "items", self._own_and_visible()).filter(pl.col("item").is_in(ids.implode()))
        ).collect()
        frame = ids.to_frame().join(known.select("item", "item_no"), on="item", how="left", maintain_order="left")
        unknown = frame["item_no"].is_null()
        recorded = frame.filter(unknown).join(batch.items, on="item", how="anti")
        if recorded.height:
            raise InternalError("item_without_record", item=recorded["item"][0])
        fresh = pl.int_range(self.next_item, self.next_item + int(unknown.sum()), eager=True, dtype=pl.Int32)
        self.next_item += int(unknown.sum())
        numbered = frame.filter(unknown).with_columns(item_no=fresh)
        numbers = pl.concat(
            [
                frame.filter(~unknown).with_columns(known=pl.lit(value=True)),
                numbered.with_columns(known=pl.lit(value=False)),
            ]
        )
        return numbers, known

    def _in_their_streams(self, items: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
        """Replace a stream that is only the file's name by the one that the file's items are in already."""
        if self.file_stream is None:
            return items
        streams = known["stream"].drop_nulls().unique()
        unsaid = (items["stream"] == self.file_stream).any()
        if unsaid and self.joined is None and streams.len() == 1 and streams[0] != self.file_stream:
            self.joined = streams[0]
        said = pl.col("stream") != self.file_stream
        old = pl.col("item").is_in(known["item"].implode())
        own = pl.when(said).then("stream").when(old).then(None).otherwise(pl.lit(self.joined or self.file_stream))
        return items.with_columns(stream=own)

    def _numbered_items(self, items: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
        return items.join(numbers, on="item", how="left", maintain_order="left").unique(
            ["item", *_ITEM_COLUMNS], keep="first", maintain_order=True
        )

    def _split_events(
        self, table: str, events: pl.DataFrame, numbers: pl.DataFrame, known: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Split events; the same event in a later export has the same item, time and value; equal ones are counted."""
        identity = _IDENTITY[table]
        numbered = (
            events.join(numbers, on="item", how="left", maintain_order="left")
            .sort("item_no", "at_us", "sequence", maintain_order=True)
            .with_columns(occurrence=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("item_no", *identity))
        )
        return self._split(table, numbered, known, (*identity, "occurrence"))

    def _split(
        self, table: str, numbered: pl.DataFrame, known: pl.DataFrame, identity: tuple[str, ...]
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Return the records that the lake does not hold yet, and the ids of those that it holds already."""
        none = pl.Series("row_id", [], dtype=pl.Int64)
        if known.height == 0 or numbered.height == 0:
            return numbered, none
        keys = ["item_no", *identity]
        stored = (
            tables.scan(self.root, table, self._own_and_visible())
            .filter(pl.col("item_no").is_in(known["item_no"].implode()))
            .select("row_id", *keys)
            .collect()
        )
        new = numbered.join(stored, on=keys, how="anti", nulls_equal=True, maintain_order="left")
        again = stored.join(numbered, on=keys, how="semi", nulls_equal=True)
        return new, again["row_id"].sort()

    def _remove_parts(self, *, keep: int) -> None:
        kept = {f"{self.import_id}.{number:05d}" for number in range(keep)}
        for table in (*tables.RECORDS, "rejects", "confirmed"):
            own = {part for part in tables.present_parts(self.root, table) if part.startswith(f"{self.import_id}.")}
            tables.remove(self.root, table, own - kept)


def _numbered_links(links: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    numbered = links.join(numbers, on="item", how="left", maintain_order="left")
    return numbered.unique(["item", "kind", "other"], keep="first", maintain_order=True)


def _saying_more(items: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the item records that say something that was not known: of a new item, or another value."""
    against = known.select("item", *(pl.col(name).alias(f"known_{name}") for name in _ITEM_COLUMNS))
    more = pl.any_horizontal(
        (pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"known_{name}"))) for name in _ITEM_COLUMNS
    )
    return items.join(against, on="item", how="left", maintain_order="left").filter(~pl.col("known") | more)


def latest_items(versions: pl.LazyFrame) -> pl.LazyFrame:
    """Fold the versions of each item into what is known today: the latest value that is not null, column by column."""
    return (
        versions.sort("import_no", "row_id", maintain_order=True)
        .group_by("item_no", "item", maintain_order=True)
        .agg(pl.col(name).drop_nulls().last() for name in _ITEM_COLUMNS)
    )


def _already(line: dict[str, Any]) -> ImportResult:
    result = json.loads(line["result"])
    before = Account.from_dict(result["account"])
    account = Account(
        merged=0,
        duplicate=before.accepted + before.merged + before.duplicate,
        ignored=before.ignored,
        rejected=before.rejected,
        reasons=before.reasons,
        warnings=before.warnings,
        earliest_us=before.earliest_us,
        latest_us=before.latest_us,
    )
    return _result(line["import_id"], "already_imported", line["file"], {**result, "account": account.to_dict()})


def _result(import_id: str, status: str, file: str, result: dict[str, Any]) -> ImportResult:
    return ImportResult(
        import_id=import_id,
        status=status,
        source=result["source"],
        log_kind=result["log_kind"],
        file=file,
        account=Account.from_dict(result["account"]),
        columns=result["columns"],
        left_out=tuple(result["left_out"]),
        notes=result["notes"],
        state_hints=result["state_hints"],
    )
