"""Inventories of use cases: what a source said of each, and imports from the preview on."""

from __future__ import annotations

import uuid

from django.db import models

from pegel_web.core.scope import ScopedManager
from pegel_web.portfolio.models.use_cases import UseCase


class CaseSource(models.Model):
    """What the source of an imported use case said last: the ground on which its next word and ours are joined.

    ``said``: fields as they were taken over; ``details``: what the source says and Pegel does not evaluate, such as
    its own word for the state.
    """

    use_case = models.OneToOneField(UseCase, primary_key=True, on_delete=models.CASCADE, related_name="said")
    said = models.JSONField(default=dict)
    details = models.JSONField(default=dict)
    seen_at = models.DateTimeField()


class CaseImportState(models.TextChoices):
    """How far an import has come."""

    PREVIEWED = "previewed"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class CaseImport(models.Model):
    """A file with use cases; what is confirmed is what was shown.

    ``unit``: where use cases belong whose unit is not known here. ``mapping``: header → field. ``rows``: the file,
    packed; forgotten after a day. ``digest``: of the changes that were shown. ``result``: counts, what was normalised,
    which columns were not read. ``job_id``: the work in the background that was last asked to confirm it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=12, choices=CaseImportState, default=CaseImportState.PREVIEWED)
    file_name = models.CharField(max_length=200)
    source = models.CharField(max_length=40)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict)
    rows = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    confirmed_at = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)

    objects = ScopedManager()
    view_permission = "portfolio.use_case.change"
    scope_path = "unit_id"
