"""What people declare about a use case until Pegel evaluates it itself: with author, date and document."""

from __future__ import annotations

from django.db import models

from pegel_web.portfolio.models.use_cases import UseCase


class Subject(models.TextChoices):
    """What is declared. The first four are of law and policy, the others of operation."""

    RISK_CLASS = "risk_class"
    POLICY_BUCKET = "policy_bucket"
    DATA_PROTECTION = "data_protection"
    WORKS_COUNCIL = "works_council"
    BASELINE = "baseline"
    MONITORING = "monitoring"
    FALLBACK = "fallback"
    TECHNICAL = "technical"
    ORGANISATIONAL = "organisational"
    ECONOMIC = "economic"


class DeclarationValue(models.TextChoices):
    """What can be declared; which subject takes which stands in ``declaring``."""

    UNCLEAR = "unclear"
    # risk class under Regulation (EU) 2024/1689
    PROHIBITED = "prohibited"
    HIGH = "high"
    LIMITED = "limited"
    MINIMAL = "minimal"
    # policy bucket
    WITH_GUARDRAILS = "with_guardrails"
    ALLOWED = "allowed"
    # everything else
    REQUIRED = "required"
    DONE = "done"
    NOT_NEEDED = "not_needed"


class Declaration(models.Model):
    """One statement. The last one about a subject counts; the ones before stay on record.

    ``document``: where it is written down (name or address). ``declared_by``: None: imported, or forgotten.
    """

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="declarations")
    subject = models.CharField(max_length=16, choices=Subject)
    value = models.CharField(max_length=16, choices=DeclarationValue)
    document = models.CharField(max_length=500, blank=True)
    note = models.TextField(max_length=4000, blank=True)
    declared_on = models.DateField()
    valid_until = models.DateField(null=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = (models.Index(fields=["use_case", "subject", "-declared_at"], name="declaration_last"),)
