"""How the criteria of a gate stand, in words."""

from __future__ import annotations

from pegel.words import Language, say
from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.contracts.use_cases import CriterionLine
from pegel_web.portfolio.gate_registry import Criterion, Finding, criteria_for
from pegel_web.portfolio.lifecycle import CaseState


def criterion_lines(facts: CaseFacts, gate: CaseState, language: Language) -> tuple[CriterionLine, ...]:
    """Return what it takes to enter a state, and how each criterion stands."""
    return tuple(_line(one, one.check(facts), language) for one in criteria_for(gate))


def open_binding(facts: CaseFacts, gate: CaseState) -> tuple[str, ...]:
    """Return the codes of binding criteria of a gate that are not met."""
    return tuple(one.code for one in criteria_for(gate) if one.binding and one.check(facts).standing != "met")


def open_others(facts: CaseFacts, gate: CaseState) -> tuple[str, ...]:
    """Return the codes of criteria that are not met and can be left open with a condition."""
    return tuple(one.code for one in criteria_for(gate) if not one.binding and one.check(facts).standing != "met")


def _line(criterion: Criterion, found: Finding, language: Language) -> CriterionLine:
    values = dict(found.values)
    if "value" in values:
        values["value"] = say(f"portfolio.value.{values['value']}", language)
    return CriterionLine(
        code=criterion.code,
        name=say(f"portfolio.criterion.{criterion.code}.name", language),
        wanted=say(f"portfolio.criterion.{criterion.code}.wanted", language),
        standing=found.standing,
        evidence="" if found.evidence is None else say(f"portfolio.evidence.{found.evidence}", language, **values),
        binding=criterion.binding,
        declared=found.declared,
        fix=criterion.fix,
    )
