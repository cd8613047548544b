"""A job that is being worked on: its lease, its progress, and the ways out of it."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event, Lock
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet

from pegel.errors import InternalError
from pegel_web.core.actor import Actor
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job, JobState
from pegel_web.jobs.plain import plain_values

#: Seconds between two writes of the progress, and between two looks whether somebody cancelled.
LOOK_SECONDS: Final = 0.5


class LeftJob(BaseException):
    """The task leaves its job. Not an ``Exception``, so that a task's own handling of errors does not swallow it."""


class CancelledJob(LeftJob):
    """Somebody cancelled it."""


class LostJob(LeftJob):
    """Another worker has taken it over, because this one gave no sign of life for too long."""


class InterruptedJob(LeftJob):
    """The worker ends; another one begins the job again."""


class Lease:
    """The right to work on a job. Everything it writes holds only while the lease is the valid one."""

    def __init__(self, job: Job, *, seconds: float, ending: Event) -> None:
        self.job_id: UUID = job.id
        self.lease_id: UUID | None = job.lease_id
        self.lost = False
        self._seconds = seconds
        self._ending = ending
        self._cancelled = False
        self._unwritten: dict[str, Any] = {}
        self._lock = Lock()
        self._renewed = time.monotonic()

    def ours(self) -> QuerySet[Job]:
        """Return the row, as long as it is ours."""
        rows = Job.objects.everything(because="a worker looks after its own lease")
        return cast("QuerySet[Job]", rows.filter(pk=self.job_id, lease_id=self.lease_id, state=JobState.RUNNING))

    def beat(self) -> None:
        """Look whether the job is still ours and wanted; write where there is something new or the lease grows old."""
        with self._lock:
            news, self._unwritten = self._unwritten, {}
        if news or time.monotonic() - self._renewed > self._seconds / 3:
            self.ours().update(lease_until=shared_now() + timedelta(seconds=self._seconds), **news)
            self._renewed = time.monotonic()
        asked = self.ours().values_list("cancel_asked_at", flat=True).first()
        self._cancelled = self._cancelled or asked is not None
        self.lost = self.lost or (asked is None and not self.ours().exists())

    def note(self, **values: Any) -> None:
        """Remember how far the task is; it is written with the next sign of life."""
        with self._lock:
            self._unwritten.update(values)

    def leave_if_over(self) -> None:
        """Raise where the task has to leave its job."""
        if self.lost:
            raise LostJob
        if self._cancelled:
            raise CancelledJob
        if self._ending.is_set():
            raise InterruptedJob

    def end(self, state: JobState, **values: Any) -> bool:
        """Write how the job ended; False: it was no longer ours, and nothing was written."""
        return self._release(state=state, ended_at=shared_now(), **values)

    def again(self, *, after_seconds: float, **values: Any) -> bool:
        """Let the job be begun again later; False: it was no longer ours."""
        return self._release(
            state=JobState.WAITING, due_at=shared_now() + timedelta(seconds=after_seconds), worker="", **values
        )

    def give_back(self) -> bool:
        """Let another worker begin the job again at once, as if this one had not; False: it was no longer ours."""
        return self._release(state=JobState.WAITING, worker="", attempts=F("attempts") - 1)

    def _release(self, **values: Any) -> bool:
        with self._lock:
            news, self._unwritten = self._unwritten, {}
        return bool(self.ours().update(lease_id=None, lease_until=None, **news, **values))


class Running:
    """What a task sees: ``RunningJob``."""

    def __init__(self, lease: Lease, actor: Actor, *, renewed_elsewhere: bool) -> None:
        self._lease = lease
        self._actor = actor
        self._renewed_elsewhere = renewed_elsewhere
        self._looked = time.monotonic()

    @property
    def actor(self) -> Actor:
        """Pegel acting for the person who asked."""
        return self._actor

    def progress(self, done: int, total: int | None, code: str, **values: str | int | float | bool | None) -> None:
        """Say how far it is."""
        whole = None if total is None else int(total)
        self._lease.note(done=int(done), total=whole, progress_code=code, progress_values=plain_values(values))
        self._look()

    def stop_if_cancelled(self) -> None:
        """Leave the task where there is a reason to."""
        self._look()
        self._lease.leave_if_over()

    def hold(self) -> None:
        """Lock the job for the rest of the transaction, or leave it."""
        if not connection.in_atomic_block:
            raise InternalError("job_held_outside_transaction")
        if not self._lease.ours().select_for_update().exists():
            self._lease.lost = True
        self._lease.leave_if_over()

    def _look(self) -> None:
        """Renew the lease here where no heartbeat does."""
        if self._renewed_elsewhere or time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        with transaction.atomic():
            self._lease.beat()
