"""What may be done with the places to which Pegel sends events, and with mail."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="notifications.endpoint.view", everywhere=True),
    Permission(code="notifications.endpoint.change", everywhere=True),
    Permission(code="notifications.digest.own"),
    Permission(code="notifications.mail.view", everywhere=True),
    Permission(code="notifications.mail.test", everywhere=True),
)
