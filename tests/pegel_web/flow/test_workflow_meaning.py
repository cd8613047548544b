"""What the states of a stream mean, how sure that is, and the time that is weighed by it."""

from pathlib import Path
from uuid import uuid4

import pytest

from pegel.errors import NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.contracts.workflow import StateMeaning, StreamWorkflow
from pegel_web.flow.queries.workflow import stream_workflow, workflow_effect
from pegel_web.flow.services.streams import adopt_stream, end_stream
from pegel_web.flow.services.workflow import confirm_workflow
from pegel_web.organisation.models import Membership
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.flow.tiny import WAITING, tiny_stream


def by_state(found: StreamWorkflow) -> dict[tuple[str, str | None], StateMeaning]:
    return {(one.state, one.type): one for one in found.states}


def test_time_and_share_of_each_state(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    found = stream_workflow(actor=boss, stream_id=stream.id)
    assert (found.status, found.version, found.in_force, found.confidence) == ("confirmed", 1, True, None)
    assert [one.state for one in found.states] == ["Parked", "Doing", "Review", "Done"]  # not mapped first
    assert [(one.entries, one.days, one.share) for one in found.states] == [
        (1, 2.0, 2 / 13), (2, 3.0, 3 / 13), (3, 8.0, 8 / 13), (2, 1.0, None),
    ]  # fmt: skip
    assert (found.unmapped, found.unmapped_share) == (1, 2 / 13)
    assert found.states[0].origin == "unmapped"
    assert {one.origin for one in found.states[1:]} == {"confirmed"}
    assert found.states[2].types == ("Bug", "Story")
    assert found.types == ("Bug", "Story")


def test_a_rule_for_one_type_has_only_its_time(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    for_bugs = "states: {Doing: active, Review: active, Parked: waiting, Done: done}\ntypes: {Bug: {Review: waiting}}"
    set_workflow(lake, "Tiny", load_workflow(for_bugs))
    found = by_state(stream_workflow(actor=boss, stream_id=stream.id))
    assert (found["Review", "Bug"].days, found["Review", "Bug"].category) == (4.0, "waiting")
    assert (found["Review", None].days, found["Review", None].types) == (4.0, ("Story",))


def test_a_rule_for_a_period_has_only_its_time(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    dated = (
        "states: {Doing: active, Review: active, Parked: waiting, Done: done}\n"
        "periods: [{from: 2026-01-07, until: 2026-02-01, states: {Review: waiting}}]"
    )
    set_workflow(lake, "Tiny", load_workflow(dated))
    lines = [one for one in stream_workflow(actor=boss, stream_id=stream.id).states if one.state == "Review"]
    # A came on 7 January and C on the 12th: both after it began. B came on the 6th, the day before.
    told = [(str(one.from_date), str(one.until_date), one.category, one.entries, one.days) for one in lines]
    assert told == [("None", "None", "active", 1, 4.0), ("2026-01-07", "2026-02-01", "waiting", 2, 4.0)]


def test_a_suggestion_says_how_sure_it_is(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path, confirmed=False)
    found = stream_workflow(actor=boss, stream_id=stream.id)
    assert (found.status, found.version, found.versions) == ("suggested", None, ())
    assert found.confidence is not None
    states = by_state(found)
    doing = states["Doing", None]
    assert (doing.origin, doing.category, doing.trust) == ("suggested", "active", "high")
    assert doing.confidence is not None
    assert doing.confidence >= 0.8
    assert doing.why is not None
    assert found.revision.startswith("s-")


def test_a_new_state_in_a_confirmed_mapping_comes_with_a_suggestion(
    company: Company, boss: Actor, tmp_path: Path
) -> None:
    lake = make_lake(tmp_path, {"Claims": rows_of_weeks()}, confirmed=False)
    set_workflow(lake, "Claims", load_workflow("states: {Doing: active, Done: done}"))
    made = adopted(boss, "Claims", company.unit("K1"))
    first = stream_workflow(actor=boss, stream_id=made.id).states[0]
    assert (first.state, first.origin, first.category) == ("Review", "unmapped", "unmapped")
    assert first.suggested is not None
    assert first.suggested.category in ("waiting", "active")
    assert 0 < first.suggested.confidence < 1


def test_an_older_version_can_be_looked_at(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    set_workflow(lake, "Tiny", load_workflow("states: {Doing: active, Review: waiting, Done: done}"))
    now, then = (stream_workflow(actor=boss, stream_id=stream.id, version=one) for one in (None, 1))
    assert (now.version, now.in_force, then.version, then.in_force) == (2, True, 1, False)
    assert by_state(now)["Review", None].category == "waiting"
    assert by_state(then)["Review", None].category == "active"
    assert now.revision == then.revision  # a change is always made against what is in force
    assert [(one.version, one.in_force, one.saved_at, one.saved_by) for one in now.versions] == [
        (2, True, None, None), (1, False, None, None),
    ]  # fmt: skip
    for gone in (0, 3):
        with pytest.raises(NotFoundError) as unknown:
            stream_workflow(actor=boss, stream_id=stream.id, version=gone)
        assert unknown.value.code == "workflow_version_unknown"


def test_who_sees_it_and_who_may_try(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    reader = company.actor("employee", "K1")
    assert not stream_workflow(actor=reader, stream_id=stream.id).may_change
    with pytest.raises(NotAllowedError):
        workflow_effect(actor=reader, stream_id=stream.id, changes=[WAITING])
    for stranger in (company.actor("team_lead", "K2"), company.actor("works_council", "C")):
        with pytest.raises(NotFoundError):
            stream_workflow(actor=stranger, stream_id=stream.id)
        with pytest.raises(NotFoundError):
            workflow_effect(actor=stranger, stream_id=stream.id, changes=[])


def test_a_small_group_gets_no_times_but_may_map(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    for number in range(2):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    found = stream_workflow(actor=boss, stream_id=stream.id)
    assert found.withheld
    assert {(one.entries, one.days, one.share) for one in found.states} == {(None, None, None)}
    assert (found.unmapped, found.unmapped_share) == (1, None)
    effect = workflow_effect(actor=boss, stream_id=stream.id, changes=[WAITING])
    assert (effect.status, effect.changed, effect.moves, effect.figures) == ("withheld", 1, (), ())
    assert effect.unmapped_before is None
    page = company.client("programme_lead", "C").get(f"/streams/{stream.id}/workflow/").content.decode()
    assert "62%" not in page
    assert 'name="category-0"' in page


def test_without_data_there_is_nothing_to_map(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    (first,) = lake.register().committed
    lake.undo(first["import_id"])
    found = stream_workflow(actor=boss, stream_id=stream.id)
    assert (found.has_data, found.states, found.versions) == (False, (), ())
    page = company.client("programme_lead", "C").get(f"/streams/{stream.id}/workflow/")
    assert page.status_code == 200
    assert "no states to map" in page.content.decode()
    with pytest.raises(NotFoundError):
        stream_workflow(actor=boss, stream_id=uuid4())


def test_a_stream_that_was_adopted_anew_keeps_its_meaning(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING], revision=revision)
    end_stream(actor=boss, stream_id=stream.id)
    again = adopt_stream(actor=boss, lake_name="Tiny", name="Tiny", unit_id=company.unit("K2"))
    found = stream_workflow(actor=boss, stream_id=again.id)
    assert found.version == 2
    assert found.versions[0].saved_at == boss.at
