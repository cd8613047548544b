"""Not everything at once: a limit on parallel pilots shows at the gate and can stay open with a condition only."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import UseCase
from pegel_web.portfolio.models.gates import GateOutcome
from pegel_web.portfolio.queries.introductions import unit_introductions
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services import gates
from pegel_web.portfolio.services.introductions import set_introduction_limit
from pegel_web.portfolio.services.use_cases import register_idea
from tests.pegel_web.company import Company
from tests.pegel_web.portfolio.conftest import make_ready


def test_the_nearest_limit_above_counts(
    company: Company, lead: Actor, department: Actor, assessed: CaseReport,
    through: Callable[[Actor, UUID, CaseState], CaseReport],
) -> None:  # fmt: skip
    one = assessed.line.use_case_id
    through(lead, one, CaseState.PRIORITISED)
    make_ready(company, lead, one, CaseState.PILOT)
    programme = company.actor("programme_lead")
    other = register_idea(actor=lead, pain="Other", unit_id=company.unit("K2")).line.use_case_id
    UseCase.objects.everything(because="it runs").filter(id=other).update(state=CaseState.PILOT)

    def standing() -> tuple[str, str]:
        line = next(each for each in use_case(actor=lead, use_case_id=one).criteria if each.code == "introductions")
        return line.standing, line.evidence

    assert standing() == ("met", "no limit configured")
    set_introduction_limit(actor=programme, unit_id=company.unit("C"), most=5)
    assert standing() == ("met", "1 at once, 5 allowed")
    # Claims takes one at a time, and one runs in its team Household.
    set_introduction_limit(actor=programme, unit_id=company.unit("K"), most=1)
    assert standing() == ("failed", "1 at once, 1 allowed")
    asked = gates.ask_gate(actor=lead, use_case_id=one, gate=CaseState.PILOT)
    with pytest.raises(ConflictError) as refused:
        gates.decide_gate(actor=department, request_id=asked.request_id, outcome=GateOutcome.APPROVED)
    assert refused.value.code == "criteria_need_conditions"
    gates.decide_gate(
        actor=department, request_id=asked.request_id, outcome=GateOutcome.WITH_CONDITIONS,
        conditions="Household ends its pilot first",
    )  # fmt: skip
    shown = {each.unit_name: (each.running, each.most) for each in unit_introductions(actor=lead)}
    assert (shown["Claims"], shown["Motor"], shown["Company"], shown["Sales"]) == ((2, 1), (1, None), (2, 5), (0, None))


def test_who_may_not_sets_nothing(company: Company, lead: Actor) -> None:
    with pytest.raises(NotAllowedError):
        set_introduction_limit(actor=lead, unit_id=company.unit("K1"), most=1)
    with pytest.raises(InputError):
        set_introduction_limit(actor=company.actor("programme_lead"), unit_id=company.unit("K1"), most=0)


def test_a_limit_can_be_taken_back(company: Company) -> None:
    programme = company.actor("programme_lead")
    set_introduction_limit(actor=programme, unit_id=company.unit("K"), most=2)
    assert set_introduction_limit(actor=programme, unit_id=company.unit("K"), most=None).most is None
