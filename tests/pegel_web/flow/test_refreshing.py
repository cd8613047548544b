"""When figures are computed: once per change, in the background, and honest about their age."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import pegel
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.reading import reading
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import LakeReading, StreamDeclaration, StreamSnapshot, ValueStream
from pegel_web.flow.pages.stream import PROGRESS
from pegel_web.flow.place import lake_folder, tables_folder
from pegel_web.flow.queries.next_steps import computation_of
from pegel_web.flow.queries.overview import stream_overview
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.services import snapshots
from pegel_web.flow.services.refreshing import enqueue_refresh, refresh_stream
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.flow.tasks import watch
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.models import Unit
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.lakes import LAST, SEEN, adopted, make_lake, rows_of_weeks


class Watching:
    """A job as the task of the watch sees it."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor


def kept() -> dict[int, str]:
    rows = StreamSnapshot.objects.everything(because="test")
    return dict(rows.values_list("id", "content_hash"))


def test_asking_twice_is_one_job(claims: Stream, boss: Actor) -> None:
    one = refresh_stream(actor=boss, stream_id=claims.id)
    other = refresh_stream(actor=boss, stream_id=claims.id)
    assert one.id == other.id
    assert Job.objects.everything(because="test").filter(state="waiting").count() == 1


def test_what_has_not_changed_is_not_computed(claims: Stream, boss: Actor) -> None:
    before = StreamSnapshot.objects.everything(because="test").latest("computed_at").computed_at
    later = replace(boss, at=boss.at + timedelta(hours=1))
    job = refresh_stream(actor=later, stream_id=claims.id)
    assert run_waiting_jobs() == 1
    done = Job.objects.everything(because="test").get(pk=job.id)
    assert (done.state, done.total) == ("done", None)
    assert StreamSnapshot.objects.everything(because="test").latest("computed_at").computed_at == before


def test_a_changed_lake_makes_figures_stale_until_they_are_computed(
    claims: Stream, boss: Actor, tmp_path: Path
) -> None:
    fresh = stream_report(actor=boss, stream_id=claims.id)
    assert fresh.freshness is not None
    assert not fresh.freshness.stale
    assert fresh.freshness.data_days == 2
    more = tmp_path / "more.csv"
    more.write_text(f"item,at,state\nA-0,{LAST}T10:00:00Z,Done\n")
    pegel.import_file(
        pegel.open_lake(lake_folder()), more, pegel.ReadOptions(stream="Claims"), seen_at=SEEN + timedelta(hours=1)
    )
    watch(Watching(boss))  # type: ignore[arg-type]  # only the actor is asked for
    stale = stream_report(actor=boss, stream_id=claims.id)
    assert stale.freshness is not None
    assert stale.freshness.stale
    assert stale.content == fresh.content
    assert stream_overview(actor=boss).lines[0].freshness == stale.freshness
    watch(Watching(boss))  # type: ignore[arg-type]  # the same
    assert run_waiting_jobs() == 2  # the stream, once, and the network of all streams
    new = stream_report(actor=boss, stream_id=claims.id)
    assert new.freshness is not None
    assert new.content is not None
    assert fresh.content is not None
    assert not new.freshness.stale
    assert new.content.ageing.open == fresh.content.ageing.open - 1


def test_a_confirmed_meaning_changes_the_figures_too(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake = make_lake(tmp_path, {"Claims": rows_of_weeks()})
    made = adopted(boss, "Claims", company.unit("K1"))
    set_workflow(lake, "Claims", load_workflow("states: {Doing: active, Review: active, Done: done}"))
    watch(Watching(boss))  # type: ignore[arg-type]  # only the actor is asked for
    assert run_waiting_jobs() == 2  # the stream and the network
    found = stream_report(actor=boss, stream_id=made.id).content
    assert found is not None
    assert {one.metric: one.value for one in found.figures}["flow_efficiency"] == 1.0


def test_old_tables_are_tidied_away(claims: Stream, boss: Actor) -> None:
    folder = tables_folder() / str(claims.id)
    (folder / "old.items.parquet").write_bytes(b"")
    StreamSnapshot.objects.everything(because="test").update(lake_version="")
    refresh_stream(actor=boss, stream_id=claims.id)
    run_waiting_jobs()
    assert not (folder / "old.items.parquet").exists()
    # Items, stays and waits under two policies, the quarters, and the parents of items.
    assert len(list(folder.glob("*.parquet"))) == 8
    assert list(folder.glob(".*")) == []


def test_no_lake_at_all(company: Company, boss: Actor) -> None:
    assert read_lake(lake_folder(), at=boss.at) is None
    found = stream_overview(actor=boss)
    assert (found.lines, found.first, found.lake.imports) == ((), "", 0)
    page = company.client("programme_lead", "C").get("/streams/").content.decode()
    assert "There is no data yet" in page
    watch(Watching(boss))  # type: ignore[arg-type]  # only the actor is asked for
    assert not Job.objects.everything(because="test").exists()


def test_an_empty_lake(boss: Actor) -> None:
    pegel.create_lake(lake_folder())
    assert read_lake(lake_folder(), at=boss.at) is None
    known = LakeReading.objects.get()
    assert (known.imports, known.streams) == (0, [])


def test_not_computed_yet_is_said_so(company: Company, boss: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Claims": rows_of_weeks()})
    read_lake(lake_folder(), at=boss.at)
    made = adopt_stream(actor=boss, lake_name="Claims", name="Claims", unit_id=company.unit("K1"))
    found = stream_report(actor=boss, stream_id=made.id)
    assert (found.content, found.freshness, found.policies) == (None, None, ())
    client = company.client("programme_lead", "C")
    page = client.get(f"/streams/{made.id}/")
    assert page.status_code == 200
    assert "<progress" in page.content.decode()  # of the computation that began when it was adopted
    Job.objects.everything(because="test").delete()
    assert "Not computed yet" in client.get(f"/streams/{made.id}/").content.decode()
    assert client.get(f"/streams/{made.id}/items/").status_code == 404
    sent = client.post(f"/streams/{made.id}/refresh/")
    assert sent.status_code == 302
    assert sent["Location"].startswith(f"/streams/{made.id}/")


def test_the_page_shows_the_progress_and_then_the_figures(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = client.post(f"/streams/{claims.id}/refresh/")["Location"]
    waiting = client.get(address)
    assert waiting.status_code == 200
    assert "<progress" in waiting.content.decode()
    run_waiting_jobs()
    assert client.get(address)["Location"] == f"/streams/{claims.id}/"
    assert client.get(address, headers={"HX-Request": "true"})["HX-Redirect"] == f"/streams/{claims.id}/"
    for nonsense in ("x", "00000000-0000-0000-0000-000000000000"):
        assert client.get(f"/streams/{claims.id}/?job={nonsense}").status_code == 200


def test_an_ended_stream_is_not_computed(company: Company, claims: Stream, boss: Actor) -> None:
    row = ValueStream.objects.everything(because="test").get()
    enqueue_refresh(actor=boss, stream=row)
    StreamSnapshot.objects.everything(because="test").delete()
    ValueStream.objects.everything(because="test").update(valid_until=boss.at.date())
    run_waiting_jobs()
    assert kept() == {}


@pytest.mark.parametrize("streams", [3, 50])
def test_the_overview_takes_few_queries_however_many_streams(claims: Stream, boss: Actor, streams: int) -> None:
    template = StreamSnapshot.objects.everything(because="test").get(kind="overview", period="13w", preferred=True)
    unit = Unit.objects.everything(because="test").get(code="K1")
    for number in range(streams - 1):
        row = ValueStream.objects.create(name=f"S{number:02}", lake_name=f"lake-{number}", unit=unit, valid_from=FROM)
        StreamSnapshot.objects.create(
            stream=row, kind="overview", policy=template.policy, period="13w", preferred=True,
            content_hash="x", lake_version="x", payload=template.payload, as_of=template.as_of,
            computed_at=template.computed_at,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as asked, reading():
        found = stream_overview(actor=boss)
    assert len(found.lines) == streams
    assert all(line.content is not None for line in found.lines)
    # Lake, streams, snapshots, units, rules of privacy, people; of alerts whom the logs name and how many; names taken
    # first and further, and which belong together.
    assert len(asked) == 11


def test_whoever_waits_for_the_first_figures_is_led_to_them(company: Company, boss: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Claims": rows_of_weeks()})
    read_lake(lake_folder(), at=boss.at)
    made = adopt_stream(actor=boss, lake_name="Claims", name="Claims", unit_id=company.unit("K1"))
    client = company.client("team_lead", "K1")
    asks = {"HX-Request": "true", "HX-Target": f"{PROGRESS}-stream"}
    assert "<progress" in client.get(f"/streams/{made.id}/", headers=asks).content.decode()
    run_waiting_jobs()
    assert client.get(f"/streams/{made.id}/", headers=asks)["HX-Redirect"] == f"/streams/{made.id}/"


def test_whoever_declares_follows_a_computation_that_the_look_at_the_lake_has_asked_for(
    company: Company, claims: Stream, boss: Actor
) -> None:
    StreamSnapshot.objects.everything(because="test").update(lake_version="")
    watch(Watching(boss))  # type: ignore[arg-type]  # only the actor is asked for
    client = company.client("team_lead", "K1")
    moved = client.post(f"/streams/{claims.id}/declare/", {"revision": 0, "target_days": "10", "target_share": "85"})
    address = moved["Location"].partition("#")[0]
    assert "?job=" in address
    asks = {"HX-Request": "true", "HX-Target": f"{PROGRESS}-stream"}
    assert "<progress" in client.get(address).content.decode()
    assert "<progress" in client.get(address, headers=asks).content.decode()
    run_waiting_jobs()
    assert client.get(address, headers=asks)["HX-Redirect"] == f"/streams/{claims.id}/"
    assert "<progress" not in client.get(address).content.decode()


def test_what_is_declared_while_it_is_computed_is_computed_by_the_same_job(
    claims: Stream, boss: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, rounds = snapshots.compute_stream, []

    def declared_meanwhile(*given: Any, **named: Any) -> Iterator[Any]:
        found = list(real(*given, **named))
        rounds.append(given[3].load_limit)
        if len(rounds) == 1:
            StreamDeclaration.objects.create(stream_id=claims.id, content={"load_limit": 3}, changed_at=boss.at)
        yield from found

    monkeypatch.setattr(snapshots, "compute_stream", declared_meanwhile)
    StreamSnapshot.objects.everything(because="test").update(lake_version="")
    refresh_stream(actor=boss, stream_id=claims.id)
    run_waiting_jobs()
    assert rounds == [None, 3]
    found = stream_report(actor=boss, stream_id=claims.id)
    assert found.freshness is not None
    assert not found.freshness.stale


def test_what_is_asked_while_it_runs_waits_behind_it(claims: Stream, boss: Actor) -> None:
    running = refresh_stream(actor=boss, stream_id=claims.id)
    assert refresh_stream(actor=boss, stream_id=claims.id).id == running.id
    Job.objects.everything(because="test").filter(pk=running.id).update(
        state="running", lease_id=running.id, lease_until=boss.at
    )
    behind = refresh_stream(actor=boss, stream_id=claims.id)
    assert behind.id != running.id
    assert refresh_stream(actor=boss, stream_id=claims.id).id == behind.id
    shown = computation_of(actor=boss, stream_id=claims.id)
    assert shown is not None
    assert shown.id == behind.id
