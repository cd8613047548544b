"""What people report about where work stalls, who joined them, and what became of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager


class StallStatus(models.TextChoices):
    """How a report stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class StallOutcome(models.TextChoices):
    """What closed a report."""

    DONE = "done"
    NO_CHANGE = "no_change"


class StallReport(models.Model):
    """Somebody says that work stalls in a step of a stream, and why.

    ``state``: the state of the log; empty: a step that is none of them. ``author``: shown to nobody; None: forgotten.
    ``often``, ``hours_per_week``: the author's own estimate. ``closed_at`` starts the period of retention.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="stalls")
    state = models.CharField(max_length=2000, blank=True)
    friction = models.CharField(max_length=20)
    why = models.TextField(max_length=1000)
    often = models.CharField(max_length=20, blank=True)
    hours_per_week = models.FloatField(null=True)
    author = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    reported_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=StallStatus, default=StallStatus.OPEN)
    outcome = models.CharField(max_length=10, choices=StallOutcome, blank=True)
    closed_at = models.DateTimeField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        indexes = (models.Index(fields=["stream", "status"], name="stall_of_stream"),)
        constraints = (
            models.CheckConstraint(
                name="stall_closed_whole",
                condition=(Q(status=StallStatus.CLOSED, closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(status=StallStatus.CLOSED) & Q(closed_at__isnull=True, outcome="")),
            ),
            models.CheckConstraint(
                name="stall_forward", condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("reported_at"))
            ),
        )


class StallVoice(models.Model):
    """Somebody else says "me too" to a report, once. ``person``: shown to nobody; None: forgotten."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(StallReport, on_delete=models.CASCADE, related_name="voices")
    person = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    joined_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "report__stream__unit_id"

    class Meta:
        constraints = (models.UniqueConstraint(name="stall_voice_once", fields=["report", "person"]),)


class StallStep(models.Model):
    """What became of a report: answered, closed, reopened. Only ever added to.

    ``text``: the answer, the reason, or what the author adds; ``plan``: what will be done. ``by``: who answers for the
    stream; None: the author, or somebody who was forgotten.
    """

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(StallReport, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, choices=StallOutcome, blank=True)
    text = models.TextField(max_length=1000, blank=True)
    plan = models.TextField(max_length=1000, blank=True)
    by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "report__stream__unit_id"
