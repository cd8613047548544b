"""Figures of a workflow step as they stood on a day, kept for good: what a later measurement compares with."""

from __future__ import annotations

import uuid

from django.db import models

from pegel_web.core.scope import ScopedManager


class Baseline(models.Model):
    """A baseline that somebody took. It is never changed: the database refuses it.

    ``content``: ``contracts.start_small.BaselineFigures`` as JSON. ``definition``: id of the definition;
    ``definition_hash``: of everything that the figures depend on beside the data (definition, policy, meaning of the
    states, unit), so that it can be told whether a later figure means the same. ``fingerprint``: of step, moment and
    definition; the same figures are kept once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.PROTECT, related_name="baselines")
    state = models.CharField(max_length=2000)
    phase = models.CharField(max_length=20)
    content = models.JSONField()
    as_of = models.DateTimeField()
    definition = models.CharField(max_length=100)
    definition_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    taken_by = models.ForeignKey("organisation.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (models.UniqueConstraint(name="baseline_once", fields=["fingerprint"]),)
