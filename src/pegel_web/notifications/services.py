"""Making, changing and testing the places to which events are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, LimitedError
from pegel_web.core.sealing import seal
from pegel_web.notifications.contracts import Delivery, Endpoint, MadeEndpoint
from pegel_web.notifications.kinds import TEST, kinds
from pegel_web.notifications.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from pegel_web.notifications.outbound.addresses import OutboundRules, target_of
from pegel_web.notifications.publishing import enqueue_delivery, make_delivery
from pegel_web.notifications.queries import CHANGE, delivery_of, endpoint_of, seen_endpoint
from pegel_web.notifications.signing import new_secret

MOST_ENDPOINTS: Final = 20
LONGEST_NAME: Final = 100
#: What the secrets of endpoints are sealed for.
SEALED_FOR: Final = "webhook 1"


def make_webhook(
    *, actor: Actor, name: str, url: str, event_kinds: Sequence[str], rules: OutboundRules
) -> MadeEndpoint:
    """Make an endpoint; its secret is returned now and never again. ``rules``: where requests may go.

    Raises
    ------
    NotAllowedError: ``not_allowed``. LimitedError: ``webhooks_too_many``. InputError: ``webhook_name_missing``,
    ``webhook_name_too_long``, ``webhook_kind_unknown``, ``webhook_kinds_missing``, and those of ``target_of``.
    """
    actor.require(CHANGE)
    values = _checked(name, url, event_kinds, rules)
    secret = new_secret()
    with transaction.atomic():
        if WebhookEndpoint.objects.everything(because="counted, not shown").count() >= MOST_ENDPOINTS:
            raise LimitedError("webhooks_too_many", most=MOST_ENDPOINTS)
        row = WebhookEndpoint.objects.create(**values, secret=seal(secret, purpose=SEALED_FOR), made_at=actor.at)
        _record(actor, "made", row, after=_told(values, rules))
        return MadeEndpoint(endpoint=endpoint_of(row), secret=secret)


def change_webhook(
    *,
    actor: Actor,
    endpoint_id: UUID,
    name: str,
    url: str,
    event_kinds: Sequence[str],
    active: bool,
    rules: OutboundRules,
) -> Endpoint:
    """Change an endpoint. One that is not active gets nothing; what waits for it goes on waiting.

    Raises
    ------
    NotFoundError: ``webhook_unknown``. And see ``make_webhook``.
    """
    actor.require(CHANGE)
    values = {**_checked(name, url, event_kinds, rules), "active": active}
    with transaction.atomic():
        row = _locked(actor, endpoint_id)
        before = {one: getattr(row, one) for one in values}
        changed = [one for one in values if before[one] != values[one]]
        if changed:
            for one in changed:
                setattr(row, one, values[one])
            row.save(update_fields=changed)
            old, new = _told(before, rules), _told(values, rules)
            _record(
                actor, "changed", row,
                before={one: old[one] for one in changed}, after={one: new[one] for one in changed},
            )  # fmt: skip
        return endpoint_of(row)


def renew_webhook_secret(*, actor: Actor, endpoint_id: UUID) -> MadeEndpoint:
    """Give an endpoint another secret at once; the old one signs nothing any more.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``webhook_unknown``.
    """
    actor.require(CHANGE)
    secret = new_secret()
    with transaction.atomic():
        row = _locked(actor, endpoint_id)
        row.secret = seal(secret, purpose=SEALED_FOR)
        row.save(update_fields=["secret"])
        _record(actor, "secret_renewed", row)
        return MadeEndpoint(endpoint=endpoint_of(row), secret=secret)


def remove_webhook(*, actor: Actor, endpoint_id: UUID) -> None:
    """Remove an endpoint and everything that was sent or was to be sent to it.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``webhook_unknown``.
    """
    actor.require(CHANGE)
    with transaction.atomic():
        row = _locked(actor, endpoint_id)
        _record(actor, "removed", row, before={"name": row.name})
        row.delete()


def check_webhook(*, actor: Actor, endpoint_id: UUID) -> Delivery:
    """Send a message that says nothing, to see whether it arrives.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``webhook_unknown``. ConflictError: ``webhook_inactive``.
    """
    actor.require(CHANGE)
    with transaction.atomic():
        row = _locked(actor, endpoint_id)
        if not row.active:
            raise ConflictError("webhook_inactive", name=row.name)
        made = make_delivery(row, TEST, {}, at=actor.at)
        _record(actor, "tested", row)
        enqueue_delivery(row.id, at=actor.at, language=actor.language)
        return delivery_of(made)


def retry_delivery(*, actor: Actor, delivery_id: UUID) -> Delivery:
    """Send a message once more that was given up, or that waits for its next try.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``delivery_unknown``. ConflictError: ``delivery_done``.
    """
    actor.require(CHANGE)
    with transaction.atomic():
        rows = WebhookDelivery.objects.visible_to(actor, code=CHANGE).select_for_update()
        row = cast("WebhookDelivery | None", rows.filter(pk=delivery_id).first())
        if row is None:
            raise NotFoundError("delivery_unknown", id=str(delivery_id))
        if row.state == DeliveryState.DELIVERED:
            raise ConflictError("delivery_done")
        row.state, row.attempts, row.next_at = DeliveryState.WAITING, 0, actor.at
        row.save(update_fields=["state", "attempts", "next_at"])
        enqueue_delivery(row.endpoint_id, at=actor.at, language=actor.language)
        return delivery_of(row)


def forget_old_deliveries(*, before: datetime) -> int:
    """Delete messages whose fate was decided before a moment; returns how many."""
    ended = WebhookDelivery.objects.everything(because="retention").exclude(state=DeliveryState.WAITING)
    gone: int = ended.filter(made_at__lt=before).delete()[0]
    return gone


def _checked(name: str, url: str, event_kinds: Sequence[str], rules: OutboundRules) -> dict[str, Any]:
    title = " ".join(name.replace("\0", "").split())
    if not title:
        raise InputError("webhook_name_missing")
    if len(title) > LONGEST_NAME:
        raise InputError("webhook_name_too_long", most=LONGEST_NAME)
    known = kinds()
    unknown = sorted(set(event_kinds) - set(known))
    if unknown:
        raise InputError("webhook_kind_unknown", name=unknown[0][:80], known=", ".join(known))
    if not event_kinds:
        raise InputError("webhook_kinds_missing")
    target_of(url, rules)
    return {"name": title, "url": url.strip(), "kinds": sorted(set(event_kinds))}


def _told(values: dict[str, Any], rules: OutboundRules) -> dict[str, Any]:
    """Return values for the audit: of the address only the host, because the rest of it is often a secret."""
    try:
        host = target_of(values["url"], rules).host
    except InputError:
        # What was allowed when it was entered need not be any more.
        host = ""
    return {**values, "url": host}


def _record(actor: Actor, event: str, row: WebhookEndpoint, **values: Any) -> None:
    record(actor, f"notifications.endpoint.{event}", subject=("webhook", row.id), **values)


def _locked(actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    seen_endpoint(actor, endpoint_id)
    rows = WebhookEndpoint.objects.everything(because="seen in the line above").select_for_update()
    row = cast("WebhookEndpoint | None", rows.filter(pk=endpoint_id).first())
    if row is None:
        raise NotFoundError("webhook_unknown", id=str(endpoint_id))
    return row
