"""Workflow mapping: what a state means, per item type and period, in a small readable file.

A workflow is a list of rules. For one event (item type, state, time the state was entered) the most specific rule that
matches wins: a rule that names the type before one that does not, a rule with a validity period before one without,
and of equals the later one in the file. The mapping in force when an item *enters* a state counts for the whole
stay, so a change of the workflow never rewrites history in the middle of a stay.

File form (YAML)::

    workflow: Claims handling
    version: 2
    status: confirmed            # or: suggested (nobody has looked at it yet)
    states:
      In Progress: {category: active, phase: execution}
      Waiting for approval: {category: waiting, phase: execution, friction: approval}
      Done: {category: done, phase: reporting}
    types:                       # only where a type differs
      Epic:
        In Progress: {category: waiting, phase: planning}
    periods:                     # only where a period differs; until is not included
      - {from: 2025-01-01, until: 2025-07-01, states: {Review: {category: waiting}}}
    items:                       # work item type → feature | defect | risk | debt
      Bug: defect
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.setting_file import read_settings

_Word = TypeVar("_Word", bound=StrEnum)


class StateCategory(StrEnum):
    """What an item does in a state; UNMAPPED: nobody has said, DELETED: the item is gone."""

    NEW = "new"
    WAITING = "waiting"
    ACTIVE = "active"
    DONE = "done"
    CANCELLED = "cancelled"
    IGNORED = "ignored"
    UNMAPPED = "unmapped"
    DELETED = "deleted"


class Phase(StrEnum):
    """Where in its life an item is."""

    INTAKE = "intake"
    PLANNING = "planning"
    EXECUTION = "execution"
    REPORTING = "reporting"


class Friction(StrEnum):
    """Why an item waits in a state."""

    APPROVAL = "approval"
    PRIORITISATION = "prioritisation"
    HAND_OFF = "hand_off"
    STATUS_QUERY = "status_query"


class FlowItemKind(StrEnum):
    """The four kinds of work."""

    FEATURE = "feature"
    DEFECT = "defect"
    RISK = "risk"
    DEBT = "debt"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule:
    """Meaning of one state, for one type or all, in one period or always.

    ``confidence`` (0 to 1) and ``why`` (reason code) are set where the rule was suggested and not yet confirmed.
    """

    state: str
    category: StateCategory
    phase: Phase | None = None
    friction: Friction | None = None
    type: str | None = None
    from_us: int | None = None
    until_us: int | None = None
    confidence: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A named, versioned mapping of states; see the module's text for the file form."""

    name: str
    version: int = 1
    status: str = "suggested"  # "suggested" | "confirmed"
    rules: tuple[StateRule, ...] = ()
    items: Mapping[str, FlowItemKind] = field(default_factory=dict)

    def rule(self, state: str, *, type: str | None = None, at_us: int | None = None) -> StateRule | None:  # noqa: A002  the field's term
        """Return the rule in force for a state entered at ``at_us`` (None: today, that is rules without period).

        >>> rules = (StateRule(state="A", category=StateCategory.WAITING),
        ...          StateRule(state="A", category=StateCategory.ACTIVE, type="Bug"))
        >>> workflow = Workflow(name="w", rules=rules)
        >>> workflow.rule("A", type="Bug").category, workflow.rule("A").category
        (<StateCategory.ACTIVE: 'active'>, <StateCategory.WAITING: 'waiting'>)
        """
        best: tuple[tuple[bool, bool, int], StateRule] | None = None
        for position, rule in enumerate(self.rules):
            if rule.state != state or rule.type not in (None, type):
                continue
            dated = rule.from_us is not None or rule.until_us is not None
            if dated and (
                at_us is None
                or (rule.from_us is not None and at_us < rule.from_us)
                or (rule.until_us is not None and at_us >= rule.until_us)
            ):
                continue
            rank = (rule.type is not None, dated, position)
            if best is None or rank > best[0]:
                best = (rank, rule)
        return best[1] if best else None

    def boundaries_us(self) -> tuple[int, ...]:
        """Times at which the meaning of some state changes, ascending."""
        times = {t for rule in self.rules for t in (rule.from_us, rule.until_us) if t is not None}
        return tuple(sorted(times))

    def has(self, category: StateCategory) -> bool:
        """Tell whether some state has this category."""
        return any(rule.category is category for rule in self.rules)

    def confirmed(self) -> Workflow:
        """Return this mapping as the person's own: no longer a suggestion."""
        rules = tuple(replace(rule, confidence=None, why=None) for rule in self.rules)
        return replace(self, status="confirmed", rules=rules)


def load_workflow(text: str) -> Workflow:
    """Read a workflow file.

    Raises
    ------
    InputError: ``workflow_unreadable`` (not YAML), ``workflow_invalid`` with the place and the allowed words.
    """
    return workflow_of(read_settings(text, unreadable="workflow_unreadable"))


def workflow_of(data: object) -> Workflow:
    """Read a workflow from plain values, as ``plain_workflow`` gives them; errors as in ``load_workflow``."""
    if not isinstance(data, dict) or not isinstance(data.get("states", {}), dict):
        raise InputError("workflow_invalid", place="", detail="states")
    known = {"workflow", "version", "status", "states", "types", "periods", "items"}
    for key in data:
        if key not in known:
            raise InputError("workflow_invalid", place=str(key), detail=", ".join(sorted(known)))
    rules = list(_rules(data.get("states") or {}, place="states"))
    for type_name, states in (data.get("types") or {}).items():
        rules += _rules(states, place=f"types.{type_name}", type_name=str(type_name))
    for index, period in enumerate(data.get("periods") or []):
        place = f"periods[{index}]"
        if not isinstance(period, dict):
            raise InputError("workflow_invalid", place=place, detail="from, until, states")
        bounds: dict[str, Any] = {
            "from_us": _day(period.get("from"), place),
            "until_us": _day(period.get("until"), place),
        }
        rules += _rules(period.get("states") or {}, place=place, **bounds)
        for type_name, states in (period.get("types") or {}).items():
            rules += _rules(states, place=f"{place}.types.{type_name}", type_name=str(type_name), **bounds)
    items = {str(name): _word(FlowItemKind, kind, f"items.{name}") for name, kind in (data.get("items") or {}).items()}
    version = data.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError("workflow_invalid", place="version", detail="1, 2, 3 …")
    status = data.get("status", "confirmed")
    if status not in ("suggested", "confirmed"):
        raise InputError("workflow_invalid", place="status", detail="suggested, confirmed")
    return Workflow(
        name=str(data.get("workflow", "workflow")),
        version=version,
        status=status,
        rules=tuple(rules),
        items=items,
    )


def dump_workflow(workflow: Workflow) -> str:
    """Write a workflow file; ``load_workflow`` of it gives the same workflow back (confidences included)."""
    text: str = yaml.safe_dump(
        plain_workflow(workflow), allow_unicode=True, sort_keys=False, width=110, default_flow_style=None
    )
    return text


def plain_workflow(workflow: Workflow) -> dict[str, Any]:
    """Return a workflow as plain values (JSON and YAML); ``workflow_of`` of them gives the same workflow back."""
    states: dict[str, Any] = {}
    types: dict[str, dict[str, Any]] = {}
    periods: dict[tuple[int | None, int | None], dict[str, Any]] = {}
    for rule in workflow.rules:
        body: dict[str, Any] = {"category": rule.category.value}
        if rule.phase:
            body["phase"] = rule.phase.value
        if rule.friction:
            body["friction"] = rule.friction.value
        if rule.confidence is not None:
            body["confidence"] = round(rule.confidence, 2)
        if rule.why:
            body["why"] = rule.why
        if rule.from_us is None and rule.until_us is None:
            target = states if rule.type is None else types.setdefault(rule.type, {})
        else:
            period = periods.setdefault((rule.from_us, rule.until_us), {"states": {}, "types": {}})
            target = period["states"] if rule.type is None else period["types"].setdefault(rule.type, {})
        target[rule.state] = body
    data: dict[str, Any] = {
        "workflow": workflow.name,
        "version": workflow.version,
        "status": workflow.status,
        "states": states,
    }
    if types:
        data["types"] = types
    if periods:
        data["periods"] = [
            {name: value for name, value in {"from": _iso(start), "until": _iso(end), **body}.items() if value}
            for (start, end), body in periods.items()
        ]
    if workflow.items:
        data["items"] = {name: kind.value for name, kind in workflow.items.items()}
    return data


def _rules(
    states: object,
    *,
    place: str,
    type_name: str | None = None,
    from_us: int | None = None,
    until_us: int | None = None,
) -> Iterable[StateRule]:
    if not isinstance(states, dict):
        raise InputError("workflow_invalid", place=place, detail="state: {category: …}")
    for state, raw in states.items():
        here = f"{place}.{state}"
        body = {"category": raw} if isinstance(raw, str) else raw
        if not isinstance(body, dict) or "category" not in body:
            raise InputError("workflow_invalid", place=here, detail="category")
        category = _word(StateCategory, body["category"], here)
        if category in (StateCategory.UNMAPPED, StateCategory.DELETED):
            raise InputError("workflow_invalid", place=here, detail=_words(StateCategory))
        confidence = body.get("confidence")
        yield StateRule(
            state=str(state),
            category=category,
            phase=_word(Phase, body["phase"], here) if body.get("phase") else None,
            friction=_word(Friction, body["friction"], here) if body.get("friction") else None,
            type=type_name,
            from_us=from_us,
            until_us=until_us,
            confidence=float(confidence) if isinstance(confidence, int | float) else None,
            why=str(body["why"]) if body.get("why") else None,
        )


def _word(kind: type[_Word], value: object, place: str) -> _Word:
    try:
        return kind(str(value).replace("-", "_"))
    except ValueError:
        raise InputError("workflow_invalid", place=place, detail=_words(kind), value=str(value)[:100]) from None


def _words(kind: type[StrEnum]) -> str:
    return ", ".join(word.value for word in kind if word.value not in ("unmapped", "deleted"))


def _day(value: object, place: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date):
        raise InputError("workflow_invalid", place=place, detail="2026-01-31")
    return schema.to_us(datetime(value.year, value.month, value.day, tzinfo=UTC))


def _iso(moment_us: int | None) -> str | None:
    return None if moment_us is None else schema.from_us(moment_us).date().isoformat()
