"""What the portfolio does by itself."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.portfolio.services.case_import import KIND, STEPS, carry_out_case_import, forget_case_rows
from pegel_web.portfolio.services.patterns import expire_experiments

LOOK_SECONDS: Final = 3600


@every(seconds=LOOK_SECONDS)
@task("portfolio.expire")
def expire(job: RunningJob) -> None:
    """End the experiments whose day has come."""
    expire_experiments(actor=job.actor)


@task(KIND)
def confirm_import(job: RunningJob, *, case_import_id: str, seen: str) -> None:
    """Write the use cases of an import: all of them, or none where it is cancelled or would no longer be as shown."""

    def step(name: str) -> None:
        job.stop_if_cancelled()
        job.progress(STEPS.index(name), len(STEPS), f"portfolio.import.step.{name}")

    carry_out_case_import(actor=job.actor, case_import_id=UUID(case_import_id), seen=seen, step=step, hold=job.hold)
    job.progress(len(STEPS), len(STEPS), "portfolio.import.step.done")


@every(seconds=LOOK_SECONDS)
@task("portfolio.import.forget")
def forget_import_rows(job: RunningJob) -> None:
    """Forget the rows of imports after a day."""
    forget_case_rows(at=job.actor.at)
