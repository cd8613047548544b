"""Between quarters: the three lists per stream and in all, who may see what, and what cannot be said."""

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.contracts.quarters import BetweenQuarters
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.quarters import between_quarters, quarter_items
from pegel_web.flow.services.looking import look_at_quarter_items
from pegel_web.organisation.models import Membership
from pegel_web.privacy.models import Access
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.linked import linked_lake, linked_streams


@pytest.fixture
def linked(company: Company, boss: Actor) -> dict[str, Stream]:
    linked_lake()
    return linked_streams(company, boss)


def figures(found: BetweenQuarters, stream: str) -> dict[str, tuple[object, ...]]:
    line = next(one for one in found.streams if one.stream.name == stream)
    return {one.list: (one.status, one.n, one.of, one.days) for one in line.figures}


def test_the_lists_by_hand(linked: dict[str, Stream], boss: Actor) -> None:
    found = between_quarters(actor=boss)
    assert (found.quarter, found.quarter_name, found.running) == ("2026-Q1", "Q1 2026 (so far)", True)
    # Claims: C-1 to C-4 came in the quarter and began with their first state (unplanned); C-5 was there before, was
    # started on the 12th, changed on the 13th, cancelled on the 14th. Days: 6 + 9 + 7 + 4, and 2.
    assert figures(found, "Claims") == {
        "unplanned_work": ("value", 4, 5, 26.0),
        "changed_work": ("value", 1, 5, 2.0),
        "cancelled_work": ("value", 1, 5, 2.0),
    }
    # IT shows no item before its start and records no changes; nothing of it was ever cancelled or deleted.
    assert {status for status, *_ in figures(found, "IT").values()} == {"not_configured"}
    total = {one.list: (one.n, one.of, one.share) for one in found.total}
    assert total["changed_work"] == (1, 5, 0.2)


def test_a_team_sees_its_own_streams_only(company: Company, linked: dict[str, Stream]) -> None:
    sales = company.actor("team_lead", "S")
    assert [one.stream.name for one in between_quarters(actor=sales).streams] == ["Legal"]
    with pytest.raises(NotFoundError):
        quarter_items(actor=sales, stream_id=linked["Claims"].id, quarter="2026-Q1")
    nobody = company.actor("employee", "C")
    if not nobody.has("flow.stream.view"):
        with pytest.raises(NotAllowedError):
            between_quarters(actor=nobody)


def test_the_items_behind_a_list(company: Company, linked: dict[str, Stream]) -> None:
    lead = company.actor("team_lead", "K1")
    found = look_at_quarter_items(
        actor=lead, stream_id=linked["Claims"].id, quarter="2026-Q1", list_name="changed_work"
    )
    assert [(one.item, one.what, one.days) for one in found.rows] == [("C-5", "priority", 2.0)]
    assert Access.objects.everything(because="test").filter(what="flow.items", unit_id=company.unit("K1")).count() == 1
    client = company.client("team_lead", "K1")
    address = f"/streams/between-quarters/items/?stream={linked['Claims'].id}&quarter=2026-Q1&list=cancelled_work"
    assert "C-5" in client.get(address).content.decode()
    assert "C-5" in client.get(f"{address}&items.export=csv").content.decode()
    api = f"/api/v1/streams/between-quarters/items?stream_id={linked['Claims'].id}&quarter=2026-Q1"
    assert client.get(api).json()["total"] == 4


def test_the_group_floor_hides_counts_and_items(company: Company, linked: dict[str, Stream]) -> None:
    Membership.objects.create(person=company.person("Only"), unit=company.units["K1"], valid_from=FROM)
    lead = company.actor("team_lead", "K1")
    found = between_quarters(actor=lead)
    assert found.left_out == 2
    assert {status for status, *_ in figures(found, "Claims").values()} == {"withheld"}
    assert {n for _, n, *_ in figures(found, "Claims").values()} == {None}
    assert {one.n for one in found.total} == {None}
    with pytest.raises(NotAllowedError):
        quarter_items(actor=lead, stream_id=linked["Claims"].id, quarter="2026-Q1")


def test_another_quarter_and_what_is_none(company: Company, linked: dict[str, Stream], boss: Actor) -> None:
    before = between_quarters(actor=boss, quarter="2025-Q4")
    assert figures(before, "Claims")["unplanned_work"][0] == "no_data"
    assert figures(between_quarters(actor=boss, quarter="2030-Q1"), "Claims") == {}
    for wrong in ("2026", "<script>", "2026-Q5"):
        with pytest.raises(InputError):
            between_quarters(actor=boss, quarter=wrong)
    with pytest.raises(InputError):
        quarter_items(actor=boss, stream_id=linked["Claims"].id, quarter="2026-Q1", list_name="x")
    client = company.client("programme_lead", "C")
    assert client.get("/streams/between-quarters/?quarter=<script>").status_code == 422
    page = client.get("/streams/between-quarters/", headers={"Accept-Language": "de"}).content.decode()
    assert "1. Quartal 2026 (bisher)" in page
    assert "Die Quelle zeichnet Änderungen" in page
    assert client.get("/streams/between-quarters/?changed_work.export=csv").status_code == 200
    assert client.get("/api/v1/streams/between-quarters").json()["quarter"] == "2026-Q1"


def test_without_any_stream_the_page_says_so(company: Company) -> None:
    page = company.client("programme_lead", "C").get("/streams/between-quarters/")
    assert page.status_code == 200
    assert "/streams/" in page.content.decode()
