"""Gates: what was asked, on which evidence, and what was decided."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.portfolio.lifecycle import GATED
from pegel_web.portfolio.models.use_cases import UseCase

_GATES = [(state.value, state.value) for state in GATED]


class GateOutcome(models.TextChoices):
    """What was decided."""

    APPROVED = "approved"
    WITH_CONDITIONS = "with_conditions"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"


class GateRequest(models.Model):
    """A use case asks to pass a gate. It waits at ``unit``, the lowest at which somebody may decide ``amount`` and
    ``risk``; ``closed_at``: decided or withdrawn.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="requests")
    gate = models.CharField(max_length=12, choices=_GATES)
    asked_by_unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    risk = models.PositiveSmallIntegerField(null=True)
    options = models.TextField(max_length=4000, blank=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)

    objects = ScopedManager()
    view_permission = "portfolio.use_case.view"
    scope_path = "asked_by_unit_id"

    class Meta:
        indexes = (
            models.Index(fields=["raised_at"], name="gate_request_raised"),
            models.Index(fields=["unit", "raised_at"], name="gate_request_open", condition=Q(closed_at__isnull=True)),
        )
        constraints = (
            models.UniqueConstraint(
                name="gate_request_one_open", fields=["use_case"], condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="gate_request_forward", condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("raised_at"))
            ),
        )


class GateDecision(models.Model):
    """What was decided at a gate, and on what it rested.

    ``evidence``: every criterion as it stood then. ``unit``, ``level``: where it was decided. ``expires_on``: from
    that day on the approval no longer holds. ``dissent``: who saw it otherwise, and why, in words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.OneToOneField(GateRequest, on_delete=models.CASCADE, related_name="decision")
    outcome = models.CharField(max_length=16, choices=GateOutcome)
    reason = models.TextField(max_length=4000, blank=True)
    trade_offs = models.TextField(max_length=4000, blank=True)
    dissent = models.TextField(max_length=4000, blank=True)
    conditions = models.TextField(max_length=4000, blank=True)
    evidence = models.JSONField(default=list)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=20)
    by_delegation = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    expires_on = models.DateField(null=True)
    review_date = models.DateField(null=True)
