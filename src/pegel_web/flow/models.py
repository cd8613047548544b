"""Value streams, the results computed for them, and what the lake held when it was last looked at."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager


class ValueStream(models.Model):
    """All the work that leads to one product or service, from request to use, as a unit of the organisation owns it.

    ``lake_name``: what its events are filed under in the lake. At most one stream stands for a name at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    lake_name = models.CharField(max_length=500)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="value_streams")
    product = models.ForeignKey(
        "organisation.Product", null=True, on_delete=models.SET_NULL, related_name="value_streams"
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="stream_one_open", fields=["lake_name"], condition=Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(
                name="stream_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from"))
            ),
        )


class SnapshotKind(models.TextChoices):
    """What a snapshot holds."""

    OVERVIEW = "overview"
    REPORT = "report"
    CHARTS = "charts"
    ITEMS = "items"


class StreamSnapshot(models.Model):
    """A result of the library, kept so that a page shows it at once. It can be computed anew at any time.

    ``content_hash``: of everything the result depends on (lake, mapping, policy, period, version of Pegel); the same
    hash is never computed twice. ``lake_version``: of the lake and the mapping alone. ``payload``: by language.
    ``period`` is empty where the result is about all time. ``preferred``: the policy that suits the stream.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(ValueStream, on_delete=models.CASCADE, related_name="snapshots")
    kind = models.CharField(max_length=10, choices=SnapshotKind)
    policy = models.CharField(max_length=100)
    period = models.CharField(max_length=8, blank=True)
    preferred = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64)
    lake_version = models.CharField(max_length=64)
    payload = models.JSONField()
    definitions = models.JSONField(default=list)
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (models.UniqueConstraint(name="snapshot_one", fields=["stream", "kind", "policy", "period"]),)


class LakeReading(models.Model):
    """What the lake held when Pegel last looked: one row, so that no page has to open the lake.

    ``streams``: [{"lake_name", "items", "latest_us", "version"}].
    """

    number = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    imports = models.PositiveIntegerField()
    streams = models.JSONField(default=list)
    read_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(name="lake_reading_one", condition=Q(number=1)),)
