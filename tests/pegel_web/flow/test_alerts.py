"""Alerts: what the rules find, and how an alert opens, persists, is acknowledged, snoozed and closes."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.computing.alert_facts import AlertFacts, Idle
from pegel_web.flow.computing.alert_rules import rules_of
from pegel_web.flow.contracts.alerts import AlertThresholds
from pegel_web.flow.contracts.declared import Declared, StateLimit
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamAlert, StreamDeclaration, StreamSnapshot
from pegel_web.flow.queries.alerts import alert_overview, open_alerts, stream_alert, stream_alerts
from pegel_web.flow.services.alerts import (
    acknowledge_alert,
    change_alert_thresholds,
    forget_old_alerts,
    settle_alerts,
    snooze_alert,
)
from pegel_web.flow.services.streams import end_stream
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.notifications.models import WebhookDelivery, WebhookEndpoint
from tests.pegel_web.company import AT, Company
from tests.pegel_web.flow.lakes import adopted, make_lake

MOMENT = datetime(2026, 1, 12, tzinfo=UTC)
FACTS = AlertFacts(
    load={"Doing": 3, "Review": 4},
    late=(7, 9),
    idle=(Idle(state="Doing", days=4, items=2), Idle(state="Review", days=5, items=1)),
    people=None,
)
#: Three finished items took a day in Doing and a day in Review; the two open ones entered on 5 January.
ROWS = [
    "item,at,state",
    *(
        f"{name},2026-01-0{day}T00:00:00Z,{state}"
        for name in ("A", "B", "C")
        for day, state in ((1, "Doing"), (2, "Review"), (3, "Done"))
    ),
    "D,2026-01-05T00:00:00Z,Doing",
    "E,2026-01-11T00:00:00Z,Doing",
    "E,2026-01-12T00:00:00Z,Review",
]


def found(declared: Declared = Declared(), thresholds: AlertThresholds = AlertThresholds(), days: int = 0) -> list[str]:  # noqa: B008  (frozen)
    at = MOMENT + timedelta(days=days)
    return [
        f"{line.kind}:{line.state}:{line.status}:{line.value}:{line.limit}"
        for line, _ in rules_of(FACTS, declared, thresholds, as_of=MOMENT, at=at)
    ]


def test_every_rule_with_what_it_finds() -> None:
    assert found() == [
        "ageing::alert:2:1",
        "load::not_configured:7:None",
        "state_load::not_configured:None:None",
        "stalled::alert:1:5",
        "stale::fine:0:14",
    ]


def test_a_limit_is_passed_only_beyond_it() -> None:
    at_limit = Declared(load_limit=7, state_limits=(StateLimit(state="Review", limit=4),))
    beyond = Declared(
        load_limit=6, state_limits=(StateLimit(state="Review", limit=3), StateLimit(state="Gone", limit=1))
    )
    assert found(at_limit)[1:3] == ["load::fine:7:7", "state_load:Review:fine:4:4"]
    assert found(beyond)[1:4] == ["load::alert:7:6", "state_load:Review:alert:4:3", "state_load:Gone:fine:0:1"]
    assert found(Declared(load_limit=0))[1] == "load::alert:7:0"


@pytest.mark.parametrize(("days", "status"), [(14, "fine"), (15, "alert")])
def test_data_is_old_from_the_fifteenth_day_on(days: int, status: str) -> None:
    assert found(days=days)[-1] == f"stale::{status}:{days}:14"


def test_thresholds_move_what_is_found() -> None:
    kinder = AlertThresholds(late_from=3, stalled_after_days=4, stale_after_days=20)
    assert [found(thresholds=kinder)[0], found(thresholds=kinder)[3]] == ["ageing::fine:2:3", "stalled::alert:3:4"]


def test_nothing_computed_is_no_data_and_never_fine() -> None:
    lines = list(rules_of(None, Declared(), AlertThresholds(), as_of=None, at=MOMENT))
    assert {line.status for line, _ in lines} == {"no_data"}
    assert {condition for _, condition in lines} == {None}


@pytest.fixture
def stream(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    WebhookEndpoint.objects.create(
        name="x", url="https://hooks.example/", kinds=["flow.alert.opened", "flow.alert.closed"], secret="", made_at=AT
    )
    make_lake(tmp_path, {"Claims": ROWS})
    made = adopted(boss, "Claims", company.unit("K1"))
    # The worker has the clock of the day on which the test runs; what is told below happens at AT.
    assert open_alerts(replace(boss, at=datetime.now(UTC))) == {made.id: 3}
    StreamAlert.objects.everything(because="test").delete()
    WebhookDelivery.objects.everything(because="test").delete()
    settle_alerts(actor=boss, stream_id=made.id)
    return made


def rows() -> list[StreamAlert]:
    return list(StreamAlert.objects.everything(because="test").order_by("kind"))


def told() -> list[str]:
    return [
        f"{one.kind.rsplit('.', 1)[1]} {json.loads(one.body)['data']['kind']}"
        for one in WebhookDelivery.objects.everything(because="test").order_by("made_at", "body")
    ]


def at_(actor: Actor, days: int) -> Actor:
    return replace(actor, at=actor.at + timedelta(days=days))


def test_computing_opens_alerts_and_computing_again_opens_nothing_twice(stream: Stream, boss: Actor) -> None:
    # On 12 January: D is 7 days old in Doing, where all three took 1 day; E is 1 day old in Review, and they left at 2.
    # Nothing has happened to D for 7 days. The last event is 49 days before AT, 2 March.
    assert [(one.kind, one.count, one.limit, one.new) for one in rows()] == [
        ("ageing", 1, 1, None), ("stale", 49, 14, None), ("stalled", 1, 5, None),
    ]  # fmt: skip
    opened = [one.pk for one in rows()]
    for _ in range(2):
        settle_alerts(actor=boss, stream_id=stream.id)
    assert [one.pk for one in rows()] == opened
    assert rows()[0].new is None
    assert sorted(told()) == ["opened ageing", "opened stale", "opened stalled"]
    assert open_alerts(boss) == {stream.id: 3}


def test_what_endpoints_are_told_is_the_contract_without_names(stream: Stream) -> None:
    body = json.loads(WebhookDelivery.objects.everything(because="test").get(body__contains='"ageing"').body)
    data = body["data"]
    assert body["type"] == "flow.alert.opened"
    assert (data["stream"]["id"], data["count"], data["status"]) == (str(stream.id), 1, "open")
    assert (data["acknowledged_by"], data["reason"], data["may_change"]) == (None, None, False)
    assert '"D"' not in json.dumps(body)


def _newer(late: Sequence[int], version: str) -> None:
    kept = StreamSnapshot.objects.everything(because="test").get(kind="alerts")
    kept.payload = {**kept.payload, "late": list(late)}
    kept.content_hash = version
    kept.save()


def test_new_ones_are_counted_against_the_time_before(stream: Stream, boss: Actor) -> None:
    (first, *_) = rows()
    number = first.items[0]
    _newer([number, 100, 101], "v2")
    settle_alerts(actor=boss, stream_id=stream.id)
    assert (rows()[0].count, rows()[0].new) == (3, 2)
    settle_alerts(actor=boss, stream_id=stream.id)
    assert rows()[0].new == 2
    _newer([100, 101], "v3")
    settle_alerts(actor=boss, stream_id=stream.id)
    assert (rows()[0].count, rows()[0].new) == (2, 0)


def test_it_closes_by_itself_and_opens_anew_as_another(stream: Stream, boss: Actor) -> None:
    (first, *_) = rows()
    _newer([], "v2")
    settle_alerts(actor=at_(boss, 1), stream_id=stream.id)
    closed = StreamAlert.objects.everything(because="test").get(pk=first.pk)
    assert closed.closed_at == boss.at + timedelta(days=1)
    assert closed.items == []
    assert "closed ageing" in told()
    _newer([5], "v3")
    settle_alerts(actor=at_(boss, 2), stream_id=stream.id)
    again = StreamAlert.objects.everything(because="test").get(kind="ageing", closed_at=None)
    assert again.pk != first.pk
    listed = alert_overview(actor=at_(boss, 2), status="closed")
    assert [one.id for one in listed] == [first.pk]
    assert alert_overview(actor=at_(boss, 120), status="closed") == ()
    assert forget_old_alerts(before=boss.at + timedelta(days=1)) == 0
    assert forget_old_alerts(before=boss.at + timedelta(days=2)) == 1


def test_a_declared_limit_makes_the_rule_and_its_alert(stream: Stream, boss: Actor) -> None:
    content = {"load_limit": 1, "state_limits": [{"state": "Doing", "limit": 0}]}
    StreamDeclaration.objects.create(stream_id=stream.id, content=content, changed_at=AT)
    settle_alerts(actor=boss, stream_id=stream.id)
    report = stream_alerts(actor=boss, stream_id=stream.id)
    assert [(one.kind, one.state, one.count, one.limit) for one in report.alerts if "load" in one.kind] in (
        [("load", "", 2, 1), ("state_load", "Doing", 1, 0)], [("state_load", "Doing", 1, 0), ("load", "", 2, 1)],
    )  # fmt: skip
    StreamDeclaration.objects.everything(because="test").update(content={})
    settle_alerts(actor=boss, stream_id=stream.id)
    assert [one.kind for one in stream_alerts(actor=boss, stream_id=stream.id).closed if "load" in one.kind]


def test_acknowledging_is_recorded_without_its_words_and_lasts(company: Company, stream: Stream, boss: Actor) -> None:
    lead = company.actor("team_lead", "K1")
    (alert, *_) = [one for one in alert_overview(actor=lead) if one.kind == "ageing"]
    done = acknowledge_alert(actor=lead, alert_id=alert.id, reason="  We look at it\non Monday ")
    assert (done.status, done.reason, done.acknowledged_at) == ("quiet", "We look at it on Monday", lead.at)
    assert done.acknowledged_by is not None
    assert open_alerts(lead) == {stream.id: 2}
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="flow.alert.acknowledged")
    assert (entry.unit_id, entry.after) == (company.unit("K1"), {"kind": "ageing"})
    settle_alerts(actor=boss, stream_id=stream.id)
    assert stream_alert(actor=lead, alert_id=alert.id).status == "quiet"
    reader = company.actor("employee", "K1")
    seen = stream_alert(actor=reader, alert_id=alert.id)
    assert (seen.reason, seen.may_change) == (None, False)
    for reason, code in ((" \0", "alert_reason_missing"), ("x" * 501, "alert_reason_too_long")):
        with pytest.raises(InputError, match=code):
            acknowledge_alert(actor=lead, alert_id=alert.id, reason=reason)


def test_snoozed_until_the_day_comes(company: Company, stream: Stream) -> None:
    lead = company.actor("team_lead", "K1")
    (alert, *_) = [one for one in alert_overview(actor=lead) if one.kind == "stalled"]
    day = lead.at.date() + timedelta(days=3)
    assert snooze_alert(actor=lead, alert_id=alert.id, until=day).status == "quiet"
    assert stream_alert(actor=at_(lead, 2), alert_id=alert.id).status == "quiet"
    assert stream_alert(actor=at_(lead, 3), alert_id=alert.id).status == "open"
    for wrong in (lead.at.date(), lead.at.date() + timedelta(days=93)):
        with pytest.raises(InputError, match="alert_snooze_day"):
            snooze_alert(actor=lead, alert_id=alert.id, until=wrong)


def test_who_may(company: Company, stream: Stream, boss: Actor) -> None:
    (alert, *_) = alert_overview(actor=boss)
    for actor, error in (
        (company.actor("employee", "K1"), NotAllowedError),
        (company.actor("team_lead", "K2"), NotFoundError),
        (company.actor("works_council"), NotFoundError),
    ):
        with pytest.raises(error):
            acknowledge_alert(actor=actor, alert_id=alert.id, reason="seen")
        with pytest.raises(error):
            snooze_alert(actor=actor, alert_id=alert.id, until=actor.at.date() + timedelta(days=1))
        with pytest.raises(error):
            change_alert_thresholds(
                actor=actor, stream_id=stream.id, late_from=1, stalled_after_days=1, stale_after_days=1
            )
    assert alert_overview(actor=company.actor("team_lead", "K2")) == ()
    assert open_alerts(company.actor("team_lead", "K2")) == {}
    with pytest.raises(NotAllowedError):
        alert_overview(actor=company.actor("works_council"))
    with pytest.raises(NotFoundError):
        stream_alert(actor=boss, alert_id=uuid4())
    with pytest.raises(InputError, match="alert_status_unknown"):
        alert_overview(actor=boss, status="other")  # type: ignore[arg-type]


def test_a_closed_alert_is_not_acknowledged(stream: Stream, boss: Actor) -> None:
    (first, *_) = rows()
    _newer([], "v2")
    settle_alerts(actor=boss, stream_id=stream.id)
    with pytest.raises(ConflictError, match="alert_closed"):
        acknowledge_alert(actor=boss, alert_id=first.pk, reason="late")


def test_thresholds_apply_at_once_and_are_recorded(stream: Stream, boss: Actor) -> None:
    change_alert_thresholds(actor=boss, stream_id=stream.id, late_from=2, stalled_after_days=8, stale_after_days=60)
    assert alert_overview(actor=boss) == ()
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="flow.alert.thresholds_changed")
    assert entry.before == {"late_from": 1, "stalled_after_days": 5, "stale_after_days": 14}
    with pytest.raises(InputError, match="alert_threshold_out_of_range"):
        change_alert_thresholds(actor=boss, stream_id=stream.id, late_from=0, stalled_after_days=8, stale_after_days=60)


def test_a_small_group_hides_single_states_and_trends(company: Company, stream: Stream, boss: Actor) -> None:
    content = {"load_limit": 1, "state_limits": [{"state": "Doing", "limit": 0}]}
    StreamDeclaration.objects.create(stream_id=stream.id, content=content, changed_at=AT)
    kept = StreamSnapshot.objects.everything(because="test").get(kind="alerts")
    kept.payload = {**kept.payload, "people": 2}
    kept.save()
    settle_alerts(actor=boss, stream_id=stream.id)
    report = stream_alerts(actor=boss, stream_id=stream.id)
    assert report.withheld
    assert "state_load" not in {one.kind for one in report.alerts}
    assert {one.new for one in report.alerts} == {None}
    assert [one.status for one in report.rules if one.kind == "state_load"] == ["withheld"]
    assert open_alerts(boss) == {stream.id: 4}
    assert sorted(told()) == ["opened ageing", "opened load", "opened stale", "opened stalled"]
    hidden = StreamAlert.objects.everything(because="test").get(kind="state_load")
    with pytest.raises(NotFoundError):
        stream_alert(actor=boss, alert_id=hidden.pk)


def test_an_ended_stream_has_no_alerts(stream: Stream, boss: Actor) -> None:
    end_stream(actor=boss, stream_id=stream.id)
    settle_alerts(actor=boss, stream_id=stream.id)
    assert alert_overview(actor=at_(boss, 1)) == ()


def test_the_clock_alone_makes_data_old(company: Company, boss: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Claims": ROWS})
    early = replace(boss, at=datetime(2026, 1, 20, tzinfo=UTC))
    made = adopted(early, "Claims", company.unit("K1"))
    StreamAlert.objects.everything(because="test").delete()
    settle_alerts(actor=early, stream_id=made.id)
    assert "stale" not in {one.kind for one in rows()}
    settle_alerts(actor=boss, stream_id=made.id)
    assert "stale" in {one.kind for one in rows()}


def test_pages(company: Company, stream: Stream) -> None:
    run_waiting_jobs()
    client = company.client("team_lead", "K1")
    page = client.get("/streams/alerts/").content.decode()
    assert "One open item is older than 85% of its predecessors in the same state." in page
    assert "Ageing work" in client.get("/streams/alerts/?alerts.export=csv").content.decode()
    mine = client.get(f"/streams/{stream.id}/alerts/").content.decode()
    assert "not configured: no limit is declared" in mine
    german = client.get("/streams/alerts/", headers={"Accept-Language": "de"}).content.decode()
    assert "älter als 85\u00a0%" in german or "älter als 85 %" in german
    (alert, *_) = rows()
    address = f"/streams/alerts/{alert.pk}/"
    assert client.post(f"{address}acknowledge/", {"reason": ""}).status_code == 422
    assert client.post(f"{address}snooze/", {"until": "2000-01-01"}).status_code == 422
    assert client.post(f"{address}acknowledge/", {"reason": "Monday"}).status_code == 302
    assert "Monday" in client.get(address).content.decode()
    assert "acknowledged" in client.get("/streams/alerts/?status=quiet").content.decode()
    wrong = client.post(
        f"/streams/{stream.id}/alerts/thresholds/",
        {"late_from": "0", "stalled_after_days": "1", "stale_after_days": "1"},
    )
    assert wrong.status_code == 422
    home = client.get("/").content.decode()
    assert "Stalled work" in home or "Nothing has happened" in home
    reader = company.client("employee", "K1")
    assert "Monday" not in reader.get(address).content.decode()
    assert reader.post(f"{address}acknowledge/", {"reason": "x"}).status_code == 403
