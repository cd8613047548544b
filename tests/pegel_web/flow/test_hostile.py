"""Names and addresses that nobody should use, and somebody will."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.pages.tabs import PAGES
from pegel_web.flow.queries.items import stream_items
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.services.streams import adopt_stream, change_stream
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks

SCRIPT = "<script>alert(1)</script>"
NAMES = [
    SCRIPT,
    '=cmd|"/c calc"!A1',
    "a/b?c=d&e#f",
    "\u202eevil\u202c",
    "ÄÖÜ 漢字 🌊",
    "x" * 300,
    'it\'s "quoted"',
    "{n} %s {{ 7|add:7 }}",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_may_be_called_anything(company: Company, boss: Actor, tmp_path: Path, name: str) -> None:
    if not name.isprintable():
        # Signs that turn the direction of writing come no further than the import.
        with pytest.raises(InputError) as refused:
            make_lake(tmp_path, {name: rows_of_weeks(6)})
        assert refused.value.code == "stream_name_unusable"
        return
    make_lake(tmp_path, {name: rows_of_weeks(6, prefix=SCRIPT)})
    made = adopted(boss, name, company.unit("K1"))
    assert stream_report(actor=boss, stream_id=made.id).content is not None
    client = company.client("team_lead", "K1")
    for address in (
        "/streams/", f"/streams/{made.id}/", f"/streams/{made.id}/items/?metric=time_in_state&state=Review&period=all",
        f"/streams/{made.id}/change/", "/streams/?streams.export=csv", f"/streams/{made.id}/?ageing.export=csv",
        "/streams/network/", "/streams/together/", *(reverse(page, args=[made.id]) for page, _ in PAGES),
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200
        body = answer.content.decode()
        assert SCRIPT not in body or "export" in address
        assert "\n=cmd" not in body
        assert "14" not in made.name


#: What stands behind the "?" of a page, and how it answers.
STREAM_QUESTIONS = [
    ("period=13w", 200), ("period=", 200), ("period=14w", 422), ("period=%00", 422), ("period=" + "9" * 5000, 422),
    ("policy=commitment_to_done", 200), ("policy=nothing", 422), ("policy=../../etc/passwd", 422),
    ("states.sort=-days&states.page=999999999999", 200), ("job=%FF", 200),
]  # fmt: skip
ITEM_QUESTIONS = [
    ("metric=late", 200, None), ("metric=nothing", 422, None), ("metric=" + "x" * 100_000, 422, None),
    ("state=%00", 200, 0), ("state=" + "x" * 10_000, 200, 0), ("state=" + SCRIPT, 200, 0),
    ("metric=time_in_state&state=Review", 200, None), ("metric=flow_load&state=Review", 200, None),
]  # fmt: skip


def test_addresses_of_pages(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    for question, status in STREAM_QUESTIONS:
        assert (client.get(f"/streams/{claims.id}/?{question}").status_code, question[:40]) == (status, question[:40])
    for asked, status, total in ITEM_QUESTIONS:
        answer = client.get(f"/streams/{claims.id}/items/?{asked}")
        assert (answer.status_code, asked[:40]) == (status, asked[:40])
        body = answer.content.decode()
        assert ("No items" in body) == (total == 0)
        assert SCRIPT not in body


def test_unknown_things_are_not_there(company: Company, claims: Stream) -> None:
    client = company.client("programme_lead", "C")
    assert client.get(f"/streams/{uuid4()}/").status_code == 404
    assert client.get("/definitions/nothing/").status_code == 404
    assert client.get(reverse("metric_definition", args=["x" * 5000])).status_code == 404
    assert client.get("/streams/?period=x").status_code == 422


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "stream_name_missing"), (" \n\0 ", "stream_name_missing"), ("x" * 201, "stream_name_too_long")],
)
def test_names_that_are_none(company: Company, claims: Stream, boss: Actor, name: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        adopt_stream(actor=boss, lake_name="Sales", name=name, unit_id=company.unit("K1"))
    assert refused.value.code == code
    with pytest.raises(InputError):
        change_stream(actor=boss, stream_id=claims.id, name=name, unit_id=company.unit("K1"))


def test_a_form_says_what_is_wrong(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = "/streams/adopt/one/?lake_name=Sales"
    assert client.get(address).status_code == 200
    empty = client.post(address, {"name": "", "unit": ""})
    assert empty.status_code == 422
    foreign = client.post(address, {"name": "Sales", "unit": str(company.unit("K2"))})
    assert foreign.status_code == 422
    gone = client.post("/streams/adopt/one/?lake_name=Gone", {"name": "Gone", "unit": str(company.unit("K1"))})
    assert "holds no stream named" in gone.content.decode()
    made = client.post(address, {"name": "Sales", "unit": str(company.unit("K1"))})
    assert made.status_code == 302
    again = client.post(address, {"name": "Sales", "unit": str(company.unit("K1"))})
    assert "answers for" in again.content.decode()


def test_files_are_whole_and_harmless(company: Company, boss: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Claims": rows_of_weeks(30, prefix="=cmd")})
    made = adopted(boss, "Claims", company.unit("K1"))
    client = company.client("team_lead", "K1")
    answer = client.get(f"/streams/{made.id}/items/?metric=flow_time&period=all&items.export=csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    total = stream_items(actor=boss, stream_id=made.id, metric="flow_time", selection=Selection(period="all")).total
    assert len(lines) == total + 1
    assert all(line.startswith("'=cmd") for line in lines[1:])
    overview = client.get("/streams/?streams.export=csv").content.decode("utf-8-sig").splitlines()
    assert len(overview) == 2
    assert overview[1].startswith("Claims,Motor,")
