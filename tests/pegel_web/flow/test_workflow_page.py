"""The page, REST and MCP of what the states mean: one answer, without scripts too, whatever the states are called."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from pegel.lake.workflows import workflow_versions, workflows
from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool_named
from pegel_web.flow import workflow_form
from pegel_web.flow.pages import workflow as pages
from pegel_web.flow.queries.workflow import stream_workflow
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake
from tests.pegel_web.flow.tiny import tiny_stream

HOSTILE = [
    "<script>alert(1)</script>", '=cmd|"/c calc"!A1', '" onmouseover="alert(1)', "{n} %s {{ 7|add:7 }}", "ÄÖÜ 漢字 🌊",
    "it's & that", "x" * 300, '["a", null]',
]  # fmt: skip


def form_of(body: str) -> dict[str, str]:
    """Return what a browser would send of the form as it stands."""
    sent: dict[str, str] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', body):
        sent.setdefault(unescape(name), unescape(value))
    for name, inside in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', inside)
        sent[name] = "" if chosen is None else unescape(chosen[1])
    return sent


def number_of(sent: dict[str, str], state: str) -> str:
    return next(
        name.removeprefix("row-")
        for name, value in sent.items()
        if name[:4] == "row-" and json.loads(value)[0] == state
    )


def test_from_the_page_to_a_new_version_without_scripts(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    assert address in client.get(f"/streams/{stream.id}/").content.decode()
    body = client.get(address).content.decode()
    assert "onclick" not in body
    assert " style=" not in body
    sent = form_of(body)
    number = number_of(sent, "Review")
    assert sent[f"category-{number}"] == "active"
    chosen = {**sent, f"category-{number}": "waiting", f"friction-{number}": "approval"}
    shown = client.post(f"{address}effect/", chosen).content.decode()
    assert "This moves 62% of the time" in shown
    assert "85%" in shown  # flow efficiency as it is: 11 of 13 days
    assert "23%" in shown  # and then: 3 of 13
    kept = form_of(shown)
    assert (kept[f"category-{number}"], kept[f"friction-{number}"]) == ("waiting", "approval")
    assert 'class="chosen"' in shown
    assert len(workflow_versions(lake, "Tiny")) == 1
    saved = client.post(f"{address}confirm/", kept)
    assert (saved.status_code, saved["Location"]) == (302, address)
    after = client.get(address).content.decode()
    assert "Version 2 is in force" in after
    assert form_of(after)[f"category-{number}"] == "waiting"
    back = client.post(f"{address}restore/", {"version": "1", "revision": sent_revision(after)})
    assert back.status_code == 302
    assert "brings back version 1" in client.get(address).content.decode()
    older = client.get(f"{address}?version=2").content.decode()
    assert "This is version 2" in older
    assert "<select" not in older


def sent_revision(body: str) -> str:
    return form_of(body)["revision"]


def test_with_scripts_only_the_panel_comes_back(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    sent = form_of(client.get(address).content.decode())
    number = number_of(sent, "Review")
    headers = {"HX-Request": "true"}
    same = client.post(f"{address}effect/", sent, headers=headers).content.decode()
    assert "nothing changes" in same
    assert "<html" not in same
    moved = client.post(f"{address}effect/", {**sent, f"category-{number}": "waiting"}, headers=headers)
    assert "This moves 62% of the time" in moved.content.decode()
    odd = client.post(f"{address}effect/", {**sent, f"category-{number}": "busy"}, headers=headers)
    assert (odd.status_code, "is no word of a mapping" in odd.content.decode()) == (200, True)
    late = client.post(f"{address}effect/", {**sent, "revision": "1-0"}, headers=headers).content.decode()
    assert "has changed since you opened this page" in late


def test_a_conflict_keeps_the_choices_and_shows_what_holds_now(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    sent = form_of(client.get(address).content.decode())
    review, parked = (number_of(sent, one) for one in ("Review", "Parked"))
    client.post(f"{address}confirm/", {**sent, f"category-{parked}": "waiting"})
    late = client.post(f"{address}confirm/", {**sent, f"category-{review}": "waiting"})
    assert late.status_code == 409
    body = late.content.decode()
    assert "Somebody has changed the meaning" in body
    again = form_of(body)
    assert again["revision"] != sent["revision"]
    assert again[f"category-{number_of(again, 'Review')}"] == "waiting"
    assert client.post(f"{address}confirm/", again).status_code == 302
    assert len(workflow_versions(lake, "Tiny")) == 3
    # Neither change is lost: what somebody did not touch is not sent back as it was before.
    meant = {one.state: one.category for one in workflows(lake)["Tiny"].rules}
    assert meant == {"Doing": "active", "Review": "waiting", "Done": "done", "Parked": "waiting"}
    tried = client.post(f"{address}effect/", sent)
    assert (tried.status_code, "Somebody has changed" in tried.content.decode()) == (409, True)
    restored = client.post(f"{address}restore/", {"version": "1", "revision": sent["revision"]})
    assert restored.status_code == 409


def test_readers_read_and_take_a_file(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("employee", "K1")
    address = f"/streams/{stream.id}/workflow/"
    body = client.get(address).content.decode()
    assert "not mapped" in body
    assert "<select" not in body
    assert "restore/" not in body
    file = client.get(f"{address}?meanings.export=csv").content.decode("utf-8-sig").splitlines()
    assert len(file) == 5
    assert file[1].startswith("Parked,not mapped,")
    for one in ("effect", "confirm", "restore"):
        assert client.post(f"{address}{one}/", {}).status_code == 403


def test_states_may_be_called_anything(company: Company, boss: Actor, tmp_path: Path) -> None:
    lines = ["item,at,state"]
    for number, state in enumerate(HOSTILE):
        quoted = '"' + state.replace('"', '""') + '"'
        lines += [f"A-{number},2026-01-05T00:00:00Z,{quoted}", f"A-{number},2026-01-06T00:00:00Z,Done"]
    lake = make_lake(tmp_path, {"Odd": lines}, confirmed=False)
    stream = adopted(boss, "Odd", company.unit("K1"))
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    body = client.get(address).content.decode()
    assert "<script>alert" not in body
    assert 'onmouseover="alert' not in body
    sent = form_of(body)
    wanted = {**sent, **{f"category-{number_of(sent, state)}": "active" for state in HOSTILE}}
    assert "<script>alert" not in client.post(f"{address}effect/", wanted).content.decode()
    assert client.post(f"{address}confirm/", wanted).status_code == 302
    rules = {one.state: one.category for one in workflows(lake)["Odd"].rules}
    assert {rules[state] for state in HOSTILE} == {"active"}
    file = client.get(f"{address}?meanings.export=csv").content.decode("utf-8-sig")
    assert "\n=cmd" not in file
    assert '\n"=cmd' not in file


@pytest.mark.parametrize(
    "odd",
    [
        "x",
        "[]",
        "[1, null, null, null, 1, 2, 3]",
        '["Review", null, "2026-13-01", null, "", "", ""]',
        '["Review", null, null, null]',
        "null",
    ],
)
def test_a_form_that_no_page_sends(company: Company, boss: Actor, tmp_path: Path, odd: str) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    answer = client.post(f"/streams/{stream.id}/workflow/confirm/", {"row-0": odd, "category-0": "active"})
    assert answer.status_code == 422
    assert client.get(f"/streams/{stream.id}/workflow/?version=9%00").status_code == 404
    assert client.get(f"/streams/{stream.id}/workflow/?version={'9' * 5000}").status_code == 404
    assert len(workflow_versions(lake, "Tiny")) == 1


def many_states(company: Company, boss: Actor, folder: Path, count: int) -> Any:
    lines = ["item,at,state"]
    for number in range(count):
        lines += [f"A-{number},2026-01-05T00:00:00Z,Step {number:03}", f"A-{number},2026-01-06T00:00:00Z,Done"]
    make_lake(folder, {"Long": lines}, confirmed=False)
    return adopted(boss, "Long", company.unit("K1"))


def test_three_hundred_states_can_be_narrowed_without_losing_choices(
    company: Company, boss: Actor, tmp_path: Path
) -> None:
    stream = many_states(company, boss, tmp_path, 300)
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    body = client.get(address).content.decode()
    assert body.count("<tr hidden") == 0
    sent = form_of(body)
    assert sum(name.startswith("category-") for name in sent) == 301
    chosen = {**sent, f"category-{number_of(sent, 'Step 007')}": "waiting", "q": "step 299"}
    narrowed = client.post(f"{address}effect/", chosen).content.decode()
    assert narrowed.count("<tr hidden") == 300
    kept = form_of(narrowed)
    assert kept[f"category-{number_of(kept, 'Step 007')}"] == "waiting"


def test_what_does_not_fit_on_the_form_stays_as_it_is(
    company: Company, boss: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = many_states(company, boss, tmp_path, 30)
    monkeypatch.setattr(pages, "MOST_ROWS", 10)
    assert workflow_form.MOST_ROWS * 4 < 5_000  # fields of one request at most
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    before = {one.state: one.category for one in stream_workflow(actor=boss, stream_id=stream.id).states}
    body = client.get(f"{address}?q=029").content.decode()
    assert "10 of 31 states" in body
    sent = form_of(body)
    number, other = number_of(sent, "Step 029"), number_of(sent, "Step 001")
    # The filter brings up another state; what was chosen before is still on the form.
    moved = client.post(f"{address}effect/", {**sent, f"category-{other}": "new", "q": "028"}).content.decode()
    kept = form_of(moved)
    assert kept[f"category-{number_of(kept, 'Step 001')}"] == "new"
    assert number_of(kept, "Step 028")
    assert client.post(f"{address}confirm/", {**sent, f"category-{number}": "cancelled"}).status_code == 302
    after = {one.state: one.category for one in stream_workflow(actor=boss, stream_id=stream.id).states}
    assert after == {**before, "Step 029": "cancelled"}


def test_programs_and_agents_get_the_same(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    address = f"/api/v1/streams/{stream.id}/workflow"
    found = client.get(address).json()
    actor = company.actor("team_lead", "K1")
    named = {"stream_id": str(stream.id)}
    assert tool_named("stream_workflow").call(actor, named) == found
    changes = {"changes": [{"state": "Review", "category": "waiting"}]}

    def send(way: str, body: dict[str, Any]) -> Any:
        return client.post(f"{address}{way}", json.dumps(body), content_type="application/json")

    effect = send("/effect", changes).json()
    assert effect["moves"][0]["share"] == 8 / 13
    assert tool_named("workflow_effect").call(actor, {**named, **changes}) == effect
    saved = send("", {**changes, "revision": found["revision"]})
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    late = send("", {**changes, "revision": found["revision"]})
    assert (late.status_code, late.json()["code"]) == (409, "workflow_changed_meanwhile")
    now = tool_named("stream_workflow").call(actor, named)["revision"]
    back = tool_named("restore_workflow").call(actor, {**named, "version": 1, "revision": now})
    assert (back["version"], back["restored"]) == (3, 1)
    newest = client.get(address).json()["revision"]
    again = tool_named("confirm_workflow").call(actor, {**named, **changes, "revision": newest})
    assert again["version"] == 4
    assert send("/restore", {"version": 9, "revision": client.get(address).json()["revision"]}).status_code == 404
    assert client.get(f"{address}?version=1").json()["in_force"] is False
    assert len(workflow_versions(lake, "Tiny")) == 4


@pytest.mark.parametrize(("language", "words"), [("de", "Bedeutung der Status"), ("en", "Meaning of the states")])
def test_both_languages(company: Company, boss: Actor, tmp_path: Path, language: str, words: str) -> None:
    _, stream = tiny_stream(company, boss, tmp_path, confirmed=False)
    client = company.client("team_lead", "K1")
    headers = {"Accept-Language": language}
    body = client.get(f"/streams/{stream.id}/workflow/", headers=headers).content.decode()
    assert words in body
    sent = {**form_of(body), "category-0": "cancelled"}
    effect = client.post(f"/streams/{stream.id}/workflow/effect/", sent, headers=headers).content.decode()
    assert {"de": "Das verschiebt", "en": "This moves"}[language] in effect
