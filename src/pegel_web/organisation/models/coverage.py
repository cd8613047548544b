"""Which functions of the line organisation a product team needs."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.organisation.models.units import Product, Unit


class WantedFunction(models.Model):
    """A function (a department) is needed in the team of a product from one date until another.

    ``product``: None: in the team of every product that has no declaration of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    product = models.ForeignKey(Product, null=True, on_delete=models.CASCADE, related_name="wanted_functions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="wanted_function_forward",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.UniqueConstraint(
                name="wanted_function_one_open",
                fields=["product", "unit"],
                condition=Q(valid_until__isnull=True, product__isnull=False),
            ),
            models.UniqueConstraint(
                name="wanted_function_one_open_for_all",
                fields=["unit"],
                condition=Q(valid_until__isnull=True, product__isnull=True),
            ),
        )
