"""What the organisation does by itself."""

from __future__ import annotations

from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.organisation.services.structure_import import forget_rows


@every(seconds=3600)
@task("organisation.import.forget")
def forget_import_rows(job: RunningJob) -> None:
    """Forget the rows of imports after a day."""
    forget_rows(at=job.actor.at)
