"""What every place of a log means, in every period of its workflow: worked out once per log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pegel.eventlog.schema import DELETED_STATE
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, StateRule, Workflow


@dataclass(frozen=True, slots=True)
class Place:
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
    """

    def __init__(self, places: Sequence[Place], workflows: Mapping[str, Workflow]) -> None:
        self.places = tuple(places)
        self.workflows = workflows
        self.boundaries_us = tuple(sorted({t for one in workflows.values() for t in one.boundaries_us()}))
        rules: dict[str, dict[str, list[StateRule]]] = {}
        for stream, workflow in workflows.items():
            by_state = rules.setdefault(stream, {})
            for rule in workflow.rules:
                by_state.setdefault(rule.state, []).append(rule)
        starts = (None, *self.boundaries_us)
        self._periods = [tuple(_meaning(place, rules, start) for place in self.places) for start in starts]

    def in_period(self, period: int) -> tuple[Meaning, ...]:
        """Return the meaning of each place in a period."""
        return self._periods[period]

    def at(self, moment_us: int) -> tuple[Meaning, ...]:
        """Return the meaning of each place at a moment."""
        return self._periods[bisect_right(self.boundaries_us, moment_us)]

    def kinds(self) -> list[FlowItemKind | None]:
        """Return which of the four kinds of work each place's type is; None: not mapped."""
        return [
            self.workflows[place.stream].items.get(place.type)
            if place.type and place.stream in self.workflows
            else None
            for place in self.places
        ]


def _meaning(place: Place, rules: Mapping[str, Mapping[str, list[StateRule]]], at_us: int | None) -> Meaning:
    if place.state == DELETED_STATE:
        return _DELETED
    candidates = rules.get(place.stream, {}).get(place.state, [])
    rule = Workflow(name="", rules=tuple(candidates)).rule(place.state, type=place.type, at_us=at_us)
    return Meaning(rule.category, rule.phase, rule.friction) if rule else _UNMAPPED
