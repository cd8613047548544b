"""The organisation as a tree over time, and the products that its units answer for."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager


class UnitKind(models.TextChoices):
    """What a unit is."""

    ORGANISATION = "organisation"
    DIVISION = "division"
    DEPARTMENT = "department"
    TEAM = "team"


class OrganisationState(models.Model):
    """One row that every change of units, people, roles and products takes first: they happen one after another.

    ``number`` counts them, so that what was shown can be told from what is.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(name="organisation_state_one_row", condition=Q(id=1)),)


class Unit(models.Model):
    """A part of the organisation. What it is called and where it hangs depends on the date: ``UnitPeriod``.

    ``code``: the organisation's own sign for it (cost centre, personnel system), by which imports recognise it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=60, unique=True)

    objects = ScopedManager()
    view_permission = "organisation.unit.view"
    scope_path = "id"


class UnitPeriod(models.Model):
    """What a unit was called and where it hung from one date until another (half open; no end: until now).

    A reorganisation ends one period and begins another, so that last year's figures keep last year's structure.
    """

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="periods")
    parent = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="child_periods")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=UnitKind)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="unit_period_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.UniqueConstraint(name="unit_period_one_start", fields=["unit", "valid_from"]),
            models.UniqueConstraint(
                name="unit_period_one_open", fields=["unit"], condition=Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(name="unit_period_own_parent", condition=~Q(parent=F("unit"))),
        )


class Product(models.Model):
    """What the organisation offers or uses; value streams lead to it.

    ``owner_unit``: the unit that answers for it in the end; which one did, does or will on a day: ``ProductOwner``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    owner_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="products")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "organisation.unit.view"
    scope_path = "owner_unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="product_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
        )


class ProductOwner(models.Model):
    """Which unit answered for a product from one date until another (half open; no end: until now), without gaps."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="owners")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="product_owner_forward",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.UniqueConstraint(name="product_owner_one_start", fields=["product", "valid_from"]),
            models.UniqueConstraint(
                name="product_owner_one_open", fields=["product"], condition=Q(valid_until__isnull=True)
            ),
        )
