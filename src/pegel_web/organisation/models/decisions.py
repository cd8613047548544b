"""The decision log: what was decided, at which level, and how long it waited."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.delegations import RiskLimit
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.units import Unit, UnitKind


class Outcome(models.TextChoices):
    """What came of it."""

    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Decision(models.Model):
    """A question that was raised, and its answer.

    ``asked_by_unit``: where it came from. ``unit``, ``level``: where it waits, then where it was decided, and the kind
    that unit had at that time. ``routed_level``: the lowest level that could decide it when it was raised. Latency is
    ``decided_at`` minus ``raised_at``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200)
    question = models.TextField(max_length=4000, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="decisions")
    asked_by_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="questions")
    amount = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    risk = models.PositiveSmallIntegerField(null=True, choices=RiskLimit)
    level = models.CharField(max_length=20, choices=UnitKind)
    routed_level = models.CharField(max_length=20, choices=UnitKind)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    by_delegation = models.BooleanField(default=False)
    outcome = models.CharField(max_length=30, choices=Outcome, blank=True)
    options = models.TextField(max_length=4000, blank=True)
    reason = models.TextField(max_length=4000, blank=True)
    conditions = models.TextField(max_length=4000, blank=True)
    review_date = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "organisation.decision.view"
    # Who may decide stands above the unit that asks, or is that unit itself; both see it from where it came.
    scope_path = "asked_by_unit_id"

    class Meta:
        indexes = (
            models.Index(fields=["raised_at"], name="decision_raised"),
            models.Index(fields=["raised_at"], name="decision_open", condition=Q(decided_at__isnull=True)),
        )
        constraints = (
            models.CheckConstraint(
                name="decision_whole",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="decision_forward", condition=Q(decided_at__isnull=True) | Q(decided_at__gte=F("raised_at"))
            ),
        )
