"""A stream over several projects of the lake: who may, what is refused, and that every answer is of all together."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from pegel import ReadOptions, import_file
from pegel.errors import InputError, NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.store import open_lake
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamProject, ValueStream
from pegel_web.flow.place import lake_folder, tables_folder
from pegel_web.flow.queries.declared import declared_stream
from pegel_web.flow.queries.item import stream_item
from pegel_web.flow.queries.items import stream_items
from pegel_web.flow.queries.network import stream_network
from pegel_web.flow.queries.projects import stream_projects
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.queries.rollup import stream_rollup
from pegel_web.flow.queries.streams import lake_streams
from pegel_web.flow.queries.workflow import stream_workflow
from pegel_web.flow.services.network import keep_network, network_outdated
from pegel_web.flow.services.projects import set_stream_projects
from pegel_web.flow.services.selection import report_of
from pegel_web.flow.services.snapshots import outdated, read_lake
from pegel_web.flow.services.streams import adopt_stream, end_stream
from pegel_web.flow.services.workflow import confirm_workflow
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import SEEN, make_lake
from tests.pegel_web.flow.tiny import MEANING, ROWS

#: D takes 3 days (6 to 9 January); E is open. The last event, on 14 January, is later than any of the first project.
SECOND = [
    "item,at,state,type",
    "D,2026-01-06T00:00:00Z,Doing,Story",
    "D,2026-01-09T00:00:00Z,Done,Story",
    "E,2026-01-14T00:00:00Z,Doing,Bug",
]
THIRD = ["item,at,state,type", "F,2026-01-05T00:00:00Z,Doing,Bug", "A,2026-01-06T00:00:00Z,Doing,Bug"]


@pytest.fixture
def tiny(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    make_lake(tmp_path, {"Tiny": ROWS, "Second": SECOND}, confirmed=False)
    lake = open_lake(lake_folder())
    for name in ("Tiny", "Second"):
        set_workflow(lake, name, load_workflow(MEANING))
    read_lake(lake_folder(), at=boss.at)
    made = adopt_stream(actor=boss, lake_name="Tiny", name="Tiny", unit_id=company.unit("K1"))
    run_waiting_jobs()
    return made


def join(actor: Actor, stream: Stream, *names: str, seen: tuple[str, ...] = ("Tiny",)) -> Any:
    found = set_stream_projects(actor=actor, stream_id=stream.id, lake_names=["Tiny", *names], seen=seen)
    run_waiting_jobs()
    return found


def finished(actor: Actor, stream: Stream) -> int:
    content: Any = stream_report(actor=actor, stream_id=stream.id, period="all").content
    return int(next(one for one in content.figures if one.metric == "flow_time").n)


def bring(folder: Path, name: str, rows: list[str], at: Actor) -> None:
    path = folder / f"{name}.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    import_file(open_lake(lake_folder()), path, ReadOptions(stream=name), seen_at=SEEN + timedelta(hours=1))
    read_lake(lake_folder(), at=at.at)


def test_the_effect_is_shown_before_anything_is_saved(boss: Actor, tiny: Stream) -> None:
    found = stream_projects(actor=boss, stream_id=tiny.id, lake_names=["Tiny", "Second"])
    assert [one.lake_name for one in found.projects] == ["Tiny"]
    assert [one.lake_name for one in found.candidates] == ["Second"]
    effect: Any = found.effect
    # Tiny: A, B, C with 3 + 4 + 1 changes of state; Second: D and E with 2 + 1.
    assert [(one.lake_name, one.items, one.transitions) for one in effect.projects] == [
        ("Tiny", 3, 8),
        ("Second", 2, 3),
    ]
    assert (effect.before.items, effect.before.transitions) == (3, 8)
    assert (effect.after.items, effect.after.transitions, effect.shared) == (5, 11, 0)
    days = [one.date().isoformat() for one in (effect.after.first_at, effect.before.last_at, effect.after.last_at)]
    assert days == ["2026-01-05", "2026-01-12", "2026-01-14"]
    assert not AuditEntry.objects.everything(because="test").filter(event="flow.stream.projects_changed").exists()


def test_every_answer_is_of_all_projects_together(boss: Actor, tiny: Stream) -> None:
    assert finished(boss, tiny) == 2  # A and B
    set_stream_projects(actor=boss, stream_id=tiny.id, lake_names=["Tiny", "Second"], seen=["Tiny"])
    assert [row.name for row in outdated(ValueStream.objects.visible_to(boss))] == ["Tiny"]
    run_waiting_jobs()
    assert outdated(ValueStream.objects.visible_to(boss)) == []
    assert finished(boss, tiny) == 3  # and D
    found: Any = stream_report(actor=boss, stream_id=tiny.id, period="all")
    assert (found.freshness.stale, found.freshness.data_at.date().isoformat()) == (False, "2026-01-14")
    assert found.stream.lake_names == ("Tiny", "Second")
    whole = Selection(period="all")
    rows = stream_items(actor=boss, stream_id=tiny.id, metric="flow_time", selection=whole).rows
    assert sorted((one.item, one.days) for one in rows) == [("A", 6.0), ("B", 7.0), ("D", 3.0)]
    # Doing is one state, in which C is not: of A 2, of B 1, of D 3 days.
    (doing,) = [one for one in found.content.states if one.state == "Doing"]
    assert doing.items == 3
    assert stream_item(actor=boss, stream_id=tiny.id, item="D").stream.id == tiny.id
    assert stream_item(actor=boss, stream_id=tiny.id, item="A").stream.id == tiny.id
    declared = declared_stream(actor=boss, stream_id=tiny.id)
    assert [(one.type, one.items) for one in declared.types] == [("Story", 3), ("Bug", 2)]
    together = stream_rollup(actor=boss, period="all").together
    assert (together.streams, together.items) == (1, 5)


def test_selections_and_the_network_follow(boss: Actor, tiny: Stream) -> None:
    selection = Selection(period="all", types=("Story",))
    report_of(actor=boss, stream_id=tiny.id, selection=selection)
    run_waiting_jobs()
    lake = read_lake(lake_folder(), at=boss.at)
    assert lake is not None
    keep_network(lake, tables_folder(), at=boss.at, writing=transaction.atomic)
    assert network_outdated() is False
    join(boss, tiny, "Second")
    assert report_of(actor=boss, stream_id=tiny.id, selection=selection).content is None  # asked for anew
    run_waiting_jobs()
    content: Any = report_of(actor=boss, stream_id=tiny.id, selection=selection).content
    assert next(one for one in content.figures if one.metric == "flow_time").n == 2  # the stories B and D
    assert network_outdated() is True
    keep_network(lake, tables_folder(), at=boss.at, writing=transaction.atomic)
    assert [one.name for one in stream_network(actor=boss).nodes] == ["Tiny"]


def test_each_project_keeps_its_own_meaning_of_states(boss: Actor, tiny: Stream) -> None:
    join(boss, tiny, "Second")
    first = stream_workflow(actor=boss, stream_id=tiny.id)
    second = stream_workflow(actor=boss, stream_id=tiny.id, lake_name="Second")
    assert (first.lake_name, second.lake_name) == ("Tiny", "Second")
    assert {one.state for one in second.states} >= {"Doing", "Done"}
    saved = confirm_workflow(actor=boss, stream_id=tiny.id, changes=[], revision=second.revision, lake_name="Second")
    assert saved.version == 1
    with pytest.raises(NotFoundError) as caught:
        stream_workflow(actor=boss, stream_id=tiny.id, lake_name="Elsewhere")
    assert caught.value.code == "stream_project_unknown"


def test_a_project_belongs_to_one_stream_at_a_time(company: Company, boss: Actor, tiny: Stream) -> None:
    join(boss, tiny, "Second")
    assert lake_streams(actor=boss) == ()
    with pytest.raises(ConflictError) as caught:
        adopt_stream(actor=boss, lake_name="Second", name="Other", unit_id=company.unit("K1"))
    assert caught.value.code == "stream_adopted_already"
    with pytest.raises(IntegrityError), transaction.atomic():  # whatever any code believes: the database refuses
        StreamProject.objects.create(
            stream=ValueStream.objects.everything(because="test").get(), lake_name="Second", valid_from=boss.at.date()
        )
    join(boss, tiny, seen=("Tiny", "Second"))
    assert [one.lake_name for one in lake_streams(actor=boss)] == ["Second"]
    assert finished(boss, tiny) == 2
    history = stream_projects(actor=boss, stream_id=tiny.id).history
    assert [(one.lake_name, one.valid_until) for one in history] == [("Second", boss.at.date()), ("Tiny", None)]
    other = adopt_stream(actor=boss, lake_name="Second", name="Other", unit_id=company.unit("K1"))
    with pytest.raises(ConflictError) as taken:
        join(boss, tiny, "Second")
    assert taken.value.code == "stream_adopted_already"
    end_stream(actor=boss, stream_id=other.id)
    assert [one.lake_name for one in join(boss, tiny, "Second").projects] == ["Tiny", "Second"]
    entries = AuditEntry.objects.everything(because="test").filter(event="flow.stream.projects_changed")
    names = sorted((one.before["lake_names"], one.after["lake_names"]) for one in entries)
    assert names == [
        (["Tiny"], ["Tiny", "Second"]),
        (["Tiny"], ["Tiny", "Second"]),
        (["Tiny", "Second"], ["Tiny"]),
    ]


def test_ending_a_stream_gives_all_its_projects_back(boss: Actor, tiny: Stream) -> None:
    join(boss, tiny, "Second")
    end_stream(actor=boss, stream_id=tiny.id)
    read_lake(lake_folder(), at=boss.at)
    assert [one.lake_name for one in lake_streams(actor=boss)] == ["Second", "Tiny"]


def test_ids_that_nobody_can_tell_apart_are_refused(boss: Actor, tiny: Stream, tmp_path: Path) -> None:
    bring(tmp_path, "Third", THIRD, boss)  # its A may be another item than that of the first project
    found = stream_projects(actor=boss, stream_id=tiny.id, lake_names=["Tiny", "Third"])
    assert found.effect is not None
    assert (found.effect.shared, found.effect.examples) == (1, ("A",))
    with pytest.raises(InputError) as caught:
        join(boss, tiny, "Third")
    assert (caught.value.code, caught.value.values["n"]) == ("project_items_not_told_apart", 1)
    assert stream_projects(actor=boss, stream_id=tiny.id).shared == 0  # alone, the first project has no doubt
    # What an import brings after the joining is said on the page, and counted once.
    join(boss, tiny, "Second")
    bring(tmp_path, "Second", [*SECOND, "C,2026-01-13T00:00:00Z,Doing,Story"], boss)
    assert stream_projects(actor=boss, stream_id=tiny.id).shared == 1


def test_only_who_may_and_only_what_they_saw(company: Company, boss: Actor, tiny: Stream) -> None:
    reader = company.actor("finance_controller", "C")
    found = stream_projects(actor=reader, stream_id=tiny.id)
    assert (found.may_change, found.candidates) == (False, ())
    with pytest.raises(NotAllowedError):
        stream_projects(actor=reader, stream_id=tiny.id, lake_names=["Tiny", "Second"])
    with pytest.raises(NotAllowedError):
        join(reader, tiny, "Second")
    with pytest.raises(NotFoundError):
        join(company.actor("team_lead", "S"), tiny, "Second")
    for names, seen, code in (
        (("Second",), ("Tiny", "Gone"), "projects_changed_meanwhile"),
        (("Nowhere",), ("Tiny",), "lake_stream_unknown"),
    ):
        with pytest.raises((ConflictError, NotFoundError)) as caught:
            join(boss, tiny, *names, seen=seen)
        assert caught.value.code == code
    with pytest.raises(InputError) as first:
        set_stream_projects(actor=boss, stream_id=tiny.id, lake_names=["Second"], seen=["Tiny"])
    assert first.value.code == "first_project_stays"


def test_the_page_shows_the_effect_and_saves(company: Company, boss: Actor, tiny: Stream) -> None:
    client, address = company.client("programme_lead"), f"/streams/{tiny.id}/projects/"
    page = client.get(address).content.decode()
    assert "Second (items: 2)" in page
    sent = {"seen": ["=Tiny"], "names": ["=Second"]}
    looked = client.post(address, {**sent, "look": "1"})
    assert looked.status_code == 200
    assert "Together then" in looked.content.decode()
    assert stream_projects(actor=boss, stream_id=tiny.id).stream.lake_names == ("Tiny",)
    assert client.post(address, {**sent, "save": "1"}).status_code == 302
    assert stream_projects(actor=boss, stream_id=tiny.id).stream.lake_names == ("Tiny", "Second")
    late = client.post(address, {**sent, "save": "1"})
    assert late.status_code == 422
    assert "Somebody else" in late.content.decode()
    reader = company.client("finance_controller")
    assert "Second" in reader.get(address, headers={"accept-language": "de"}).content.decode()
    assert reader.post(address, sent).status_code == 403
    states = client.get(f"/streams/{tiny.id}/workflow/?of=Second").content.decode()
    assert 'name="of" value="Second"' in states
