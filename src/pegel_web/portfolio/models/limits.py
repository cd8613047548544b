"""How many introductions a unit takes at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class IntroductionLimit(models.Model):
    """Pilots that a unit, with everything below it, runs at most at the same time. No row: no limit is configured."""

    unit = models.OneToOneField("organisation.Unit", primary_key=True, on_delete=models.PROTECT, related_name="+")
    most = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "portfolio.use_case.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (models.CheckConstraint(name="introduction_limit_some", condition=Q(most__gt=0)),)
