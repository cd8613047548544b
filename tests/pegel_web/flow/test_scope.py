"""Who sees which stream, and who may do what with it."""

from pathlib import Path
from uuid import uuid4

import pytest

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamSnapshot, ValueStream
from pegel_web.flow.queries.items import stream_items
from pegel_web.flow.queries.overview import stream_overview
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.search import find_streams
from pegel_web.flow.services.looking import look_at_items
from pegel_web.flow.services.refreshing import refresh_stream, refresh_streams
from pegel_web.flow.services.streams import adopt_stream, change_stream, end_stream
from pegel_web.organisation.models import Membership
from pegel_web.privacy.models import Access
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.lakes import adopted


def events() -> list[tuple[str, dict[str, object] | None, dict[str, object] | None]]:
    rows = AuditEntry.objects.everything(because="test").filter(event__startswith="flow.").order_by("at", "event")
    return [(row.event, row.before, row.after) for row in rows]


def test_a_team_lead_sees_the_streams_of_the_own_team_only(company: Company, claims: Stream) -> None:
    own, other = company.actor("team_lead", "K1"), company.actor("team_lead", "K2")
    assert [line.stream.id for line in stream_overview(actor=own).lines] == [claims.id]
    assert stream_overview(actor=other).lines == ()
    with pytest.raises(NotFoundError) as refused:
        stream_report(actor=other, stream_id=claims.id)
    assert refused.value.code == "stream_unknown"
    assert [hit.title for hit in find_streams(actor=own, text="claim", limit=5)] == ["Claims"]
    assert find_streams(actor=other, text="claim", limit=5) == []


def test_what_is_not_seen_is_not_there(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K2")
    for page in ("", "items/", "refresh/", "change/", "end/"):
        send = client.post if page in ("refresh/", "end/") else client.get
        assert send(f"/streams/{claims.id}/{page}").status_code == 404


def test_figures_without_items_for_employees(company: Company, claims: Stream) -> None:
    actor = company.actor("employee", "K1")
    found = stream_report(actor=actor, stream_id=claims.id)
    assert found.content is not None
    assert found.content.ageing.open > 0
    assert found.content.ageing.items == ()
    assert (found.may_see_items, found.may_refresh, found.may_change) == (False, False, False)
    with pytest.raises(NotAllowedError):
        stream_items(actor=actor, stream_id=claims.id)
    client = company.client("employee", "K1")
    assert client.get(f"/streams/{claims.id}/items/").status_code == 403
    page = client.get(f"/streams/{claims.id}/").content.decode()
    assert "A-0" not in page
    assert "not single items" in page
    assert client.post(f"/streams/{claims.id}/refresh/").status_code == 403
    assert client.post(f"/streams/{claims.id}/end/").status_code == 403
    assert client.get("/streams/adopt/").status_code == 403


def test_roles_without_streams_see_none(company: Company, claims: Stream) -> None:
    for role in ("works_council", "data_protection_officer", "security"):
        actor = company.actor(role, "C")
        with pytest.raises(NotAllowedError):
            stream_overview(actor=actor)
        with pytest.raises(NotFoundError):
            stream_report(actor=actor, stream_id=claims.id)


def test_each_look_at_items_is_noted(company: Company, claims: Stream) -> None:
    actor = company.actor("team_lead", "K1")
    look_at_items(actor=actor, stream_id=claims.id)
    company.client("team_lead", "K1").get(f"/streams/{claims.id}/")
    noted = Access.objects.everything(because="test").order_by("at", "id").values_list("what", "unit_id", "person_id")
    assert sorted(noted) == sorted(
        [("flow.items", company.unit("K1"), actor.person_id), ("flow.report", company.unit("K1"), actor.person_id)]
    )


def test_adopting_needs_the_right_in_that_unit(company: Company, claims: Stream) -> None:
    lead = company.actor("team_lead", "K2")
    assert [one.lake_name for one in stream_overview(actor=lead).lake.unclaimed] == ["Sales"]
    with pytest.raises(NotAllowedError):
        adopt_stream(actor=lead, lake_name="Sales", name="Ours", unit_id=company.unit("K1"))
    with pytest.raises(NotFoundError) as unknown:
        adopt_stream(actor=lead, lake_name="Sales", name="Ours", unit_id=uuid4())
    assert unknown.value.code == "unit_unknown"
    with pytest.raises(NotFoundError) as missing:
        adopt_stream(actor=lead, lake_name="Nothing", name="Ours", unit_id=company.unit("K2"))
    assert missing.value.code == "lake_stream_unknown"
    with pytest.raises(ConflictError) as taken:
        adopt_stream(actor=lead, lake_name="Claims", name="Ours", unit_id=company.unit("K2"))
    assert taken.value.code == "stream_adopted_already"
    made = adopt_stream(actor=lead, lake_name="Sales", name="  Our \n sales ", unit_id=company.unit("K2"))
    assert (made.name, made.unit_name) == ("Our sales", "Household")
    assert events()[-1] == (
        "flow.stream.adopted",
        None,
        {"name": "Our sales", "lake_name": "Sales", "unit": str(company.unit("K2")), "product": None},
    )


def test_moving_a_stream_needs_the_right_in_both_units(company: Company, claims: Stream, boss: Actor) -> None:
    lead = company.actor("team_lead", "K1")
    with pytest.raises(NotAllowedError):
        change_stream(actor=lead, stream_id=claims.id, name="Claims", unit_id=company.unit("K2"))
    moved = change_stream(actor=boss, stream_id=claims.id, name="Claims", unit_id=company.unit("K2"))
    assert moved.unit_name == "Household"
    assert events()[-1] == (
        "flow.stream.changed", {"unit": str(company.unit("K1"))}, {"unit": str(company.unit("K2"))},
    )  # fmt: skip
    with pytest.raises(NotFoundError):
        stream_report(actor=lead, stream_id=claims.id)
    before = len(events())
    change_stream(actor=boss, stream_id=claims.id, name="Claims", unit_id=company.unit("K2"))
    assert len(events()) == before


def test_an_ended_stream_is_gone_and_can_be_adopted_anew(company: Company, claims: Stream, boss: Actor) -> None:
    end_stream(actor=boss, stream_id=claims.id)
    assert stream_overview(actor=boss).lines == ()
    assert not StreamSnapshot.objects.everything(because="test").exists()
    with pytest.raises(NotFoundError):
        end_stream(actor=boss, stream_id=claims.id)
    again = adopted(boss, "Claims", company.unit("K2"))
    assert again.id != claims.id
    assert ValueStream.objects.everything(because="test").count() == 2


def test_computing_for_all_needs_its_own_right(company: Company, claims: Stream) -> None:
    lead = company.actor("team_lead", "K1")
    assert refresh_stream(actor=lead, stream_id=claims.id).kind == "flow.refresh"
    with pytest.raises(NotAllowedError):
        refresh_streams(actor=lead)


def test_a_small_group_gets_no_rates(company: Company, claims: Stream, tmp_path: Path) -> None:
    actor = company.actor("team_lead", "K1")
    assert not stream_report(actor=actor, stream_id=claims.id).withheld
    for number in range(4):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    found = stream_report(actor=actor, stream_id=claims.id)
    assert found.withheld
    assert found.content is not None
    assert {one.status for one in found.content.figures} == {"withheld"}
    assert {one.value for one in found.content.figures} == {None}
    assert found.content.states == ()
    assert found.content.waits.lines == ()
    assert found.content.forecast.levels == ()
    assert found.content.ageing.items != ()
    line = stream_overview(actor=actor).lines[0]
    assert line.withheld
    assert line.content is not None
    assert line.content.stall_share is None
    page = company.client("team_lead", "K1").get(f"/streams/{claims.id}/").content.decode()
    assert "3 days" not in page
    assert "group floor" in page
    person = company.person("Fifth")
    Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    assert not stream_report(actor=actor, stream_id=claims.id).withheld
