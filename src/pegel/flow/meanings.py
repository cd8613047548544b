"""What every place of a log means, in every period of its workflow: worked out once per log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pegel.eventlog.schema import DELETED_STATE
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, Workflow


class Place(NamedTuple):
    """Where an item can be: a state, for one type, in one stream; ``code`` stands for it in the intervals."""

    code: int
    stream: str
    type: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a place means in one period of the workflow."""

    category: StateCategory
    phase: Phase | None = None
    friction: Friction | None = None


_UNMAPPED = Meaning(StateCategory.UNMAPPED)
_DELETED = Meaning(StateCategory.DELETED)


class Meanings:
    """Meanings of all places, by period.

    ``boundaries_us``: times at which some workflow changes a meaning, ascending. Period 0 lies before the first one.
    ``joined``: streams that are read as part of another (name → the name they are read by). Their states mean what
    their own workflow says; ``places`` and ``workflows`` show the name they are read by, with all their rules together.
    """

    def __init__(
        self, places: Sequence[Place], workflows: Mapping[str, Workflow], joined: Mapping[str, str] | None = None
    ) -> None:
        self._joined = dict(joined or {})
        self._working: dict[str, bool] | None = None
        self._own, self._own_workflows = tuple(places), workflows
        self.places = tuple(one._replace(stream=self._joined.get(one.stream, one.stream)) for one in self._own)
        self.workflows = _together(workflows, self._joined)
        self.boundaries_us = tuple(sorted({t for one in workflows.values() for t in one.boundaries_us()}))
        # Before the first boundary a rule that only ends is in force; without boundaries there are no such rules.
        before = self.boundaries_us[0] - 1 if self.boundaries_us else None
        starts = (before, *self.boundaries_us)
        self._periods = [_meanings(self._own, workflows, start) for start in starts]

    def in_period(self, period: int) -> tuple[Meaning, ...]:
        """Return the meaning of each place in a period."""
        return self._periods[period]

    def at(self, moment_us: int) -> tuple[Meaning, ...]:
        """Return the meaning of each place at a moment."""
        return self._periods[bisect_right(self.boundaries_us, moment_us)]

    def kinds(self) -> list[FlowItemKind | None]:
        """Return which of the four kinds of work each place's type is; None: not mapped."""
        return [
            self._own_workflows[place.stream].items.get(place.type)
            if place.type and place.stream in self._own_workflows
            else None
            for place in self._own
        ]

    def says_what_is_work(self, stream: str) -> bool:
        """Tell whether it is said which states of a stream are work, also for every stream that is read as part of it.

        Names of the lake that no place is in do not count.
        """
        if self._working is None:
            said: dict[str, bool] = {}
            for name in {one.stream for one in self._own}:
                flow, read_by = self._own_workflows.get(name), self._joined.get(name, name)
                said[read_by] = said.get(read_by, True) and flow is not None and flow.has(StateCategory.ACTIVE)
            self._working = said
        return self._working.get(stream, False)

    def in_one(self) -> tuple[Meanings, dict[int, int]]:
        """Return these meanings with places that have become the same one by being joined, and what replaces which.

        Two places are the same when their stream, type and state are called the same and always mean the same.
        """
        if not self._joined:
            return self, {}
        first: dict[object, int] = {}
        replaced: dict[int, int] = {}
        for place, kind, *meanings in zip(self.places, self.kinds(), *self._periods, strict=True):
            key = (place[1:], kind, tuple(meanings))
            code = first.setdefault(key, place.code)
            if code != place.code:
                replaced[place.code] = code
        kept = [one for one in self._own if one.code not in replaced]
        return (Meanings(kept, self._own_workflows, self._joined), replaced) if replaced else (self, {})


def _together(workflows: Mapping[str, Workflow], joined: Mapping[str, str]) -> Mapping[str, Workflow]:
    """Return the workflows by the names that streams are read by: confirmed only where all that are joined are."""
    found = dict(workflows)
    for target in sorted(set(joined.values())):
        names = [target, *sorted(name for name, other in joined.items() if other == target)]
        own = [workflows[name] for name in names if name in workflows]
        if own:
            suggested = len(own) < len(names) or any(one.status != "confirmed" for one in own)
            found[target] = replace(
                own[0],
                rules=tuple(rule for one in own for rule in one.rules),
                items={type_: kind for one in reversed(own) for type_, kind in one.items.items()},
                status="suggested" if suggested else "confirmed",
            )
    return found


def _meanings(places: Sequence[Place], workflows: Mapping[str, Workflow], at_us: int | None) -> tuple[Meaning, ...]:
    # Streams often share a mapping, so its states are looked up once for all of them. Found by identity: comparing
    # whole mappings would cost what is saved.
    found: dict[tuple[int, str | None, str], Meaning] = {}
    out = []
    for place in places:
        workflow = workflows.get(place.stream)
        key = (id(workflow), place.type, place.state)
        meaning = found.get(key)
        if meaning is None:
            meaning = found[key] = _meaning(workflow, place, at_us)
        out.append(meaning)
    return tuple(out)


def _meaning(workflow: Workflow | None, place: Place, at_us: int | None) -> Meaning:
    if place.state == DELETED_STATE:
        return _DELETED
    rule = workflow.rule(place.state, type=place.type, at_us=at_us) if workflow else None
    return Meaning(rule.category, rule.phase, rule.friction) if rule else _UNMAPPED
