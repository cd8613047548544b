"""Files that people bring, from the upload to the report."""

from __future__ import annotations

import uuid

from django.db import models

from pegel_web.core.scope import ScopedManager


class FileState(models.TextChoices):
    """How far a file has come.

    ``looking``: it is being read. ``asking``: it can be read in more than one way. ``unreadable``: it cannot be read as
    it is. ``ready``: somebody may confirm it. ``importing``; ``paused``: it was stopped halfway. ``imported``,
    ``discarded``, ``undone``: the end.
    """

    LOOKING = "looking"
    ASKING = "asking"
    UNREADABLE = "unreadable"
    READY = "ready"
    IMPORTING = "importing"
    PAUSED = "paused"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"


#: States in which the file itself still lies in the data folder.
KEPT = (
    FileState.LOOKING,
    FileState.ASKING,
    FileState.UNREADABLE,
    FileState.READY,
    FileState.IMPORTING,
    FileState.PAUSED,
)


class BroughtFile(models.Model):
    """A file that somebody brought for the streams of a unit.

    ``options``: how it is to be read (``contracts.Reading``). ``look``: what it holds (``FileLook``). ``result``: what
    its import did (``ImportResult``). ``problem``: {"code", "values"} of what stands in the way. ``lake_import``: the
    import that it made, and that can be undone; empty: none, also where the lake knew all of it already. ``job``: what
    works on it now.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="brought_files")
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=FileState, default=FileState.LOOKING)
    options = models.JSONField(default=dict)
    look = models.JSONField(null=True)
    result = models.JSONField(null=True)
    problem = models.JSONField(null=True)
    streams = models.JSONField(default=list)
    lake_import = models.CharField(max_length=100, blank=True)
    job = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.change"
    scope_path = "unit_id"

    class Meta:
        indexes = (models.Index(name="brought_by_state", fields=["state", "changed_at"]),)
