"""The desk: ages, limits, the order of pulling and decisions on new work, by hand, per role, on every interface."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.core.tools import tool_named
from pegel_web.flow.computing.pull_order import Waiting, pull_order
from pegel_web.flow.queries.desk import own_desks, stream_desk
from pegel_web.flow.services.desk import decide_inflow, value_item
from tests.pegel_web.company import AT, Company
from tests.pegel_web.flow.desks import Source, declared, desk_stream
from tests.pegel_web.flow.lakes import adopted

TODAY = AT.date()


def names(step) -> list[str]:
    return [one.item for one in step.candidates]


def test_the_order_is_value_per_time_then_age_and_blocked_last() -> None:
    order = pull_order([
        Waiting(item="old", age_days=30), Waiting(item="young", age_days=2), Waiting(item="twin", age_days=30),
        Waiting(item="five", age_days=1, points=5, typical_days=10),  # 0.5 a day
        Waiting(item="three", age_days=1, points=3, typical_days=2),  # 1.5 a day
        Waiting(item="dear", age_days=0, cost_of_delay=10, typical_days=100),  # money before points
        Waiting(item="free", age_days=0, cost_of_delay=0, typical_days=1),
        Waiting(item="stuck", age_days=99, cost_of_delay=10_000, typical_days=1, held=True),
        Waiting(item="quick", age_days=1, points=1, typical_days=0),  # an hour at least: 24 a day
    ])  # fmt: skip
    assert [one.waiting.item for one in order] == [
        "dear", "free", "quick", "three", "five", "old", "twin", "young", "stuck"
    ]  # fmt: skip
    assert [one.score for one in order] == [0.1, 0, 24, 1.5, 0.5, None, None, None, 10_000]
    assert [one.position for one in order] == list(range(1, 10))
    assert pull_order(reversed([one.waiting for one in order])) == order  # the order given does not matter
    assert pull_order([]) == ()


def test_the_desk_says_what_ages_and_what_comes_next(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    found = stream_desk(actor=boss, stream_id=stream.id)
    # Left Approval at age 5, Doing at age 2: 14 of 5 is later than 3 of 2.
    assert [(one.item, one.age_days, one.pace, one.p85) for one in found.ageing] == [
        ("K-1", 14, "beyond_p85", 5), ("K-2", 3, "beyond_p85", 2)
    ]  # fmt: skip
    assert (found.late, found.load.open, found.load.limit, found.load.not_started) == (2, 2, None, 4)
    assert found.ageing[1].held == "flag: supplier"
    assert [(one.item, one.waited_days) for one in found.inflow.candidates] == [
        ("K-3", 9), ("K-4", 5), ("K-9", 0), ("K-5", 3)
    ]  # fmt: skip
    assert found.inflow.room == "not_configured"
    assert found.inflow.candidates[3].held == "waits for K-1"
    assert found.inflow.candidates[0].typical_days == 6
    assert [(one.state, one.room, names(one)) for one in found.steps] == [("Release", "not_configured", ["K-1"])]
    assert [(one.state, one.open, one.limit) for one in found.states] == [
        ("Backlog", 3, None), ("Ready", 1, None), ("Doing", 1, None), ("Approval", 1, None)
    ]  # fmt: skip


def test_limits_say_over_full_and_free(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    limits = [{"state": "Backlog", "limit": 2}, {"state": "Doing", "limit": 1}, {"state": "Release", "limit": 2}]
    declared(stream, boss, load_limit=1, state_limits=limits)
    found = stream_desk(actor=boss, stream_id=stream.id)
    assert (found.load.over, found.load.free, found.inflow.room) == (1, 0, "full")
    assert {one.state: (one.over, one.free) for one in found.states if one.limit} == {
        "Backlog": (1, 0), "Doing": (0, 0), "Release": (0, 2)
    }  # fmt: skip
    assert found.steps[0].room == "free"
    desk = next(one for one in own_desks(actor=boss) if one.stream.id == stream.id)
    assert (desk.late, desk.over, desk.not_started) == (2, 1, 4)


def test_value_moves_an_item_and_the_newest_statement_counts(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    manager = company.actor("product_manager", "K1")
    value_item(actor=manager, stream_id=stream.id, item="K-4", points=3, reason="Promised")
    found = stream_desk(actor=boss, stream_id=stream.id)
    assert names(found.inflow)[:2] == ["K-4", "K-3"]
    assert found.inflow.candidates[0].why == "3 points, usually takes 6 days: 0.5 points per day."
    value_item(actor=boss, stream_id=stream.id, item="K-9", cost_of_delay=Decimal("60.50"), reason="Penalty")
    found = stream_desk(actor=boss, stream_id=stream.id)
    assert names(found.inflow) == ["K-9", "K-4", "K-3", "K-5"]
    assert found.mixed_scales
    told = value_item(actor=boss, stream_id=stream.id, item="K-9", points=1, reason="No penalty after all")
    assert [(one.points, one.cost_of_delay) for one in told.values] == [(1, None), (None, 60.5)]
    assert names(stream_desk(actor=boss, stream_id=stream.id).inflow) == ["K-4", "K-9", "K-3", "K-5"]


def test_a_decision_keeps_its_place_and_whether_it_overrides(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    manager = company.actor("product_manager", "K1")

    def decide(item: str, decision: str, **more):
        return decide_inflow(
            actor=manager, stream_id=stream.id, item=item, decision=decision, reason="Because", **more
        ).decisions[0]

    first = decide("K-3", "pull", outcome="Fewer calls")
    assert (first.position, first.of, first.override, first.outcome) == (1, 4, False, "Fewer calls")
    assert (decide("K-9", "pull").position, decide("K-5", "pull").override) == (2, True)  # K-4 first; K-5 is blocked
    held_back = decide("K-4", "defer", until_date=TODAY + timedelta(days=7))
    assert (held_back.position, held_back.override) == (1, True)  # it was the first and only one
    found = stream_desk(actor=boss, stream_id=stream.id)
    assert names(found.inflow) == []
    assert [(one.item, one.override, one.started) for one in found.decisions] == [
        ("K-4", True, False), ("K-5", True, False), ("K-9", True, False), ("K-3", False, False)
    ]  # fmt: skip
    later = company.actor("product_manager", "K1", at=AT + timedelta(days=7))
    assert names(stream_desk(actor=later, stream_id=stream.id).inflow) == ["K-4"]
    entries = AuditEntry.objects.everything(because="test").filter(event="flow.inflow.decided")
    assert entries.count() == 4
    assert not any("Because" in str(one.after) for one in entries)


def test_pulling_into_a_full_stream_is_an_override(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    declared(stream, boss, load_limit=2)
    found = decide_inflow(actor=boss, stream_id=stream.id, item="K-3", decision="pull", reason="Urgent")
    assert (found.decisions[0].position, found.decisions[0].override) == (1, True)
    kept = decide_inflow(actor=boss, stream_id=stream.id, item="K-4", decision="refuse", reason="No room")
    assert not kept.decisions[0].override  # there is no room: holding the first one back is no departure


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"decision": "maybe"}, "inflow_unknown"),
        ({"reason": " "}, "text_missing"),
        ({"reason": "x" * 2001}, "text_too_long"),
        ({"decision": "defer"}, "defer_without_day"),
        ({"decision": "defer", "until_date": TODAY}, "defer_day_outside"),
        ({"decision": "defer", "until_date": date(9999, 12, 31)}, "defer_day_outside"),
        ({"until_date": TODAY + timedelta(days=1)}, "until_without_defer"),
        ({"item": "a\0b"}, "item_name_unkeepable"),
    ],
)
def test_wrong_decisions_are_refused(company: Company, boss: Actor, more: dict, code: str) -> None:
    stream = desk_stream(company, boss)
    asked = {"item": "K-3", "decision": "pull", "reason": "Because", **more}
    with pytest.raises(InputError, match=code):
        decide_inflow(actor=boss, stream_id=stream.id, **asked)


def test_only_what_is_open_and_new_is_decided_on(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    with pytest.raises(ConflictError, match="item_started_already"):
        decide_inflow(actor=boss, stream_id=stream.id, item="K-1", decision="refuse", reason="No")
    for item in ("D-1", "nope"):
        with pytest.raises(NotFoundError, match="item_unknown"):
            decide_inflow(actor=boss, stream_id=stream.id, item=item, decision="refuse", reason="No")
    for more in ({}, {"points": 1, "cost_of_delay": Decimal(1)}):
        with pytest.raises(InputError, match="value_not_one"):
            value_item(actor=boss, stream_id=stream.id, item="K-3", reason="No", **more)
    with pytest.raises(InputError, match="value_points_outside"):
        value_item(actor=boss, stream_id=stream.id, item="K-3", reason="No", points=6)
    with pytest.raises(InputError, match="amount_invalid"):
        value_item(actor=boss, stream_id=stream.id, item="K-3", reason="No", cost_of_delay=Decimal(-1))


def test_who_may_see_and_who_may_decide(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    for role, unit, sees, decides in (
        ("team_lead", "K1", True, True),
        ("product_manager", "K1", True, True),
        ("programme_lead", "C", True, True),
        ("department_lead", "K", True, False),
        ("employee", "K1", False, False),
        ("team_lead", "S1", False, False),
        ("works_council", "C", False, False),
    ):
        actor = company.actor(role, unit)
        if sees:
            assert stream_desk(actor=actor, stream_id=stream.id).may_decide is decides
        else:
            with pytest.raises((NotAllowedError, NotFoundError)):
                stream_desk(actor=actor, stream_id=stream.id)
        if not decides:
            with pytest.raises((NotAllowedError, NotFoundError)):
                decide_inflow(actor=actor, stream_id=stream.id, item="K-3", decision="pull", reason="Mine")
            with pytest.raises((NotAllowedError, NotFoundError)):
                value_item(actor=actor, stream_id=stream.id, item="K-3", points=5, reason="Mine")
            assert all(one.stream.id != stream.id for one in own_desks(actor=actor))


def test_the_group_floor_hides_percentiles_and_usual_times(company: Company, boss: Actor) -> None:
    few = {f"F-{n}": ("Story", (1, 2, 3, 5, 8, 9)) for n in range(1, 9)}
    few |= {"F-20": ("Story", (10, 11, 12)), "F-30": ("Story", (20,))}
    desk_stream(company, boss, Few=Source("Few", few, actors=("ann", "ben")))
    small = adopted(boss, "Few", company.unit("K2"))
    found = stream_desk(actor=boss, stream_id=small.id)
    assert found.withheld
    assert [(one.item, one.pace, one.p50, one.p85) for one in found.ageing] == [("F-20", None, None, None)]
    assert [one.typical_days for one in found.inflow.candidates] == [None]
    assert found.load.law == ""
    assert next(one.late for one in own_desks(actor=boss) if one.stream.id == small.id) is None


def test_from_the_page_to_a_decision_without_scripts(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    client = company.client("product_manager", "K1")
    assert f"/streams/{stream.id}/desk/" in client.get("/").content.decode()
    body = client.get(f"/streams/{stream.id}/desk/").content.decode()
    assert f"/streams/{stream.id}/desk/item/?item=K-3" in body
    assert "change nothing in your tool" in body
    address = f"/streams/{stream.id}/desk/decide/?item=K-3"
    wrong = client.post(address, {"decision": "defer", "reason": "Later", "until_date": ""})
    assert wrong.status_code == 422
    assert "Until when is it deferred?" in wrong.content.decode()
    done = client.post(address, {"decision": "pull", "reason": "<b>Calls</b> cost us", "until_date": "", "outcome": ""})
    assert (done.status_code, done["Location"]) == (302, f"/streams/{stream.id}/desk/item/?item=K-3")
    body = client.get(done["Location"]).content.decode()
    assert "&lt;b&gt;Calls&lt;/b&gt; cost us" in body
    valued = client.post(f"/streams/{stream.id}/desk/value/?item=K-4",
                         {"points": "", "cost_of_delay": "12,5", "reason": "Fine"})  # fmt: skip
    assert valued.status_code == 302
    file = client.get(f"/streams/{stream.id}/desk/?decisions.export=csv").content.decode("utf-8-sig")
    assert "K-3" in file
    lead = company.client("department_lead", "K")
    assert "<form class" not in lead.get(f"/streams/{stream.id}/desk/item/?item=K-4").content.decode().split("<main")[1]
    assert lead.post(f"/streams/{stream.id}/desk/decide/?item=K-4", {}).status_code == 403


def test_rest_and_tools_say_the_same(company: Company, boss: Actor) -> None:
    stream = desk_stream(company, boss)
    client = company.client("product_manager", "K1")
    base = f"/api/v1/streams/{stream.id}/desk"
    sent = {"item": "K-3", "decision": "refuse", "reason": "Not ours"}
    made = client.post(f"{base}/decisions", sent, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["decisions"][0]["override"] is True
    valued = client.post(f"{base}/values", {"item": "K-4", "points": 5, "reason": "x"}, content_type="application/json")
    assert valued.status_code == 201
    seen = client.get(base).json()
    assert [one["item"] for one in seen["inflow"]["candidates"]] == ["K-4", "K-9", "K-5"]
    told = tool_named("stream_desk").function(company.actor("product_manager", "K1"), stream_id=stream.id)
    assert [one.item for one in told.inflow.candidates] == ["K-4", "K-9", "K-5"]
    assert client.get(f"{base}/item?item=K-4").json()["values"][0]["points"] == 5
