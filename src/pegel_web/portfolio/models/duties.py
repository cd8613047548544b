"""Who does what for a use case: responsible, accountable, consulted, informed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pegel_web.portfolio.models.use_cases import UseCase


class Duty(models.TextChoices):
    """What somebody has to answer for. Accountable for ``result`` is the result owner, and so on."""

    RESULT = "result"
    EXPERIMENT = "experiment"
    DATA = "data"
    MODEL = "model"
    APPLICATION = "application"
    OVERSIGHT = "oversight"


class Letter(models.TextChoices):
    """Who does it, who answers for it, who is asked before, who is told after."""

    RESPONSIBLE = "R"
    ACCOUNTABLE = "A"
    CONSULTED = "C"
    INFORMED = "I"


class CaseDuty(models.Model):
    """One cell of the matrix: a person or a unit. Accountable is one person, never two and never a unit."""

    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="duties")
    duty = models.CharField(max_length=12, choices=Duty)
    letter = models.CharField(max_length=1, choices=Letter)
    person = models.ForeignKey("organisation.Person", null=True, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey("organisation.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="case_duty_one_accountable", fields=["use_case", "duty"], condition=Q(letter="A")
            ),
            models.UniqueConstraint(
                name="case_duty_person_once",
                fields=["use_case", "duty", "letter", "person"],
                condition=Q(person__isnull=False),
            ),
            models.UniqueConstraint(
                name="case_duty_unit_once",
                fields=["use_case", "duty", "letter", "unit"],
                condition=Q(unit__isnull=False),
            ),
            models.CheckConstraint(
                name="case_duty_who",
                condition=Q(person__isnull=False, unit__isnull=True)
                | (Q(person__isnull=True, unit__isnull=False) & ~Q(letter="A")),
            ),
        )
