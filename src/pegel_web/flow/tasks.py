"""What runs in the background: computing streams, and noticing that the lake has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from pegel_web.flow.place import lake_folder, tables_folder
from pegel_web.flow.services.refreshing import KIND, enqueue_refresh
from pegel_web.flow.services.snapshots import STEPS, Watch, compute, outdated, read_lake, streams_of_today
from pegel_web.jobs.registry import RunningJob, every, task

#: Seconds between two looks whether the lake has changed.
WATCH_SECONDS = 60


@task(KIND)
def refresh(job: RunningJob, *, stream: str | None = None, name: str = "") -> None:
    """Compute one stream, or all, as far as anything has changed since. ``name``: for the label of the job."""
    del name
    job.progress(0, None, "flow.job.reads")
    lake = read_lake(lake_folder(), at=job.actor.at)
    wanted = [row for row in streams_of_today(job.actor.at) if stream is None or str(row.id) == stream]
    todo = outdated(wanted)
    if lake is None or not todo:
        return
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

    compute(todo, lake, tables_folder(), at=job.actor.at, watch=Watch(step=step, writing=writing))
    job.progress(total, total, "flow.job.done")


@every(seconds=WATCH_SECONDS)
@task("flow.watch")
def watch(job: RunningJob) -> None:
    """Look whether the lake has changed, and have the streams computed that it changes."""
    if read_lake(lake_folder(), at=job.actor.at) is None:
        return
    for row in outdated(streams_of_today(job.actor.at)):
        with transaction.atomic():
            enqueue_refresh(actor=job.actor, stream=row)
