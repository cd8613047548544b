"""Having a selection computed, and keeping its result for the next who asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter

from pegel.lake.store import Lake
from pegel.quality.facts import lake_facts
from pegel.words.catalogue import shown_in
from pegel_web.core.actor import Actor
from pegel_web.core.errors import LimitedError
from pegel_web.core.problems import IN_APPLICATION
from pegel_web.flow.computing.selection import compute_selection
from pegel_web.flow.computing.versions import selection_hash
from pegel_web.flow.contracts.reports import Selection, StreamChart, StreamReport
from pegel_web.flow.models import StreamSelection, ValueStream
from pegel_web.flow.place import OF_SELECTION, tables_folder
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.reports import stream_chart, stream_report
from pegel_web.flow.queries.selection import (
    check_selection,
    is_usual,
    kept_selection,
    selected_chart,
    selected_report,
    settled,
    version_now,
)
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.flow.services.snapshots import keepable, tidy, write_table
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.queries import jobs
from pegel_web.jobs.services import enqueue

KIND: Final = "flow.selection"
SELECTION: Final[TypeAdapter[Selection]] = TypeAdapter(Selection)
#: Results of one stream that are kept.
MOST: Final = 20
#: Selections that one person can have computed at a time.
MOST_AT_ONCE: Final = 4
#: Longer pieces of work, for the progress.
STEPS: Final = 4
#: How exactly it is known when a result was last used: not every look is worth a write.
_USED: Final = timedelta(hours=1)


def report_of(*, actor: Actor, stream_id: UUID, selection: Selection) -> StreamReport:
    """Return the report of a selection; where there is none yet, have it computed and say which job does.

    Whoever may see the stream may have a selection of it computed: it changes nothing that anybody else sees.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError, ConflictError: see ``check_selection``.
    LimitedError: ``selections_too_many``.
    """
    row = seen_stream(actor, stream_id)
    if is_usual(row, selection):
        return stream_report(actor=actor, stream_id=stream_id, period=selection.period, policy=selection.policy)
    selection = settled(selection)
    check_selection(row, selection, actor.at.date())
    kept = kept_selection(row, selection)
    if kept is None:
        return selected_report(actor, row, selection, None, _enqueued(actor, row, selection))
    if kept.used_at < actor.at - _USED:
        mine = StreamSelection.objects.everything(because="of a stream that the actor may see")
        mine.filter(pk=kept.pk).update(used_at=actor.at)
    return selected_report(actor, row, selection, kept, None)


def chart_of(*, actor: Actor, stream_id: UUID, name: str, selection: Selection) -> StreamChart:
    """Return a drawing of a selection; see ``stream_chart`` and ``selected_chart``."""
    if is_usual(seen_stream(actor, stream_id), selection):
        return stream_chart(
            actor=actor, stream_id=stream_id, name=name, period=selection.period, policy=selection.policy
        )
    return selected_chart(actor=actor, stream_id=stream_id, name=name, selection=selection)


def keep_selection(
    row: ValueStream,
    selection: Selection,
    lake: Lake,
    *,
    actor: Actor,
    on_step: Callable[[], None],
    writing: Callable[[], AbstractContextManager[None]],
) -> None:
    """Compute a selection and keep it; what rests on older data goes, and so do the longest unused.

    ``lake``: as it was just read.

    Raises
    ------
    NotFoundError: ``unknown_stream``, ``lake_empty``. ConflictError: ``stream_without_data``.
    """
    version, names = version_now(row), names_in_lake(row)
    declared = declared_of([row.id])[row.id]
    with shown_in(IN_APPLICATION):  # answers are kept as words
        found = compute_selection(lake, names, lake_facts(lake), declared, selection, on_step=on_step)
    made, folder = selection_hash(version, selection), tables_folder() / str(row.id)
    file = f"{OF_SELECTION}{made[:32]}"
    for part, table in (("items", found.items), ("stays", found.stays)):
        write_table(table, folder, file, part)
    with writing():
        # It may have been ended, and its results deleted, while they were computed.
        if not ValueStream.objects.everything(because="the same").filter(pk=row.id, valid_until=None).exists():
            return
        mine = StreamSelection.objects.everything(because="results of this stream").filter(stream_id=row.id)
        mine.update_or_create(
            stream_id=row.id,
            content_hash=made,
            defaults={
                "lake_version": version.lake,
                "payload": keepable(found.payload),
                "charts": keepable(found.charts),
                "rows": {
                    "file": file,
                    "policy": found.policy,
                    "unit": found.unit,
                    "from_us": found.from_us,
                    "until_us": found.until_us,
                },
                "as_of": found.as_of,
                "computed_at": actor.at,
                "used_at": actor.at,
            },
        )
        mine.exclude(lake_version=version.lake).delete()
        unused = mine.order_by("-used_at", "-id").values_list("id", flat=True)[MOST:]
        mine.filter(id__in=list(unused)).delete()
        rest = mine.exclude(rows=None).values_list("rows__file", flat=True)
    tidy(folder, set(rest), of_selections=True)


def _enqueued(actor: Actor, row: ValueStream, selection: Selection) -> JobReport:
    open_now = [one for one in jobs(actor=actor) if one.kind == KIND and one.open and one.mine]
    key = f"{KIND}:{row.id}:{selection_hash(version_now(row), selection)}"
    with transaction.atomic():
        job = enqueue(
            actor=actor,
            kind=KIND,
            arguments={
                "stream": str(row.id),
                "name": row.name,
                "selection": SELECTION.dump_python(selection, mode="json"),
            },
            label_code="flow.job.selection",
            unit=row.unit_id,
            key=key,
        )
        if len(open_now) >= MOST_AT_ONCE and job.id not in {one.id for one in open_now}:
            # Undoes the job that has just been made; somebody else's for the same selection would stay.
            raise LimitedError("selections_too_many", most=MOST_AT_ONCE)
    return job
