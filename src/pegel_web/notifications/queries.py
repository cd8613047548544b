"""Which endpoints there are, and what became of their messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, cast
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.notifications.contracts import Delivery, Endpoint, EndpointReport, State
from pegel_web.notifications.models import DeliveryState, WebhookDelivery, WebhookEndpoint

VIEW: Final = "notifications.endpoint.view"
CHANGE: Final = "notifications.endpoint.change"
#: Messages that are listed of one endpoint.
_LISTED: Final = 100


def webhooks(*, actor: Actor) -> tuple[Endpoint, ...]:
    """Return every endpoint, by name.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require(VIEW)
    return endpoints_of(_visible(actor).order_by("name", "id"))


def webhook_report(*, actor: Actor, endpoint_id: UUID) -> EndpointReport:
    """Return an endpoint and its newest messages.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``webhook_unknown``.
    """
    actor.require(VIEW)
    row = seen_endpoint(actor, endpoint_id)
    newest = row.deliveries.visible_to(actor).order_by("-made_at", "id")[:_LISTED]
    return EndpointReport(
        endpoint=endpoint_of(row),
        deliveries=tuple(delivery_of(one) for one in newest),
        may_change=actor.allows(CHANGE),
    )


def endpoint_of_delivery(*, actor: Actor, delivery_id: UUID) -> UUID:
    """Return to which endpoint a message goes.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``delivery_unknown``.
    """
    actor.require(VIEW)
    rows = WebhookDelivery.objects.visible_to(actor).filter(pk=delivery_id).values_list("endpoint_id", flat=True)
    found: UUID | None = rows.first()
    if found is None:
        raise NotFoundError("delivery_unknown", id=str(delivery_id))
    return found


def seen_endpoint(actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Return an endpoint that an actor may see.

    Raises
    ------
    NotFoundError: ``webhook_unknown``.
    """
    row = _visible(actor).filter(pk=endpoint_id).first()
    if row is None:
        raise NotFoundError("webhook_unknown", id=str(endpoint_id))
    return row


def endpoint_of(row: WebhookEndpoint) -> Endpoint:
    """Return an endpoint as others see it; never its secret."""
    return endpoints_of([row])[0]


def endpoints_of(rows: Iterable[WebhookEndpoint]) -> tuple[Endpoint, ...]:
    """Return endpoints as others see them, with as few questions for many as for one."""
    listed = list(rows)
    sent = WebhookDelivery.objects.everything(because="of endpoints that the caller may see")
    mine = sent.filter(endpoint__in=[row.id for row in listed])
    counted: Counter[tuple[UUID, str]] = Counter(
        {
            (endpoint, state): n
            for endpoint, state, n in mine.values_list("endpoint_id", "state").annotate(n=Count("id"))
        }
    )
    newest = sent.filter(endpoint_id=OuterRef("endpoint_id")).order_by("-made_at", "id").values("id")[:1]
    last = {one.endpoint_id: delivery_of(one) for one in mine.filter(id=Subquery(newest))}
    return tuple(
        Endpoint(
            id=row.id,
            name=row.name,
            url=row.url,
            kinds=tuple(row.kinds),
            active=row.active,
            made_at=row.made_at,
            waiting=counted[row.id, DeliveryState.WAITING],
            given_up=counted[row.id, DeliveryState.GIVEN_UP],
            last=last.get(row.id),
        )
        for row in listed
    )


def delivery_of(row: WebhookDelivery) -> Delivery:
    """Return a message as others see it, without what it says."""
    return Delivery(
        id=row.id,
        kind=row.kind,
        state=cast("State", str(row.state)),
        attempts=row.attempts,
        status=row.status,
        problem=row.problem,
        made_at=row.made_at,
        tried_at=row.tried_at,
        next_at=row.next_at if row.state == DeliveryState.WAITING else None,
    )


def _visible(actor: Actor) -> QuerySet[WebhookEndpoint]:
    return cast("QuerySet[WebhookEndpoint]", WebhookEndpoint.objects.visible_to(actor))
