"""Pilots: what is tried, how one will know, and when it ends."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pegel_web.portfolio.models.use_cases import UseCase


class Pilot(models.Model):
    """The plan of a pilot, one per use case at a time; ``closed_at``: it ended.

    ``baseline``: how it is without, with where that is measured; ``kill_criterion``: what ends it early.
    ``ends_on``: excluded. ``outcome``, ``why``, ``change``: the learning it closed with (as planned or not, why, what
    changes now).
    """

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="pilots")
    hypothesis = models.TextField(max_length=4000, blank=True)
    baseline = models.TextField(max_length=4000, blank=True)
    baseline_id = models.UUIDField(null=True)
    kill_criterion = models.TextField(max_length=4000, blank=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    people = models.PositiveIntegerField(null=True)
    pattern = models.ForeignKey("portfolio.ExperimentPattern", null=True, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    as_planned = models.BooleanField(null=True)
    why = models.TextField(max_length=4000, blank=True)
    change = models.TextField(max_length=4000, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="pilot_one_open", fields=["use_case"], condition=Q(closed_at__isnull=True)),
            models.CheckConstraint(
                name="pilot_forward",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
            ),
        )
