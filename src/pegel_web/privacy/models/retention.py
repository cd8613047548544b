"""How long things are kept, where somebody chose something else than the default."""

from __future__ import annotations

from django.db import models


class RetentionPeriod(models.Model):
    """A kind of data (see ``retention.yaml``) and the days it is kept."""

    kind = models.CharField(primary_key=True, max_length=30)
    days = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
