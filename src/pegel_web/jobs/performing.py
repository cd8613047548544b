"""Doing one job: call the task, and write how it ended."""

from __future__ import annotations

import random
from collections.abc import Mapping
from threading import Event
from typing import Any, Final

import structlog
from django.db import connection

from pegel.errors import PegelError
from pegel_web.jobs.actors import actor_of_job
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job, JobState
from pegel_web.jobs.plain import plain_values
from pegel_web.jobs.registry import task_of
from pegel_web.jobs.running import CancelledJob, InterruptedJob, Lease, LostJob, Running
from pegel_web.jobs.taking import take

log = structlog.get_logger("pegel.jobs")

#: Seconds without a sign of life after which a job counts as left behind.
LEASE_SECONDS: Final = 60.0
#: Seconds before the second attempt; doubled for each further one, and spread so that not all come back at once.
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 600.0


def perform(job: Job, lease: Lease, *, renewed_elsewhere: bool) -> None:
    """Run the task of a job that was taken, and write the outcome if the job is still ours."""
    task = task_of(job.kind)
    bound = structlog.contextvars.bind_contextvars(job=str(job.id), kind=job.kind, attempt=job.attempts)
    try:
        actor = actor_of_job(job, at=shared_now())
        task.function(Running(lease, actor, renewed_elsewhere=renewed_elsewhere), **job.arguments)
        written = lease.end(JobState.DONE)
        log.info("job_done" if written else "job_lost")
    except CancelledJob:
        lease.end(JobState.CANCELLED)
        log.info("job_cancelled")
    except InterruptedJob:
        lease.give_back()
        log.info("job_interrupted")
    except LostJob:
        log.warning("job_lost")
    except task.temporary as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        if job.attempts < task.most_attempts:
            lease.again(after_seconds=_wait(job.attempts), **_why(error))
            log.warning("job_again", error=type(error).__name__)
        else:
            lease.end(JobState.FAILED, **_why(error))
            log.error("job_failed", error=type(error).__name__)
    except PegelError as error:
        lease.end(JobState.FAILED, **_why(error))
        log.warning("job_failed", error=error.code)
    except Exception as error:
        lease.end(JobState.FAILED, **_why(error))
        log.exception("job_failed", error=type(error).__name__)
    finally:
        structlog.contextvars.reset_contextvars(**bound)


def run_waiting_jobs(*, worker: str = "here", seconds: float = LEASE_SECONDS) -> int:
    """Do what waits, in this thread, one after the other; return how many jobs were begun."""
    begun = 0
    while (job := take(worker=worker, seconds=seconds)) is not None:
        perform(job, Lease(job, seconds=seconds, ending=Event()), renewed_elsewhere=False)
        begun += 1
    return begun


def _wait(attempts: int) -> float:
    spread = random.uniform(0.8, 1.2)  # noqa: S311  (no secret depends on it)
    return min(LONGEST_WAIT, FIRST_WAIT * float(2 ** (attempts - 1))) * spread


def _why(error: Exception) -> Mapping[str, Any]:
    """Return what is kept of an error: code and plain values; of a foreign one only its kind, it may quote data."""
    if not isinstance(error, PegelError):
        return {"error_code": "job_unexpected", "error_values": {"kind": type(error).__name__}}
    return {"error_code": error.code, "error_values": plain_values(error.values)}
