"""Results of what people have selected themselves, kept as long as they rest on what the lake holds."""

from __future__ import annotations

from django.db import models

from pegel_web.core.scope import ScopedManager


class StreamSelection(models.Model):
    """The report of a stream for a selection that is not computed of itself. It can be computed anew at any time.

    ``content_hash``: of the selection and of everything its result depends on; the same hash is never computed twice.
    ``payload``: the report by language; ``charts``: drawings by language, with the number of ``people``.
    ``rows``: where the items behind its figures lie, and what of them its period counts; None: not kept.
    ``used_at``: when somebody last looked; the longest unused go first.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey("flow.ValueStream", on_delete=models.CASCADE, related_name="selections")
    content_hash = models.CharField(max_length=64)
    lake_version = models.CharField(max_length=64)
    payload = models.JSONField()
    charts = models.JSONField()
    rows = models.JSONField(null=True)
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()
    used_at = models.DateTimeField()

    objects = ScopedManager()
    view_permission = "flow.stream.view"
    scope_path = "stream__unit_id"

    class Meta:
        constraints = (models.UniqueConstraint(name="selection_one", fields=["stream", "content_hash"]),)
