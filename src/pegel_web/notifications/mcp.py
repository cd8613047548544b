"""Webhooks and digests for agents and the command line. Where events go is decided by people: looking only."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.notifications import queries
from pegel_web.notifications.contracts import Endpoint, EndpointReport
from pegel_web.notifications.digests import choosing
from pegel_web.notifications.digests import queries as digests
from pegel_web.notifications.digests.contracts import MailReport, OwnDigest
from pegel_web.notifications.digests.times import Rhythm
from pegel_web.notifications.place import mail_place


@tool(permission="notifications.endpoint.view")
def webhooks(actor: Actor) -> tuple[Endpoint, ...]:
    """List the places to which events are sent, with how many messages wait or were given up."""
    return queries.webhooks(actor=actor)


@tool(permission="notifications.endpoint.view")
def webhook_report(actor: Actor, *, endpoint_id: UUID) -> EndpointReport:
    """Tell what became of the newest messages to an endpoint. Ids come from webhooks."""
    return queries.webhook_report(actor=actor, endpoint_id=endpoint_id)


@tool(permission="notifications.digest.own")
def own_digest(actor: Actor) -> OwnDigest:
    """Tell how often the person behind this token gets a digest of alerts by e-mail, where it goes, when the next one
    is due, and what became of the newest ones.
    """
    return digests.own_digest(actor=actor, place=mail_place())


@tool(permission="notifications.digest.own", reads=False)
def choose_digest(actor: Actor, *, rhythm: Rhythm) -> OwnDigest:
    """Choose how often the person behind this token gets a digest of alerts by e-mail.

    rhythm: none, daily (Monday to Friday) or weekly (Monday).
    """
    return choosing.choose_digest(actor=actor, rhythm=rhythm, place=mail_place())


@tool(permission="notifications.mail.view")
def mail_report(actor: Actor) -> MailReport:
    """Tell through which server e-mail goes (host null: none is set) and how many digests of the last two weeks were
    taken, wait or were given up, and why; never whose they were.
    """
    return digests.mail_report(actor=actor, place=mail_place())
