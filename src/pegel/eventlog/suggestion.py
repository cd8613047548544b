"""Suggest a workflow mapping from names, the tool's own categories and the observed behaviour of the items.

The method, with its confidences and edge cases, is described in ``docs/methods/workflow-suggestion.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pegel.eventlog import schema
from pegel.eventlog.activity_verdict import judge_activities
from pegel.eventlog.batch import Category, LogKind
from pegel.eventlog.behaviour import Behaviour
from pegel.eventlog.observation import StateObservation, by_state
from pegel.eventlog.verdict import ENDS, Verdict, judge_states
from pegel.eventlog.vocabulary import vocabulary
from pegel.eventlog.workflow import FlowItemKind, Phase, StateCategory, StateRule, Workflow

__all__ = ["StateObservation", "Suggestion", "UnmappedState", "suggest_workflow"]

#: Entries from which one item type may get a rule of its own.
_ENOUGH_FOR_TYPE: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedState:
    """A state with too little evidence for a suggestion, and the time that hides in it.

    ``share``: its part (0 to 1) of the time that items spent in states which are neither done nor cancelled; None:
    they spent no time at all.
    """

    state: str
    total_us: int
    share: float | None
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A suggested workflow, what it leaves out, and how sure it is.

    ``unmapped``: states that have no rule, the most time first. ``confidence``: mean confidence of the rules, weighted
    by the time spent in their states, unmapped time counting 0; time after the end (done, cancelled) is left out. It is
    never higher than that of the surest "done", on which every finished item depends. None: there is no such time.
    """

    workflow: Workflow
    unmapped: tuple[UnmappedState, ...]
    confidence: float | None


def suggest_workflow(
    observations: Sequence[StateObservation],
    *,
    name: str,
    hints: Mapping[str, Category],
    log_kind: LogKind,
    types: Sequence[str] = (),
) -> Suggestion:
    """Suggest what the states of a log mean.

    Parameters
    ----------
    observations: the states of the log, once each or once per item type; their order does not matter.
    name: name of the workflow.
    hints: state → category as the tool itself gives it.
    log_kind: how the log came to its states; a log of activities without start events gets no active state.
    types: work item types of the log, beside those in the observations.

    Returns
    -------
    Suggestion
        with a workflow of status "suggested": one rule per state in the order of the items' lives, each with
        ``confidence`` and ``why``; a further rule for a type whose items come to an end where others go on; and the
        kind of work (feature, defect, risk, debt) of each type whose name tells it.

    >>> seen = [StateObservation(state="In Arbeit", entries=9, items=9, total_us=30, next={"Fertig": 9}),
    ...         StateObservation(state="Spalte 3", entries=2, items=2, total_us=10, next={"Fertig": 2}),
    ...         StateObservation(state="Fertig", entries=9, items=9, total_us=0, final=9, mean_position=1.0)]
    >>> found = suggest_workflow(seen, name="Team", hints={}, log_kind="states", types=["Fehler"])
    >>> [(rule.state, rule.category.value, rule.confidence, rule.why) for rule in found.workflow.rules]
    [('In Arbeit', 'active', 0.85, 'name'), ('Fertig', 'done', 0.9, 'name_and_behaviour')]
    >>> [(one.state, one.share) for one in found.unmapped], found.workflow.items
    ([('Spalte 3', 0.25)], {'Fehler': <FlowItemKind.DEFECT: 'defect'>})
    """
    known = {state: StateCategory(category) for state, category in hints.items()}
    visible = [one for one in observations if one.state != schema.DELETED_STATE and one.entries]
    states = by_state(visible)
    verdicts = _judge(states, known, log_kind)
    in_order = sorted(states.values(), key=lambda one: (round(one.mean_position, 6), one.state))
    rules = [_rule(one.state, verdicts[one.state]) for one in in_order if one.state in verdicts]
    rules += _rules_by_type(visible, verdicts, known, log_kind)
    type_names = sorted({*types, *(one.type for one in visible if one.type is not None)})
    return Suggestion(
        workflow=Workflow(name=name, status="suggested", rules=tuple(rules), items=_kinds(type_names)),
        unmapped=_unmapped(states, verdicts),
        confidence=_overall(states, verdicts),
    )


def _judge(
    states: Mapping[str, StateObservation], hints: Mapping[str, StateCategory], log_kind: LogKind
) -> dict[str, Verdict]:
    created = states.get(schema.CREATED_STATE)
    behaviour = Behaviour({state: one for state, one in states.items() if one is not created})
    words = vocabulary()
    if log_kind in ("activities", "intervals"):
        verdicts = judge_activities(behaviour, hints, words, starts=log_kind == "intervals")
    else:
        verdicts = judge_states(behaviour, hints, words)
    if created is not None:
        verdicts[created.state] = _created(hints.get(created.state))
    if log_kind == "activities":
        return {state: _not_active(verdict) for state, verdict in verdicts.items()}
    return verdicts


def _created(hint: StateCategory | None) -> Verdict:
    if hint is None:
        return Verdict(category=StateCategory.NEW, confidence=0.85, why="name", phase=Phase.INTAKE)
    phase = Phase.INTAKE if hint is StateCategory.NEW else Phase.EXECUTION
    return Verdict(category=hint, confidence=0.95, why="tool_category", phase=phase)


def _not_active(verdict: Verdict) -> Verdict:
    if verdict.category is not StateCategory.ACTIVE:
        return verdict
    return replace(verdict, category=StateCategory.WAITING, confidence=0.5, why="activity_log")


def _rule(state: str, verdict: Verdict, *, type_name: str | None = None) -> StateRule:
    return StateRule(
        state=state,
        category=verdict.category,
        phase=verdict.phase,
        friction=verdict.friction,
        type=type_name,
        confidence=round(verdict.confidence, 2),
        why=verdict.why,
    )


def _rules_by_type(
    observations: Iterable[StateObservation],
    general: Mapping[str, Verdict],
    hints: Mapping[str, StateCategory],
    log_kind: LogKind,
) -> list[StateRule]:
    """Rules for types whose items come to an end in a state that others leave, or leave one where others end."""
    by_type: dict[str, list[StateObservation]] = {}
    for one in observations:
        if one.type is not None:
            by_type.setdefault(one.type, []).append(one)
    rules: list[StateRule] = []
    if len(by_type) == 1 and not any(one.type is None for one in observations):
        return rules
    for type_name in sorted(by_type):
        states = by_state(by_type[type_name])
        often = [state for state, one in states.items() if one.entries >= _ENOUGH_FOR_TYPE]
        if not often:
            continue
        own = _judge(states, hints, log_kind)
        for state in often:
            verdict, usual = own.get(state), general.get(state)
            if verdict is None or usual is None or verdict.category is usual.category:
                continue
            if verdict.why != "behaviour" and (verdict.category in ENDS or usual.category in ENDS):
                rules.append(_rule(state, verdict, type_name=type_name))
    return rules


def _kinds(types: Iterable[str]) -> dict[str, FlowItemKind]:
    words = vocabulary()
    return {name: kind for name in types if (kind := words.kind(name)) is not None}


def _unmapped(states: Mapping[str, StateObservation], verdicts: Mapping[str, Verdict]) -> tuple[UnmappedState, ...]:
    total = sum(states[state].total_us for state in _in_flow(states, verdicts))
    found = [
        UnmappedState(
            state=state,
            total_us=one.total_us,
            share=one.total_us / total if total else None,
            entries=one.entries,
        )
        for state, one in states.items()
        if state not in verdicts
    ]
    return tuple(sorted(found, key=lambda one: (-one.total_us, one.state)))


def _overall(states: Mapping[str, StateObservation], verdicts: Mapping[str, Verdict]) -> float | None:
    within = _in_flow(states, verdicts)
    total = sum(states[state].total_us for state in within)
    if not total:
        return None
    sure = sum(states[state].total_us * verdicts[state].confidence for state in within if state in verdicts)
    ends = [verdict.confidence for verdict in verdicts.values() if verdict.category is StateCategory.DONE]
    return round(min(sure / total, max(ends, default=1.0)), 3)


def _in_flow(states: Mapping[str, StateObservation], verdicts: Mapping[str, Verdict]) -> list[str]:
    return [state for state in states if state not in verdicts or verdicts[state].category not in ENDS]
