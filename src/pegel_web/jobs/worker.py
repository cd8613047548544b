"""A worker process: threads that take jobs, one heartbeat for all of them, and an end that loses nothing."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from secrets import token_hex
from threading import Event, Lock, Thread
from typing import Final

import structlog
from django.db import DatabaseError, connection, connections

from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Worker
from pegel_web.jobs.performing import LEASE_SECONDS, perform
from pegel_web.jobs.running import LOOK_SECONDS, Lease
from pegel_web.jobs.schedule import enqueue_due
from pegel_web.jobs.taking import take

log = structlog.get_logger("pegel.jobs")

#: Seconds between two looks for new jobs.
POLL_SECONDS: Final = 0.5
#: Seconds between two signs of life of the process, and between two looks at the schedule.
SIGN_SECONDS: Final = 10.0
#: Seconds that tasks get to leave their jobs when the process is asked to end.
GRACE_SECONDS: Final = 8.0
#: Seconds of rest after the database has failed, doubled up to the second number.
RESTS: Final = (1.0, 30.0)


class WorkerProcess:
    """Runs jobs until it is asked to end.

    ``at_once``: how many at the same time, each in a thread. ``lease_seconds``: without a sign of life for so long, its
    jobs belong to others.
    """

    def __init__(self, *, at_once: int = 2, lease_seconds: float = LEASE_SECONDS) -> None:
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{token_hex(4)}"
        self.ending = Event()
        self._lease_seconds = lease_seconds
        self._leases: set[Lease] = set()
        self._lock = Lock()
        self._stopped = Event()
        self._takers = [
            Thread(
                target=self._steadily, args=(self._take_one, POLL_SECONDS, self.ending), name=f"job-{n}", daemon=True
            )
            for n in range(at_once)
        ]
        self._others = [
            Thread(target=self._steadily, args=(self._beat, LOOK_SECONDS, self._stopped), name="beat", daemon=True),
            Thread(target=self._steadily, args=(self._sign, SIGN_SECONDS, self.ending), name="sign", daemon=True),
        ]

    def run(self) -> bool:
        """Work until ``ending`` is set; True: every job was left in order, False: some had to be given back."""
        log.info("worker_started", worker=self.name, at_once=len(self._takers))
        for thread in (*self._others, *self._takers):
            thread.start()
        # A wait without a limit would keep signals from being handled.
        while not self.ending.wait(1.0):
            pass
        until = time.monotonic() + GRACE_SECONDS
        for thread in self._takers:
            thread.join(max(0.0, until - time.monotonic()))
        self._stopped.set()
        with self._lock:
            remaining = tuple(self._leases)
        try:
            for lease in remaining:
                lease.give_back()
            Worker.objects.filter(name=self.name).delete()
        except DatabaseError as error:
            # Then their leases end by themselves.
            log.warning("worker_left_without_database", error=type(error).__name__)
        log.info("worker_ended", worker=self.name, given_back=len(remaining))
        return not remaining

    def _take_one(self) -> bool:
        job = take(worker=self.name, seconds=self._lease_seconds)
        if job is None:
            return False
        lease = Lease(job, seconds=self._lease_seconds, ending=self.ending)
        with self._lock:
            self._leases.add(lease)
        try:
            perform(job, lease, renewed_elsewhere=True)
        finally:
            with self._lock:
                self._leases.discard(lease)
        return True

    def _beat(self) -> bool:
        with self._lock:
            leases = tuple(self._leases)
        for lease in leases:
            lease.beat()
        return False

    def _sign(self) -> bool:
        now = shared_now()
        Worker.objects.update_or_create(
            name=self.name, defaults={"seen_at": now}, create_defaults={"seen_at": now, "started_at": now}
        )
        enqueue_due()
        return False

    def _steadily(self, step: Callable[[], bool], seconds: float, until: Event) -> None:
        """Repeat a step until the event; at once when it did something. A database that fails is waited for."""
        rest, longest = RESTS
        while not until.is_set():
            try:
                pause = 0.0 if step() else seconds
                rest = RESTS[0]
            except Exception as error:
                # Above all a database that is not there: the thread must outlive it.
                log.exception("worker_rests", error=type(error).__name__, seconds=rest)
                connection.close()
                pause, rest = rest, min(longest, rest * 2)
            if pause:
                until.wait(pause)
        connections.close_all()
