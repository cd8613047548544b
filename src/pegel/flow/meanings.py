"""What every place of a log means, in every period of its workflow: worked out once per log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """

    def __init__(self, places: Sequence[Place], workflows: Mapping[str, Workflow]) -> None:
        self.places = tuple(places)
        self.workflows = workflows
        self.boundaries_us = tuple(sorted({t for one in workflows.values() for t in one.boundaries_us()}))
        # Before the first boundary a rule that only ends is in force; without boundaries there are no such rules.
        before = self.boundaries_us[0] - 1 if self.boundaries_us else None
        starts = (before, *self.boundaries_us)
        self._periods = [_meanings(self.places, workflows, start) for start in starts]

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
