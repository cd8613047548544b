"""What the portfolio does by itself."""

from __future__ import annotations

from typing import Final

from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.portfolio.services.patterns import expire_experiments

LOOK_SECONDS: Final = 3600


@every(seconds=LOOK_SECONDS)
@task("portfolio.expire")
def expire(job: RunningJob) -> None:
    """End the experiments whose day has come."""
    expire_experiments(actor=job.actor)
