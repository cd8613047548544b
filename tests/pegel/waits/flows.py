"""Small planted logs: items that come every week and spend known times in known states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.log import FlowLog

POLICY = built_in_policy("first_active_to_last_done")
WORKFLOW = load_workflow("""
workflow: Claims
status: confirmed
states:
  Open: {category: new, phase: intake}
  Triage: {category: active, phase: intake}
  Doing: {category: active, phase: execution}
  Review: {category: waiting, phase: execution, friction: approval}
  Queue: {category: waiting, phase: planning}
  Side: waiting
  Done: {category: done, phase: reporting}
""")
#: Monday.
FIRST = datetime(2026, 1, 5, tzinfo=UTC)


def day(number: float) -> str:
    """ISO time of a day, counted from the first Monday."""
    return (FIRST + timedelta(days=number)).isoformat()


def planted(
    stays: Callable[[int, int], Sequence[tuple[str, float]]],
    *,
    weeks: int = 12,
    per_week: int = 5,
    until_week: int | None = None,
    **more: object,
) -> FlowLog:
    """Return a log in which ``per_week`` items start each week; ``stays(week, number)``: (state, days) of each."""
    rows = []
    for week in range(weeks):
        for number in range(per_week):
            at = 7.0 * week
            for state, days in stays(week, number):
                rows.append((f"I-{week}-{number}", day(at), state))
                at += days
    end = day(7 * (weeks if until_week is None else until_week))
    return log_of_rows(sorted(rows, key=lambda row: row[0]), WORKFLOW, as_of=end, **more)  # type: ignore[arg-type]
