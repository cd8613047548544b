"""What people at the desk of a stream said: what an item is worth, and whether it is let in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager

LONGEST_ITEM = 500
LONGEST_REASON = 2000
LONGEST_OUTCOME = 500


class ItemValue(models.Model):
    """What somebody said an item is worth, and why. The newest statement counts; the older ones stay as its history.

    ``points``: 1 (little) to 5 (much). ``cost_of_delay``: what a day later costs, in ``currency``. One of the two.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="item_values")
    item = models.CharField(max_length=LONGEST_ITEM)
    points = models.PositiveSmallIntegerField(null=True)
    cost_of_delay = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, blank=True)
    reason = models.TextField(max_length=LONGEST_REASON)
    at = models.DateTimeField()
    by = models.ForeignKey("organisation.Person", on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    view_permission = "flow.item.view"
    scope_path = "stream__unit_id"

    class Meta:
        indexes = (models.Index(fields=["stream", "item", "at"], name="item_value_newest"),)
        constraints = (
            models.CheckConstraint(
                name="item_value_one",
                condition=Q(points__gte=1, points__lte=5, cost_of_delay__isnull=True, currency="")
                | (Q(points__isnull=True, cost_of_delay__gte=0) & ~Q(currency="")),
            ),
        )


class Inflow(models.TextChoices):
    """Whether an item that has not been started is let in."""

    PULL = "pull"
    DEFER = "defer"
    REFUSE = "refuse"


class InflowDecision(models.Model):
    """A decision on an item that had not been started. It changes nothing in the tool.

    ``until_date``: deferred until then. ``outcome``: the goal it serves, in words. ``position``, ``of``: where the item
    stood in the suggested order; null: it was not suggested. ``override``: the decision departs from that order.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="inflow_decisions")
    item = models.CharField(max_length=LONGEST_ITEM)
    decision = models.CharField(max_length=10, choices=Inflow)
    until_date = models.DateField(null=True)
    reason = models.TextField(max_length=LONGEST_REASON)
    outcome = models.CharField(max_length=LONGEST_OUTCOME, blank=True)
    position = models.PositiveIntegerField(null=True)
    of = models.PositiveIntegerField()
    override = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey("organisation.Person", on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    view_permission = "flow.item.view"
    scope_path = "stream__unit_id"

    class Meta:
        indexes = (models.Index(fields=["stream", "item", "at"], name="inflow_newest"),)
        constraints = (
            models.CheckConstraint(
                name="inflow_until",
                condition=Q(decision="defer", until_date__isnull=False)
                | (~Q(decision="defer") & Q(until_date__isnull=True)),
            ),
        )
