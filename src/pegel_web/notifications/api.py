"""Webhooks and digests, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.jobs.contracts import JobReport
from pegel_web.notifications import queries, services
from pegel_web.notifications.contracts import Delivery, Endpoint, EndpointReport, MadeEndpoint
from pegel_web.notifications.digests import choosing
from pegel_web.notifications.digests import queries as digests
from pegel_web.notifications.digests.contracts import MailReport, OwnDigest
from pegel_web.notifications.digests.times import Rhythm
from pegel_web.notifications.place import mail_place, outbound_rules

router = Router(tags=["webhooks"])
mail_router = Router(tags=["mail"])


class EndpointFields(Schema):
    """What people say about an endpoint."""

    name: str = Field(max_length=200)
    url: str = Field(max_length=2000)
    event_kinds: list[str] = Field(max_length=100, description="Such as `flow.alert.opened`.")


class ChangedEndpoint(EndpointFields):
    """What is to be true of an endpoint."""

    active: bool = True


@router.get("/webhooks", response=list[Endpoint])
@paginate
def webhooks(request: ApiRequest) -> tuple[Endpoint, ...]:
    """Places to which events are sent."""
    return queries.webhooks(actor=request.actor)


@router.post("/webhooks", response={201: MadeEndpoint})
def make_webhook(request: ApiRequest, sent: EndpointFields) -> Status[MadeEndpoint]:
    """Make an endpoint; its secret is in this answer and nowhere else."""
    return Status(201, services.make_webhook(actor=request.actor, rules=outbound_rules(), **sent.dict()))


@router.get("/webhooks/{uuid:endpoint_id}", response=EndpointReport)
def webhook_report(request: ApiRequest, endpoint_id: UUID) -> EndpointReport:
    """An endpoint and what became of its newest messages."""
    return queries.webhook_report(actor=request.actor, endpoint_id=endpoint_id)


@router.put("/webhooks/{uuid:endpoint_id}", response=Endpoint)
def change_webhook(request: ApiRequest, endpoint_id: UUID, sent: ChangedEndpoint) -> Endpoint:
    """Change an endpoint."""
    return services.change_webhook(actor=request.actor, endpoint_id=endpoint_id, rules=outbound_rules(), **sent.dict())


@router.delete("/webhooks/{uuid:endpoint_id}", response={204: None})
def remove_webhook(request: ApiRequest, endpoint_id: UUID) -> Status[None]:
    """Remove an endpoint."""
    services.remove_webhook(actor=request.actor, endpoint_id=endpoint_id)
    return Status(204, None)


@router.post("/webhooks/{uuid:endpoint_id}/secret", response=MadeEndpoint)
def renew_webhook_secret(request: ApiRequest, endpoint_id: UUID) -> MadeEndpoint:
    """Give an endpoint another secret at once."""
    return services.renew_webhook_secret(actor=request.actor, endpoint_id=endpoint_id)


@router.post("/webhooks/{uuid:endpoint_id}/test", response={202: Delivery})
def check_webhook(request: ApiRequest, endpoint_id: UUID) -> Status[Delivery]:
    """Send a message that says nothing, to see whether it arrives."""
    return Status(202, services.check_webhook(actor=request.actor, endpoint_id=endpoint_id))


@router.post("/webhooks/deliveries/{uuid:delivery_id}/retry", response={202: Delivery})
def retry_delivery(request: ApiRequest, delivery_id: UUID) -> Status[Delivery]:
    """Send a message once more."""
    return Status(202, services.retry_delivery(actor=request.actor, delivery_id=delivery_id))


class ChosenDigest(Schema):
    """How often digests come."""

    rhythm: Rhythm


@mail_router.get("/digest", response=OwnDigest)
def own_digest(request: ApiRequest) -> OwnDigest:
    """How often you get a digest by e-mail, where it goes, and what became of the newest ones."""
    return digests.own_digest(actor=request.actor, place=mail_place())


@mail_router.put("/digest", response=OwnDigest)
def choose_digest(request: ApiRequest, sent: ChosenDigest) -> OwnDigest:
    """Choose how often you get a digest by e-mail."""
    return choosing.choose_digest(actor=request.actor, rhythm=sent.rhythm, place=mail_place())


@mail_router.get("/mail", response=MailReport)
def mail_report(request: ApiRequest) -> MailReport:
    """The mail server as it is set, and what became of the digests of two weeks, without saying whose they were."""
    return digests.mail_report(actor=request.actor, place=mail_place())


@mail_router.post("/mail/test", response={202: JobReport})
def ask_for_test_mail(request: ApiRequest) -> Status[JobReport]:
    """Have a mail that says nothing sent to yourself; the job tells what came of it."""
    return Status(202, choosing.ask_for_test_mail(actor=request.actor, place=mail_place()))
