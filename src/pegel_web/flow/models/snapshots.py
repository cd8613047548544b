"""The results computed for streams, and what the lake held when it was last looked at."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class SnapshotKind(StrEnum):
    """What a snapshot holds. A new kind of result is a new name here and no change of the schema."""

    OVERVIEW = "overview"
    REPORT = "report"
    CHARTS = "charts"
    ITEMS = "items"
    DESK = "desk"
    VARIANTS = "variants"
    STEPS = "steps"
    START_SMALL = "start_small"
    AGAINST = "against"
    LEVEL = "level"
    ALERTS = "alerts"
    QUARTERS = "quarters"
    SUPPLY = "supply"
    IMPORTS = "imports"


class StreamSnapshot(models.Model):
    """A result of the library, kept so that a page shows it at once. It can be computed anew at any time.

    ``content_hash``: of everything the result depends on (lake, mapping, policy, period, version of Pegel); the same
    hash is never computed twice. ``lake_version``: of the lake and the mapping alone, ``declared_version``:
    of what people have declared about the stream. ``payload``: by language.
    ``period`` is empty where the result is about all time. ``preferred``: the policy that suits the stream.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="snapshots")
    kind = models.CharField(max_length=20)
    policy = models.CharField(max_length=100)
    period = models.CharField(max_length=8, blank=True)
    preferred = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64)
    lake_version = models.CharField(max_length=64)
    declared_version = models.CharField(max_length=64, default="")
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
