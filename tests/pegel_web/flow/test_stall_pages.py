"""The pages, REST and MCP of reports that work stalls: without scripts, in both languages, whatever people write."""

import json

import pytest

from pegel_web.core.tools import tool_named
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StallReport, StallVoice
from pegel_web.flow.services.stalls import report_stall
from tests.pegel_web.company import Company

HOSTILE = '<script>alert(1)</script> =cmd|"/c calc"!A1 {{ 7|add:7 }} %s ÄÖÜ 漢字 🌊'
SENT = {"state": "Review", "friction": "approval", "why": "Signed on Fridays", "often": "", "hours_per_week": ""}


def test_from_the_first_page_to_an_answer_without_scripts(company: Company, claims: Stream) -> None:
    employee, lead = company.client("employee", "K1"), company.client("team_lead", "K1")
    assert "/stalls/" in employee.get("/").content.decode()
    desk = employee.get("/stalls/").content.decode()
    assert f"/streams/{claims.id}/stalls/?state=Review#report" in desk
    assert "<b>" not in desk
    # No figures stand where everybody chooses.
    assert "%" not in desk.split('id="places"')[1].split("</section>")[0]
    page = employee.get(f"/streams/{claims.id}/stalls/?state=Review").content.decode()
    assert '<option value="Review" selected>' in page
    assert "Your name is shown to nobody" in page
    assert "onclick" not in page
    assert " style=" not in page
    made = employee.post(f"/streams/{claims.id}/stalls/report/", SENT)
    assert made.status_code == 302
    address = made["Location"]
    assert "This is your report" in employee.get(address).content.decode()
    assert "1 report waits for your answer" in lead.get("/").content.decode()
    shown = lead.get(address).content.decode()
    assert "Signed on Fridays" in shown
    assert company.people["employee-K1"].pseudonym not in shown
    empty = lead.post(f"{address}answer/", {"text": "", "plan": ""})
    assert empty.status_code == 422
    assert lead.post(f"{address}answer/", {"text": "Seen", "plan": "Daily"}).status_code == 302
    assert "Your report was answered" in employee.get("/").content.decode()
    assert "Daily" in employee.get(address).content.decode()
    unfounded = lead.post(f"{address}close/", {"outcome": "no_change", "text": ""})
    assert (unfounded.status_code, "There is no text here" in unfounded.content.decode()) == (422, True)
    assert lead.post(f"{address}close/", {"outcome": "done", "text": ""}).status_code == 302
    assert employee.post(f"{address}reopen/", {"text": "Still"}).status_code == 302
    assert "1 report waits for your answer" in lead.get("/").content.decode()
    stale = lead.post(f"{address}close/", {"outcome": "done", "text": ""})
    assert stale.status_code == 409


def test_the_state_table_leads_to_the_form(company: Company, claims: Stream) -> None:
    client = company.client("employee", "K1")
    address = f"/streams/{claims.id}/stalls/?state=Review#report"
    assert address in client.get(f"/streams/{claims.id}/").content.decode()
    assert "report" not in client.get(f"/streams/{claims.id}/?states.export=csv").content.decode("utf-8-sig").lower()
    assert f"/streams/{claims.id}/stalls/" in client.get(f"/streams/{claims.id}/").content.decode()


def test_me_too_is_one_click_and_counts_once(company: Company, claims: Stream) -> None:
    author = company.actor("employee", "K1")
    made = report_stall(actor=author, stream_id=claims.id, state="Review", friction="approval", why="Fridays")
    client = company.client("product_manager", "K1")
    page = client.get(f"/streams/{claims.id}/stalls/").content.decode()
    assert f"/stalls/{made.id}/join/" in page
    assert "fewer than 5" in page
    other = company.client("champion", "K1").get(f"/streams/{claims.id}/stalls/").content.decode()
    assert "Fridays" not in other
    assert client.post(f"/stalls/{made.id}/join/").status_code == 302
    twice = client.post(f"/stalls/{made.id}/join/", follow=True).content.decode()
    assert "You have said so already" in twice
    assert StallVoice.objects.everything(because="test").count() == 1
    assert client.get(f"/stalls/{made.id}/join/").status_code == 405


def test_whatever_people_write(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    made = client.post(f"/streams/{claims.id}/stalls/report/", {**SENT, "why": HOSTILE})
    for address in (made["Location"], "/stalls/", f"/streams/{claims.id}/stalls/", "/"):
        body = client.get(address).content.decode()
        assert "<script>alert" not in body
    client.post(f"/streams/{claims.id}/stalls/report/", {**SENT, "why": '=cmd|"/c calc"!A1'})
    file = client.get(f"/streams/{claims.id}/stalls/?reports.export=csv").content.decode("utf-8-sig")
    assert ",=cmd" not in file
    assert ',"=cmd' not in file


@pytest.mark.parametrize(
    "odd",
    [
        {"state": ""},
        {"state": "Nowhere"},
        {"friction": ""},
        {"friction": "x"},
        {"why": " "},
        {"why": "x" * 1001},
        {"why": "a\x00b"},
        {"hours_per_week": "many"},
        {"hours_per_week": "-1"},
        {"hours_per_week": "1e99"},
        {"often": "never"},
    ],
)
def test_what_cannot_be_meant_stands_beside_its_field(company: Company, claims: Stream, odd: dict[str, str]) -> None:
    client = company.client("employee", "K1")
    answer = client.post(f"/streams/{claims.id}/stalls/report/", {**SENT, **odd})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="error"' in body
    assert not StallReport.objects.everything(because="test").exists()


def test_hours_as_germans_write_them(company: Company, claims: Stream) -> None:
    client = company.client("employee", "K1")
    headers = {"Accept-Language": "de"}
    sent = {**SENT, "hours_per_week": "1,5"}
    assert client.post(f"/streams/{claims.id}/stalls/report/", sent, headers=headers).status_code == 302
    assert StallReport.objects.everything(because="test").get().hours_per_week == 1.5


def test_programs_and_agents_get_the_same(company: Company, claims: Stream) -> None:
    client, actor = company.client("team_lead", "K1"), company.actor("team_lead", "K1")

    def send(address: str, **body: object) -> dict[str, object]:
        answer = client.post(f"/api/v1{address}", json.dumps(body), content_type="application/json")
        assert answer.status_code in (200, 201), answer.content
        found: dict[str, object] = answer.json()
        return found

    made = send(f"/streams/{claims.id}/stalls", state="Review", friction="approval", why="Fridays")
    named = {"stall_id": str(made["id"])}
    assert made == tool_named("stall").call(actor, named) == client.get(f"/api/v1/stalls/{made['id']}").json()
    found = client.get(f"/api/v1/streams/{claims.id}/stalls").json()
    told = tool_named("stream_stalls").call(actor, {"stream_id": str(claims.id)})
    assert told["comparison"] == found["comparison"]
    assert (found["comparison"][0]["state"], found["comparison"][0]["case"]) == ("Review", "reported_measured")
    assert client.get("/api/v1/stalls").json() == tool_named("stall_desk").call(actor, {})
    other = tool_named("report_stall").call(
        actor, {"stream_id": str(claims.id), "state": "", "friction": "other", "why": "By letter"}
    )
    assert other["state_name"] == "another step, not in the data"
    assert send(f"/stalls/{made['id']}/answer", text="Seen")["status"] == "answered"
    assert tool_named("close_stall").call(actor, {**named, "outcome": "done"})["status"] == "closed"
    assert send(f"/stalls/{made['id']}/reopen")["status"] == "open"
    wrong = client.post(
        f"/api/v1/streams/{claims.id}/stalls",
        json.dumps({"state": "Nowhere", "friction": "other", "why": "x"}),
        content_type="application/json",
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "stall_state_unknown")


@pytest.mark.parametrize(("language", "words"), [("de", "Gesagt und gemessen"), ("en", "Said and measured")])
def test_both_languages(company: Company, claims: Stream, language: str, words: str) -> None:
    client = company.client("team_lead", "K1")
    headers = {"Accept-Language": language}
    made = client.post(f"/streams/{claims.id}/stalls/report/", SENT, headers=headers)
    assert words in client.get(f"/streams/{claims.id}/stalls/", headers=headers).content.decode()
    for address in (made["Location"], "/stalls/", "/"):
        assert client.get(address, headers=headers).status_code == 200
