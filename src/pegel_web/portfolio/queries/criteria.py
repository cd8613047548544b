"""How the criteria of a gate stand, in words; and how they stood when somebody decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pegel.words import Language, say
from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.contracts.use_cases import CriterionLine
from pegel_web.portfolio.gate_registry import Criterion, Finding, criteria, criteria_for
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


def kept_findings(facts: CaseFacts, gate: CaseState) -> list[dict[str, Any]]:
    """Return how each criterion stands as codes and plain values, to be kept with a decision and worded when shown."""
    found = [(one, one.check(facts)) for one in criteria_for(gate)]
    return [
        {
            "code": one.code,
            "binding": one.binding,
            "standing": finding.standing,
            "declared": finding.declared,
            "evidence": finding.evidence,
            "values": {name: _plain(value) for name, value in finding.values.items()},
        }
        for one, finding in found
    ]


def findings_in_words(kept: Sequence[Mapping[str, Any]], language: Language) -> tuple[CriterionLine, ...]:
    """Return findings that were kept with a decision, in words; a criterion that is gone meanwhile is left out."""
    known = {one.code: one for one in criteria()}
    found = []
    for one in kept:
        criterion = known.get(one["code"])
        values = {name: _read(value) for name, value in one["values"].items()}
        finding = Finding(standing=one["standing"], evidence=one["evidence"], values=values, declared=one["declared"])
        if criterion is not None:
            found.append(_line(criterion, finding, language, binding=one["binding"]))
    return tuple(found)


def _line(criterion: Criterion, found: Finding, language: Language, *, binding: bool | None = None) -> CriterionLine:
    values = dict(found.values)
    if "value" in values:
        values["value"] = say(f"portfolio.value.{values['value']}", language)
    return CriterionLine(
        code=criterion.code,
        name=say(f"portfolio.criterion.{criterion.code}.name", language),
        wanted=say(f"portfolio.criterion.{criterion.code}.wanted", language),
        standing=found.standing,
        evidence="" if found.evidence is None else say(f"portfolio.evidence.{found.evidence}", language, **values),
        binding=criterion.binding if binding is None else binding,
        declared=found.declared,
        fix=criterion.fix,
    )


def _plain(value: object) -> object:
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _read(value: object) -> object:
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value
