"""What the organisation does in the background: large imports, and forgetting what imports have read."""

from __future__ import annotations

from uuid import UUID

from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.organisation.services.import_confirmation import KIND, STEPS, carry_out_import
from pegel_web.organisation.services.structure_import import forget_rows


@task(KIND)
def confirm_import(job: RunningJob, *, import_id: str, seen: str) -> None:
    """Do what was confirmed: all of it, or nothing where it is cancelled or would no longer be what was shown."""

    def step(name: str) -> None:
        job.stop_if_cancelled()
        job.progress(STEPS.index(name), len(STEPS), f"organisation.structure_import.step.{name}")

    carry_out_import(actor=job.actor, import_id=UUID(import_id), seen=seen, step=step, hold=job.hold)
    job.progress(len(STEPS), len(STEPS), "organisation.structure_import.step.done")


@every(seconds=3600)
@task("organisation.import.forget")
def forget_import_rows(job: RunningJob) -> None:
    """Forget the rows of imports after a day."""
    forget_rows(at=job.actor.at)
