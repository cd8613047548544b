"""Background work in numbers, for those who watch the installation: no person behind any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, F, Min, Q
from django.db.models.functions import Coalesce

from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job, JobState, Worker

#: A worker gives a sign of life every ten seconds.
SEEN_WITHIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """How many jobs are in each state; how many workers are there; how long what is due has waited (seconds).

    ``left_behind``: jobs that are called running although nobody gives a sign of life for them.
    """

    by_state: Mapping[str, int]
    workers: int
    longest_wait_seconds: float
    left_behind: int


def job_figures() -> JobFigures:
    """Return the figures of this moment."""
    now = shared_now()
    jobs = Job.objects.everything(because="figures without any person")
    counted = dict(jobs.values_list("state").annotate(n=Count("id")))
    due = Coalesce(F("due_at"), F("created_at"))
    waiting = jobs.filter(Q(due_at__isnull=True) | Q(due_at__lte=now), state=JobState.WAITING)
    since = waiting.aggregate(since=Min(due))["since"]
    return JobFigures(
        by_state={state: counted.get(state, 0) for state in JobState.values},
        workers=Worker.objects.filter(seen_at__gte=now - SEEN_WITHIN).count(),
        longest_wait_seconds=0.0 if since is None else max(0.0, (now - since).total_seconds()),
        left_behind=jobs.filter(state=JobState.RUNNING, lease_until__lt=now).count(),
    )
