"""What another meaning of the states would change: checked against the days of a log of three items."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import pegel
from pegel.errors import InputError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow, workflow_versions, workflows
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing import effect as computing
from pegel_web.flow.contracts.workflow import RuleChange, WorkflowEffect
from pegel_web.flow.queries import workflow as queries
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.queries.workflow import stream_workflow, workflow_effect
from pegel_web.flow.services.workflow import confirm_workflow
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.flow.tiny import WAITING, tiny_stream


def moved(found: WorkflowEffect) -> list[tuple[str, str, float, float]]:
    return [(one.from_part, one.to_part, one.days, one.share) for one in found.moves]


def values(found: WorkflowEffect) -> dict[str, tuple[float | None, float | None]]:
    return {one.metric: (one.before.value, one.after.value) for one in found.figures}


def test_from_active_to_waiting(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    boss = replace(boss, language="en")
    found = workflow_effect(actor=boss, stream_id=stream.id, changes=[WAITING])
    assert (found.changed, found.status, found.period) == (1, "value", "13w")
    assert moved(found) == [("active", "waiting", 8.0, 8 / 13)]
    assert found.sentence == "This moves 62% of the time from “active” to “waiting”."
    assert (found.unmapped_before, found.unmapped_after) == (2 / 13, 2 / 13)
    told = values(found)
    # Flow time: A 6 days, B 7 days. Active: A 2 + 4, B 1 + 4, so 11 of 13 days; without Review 2 + 1.
    before, after = told["flow_efficiency"]
    assert (before, after) == (pytest.approx(11 / 13), pytest.approx(3 / 13))
    assert told["flow_time"][0] == told["flow_time"][1]
    # C has only ever been in Review: where that is no work, it has not begun.
    assert told["flow_load"] == (1.0, 0.0)
    efficiency = next(one for one in found.figures if one.metric == "flow_efficiency")
    assert efficiency.change == pytest.approx(3 / 13 - 11 / 13)
    assert "62 points" in efficiency.change_text
    assert {one.after.tone for one in found.figures} == {"neutral"}  # another reading is neither better nor worse
    assert (found.policy_before, found.policy_after) == ("first_active_to_last_done", "first_active_to_last_done")
    # Nothing was saved.
    assert len(workflow_versions(lake, "Tiny")) == 1
    assert stream_workflow(actor=boss, stream_id=stream.id).revision == found.revision


def test_a_state_is_mapped_and_another_is_not_any_more(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    changes = [RuleChange(state="Parked", category="waiting"), RuleChange(state="Doing", category=None)]
    found = workflow_effect(actor=boss, stream_id=stream.id, changes=changes)
    assert moved(found) == [("active", "unmapped", 3.0, 3 / 13), ("unmapped", "waiting", 2.0, 2 / 13)]
    assert (found.unmapped_before, found.unmapped_after) == (2 / 13, 3 / 13)


def test_time_after_the_end_counts_only_where_it_becomes_time_in_the_flow(
    company: Company, boss: Actor, tmp_path: Path
) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    # A lay in Done for one day until the last event: 13 days in the flow before, 14 before or after.
    reopened = workflow_effect(actor=boss, stream_id=stream.id, changes=[RuleChange(state="Done", category="waiting")])
    assert moved(reopened) == [("outside", "waiting", 1.0, 1 / 14)]
    finished = {one.metric: one.after.status for one in reopened.figures}["flow_time"]
    assert finished == "no_data"  # nothing is ever done
    earlier = workflow_effect(actor=boss, stream_id=stream.id, changes=[RuleChange(state="Review", category="done")])
    assert moved(earlier) == [("active", "outside", 8.0, 8 / 13)]


def test_another_clock_suits_a_stream_without_work(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    changes = [RuleChange(state=one, category="waiting") for one in ("Doing", "Review")]
    found = workflow_effect(actor=boss, stream_id=stream.id, changes=changes)
    assert (found.policy_before, found.policy_after) == ("first_active_to_last_done", "commitment_to_done")
    efficiency = next(one for one in found.figures if one.metric == "flow_efficiency")
    assert (efficiency.after.status, efficiency.after.value, efficiency.change) == ("not_configured", None, None)


def test_only_for_one_type_and_only_for_a_period(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    only_bugs = RuleChange(state="Review", category="waiting", type="Bug")
    assert moved(workflow_effect(actor=boss, stream_id=stream.id, changes=[only_bugs])) == [
        ("active", "waiting", 4.0, 4 / 13)
    ]
    later = RuleChange(state="Review", category="waiting", from_date=date(2026, 1, 7))  # A's stay, not B's of the 6th
    assert moved(workflow_effect(actor=boss, stream_id=stream.id, changes=[later])) == [
        ("active", "waiting", 4.0, 4 / 13)
    ]


def test_the_reason_for_waiting_alone_moves_no_time(company: Company, boss: Actor, tmp_path: Path) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    change = RuleChange(state="Review", category="active", phase="execution")
    found = workflow_effect(actor=replace(boss, language="de"), stream_id=stream.id, changes=[change])
    assert (found.changed, found.moves) == (1, ())
    assert "verschiebt sich keine Zeit" in found.sentence
    assert all(before == after for before, after in values(found).values())
    same = workflow_effect(actor=boss, stream_id=stream.id, changes=[RuleChange(state="Review", category="active")])
    assert same.changed == 0


def test_what_is_shown_before_is_what_comes_after(company: Company, boss: Actor, tmp_path: Path) -> None:
    """The figures of the effect are those that the page of the stream shows once the change is saved."""
    make_lake(tmp_path, {"Claims": rows_of_weeks()})
    stream = adopted(boss, "Claims", company.unit("K1"))
    change = RuleChange(state="Review", category="active")
    found = workflow_effect(actor=boss, stream_id=stream.id, changes=[change])
    shown = stream_report(actor=boss, stream_id=stream.id).content
    assert shown is not None
    assert {one.metric: one.value for one in shown.figures} == {name: one for name, (one, _) in values(found).items()}
    confirm_workflow(actor=boss, stream_id=stream.id, changes=[change], revision=found.revision)
    run_waiting_jobs()
    after = stream_report(actor=boss, stream_id=stream.id).content
    assert after is not None
    assert {one.metric: one.value for one in after.figures} == {name: one for name, (_, one) in values(found).items()}
    assert values(found)["flow_efficiency"] == (pytest.approx(1 / 3), 1.0)  # one day of work, two of review


def test_a_huge_stream_gets_the_shares_of_the_time_only(
    company: Company, boss: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    monkeypatch.setattr(queries, "MOST_STAYS", 8)  # the log has eight stays: just not too many
    assert workflow_effect(actor=boss, stream_id=stream.id, changes=[WAITING]).status == "value"
    monkeypatch.setattr(queries, "MOST_STAYS", 7)
    found = workflow_effect(actor=boss, stream_id=stream.id, changes=[WAITING])
    assert (found.status, found.figures, found.policy_after) == ("too_large", (), None)
    assert moved(found) == [("active", "waiting", 8.0, 8 / 13)]
    assert computing.MOST_STAYS >= 1_000_000


def test_an_import_changes_the_answer(company: Company, boss: Actor, tmp_path: Path) -> None:
    """What is kept in the process is kept for the lake as it was."""
    lake, stream = tiny_stream(company, boss, tmp_path)
    assert moved(workflow_effect(actor=boss, stream_id=stream.id, changes=[WAITING]))[0][2] == 8.0
    more = tmp_path / "more.csv"
    more.write_text("item,at,state,type\nC,2026-01-13T00:00:00Z,Done,Story\n")
    pegel.import_file(lake, more, pegel.ReadOptions(stream="Tiny"), seen_at=boss.at)
    assert moved(workflow_effect(actor=boss, stream_id=stream.id, changes=[WAITING]))[0][2] == 9.0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (RuleChange(state="review", category="waiting"), "workflow_state_unknown"),
        (RuleChange(state="(deleted)", category="done"), "workflow_state_unknown"),
        (RuleChange(state="x" * 5000, category="done"), "workflow_state_unknown"),
        (RuleChange(state="Review", category="waiting", type="Epic"), "workflow_type_unknown"),
        (RuleChange(state="Review", category="busy"), "workflow_word_unknown"),
        (RuleChange(state="Review", category="unmapped"), "workflow_word_unknown"),
        (RuleChange(state="Review", category="deleted"), "workflow_word_unknown"),
        (RuleChange(state="Review", category="active", phase="later"), "workflow_word_unknown"),
        (RuleChange(state="Review", category="waiting", friction="boredom"), "workflow_word_unknown"),
        (
            RuleChange(state="Review", category="active", from_date=date(2026, 2, 1), until_date=date(2026, 2, 1)),
            "workflow_period_backwards",
        ),
    ],
)
def test_changes_that_make_no_sense(
    company: Company, boss: Actor, tmp_path: Path, change: RuleChange, code: str
) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    with pytest.raises(InputError) as refused:
        workflow_effect(actor=boss, stream_id=stream.id, changes=[change])
    assert refused.value.code == code
    revision = stream_workflow(actor=boss, stream_id=stream.id).revision
    with pytest.raises(InputError):
        confirm_workflow(actor=boss, stream_id=stream.id, changes=[WAITING, change], revision=revision)
    assert len(workflow_versions(lake, "Tiny")) == 1


def test_a_rule_for_a_state_that_is_gone_can_be_taken_out(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    set_workflow(lake, "Tiny", load_workflow("states: {Doing: active, Review: active, Old: waiting, Done: done}"))
    found = workflow_effect(actor=boss, stream_id=stream.id, changes=[RuleChange(state="Old", category=None)])
    assert (found.changed, found.moves) == (1, ())
    confirm_workflow(
        actor=boss, stream_id=stream.id, changes=[RuleChange(state="Old", category=None)], revision=found.revision
    )
    assert {one.state for one in workflows(lake)["Tiny"].rules} == {"Doing", "Review", "Done"}


def test_no_effect_without_data(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    lake.undo(lake.register().committed[0]["import_id"])
    with pytest.raises(ConflictError) as refused:
        workflow_effect(actor=boss, stream_id=stream.id, changes=[])
    assert refused.value.code == "stream_without_data"
