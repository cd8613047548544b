"""What runs in the background: looking at files, importing them, undoing, forgetting."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import polars as pl
from django.db import transaction

from pegel.errors import AmbiguousInputError, BusyError, InputError, NotFoundError, UserError
from pegel.eventlog.schema import to_us
from pegel.lake.importing import Account, ImportResult
from pegel.lake.store import Lake, create_lake, open_lake
from pegel.sources.formats import ReadOptions
from pegel.sources.looking import FileLook, look_at_file
from pegel.workbench import abandon_import, import_file
from pegel_web.flow.models import ValueStream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.names import streams_by_name
from pegel_web.flow.queries.streams import CHANGE
from pegel_web.flow.services.snapshots import keepable, read_lake
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.ingestion import place
from pegel_web.ingestion.models import KEPT, BroughtFile, FileState
from pegel_web.ingestion.services import DISCARD, FORGOTTEN_AFTER, IMPORT, LOOK, UNDO, ended
from pegel_web.jobs.plain import plain_values
from pegel_web.jobs.registry import RunningJob, every, task

#: So many streams of one file get a value stream by themselves; whoever brings more adopts them one by one.
MOST_ADOPTED: Final = 20
_HUNDRED: Final = 100
_DAY: Final = 86_400


@task(LOOK)
def look(job: RunningJob, *, file: str, name: str) -> None:
    """Read a whole file and keep what it holds; what stands in the way is kept as well."""
    row = _row(file, FileState.LOOKING)
    if row is None:
        return

    def told(rows: int, share: float | None) -> None:
        job.stop_if_cancelled()
        _progress(job, "ingestion.progress.looks", rows, share)

    path, kept = place.path_of(row.id, row.file_name), place.items_of(row.id)
    try:
        found = look_at_file(
            path, options_of(row), format=row.options["format"] or None, on_part=told,
            on_items=lambda items: items.write_parquet(kept),
        )  # fmt: skip
        known = _known(job, row)
    except BusyError:
        raise
    except UserError as error:
        asks = isinstance(error, AmbiguousInputError)
        problem = _problem(error, path, name)
        _keep(job, row, state=FileState.ASKING if asks else FileState.UNREADABLE, problem=problem)
    else:
        _keep(job, row, state=FileState.READY, look=_plain_look(found, known))


@task(IMPORT)
def import_(job: RunningJob, *, file: str, name: str) -> None:
    """Import a file into the lake, let its unit answer for its streams, and have them computed.

    Whoever stops it, or a worker that ends, leaves what was read in the lake unseen; the next run goes on from there.
    """
    row = _row(file, FileState.IMPORTING)
    if row is None:
        return
    path, lake = place.path_of(row.id, row.file_name), create_lake(lake_folder())

    def told(account: Account, share: float | None) -> None:
        job.stop_if_cancelled()
        _progress(job, "ingestion.progress.imports", account.rows_read, share)

    try:
        # Somebody may have taken over a stream since the file was looked at.
        _known(job, row)
        result = import_file(
            lake, path, options_of(row), seen_at=row.created_at, format=row.options["format"] or None, on_part=told
        )
    except BusyError:
        raise
    except UserError as error:
        _keep(job, row, state=FileState.UNREADABLE, problem=_problem(error, path, name))
        return
    job.progress(_HUNDRED, None, "ingestion.progress.adopts")
    read_lake(lake_folder(), at=job.actor.at)
    with transaction.atomic():
        job.hold()
        names = _streams_of(lake, row)
        _adopt(job, row, names[:MOST_ADOPTED])
        kept = {"state": FileState.IMPORTED, "result": _plain_result(result), "streams": names, "problem": None}
        _set(row, **kept, lake_import=result.import_id if _made_here(lake, result, row) else "")
        ended(job.actor, row, "imported", lake_import=result.import_id, status=result.status)
    place.forget(row.id)


@task(UNDO)
def undo(job: RunningJob, *, file: str, name: str) -> None:
    """Take the import of a file back."""
    del name
    row = _row(file, FileState.UNDOING)
    if row is None:
        return
    job.progress(0, None, "ingestion.progress.undoes")
    lake = open_lake(lake_folder())
    # A worker was killed between the lake and the row: it is undone already.
    with suppress(NotFoundError):
        lake.undo(row.lake_import)
    read_lake(lake_folder(), at=job.actor.at)
    with transaction.atomic():
        job.hold()
        _set(row, state=FileState.UNDONE)
        ended(job.actor, row, "undone", lake_import=row.lake_import)


@task(DISCARD)
def discard(job: RunningJob, *, file: str, name: str) -> None:
    """Delete a file, and what a stopped import of it left in the lake."""
    del job, name
    row = _row(file, FileState.DISCARDED)
    if row is not None:
        _forget(row)


@every(seconds=_DAY)
@task("ingestion.tidy")
def tidy(job: RunningJob) -> None:
    """Forget files about which nobody has decided for two weeks, and folders that belong to no file."""
    rows = BroughtFile.objects.everything(because="Pegel looks after the files")
    due = rows.filter(state__in=KEPT, changed_at__lt=job.actor.at - FORGOTTEN_AFTER)
    for row in cast("Iterable[BroughtFile]", due):
        job.stop_if_cancelled()
        with transaction.atomic():
            job.hold()
            _set(row, state=FileState.DISCARDED, look=None, problem=None)
            ended(job.actor, row, "discarded", by="age")
        _forget(row)
    kept = {str(one) for one in rows.filter(state__in=KEPT).values_list("id", flat=True)}
    for folder in place.folders():
        if folder.name not in kept and _old(folder, job.actor.at):
            place.forget(UUID(folder.name))


def options_of(row: BroughtFile) -> ReadOptions:
    """Return how the library is to read a file."""
    said = row.options
    return ReadOptions(
        stream=said["stream"] or None,
        columns=dict(said["columns"]),
        date_order=said["date_order"] or None,
        zone=said["zone"] or "UTC",
        titles=said["titles"],
        encoding=said["encoding"] or None,
        delimiter=said["delimiter"] or None,
        sheet=said["sheet"] or None,
        object_type=said["object_type"] or None,
    )


def _known(job: RunningJob, row: BroughtFile) -> int:
    """Return how many items the lake knows already, and refuse a file that would change what is not the actor's.

    Raises
    ------
    InputError: ``brought_stream_taken``, ``brought_items_elsewhere``.
    """
    items = pl.scan_parquet(place.items_of(row.id))
    streams = set(items.select("stream").unique().collect()["stream"])
    lake = _lake()
    known: dict[str, int] = {}
    if lake is not None:
        found = lake.items().join(items.select("item"), on="item", how="semi").group_by("stream").len().collect()
        known = dict(found.iter_rows())
    taken = streams_by_name({*streams, *known})
    rows = ValueStream.objects.everything(because="whose a stream of the lake is; its name comes from the file")
    units = dict(rows.filter(pk__in=set(taken.values())).values_list("id", "unit_id"))
    foreign = {name for name, stream in taken.items() if not job.actor.allows(CHANGE, unit=units[stream])}
    if theirs := sorted(foreign & streams):
        raise InputError("brought_stream_taken", names=theirs[:5])
    if elsewhere := sum(count for stream, count in known.items() if stream in foreign):
        raise InputError("brought_items_elsewhere", n=elsewhere)
    return sum(known.values())


def _streams_of(lake: Lake, row: BroughtFile) -> list[str]:
    """Return the streams in which the items of a file are now, sorted: known ones stay where they were."""
    items = pl.scan_parquet(place.items_of(row.id)).select("item")
    found = lake.items().join(items, on="item", how="semi").select("stream").unique().collect()
    return sorted(found["stream"].drop_nulls())


def _made_here(lake: Lake, result: ImportResult, row: BroughtFile) -> bool:
    """Tell whether an import is this file's own, also where a killed worker made it before this one found it.

    The moment at which the lake saw it is that at which this file came, to the microsecond.
    """
    if lake.register().line(result.import_id)["at_us"] != to_us(row.created_at):
        return False
    others = BroughtFile.objects.everything(because="whose an import is").exclude(pk=row.id)
    return not others.filter(lake_import=result.import_id).exists()


def _adopt(job: RunningJob, row: BroughtFile, names: Iterable[str]) -> None:
    listed = list(names)
    known = streams_by_name(listed)
    for name in listed:
        if name not in known:
            adopt_stream(actor=job.actor, lake_name=name, name=name[:200], unit_id=row.unit_id)


def _lake() -> Lake | None:
    try:
        return open_lake(lake_folder())
    except NotFoundError:
        return None


def _row(file: str, state: str) -> BroughtFile | None:
    rows = BroughtFile.objects.everything(because="Pegel works on what somebody was allowed to ask for")
    return cast("BroughtFile | None", rows.filter(pk=file, state=state).first())


def _keep(job: RunningJob | None, row: BroughtFile, **values: Any) -> None:
    with transaction.atomic():
        if job is not None:
            job.hold()
        _set(row, **values)


def _set(row: BroughtFile, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = datetime.now(UTC)
    row.save(update_fields=[*values, "changed_at"])


def _forget(row: BroughtFile) -> None:
    lake, path = _lake(), place.path_of(row.id, row.file_name)
    if lake is not None and path.exists():
        abandon_import(lake, path, options_of(row), format=row.options["format"] or None)
    place.forget(row.id)


def _old(folder: Path, at: datetime) -> bool:
    """Tell whether a folder is no upload that has just begun."""
    return at.timestamp() - folder.stat().st_mtime > _DAY


def _progress(job: RunningJob, code: str, rows: int, share: float | None) -> None:
    job.progress(int(_HUNDRED * (share or 0)), None if share is None else _HUNDRED, code, n=rows)


def _problem(error: UserError, path: Path, name: str) -> dict[str, Any]:
    """Return an error as it is kept: where the file lies on this machine is nobody's business."""

    def shown(value: object) -> object:
        return value.replace(str(path), name) if isinstance(value, str) else value

    return {"code": error.code, "values": {key: shown(one) for key, one in plain_values(error.values).items()}}


def _plain_look(found: FileLook, known: int) -> dict[str, Any]:
    return cast("dict[str, Any]", keepable({**asdict(found), "known_items": known}))


def _plain_result(result: ImportResult) -> dict[str, Any]:
    return cast("dict[str, Any]", keepable({"status": result.status, **result.account.to_dict()}))
