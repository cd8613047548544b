"""What digests tell of value streams: alerts that call for a look, as the reader may see them, in numbers only."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from pegel_web.core.actor import Actor
from pegel_web.flow.queries.alerts import alert_overview
from pegel_web.flow.queries.streams import VIEW
from pegel_web.notifications.digests.registry import DigestLine, DigestSource, declare_digest_source


def alert_lines_for_mail(actor: Actor) -> Sequence[DigestLine]:
    """Return every open alert that an actor may see, by stream, the newest first; names of items never leave by mail.

    An alert that closed and opened again, or calls again after it was quiet, counts as new: it was not among the lines
    meanwhile.
    """
    if not actor.has(VIEW):
        return ()
    found = sorted(alert_overview(actor=actor, status="open"), key=lambda one: (one.stream.name, str(one.stream.id)))
    return tuple(
        DigestLine(
            reference=one.id.hex,
            group=one.stream.name,
            group_path=reverse("stream_alerts", args=[one.stream.id]),
            text=one.sentence,
            path=reverse("stream_alert", args=[one.id]),
        )
        for one in found
    )


declare_digest_source(DigestSource(name="alerts", url_name="alerts", function=alert_lines_for_mail))
