"""What people select of a stream themselves: computed once, kept, bounded, checked; by hand on `tiny.py`."""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import LimitedError
from pegel_web.core.tools import tool_named
from pegel_web.flow.contracts.reports import ReportContent, Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamDeclaration, StreamSelection, StreamSnapshot
from pegel_web.flow.place import tables_folder
from pegel_web.flow.queries.items import stream_items
from pegel_web.flow.services import selection as selections
from pegel_web.flow.services.refreshing import refresh_stream
from pegel_web.flow.services.selection import chart_of, report_of
from pegel_web.flow.services.streams import end_stream
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.models import Membership
from pegel_web.privacy.models import Access
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.tiny import tiny_stream

POLICY = "commitment_to_done"
#: Only A: Doing 2 days, Review 4.
BUGS = Selection(period="all", types=("Bug",), policy=POLICY)


@pytest.fixture
def tiny(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    _, stream = tiny_stream(company, boss, tmp_path)
    run_waiting_jobs()
    return stream


def content_of(actor: Actor, stream: Stream, selection: Selection) -> ReportContent:
    asked = report_of(actor=actor, stream_id=stream.id, selection=selection)
    assert asked.job is not None
    assert asked.content is None
    run_waiting_jobs()
    found = report_of(actor=actor, stream_id=stream.id, selection=selection)
    assert (found.job, found.selection) == (None, selection)
    assert found.content is not None
    return found.content


def kept() -> list[StreamSelection]:
    return list(StreamSelection.objects.everything(because="test"))


def test_an_item_type(boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny, BUGS)
    assert {one.state: one.days for one in content.states} == {"Doing": 2.0, "Review": 4.0}
    assert content.counts["finished"] == 1  # A
    assert content.ageing.open == 0  # C is a story


def test_the_rows_behind_its_figures(company: Company, boss: Actor, tiny: Stream) -> None:
    with pytest.raises(NotFoundError) as refused:
        stream_items(actor=boss, stream_id=tiny.id, selection=BUGS)
    assert refused.value.code == "selection_not_computed"
    content_of(boss, tiny, BUGS)
    found = stream_items(actor=boss, stream_id=tiny.id, selection=BUGS)
    assert [(one.item, one.days) for one in found.rows] == [("A", 6.0)]  # in all of them B is finished, too
    assert (found.selection, found.policy) == (BUGS, POLICY)
    there = stream_items(actor=boss, stream_id=tiny.id, metric="time_in_state", selection=BUGS, state="Review")
    assert [(one.item, one.days) for one in there.rows] == [("A", 4.0)]
    # A period of days counts what was finished in it: A on the 11th, B on the 12th.
    day = Selection(from_day=date(2026, 1, 12), policy=POLICY)
    content_of(boss, tiny, day)
    assert [one.item for one in stream_items(actor=boss, stream_id=tiny.id, selection=day).rows] == ["B"]
    # The same by REST, and the page leads there.
    client = company.client("team_lead", "K1")
    address = f"period=all&type=Bug&policy={POLICY}"
    page = client.get(f"/streams/{tiny.id}/?{address}").content.decode()
    assert f"/streams/{tiny.id}/items/?metric=flow_time&amp;period=all&amp;policy={POLICY}&amp;type=Bug" in page
    rows = client.get(f"/streams/{tiny.id}/items/?metric=flow_time&{address}")
    assert rows.status_code == 200
    assert "item types: Bug" in rows.content.decode()


def test_tables_of_selections_are_tidied_away(boss: Actor, tiny: Stream) -> None:
    folder = tables_folder() / str(tiny.id)
    content_of(boss, tiny, BUGS)
    (first,) = folder.glob("selection-*.items.parquet")
    forgotten = folder / "selection-old.items.parquet"
    forgotten.write_bytes(b"")
    os.utime(forgotten, (0, 0))
    content_of(boss, tiny, replace(BUGS, types=("Story",)))
    assert first.exists()
    assert not forgotten.exists()
    assert len(list(folder.glob("selection-*.items.parquet"))) == 2
    StreamSnapshot.objects.everything(because="test").update(lake_version="")
    refresh_stream(actor=boss, stream_id=tiny.id)
    run_waiting_jobs()
    assert first.exists()  # the usual results tidy up after themselves only


def test_days_and_the_period_before(boss: Actor, tiny: Stream) -> None:
    # The 11th alone: A was finished then, B on the 12th. The day before: nothing.
    day = date(2026, 1, 11)
    content = content_of(boss, tiny, Selection(from_day=day, until_day=day, policy=POLICY))
    assert (content.from_at.isoformat(), content.until_at.isoformat()) == (
        "2026-01-11T00:00:00+00:00", "2026-01-12T00:00:00+00:00",
    )  # fmt: skip
    velocity = next(one for one in content.figures if one.metric == "flow_velocity")
    assert (velocity.n, velocity.value, velocity.previous) == (1, 7.0, 0.0)  # one a day is seven a week


def test_as_of_a_day(boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny, Selection(period="all", policy=POLICY, as_of=date(2026, 1, 10)))
    assert content.counts["finished"] == 0
    assert content.ageing.open == 2  # A in Review, B just parked; C has not begun


def test_working_time(boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny, replace(BUGS, calendar="de"))
    # A from Monday 5th to Sunday 11th: Doing Monday and Tuesday (the 6th is a holiday only in some states), Review
    # Wednesday to Friday.
    assert {one.state: one.days for one in content.states} == {"Doing": 2.0, "Review": 3.0}


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2026, 1, 1), date(2026, 1, 12)])
def test_days_around_the_data(boss: Actor, tiny: Stream, day: date) -> None:
    content = content_of(boss, tiny, Selection(from_day=day, policy=POLICY))
    assert content.from_at.date() == max(day, date(2026, 1, 5))  # no weeks without a log
    finished = {one.metric: one.n for one in content.figures}["flow_velocity"]
    assert finished == (1 if day == date(2026, 1, 12) else 2)  # B alone on the 12th


def test_before_anything_happened(boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny, Selection(period="all", policy=POLICY, as_of=date(2025, 1, 1)))
    assert {one.status for one in content.figures} == {"no_data"}


def test_it_is_computed_once(boss: Actor, tiny: Stream) -> None:
    first = report_of(actor=boss, stream_id=tiny.id, selection=BUGS).job
    again = report_of(actor=boss, stream_id=tiny.id, selection=replace(BUGS, types=("Bug", "Bug"))).job
    assert first is not None
    assert again is not None
    assert first.id == again.id
    run_waiting_jobs()
    assert report_of(actor=boss, stream_id=tiny.id, selection=BUGS).content is not None
    assert not Job.objects.everything(because="test").filter(state="waiting").exists()
    # Something else is declared: the result no longer rests on what holds.
    StreamDeclaration.objects.create(stream_id=tiny.id, content={"load_limit": 3}, changed_at=boss.at)
    assert report_of(actor=boss, stream_id=tiny.id, selection=BUGS).job is not None


def test_the_longest_unused_goes_first(boss: Actor, tiny: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MOST", 2)
    content_of(boss, tiny, BUGS)
    oldest = kept()[0].content_hash
    content_of(boss, tiny, replace(BUGS, types=("Story",)))
    StreamSelection.objects.everything(because="test").update(used_at=boss.at - timedelta(days=2))
    report_of(actor=boss, stream_id=tiny.id, selection=BUGS)  # a look keeps it
    content_of(boss, tiny, replace(BUGS, types=("Bug", "Story")))
    assert len(kept()) == 2
    assert oldest in {one.content_hash for one in kept()}


def test_they_end_with_the_stream(boss: Actor, tiny: Stream) -> None:
    content_of(boss, tiny, BUGS)
    report_of(actor=boss, stream_id=tiny.id, selection=replace(BUGS, types=("Story",)))
    end_stream(actor=boss, stream_id=tiny.id)
    run_waiting_jobs()
    assert kept() == []


def test_not_too_many_at_once(boss: Actor, tiny: Stream) -> None:
    asked = [Selection(from_day=date(2026, 1, 1) + timedelta(days=n)) for n in range(5)]
    for one in asked[:4]:
        report_of(actor=boss, stream_id=tiny.id, selection=one)
    assert report_of(actor=boss, stream_id=tiny.id, selection=asked[0]).job is not None
    with pytest.raises(LimitedError):
        report_of(actor=boss, stream_id=tiny.id, selection=asked[4])
    assert Job.objects.everything(because="test").filter(state="waiting").count() == 4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Selection(policy="/etc/passwd.yaml"), "policy_not_computed"),
        (Selection(calendar="../../x.yaml"), "unknown_calendar"),
        (Selection(types=("Nothing\0",)), "stream_type_unknown"),
        (Selection(period="7w"), "period_unknown"),
        (Selection(from_day=date(2026, 1, 9), until_day=date(2026, 1, 1)), "period_backwards"),
        (Selection(from_day=date(2026, 1, 9), as_of=date(2026, 1, 1)), "period_backwards"),
        (Selection(from_day=date(2026, 1, 13)), "selection_after_data"),
        (Selection(from_day=date(1, 1, 1)), "selection_day_out_of_range"),
        (Selection(until_day=date(9999, 12, 31)), "selection_day_out_of_range"),
    ],
)
def test_what_cannot_be_selected(boss: Actor, tiny: Stream, asked: Selection, code: str) -> None:
    with pytest.raises(InputError) as raised:
        report_of(actor=boss, stream_id=tiny.id, selection=asked)
    assert raised.value.code == code
    assert not Job.objects.everything(because="test").filter(state="waiting").exists()


@pytest.mark.parametrize(
    "wrong", ["from_day=tomorrow", "as_of=2026-13-01", "calendar=x", "from_day=2026-01-09&until_day=2026-01-01"]
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_says_what_is_wrong(company: Company, tiny: Stream, wrong: str, language: str) -> None:
    client = company.client("team_lead", "K1")
    answer = client.get(f"/streams/{tiny.id}/?{wrong}", headers={"Accept-Language": language})
    assert answer.status_code == 422
    assert (
        "Wählen Sie" if language == "de" else "Choose"
    ) in answer.content.decode() or "2026-" in answer.content.decode()


def test_the_page_computes_shows_and_resets(company: Company, tiny: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{tiny.id}/?type=Bug&period=all&policy={POLICY}"
    sent = client.get(address)
    assert sent.status_code == 302
    assert sent["Location"].startswith(address + "&job=") or "job=" in sent["Location"]
    waiting = client.get(sent["Location"]).content.decode()
    assert "<progress" in waiting
    assert 'value="Bug" checked' in waiting
    assert "<progress" in client.get(sent["Location"]).content.decode()  # it survives a reload
    run_waiting_jobs()
    ended = client.get(sent["Location"])
    assert "job=" not in ended["Location"]
    body = client.get(ended["Location"]).content.decode()
    assert "item types: Bug" in body
    assert f'href="/streams/{tiny.id}/"' in body
    assert "/items/?metric=flow_time&amp;period=all&amp;policy=commitment_to_done&amp;type=Bug" in body
    drawing = f"/streams/{tiny.id}/charts/cumulative_flow.json?type=Bug&period=all&policy={POLICY}"
    assert client.get(drawing).status_code == 200
    german = client.get(ended["Location"], headers={"Accept-Language": "de"}).content.decode()
    assert "Arten von Arbeitseinheiten: Bug" in german
    usual = client.get(f"/streams/{tiny.id}/").content.decode()
    assert "item types: Bug" not in usual
    assert "/items/?metric" in usual


def test_somebody_elses_job(company: Company, tiny: Stream) -> None:
    one, other = company.client("team_lead", "K1"), company.client("employee", "K1")
    address = f"/streams/{tiny.id}/?type=Bug&period=all"
    one.get(address)
    page = other.get(address)
    assert page.status_code == 200
    assert "<progress" in page.content.decode()
    run_waiting_jobs()
    moved = other.get(address, headers={"HX-Request": "true", "HX-Target": "progress-1"})
    assert "type=Bug" in moved["HX-Redirect"]


def test_programs_and_agents(company: Company, boss: Actor, tiny: Stream) -> None:
    client = company.client("team_lead", "K1")
    asked = {"type": "Bug", "period": "all", "policy": POLICY}
    address = f"/api/v1/streams/{tiny.id}"
    waiting = client.get(address, asked)
    assert (waiting.status_code, waiting.json()["content"]) == (202, None)
    assert waiting.json()["job"]["state"] == "waiting"
    run_waiting_jobs()
    done = client.get(address, asked)
    assert (done.status_code, done.json()["job"]) == (200, None)
    assert [one["days"] for one in done.json()["content"]["states"] if one["state"] == "Review"] == [4.0]
    assert client.get(address, {"from_day": "x"}).status_code == 422
    assert client.get(address, {"calendar": "../x.yaml"}).status_code == 422
    said = tool_named("stream_report").function(boss, stream_id=tiny.id, types=["Bug"], period="all", policy=POLICY)
    assert said.content.counts["finished"] == 1


def test_who_may_not_see_it(company: Company, boss: Actor, tiny: Stream) -> None:
    content_of(boss, tiny, BUGS)
    asked = f"type=Bug&period=all&policy={POLICY}"
    assert company.client("team_lead", "K2").get(f"/streams/{tiny.id}/?{asked}").status_code == 404
    stories = replace(BUGS, types=("Story",))
    content_of(boss, tiny, stories)
    seen = report_of(actor=company.actor("employee", "K1"), stream_id=tiny.id, selection=stories).content
    assert seen is not None
    assert (seen.ageing.open, seen.ageing.items) == (1, ())
    assert "work_item_age" not in {one.name for one in seen.charts}


def test_looks_at_items_are_noted(company: Company, boss: Actor, tiny: Stream) -> None:
    content_of(boss, tiny, replace(BUGS, types=("Story",)))
    before = Access.objects.everything(because="test").count()
    company.client("team_lead", "K1").get(f"/streams/{tiny.id}/?type=Story&period=all&policy={POLICY}")
    assert Access.objects.everything(because="test").count() == before + 1


def test_below_the_floor(company: Company, boss: Actor, tiny: Stream) -> None:
    for number in range(4):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    content = content_of(boss, tiny, BUGS)
    assert (content.states, content.charts) == ((), ())
    assert {one.status for one in content.figures} == {"withheld"}
    with pytest.raises(Exception, match="chart_unknown"):
        chart_of(actor=boss, stream_id=tiny.id, name="cumulative_flow", selection=BUGS)
