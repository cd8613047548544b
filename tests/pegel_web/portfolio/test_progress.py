"""What stands still beside its own history, the funnel, what pilots taught: cases small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseStep, UseCase
from pegel_web.portfolio.models.stalls import StallCause
from pegel_web.portfolio.queries.funnel import funnel, pilot_learnings
from pegel_web.portfolio.queries.stalled import stalled_use_cases
from pegel_web.portfolio.queries.stays import percentiles
from pegel_web.portfolio.services import moves, pilots, stalls
from pegel_web.portfolio.services.use_cases import register_idea
from tests.pegel_web.company import Company


def test_a_percentile_counts_what_is_still_open() -> None:
    # Ten ended after 1..10 days, two are open at 10 days. Product limit: after day 8 there are
    # 12 at risk before day 1, 5 left of 12 after seven days, then 1 - 8/12 = 33 % after eight, 25 % after nine (3/12),
    # and at day 10 one of the three at risk ends: 3/12 * 2/3 = 17 %. So half are over by day 6 (6/12), 85 % never.
    ended = [(float(day), True) for day in range(1, 11)]
    median, p85 = percentiles([*ended, (10.0, False), (10.0, False)], (0.5, 0.85))
    assert (median.standing, median.days) == ("value", 6.0)
    assert (p85.standing, p85.days) == ("not_reached", None)
    # Without the open ones 85 % would seem to be over after nine days: that is what leaving them out hides.
    assert percentiles(ended, (0.85,))[0].days == 9.0
    assert percentiles(ended[:9], (0.5,))[0].standing == "too_few"


def _old_idea(company: Company, lead: Actor, days: int, then: CaseState | None, after: int = 0) -> UUID:
    """Register an idea so many days ago, and let it leave its state after some days."""
    early = replace(lead, at=lead.at - timedelta(days=days))
    one = register_idea(actor=early, pain=f"Something {days}", unit_id=company.unit("K1")).line.use_case_id
    if then is not None:
        at = early.at + timedelta(days=after)
        UseCase.objects.everything(because="a history").filter(id=one).update(state=then, state_since=at)
        CaseStep.objects.create(use_case_id=one, source="idea", target=then, at=at)
    return one


def test_older_than_85_percent_of_the_own_history_stands_still(company: Company, lead: Actor) -> None:
    for days in range(1, 21):
        _old_idea(company, lead, 100, CaseState.REJECTED, after=days)
    # Twenty ended after 1..20 days; what is open has been for 12 and for 40 days. At risk before day 13: 8 + 1 = 9.
    fine, stuck = _old_idea(company, lead, 12, None), _old_idea(company, lead, 40, None)
    found = stalled_use_cases(actor=lead)
    assert [one.line.use_case_id for one in found.cases] == [stuck]
    assert fine not in {one.line.use_case_id for one in found.cases}
    assert (found.cases[0].reasons, found.cases[0].line.days) == (("older",), 40)
    idea = next(one for one in found.history if one.state == "idea")
    assert (idea.ended, idea.open, idea.aside) == (20, 2, 0)
    # After twelve days 10 of 22 are left (one of them is open and drops out), so S = 10/22; each further end takes
    # one of those at risk: S(18) = 10/22 * 8/9 * 7/8 * 6/7 * 5/6 * 4/5 * 3/4 = 10/22 * 3/9 = 15.2 %, S(19) = 10.1 %.
    assert idea.p85.days == 19.0


def test_a_pilot_past_its_end_stands_still_and_gets_a_cause(
    company: Company, lead: Actor, assessed: CaseReport, through: Callable[[Actor, UUID, CaseState], CaseReport]
) -> None:
    one = assessed.line.use_case_id
    through(lead, one, CaseState.PRIORITISED)
    through(lead, one, CaseState.PILOT)
    assert stalled_use_cases(actor=lead).cases == ()
    later = replace(lead, at=lead.at + timedelta(days=30))
    found = stalled_use_cases(actor=later).cases
    assert [(case.reasons, case.since_over) for case in found] == [(("pilot_over",), later.at.date())]
    with pytest.raises(NotAllowedError):
        stalls.name_stall_cause(actor=company.actor("employee", "S1"), use_case_id=one, cause=StallCause.LEGAL)
    stalls.name_stall_cause(actor=later, use_case_id=one, cause=StallCause.LEGAL, note="The contract")
    after = replace(later, at=later.at + timedelta(hours=1))
    named = stalls.name_stall_cause(actor=after, use_case_id=one, cause=StallCause.DATA)
    assert (named.cases[0].cause, named.causes) == ("data", {"data": 1})


def test_the_funnel_counts_what_ever_got_there(
    company: Company, lead: Actor, assessed: CaseReport, through: Callable[[Actor, UUID, CaseState], CaseReport]
) -> None:
    one = assessed.line.use_case_id
    through(lead, one, CaseState.PRIORITISED)
    moves.move_use_case(actor=lead, use_case_id=one, target=CaseState.ASSESSED, reason="Not yet")
    register_idea(actor=company.actor("employee", "S1"), pain="Mail", unit_id=company.unit("S1"))
    found = funnel(actor=lead)
    assert [stage.reached for stage in found.overall.stages] == [2, 1, 1, 0, 0, 0]
    assert [(line.unit_name, line.stages[0].reached) for line in found.departments] == [("Claims", 1), ("Sales", 1)]
    # Two use cases are too few for a median.
    assert found.overall.stages[1].days_from_idea.standing == "too_few"


def test_learnings_are_open_to_everybody_failures_too(
    company: Company, lead: Actor, assessed: CaseReport, through: Callable[[Actor, UUID, CaseState], CaseReport]
) -> None:
    one = assessed.line.use_case_id
    through(lead, one, CaseState.PRIORITISED)
    through(lead, one, CaseState.PILOT)
    pilots.close_pilot(actor=lead, use_case_id=one, as_planned=False, why="Nobody used it", change="Ask first")
    clerk = company.actor("employee", "S1")
    assert [(each.as_planned, each.why) for each in pilot_learnings(actor=clerk)] == [(False, "Nobody used it")]
    assert pilot_learnings(actor=clerk, as_planned=True) == ()


@pytest.mark.parametrize("path", ["stalled", "funnel", "learnings"])
def test_the_pages_say_what_is_missing(company: Company, path: str) -> None:
    client = company.client("employee", "S1")
    page = client.get(f"/use-cases/{path}/")
    assert page.status_code == 200
    assert "{" not in page.content.decode().partition("<main")[2].partition("</main>")[0].replace("{}", "")
