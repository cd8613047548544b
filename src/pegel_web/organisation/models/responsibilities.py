"""Who answers for what, and who uses what."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.platforms import Platform
from pegel_web.organisation.models.units import Product, Unit


class Letter(models.TextChoices):
    """RACI."""

    RESPONSIBLE = "R"
    ACCOUNTABLE = "A"
    CONSULTED = "C"
    INFORMED = "I"


class Responsibility(models.Model):
    """A person answers for an area of work of a unit, or for a product.

    ``area``: what it is about in that unit, such as ``ai_tools``, ``data``, ``budget`` (see ``areas.yaml``); for a
    product it is ``product``. Two people accountable for one thing is a double, nobody a gap; neither is forbidden
    here, because the map has to be able to show what is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="responsibilities")
    product = models.ForeignKey(Product, null=True, on_delete=models.CASCADE, related_name="responsibilities")
    area = models.CharField(max_length=40)
    letter = models.CharField(max_length=1, choices=Letter)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="responsibilities")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "organisation.responsibility.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="responsibility_forward",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
        )


class ToolUse(models.Model):
    """A unit uses a tool, with so many people, declared on a date; another (or the same) unit owns the tool.

    The latest declaration counts; ``people`` 0: not used any more. No owner: nobody answers for the tool.
    ``platform``: what it runs on there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tool = models.CharField(max_length=120)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tool_uses")
    owner_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="tools_owned")
    platform = models.ForeignKey(Platform, null=True, on_delete=models.PROTECT, related_name="tool_uses")
    people = models.PositiveIntegerField()
    declared_on = models.DateField()
    declared_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ScopedManager()
    view_permission = "organisation.responsibility.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (models.UniqueConstraint(name="tool_use_once", fields=["tool", "unit", "declared_on"]),)
