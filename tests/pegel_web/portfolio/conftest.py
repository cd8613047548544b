"""What tests of the portfolio share: a use case and how it gets as far as a gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from pegel_web.core.actor import Actor
from pegel_web.portfolio.contracts.use_cases import CaseReport, Range3
from pegel_web.portfolio.declaring import PASSING, PERMISSION, VALUES
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseDuty
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.services import declarations, duties, estimates, moves, pilots
from pegel_web.portfolio.services import use_cases as services
from tests.pegel_web.company import Company

PAIN = "Invoices wait for three signatures"
#: What is declared so that a use case may pass.
_PASSES = {Subject.RISK_CLASS: DeclarationValue.LIMITED, Subject.POLICY_BUCKET: DeclarationValue.ALLOWED}
_ROLES = {
    "portfolio.declaration.law": "compliance",
    "portfolio.declaration.data_protection": "data_protection_officer",
    "portfolio.declaration.works_council": "works_council",
    "portfolio.declaration.operation": "department_lead",
}


def euros(low: int, likely: int, high: int) -> Range3:
    """Return a range of whole euros."""
    return Range3(low=Decimal(low), likely=Decimal(likely), high=Decimal(high))


@pytest.fixture
def lead(company: Company) -> Actor:
    """Return the lead of the team Motor."""
    return company.actor("team_lead", "K1")


@pytest.fixture
def department(company: Company) -> Actor:
    """Return the lead of the department Claims."""
    return company.actor("department_lead", "K")


@pytest.fixture
def idea(company: Company, lead: Actor) -> CaseReport:
    """Return an idea of the team Motor."""
    return services.register_idea(actor=lead, pain=PAIN, unit_id=company.unit("K1"), hoped_effect="Two days less")


def make_ready(company: Company, actor: Actor, case: UUID, gate: CaseState) -> None:
    """See to every criterion of a gate, whatever state the use case is in."""
    services.change_use_case(
        actor=actor,
        use_case_id=case,
        changes={
            "place_note": "On paper only", "goal": "Pay within ten days", "horizon": 1, "ai_acts": "It reads invoices",
            "person_decides": "Somebody releases each payment", "data_needs": "Invoices", "data_class": "confidential",
            "champion_id": company.person("Carla").id, "amount": Decimal(5000),
        },
    )  # fmt: skip
    estimates.give_estimate(actor=actor, use_case_id=case, benefit=euros(1000, 2000, 4000), effort=euros(500, 800, 900))
    if gate in {CaseState.ASSESSED, CaseState.PRIORITISED}:
        wanted = (Duty.RESULT,)
    else:
        wanted = tuple(Duty)
        for subject, values in VALUES.items():
            value = _PASSES.get(subject) or next(one for one in values if one in PASSING)
            declare(company, case, subject, value)
    for duty in wanted:
        person = company.person(f"For {duty.value}")
        if CaseDuty.objects.filter(use_case=case, duty=duty, letter=Letter.ACCOUNTABLE).exists():
            continue
        duties.give_duty(actor=actor, use_case_id=case, duty=duty, letter=Letter.ACCOUNTABLE, person_id=person.id)
    if gate is CaseState.PILOT:
        plan(actor, case)


def declare(company: Company, case: UUID, subject: Subject, value: DeclarationValue) -> None:
    """Declare something by whoever may."""
    unit = "K" if PERMISSION[subject].endswith("operation") else "C"
    actor = company.actor(_ROLES[PERMISSION[subject]], unit)
    declarations.declare_status(actor=actor, use_case_id=case, subject=subject, value=value, document="Ref. 12")


def plan(actor: Actor, case: UUID) -> None:
    """Plan a pilot of thirty days."""
    pilots.plan_pilot(
        actor=actor, use_case_id=case, hypothesis="Two days less", baseline="Nine days, stream Invoices",
        kill_criterion="More than 1 % wrong", ends_on=actor.at.date() + timedelta(days=30),
    )  # fmt: skip


@pytest.fixture
def assessed(company: Company, lead: Actor, idea: CaseReport) -> CaseReport:
    """Return a use case that is assessed and has all that prioritising takes."""
    make_ready(company, lead, idea.line.use_case_id, CaseState.PRIORITISED)
    return moves.move_use_case(actor=lead, use_case_id=idea.line.use_case_id, target=CaseState.ASSESSED)


@pytest.fixture
def through(company: Company, department: Actor) -> Callable[[Actor, UUID, CaseState], CaseReport]:
    """Return what asks for a gate and has the department approve it."""
    from pegel_web.portfolio.models.gates import GateOutcome  # noqa: PLC0415  (models need the database)
    from pegel_web.portfolio.queries.use_cases import use_case  # noqa: PLC0415  (the same)
    from pegel_web.portfolio.services import gates  # noqa: PLC0415  (the same)

    def passed(actor: Actor, case: UUID, gate: CaseState) -> CaseReport:
        make_ready(company, actor, case, gate)
        asked = gates.ask_gate(actor=actor, use_case_id=case, gate=gate)
        gates.decide_gate(actor=department, request_id=asked.request_id, outcome=GateOutcome.APPROVED)
        return use_case(actor=actor, use_case_id=case)

    return passed
