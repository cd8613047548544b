"""A program of its own, run by the tests: ``prepare N`` a database with N jobs, ``work``, ``report`` their states.

The environment names the database; each task run appends one line to the file ``EFFECTS``.
"""

import tests.pegel_web.apps_ready  # noqa: F401  (what follows needs the apps)

# isort: split
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import transaction

from pegel_web.jobs.actors import pegel_itself
from pegel_web.jobs.models import Job
from pegel_web.jobs.registry import RunningJob, task
from pegel_web.jobs.services import enqueue
from pegel_web.jobs.worker import WorkerProcess


def effect(text: str) -> None:
    with open(os.environ["EFFECTS"], "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


@task("test.number", most_attempts=10)
def number(job: RunningJob, *, n: int, seconds: float) -> None:
    time.sleep(seconds)
    with transaction.atomic():
        job.hold()
        effect(str(n))


@task("test.endless")
def endless(job: RunningJob) -> None:
    effect("begun")
    for step in range(10_000):
        job.progress(step, 10_000, "jobs.state.running")
        job.stop_if_cancelled()
        time.sleep(0.02)


@task("test.deaf")
def deaf(job: RunningJob) -> None:
    effect("begun")
    time.sleep(60)


def prepare(count: int, seconds: float) -> None:
    call_command("migrate", verbosity=0)
    actor = pegel_itself(at=datetime.now(UTC), request_id="test")
    with transaction.atomic():
        for n in range(count):
            arguments = {"n": n, "seconds": seconds}
            enqueue(actor=actor, kind="test.number", arguments=arguments, label_code="jobs.state.running")


def work(at_once: int, lease_seconds: float) -> None:
    process = WorkerProcess(at_once=at_once, lease_seconds=lease_seconds)
    signal.signal(signal.SIGTERM, lambda *_: process.ending.set())
    process.run()
    sys.stdout.flush()
    os._exit(0)


def report() -> None:
    jobs = Job.objects.everything(because="test").filter(kind__startswith="test.").order_by("created_at")
    columns = ("id", "kind", "state", "attempts", "worker", "done", "error_code", "cancel_asked_at")
    print(json.dumps([dict(zip(columns, map(str, row), strict=True)) for row in jobs.values_list(*columns)]))


def ask(kind: str) -> None:
    actor = pegel_itself(at=datetime.now(UTC), request_id="test")
    print(enqueue(actor=actor, kind=kind, arguments={}, label_code="jobs.state.running").id)


def cancel(job_id: str) -> None:
    Job.objects.everything(because="test").filter(pk=job_id).update(cancel_asked_at=datetime.now(UTC))


if __name__ == "__main__":
    COMMANDS = {"prepare": prepare, "work": work, "report": report, "ask": ask, "cancel": cancel}
    COMMANDS[sys.argv[1]](*(json.loads(one) if one[0].isdigit() and "-" not in one else one for one in sys.argv[2:]))
