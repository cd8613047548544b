"""The leadership frame: what the top gives, so that everything else can be decided where the work is."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.units import Unit


class FrameKind(models.TextChoices):
    """What leadership gives."""

    DIRECTION = "direction"
    LIMIT = "limit"
    BUDGET = "budget"
    OFFER = "offer"


class FrameEntry(models.Model):
    """One line of the frame for a unit and everything below it. ``amount`` (EUR) belongs to budgets only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="frame")
    kind = models.CharField(max_length=12, choices=FrameKind)
    text = models.CharField(max_length=500)
    amount = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    set_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    view_permission = "organisation.frame.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="frame_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="frame_amount",
                condition=Q(kind="budget", amount__gte=0) | (~Q(kind="budget") & Q(amount__isnull=True)),
            ),
        )
