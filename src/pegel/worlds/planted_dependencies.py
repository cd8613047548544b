"""Scenes in which items wait for items of other streams, or go there: links, a chain, a circle, moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pegel.eventlog.schema import HOUR_US
from pegel.worlds.planted_causes import part
from pegel.worlds.planted_stage import Record, Scene, Story
from pegel.worlds.planted_states import (
    BLOCKED_TWICE,
    CLAIMS,
    DEPENDENT,
    DONE,
    IN_CHAIN,
    IN_CIRCLE,
    IN_PROGRESS,
    IN_VAIN,
    IT_SERVICE,
    NEW,
    PURCHASING,
    RESTING,
    SOFTWARE,
    TASK,
    TRANSFER,
)
from pegel.worlds.planted_truth import Part, PlantedCause, PlantedDependency, PlantedMove, lying

#: Which stream a stream waits for; two of them wait for each other.
WAITS_FOR: Final = {CLAIMS: SOFTWARE, SOFTWARE: IT_SERVICE, PURCHASING: IT_SERVICE, IT_SERVICE: PURCHASING}
#: Streams of the chain's items: the first blocks the second, the second the third …
CHAIN: Final = (IT_SERVICE, IT_SERVICE, PURCHASING, SOFTWARE, SOFTWARE, CLAIMS)
CIRCLE: Final = (IT_SERVICE, PURCHASING, IT_SERVICE)
#: Where items go to, and how many people work on both sides of it; none where others take them up.
MOVES: Final = {CLAIMS: (PURCHASING, 6), SOFTWARE: (IT_SERVICE, 2), IT_SERVICE: (SOFTWARE, 0)}
_MOVED_AT_ONCE: Final = 3
_DEPENDENCY: Final = "dependency"


def dependent(scene: Scene) -> None:
    """An item waits for one of another stream: known after two hours of waiting, or before the wait began."""
    begin, known = scene.at(1, 10), scene.at(1, 12)
    freed, end = scene.at(1 + scene.length, 11), scene.at(1 + scene.length, 13)
    since = begin - HOUR_US // 4 if scene.number % 2 else known
    held = max(begin, since)
    story = scene.pass_through(DEPENDENT, *lying(begin, held), _dependency(held, freed), *lying(freed, end))
    blocker = _blocker(scene, from_us=begin - 2 * HOUR_US, done_us=freed)
    _block(scene.record, blocker, story, since, until_us=freed, waited_us=freed - held)


def ended_anyway(scene: Scene) -> None:
    """An item is finished although the one that blocks it is still worked on."""
    begin, end = scene.at(1, 10), scene.at(1 + scene.length, 13)
    story = scene.pass_through(IN_VAIN, _dependency(begin, end))
    done_us = story.life.entries[-1].at_us
    blocker = _blocker(scene, from_us=begin - 2 * HOUR_US, done_us=scene.at(4 + scene.length, 11))
    _block(
        scene.record, blocker, story, begin - HOUR_US // 4,
        until_us=done_us, waited_us=end - begin, status="ended_anyway",
    )  # fmt: skip


def blocked_twice(scene: Scene) -> None:
    """A flag and a blocker overlap: blocked once, and the flag says why as long as it is up."""
    begin, raised = scene.at(1, 10), scene.at(1, 12)
    known, down = scene.at(1, 14), scene.at(1 + scene.length, 10)
    freed, end = scene.at(2 + scene.length, 11), scene.at(2 + scene.length, 13)
    story = scene.pass_through(
        BLOCKED_TWICE,
        *lying(begin, raised),
        part(PlantedCause.BLOCKED, raised, down, by="environment"),
        _dependency(down, freed),
        *lying(freed, end),
    )
    story.change(raised, "flag", None, "Server outage", scene.person())
    story.change(down, "flag", "Server outage", None, scene.person())
    blocker = _blocker(scene, from_us=begin - 2 * HOUR_US, done_us=freed)
    _block(scene.record, blocker, story, known, until_us=freed, waited_us=freed - known)


def family(scene: Scene) -> None:
    """A parent with a child that begins later and ends earlier: nothing is wrong."""
    parent = scene.start(scene.at(1, 10), scene.person())
    child = scene.start(scene.at(2, 10), scene.person(2), type=TASK)
    child.enter(scene.at(3, 10), DONE, scene.person(2))
    parent.enter(scene.at(4, 10), DONE, scene.person())
    scene.record.link(parent, "parent", child, child.life.entries[0].at_us)


def moved(scene: Scene) -> None:
    """Items go to another stream, where they wait until somebody takes them up."""
    if scene.stream not in MOVES:
        return
    target, people = MOVES[scene.stream]
    for turn in range(_MOVED_AT_ONCE):
        begin, gone = scene.at(1, 10, 11 * turn), scene.at(2, 10, 11 * turn)
        end = scene.at(2 + scene.length, 10, 11 * turn)
        person = scene.person(1 + (scene.number * _MOVED_AT_ONCE + turn) % people) if people else scene.person(1 + turn)
        taker = person if people else f"{target.key.lower()}-receives-{scene.stream.key.lower()}-{1 + turn}"
        if people:
            pair = _pair(scene.stream.name, target.name)
            scene.record.people.setdefault(pair, set()).add(person)
        story = scene.start(begin - HOUR_US // 2, person)
        story.enter(begin, TRANSFER, person)
        story.change(gone, "stream", scene.stream.name, target.name, person if people else taker)
        story.change(gone, "type", story.life.type, target.type, person if people else taker)
        scene.finish(story, end, taker)
        story.waited(TRANSFER, part(PlantedCause.HAND_OFF, begin, gone))
        story.waited(TRANSFER, part(PlantedCause.HAND_OFF, gone, end), stream=target.name)
        if not people:
            scene.record.people.setdefault(_pair(scene.stream.name, target.name), set())
        scene.record.moves.append(
            PlantedMove(
                item=story.item,
                from_stream=scene.stream.name,
                to_stream=target.name,
                at_us=gone,
                taken_up_us=end,
            )
        )


def chain(scenes: Sequence[Scene]) -> None:
    """Tell of items that block each other in a row and are open at the end; one scene for each of ``CHAIN``."""
    record = scenes[0].record
    stories = [scenes[0].start(scenes[0].at(0, 10), scenes[0].person())]
    for number, scene in enumerate(scenes[1:], start=1):
        stories.append(_held(scene, IN_CHAIN, known_us=scene.at(number, 12), begin_us=scene.at(number, 10)))
    for number, scene in enumerate(scenes[1:], start=1):
        known = scene.at(number, 12)
        _block(record, stories[number - 1], stories[number], known, until_us=None, waited_us=record.until_us - known)
    record.chain = tuple(story.item for story in stories)


def circle(scenes: Sequence[Scene]) -> None:
    """Tell of items that wait for each other in a circle; one scene for each of ``CIRCLE``."""
    record = scenes[0].record
    # Every item exists before the first link is made.
    known = [scene.at(3, 12) for scene in scenes]
    stories = [
        _held(scene, IN_CIRCLE, known_us=known[number], begin_us=scene.at(3, 10)) for number, scene in enumerate(scenes)
    ]
    for number, story in enumerate(stories):
        _block(
            record, stories[number - 1], story, known[number],
            until_us=None, waited_us=record.until_us - known[number],
        )  # fmt: skip
    record.circle = frozenset(story.item for story in stories)
    record.stream_circle = frozenset(stream.name for stream in CIRCLE)


def _held(scene: Scene, state: str, *, known_us: int, begin_us: int) -> Story:
    story = scene.start(begin_us - HOUR_US // 2, scene.person())
    story.enter(begin_us, state, scene.person())
    story.waited(state, *lying(begin_us, known_us), _dependency(known_us, scene.record.until_us), open=True)
    return story


def _blocker(scene: Scene, *, from_us: int, done_us: int) -> Story:
    """Tell of an item of the stream that this one waits for; its people work for this lane only."""
    stream = WAITS_FOR[scene.stream]
    person = f"{stream.key.lower()}-for-{scene.stream.key.lower()}-{scene.lane}"
    story = scene.record.story(stream)
    story.enter(from_us - 3 * HOUR_US, NEW, person)
    story.enter(from_us, IN_PROGRESS, person)
    story.enter(done_us, DONE, person)
    return story


def _block(
    record: Record,
    blocker: Story,
    blocked: Story,
    since_us: int,
    *,
    until_us: int | None,
    waited_us: int,
    status: str = "resolved",
) -> None:
    record.link(blocker, "blocks", blocked, since_us)
    record.dependencies.append(
        PlantedDependency(
            blocker=blocker.item,
            blocked=blocked.item,
            blocker_stream=blocker.stream.name,
            blocked_stream=blocked.stream.name,
            status="open" if until_us is None else status,
            since_us=since_us,
            until_us=until_us,
            waited_us=waited_us,
        )
    )


def blocked_by_closed(scene: Scene) -> Story:
    """Let an item rest until the end, linked to a blocker of its own stream that was closed before; returns it."""
    blocker = scene.start(scene.at(0, 10), scene.person())
    blocker.enter(scene.at(1, 10), DONE, scene.person())
    begin, since = scene.at(1, 12), scene.at(2, 10)
    blocked = scene.start(begin - HOUR_US // 2, scene.person(2))
    blocked.enter(begin, RESTING, scene.person(2))
    blocked.waited(RESTING, *lying(begin, scene.record.until_us), open=True)
    _block(scene.record, blocker, blocked, since, until_us=since, waited_us=0)
    return blocked


def _dependency(from_us: int, until_us: int) -> Part:
    return part(PlantedCause.BLOCKED, from_us, until_us, by=_DEPENDENCY)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


#: Lanes of dependencies.
DEPENDENCY_SCENES: Final[dict[str, Callable[[Scene], None]]] = {
    "dependent": dependent,
    "ended-anyway": ended_anyway,
    "blocked-twice": blocked_twice,
    "family": family,
    "moved": moved,
}
