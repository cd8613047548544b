"""Computing streams and keeping the results; what the background tasks do."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import polars as pl
from django.db.models import Q

from pegel.errors import NotFoundError
from pegel.eventlog.policy import Policy
from pegel.eventlog.workflow import Workflow
from pegel.lake.store import Lake, open_lake
from pegel.lake.workflows import workflows
from pegel.quality.facts import lake_facts
from pegel.words.catalogue import shown_in
from pegel_web.core.problems import IN_APPLICATION
from pegel_web.flow.computing.computed import Computed, ItemTables, KeptTable
from pegel_web.flow.computing.parts import PARTS
from pegel_web.flow.computing.stream import compute_stream
from pegel_web.flow.computing.versions import (
    Version,
    content_hash,
    declared_version,
    imports_of,
    stream_version,
    version_of,
)
from pegel_web.flow.models import LakeReading, SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.place import OF_SELECTION
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.names import names_in_lake

#: Longer pieces of work per stream at most, for the progress: seven and the further parts under each of two policies.
STEPS: Final = 2 * (7 + len(PARTS))
#: Rows of a table of items that are read at once: few, because a page often asks for those of one item.
_ROW_GROUP: Final = 32_768
#: Tables of a selection younger than this are left alone, whether or not they are known.
_FRESH_SECONDS: Final = 3600
#: Signs that databases do not keep in JSON.
_UNKEPT: Final = dict.fromkeys([0, *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How the computation tells where it is: ``step(name)`` before each longer piece, ``writing()`` around a write,
    ``kept(stream)`` once the results of a stream are in their place.
    """

    step: Callable[[str], None]
    writing: Callable[[], AbstractContextManager[None]]
    kept: Callable[[UUID], None]


def read_lake(folder: Path, *, at: datetime) -> Lake | None:
    """Look what the lake holds and remember it for the pages; None: there is no lake, or nothing in it."""
    try:
        lake = open_lake(folder)
    except NotFoundError:
        LakeReading.objects.update_or_create(number=1, defaults={"imports": 0, "streams": [], "read_at": at})
        return None
    imports = imports_of(lake)
    known = LakeReading.objects.filter(number=1).first()
    meanings = workflows(lake) if imports else {}
    versions = {name: stream_version(imports, meanings.get(name)) for name in (lake.streams() if imports else ())}
    if known is None or {one["lake_name"]: one["version"] for one in known.streams} != versions:
        listed = _listed(lake, versions)
        LakeReading.objects.update_or_create(
            number=1, defaults={"imports": len(imports), "streams": listed, "read_at": at}
        )
    else:
        LakeReading.objects.filter(number=1).update(read_at=at)
    return lake if imports else None


def outdated(rows: Iterable[ValueStream]) -> list[ValueStream]:
    """Return the streams whose results do not rest on what the lake holds now, as it was last read."""
    reading = LakeReading.objects.filter(number=1).first()
    versions = {} if reading is None else {one["lake_name"]: one["version"] for one in reading.streams}
    kept = StreamSnapshot.objects.everything(because="Pegel looks after its own results")
    listed = list(rows)
    declared = declared_of(row.id for row in listed)
    mine = kept.filter(kind=SnapshotKind.ITEMS, preferred=True)
    rests_on = mine.values_list("stream_id", "lake_version", "declared_version")
    current = {stream: Version(lake, said) for stream, lake, said in rests_on}
    return [
        row
        for row in listed
        if (on_lake := version_of(names_in_lake(row), versions)) is not None
        and current.get(row.id) != Version(on_lake, declared_version(declared[row.id]))
    ]


def streams_of_today(at: datetime) -> list[ValueStream]:
    """Return every stream that is valid on a day, by name."""
    day = at.date()
    valid = Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    rows = ValueStream.objects.everything(because="Pegel computes for everybody who may look")
    return list(rows.filter(valid).order_by("name", "id"))


def compute(rows: Iterable[ValueStream], lake: Lake, tables: Path, *, at: datetime, watch: Watch) -> None:
    """Compute streams and put the results in the place of the old ones, stream by stream."""
    facts = lake_facts(lake)
    imports, meanings = imports_of(lake), workflows(lake)
    wanted, known = list(rows), set(lake.streams())
    declared = declared_of(row.id for row in wanted)
    for row in wanted:
        names = names_in_lake(row)
        version = Version(_on_lake(names, known, imports, meanings), declared_version(declared[row.id]))
        names = tuple(name for name in names if name == row.lake_name or name in known)
        with shown_in(IN_APPLICATION):  # answers are kept as words
            found = list(compute_stream(lake, names, facts, declared[row.id], on_step=partial(watch.step, row.name)))
        files = _written(found, tables / str(row.id), version)
        with watch.writing():
            # It may have been ended, and its results deleted, while they were computed.
            if ValueStream.objects.everything(because="the same").filter(pk=row.id, valid_until=None).exists():
                _keep(row.id, found, files, version, at)
        tidy(tables / str(row.id), set(files.values()))
        watch.kept(row.id)


def _on_lake(
    names: Sequence[str], known: Collection[str], imports: Sequence[str], meanings: Mapping[str, Workflow]
) -> str:
    """Return the version of what the lake says about a stream of some names; see ``version_of``."""
    versions = {name: stream_version(imports, meanings.get(name)) for name in names if name in known}
    return version_of(names, versions) or stream_version(imports, meanings.get(names[0]))


def _listed(lake: Lake, versions: dict[str, str]) -> list[dict[str, Any]]:
    counted = lake.items().group_by("stream").len().collect()
    counts = dict(counted.select("stream", "len").iter_rows())
    state = lake.prepared()
    found = []
    for name, version in versions.items():
        span = state.span_us([name])
        found.append(
            {
                "lake_name": name,
                "items": counts.get(name, 0),
                "latest_us": None if span is None else span[1],
                "version": version,
            }
        )
    return found


def _written(found: Iterable[Computed | ItemTables | KeptTable], folder: Path, version: Version) -> dict[str, str]:
    """Write the tables behind the figures; returns the name of each policy's files."""
    files = {}
    for one in found:
        if isinstance(one, Computed):
            continue
        name = content_hash(version, one.policy, "", SnapshotKind.ITEMS)[:32]
        if isinstance(one, KeptTable):
            write_table(one.table, folder, name, one.part)
            continue
        for part, table in (("items", one.items), ("stays", one.stays)):
            write_table(table, folder, name, part)
        files[one.policy.name] = name
    return files


def write_table(table: pl.DataFrame, folder: Path, name: str, part: str) -> None:
    """Write a table in the place of an older one, so that nobody ever reads half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{name}.{part}"
    table.write_parquet(aside, row_group_size=_ROW_GROUP)
    aside.replace(folder / f"{name}.{part}.parquet")


def _keep(
    stream_id: UUID,
    found: Iterable[Computed | ItemTables | KeptTable],
    files: dict[str, str],
    version: Version,
    at: datetime,
) -> None:
    rows = [_row(stream_id, one, files, version, at) for one in found if not isinstance(one, KeptTable)]
    StreamSnapshot.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["stream", "kind", "policy", "period"],
        update_fields=[
            "preferred", "content_hash", "lake_version", "declared_version", "payload", "definitions", "as_of",
            "computed_at",
        ],
    )  # fmt: skip
    fresh = Q(content_hash__in=[row.content_hash for row in rows])
    old = StreamSnapshot.objects.everything(because="results of a policy that no longer suits the stream")
    old.filter(~fresh, stream_id=stream_id).delete()


def _row(
    stream_id: UUID, one: Computed | ItemTables, files: dict[str, str], version: Version, at: datetime
) -> StreamSnapshot:
    shared: dict[str, Any] = {
        "stream_id": stream_id,
        "policy": one.policy.name,
        "preferred": one.preferred,
        "lake_version": version.lake,
        "declared_version": version.declared,
        "as_of": one.as_of,
        "computed_at": at,
    }
    if isinstance(one, ItemTables):
        return StreamSnapshot(
            kind=SnapshotKind.ITEMS,
            period="",
            payload={"file": files[one.policy.name], "unit": one.unit},
            content_hash=_hash(version, one.policy, "", SnapshotKind.ITEMS),
            **shared,
        )
    return StreamSnapshot(
        kind=one.kind,
        period=one.period,
        payload=keepable(one.payload),
        definitions=list(one.definitions),
        content_hash=_hash(version, one.policy, one.period, one.kind),
        **shared,
    )


def _hash(version: Version, policy: Policy, period: str, kind: str) -> str:
    return content_hash(version, policy, period, kind)


def keepable(value: Any) -> Any:
    """Return plain values without the signs that a database refuses: NUL, and halves of characters.

    >>> keepable({"a\\0": ["\\ud800"]})
    {'a\N{REPLACEMENT CHARACTER}': ['\N{REPLACEMENT CHARACTER}']}
    """
    if isinstance(value, str):
        return value.translate(_UNKEPT) if not value.isprintable() else value
    if isinstance(value, dict):
        return {keepable(name): keepable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [keepable(one) for one in value]
    return value


def tidy(folder: Path, kept: set[str], *, of_selections: bool = False) -> None:
    """Delete the tables of a folder but those of some names; those of selections apart from the others.

    Two selections of a stream may be computed at a time: what was written just now may not be known yet.
    """
    before = time.time() - _FRESH_SECONDS if of_selections else inf
    for path in folder.glob("*.parquet") if folder.is_dir() else ():
        mine = path.name.startswith(OF_SELECTION) is of_selections
        if mine and path.name.split(".", 1)[0] not in kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
