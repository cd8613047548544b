"""The ways of the work and what the team says about them: by hand, per role, through every interface."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pegel import ReadOptions, import_file
from pegel.errors import InputError, NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.core.tools import tool_named
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.contracts.variants import StreamVariants
from pegel_web.flow.queries.variants import stream_variants
from pegel_web.flow.services.refreshing import refresh_stream
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.variants import say_about_variants
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import SEEN, adopted, make_lake

MEANING = "states: {Doing: active, Review: waiting, Done: done}"
#: Three items straight through, one with a review, which comes back once.
ROWS = [
    "item,at,state",
    *(f"{name},2026-01-0{day},{state}" for name in "ABC" for day, state in ((5, "Doing"), (6, "Done"))),
    "D,2026-01-05,Doing", "D,2026-01-06,Review", "D,2026-01-07,Doing", "D,2026-01-08,Done",
]  # fmt: skip


@pytest.fixture
def stream(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    lake = make_lake(tmp_path, {"Tiny": ROWS}, confirmed=False)
    set_workflow(lake, "Tiny", load_workflow(MEANING))
    return adopted(boss, "Tiny", company.unit("K1"))


def seen(actor: Actor, stream: Stream, **values: Any) -> StreamVariants:
    return stream_variants(actor=actor, stream_id=stream.id, **{"show": 100, **values})


def standing(found: StreamVariants) -> list[str]:
    return [one.standing for one in found.lines]


def test_the_ways_as_the_library_answers(boss: Actor, stream: Stream) -> None:
    it = seen(boss, stream)
    assert it.content is not None
    assert [(one.name, one.way.items, one.way.share) for one in it.lines] == [
        ("Doing → Done", 3, 0.75), ("Doing → Review → Doing → Done", 1, 0.25),
    ]  # fmt: skip
    assert (it.content.n, it.content.distinct, it.content.returned) == (4, 2, 0.25)
    assert standing(it) == ["open", "open"]
    assert (it.usual, it.unwanted, it.log_wrong, it.new) == (0, 0, 0, 0)
    most = stream_variants(actor=boss, stream_id=stream.id, show=80)
    assert len(most.lines) == 2  # three of four items are 75 %
    assert [one.moves for one in it.steps if one.back] == [1]


def test_a_member_confirms_one_way_and_the_lead_refuses_another(company: Company, boss: Actor, stream: Stream) -> None:
    member, lead = company.actor("employee", "K1"), company.actor("team_lead", "K1")
    straight, back = (one.way.key for one in seen(boss, stream).lines)
    say_about_variants(actor=member, stream_id=stream.id, judgement="usual", variant=straight)
    it = say_about_variants(
        actor=lead, stream_id=stream.id, judgement="unwanted", variant=back, reason=" waits  for nothing ", show=100
    )
    assert standing(it) == ["usual", "unwanted"]
    assert (it.usual, it.unwanted) == (0.75, 0.25)
    assert (it.lines[0].role, it.lines[1].role, it.lines[1].reason) == ("Employee", "Team lead", "waits for nothing")
    assert "75% of the items went a way that the team confirms." in it.sentences
    # The newest word counts, also to take it back; what was said stays in the history.
    later = replace(lead, at=lead.at + timedelta(hours=1))
    it = say_about_variants(actor=later, stream_id=stream.id, judgement="withdrawn", variant=back, show=100)
    assert standing(it) == ["usual", "open"]
    assert it.statements[0].judgement == "withdrawn"
    assert len(it.statements) == 3
    entries = AuditEntry.objects.everything(because="test").filter(event="flow.variants.said").order_by("at", "id")
    assert {entry.after["judgement"] for entry in entries if entry.after} == {"usual", "unwanted", "withdrawn"}
    assert "waits for nothing" not in str([entry.after for entry in entries])


def test_the_whole_picture_is_confirmed_and_a_new_way_is_marked(
    company: Company, boss: Actor, stream: Stream, tmp_path: Path
) -> None:
    lead = company.actor("team_lead", "K1")
    it = seen(lead, stream)
    with pytest.raises(ConflictError) as late:
        say_about_variants(actor=lead, stream_id=stream.id, judgement="usual", picture="0" * 16, show=100)
    assert late.value.code == "variants_changed_meanwhile"
    it = say_about_variants(actor=lead, stream_id=stream.id, judgement="usual", picture=it.picture, show=100)
    assert (it.usual, standing(it), it.lines[0].with_picture) == (1.0, ["usual", "usual"], True)
    from pegel.lake.store import open_lake  # noqa: PLC0415  (beside the line above)
    from pegel_web.flow.place import lake_folder  # noqa: PLC0415  (the folder of this test alone)

    more = tmp_path / "more.csv"
    more.write_text("item,at,state\nE,2026-01-05,Doing\nE,2026-01-06,Review\nE,2026-01-08,Done\n")
    import_file(open_lake(lake_folder()), more, ReadOptions(stream="Tiny"), seen_at=SEEN)
    read_lake(lake_folder(), at=boss.at)
    refresh_stream(actor=boss, stream_id=stream.id)
    run_waiting_jobs()
    it = seen(lead, stream)
    assert {one.name: one.standing for one in it.lines} == {
        "Doing → Done": "usual", "Doing → Review → Doing → Done": "usual", "Doing → Review → Done": "new",
    }  # fmt: skip
    assert (it.new, it.usual) == (1, 0.8)


def test_who_may_say_something_and_what_it_takes(company: Company, boss: Actor, stream: Stream) -> None:
    key = seen(boss, stream).lines[0].way.key
    reader, stranger = company.actor("finance_controller"), company.actor("employee", "K2")
    with pytest.raises(NotAllowedError):
        say_about_variants(actor=reader, stream_id=stream.id, judgement="usual", variant=key)
    with pytest.raises(NotFoundError):
        say_about_variants(actor=stranger, stream_id=stream.id, judgement="usual", variant=key)
    lead = company.actor("team_lead", "K1")
    for values, code in (
        ({"judgement": "unwanted", "variant": key, "reason": " "}, "judgement_without_reason"),
        ({"judgement": "unwanted", "variant": key, "reason": "x" * 501}, "reason_too_long"),
        ({"judgement": "fine", "variant": key}, "judgement_unknown"),
        ({"judgement": "usual"}, "variant_or_picture"),
        ({"judgement": "unwanted", "picture": "0", "reason": "no"}, "judgement_of_one_way"),
        ({"judgement": "usual", "variant": key, "show": 7}, "show_unknown"),
    ):
        with pytest.raises(InputError) as wrong:
            say_about_variants(actor=lead, stream_id=stream.id, **values)  # type: ignore[arg-type]  # also what is wrong
        assert wrong.value.code == code
    with pytest.raises(NotFoundError):
        say_about_variants(actor=lead, stream_id=stream.id, judgement="usual", variant="0" * 16)
    say_about_variants(actor=lead, stream_id=stream.id, judgement="log_wrong", variant=key, reason="entered late")
    # Why is for the people of the unit; the others see that something was said.
    assert seen(reader, stream).lines[0].standing == "log_wrong"
    assert seen(reader, stream).lines[0].reason is None
    assert seen(reader, stream).statements[0].reason is None
    assert seen(company.actor("employee", "K1"), stream).lines[0].reason == "entered late"


def test_few_people_see_no_ways(company: Company, boss: Actor, tmp_path: Path) -> None:
    lines = [f"{line},person{number % 2}" if number else f"{line},actor" for number, line in enumerate(ROWS)]
    lake = make_lake(tmp_path, {"Tiny": lines}, confirmed=False)
    set_workflow(lake, "Tiny", load_workflow(MEANING))
    small = adopted(boss, "Tiny", company.unit("K1"))
    it = seen(boss, small)
    assert (it.withheld, it.content, it.lines, it.steps) == (True, None, (), ())
    with pytest.raises(ConflictError) as hidden:
        say_about_variants(actor=boss, stream_id=small.id, judgement="usual", variant="0" * 16)
    assert hidden.value.code == "variants_not_shown"
    body = company.client("team_lead", "K1").get(f"/streams/{small.id}/variants/").content.decode()
    assert "So few people stand behind" in body
    assert "75%" not in body


def test_the_page_works_without_scripts_and_says_the_same_as_rest_and_mcp(
    company: Company, boss: Actor, stream: Stream
) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/variants/"
    body = client.get(f"{address}?show=100").content.decode()
    assert " style=" not in body
    assert "<svg" in body
    assert "4 finished items went 2 different ways" in body
    key = seen(boss, stream).lines[1].way.key
    asked = client.get(f"{address}?show=100&say={key}").content.decode()
    assert f'name="variant" value="{key}"' in asked
    refused = client.post(f"{address}say/", {"variant": key, "judgement": "unwanted", "reason": "", "show": "100"})
    assert refused.status_code == 422
    assert "A reason is missing." in refused.content.decode()
    hostile = "<script>alert(1)</script> {{ 7|add:7 }}"
    said = client.post(f"{address}say/", {"variant": key, "judgement": "unwanted", "reason": hostile, "show": "100"})
    assert (said.status_code, said["Location"]) == (302, f"{address}?period=13w&show=100")
    after = client.get(said["Location"]).content.decode()
    assert "<script>alert" not in after
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}" in after
    rows = client.get(f"{address}?show=100&ways.export=csv").content.decode("utf-8-sig").splitlines()
    assert rows[2].startswith("Doing → Review → Doing → Done,should not happen,1,")
    told = client.get(f"/api/v1/streams/{stream.id}/variants?show=100").json()
    assert [one["standing"] for one in told["lines"]] == ["open", "unwanted"]
    called = tool_named("stream_variants").call(boss, {"stream_id": str(stream.id), "show": 100})
    assert [one["standing"] for one in called["lines"]] == ["open", "unwanted"]
    german = client.get(f"{address}?show=100", headers={"Accept-Language": "de"}).content.decode()
    assert "soll nicht vorkommen" in german
    assert client.get(f"{address}?show=x").status_code == 422
