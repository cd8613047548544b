"""Folders from which files are picked up, and the files that were found there."""

from __future__ import annotations

import uuid

from django.db import models

from pegel_web.core.scope import ScopedManager


class FolderState(models.TextChoices):
    """``paused``: nobody looks into it, because a person said so or the one who declared it may not import any more."""

    ACTIVE = "active"
    PAUSED = "paused"


class PickState(models.TextChoices):
    """How far a found file has come.

    ``seen``: it is there, and may still grow. ``claimed``: its content is being brought and imported. ``imported``,
    ``repeated`` (its content had been imported before), ``refused``: the end.
    """

    SEEN = "seen"
    CLAIMED = "claimed"
    IMPORTED = "imported"
    REPEATED = "repeated"
    REFUSED = "refused"


class PickupFolder(models.Model):
    """A folder below the one that the installation names.

    ``name``: its path from there. ``person``: with whose rights files are imported; None: forgotten. ``example``: the
    import whose reading (``options``, ``ingestion.contracts.Reading``) holds for every file. ``problem``: {"code",
    "values"} of why it is paused, or of what the last look met.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("organisation.Unit", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200, unique=True)
    example = models.ForeignKey("ingestion.BroughtFile", on_delete=models.PROTECT, related_name="+")
    options = models.JSONField()
    state = models.CharField(max_length=10, choices=FolderState, default=FolderState.ACTIVE)
    problem = models.JSONField(null=True)
    last_look_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.change"
    scope_path = "unit_id"


class PickedFile(models.Model):
    """A file that was found in a folder.

    ``file_name``: as text, also where the disk has bytes that are none. ``stamp``: size and time of change as they were
    seen. ``brought``: id of the file it was brought as, chosen before it is brought. ``target``: where it is moved once
    ``state`` says the end; ``moved``: it was, or something else lies in its place now.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    folder = models.ForeignKey(PickupFolder, on_delete=models.CASCADE, related_name="files")
    file_name = models.TextField()
    stamp = models.CharField(max_length=100)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=PickState, default=PickState.SEEN)
    brought = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.JSONField(null=True)
    target = models.CharField(max_length=255, blank=True)
    moved = models.BooleanField(default=False)
    seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.change"
    scope_path = "folder__unit_id"

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="pickup_one_per_name", fields=["folder", "file_name"], condition=models.Q(moved=False)
            ),
        )
        indexes = (models.Index(name="picked_by_folder", fields=["folder", "changed_at"]),)
