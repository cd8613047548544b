"""Which person has which role where, from when until when. What a role permits is data: ``roles.yaml``."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.people import Person
from pegel_web.organisation.models.units import Unit


class RoleAssignment(models.Model):
    """A person has a role in a unit and everything below it, from one date until another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="role_assignments")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    granted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    view_permission = "organisation.role.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="role_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.UniqueConstraint(
                name="role_one_open", fields=["person", "role", "unit"], condition=Q(valid_until__isnull=True)
            ),
        )
