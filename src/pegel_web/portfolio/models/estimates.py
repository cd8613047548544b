"""What people expect of a use case: benefit and effort, each low, likely and high."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pegel_web.portfolio.models.use_cases import UseCase


class CaseEstimate(models.Model):
    """One person's estimate; the last one of each author counts.

    Benefit in EUR per year, effort in EUR once. ``evidence``: what it rests on. ``group``: the function of the use
    case when it was estimated, by which promised and realised are compared; never the person.
    """

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="estimates")
    value_low = models.DecimalField(max_digits=14, decimal_places=2)
    value_likely = models.DecimalField(max_digits=14, decimal_places=2)
    value_high = models.DecimalField(max_digits=14, decimal_places=2)
    effort_low = models.DecimalField(max_digits=14, decimal_places=2)
    effort_likely = models.DecimalField(max_digits=14, decimal_places=2)
    effort_high = models.DecimalField(max_digits=14, decimal_places=2)
    evidence = models.TextField(max_length=4000, blank=True)
    author = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    group = models.CharField(max_length=20, blank=True)
    estimated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["use_case", "-estimated_at"], name="case_estimate_last"),)
        constraints = (
            models.CheckConstraint(
                name="case_estimate_value_order",
                condition=Q(value_low__lte=F("value_likely")) & Q(value_likely__lte=F("value_high")),
            ),
            models.CheckConstraint(
                name="case_estimate_effort_order",
                condition=Q(effort_low__gte=0)
                & Q(effort_low__lte=F("effort_likely"))
                & Q(effort_likely__lte=F("effort_high")),
            ),
        )
