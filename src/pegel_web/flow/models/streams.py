"""Value streams, and what people declare about them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager


class ValueStream(models.Model):
    """All the work that leads to one product or service, from request to use, as a unit of the organisation owns it.

    ``lake_name``: what its events are filed under in the lake, and what results call it. Further names that belong to
    it are ``projects``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    lake_name = models.CharField(max_length=500)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="value_streams")
    product = models.ForeignKey(
        "organisation.Product", null=True, on_delete=models.SET_NULL, related_name="value_streams"
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="stream_one_open", fields=["lake_name"], condition=Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(
                name="stream_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from"))
            ),
        )


class StreamProject(models.Model):
    """A name of the lake that belongs to a stream for a while: its first one, and those that people have joined to it.

    At most one stream has a name at a time. What is over stays, so that it can be told when which names belonged to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey(ValueStream, on_delete=models.CASCADE, related_name="projects")
    lake_name = models.CharField(max_length=500)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="project_one_open", fields=["lake_name"], condition=Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(
                name="project_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from"))
            ),
        )


class StreamDeclaration(models.Model):
    """What people have declared about a stream, beyond its name: how it is counted, and what it is measured against.

    ``content``: the fields of ``contracts.declared.Declared`` that somebody has filled in. ``revision`` grows with
    every change, so that two people do not overwrite each other.
    """

    stream = models.OneToOneField(ValueStream, primary_key=True, on_delete=models.CASCADE, related_name="declaration")
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"
