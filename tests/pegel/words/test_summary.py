"""The first sentences of a report, in every state that an answer can be in."""

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import Workflow, load_workflow
from pegel.flow import log_of_rows
from pegel.flow.flow_report import FlowReport, flow_report
from pegel.words.summary import stall_in_short, summary, where_it_stalls

_WORKFLOW = """
workflow: Claims
status: {status}
states:
  Open: new
  Doing: active
  Approval: {{category: waiting, friction: approval}}
  Done: done
"""
_SUGGESTED = " These figures rest on a suggested meaning of the states that nobody has confirmed yet."


def _workflow(status: str = "confirmed") -> Workflow:
    return load_workflow(_WORKFLOW.format(status=status))


def _report(
    *histories: str,
    workflow: Workflow | None = None,
    as_of: str = "2026-01-31",
    policy: str = "first_active_to_last_done",
    **period: int,
) -> FlowReport:
    """Histories such as "A 01 Doing, 03 Done": days of January 2026."""
    rows = []
    for history in histories:
        item, steps = history.split(" ", 1)
        for step in steps.split(", "):
            day, state = step.split(" ", 1)
            rows.append((item, f"2026-01-{day}", state))
    log = log_of_rows(rows, workflow or _workflow(), as_of=as_of)
    return flow_report(log, built_in_policy(policy), **period)


# Four items of 10 days each: 2 of work, 8 of waiting for approval. All of them 10 days, so p85 is 10 days.
_FOUR = tuple(f"{item} 01 Doing, 03 Approval, 11 Done" for item in "ABCD")


def test_time_waiting_and_its_place():
    report = _report(*_FOUR)

    assert summary(report, "en") == (
        "85% of the work is finished within 10 days; "
        "80% of that time it waits, longest in “Approval” (80% of all the time). That rests on only 4 finished items: "
        "with so few, percentiles and ratios could easily have come out differently. Nothing is open."
    )
    assert summary(report, "de") == (
        "85\u202f% der Arbeit dauert höchstens 10 Tage; "
        "80\u202f% dieser Zeit wartet sie, am längsten in „Approval“ (80\u202f% der gesamten Zeit). "
        "Das stützt sich auf nur 4 fertige Arbeitseinheiten: Perzentile und Verhältniszahlen können bei so wenigen "
        "leicht anders ausfallen. Offen ist nichts."
    )
    assert where_it_stalls(report, "en") == (
        "Work waits longest in “Approval”: 80% of all flow time, "
        "8 days on average for each item that was there. Why it waits: approval."
    )
    assert stall_in_short(report, "de") == "„Approval“: 80\u202f% der Durchlaufzeit, wartend, Freigabe"


def test_one_finished_item_is_no_85_per_cent():
    assert summary(_report(_FOUR[0]), "en").startswith("One item was finished; it took 10 days; 80% of that time")


def test_old_open_work_is_counted():
    # The four left Approval at an age of 10 days; X is there at an age of 30 days, Y at 2 days.
    report = _report(*_FOUR, "X 01 Doing, 02 Approval", "Y 29 Doing, 30 Approval")

    assert summary(report, "en").endswith("One open item is older than 85% of its predecessors in the same state.")


def test_two_old_ones_are_many():
    report = _report(*_FOUR, "X 01 Doing, 02 Approval", "Y 02 Doing, 03 Approval")

    assert summary(report, "de").endswith(
        "2 offene Arbeitseinheiten sind älter als 85\u202f% ihrer Vorgänger im selben Status."
    )


def test_young_open_work_is_not_late():
    assert summary(_report(*_FOUR, "Y 29 Doing, 30 Approval"), "en").endswith(
        "No open item is older than 85% of its predecessors in the same state."
    )


def test_without_finished_work_nothing_is_compared():
    report = _report("X 01 Doing", "Y 02 Doing")

    assert summary(report, "en") == (
        "Nothing was finished in this period. 2 items are open; there is no finished work to compare them with yet."
    )
    assert where_it_stalls(report, "en") == "Nothing was finished in this period. Choose a longer one."


def test_work_that_never_started_has_no_time():
    report = _report("A 01 Open, 03 Done", "B 01 Open, 04 Done")

    assert summary(report, "en").startswith("2 items were finished without their clocks ever having started;")


def test_items_that_never_started_are_counted_beside_those_that_did():
    report = _report("A 01 Open, 03 Done", "B 01 Doing, 04 Done")

    assert "1 more item was finished without ever being started and has no flow time." in summary(report, "en")


def test_few_items_carry_a_caveat_and_twenty_do_not():
    lives = [f"I{n} 01 Doing, 04 Done" for n in range(20)]

    assert "rests on only 19 finished items" in summary(_report(*lives[:19]), "en")
    assert "rests on only" not in summary(_report(*lives), "en")


def test_no_waiting_at_all():
    report = _report(*(f"{item} 01 Doing, 04 Done" for item in "AB"))

    assert summary(report, "en").startswith(
        "85% of the work is finished within 3 days; by the mapping of states it never waits during that time."
    )
    assert (
        where_it_stalls(report, "en")
        == "No waiting: all flow time lies in active states, most of it in “Doing” (100%)."
    )


def test_no_time_passed():
    report = _report("A 01 Doing, 01 Done", "B 02 Doing, 02 Done")

    assert summary(report, "en").startswith("85% of the work is finished within 0 minutes. ")
    assert where_it_stalls(report, "de") == (
        "Die fertigen Arbeitseinheiten haben in keinem Status messbare Zeit verbracht."
    )


def test_not_configured_is_said_and_never_taken_for_waiting():
    workflow = load_workflow("states: {after Check: waiting, after Pay: waiting, Done: done}")
    report = _report("A 01 after Check, 02 after Pay, 05 Done", workflow=workflow, policy="commitment_to_done")

    assert summary(report, "de").startswith(
        "Eine Arbeitseinheit wurde fertig; sie brauchte 4 Tage; welcher Teil davon Warten ist, lässt sich noch nicht "
        "sagen, weil kein Status als Arbeit zugeordnet ist. Die meiste Zeit vergeht in „nach Pay“ (75\u202f%)."
    )
    assert "nobody has said yet" in where_it_stalls(report, "en")


def test_a_policy_that_adds_up_states_says_nothing_about_waiting():
    report = _report(*_FOUR, policy="process_time")

    assert summary(report, "en").startswith("85% of the work is finished within 2 days. That rests on only 4 ")
    assert "nobody has said" not in where_it_stalls(report, "en")


def test_a_suggested_mapping_is_named_as_such():
    assert summary(_report(*_FOUR, workflow=_workflow("suggested")), "en").endswith(_SUGGESTED)
    assert "confirmed" not in summary(_report(*_FOUR), "en")


def test_an_empty_period():
    report = _report(*_FOUR, from_us=0, until_us=0)

    assert summary(report, "en").startswith("Nothing was finished in this period.")


def test_states_without_meaning_are_named_when_they_hold_much_time():
    # A: 4 + 21 days Doing, 4 days Secret, 1 day Done; B: 12 days Doing, 18 days Done. 4 of 60 days are 7%.
    report = _report("A 01 Doing, 05 Secret, 09 Doing, 30 Done", "B 01 Doing, 13 Done")

    assert "7% of the recorded time lies in states that nobody has mapped." in summary(report, "en")
    assert "nobody has mapped" not in summary(_report(*_FOUR), "en")


def test_when_nothing_is_mapped_nothing_can_be_said():
    report = _report("A 01 Doing, 04 Done", workflow=load_workflow("states: {}"))

    assert summary(report, "en").startswith("Nothing can be said yet: nobody has said what the states mean.")
    assert where_it_stalls(report, "en") == summary(report, "en")
