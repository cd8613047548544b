"""Saving what the states mean: a version, its record and the refresh, or none of them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pegel.errors import BusyError, NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow, workflow_versions, workflows
from pegel.lake.writing import exclusive
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.workflow import RuleChange
from pegel_web.flow.queries.workflow import stream_workflow
from pegel_web.flow.services.workflow import confirm_workflow, restore_workflow
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.tiny import WAITING, tiny_stream


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.everything(because="test").filter(event__startswith="flow.workflow.").order_by("at"))


def refreshes() -> int:
    return Job.objects.everything(because="test").filter(kind="flow.refresh", state="waiting").count()


def test_a_change_is_a_new_version_with_its_record_and_a_refresh(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    run_waiting_jobs()
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    saved = confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING], revision=revision)
    assert (saved.version, saved.rules, saved.in_force, saved.restored) == (2, 3, True, None)
    assert (saved.saved_at, saved.saved_by) == (boss.at, company.people["programme_lead-C"].identity.name)
    rule = workflows(lake)["Tiny"].rule("Review")
    assert rule is not None
    assert (rule.category, rule.phase, rule.friction) == ("waiting", "execution", "approval")
    assert [one.version for one in workflow_versions(lake, "Tiny")] == [1, 2]
    (entry,) = entries()
    assert (entry.event, entry.subject_id, entry.unit_id) == (
        "flow.workflow.confirmed", str(stream.id), company.unit("K1"),
    )  # fmt: skip
    assert entry.before == {"version": 1, "status": "confirmed", "rules": {"Review": "active"}}
    assert entry.after == {
        "version": 2, "status": "confirmed", "rules": {"Review": "waiting, execution, approval"}, "lake_name": "Tiny",
    }  # fmt: skip
    assert refreshes() == 1


def test_a_suggestion_is_confirmed_as_it_stands(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path, confirmed=False)
    before = stream_workflow(actor=boss, stream_id=stream.id)
    saved = confirm_workflow(actor=boss, stream_id=stream.id, changes=[], revision=before.revision)
    after = stream_workflow(actor=boss, stream_id=stream.id)
    assert (saved.version, after.status, after.version) == (1, "confirmed", 1)
    meaning = {(one.state, one.category) for one in before.states}
    assert {(one.state, one.category) for one in after.states} == meaning
    assert {one.confidence for one in after.states} == {None}
    (entry,) = entries()
    assert entry.before == {"version": 0, "status": "suggested", "rules": {}}


def test_a_confirmed_mapping_that_stays_as_it_is_gets_no_version(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    same = RuleChange(state="Review", category="active")
    assert confirm_workflow(actor=boss, stream_id=stream.id, changes=[same], revision=revision).version == 1
    assert restore_workflow(actor=boss, stream_id=stream.id, version=1, revision=revision).version == 1
    assert len(workflow_versions(lake, "Tiny")) == 1
    assert entries() == []


def test_nobody_overwrites_what_they_have_not_seen(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    seen = stream_workflow(actor=boss, stream_id=stream.id).revision
    other = company.actor("team_lead", "K1")
    parked = RuleChange(state="Parked", category="waiting")
    confirm_workflow(actor=other, stream_id=stream.id, changes=[parked], revision=seen)
    for act in (
        lambda: confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING], revision=seen),
        lambda: restore_workflow(actor=boss, stream_id=stream.id, version=1, revision=seen),
    ):
        with pytest.raises(ConflictError) as late:
            act()
        assert late.value.code == "workflow_changed_meanwhile"
    assert len(workflow_versions(lake, "Tiny")) == 2
    # Also where it was set on the command line.
    now = stream_workflow(actor=boss, stream_id=stream.id).revision
    set_workflow(lake, "Tiny", load_workflow("states: {Done: done}"))
    with pytest.raises(ConflictError):
        confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING], revision=now)


def test_an_older_version_comes_back_as_a_new_one(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    first = stream_workflow(actor=boss, stream_id=stream.id).revision
    confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING], revision=first)
    later = replace(boss, at=boss.at + timedelta(hours=1))
    second = stream_workflow(actor=later, stream_id=stream.id).revision
    saved = restore_workflow(actor=later, stream_id=stream.id, version=1, revision=second)
    assert (saved.version, saved.restored, saved.saved_at) == (3, 1, later.at)
    versions = workflow_versions(lake, "Tiny")
    assert versions[2].rules == versions[0].rules
    listed = stream_workflow(actor=boss, stream_id=stream.id).versions
    assert [(one.version, one.in_force, one.restored) for one in listed] == [
        (3, True, 1), (2, False, None), (1, False, None),
    ]  # fmt: skip
    assert [entry.event for entry in entries()] == ["flow.workflow.confirmed", "flow.workflow.restored"]
    assert entries()[1].after is not None
    assert entries()[1].after["rules"] == {"Review": "active"}
    third = stream_workflow(actor=boss, stream_id=stream.id).revision
    assert len({first, second, third}) == 3  # the same content again is another version all the same
    with pytest.raises(NotFoundError) as unknown:
        restore_workflow(actor=boss, stream_id=stream.id, version=9, revision=third)
    assert unknown.value.code == "workflow_version_unknown"


def test_a_file_that_cannot_be_written_leaves_nothing_behind(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    run_waiting_jobs()
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    with exclusive(lake.root), pytest.raises(BusyError):
        confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING], revision=revision)
    assert (entries(), refreshes(), len(workflow_versions(lake, "Tiny"))) == ([], 0, 1)
    assert stream_workflow(actor=boss, stream_id=stream.id).revision == revision


def test_it_takes_the_right_in_the_unit_of_the_stream(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    reader, stranger = company.actor("employee", "K1"), company.actor("team_lead", "K2")
    for actor, refused in ((reader, NotAllowedError), (stranger, NotFoundError)):
        with pytest.raises(refused):
            confirm_workflow(actor=actor, stream_id=stream.id, changes=[WAITING], revision=revision)
        with pytest.raises(refused):
            restore_workflow(actor=actor, stream_id=stream.id, version=1, revision=revision)
    assert len(workflow_versions(lake, "Tiny")) == 1
    lead = company.actor("team_lead", "K1")
    assert confirm_workflow(actor=lead, stream_id=stream.id, changes=[WAITING], revision=revision).version == 2


def test_who_saved_it_is_named_to_those_who_may_know(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    lead = company.actor("team_lead", "K1")
    confirm_workflow(actor=lead, stream_id=stream.id, changes=[WAITING], revision=revision)
    person = company.people["team_lead-K1"]
    told = {
        name: stream_workflow(actor=actor, stream_id=stream.id).versions[0].saved_by
        for name, actor in (("lead", lead), ("boss", boss), ("reader", company.actor("employee", "K1")))
    }
    assert told == {"lead": person.identity.name, "boss": person.identity.name, "reader": person.pseudonym}
