"""Rights that one person hands to another, within limits."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.units import Unit


class RiskLimit(models.IntegerChoices):
    """The highest risk that may be decided."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Delegation(models.Model):
    """A person lets another use one of their rights in a unit, up to an amount (EUR) and a risk.

    It never reaches further than the right of the person who gave it reaches at that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    from_person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="delegations_given")
    to_person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="delegations_received")
    permission = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="delegations")
    most_amount = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    most_risk = models.PositiveSmallIntegerField(null=True, choices=RiskLimit)
    reason = models.CharField(max_length=500, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    view_permission = "organisation.delegation.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="delegation_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.CheckConstraint(name="delegation_to_another", condition=~Q(from_person=F("to_person"))),
            models.CheckConstraint(
                name="delegation_amount", condition=Q(most_amount__isnull=True) | Q(most_amount__gte=0)
            ),
        )
