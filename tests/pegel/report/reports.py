"""Reports to be shown: a small company's work, and one for each kind of answer that is no value."""

from datetime import UTC, datetime, timedelta

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.flow_report import FlowReport, flow_report

WORKFLOW = load_workflow("""
workflow: Claims
status: confirmed
states:
  Open: {category: new, phase: intake}
  Doing: {category: active, phase: execution}
  Approval: {category: waiting, phase: execution, friction: approval}
  Done: {category: done, phase: reporting}
items: {Claim: feature, Complaint: defect}
""")


def weekly(items: int = 40, *, workflow=WORKFLOW, names=("Open", "Doing", "Approval", "Done"), stream="Claims"):
    """Two items begin every day of 2026 from 1 January; each is 2 days in work, 3 to 7 waiting; the last five open."""
    opened, doing, approval, done = names
    rows = []
    for number in range(items):
        day = 1 + number // 2
        item = f"C-{number}"
        rows += [(item, _day(day), opened), (item, _day(day + 1), doing), (item, _day(day + 3), approval)]
        if number < items - 5:
            rows.append((item, _day(day + 6 + number % 5), done))
    types = {f"C-{number}": "Complaint" if number % 4 == 0 else "Claim" for number in range(items)}
    log = log_of_rows(rows, workflow, as_of=_day(items // 2 + 12), types=types, stream=stream)
    return flow_report(log, built_in_policy("first_active_to_last_done"))


def empty() -> FlowReport:
    """A log in which nothing was ever started."""
    log = log_of_rows([("A", "2026-01-05", "Open")], WORKFLOW, as_of="2026-01-20")
    return flow_report(log, built_in_policy("first_active_to_last_done"))


def not_configured() -> FlowReport:
    """Activities without start events: nobody has said what is work, and which type is which kind."""
    workflow = load_workflow("states: {after Check: waiting, Done: done}")
    rows = [(item, f"2026-01-0{day}", state) for item in "AB" for day, state in ((1, "after Check"), (4, "Done"))]
    return flow_report(log_of_rows(rows, workflow), built_in_policy("commitment_to_done"))


def never_started() -> FlowReport:
    """Finished without ever having been in work."""
    rows = [("A", "2026-01-05", "Open"), ("A", "2026-01-09", "Done"), ("B", "2026-01-06", "Secret")]
    return flow_report(log_of_rows(rows, WORKFLOW), built_in_policy("first_active_to_last_done"))


def _day(number: int) -> str:
    return (datetime(2026, 1, 1, 8 + number % 8, tzinfo=UTC) + timedelta(days=number - 1)).isoformat()
