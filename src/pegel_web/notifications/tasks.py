"""What runs in the background: sending webhooks and digests, trying again, forgetting what was sent long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast
from uuid import UUID, uuid4

from django.db import transaction

from pegel.errors import UserError
from pegel.words import Language, say
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.registry import RunningJob, every, task
from pegel_web.notifications.delivering import deliver_waiting
from pegel_web.notifications.digests.choosing import TEST_MAIL
from pegel_web.notifications.digests.message import check_message
from pegel_web.notifications.digests.registry import mailbox_of
from pegel_web.notifications.digests.sending import send_digests
from pegel_web.notifications.mail.sending import hand_over, opened
from pegel_web.notifications.models import DeliveryState, WebhookDelivery
from pegel_web.notifications.place import mail_place, outbound_rules
from pegel_web.notifications.publishing import DELIVER, enqueue_delivery
from pegel_web.notifications.services import forget_old_deliveries

#: Seconds between two looks for messages whose next try is due.
SWEEP_SECONDS: Final = 60
#: Seconds between two looks for digests that are due, or whose next try is.
DIGEST_SECONDS: Final = 300
#: How long it can be seen what became of a message.
KEPT: Final = timedelta(days=30)


@task(DELIVER)
def deliver(job: RunningJob, *, endpoint: str) -> None:
    """Send what is due for one endpoint."""
    deliver_waiting(job, UUID(endpoint), outbound_rules(), now=shared_now)


@every(seconds=SWEEP_SECONDS)
@task("notifications.sweep")
def sweep(job: RunningJob) -> None:
    """Have everything sent whose next try is due."""
    rows = WebhookDelivery.objects.everything(because="Pegel sends what waits")
    due = rows.filter(state=DeliveryState.WAITING, next_at__lte=shared_now(), endpoint__active=True)
    for endpoint in due.order_by("endpoint_id").values_list("endpoint_id", flat=True).distinct():
        with transaction.atomic():
            enqueue_delivery(endpoint, at=job.actor.at, language=job.actor.language)


@every(seconds=86_400)
@task("notifications.tidy")
def tidy(job: RunningJob) -> None:
    """Forget messages that were sent or given up long ago."""
    with transaction.atomic():
        job.hold()
        forget_old_deliveries(before=job.actor.at - KEPT)


@every(seconds=DIGEST_SECONDS)
@task("notifications.digests")
def digests(job: RunningJob) -> None:
    """Make the digests that are due, and send what waits."""
    send_digests(job, mail_place(), now=shared_now)


@task(TEST_MAIL, most_attempts=1)
def send_test_mail(job: RunningJob) -> None:
    """Send a mail that says nothing to the person who asked; fails with the reason where it is not taken."""
    place, language = mail_place(), cast("Language", job.actor.language)
    mailbox = mailbox_of(job.actor.person())
    if place.server is None:
        raise ConflictError("mail_not_configured")
    if mailbox is None:
        raise ConflictError("digest_no_address")
    message = check_message(mailbox, number=uuid4(), at=shared_now(), place=place, server=place.server)
    connection, answer = opened(place.server)
    answer = answer or hand_over(connection, message)
    if answer.outcome != "taken":
        raise UserError("mail_untaken", reason=say(f"notifications.mail.problem.{answer.problem}", language))
