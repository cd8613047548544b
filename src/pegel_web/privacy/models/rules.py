"""Works-council mode and the group floor: what holds is what two people last agreed on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Rule(models.TextChoices):
    """What can be changed."""

    WORKS_COUNCIL_MODE = "works_council_mode"
    GROUP_FLOOR = "group_floor"


class Outcome(models.TextChoices):
    """What came of a proposal."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RuleChange(models.Model):
    """A proposal to change a rule, and what came of it. ``value``: 0 or 1 for the mode, a number of people otherwise.

    Switching the mode on needs nobody else; everything else is confirmed by a second person, which the database checks.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.CharField(max_length=20, choices=Rule)
    value = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey("organisation.Person", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    decided_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="rule_one_open", fields=["rule"], condition=Q(outcome="open")),
            models.CheckConstraint(
                name="rule_two_people",
                condition=~Q(outcome="confirmed")
                | Q(rule="works_council_mode", value=1)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="rule_value",
                condition=Q(rule="works_council_mode", value__lte=1)
                | Q(rule="group_floor", value__gte=2, value__lte=100),
            ),
            models.CheckConstraint(
                name="rule_decided", condition=Q(outcome="open") | Q(outcome="expired") | Q(decided_at__isnull=False)
            ),
        )
        indexes = (
            models.Index(name="rule_in_force", fields=["rule", "-decided_at"], condition=Q(outcome="confirmed")),
        )
