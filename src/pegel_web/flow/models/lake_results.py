"""Results about the whole lake: who waits for whom across all streams."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class LakeResultKind(StrEnum):
    """What a result is about. A new kind is a new name here and no change of the schema."""

    NETWORK = "network"


class LakeResult(models.Model):
    """A result about all streams at once, one row per kind. It can be computed anew at any time.

    It tells about streams of everybody: queries show each person what belongs to the streams that they may see.
    ``lake_version``: of everything it was computed from; the same version is never computed twice.
    """

    kind = models.CharField(max_length=20, primary_key=True)
    lake_version = models.CharField(max_length=64)
    payload = models.JSONField()
    definitions = models.JSONField(default=list)
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()
