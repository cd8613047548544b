"""What the installation says about messages: read once from its settings, here only."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from pegel_web.notifications.mail.settings import MailServer
from pegel_web.notifications.outbound.addresses import OutboundRules


def outbound_rules() -> OutboundRules:
    """Return where requests may go."""
    rules: OutboundRules = settings.PEGEL_OUTBOUND
    return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPlace:
    """What mails need to know of the installation. ``server`` None: nobody has named one. ``origin``: before paths."""

    server: MailServer | None
    origin: str
    zone: ZoneInfo
    hour: int


def mail_place() -> MailPlace:
    """Return through which server mails go, where their links lead, and when digests are due."""
    server: MailServer | None = settings.PEGEL_MAIL
    return MailPlace(
        server=server,
        origin=settings.PEGEL_ORIGIN,
        zone=ZoneInfo(settings.TIME_ZONE),
        hour=settings.PEGEL_DIGEST_HOUR,
    )
