"""Imports of the organisation, from the preview on."""

from __future__ import annotations

import uuid

from django.db import models

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.people import Person


class ImportState(models.TextChoices):
    """How far an import has come."""

    PREVIEWED = "previewed"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class StructureImport(models.Model):
    """A file with units, people, memberships, products, roles; what is confirmed is what was shown.

    ``rows``: the columns that are read, packed; names of people only where that was asked for. They are forgotten after
    a day. ``digest``: of the changes that were shown. ``result``: counts and what was left out. ``job_id``: the work in
    the background that was last asked to confirm it; as long as the import is a preview it waits, runs, or came to
    nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.PREVIEWED)
    file_name = models.CharField(max_length=200)
    effective_date = models.DateField()
    with_names = models.BooleanField(default=False)
    complete = models.BooleanField(default=False)
    rows = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    confirmed_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)

    objects = ScopedManager()
    view_permission = "organisation.import.run"
    scope_path = ""
