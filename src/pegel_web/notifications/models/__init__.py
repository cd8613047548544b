"""What the application keeps of messages; each subject has its file."""

from __future__ import annotations

from pegel_web.notifications.models.digests import Digest, DigestChoice, DigestRhythm, DigestState
from pegel_web.notifications.models.webhooks import DeliveryState, WebhookDelivery, WebhookEndpoint

__all__ = [
    "DeliveryState",
    "Digest",
    "DigestChoice",
    "DigestRhythm",
    "DigestState",
    "WebhookDelivery",
    "WebhookEndpoint",
]
