"""Pre-approved patterns: what may be tried without a gate, within caps."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.portfolio.models.use_cases import DataClass


class ExperimentPattern(models.Model):
    """A kind of experiment that is allowed in a unit and below: most days, people, money, and which data at most."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    description = models.TextField(max_length=4000)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="+")
    most_data_class = models.CharField(max_length=12, choices=DataClass)
    most_people = models.PositiveIntegerField()
    most_days = models.PositiveIntegerField()
    most_amount = models.DecimalField(max_digits=14, decimal_places=2)
    tools = models.TextField(max_length=1000, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "portfolio.use_case.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="pattern_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="pattern_caps", condition=Q(most_people__gt=0, most_days__gt=0, most_amount__gte=0)
            ),
        )
