"""Who waits for whom: each person sees their own streams, all others are "another stream"."""

from pathlib import Path

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.contracts.network import NetworkEdge
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import LakeResult
from pegel_web.flow.queries.dependencies import stream_dependencies
from pegel_web.flow.queries.load_transfer import load_transfer, transfer_choices
from pegel_web.flow.queries.network import dependency_items, network_chart, stream_network
from pegel_web.flow.services.looking import look_at_dependencies, look_at_dependency_items
from pegel_web.organisation.models import Membership
from pegel_web.privacy.models import Access
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.flow.linked import linked_lake, linked_streams, look


@pytest.fixture
def linked(company: Company, boss: Actor) -> dict[str, Stream]:
    linked_lake()
    return linked_streams(company, boss)


def told(edges: tuple[NetworkEdge, ...]) -> set[tuple[object, ...]]:
    return {(one.from_name, one.to_name, one.volume, one.open, one.waited_days) for one in edges}


def test_the_whole_network_by_hand(linked: dict[str, Stream], boss: Actor) -> None:
    found = stream_network(actor=boss)
    assert told(found.edges) == {
        ("IT", "Claims", 2, 1, 7.0), ("Legal", "Claims", 1, 1, 2.0), ("Claims", "Legal", 1, 0, 1.0),
    }  # fmt: skip
    edge = next(one for one in found.edges if one.from_name == "IT")
    # 3 and 4 days: the median lies between them, 85% of the way from 3 to 4.
    assert (edge.p50_days, edge.p85_days) == (pytest.approx(3.5), pytest.approx(3.85))
    assert found.sentence == "Others wait longest for “IT”: 7 days in 2 dependencies."
    assert [(one.name, one.waited_for_days, one.waits_days) for one in found.nodes] == [
        ("IT", 7.0, 0.0), ("Legal", 2.0, 1.0), ("Claims", 1.0, 9.0),
    ]  # fmt: skip
    assert found.circles == (("Claims", "Legal"),)
    chart = network_chart(found, actor=boss)
    assert chart is not None
    assert "IT" in str(chart.specification)


def test_what_a_person_may_not_see_has_no_name(company: Company, linked: dict[str, Stream]) -> None:
    lead = company.actor("team_lead", "K1")
    found = stream_network(actor=lead)
    assert told(found.edges) == {
        ("IT", "Claims", 2, 1, 7.0), ("another stream", "Claims", 1, 1, 2.0), ("Claims", "another stream", 1, 0, 1.0),
    }  # fmt: skip
    assert {one.name for one in found.nodes} == {"IT", "Claims"}
    assert found.circles == ()
    assert "Legal" not in repr(found)
    assert "Legal" not in repr(network_chart(found, actor=lead))
    assert "Legal" not in company.client("team_lead", "K1").get("/streams/network/").content.decode()
    with pytest.raises(NotFoundError):
        dependency_items(actor=lead, from_id=linked["Legal"].id, to_id=linked["Claims"].id)
    with pytest.raises(NotFoundError):
        load_transfer(actor=lead, from_id=linked["IT"].id, to_id=linked["Legal"].id)
    assert {one.name for one in transfer_choices(actor=lead).streams} == {"IT", "Claims"}


def test_the_items_behind_an_edge_and_the_look_that_is_noted(company: Company, linked: dict[str, Stream]) -> None:
    lead = company.actor("team_lead", "K1")
    found = look_at_dependency_items(actor=lead, from_id=linked["IT"].id, to_id=linked["Claims"].id)
    assert [(one.from_item, one.to_item, one.open, one.waited_days) for one in found.rows] == [
        ("I-2", "C-2", True, 4.0), ("I-1", "C-1", False, 3.0),
    ]  # fmt: skip
    assert list(
        Access.objects.everything(because="test").filter(what="flow.items").values_list("unit_id", flat=True)
    ) == [company.unit("K1")]
    with pytest.raises(InputError) as caught:
        dependency_items(actor=lead, from_id=linked["IT"].id, to_id=linked["Claims"].id, kind="<b>" * 500)
    assert caught.value.code == "edge_kind_unknown"
    viewer = company.actor("executive", "C")
    if not any(one.may_see_items for one in stream_network(actor=viewer).edges):
        with pytest.raises(NotAllowedError):
            dependency_items(actor=viewer, from_id=linked["IT"].id, to_id=linked["Claims"].id)


def test_one_stream_its_chain_and_who_may_read_the_items(company: Company, linked: dict[str, Stream]) -> None:
    lead = company.actor("team_lead", "K1")
    found = look_at_dependencies(actor=lead, stream_id=linked["Claims"].id)
    assert told(found.waits_for) == {("IT", "Claims", 2, 1, 7.0), ("another stream", "Claims", 1, 1, 2.0)}
    assert told(found.waited_by) == {("Claims", "another stream", 1, 0, 1.0)}
    # I-3 blocks I-2 since the 5th, I-2 blocks C-2 since the 5th, both until the 14th: 9 + 9 days.
    assert [one.item for one in found.longest] == ["I-3", "I-2", "C-2"]
    assert found.oldest_days == 18.0
    assert Access.objects.everything(because="test").filter(what="flow.items").count() == 1
    sales = company.actor("team_lead", "S")
    theirs = stream_dependencies(actor=sales, stream_id=linked["Legal"].id)
    assert {one.to_name for one in theirs.waited_by} == {"another stream"}
    assert "Claims" not in repr(theirs)
    with pytest.raises(NotFoundError):
        stream_dependencies(actor=sales, stream_id=linked["Claims"].id)


def test_the_group_floor_hides_waiting_and_never_the_count(company: Company, linked: dict[str, Stream]) -> None:
    Membership.objects.create(person=company.person("Only"), unit=company.units["S"], valid_from=FROM)
    boss = company.actor("programme_lead", "C")
    found = stream_network(actor=boss)
    hidden = [one for one in found.edges if one.withheld]
    assert {(one.from_name, one.to_name) for one in hidden} == {("Legal", "Claims"), ("Claims", "Legal")}
    assert {(one.volume, one.waited_days, one.p50_days, one.per_week, one.first_half) for one in hidden} == {
        (1, None, None, None, None)
    }
    legal = next(one for one in found.nodes if one.name == "Legal")
    assert (legal.withheld, legal.waited_for_days, legal.finished_per_week, legal.load) == (True, None, None, 1)
    # The same holds where the small group is one that the person does not see.
    lead = stream_network(actor=company.actor("team_lead", "K1"))
    assert {one.waited_days for one in lead.edges if "another stream" in (one.from_name, one.to_name)} == {None}
    cases = dependency_items(actor=boss, from_id=linked["Legal"].id, to_id=linked["Claims"].id)
    assert [one.waited_days for one in cases.rows] == [None]
    outcome = load_transfer(actor=boss, from_id=linked["Legal"].id, to_id=linked["IT"].id)
    assert (outcome.status, outcome.sides, outcome.weeks) == ("withheld", (), 0)
    body = company.client("programme_lead", "C").get(f"/streams/{linked['Legal'].id}/dependencies/").content.decode()
    assert "group floor" in body


def test_it_is_computed_once_per_change_and_says_when_it_is_not(company: Company, boss: Actor) -> None:
    before = stream_network(actor=boss)
    assert (before.status, before.edges, before.freshness) == ("no_data", (), None)
    assert (
        "has not been computed yet" in company.client("programme_lead", "C").get("/streams/network/").content.decode()
    )
    linked_lake()
    linked_streams(company, boss)
    version = LakeResult.objects.get().lake_version
    look(boss)
    assert LakeResult.objects.get().lake_version == version
    found = stream_network(actor=boss)
    assert found.freshness is not None
    assert not found.freshness.stale


def test_without_links_it_is_not_configured(company: Company, boss: Actor) -> None:
    linked_lake(links=[])
    streams = linked_streams(company, boss)
    found = stream_network(actor=boss)
    assert (found.status, found.edges) == ("not_configured", ())
    assert "holds no links" in found.sentence
    client = company.client("programme_lead", "C")
    for address in ("/streams/network/", f"/streams/{streams['IT'].id}/dependencies/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "holds no links" in page.content.decode()


def test_moving_load_says_what_it_assumes_and_refuses_nonsense(company: Company, boss: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Claims": rows_of_weeks(), "Sales": rows_of_weeks(prefix="S")})
    one, other = adopted(boss, "Claims", company.unit("K1")), adopted(boss, "Sales", company.unit("S"))
    look(boss)
    found = load_transfer(actor=boss, from_id=one.id, to_id=other.id, items_per_week=2)
    assert found.status == "value"
    assert [side.name for side in found.sides] == ["Claims", "Sales", "Both together"]
    load = {side.name: side.measures[0] for side in found.sides}
    assert load["Sales"].difference.middle is not None
    assert load["Sales"].difference.middle > 0
    assert len(found.assumptions) == 6
    client = company.client("programme_lead", "C")
    asked = f"/streams/network/what-if/?from={one.id}&to={other.id}&items=2&capacity=0"
    page = client.get(asked).content.decode()
    assert "An item takes the same effort" in page
    assert "onclick" not in page
    assert client.get(f"{asked}&transfer.export=csv")["Content-Type"].startswith("text/csv")
    assert client.get("/streams/network/what-if/").status_code == 200
    for wrong in ("items=0", "items=-1", "items=x", "items=99999", "items=1&capacity=101", "items=1e9"):
        refused = client.get(f"/streams/network/what-if/?from={one.id}&to={other.id}&{wrong}")
        assert refused.status_code == 422, wrong
        assert "in whole numbers" in refused.content.decode()
    assert client.get(f"/streams/network/what-if/?from={one.id}&to={one.id}&items=1").status_code == 422
    assert client.get("/streams/network/what-if/?from=<b>&to=&items=1").status_code == 404


def test_rest_and_tools_give_the_same_answer(company: Company, linked: dict[str, Stream], boss: Actor) -> None:
    client = company.client("programme_lead", "C")
    rest = client.get("/api/v1/streams/network").json()
    assert {(one["from_name"], one["to_name"], one["volume"]) for one in rest["edges"]} == {
        ("IT", "Claims", 2), ("Legal", "Claims", 1), ("Claims", "Legal", 1),
    }  # fmt: skip
    asked = f"from_id={linked['IT'].id}&to_id={linked['Claims'].id}"
    assert client.get(f"/api/v1/streams/network/items?{asked}").json()["total"] == 2
    # Two weeks of data say nothing about the next 26.
    assert client.get(f"/api/v1/streams/network/what-if?{asked}").json()["status"] == "no_data"
    one = client.get(f"/api/v1/streams/{linked['Claims'].id}/dependencies").json()
    assert [link["item"] for link in one["longest"]] == ["I-3", "I-2", "C-2"]
    file = client.get("/streams/network/?edges.export=csv").content.decode()
    assert "IT" in file
    page = company.client("programme_lead", "C")
    german = page.get("/streams/network/", headers={"Accept-Language": "de"}).content.decode()
    assert "Am längsten warten andere auf" in german
