"""What happened to a stream: noted and withdrawn, marked in the trends, per role, hostile, forgotten with a person."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import to_us
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.core.tools import tool_named
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.kept_about_people import forget_events, own_events
from pegel_web.flow.models import StreamEvent
from pegel_web.flow.queries.events import stream_events
from pegel_web.flow.services.events import note_stream_event, withdraw_stream_event
from pegel_web.flow.services.looking import look_at_chart
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import SEEN

DAY = date(2026, 1, 14)


def texts(actor: Actor, stream: Stream) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in stream_events(actor=actor, stream_id=stream.id).lines]


def layers(actor: Actor, stream: Stream, name: str = "throughput") -> list[dict[str, object]]:
    specification = json.loads(
        look_at_chart(actor=actor, stream_id=stream.id, name=name, selection=Selection()).specification
    )
    rows = [row for layer in specification["layer"] for row in layer["data"]["values"]]
    return [row for row in rows if "sign" in row]


def test_an_event_is_listed_and_marked_on_its_day(boss: Actor, claims: Stream) -> None:
    note_stream_event(actor=boss, stream_id=claims.id, day=DAY, text="  New approval\nrule ")
    lines = stream_events(actor=boss, stream_id=claims.id).lines
    assert [(one.number, one.kind, one.day) for one in lines if one.kind in ("noted", "import")] == [
        (1, "noted", DAY), (len(lines), "import", SEEN.date()),
    ]  # fmt: skip
    assert lines[0].text == "New approval rule"
    midnight = to_us(SEEN.replace(year=2026, month=1, day=14, hour=0)) // 1000
    noted = next(one for one in layers(boss, claims) if "New approval rule" in str(one["event"]))
    assert (noted["at"], noted["sign"]) == (midnight, "1")
    # A rule and its number, over the two trends only.
    assert len(layers(boss, claims, "flow_time")) == len(layers(boss, claims))
    unmarked = look_at_chart(actor=boss, stream_id=claims.id, name="cumulative_flow", selection=Selection())
    assert "sign" not in unmarked.specification


def test_what_is_withdrawn_is_gone_with_its_words(boss: Actor, claims: Stream) -> None:
    note_stream_event(actor=boss, stream_id=claims.id, day=DAY, text="Secret word")
    event = stream_events(actor=boss, stream_id=claims.id).lines[0].event_id
    assert event is not None
    withdraw_stream_event(actor=boss, stream_id=claims.id, event_id=event)
    assert "noted" not in [kind for kind, _ in texts(boss, claims)]
    row = StreamEvent.objects.everything(because="test").get()
    assert (row.text, row.withdrawn_at) == ("", boss.at)
    entries = AuditEntry.objects.everything(because="test").filter(event__startswith="flow.event.").order_by("event")
    assert [one.event for one in entries] == ["flow.event.noted", "flow.event.withdrawn"]
    assert not any("Secret" in json.dumps([one.before, one.after]) for one in entries)
    with pytest.raises(NotFoundError) as again:
        withdraw_stream_event(actor=boss, stream_id=claims.id, event_id=event)
    assert again.value.code == "stream_event_unknown"


@pytest.mark.parametrize(
    ("day", "text", "code"),
    [
        (SEEN.date() + timedelta(days=1), "x", "event_day_out_of_range"),
        (date(1969, 12, 31), "x", "event_day_out_of_range"),
        (DAY, " \u202e\n", "event_text_missing"), (DAY, "x" * 201, "event_text_too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_noted(boss: Actor, claims: Stream, day: date, text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        note_stream_event(actor=boss, stream_id=claims.id, day=day, text=text)
    assert refused.value.code == code


def test_who_may(company: Company, boss: Actor, claims: Stream) -> None:
    employee = company.actor("employee", "K1")
    with pytest.raises(NotAllowedError):
        note_stream_event(actor=employee, stream_id=claims.id, day=DAY, text="x")
    note_stream_event(actor=boss, stream_id=claims.id, day=DAY, text="Moved")
    found = stream_events(actor=employee, stream_id=claims.id)
    assert (found.may_note, ("noted", "Moved") in [(one.kind, one.text) for one in found.lines]) == (False, True)
    with pytest.raises(NotFoundError):
        stream_events(actor=company.actor("team_lead", "S"), stream_id=claims.id)


def test_the_page_notes_and_withdraws(company: Company, claims: Stream) -> None:
    client = company.client("programme_lead", "C")
    address = f"/streams/{claims.id}/events/"
    hostile = '<script>alert(1)</script> "{{ 7|add:7 }}"'
    assert client.post(address, {"day": "2026-01-14", "text": hostile}).status_code == 302
    page = client.get(address).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    stream = client.get(f"/streams/{claims.id}/").content.decode()
    assert "&lt;script&gt;alert(1)" in stream
    assert "&amp;events=" in stream
    chart = client.get(f"/streams/{claims.id}/charts/throughput.svg")
    assert chart.status_code == 200
    for sent in ({"day": "never", "text": "x"}, {"day": "2999-01-01", "text": "x"}, {"day": "2026-01-14", "text": ""}):
        assert client.post(address, sent).status_code == 422
    event = StreamEvent.objects.everything(because="test").get()
    assert client.post(f"{address}{event.id}/withdraw/").status_code == 302
    assert client.post(f"{address}{uuid4()}/withdraw/").status_code == 404
    assert client.get(f"{address}?events.export=csv").status_code == 200


def test_every_interface_gives_the_same(company: Company, boss: Actor, claims: Stream) -> None:
    tool_named("note_stream_event").call(boss, {"stream_id": str(claims.id), "day": "2026-01-14", "text": "New rule"})
    told = tool_named("stream_events").call(boss, {"stream_id": str(claims.id)})
    answer = company.client("programme_lead", "C").get(f"/api/v1/streams/{claims.id}/events").json()
    assert [one["text"] for one in told["lines"]] == [one["text"] for one in answer["lines"]]


def test_a_person_gets_what_they_noted_and_is_forgotten(boss: Actor, claims: Stream) -> None:
    note_stream_event(actor=boss, stream_id=claims.id, day=DAY, text="New rule")
    assert [one["text"] for one in own_events(boss.person_id)] == ["New rule"]  # type: ignore[arg-type]  # a person
    assert forget_events(boss.person_id) == 1  # type: ignore[arg-type]  # the same
    assert StreamEvent.objects.everything(because="test").get().author is None
    assert ("noted", "New rule") in texts(boss, claims)
