"""Places to which events are sent, and every sending."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class WebhookEndpoint(models.Model):
    """An address of another program that is told of events.

    ``kinds``: which events. ``secret``: what its messages are signed with, sealed; it was shown once.
    ``active``: events are sent to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=1000)
    kinds = models.JSONField(default=list)
    secret = models.CharField(max_length=500)
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "notifications.endpoint.view"
    scope_path = ""


class DeliveryState(models.TextChoices):
    """Where a message is: it waits for its next try, was accepted, or nobody tries any more."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookDelivery(models.Model):
    """One event for one endpoint; its id is the ``webhook-id``, the same at every try.

    ``body``: what is sent, byte for byte. ``status``: the code of the last answer; None: there was none. ``problem``:
    why it was not accepted; empty: it was, or nobody has tried. What the other side answered is not kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)

    objects = ScopedManager()
    view_permission = "notifications.endpoint.view"
    scope_path = ""

    class Meta:
        indexes = (
            models.Index(name="delivery_due", fields=["next_at"], condition=Q(state="waiting")),
            models.Index(name="delivery_of_endpoint", fields=["endpoint", "-made_at"]),
        )
