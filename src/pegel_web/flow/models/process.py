"""What people say about how the work of a stream goes, and who is accountable for its steps."""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager


class Judged(StrEnum):
    """What is said about a way of the work."""

    USUAL = "usual"
    UNWANTED = "unwanted"
    LOG_WRONG = "log_wrong"
    WITHDRAWN = "withdrawn"


class VariantStatement(models.Model):
    """What somebody said about one way of the work, or about the whole picture; the newest one about a way counts.

    ``variant``: what stands for the way (a hash of its states); empty: the whole picture, whose ways ``covers`` lists.
    ``states``: of the way, so that it can be told when nobody goes it any more. ``known``: the ways that there were, so
    that new ones are seen; ``all_known``: none is missing. ``role``: of whoever said it. The person stands in the audit
    alone. ``lake_version``: which data they saw.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="variant_statements")
    variant = models.CharField(max_length=16, blank=True)
    states = models.JSONField(default=list)
    covers = models.JSONField(default=list)
    known = models.JSONField(default=list)
    all_known = models.BooleanField()
    judgement = models.CharField(max_length=12)
    reason = models.CharField(max_length=500, blank=True)
    role = models.CharField(max_length=40)
    lake_version = models.CharField(max_length=64)
    said_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="statement_reasoned",
                condition=~Q(judgement__in=(Judged.UNWANTED.value, Judged.LOG_WRONG.value)) | ~Q(reason=""),
            ),
            models.CheckConstraint(name="statement_judged", condition=Q(judgement__in=[one.value for one in Judged])),
        )
        indexes = (models.Index(name="statement_newest", fields=["stream", "-said_at"]),)


class StepResponsibility(models.Model):
    """A unit is accountable for a step (a state) of a stream, for a time; at most one at a time.

    ``valid_until`` is not included.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="step_responsibilities")
    state = models.CharField(max_length=520)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="accountable_steps")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="step_one_open", fields=["stream", "state"], condition=Q(valid_until__isnull=True)
            ),
            models.CheckConstraint(
                name="step_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
        )
