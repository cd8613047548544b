"""Jobs that are over, for whoever decides how long they are kept."""

from __future__ import annotations

from datetime import datetime

from pegel_web.jobs.models import OPEN, Job

_REASON = "retention"


def ended_jobs(*, before: datetime) -> int:
    """Return how many jobs ended before a moment."""
    count: int = Job.objects.everything(because=_REASON).exclude(state__in=OPEN).filter(ended_at__lt=before).count()
    return count


def forget_ended_jobs(*, before: datetime) -> int:
    """Delete jobs that ended before a moment; returns how many."""
    ended = Job.objects.everything(because=_REASON).exclude(state__in=OPEN).filter(ended_at__lt=before)
    gone: int = ended.delete()[0]
    return gone
