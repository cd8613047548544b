"""The mail server: set, encrypted, there, willing to let Pegel in; and whether digests arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from pegel_web.commands.doctor_checks.configured import loopback
from pegel_web.commands.doctor_checks.findings import Finding, good, warning
from pegel_web.notifications.digests.queries import undelivered_digests
from pegel_web.notifications.mail.sending import probe
from pegel_web.notifications.mail.settings import MailServer

_DAYS: Final = 7


def check_mail_server(server: MailServer | None) -> Iterator[Finding]:
    """Talk to the mail server up to the sign-in; no mail is sent."""
    if server is None:
        yield good("mail_none")
        return
    place = f"{server.host}:{server.port}"
    if server.security == "none" and not loopback(server.host):
        yield warning("mail_open", server=place)
    problem = probe(server)
    if not problem:
        yield good("mail", server=place)
    elif problem == "tls":
        yield warning("mail_tls", server=place)
    elif problem == "certificate":
        yield warning("mail_certificate", server=place)
    elif problem == "sign_in":
        yield warning("mail_sign_in", server=place)
    elif problem in ("refused", "hung_up"):
        yield warning("mail_refused", server=place)
    else:
        yield warning("mail_unreachable", server=place)


def check_digests(at: datetime) -> Iterator[Finding]:
    """Look whether digests arrived lately."""
    if n := undelivered_digests(since=at - timedelta(days=_DAYS)):
        yield warning("digests_untaken", n=n, days=_DAYS)
