"""Experiments under a pre-approved pattern: within caps, and they end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.jobs.actors import pegel_itself
from pegel_web.portfolio.contracts.patterns import Pattern
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.use_cases import DataClass
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services import patterns, pilots
from pegel_web.portfolio.services import use_cases as services
from tests.pegel_web.company import Company
from tests.pegel_web.portfolio.conftest import declare


@pytest.fixture
def pattern(company: Company) -> Pattern:
    """Return a pattern of the whole company."""
    return patterns.set_pattern(
        actor=company.actor("programme_lead"), name="Drafting", description="Internal texts", unit_id=company.unit("C"),
        most_data_class=DataClass.INTERNAL, most_people=10, most_days=30, most_amount=Decimal(500),
    )  # fmt: skip


def _start(lead: Actor, idea: CaseReport, pattern: Pattern, **given: Any) -> CaseReport:
    services.change_use_case(
        actor=lead, use_case_id=idea.line.use_case_id, changes={"data_class": given.pop("data_class", "internal")}
    )
    return patterns.start_experiment(
        actor=lead, use_case_id=idea.line.use_case_id, pattern_id=pattern.pattern_id,
        **{"hypothesis": "Fast", "kill_criterion": "Bad", "people": 10, "days": 30, "amount": Decimal(500), **given},
    )  # fmt: skip


def test_it_starts_without_a_gate_and_ends_by_itself(lead: Actor, idea: CaseReport, pattern: Pattern) -> None:
    made = _start(lead, idea, pattern)
    assert (made.line.state, made.steps[0].pattern) == ("pilot", "Drafting")
    assert made.line.pilot_ends_on == lead.at.date() + timedelta(days=30)
    before = pegel_itself(at=lead.at + timedelta(days=29), request_id="x")
    assert patterns.expire_experiments(actor=before) == 0
    then = pegel_itself(at=lead.at + timedelta(days=30), request_id="x")
    assert [patterns.expire_experiments(actor=then) for _ in range(2)] == [1, 0]
    found = use_case(actor=replace(lead, at=then.at), use_case_id=idea.line.use_case_id)
    assert (found.line.state, found.steps[0].by, found.pilots[0].closed_at) == ("assessed", None, then.at)


@pytest.mark.parametrize(
    ("given", "what"),
    [({"people": 11}, "people"), ({"days": 31}, "days"), ({"amount": Decimal("500.01")}, "amount"),
     ({"data_class": "confidential"}, "data_class")],
)  # fmt: skip
def test_more_than_the_caps_is_refused(
    lead: Actor, idea: CaseReport, pattern: Pattern, given: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConflictError) as refused:
        _start(lead, idea, pattern, **given)
    assert (refused.value.code, refused.value.values["what"]) == ("beyond_cap", what)


def test_what_is_declared_high_risk_is_no_experiment(
    company: Company, lead: Actor, idea: CaseReport, pattern: Pattern
) -> None:
    declare(company, idea.line.use_case_id, Subject.RISK_CLASS, DeclarationValue.HIGH)
    with pytest.raises(ConflictError) as refused:
        _start(lead, idea, pattern)
    assert refused.value.code == "experiment_prohibited"


def test_the_end_of_an_experiment_cannot_be_moved(lead: Actor, idea: CaseReport, pattern: Pattern) -> None:
    _start(lead, idea, pattern)
    with pytest.raises(ConflictError) as refused:
        pilots.plan_pilot(
            actor=lead, use_case_id=idea.line.use_case_id, hypothesis="x", baseline="y", kill_criterion="z",
            ends_on=lead.at.date() + timedelta(days=400),
        )  # fmt: skip
    assert refused.value.code == "experiment_end_is_fixed"


def test_a_pattern_of_another_department_does_not_hold_here(company: Company, lead: Actor, idea: CaseReport) -> None:
    sales = patterns.set_pattern(
        actor=company.actor("programme_lead"), name="Sales only", description="x", unit_id=company.unit("S"),
        most_data_class=DataClass.INTERNAL, most_people=10, most_days=30, most_amount=Decimal(500),
    )  # fmt: skip
    with pytest.raises(ConflictError) as refused:
        _start(lead, idea, sales)
    assert refused.value.code == "pattern_not_here"


def test_only_who_may_sets_patterns(company: Company, lead: Actor, pattern: Pattern) -> None:
    with pytest.raises(NotAllowedError):
        patterns.end_pattern(actor=lead, pattern_id=pattern.pattern_id)
