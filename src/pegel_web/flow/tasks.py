"""What runs in the background: computing streams, and noticing that the lake has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.lake.store import Lake
from pegel_web.flow.models import ValueStream
from pegel_web.flow.place import lake_folder, tables_folder
from pegel_web.flow.services import network as networks
from pegel_web.flow.services import selection as selections
from pegel_web.flow.services.alerts import KEPT, forget_old_alerts, settle_alerts
from pegel_web.flow.services.refreshing import KIND, enqueue_refresh
from pegel_web.flow.services.snapshots import STEPS, Watch, compute, outdated, read_lake, streams_of_today
from pegel_web.jobs.registry import RunningJob, every, task

#: Seconds between two looks whether the lake has changed.
WATCH_SECONDS = 60
#: Seconds between two looks at what only time brings about: data grows old, limits are declared.
ALERT_SECONDS = 900


#: Times that a stream which goes on changing is computed by one job; the next look at the lake asks for another.
_MOST_ROUNDS: Final = 5


@task(KIND)
def refresh(job: RunningJob, *, stream: str | None = None, name: str = "") -> None:
    """Compute one stream, or all, as far as anything has changed since. ``name``: for the label of the job."""
    del name
    job.progress(0, None, "flow.job.reads")
    for _ in range(_MOST_ROUNDS):
        # What changes while it is computed asks for this very job: it has to look again.
        lake = read_lake(lake_folder(), at=job.actor.at)
        todo = outdated(row for row in streams_of_today(job.actor.at) if stream is None or str(row.id) == stream)
        if lake is None or not todo:
            return
        _compute(job, todo, lake)


def _compute(job: RunningJob, todo: list[ValueStream], lake: Lake) -> None:
    total, done, current = len(todo) * STEPS, 0, ""

    def step(name: str) -> None:
        nonlocal done, current
        job.stop_if_cancelled()
        if name != current and current:
            # A stream that is read by one policy only takes fewer steps than were planned for it.
            done = -(-done // STEPS) * STEPS
        current = name
        job.progress(min(done, total), total, "flow.job.computes", name=name)
        done += 1

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction.atomic():
            job.hold()
            yield

    def kept(stream_id: UUID) -> None:
        settle_alerts(actor=job.actor, stream_id=stream_id, writing=writing)

    compute(todo, lake, tables_folder(), at=job.actor.at, watch=Watch(step=step, writing=writing, kept=kept))
    job.progress(total, total, "flow.job.done")


@task(networks.KIND)
def network(job: RunningJob) -> None:
    """Compute who waits for whom across all streams, if the lake has changed since."""
    job.progress(0, None, "flow.job.reads")
    lake = read_lake(lake_folder(), at=job.actor.at)
    if lake is None or not networks.network_outdated():
        return

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction.atomic():
            job.hold()
            yield

    networks.keep_network(lake, tables_folder(), at=job.actor.at, writing=writing)
    job.progress(1, 1, "flow.job.done")


@task(selections.KIND)
def selection(job: RunningJob, *, stream: str, name: str, selection: Mapping[str, object]) -> None:
    """Compute a selection of one stream that somebody looks at."""
    job.progress(0, None, "flow.job.reads")
    lake = read_lake(lake_folder(), at=job.actor.at)
    row = next((one for one in streams_of_today(job.actor.at) if str(one.id) == stream), None)
    if lake is None or row is None:
        return
    done = 0

    def step() -> None:
        nonlocal done
        job.stop_if_cancelled()
        job.progress(done, selections.STEPS, "flow.job.computes", name=name)
        done += 1

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction.atomic():
            job.hold()
            yield

    asked = selections.SELECTION.validate_python(selection)
    selections.keep_selection(row, asked, lake, actor=job.actor, on_step=step, writing=writing)
    job.progress(selections.STEPS, selections.STEPS, "flow.job.done")


@every(seconds=WATCH_SECONDS)
@task("flow.watch")
def watch(job: RunningJob) -> None:
    """Look whether the lake has changed, and have computed what it changes: streams, and the network of them."""
    if read_lake(lake_folder(), at=job.actor.at) is None:
        return
    for row in outdated(streams_of_today(job.actor.at)):
        with transaction.atomic():
            enqueue_refresh(actor=job.actor, stream=row)
    if networks.network_outdated():
        with transaction.atomic():
            networks.enqueue_network(actor=job.actor)


@every(seconds=ALERT_SECONDS)
@task("flow.alerts")
def alerts(job: RunningJob) -> None:
    """Apply the rules of alerts to every stream, and forget what closed long ago."""

    @contextmanager
    def writing() -> Iterator[None]:
        with transaction.atomic():
            job.hold()
            yield

    for row in streams_of_today(job.actor.at):
        job.stop_if_cancelled()
        settle_alerts(actor=job.actor, stream_id=row.id, writing=writing)
    with writing():
        forget_old_alerts(before=job.actor.at - KEPT)
