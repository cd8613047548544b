"""Streams added up and side by side: sums by hand, work at two levels, and who sees what."""

from pathlib import Path

import pytest
from django.test import Client

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.comparison import stream_comparison
from pegel_web.flow.queries.rollup import stream_rollup
from pegel_web.flow.services.declared import declare_stream
from pegel_web.flow.services.streams import change_stream
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.services.products import create_product
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake

MEANING = "states: {Doing: active, Done: done}"


def rows(*items: tuple[str, str, str, str]) -> list[str]:
    """Return a log of items that take from the first to the second day of January: (name, type, parent, last day)."""
    lines = ["item,at,state,type,parent"]
    for name, kind, parent, day in items:
        lines.append(f"{name},2026-01-01T00:00:00Z,Doing,{kind},{parent}")
        if day:
            lines.append(f"{name},2026-01-{day}T00:00:00Z,Done,{kind},{parent}")
    return lines


@pytest.fixture
def two(company: Company, boss: Actor, tmp_path: Path) -> tuple[Stream, Stream]:
    """Return Claims with an epic and its two stories, and Sales with a part of that epic and an item that is open."""
    lake = make_lake(
        tmp_path,
        {
            "Claims": rows(("E-1", "Epic", "", "15"), ("C-1", "Story", "E-1", "05"), ("C-2", "Story", "E-1", "09")),
            "Sales": rows(("S-1", "Story", "E-1", "15"), ("S-2", "Story", "", "")),
        },
        confirmed=False,
    )
    for name in ("Claims", "Sales"):
        set_workflow(lake, name, load_workflow(MEANING))
    return adopted(boss, "Claims", company.unit("K1")), adopted(boss, "Sales", company.unit("S"))


def test_sums_by_hand(boss: Actor, two: tuple[Stream, Stream], company: Company) -> None:
    found = stream_rollup(actor=boss, by="unit", period="all")
    assert [(one.name, one.streams, one.items, one.open, one.nested) for one in found.lines] == [
        ("Motor", 1, 3, 0, 2),  # C-1 and C-2 are parts of E-1, which counts, too
        (two[1].unit_name, 1, 2, 1, 0),  # S-1 is a part of E-1, which is not counted in Sales
    ]
    together = found.together
    assert (together.items, together.nested, together.open) == (5, 3, 1)
    # Claims: 85% of 4, 8 and 14 days lie within 8 + 0.7 × 6 = 12.2 days; Sales: one item of 14 days.
    assert (together.fastest, together.slowest) == pytest.approx((12.2, 14.0))
    assert "5 items in 2 value streams" in found.proof
    assert "3 of them are parts" in found.proof
    parts = [one.finished_per_week for one in found.lines]
    assert together.finished_per_week == pytest.approx(sum(one or 0.0 for one in parts))


def test_declared_types_leave_one_level(boss: Actor, two: tuple[Stream, Stream]) -> None:
    declare_stream(actor=boss, stream_id=two[0].id, declared=Declared(types=("Story",)), revision=0)
    run_waiting_jobs()
    found = stream_rollup(actor=boss, by="unit", period="all")
    assert (found.together.items, found.together.nested) == (4, 0)
    assert "the sums are sums" in found.proof


def test_by_product(boss: Actor, two: tuple[Stream, Stream], company: Company) -> None:
    assert [(one.id, one.name) for one in stream_rollup(actor=boss, by="product").lines] == [
        (None, "without a product")
    ]
    made = create_product(
        actor=boss, code="P1", name="Car insurance", owner_unit_id=company.unit("K1"), valid_from=boss.at.date()
    )
    change_stream(
        actor=boss, stream_id=two[0].id, name="Claims", unit_id=company.unit("K1"), product_id=made.product_id
    )
    found = stream_rollup(actor=boss, by="product")
    assert [(one.name, one.streams) for one in found.lines] == [("Car insurance", 1), ("without a product", 1)]


def test_side_by_side(boss: Actor, two: tuple[Stream, Stream], company: Company) -> None:
    found = stream_comparison(actor=boss, streams=[two[1].id, two[0].id, two[1].id], period="all")
    assert [line.stream.name for line in found.lines] == ["Sales", "Claims"]
    with pytest.raises(InputError):
        stream_rollup(actor=boss, by="person")
    with pytest.raises(NotFoundError):
        stream_comparison(actor=company.actor("team_lead", "K1"), streams=[two[1].id])
    client: Client = company.client("programme_lead")
    page = client.get(f"/streams/compare/?stream={two[0].id}&stream={two[1].id}&period=all").content.decode()
    assert page.index("Claims</th>") < page.index("Sales</th>")
    assert client.get("/streams/compare/?stream=nonsense").status_code == 404
    sheet = client.get("/streams/together/?period=all&rollup.export=csv").content.decode("utf-8-sig")
    assert sheet.splitlines()[1].split(sheet[sheet.index("Unit") + 4])[:2] == ["Motor", "1"]
