"""Alerts about streams, and from when on there is one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.flow.models.streams import ValueStream


class StreamAlert(models.Model):
    """Something about a stream that called for a look, from when it was first so until it was no longer so.

    ``items``: numbers of the items it counted when the stream was last computed (``version``); ``new``: those that were
    not among them the time before. ``reason``: what somebody wrote when they acknowledged it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey(ValueStream, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=2000, blank=True)
    count = models.PositiveIntegerField()
    limit = models.PositiveIntegerField()
    new = models.PositiveIntegerField(null=True)
    items = models.JSONField(default=list)
    version = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    snoozed_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="alert_one_open", fields=["stream", "kind", "state"], condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="alert_forward", condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at"))
            ),
        )
        indexes = (models.Index(name="alert_closed", fields=["closed_at"]),)


class StreamAlertThresholds(models.Model):
    """From when on there is an alert about a stream, where somebody has said so (``contracts.AlertThresholds``)."""

    stream = models.OneToOneField(
        ValueStream, primary_key=True, on_delete=models.CASCADE, related_name="alert_thresholds"
    )
    late_from = models.PositiveIntegerField()
    stalled_after_days = models.PositiveIntegerField()
    stale_after_days = models.PositiveIntegerField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"
