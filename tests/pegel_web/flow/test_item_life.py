"""One item's life: arithmetic by hand, what is withheld from whom, hostile names, every interface."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from pegel.errors import NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.store import open_lake
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.tools import tool_named
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.item import stream_item
from pegel_web.privacy.models import Access
from tests.pegel_web.company import Company
from tests.pegel_web.flow.desks import Source, declared, desk_stream
from tests.pegel_web.flow.lakes import adopted

HOSTILE = [
    "a/b/../c?x=1#y", "<script>alert(1)</script>", '=cmd|"/c calc"!A1', "{n} %s {{ 7|add:7 }}", "ÄÖÜ 漢字 🌊", "it's",
    "x" * 300, "..", " ",
]  # fmt: skip


def clock(found, policy):
    return next(one for one in found.clocks if one.policy == policy)


def test_a_finished_item_adds_up(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    found = stream_item(actor=boss, stream_id=stream.id, item="D-1")
    assert [(one.state, one.days, one.category) for one in found.stays] == [
        ("Backlog", 1, "new"), ("Ready", 1, "waiting"), ("Doing", 2, "active"), ("Approval", 3, "waiting"),
        ("Release", 1, "active"), ("Done", 20, "done"),
    ]  # fmt: skip
    used = found.clock
    assert (used.policy, used.status, used.days) == ("first_active_to_last_done", "done", 6)  # 3rd to 9th
    assert (used.active_days, used.waiting_days) == (3, 3)  # Doing 2 + Release 1; Approval 3
    assert used.started_at == datetime(2026, 2, 3, tzinfo=UTC)
    # The clock of commitment starts with Ready, one day earlier; process time adds up Doing and Release.
    assert clock(found, "commitment_to_done").days == 7
    assert (clock(found, "process_time").days, clock(found, "process_time").waiting_days) == (3, None)
    assert [(one.cause, one.days) for one in found.causes] == [("approval", 3)]
    assert [[one.cause for one in stay.causes] for stay in found.stays] == [[], [], [], ["approval"], [], []]
    assert found.sentence == "6 days from start to done, 3 days of it waiting, most for approval."
    assert used.why[0] == "Started on 3 Feb 2026 when it came into “Doing”, the first state that counts as a start."
    assert used.why[1] == "Stopped on 9 Feb 2026 when it came into “Done” and stayed done."
    assert found.comparison is not None
    assert (found.comparison.n, found.comparison.p50, found.comparison.longer_than) == (5, 6, 0)
    assert (found.reopenings, found.hand_offs) == (0, None)  # the log names nobody


def test_open_blocked_and_not_started_items(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    late = stream_item(actor=boss, stream_id=stream.id, item="K-1")
    assert late.sentence == "Open for 14 days, 12 days of it waiting, most for approval; in “Approval” for 12 days."
    assert late.comparison is not None
    assert (late.comparison.pace, late.comparison.p50) == ("beyond_p85", 5)
    assert [(one.field, one.text) for one in late.changes] == [
        ("priority", "Priority changed"),
        ("priority", "Priority lowered"),
    ]
    assert [(one.kind_name, one.item, one.ended) for one in late.links] == [("blocks", "K-5", False)]
    flagged = stream_item(actor=boss, stream_id=stream.id, item="K-2")
    assert [one.text for one in flagged.changes] == ["Flag raised: supplier"]
    assert flagged.sentence == "Open for 3 days, none of it waiting; in “Doing” for 3 days."
    new = stream_item(actor=boss, stream_id=stream.id, item="K-5")
    assert new.sentence == "Not started: in “Backlog” for 3 days."
    assert (new.clock.status, new.clock.days, new.causes_status) == ("not_started", None, "not_counted")
    assert [(one.kind_name, one.item) for one in new.links] == [("is blocked by", "K-1")]


def test_working_time_and_types_are_those_declared(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    before = stream_item(actor=boss, stream_id=stream.id, item="D-1")
    assert (before.calendar, before.clock.working_days, before.unit) == (None, None, "days")
    declared(stream, boss, calendar="de", types=["Story"])
    found = stream_item(actor=boss, stream_id=stream.id, item="D-1")
    # Tuesday 3 to Monday 9 February, midnights UTC: Tuesday to Friday are four working days; Monday 9 has not begun.
    assert (found.clock.days, found.clock.working_days, found.unit) == (6, 4, "working_days")
    assert found.clock.active_days == 2  # Tuesday and Wednesday; the Release was on a Sunday
    assert found.not_counted == ""
    bug = stream_item(actor=boss, stream_id=stream.id, item="K-5")
    assert "Bug" in bug.not_counted


def test_other_streams_stay_hidden(company: Company, boss: Actor) -> None:
    lives = {"S-1": ("Story", (20, 21, 22)), "S-2": ("Story", (20, 21, 22, 23, 24, 25))}
    other = Source("Secret", lives, links=(("S-1", "blocks", "K-4"), ("S-2", "blocks", "K-4")))
    stream = desk_stream(company, boss, Secret=other)
    lead = company.actor("team_lead", "K1")
    found = stream_item(actor=lead, stream_id=stream.id, item="K-4")
    assert [(one.item, one.ended) for one in found.links] == [(None, False), (None, True)]
    assert "S-1" not in str(found)
    with pytest.raises(NotFoundError, match="item_unknown"):
        stream_item(actor=boss, stream_id=stream.id, item="S-1")


def test_who_may_look_and_that_it_is_noted(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    with pytest.raises(NotAllowedError):
        stream_item(actor=company.actor("employee", "K1"), stream_id=stream.id, item="D-1")
    with pytest.raises(NotFoundError):
        stream_item(actor=company.actor("team_lead", "S1"), stream_id=stream.id, item="D-1")
    answer = company.client("team_lead", "K1").get(f"/streams/{stream.id}/item/?item=D-1")
    assert answer.status_code == 200
    assert Access.objects.everything(because="test").filter(what="flow.item").count() == 1


def test_the_group_floor_hides_what_tells_about_people(company: Company, boss: Actor) -> None:
    # Two people in the whole log: a rate, a cause or a hand-off would tell about one of them.
    few = {f"F-{number}": ("Story", (1, 2, 3, 5, 8, 9)) for number in range(1, 9)}
    desk_stream(company, boss, Few=Source("Few", few, actors=("ann", "ben")))
    small = adopted(boss, "Few", company.unit("K2"))
    found = stream_item(actor=boss, stream_id=small.id, item="F-1")
    assert found.withheld
    assert (found.causes_status, found.causes, found.comparison, found.hand_offs) == ("withheld", (), None, None)
    assert [one.causes for one in found.stays] == [()] * 6
    assert found.clock.days == 6  # the item itself may be seen


def test_hand_offs_are_counted_and_nobody_is_named(company: Company, boss: Actor) -> None:
    many = {f"F-{number}": ("Story", (1, 2, 3, 5, 8, 9)) for number in range(1, 9)}
    people = ("ann", "ann", "ben", "cat", "dan", "eve")
    desk_stream(company, boss, Many=Source("Many", many, actors=people))
    stream = adopted(boss, "Many", company.unit("K2"))
    found = stream_item(actor=boss, stream_id=stream.id, item="F-1")
    assert not found.withheld
    assert found.hand_offs == 4  # ann → ben → cat → dan → eve
    assert not any(name in str(found) for name in ("'ann'", "'ben'", "p-"))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_may_hold_any_sign(company: Company, boss: Actor, name: str) -> None:
    stream = desk_stream(company, boss, Odd=Source("Odd", {name: ("Story", (1, 2, 3, 5))}))
    odd = adopted(boss, "Odd", company.unit("K1"))
    client = company.client("team_lead", "K1")
    listed = client.get(f"/streams/{odd.id}/items/?metric=flow_load").content.decode()
    address = f"/streams/{odd.id}/item/?item="
    assert address in listed
    body = client.get(address + quote(name, safe="")).content.decode()
    assert "<script>alert" not in body
    assert "Open for" in body
    assert stream.id != odd.id


def test_unknown_and_unkeepable_names_are_not_found(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    client = company.client("team_lead", "K1")
    for name in ("", "%00", "nope", "%ff", "x" * 5000):
        assert client.get(f"/streams/{stream.id}/item/?item={name}").status_code == 404


def test_page_file_rest_and_tool_say_the_same(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    client = company.client("team_lead", "K1")
    body = client.get(f"/streams/{stream.id}/item/?item=D-1").content.decode()
    assert "6 days from start to done, 3 days of it waiting, most for approval." in body
    assert "onclick" not in body
    assert " style=" not in body
    file = client.get(f"/streams/{stream.id}/item/?item=D-1&stays.export=csv").content.decode("utf-8-sig")
    assert file.splitlines()[4].startswith("Approval")
    sent = client.get(f"/api/v1/streams/{stream.id}/item?item=D-1").json()
    assert sent["sentence"].startswith("6 days")
    told = tool_named("stream_item").function(boss, stream_id=stream.id, item="D-1")
    assert told.sentence == sent["sentence"]
    german = stream_item(actor=replace(boss, language="de"), stream_id=stream.id, item="D-1")
    assert german.sentence == "6 Tage vom Beginn bis zum Ende, davon 3 Tage wartend, am längsten auf Freigabe."


def test_without_work_states_the_page_does_not_claim_that_nothing_waited(company: Company, boss: Actor) -> None:
    desk_stream(company, boss, Idle=Source("Idle", {"I-1": ("Story", (1, 2, 3))}))
    lake = open_lake(lake_folder())
    set_workflow(lake, "Idle", load_workflow("states: {Backlog: new, Ready: waiting, Doing: waiting, Done: done}"))
    idle = adopted(boss, "Idle", company.unit("K1"))
    found = stream_item(actor=boss, stream_id=idle.id, item="I-1")
    assert (found.clock.policy, found.clock.waiting_days) == ("commitment_to_done", 1)  # the 2nd to the 3rd
    assert (found.causes_status, found.causes) == ("not_told", ())
    assert "no state of this value stream is mapped as work" in found.causes_text
