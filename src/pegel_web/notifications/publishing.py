"""Telling endpoints of an event, as part of the transaction in which it happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID

from pegel.errors import InternalError
from pegel_web.core.actor import Actor
from pegel_web.jobs.actors import pegel_itself
from pegel_web.jobs.services import enqueue
from pegel_web.notifications.kinds import kinds
from pegel_web.notifications.models import WebhookDelivery, WebhookEndpoint

DELIVER: Final = "notifications.deliver"
#: Bytes of one message; receivers refuse large ones.
MOST_BYTES: Final = 64 * 1024


def publish(*, actor: Actor, kind: str, data: Mapping[str, Any]) -> int:
    """Tell every active endpoint that asked for this kind of event; returns how many messages that makes.

    ``data``: the contract of what happened as plain values, the same as REST returns, without anything that only some
    people may know: an endpoint is nobody's eyes.

    Raises
    ------
    InternalError: ``webhook_kind_undeclared``, ``webhook_body_too_large``.
    """
    if kind not in kinds():
        raise InternalError("webhook_kind_undeclared", name=kind)
    rows = WebhookEndpoint.objects.everything(because="endpoints are the installation's").filter(active=True)
    wanted = [row for row in cast("Iterable[WebhookEndpoint]", rows) if kind in row.kinds]
    for row in wanted:
        make_delivery(row, kind, data, at=actor.at)
        enqueue_delivery(row.id, at=actor.at, language=actor.language)
    return len(wanted)


def make_delivery(row: WebhookEndpoint, kind: str, data: Mapping[str, Any], *, at: datetime) -> WebhookDelivery:
    """Keep a message for an endpoint: ``{"type", "timestamp", "data"}``."""
    said = {"type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": data}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    if len(body.encode()) > MOST_BYTES:
        raise InternalError("webhook_body_too_large", name=kind)
    made: WebhookDelivery = WebhookDelivery.objects.create(endpoint=row, kind=kind, body=body, made_at=at, next_at=at)
    return made


def enqueue_delivery(endpoint_id: UUID, *, at: datetime, language: str) -> None:
    """Have what waits for an endpoint sent, by Pegel itself: whoever caused the event has nothing to do with it."""
    enqueue(
        actor=pegel_itself(at=at, request_id=f"webhook-{endpoint_id}", language=language),
        kind=DELIVER,
        arguments={"endpoint": str(endpoint_id)},
        label_code="notifications.job.deliver",
        key=f"{DELIVER}:{endpoint_id}",
    )
