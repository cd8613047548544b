"""Platforms that the organisation offers for the use of AI, and the guardrails that hold for them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.units import Unit


class PlatformKind(models.TextChoices):
    """What a platform is."""

    MODEL_GATEWAY = "model_gateway"
    DATA_PLATFORM = "data_platform"
    DEVELOPER_ASSISTANT = "developer_assistant"
    OFFICE_ASSISTANT = "office_assistant"
    AUTOMATION = "automation"
    OTHER = "other"


class GuardrailKind(models.TextChoices):
    """What a guardrail is about."""

    DATA_CLASS = "data_class"
    COST_LIMIT = "cost_limit"
    PEOPLE = "people"
    HUMAN_REVIEW = "human_review"
    LOGGING = "logging"


class Enforcement(models.TextChoices):
    """Who sees to it that a guardrail holds: the platform itself, people, or nobody has looked (declared only)."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    DECLARED = "declared"


class Platform(models.Model):
    """What departments may build on. What it is called and who answers for it depends on the date: ``PlatformPeriod``.

    ``owner_unit``: the unit that owns it in the end. It is planned before its first period, offered in one, retired
    after the last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="platforms")

    objects = ScopedManager()
    view_permission = "organisation.responsibility.view"
    scope_path = "owner_unit_id"


class PlatformPeriod(models.Model):
    """What a platform was from one date until another (half open; no end: until now), without gaps.

    ``access``: where or how one gets it. ``allowed_for``: what it may be used for, in words. No accountable person:
    nobody answers for it.
    """

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="periods")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=PlatformKind)
    purpose = models.CharField(max_length=500)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    accountable = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    access = models.CharField(max_length=300, blank=True)
    allowed_for = models.CharField(max_length=500, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="platform_period_forward",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.UniqueConstraint(name="platform_period_one_start", fields=["platform", "valid_from"]),
            models.UniqueConstraint(
                name="platform_period_one_open", fields=["platform"], condition=Q(valid_until__isnull=True)
            ),
        )


class Guardrail(models.Model):
    """A rule that holds for a platform, or for all of them (no ``platform``), from one date until another.

    A change ends one row and begins another, as lines of the leadership frame do.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform = models.ForeignKey(Platform, null=True, on_delete=models.CASCADE, related_name="guardrails")
    name = models.CharField(max_length=120)
    rule = models.CharField(max_length=500)
    kind = models.CharField(max_length=20, choices=GuardrailKind)
    enforcement = models.CharField(max_length=12, choices=Enforcement)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="guardrails")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "organisation.responsibility.view"
    scope_path = "owner_unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="guardrail_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
        )
