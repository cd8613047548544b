"""The access log: who looked at what that tells something about people."""

from __future__ import annotations

from django.db import models

from pegel_web.core.scope import ScopedManager


class Access(models.Model):
    """One look. Only ever added to; what is old enough is deleted (see ``retention``).

    ``what``: a code such as ``flow.items``, words ``privacy.access.what.CODE``. ``roles``: the roles the reader had, by
    name with blanks between them. ``person_id`` leads to a pseudonym.
    """

    at = models.DateTimeField(db_index=True)
    person_id = models.UUIDField()
    roles = models.CharField(max_length=400, blank=True)
    what = models.CharField(max_length=80)
    unit_id = models.UUIDField(null=True)
    through = models.CharField(max_length=8)
    request_id = models.CharField(max_length=64)

    objects = ScopedManager()
    view_permission = "privacy.access_log.view"
    scope_path = ""

    class Meta:
        indexes = (
            models.Index(name="access_unit", fields=["unit_id", "at"]),
            models.Index(name="access_person", fields=["person_id", "at"]),
        )
