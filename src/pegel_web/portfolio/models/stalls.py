"""Why a use case stands still, as somebody said."""

from __future__ import annotations

from django.db import models

from pegel_web.portfolio.models.use_cases import UseCase


class StallCause(models.TextChoices):
    """Where the root cause lies."""

    ORGANISATION = "organisation"
    LEGAL = "legal"
    PEOPLE = "people"
    DATA = "data"
    TECHNOLOGY = "technology"


class CaseStall(models.Model):
    """A root cause that was named; the last one counts, the ones before stay on record."""

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="stalls")
    cause = models.CharField(max_length=12, choices=StallCause)
    note = models.CharField(max_length=500, blank=True)
    named_at = models.DateTimeField()
    named_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = (models.Index(fields=["use_case", "-named_at"], name="case_stall_last"),)
