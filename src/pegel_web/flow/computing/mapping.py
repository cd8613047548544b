"""A mapping of states and another one made of it: pure, without a lake."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeVar

from pegel.errors import InputError
from pegel.eventlog.schema import from_us, to_us
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, StateRule, Workflow, plain_workflow
from pegel_web.flow.contracts.workflow import KindChange, Part, RuleChange, Trust

_Word = TypeVar("_Word", bound=StrEnum)

#: What a rule is for: state, type, from, until.
RuleKey = tuple[str, str | None, int | None, int | None]
#: Categories that a person can give a state; the others are Pegel's own.
CATEGORIES: Final = tuple(
    one for one in StateCategory if one not in (StateCategory.UNMAPPED, StateCategory.DELETED)
)  # fmt: skip
#: Categories in which an item is at its end.
ENDS: Final = frozenset({StateCategory.DONE, StateCategory.CANCELLED, StateCategory.DELETED})
_PARTS: Final[dict[StateCategory, Part]] = {
    StateCategory.ACTIVE: "active",
    StateCategory.WAITING: "waiting",
    StateCategory.UNMAPPED: "unmapped",
}
#: See docs/methods/workflow-suggestion.md: from 0.8 the tool or a whole name says it, below 0.6 evidence is thin.
_HIGH: Final = 0.8
_MEDIUM: Final = 0.6


def part_of(category: StateCategory) -> Part:
    """Return where the time of a category counts."""
    return _PARTS.get(category, "outside")


def trust_of(confidence: float) -> Trust:
    """Return how far a confidence can be relied on.

    >>> trust_of(0.85), trust_of(0.6), trust_of(0.5)
    ('high', 'medium', 'low')
    """
    return "high" if confidence >= _HIGH else "medium" if confidence >= _MEDIUM else "low"


def revision_of(workflow: Workflow) -> str:
    """Return what changes whenever the mapping does, and never otherwise: ``3-1f0a…``, or ``s-…`` for a suggestion."""
    digest = sha256(plain_text(workflow).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{workflow.version if workflow.status == 'confirmed' else 's'}-{digest}"


def plain_text(workflow: Workflow) -> str:
    """Return a mapping as one line of JSON; ``workflow_of(json.loads(…))`` gives it back."""
    return json.dumps(plain_workflow(workflow), ensure_ascii=True)


def key_of(rule: StateRule) -> RuleKey:
    """Return what a rule is for."""
    return rule.state, rule.type, rule.from_us, rule.until_us


def changed_workflow(
    workflow: Workflow,
    changes: Iterable[RuleChange],
    kinds: Iterable[KindChange] = (),
    *,
    states: Collection[str],
    types: Collection[str],
) -> Workflow:
    """Return a mapping with some rules replaced, added or taken out, and types of another kind; all others stay.

    ``states``, ``types``: those of the stream; rules for others are slips, unless the mapping has them already.

    Raises
    ------
    InputError: ``workflow_state_unknown``, ``workflow_type_unknown``, ``workflow_word_unknown``,
    ``workflow_period_backwards``.
    """
    rules = {key_of(rule): rule for rule in workflow.rules}
    for change in changes:
        rule = _rule(change)
        key = key_of(rule)
        if key not in rules:
            if change.state not in states:
                raise InputError("workflow_state_unknown", name=change.state[:100])
            if change.type is not None and change.type not in types:
                raise InputError("workflow_type_unknown", name=change.type[:100])
        if change.category is None:
            rules.pop(key, None)
        elif key not in rules or _meaning(rules[key]) != _meaning(rule):
            rules[key] = rule
    items = dict(workflow.items)
    for one in kinds:
        if one.type not in items and one.type not in types:
            raise InputError("workflow_type_unknown", name=one.type[:100])
        if one.kind is None:
            items.pop(one.type, None)
        else:
            items[one.type] = _word(FlowItemKind, one.kind, tuple(FlowItemKind))
    return replace(workflow, rules=tuple(rules.values()), items=items)


def different_kinds(before: Workflow, after: Workflow) -> dict[str, tuple[FlowItemKind | None, FlowItemKind | None]]:
    """Return the item types that would be another kind of work."""
    names = dict.fromkeys((*before.items, *after.items))
    found = {name: (before.items.get(name), after.items.get(name)) for name in names}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def different_rules(before: Workflow, after: Workflow) -> dict[RuleKey, tuple[StateRule | None, StateRule | None]]:
    """Return the rules that mean something else, are new or gone; how sure a suggestion was does not count."""
    old, new = ({key_of(rule): rule for rule in one.rules} for one in (before, after))
    found = {key: (old.get(key), new.get(key)) for key in (*old, *(one for one in new if one not in old))}
    return {
        key: (one, other)
        for key, (one, other) in found.items()
        if one is None or other is None or _meaning(one) != _meaning(other)
    }


def said(rule: StateRule | None) -> str | None:
    """Return what a rule says in codes, for the audit.

    >>> said(StateRule(state="Review", category=StateCategory.WAITING, phase=Phase.EXECUTION))
    'waiting, execution'
    """
    return None if rule is None else ", ".join(one.value for one in _meaning(rule) if one is not None)


def place_said(key: RuleKey) -> str:
    """Return what a rule is for, for the audit.

    >>> place_said(("Review", "Bug", None, 0))
    'Review (Bug) [–1970-01-01]'
    """
    state, type_name, start, end = key
    dated = "" if start is None and end is None else f" [{_iso(start)}–{_iso(end)}]"
    return f"{state}{'' if type_name is None else f' ({type_name})'}{dated}"


def day_of(moment_us: int | None) -> date | None:
    """Return the day on which the period of a rule begins or ends."""
    return None if moment_us is None else from_us(moment_us).date()


def _rule(change: RuleChange) -> StateRule:
    start, end = _us(change.from_date), _us(change.until_date)
    if start is not None and end is not None and end <= start:
        raise InputError("workflow_period_backwards", name=change.state[:100])
    return StateRule(
        state=change.state,
        category=StateCategory.UNMAPPED if change.category is None else _category(change.category),
        phase=None if change.phase is None else _word(Phase, change.phase, tuple(Phase)),
        friction=None if change.friction is None else _word(Friction, change.friction, tuple(Friction)),
        type=change.type,
        from_us=start,
        until_us=end,
    )


def _category(text: str) -> StateCategory:
    return _word(StateCategory, text, CATEGORIES)


def _word(kind: type[_Word], text: str, allowed: tuple[_Word, ...]) -> _Word:
    if text not in allowed:
        raise InputError("workflow_word_unknown", name=text[:100], known=[one.value for one in allowed])
    return kind(text)


def _meaning(rule: StateRule) -> tuple[StateCategory, Phase | None, Friction | None]:
    return rule.category, rule.phase, rule.friction


def _us(day: date | None) -> int | None:
    return None if day is None else to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _iso(moment_us: int | None) -> str:
    day = day_of(moment_us)
    return "" if day is None else day.isoformat()
