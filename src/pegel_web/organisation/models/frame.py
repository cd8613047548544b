"""The leadership frame: what the top gives, so that everything else can be decided where the work is."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.delegations import RiskLimit
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.units import Unit, UnitKind


class FrameKind(models.TextChoices):
    """What leadership gives."""

    DIRECTION = "direction"
    LIMIT = "limit"
    BUDGET = "budget"
    OFFER = "offer"


class FrameEntry(models.Model):
    """One line of the frame for a unit and everything below it.

    ``amount`` (EUR): of a budget what there is, of a limit up to what may be decided. ``risk``: of a limit the highest
    that may be decided. ``level``: the kind of units a limit is meant for; empty: the unit and everything below it. A
    limit with neither amount nor risk is a rule in words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="frame")
    kind = models.CharField(max_length=12, choices=FrameKind)
    text = models.CharField(max_length=500)
    amount = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    risk = models.PositiveSmallIntegerField(null=True, choices=RiskLimit)
    level = models.CharField(max_length=20, choices=UnitKind, blank=True)
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
                condition=Q(kind="budget", amount__gte=0)
                | (Q(kind="limit") & (Q(amount__isnull=True) | Q(amount__gte=0)))
                | (~Q(kind__in=["budget", "limit"]) & Q(amount__isnull=True)),
            ),
            models.CheckConstraint(name="frame_limit_only", condition=Q(kind="limit") | Q(risk__isnull=True, level="")),
        )
