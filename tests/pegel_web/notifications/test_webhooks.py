"""Endpoints and their messages: who may make them, what is kept, how they are tried again and given up."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_network
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from pegel.errors import InputError, InternalError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, LimitedError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.core.sealing import unseal
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.notifications import delivering, services
from pegel_web.notifications.contracts import MadeEndpoint
from pegel_web.notifications.models import WebhookDelivery, WebhookEndpoint
from pegel_web.notifications.outbound.addresses import OutboundRules, Target
from pegel_web.notifications.outbound.sending import Answer
from pegel_web.notifications.publishing import make_delivery, publish
from pegel_web.notifications.queries import webhook_report, webhooks
from pegel_web.notifications.tasks import sweep
from tests.pegel_web.company import AT, Company
from tests.pegel_web.notifications.servers import server

KIND = "flow.alert.opened"
PUBLIC = OutboundRules()
URL = "https://hooks.example.org/a-secret-path"


@pytest.fixture
def admin(company: Company) -> Actor:
    return company.actor("administrator")


def make(actor: Actor, url: str = URL, name: str = "Chat", rules: OutboundRules = PUBLIC) -> MadeEndpoint:
    return services.make_webhook(actor=actor, name=name, url=url, event_kinds=[KIND], rules=rules)


def deliveries() -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.everything(because="test").order_by("made_at"))


class Here:
    """A job that is always ours."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def hold(self) -> None: ...
    def stop_if_cancelled(self) -> None: ...
    def progress(self, done: int, total: int | None, code: str, **values: object) -> None: ...


def test_the_secret_is_shown_once_and_kept_sealed(admin: Actor) -> None:
    made = make(admin)
    row = WebhookEndpoint.objects.everything(because="test").get()
    assert made.secret.startswith("whsec_")
    assert len(base64.b64decode(made.secret.removeprefix("whsec_"))) == 32
    assert made.secret not in row.secret
    assert unseal(row.secret, purpose=services.SEALED_FOR) == made.secret
    with pytest.raises(InternalError, match="secret_unreadable"):
        unseal(row.secret, purpose="another purpose")
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="notifications.endpoint.made")
    assert entry.after == {"name": "Chat", "url": "hooks.example.org", "kinds": [KIND]}
    assert "secret" not in json.dumps(entry.after)
    renewed = services.renew_webhook_secret(actor=admin, endpoint_id=made.endpoint.id)
    assert renewed.secret != made.secret


@pytest.mark.parametrize("role", ["employee", "team_lead", "works_council", "platform_engineer"])
def test_others_neither_see_nor_make(company: Company, role: str) -> None:
    actor = company.actor(role)
    with pytest.raises(NotAllowedError):
        make(actor)
    with pytest.raises(NotAllowedError):
        webhooks(actor=actor)


def test_who_leads_a_part_of_the_programme_sends_nothing_about_the_whole(company: Company) -> None:
    with pytest.raises(NotAllowedError):
        make(company.actor("programme_lead", "K"))
    assert make(company.actor("programme_lead", "C")).endpoint.name == "Chat"


def test_what_is_refused(admin: Actor) -> None:
    for code, values in (
        ("webhook_name_missing", {"name": " \0 "}),
        ("webhook_name_too_long", {"name": "x" * 101}),
        ("webhook_kind_unknown", {"event_kinds": ["flow.alert.opened", "other"]}),
        ("webhook_kinds_missing", {"event_kinds": []}),
        ("webhook_url_inside", {"url": "https://10.0.0.1/"}),
    ):
        given = {"name": "Chat", "url": URL, "event_kinds": [KIND], **values}
        with pytest.raises(InputError, match=code):
            services.make_webhook(actor=admin, rules=PUBLIC, **given)  # type: ignore[arg-type]
    for _ in range(20):
        make(admin)
    with pytest.raises(LimitedError, match="webhooks_too_many"):
        make(admin)
    with pytest.raises(NotFoundError):
        webhook_report(actor=admin, endpoint_id=uuid4())


def test_an_event_reaches_a_real_server_with_a_signature_that_holds(admin: Actor, transactional_db: None) -> None:
    with server() as heard:
        rules = OutboundRules(networks=(ip_network("127.0.0.1/32"),), ports=frozenset({heard.port}), http=True)
        made = make(admin, f"http://127.0.0.1:{heard.port}/in", rules=rules)
        with override_settings(PEGEL_OUTBOUND=rules):
            assert publish(actor=admin, kind=KIND, data={"n": 3, "name": "Größe"}) == 1
            run_waiting_jobs()
    (request,) = heard.requests
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert json.loads(body) == {"type": KIND, "timestamp": AT.isoformat(), "data": {"n": 3, "name": "Größe"}}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    (row,) = deliveries()
    assert (str(row.id), row.state, row.status, row.attempts) == (headers["webhook-id"], "delivered", 200, 1)


def test_the_test_button_without_leave_to_go_inside(admin: Actor, transactional_db: None) -> None:
    with server() as heard:
        rules = OutboundRules(networks=(ip_network("127.0.0.1/32"),), ports=frozenset({heard.port}), http=True)
        made = make(admin, f"http://127.0.0.1:{heard.port}/in", rules=rules)
        # The settings have changed since: what was allowed is not any more.
        services.check_webhook(actor=admin, endpoint_id=made.endpoint.id)
        run_waiting_jobs()
        assert heard.requests == []
    (row,) = deliveries()
    assert (row.state, row.problem, row.status) == ("waiting", "url_refused", None)


def test_seven_tries_then_given_up_with_one_id(admin: Actor) -> None:
    made = make(admin)
    publish(actor=admin, kind=KIND, data={})
    tries: list[tuple[timedelta, str]] = []
    now = AT

    def refusing(target: Target, body: bytes, headers: Mapping[str, str], rules: OutboundRules) -> Answer:
        tries.append((now - AT, headers["webhook-id"]))
        return Answer(status=503, problem="refused")

    for minute in range(60 * 36):
        now = AT + timedelta(minutes=minute)
        moment = partial(datetime.fromisoformat, now.isoformat())
        delivering.deliver_waiting(Here(admin), made.endpoint.id, PUBLIC, now=moment, sender=refusing)
    waits = [later[0] - earlier[0] for earlier, later in pairwise(tries)]
    assert waits == [timedelta(minutes=one) for one in (1, 5, 30, 120, 480, 1440)]
    assert len({one for _, one in tries}) == 1
    (row,) = deliveries()
    assert (row.state, row.attempts, row.status) == ("given_up", 7, 503)
    report = webhook_report(actor=admin, endpoint_id=made.endpoint.id)
    assert (report.endpoint.given_up, report.deliveries[0].next_at) == (1, None)
    services.retry_delivery(actor=admin, delivery_id=row.id)
    delivering.deliver_waiting(
        Here(admin), made.endpoint.id, PUBLIC, now=lambda: AT, sender=lambda *_: Answer(status=204, problem="")
    )
    assert deliveries()[0].state == "delivered"
    with pytest.raises(ConflictError, match="delivery_done"):
        services.retry_delivery(actor=admin, delivery_id=row.id)


def test_a_worker_killed_while_sending_leaves_the_next_try_planned(admin: Actor) -> None:
    made = make(admin)
    publish(actor=admin, kind=KIND, data={})

    def killed(*_: object) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivering.deliver_waiting(Here(admin), made.endpoint.id, PUBLIC, now=lambda: AT, sender=killed)
    (row,) = deliveries()
    assert (row.state, row.attempts, row.next_at) == ("waiting", 1, AT + timedelta(minutes=1))


def test_one_that_fails_holds_nobody_up_for_long(admin: Actor) -> None:
    made, tried = make(admin), 0
    for _ in range(10):
        publish(actor=admin, kind=KIND, data={})

    def failing(*_: object) -> Answer:
        nonlocal tried
        tried += 1
        return Answer(status=None, problem="too_slow")

    delivering.deliver_waiting(Here(admin), made.endpoint.id, PUBLIC, now=lambda: AT, sender=failing)
    assert tried == 3


def test_only_active_endpoints_that_asked_get_it(admin: Actor) -> None:
    made = make(admin)
    assert publish(actor=admin, kind="flow.alert.closed", data={}) == 0
    services.change_webhook(
        actor=admin, endpoint_id=made.endpoint.id, name="Chat", url=URL, event_kinds=[KIND], active=False, rules=PUBLIC
    )
    assert publish(actor=admin, kind=KIND, data={}) == 0
    with pytest.raises(ConflictError, match="webhook_inactive"):
        services.check_webhook(actor=admin, endpoint_id=made.endpoint.id)
    with pytest.raises(InternalError, match="webhook_kind_undeclared"):
        publish(actor=admin, kind="nobody.declared", data={})
    with pytest.raises(InternalError, match="webhook_body_too_large"):
        make_delivery(WebhookEndpoint.objects.everything(because="test").get(), KIND, {"x": "y" * 70_000}, at=AT)


def test_the_sweep_asks_once_for_each_endpoint_with_something_due(admin: Actor) -> None:
    make(admin, name="One")
    make(admin, name="Two")
    for _ in range(3):
        publish(actor=admin, kind=KIND, data={})
    Job.objects.everything(because="test").delete()
    sweep(Here(admin))
    assert Job.objects.everything(because="test").filter(kind="notifications.deliver").count() == 2


def test_removing_an_endpoint_removes_its_messages_and_old_ones_are_forgotten(admin: Actor) -> None:
    made = make(admin)
    publish(actor=admin, kind=KIND, data={})
    assert services.forget_old_deliveries(before=AT + timedelta(days=1)) == 0
    WebhookDelivery.objects.everything(because="test").update(state="delivered")
    assert services.forget_old_deliveries(before=AT + timedelta(days=1)) == 1
    publish(actor=admin, kind=KIND, data={})
    services.remove_webhook(actor=admin, endpoint_id=made.endpoint.id)
    assert deliveries() == []


def test_pages(company: Company, admin: Actor) -> None:
    client = company.client("administrator")
    assert b"No events are sent anywhere" in client.get("/webhooks/").content
    wrong = client.post("/webhooks/new/", {"name": "Chat", "url": "https://127.0.0.1/", "event_kinds": [KIND]})
    assert wrong.status_code == 422
    assert b"internal network" in wrong.content
    made = client.post("/webhooks/new/", {"name": "Chat", "url": URL, "event_kinds": [KIND]})
    assert b"whsec_" in made.content
    assert made["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    (found,) = webhooks(actor=admin)
    page = client.get(f"/webhooks/{found.id}/")
    assert b"whsec_" not in page.content
    client.post(f"/webhooks/{found.id}/test/")
    assert "Test" in client.get(f"/webhooks/{found.id}/?deliveries.export=csv").content.decode()
    german = client.get("/webhooks/", headers={"Accept-Language": "de"})
    assert german.status_code == 200
    assert company.client("employee").get(f"/webhooks/{found.id}/").status_code == 403
    assert client.post(f"/webhooks/{found.id}/remove/").status_code == 302


def test_the_list_counts_each_endpoint_by_itself_and_asks_no_more_for_many(admin: Actor) -> None:
    first = make(admin, name="A").endpoint
    publish(actor=admin, kind=KIND, data={})
    WebhookDelivery.objects.everything(because="test").update(state="given_up", made_at=AT - timedelta(days=1))
    with CaptureQueriesContext(connection) as few:
        webhooks(actor=admin)
    second = make(admin, name="B").endpoint
    publish(actor=admin, kind=KIND, data={"n": 2})
    with CaptureQueriesContext(connection) as many:
        found = webhooks(actor=admin)
    assert [(one.id, one.waiting, one.given_up) for one in found] == [(first.id, 1, 1), (second.id, 1, 0)]
    assert {one.last.made_at for one in found if one.last} == {AT}
    assert len(many) == len(few)
