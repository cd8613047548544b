"""What scores rest on besides estimates: what people entered for a method, what the criteria weigh, what came of it."""

from __future__ import annotations

from django.db import models

from pegel_web.portfolio.models.use_cases import UseCase


class ScoredBy(models.TextChoices):
    """Methods that need more than an estimate."""

    RICE = "rice"
    WSJF = "wsjf"
    CRITERIA = "criteria"


class CaseScore(models.Model):
    """What one person entered for one method, by name of the input; the last one of each author counts."""

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="scores")
    method = models.CharField(max_length=12, choices=ScoredBy)
    entered = models.JSONField()
    author = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    scored_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["method", "use_case", "scored_at"], name="case_score_last"),)


class CriteriaWeights(models.Model):
    """What the criteria weigh from a moment on, by name; the highest version counts, the ones before stay on record."""

    version = models.PositiveIntegerField(unique=True)
    weights = models.JSONField()
    reason = models.TextField(max_length=4000, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")


class RealisedBenefit(models.Model):
    """What a use case really brings in a year, in EUR, as somebody declared it; not evaluated. The last one counts.

    ``seen_on``: until when it was looked at. ``document``: where it is written down.
    """

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="realised")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    seen_on = models.DateField()
    document = models.CharField(max_length=500, blank=True)
    note = models.TextField(max_length=4000, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = (models.Index(fields=["use_case", "declared_at"], name="realised_last"),)
