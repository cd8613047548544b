"""The audit: what was done, by whom, with what before and after; only ever added to."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class AuditSeal(models.Model):
    """A link of the chain: it binds a batch of committed entries to everything sealed before it.

    Entries are written inside the transaction of the change they tell of and sealed shortly afterwards, so that no two
    changes queue for the end of the chain. ``contents``: id and digest of each entry (``ID:DIGEST``) in the order of
    moment and id, so that a missing entry can be named. ``digest``: keyed digest of all of it and of the digest before.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    entries = models.PositiveIntegerField()
    contents = models.JSONField()
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)


class AuditEntry(models.Model):
    """One thing that was done.

    ``before``, ``after``: the values that changed; personal ones only enciphered under the key of ``about_person_id``.
    ``digest``: keyed digest of the entry, so that it cannot be altered without the installation's secret.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    through = models.CharField(max_length=8)
    request_id = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    unit_id = models.UUIDField(null=True)
    about_person_id = models.UUIDField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    digest = models.CharField(max_length=64)
    seal = models.ForeignKey(AuditSeal, null=True, on_delete=models.PROTECT, related_name="sealed")

    objects = ScopedManager()
    view_permission = "core.audit.view"
    scope_path = "unit_id"

    class Meta:
        indexes = (
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_subject"),
            models.Index(fields=["event", "at"], name="audit_event"),
            models.Index(fields=["at"], name="audit_unsealed", condition=Q(seal__isnull=True)),
        )
