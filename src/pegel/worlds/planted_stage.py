"""How the planted company is written down: stories of items, in scenes that do not touch each other.

A lane is one kind of scene in one stream. Its scenes follow each other, each with three weeks of its own; its people
work in no other lane, and on one item at a time unless the scene says otherwise. So nobody is busy elsewhere, overtaken
or taken along unless it was planted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pegel.eventlog.schema import HOUR_US, MICROSECOND, SECOND_US
from pegel.eventlog.workflow import StateCategory
from pegel.worlds.chance import Dice
from pegel.worlds.company_source import Link
from pegel.worlds.lives import Change, Entry, Life
from pegel.worlds.planted_states import CATEGORIES, COMPLETION, DONE, IN_PROGRESS, NEW, PlantedStream
from pegel.worlds.planted_time import MINUTE_US, Diary
from pegel.worlds.planted_truth import (
    Defect,
    Part,
    PlantedDependency,
    PlantedMove,
    PlantedWait,
)

#: Days between the beginnings of two scenes of a lane: no scene lasts longer.
SLOT_DAYS: Final = 21
#: Moments of a scene lie so many minutes or less after the full hours that its text names.
_LATEST_MINUTE: Final = 25


@dataclass(slots=True)
class Record:
    """Everything that was written down so far, and the truth about it.

    ``first_states``: the state that a transition says the item came from, by (item, sequence), where that is not the
    one before. ``undated``: items of which nobody knows when they were created.
    ``people``: by the two streams that they work in.
    """

    until_us: int
    lives: list[Life] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    waits: list[PlantedWait] = field(default_factory=list)
    defects: dict[Defect, set[str]] = field(default_factory=lambda: {defect: set() for defect in Defect})
    dependencies: list[PlantedDependency] = field(default_factory=list)
    moves: list[PlantedMove] = field(default_factory=list)
    chain: tuple[str, ...] = ()
    circle: frozenset[str] = frozenset()
    stream_circle: frozenset[str] = frozenset()
    first_states: dict[tuple[str, int], str] = field(default_factory=dict)
    undated: set[str] = field(default_factory=set)
    people: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    team_hand_offs: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmapped_us: int = 0
    _numbers: Counter[str] = field(default_factory=Counter)

    def story(self, stream: PlantedStream, *, type: str | None = None) -> Story:  # noqa: A002  the field's term
        """Begin the life of a new item of a stream."""
        self._numbers[stream.key] += 1
        life = Life(item=f"{stream.key}-{self._numbers[stream.key]}", stream=stream.name, type=type or stream.type)
        self.lives.append(life)
        return Story(self, life, stream)

    def link(self, item: Story, kind: str, other: Story, at_us: int) -> None:
        """Link two items: ``item`` KIND ``other``."""
        self.links.append(Link(item=item.item, kind=kind, other=other.item, at_us=at_us))


class Story:
    """One item as it is written; moments may be told in any order of fields, but states one after another."""

    def __init__(self, record: Record, life: Life, stream: PlantedStream) -> None:
        self._record = record
        self.life = life
        self.stream = stream
        self._sequence = 0

    @property
    def item(self) -> str:
        """Name of the item."""
        return self.life.item

    def enter(self, at_us: int, state: str, actor: str) -> None:
        """Let the item enter a state."""
        self._sequence += 1
        category = CATEGORIES.get(state, StateCategory.UNMAPPED)
        self.life.entries.append(
            Entry(at_us=at_us, sequence=self._sequence, state=state, category=category, actor=actor)
        )

    def change(self, at_us: int, name: str, old: str | None, new: str | None, actor: str) -> None:
        """Change another field."""
        self._sequence += 1
        self.life.changes.append(
            Change(at_us=at_us, sequence=self._sequence, field=name, old=old, new=new, actor=actor)
        )

    def came_from(self, state: str) -> None:
        """Let the latest transition say that the item came from a state that the log does not show it in."""
        self._record.first_states[self.item, self._sequence] = state

    def waited(self, state: str, *parts: Part, open: bool = False, stream: str | None = None) -> None:  # noqa: A002  the field's term
        """Tell the truth about a wait."""
        kept = tuple(part for part in parts if part.from_us < part.until_us)
        self._record.waits.append(
            PlantedWait(item=self.item, stream=stream or self.stream.name, state=state, open=open, parts=kept)
        )

    def has(self, *defects: Defect) -> None:
        """Tell the truth about defects."""
        for defect in defects:
            self._record.defects[defect].add(self.item)


@dataclass(slots=True, kw_only=True)
class Scene:
    """One scene of a lane: who works in it, and its clock.

    ``number``: how many scenes of the lane came before. ``length``: a number of working days, 1 to 3, drawn for it.
    """

    record: Record
    stream: PlantedStream
    lane: str
    number: int
    diary: Diary
    length: int
    dice: Dice
    _late_us: int

    @classmethod
    def begin(cls, record: Record, *, stream: PlantedStream, lane: str, number: int, first: date, dice: Dice) -> Scene:
        """Begin a scene on or after a day."""
        late = (
            dice.below(_LATEST_MINUTE) * MINUTE_US + dice.below(60) * SECOND_US + dice.below(1000) * 1000 * MICROSECOND
        )
        return cls(
            record=record,
            stream=stream,
            lane=lane,
            number=number,
            diary=Diary(first),
            length=1 + dice.below(3),
            dice=dice,
            _late_us=late + SECOND_US,
        )

    def at(self, day: int, hour: int, minute: int = 0) -> int:
        """Return a moment (µs) of a working day; all of a scene are late by the same odd time of under half an hour."""
        return self.diary.at(day, hour, minute) + self._late_us

    def person(self, number: int = 1) -> str:
        """Return one of the people of the lane."""
        return f"{self.stream.key.lower()}-{self.lane}-{number}"

    def start(self, begin_us: int, actor: str, *, type: str | None = None) -> Story:  # noqa: A002  the field's term
        """Create an item some time before work on it begins."""
        story = self.record.story(self.stream, type=type)
        story.enter(begin_us - HOUR_US - self.dice.below(20 * HOUR_US), NEW, actor)
        story.enter(begin_us, IN_PROGRESS, actor)
        return story

    def finish(self, story: Story, at_us: int, actor: str) -> int:
        """Let work go on and end some hours later; returns when."""
        story.enter(at_us, COMPLETION, actor)
        done_us = at_us + HOUR_US + self.dice.below(6 * HOUR_US)
        story.enter(done_us, DONE, actor)
        return done_us

    def pass_through(self, state: str, *parts: Part, actor: str | None = None, taker: str | None = None) -> Story:
        """Tell a whole life: half an hour of work, one wait that consists of ``parts``, work, done."""
        someone = actor or self.person()
        begin_us, end_us = parts[0].from_us, parts[-1].until_us
        story = self.start(begin_us - HOUR_US // 2, someone)
        story.enter(begin_us, state, someone)
        self.finish(story, end_us, taker or someone)
        story.waited(state, *parts)
        return story
