"""What happened to a stream that no log holds: a new approval rule, a new colleague, a move."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class StreamEvent(models.Model):
    """Somebody noted that something happened on a day, so that a change of the figures can be understood.

    ``text``: their words; empty once the event is withdrawn. ``author`` None: forgotten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="events")
    day = models.DateField()
    text = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    noted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        indexes = (models.Index(fields=["stream", "day"], name="event_of_stream"),)
        constraints = (
            models.CheckConstraint(
                name="event_worded",
                condition=(Q(withdrawn_at__isnull=True) & ~Q(text="")) | Q(withdrawn_at__isnull=False, text=""),
            ),
        )
