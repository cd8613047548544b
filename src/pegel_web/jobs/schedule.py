"""Recurring tasks: whichever worker sees first that one is due moves its time on and asks for the job."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from pegel_web.jobs.actors import pegel_itself
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Schedule
from pegel_web.jobs.registry import tasks
from pegel_web.jobs.services import enqueue


def enqueue_due() -> int:
    """Ask for every recurring task that is due; return how many were. A new one is due at once."""
    recurring = {one.kind: one.every for one in tasks() if one.every is not None}
    now = shared_now()
    known = dict(Schedule.objects.values_list("kind", "next_at"))
    asked = 0
    for kind, seconds in recurring.items():
        period = timedelta(seconds=seconds)
        if kind not in known:
            Schedule.objects.bulk_create([Schedule(kind=kind, next_at=now)], ignore_conflicts=True)
        elif now < known[kind] <= now + period:
            continue
        with transaction.atomic():
            # A period that was made shorter must not wait for the end of the long one.
            due = Schedule.objects.filter(kind=kind).exclude(next_at__gt=now, next_at__lte=now + period)
            if due.update(next_at=now + period):
                actor = pegel_itself(at=now, request_id=f"every-{kind}")
                enqueue(actor=actor, kind=kind, arguments={}, label_code=f"job.{kind}", key=f"every:{kind}")
                asked += 1
    return asked
