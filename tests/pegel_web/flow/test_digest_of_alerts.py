"""Alerts by e-mail: everybody gets those of the streams they may see at that moment, and never more than their page."""

from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamAlert, StreamDeclaration, StreamSnapshot, ValueStream
from pegel_web.flow.queries.alerts import alert_overview
from pegel_web.flow.services.alerts import acknowledge_alert, settle_alerts, snooze_alert
from pegel_web.jobs.actors import pegel_itself
from pegel_web.notifications.digests.choosing import choose_digest
from pegel_web.notifications.digests.sending import send_digests
from pegel_web.notifications.models import Digest
from pegel_web.notifications.place import MailPlace
from pegel_web.organisation.models import RoleAssignment, User
from tests.pegel_web.company import AT, Company
from tests.pegel_web.flow.lakes import adopted, make_lake
from tests.pegel_web.flow.test_alerts import ROWS
from tests.pegel_web.notifications.mail_servers import mail_server, settings_for, texts

#: Tuesday to Friday, 3 to 6 March 2026, seven in the morning in Berlin.
DUE = [datetime(2026, 3, day, 6, 0, tzinfo=UTC) for day in (3, 4, 5, 6)]
PLACE = MailPlace(server=None, origin="https://pegel.example.org", zone=ZoneInfo("Europe/Berlin"), hour=7)


class Here:
    """A job that is always ours."""

    def __init__(self, at: datetime) -> None:
        self.actor = pegel_itself(at=at, request_id="test")

    def hold(self) -> None: ...
    def stop_if_cancelled(self) -> None: ...
    def progress(self, done: int, total: int | None, code: str, **values: object) -> None: ...


def mails_at(at: datetime) -> list[EmailMessage]:
    """Return what is sent at a moment."""
    with mail_server() as heard:
        send_digests(Here(at), replace(PLACE, server=settings_for(heard.port)), now=lambda: at)
        return heard.mails


@pytest.fixture
def streams(company: Company, boss: Actor, tmp_path: Path) -> tuple[Stream, Stream]:
    """Return a stream of Motor and one of Field sales, each with three alerts of 2 March."""
    make_lake(tmp_path, {"Claims": ROWS, "Offers": [ROWS[0], *(f"X{row}" for row in ROWS[1:])]})
    made = adopted(boss, "Claims", company.unit("K1")), adopted(boss, "Offers", company.unit("S1"))
    StreamAlert.objects.everything(because="test").delete()
    for one in made:
        settle_alerts(actor=boss, stream_id=one.id)
    return made


def reader(company: Company, role: str, unit: str, language: str = "en") -> Actor:
    actor = company.actor(role, unit)
    User.objects.filter(person=actor.person()).update(language=language)
    choose_digest(actor=actor, rhythm="daily", place=PLACE)
    return actor


def to(actor: Actor) -> str:
    return User.objects.get(person=actor.person()).email


def test_only_streams_that_the_person_may_see(company: Company, streams: tuple[Stream, Stream]) -> None:
    motor, sales = reader(company, "employee", "K1"), reader(company, "team_lead", "S1")
    stranger, council = reader(company, "employee", "K2"), reader(company, "works_council", "C")
    mails = {one["To"]: one for one in mails_at(DUE[0])}
    assert set(mails) == {to(motor), to(sales)}
    plain, html = texts(mails[to(motor)])
    for text in (plain, html):
        assert "Claims" in text
        assert "Offers" not in text
        assert "One open item is older than 85% of its predecessors in the same state." in text
    assert mails[to(motor)]["Subject"] == "Pegel: 3 things call for a look"
    alerts = alert_overview(actor=motor)
    assert all(f"https://pegel.example.org/streams/alerts/{one.id}/" in plain for one in alerts)
    assert f"https://pegel.example.org/streams/{streams[0].id}/alerts/" in html
    # Nothing of other people, and items by number only: D is the one that stalls.
    for foreign in (to(sales), to(stranger), to(council)):
        assert foreign not in plain + html
    assert "\nD" not in plain
    states = {one.person_id: str(one.state) for one in Digest.objects.everything(because="test")}
    assert (states[stranger.person()], states[council.person()]) == ("nothing", "nothing")


def test_rights_are_those_of_the_moment_of_sending(company: Company, streams: tuple[Stream, Stream]) -> None:
    leaves, comes = reader(company, "employee", "K1"), reader(company, "employee", "K2")
    rows = RoleAssignment.objects.everything(because="test")
    rows.filter(person=leaves.person()).update(valid_until=DUE[0].date())
    rows.filter(person=comes.person()).update(unit=company.units["K1"])
    (mail,) = mails_at(DUE[0])
    assert mail["To"] == to(comes)


def test_a_small_group_hides_in_the_mail_what_it_hides_on_the_page(
    company: Company, streams: tuple[Stream, Stream], boss: Actor
) -> None:
    actor = reader(company, "employee", "K1")
    content = {"state_limits": [{"state": "Doing", "limit": 0}]}
    StreamDeclaration.objects.create(stream_id=streams[0].id, content=content, changed_at=AT)
    settle_alerts(actor=boss, stream_id=streams[0].id)
    assert "state_load" in {one.kind for one in alert_overview(actor=actor)}
    kept = StreamSnapshot.objects.everything(because="test").get(kind="alerts", stream_id=streams[0].id)
    kept.payload = {**kept.payload, "people": 2}
    kept.save()
    (mail,) = mails_at(DUE[0])
    plain, html = texts(mail)
    assert mail["Subject"] == "Pegel: 3 things call for a look"
    assert "“Doing”" not in plain + html


def test_in_german(company: Company, streams: tuple[Stream, Stream]) -> None:
    reader(company, "employee", "K1", "de")
    (mail,) = mails_at(DUE[0])
    plain, _ = texts(mail)
    assert mail["Subject"] == "Pegel: 3 Dinge brauchen einen Blick"
    assert "An einer offenen Arbeitseinheit ist seit 5 Tagen oder länger nichts geschehen." in plain
    assert "Sie bekommen diese E-Mail, weil Sie sie in Pegel gewählt haben." in plain


def test_what_was_said_about_an_alert_decides_whether_it_is_told(
    company: Company, streams: tuple[Stream, Stream], boss: Actor
) -> None:
    reader(company, "employee", "K1")
    by_kind = {one.kind: one.id for one in alert_overview(actor=boss) if one.stream.id == streams[0].id}
    acknowledge_alert(actor=boss, alert_id=by_kind["stale"], reason="We import on Monday")
    snooze_alert(actor=boss, alert_id=by_kind["stalled"], until=date(2026, 3, 5))
    first, second, third = mails_at(DUE[0]), mails_at(DUE[1]), mails_at(DUE[2])
    assert [one["Subject"] for one in first] == ["Pegel: one thing calls for a look"]
    assert second == []
    # The one that was to be quiet until the fifth calls again; what somebody wrote stays in Pegel.
    (mail,) = third
    plain, _ = texts(mail)
    assert "Nothing has happened to one open item" in plain
    assert "One thing that you were told of before still calls for a look." in plain
    assert "We import on Monday" not in texts(first[0])[0] + plain


def test_a_hostile_name_of_a_stream(company: Company, streams: tuple[Stream, Stream]) -> None:
    actor = reader(company, "employee", "K1")
    rows = ValueStream.objects.everything(because="test").filter(pk=streams[0].id)
    rows.update(name="Claims\r\nBcc: all@example.org\r\n\r\nhello <b>")
    with mail_server() as heard:
        send_digests(Here(DUE[0]), replace(PLACE, server=settings_for(heard.port)), now=lambda: DUE[0])
        assert [one.rcpt_tos for one in heard.envelopes] == [[to(actor)]]
        (mail,) = heard.mails
    assert mail["Bcc"] is None
    plain, html = texts(mail)
    assert "Claims Bcc: all@example.org hello <b>" in plain
    assert "hello &lt;b&gt;" in html


def test_an_ended_stream_is_not_told(company: Company, streams: tuple[Stream, Stream]) -> None:
    reader(company, "employee", "K1")
    ValueStream.objects.everything(because="test").filter(pk=streams[0].id).update(valid_until=date(2026, 3, 3))
    assert mails_at(DUE[0]) == []
