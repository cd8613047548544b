"""Everything beyond the ten metrics, together: empty and tiny logs, and one page in both languages."""

from __future__ import annotations

import pytest

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_report import flow_report
from pegel.insights import insights
from pegel.report import render_html
from pegel.words import Language, say

WORKFLOW = load_workflow("states: {Doing: active, Waits: waiting, Done: done}")
POLICY = built_in_policy("first_active_to_last_done")
TINY = [
    [],
    [("A", "2026-01-05", "Doing")],
    [("A", "2026-01-05", "Done")],
    [("A", "2026-01-05", "Nobody knows")],
    [("A", "2026-01-05", "Doing"), ("A", "2026-01-05", "Done")],
]


@pytest.mark.parametrize("rows", TINY, ids=["empty", "open", "never started", "unmapped", "no time"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_tiny_logs_answer_without_inventing_anything(rows: list[tuple[str, ...]], language: Language) -> None:
    log = log_of_rows(rows, WORKFLOW)
    found = insights(log, POLICY)
    answers = [answer for name in found.__slots__ if isinstance(answer := getattr(found, name), Answer)]
    assert {answer.reason is None for answer in answers if answer.status is not Status.VALUE} <= {False}
    assert found.forecast.status is Status.NO_DATA
    page = render_html(flow_report(log, POLICY), language, title="x", insights=found)
    for heading in ("report.waits", "report.bottlenecks", "report.forecast", "network.title", "quality.title"):
        assert f"<h2>{say(heading, language)}</h2>" in page


def test_the_answers_agree_with_each_other() -> None:
    """Waits of the causes add up to flow time less work; the load of the forecast is the open work."""
    rows = [
        row
        for number in range(30)
        for row in (
            (f"I{number}", f"2026-01-{1 + number % 20:02}", "Doing"),
            (f"I{number}", f"2026-01-{3 + number % 20:02}", "Waits"),
            (f"I{number}", f"2026-01-{7 + number % 20:02}", "Done"),
        )[: 2 if number % 5 == 0 else 3]
    ]
    log = log_of_rows(rows, WORKFLOW)
    report, found = flow_report(log, POLICY), insights(log, POLICY)
    # 24 finished items of 6 days each, 2 of work and 4 of waiting.
    assert (report.flow_time.n, report.flow_time.mean) == (24, 6.0)
    assert found.waits.wait_days == 24 * 4 == report.flow_efficiency.waiting_days
    finished = found.waits.by_cause.filter(~found.waits.by_cause["open"])
    assert sum(finished["days"].drop_nulls()) == 96.0
    assert report.flow_load.now == 6 == found.unfinished.open
