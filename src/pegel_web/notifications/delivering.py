"""Sending what waits for an endpoint: each try is noted before it is made, so that no crash tries without an end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

import structlog
from django.db import transaction

from pegel.errors import InputError, InternalError
from pegel_web.core.sealing import unseal
from pegel_web.jobs.registry import RunningJob
from pegel_web.notifications.models import DeliveryState, WebhookDelivery
from pegel_web.notifications.outbound.addresses import OutboundRules, Target, target_of
from pegel_web.notifications.outbound.sending import Answer, post
from pegel_web.notifications.services import SEALED_FOR
from pegel_web.notifications.signing import signature

log = structlog.get_logger("pegel.notifications")

#: Waits after the first, second … try; after the last of them a message is tried once more and then given up.
WAITS: Final = tuple(timedelta(minutes=one) for one in (1, 5, 30, 120, 480, 1440))
#: So many failures in a row, and the rest waits for the next look.
_MOST_FAILURES: Final = 3

#: How a message is sent: ``post``, or what a test puts in its place.
Sender = Callable[[Target, bytes, Mapping[str, str], OutboundRules], Answer]


def deliver_waiting(
    job: RunningJob, endpoint_id: UUID, rules: OutboundRules, *, now: Callable[[], datetime], sender: Sender = post
) -> None:
    """Send everything that is due for an endpoint, the oldest first."""
    failures = 0
    while failures < _MOST_FAILURES:
        job.stop_if_cancelled()
        row = _taken(job, endpoint_id, now())
        if row is None:
            return
        answer = _sent(row, rules, sender, now())
        with transaction.atomic():
            job.hold()
            _note(row, answer)
        failures = 0 if answer.accepted else failures + 1
        log.info(
            "webhook_tried", endpoint=str(endpoint_id), delivery=str(row.id), attempt=row.attempts,
            status=answer.status, problem=answer.problem, state=str(row.state),
        )  # fmt: skip


def _taken(job: RunningJob, endpoint_id: UUID, at: datetime) -> WebhookDelivery | None:
    """Return the next message that is due, with this try counted and the one after it planned."""
    with transaction.atomic():
        job.hold()
        rows = WebhookDelivery.objects.everything(because="Pegel sends what waits").select_related("endpoint")
        due = rows.filter(endpoint_id=endpoint_id, endpoint__active=True, state=DeliveryState.WAITING, next_at__lte=at)
        row = cast("WebhookDelivery | None", due.order_by("next_at", "made_at", "id").first())
        if row is None:
            return None
        row.next_at = at + WAITS[min(row.attempts, len(WAITS) - 1)]
        row.attempts, row.tried_at = row.attempts + 1, at
        row.save(update_fields=["next_at", "attempts", "tried_at"])
    return row


def _sent(row: WebhookDelivery, rules: OutboundRules, sender: Sender, at: datetime) -> Answer:
    try:
        target = target_of(row.endpoint.url, rules)
        secret = unseal(row.endpoint.secret, purpose=SEALED_FOR)
    except InputError:
        return Answer(status=None, problem="url_refused")
    except InternalError:
        # The installation has another secret than when this one was put away; it has to be renewed.
        return Answer(status=None, problem="secret_unreadable")
    body, timestamp = row.body.encode(), int(at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Pegel-Webhook/1",
        "webhook-id": str(row.id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id=str(row.id), timestamp=timestamp, body=body),
    }
    return sender(target, body, headers, rules)


def _note(row: WebhookDelivery, answer: Answer) -> None:
    row.status, row.problem = answer.status, answer.problem
    if answer.accepted:
        row.state = DeliveryState.DELIVERED
    elif row.attempts > len(WAITS):
        row.state = DeliveryState.GIVEN_UP
    # Somebody may have removed the endpoint meanwhile; then there is nothing left to note.
    mine = WebhookDelivery.objects.everything(because="Pegel notes what became of it").filter(pk=row.pk)
    mine.update(status=row.status, problem=row.problem, state=row.state)
