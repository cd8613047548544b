"""Who holds a role."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from pegel_web.organisation.models import RoleAssignment
from pegel_web.organisation.models.people import PersonKind


def people_with_role(role: str, *, on: date) -> frozenset[UUID]:
    """Return the people (no programs, nobody who was forgotten) who hold a role somewhere on a day."""
    valid = Q(valid_from__lte=on) & (Q(valid_until__isnull=True) | Q(valid_until__gt=on))
    rows = RoleAssignment.objects.everything(because="rules ask whether somebody holds a role, not who may see it")
    held = rows.filter(valid, role=role, person__kind=PersonKind.PERSON, person__erased_at=None)
    return frozenset(held.values_list("person_id", flat=True))
