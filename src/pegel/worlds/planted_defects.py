"""Scenes in which the records of an item are wrong, each in one way.

Nothing else of the company shows any of these defects: items enter no state twice, begin as new, and no two of their
moments are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pegel.eventlog.schema import DAY_US, HOUR_US, SECOND_US
from pegel.worlds.planted_dependencies import blocked_on_closed
from pegel.worlds.planted_stage import Scene
from pegel.worlds.planted_states import COMPLETION, DONE, IN_PROGRESS, LYING, NEW, PARKED, STREAMS, TASK
from pegel.worlds.planted_time import MINUTE_US
from pegel.worlds.planted_truth import Defect, lying

#: So many items of one stream are closed within one minute, once.
CLOSED_TOGETHER: Final = 30


def completed_not_started(scene: Scene) -> None:
    """Done without ever having been worked on."""
    story = scene.record.story(scene.stream)
    story.enter(scene.at(1, 10), NEW, scene.person())
    story.enter(scene.at(1 + scene.length, 10), DONE, scene.person())
    story.has(Defect.COMPLETED_NOT_STARTED)


def change_after_done(scene: Scene) -> None:
    """Taken up again four hours after it was done; in those hours nothing says why it waits."""
    story = scene.start(scene.at(1, 9, 30), scene.person())
    done, again = scene.at(1, 11), scene.at(1, 15)
    story.enter(done, DONE, scene.person())
    story.enter(again, IN_PROGRESS, scene.person())
    story.enter(scene.at(1 + scene.length, 11), DONE, scene.person())
    story.waited(DONE, *lying(done, again))
    story.has(Defect.CHANGE_AFTER_DONE, Defect.BACKWARDS)


def backwards(scene: Scene) -> None:
    """From completion back to the work before it."""
    story = scene.start(scene.at(1, 10), scene.person())
    for day, state in enumerate((COMPLETION, IN_PROGRESS, COMPLETION, DONE), start=2):
        story.enter(scene.at(day, 10), state, scene.person())
    story.has(Defect.BACKWARDS)


def created_in_wrong_state(scene: Scene) -> None:
    """Begins its life in completion."""
    story = scene.record.story(scene.stream)
    story.enter(scene.at(1, 10), COMPLETION, scene.person())
    story.enter(scene.at(1 + scene.length, 10), DONE, scene.person())
    story.has(Defect.CREATED_IN_WRONG_STATE)


def open_child(scene: Scene) -> None:
    """The parent is done, its child is not."""
    parent = scene.start(scene.at(1, 10), scene.person())
    child = scene.start(scene.at(2, 10), scene.person(2), type=TASK)
    parent.enter(scene.at(3, 10), DONE, scene.person())
    scene.record.link(parent, "parent", child, child.life.entries[0].at_us)
    child.has(Defect.OPEN_CHILD_OF_DONE_PARENT)


def early_child(scene: Scene) -> None:
    """The child was started two days before its parent."""
    child = scene.start(scene.at(1, 10), scene.person(2), type=TASK)
    parent = scene.start(scene.at(3, 10), scene.person())
    child.enter(scene.at(4, 10), DONE, scene.person(2))
    parent.enter(scene.at(5, 10), DONE, scene.person())
    scene.record.link(parent, "parent", child, parent.life.entries[0].at_us)
    child.has(Defect.CHILD_STARTED_BEFORE_PARENT)


def closed_blocker(scene: Scene) -> None:
    """Blocked by an item that was closed before the link was made."""
    _, blocked = blocked_on_closed(scene)
    blocked.has(Defect.BLOCKED_ON_CLOSED)


def same_time_changes(scene: Scene) -> None:
    """Completion and done at the same moment."""
    story = scene.start(scene.at(1, 10), scene.person())
    at_us = scene.at(1 + scene.length, 10)
    story.enter(at_us, COMPLETION, scene.person())
    story.enter(at_us, DONE, scene.person())
    story.has(Defect.SAME_TIME_CHANGES)


def truncated_history(scene: Scene) -> None:
    """The beginning of the history is missing, or something in the middle of it."""
    middle, end = scene.at(3, 10), scene.at(4, 10)
    if scene.number % 2:
        story = scene.start(scene.at(1, 10), scene.person())
        story.enter(middle, COMPLETION, scene.person())
        story.came_from(LYING)
    else:
        story = scene.record.story(scene.stream)
        scene.record.created_before[story.item] = scene.at(1, 10)
        story.enter(middle, COMPLETION, scene.person())
        story.came_from(IN_PROGRESS)
    story.enter(end, DONE, scene.person())
    story.has(Defect.TRUNCATED_HISTORY)


def unmapped_state(scene: Scene) -> None:
    """Three hours in a state that no workflow knows."""
    begin, end = scene.at(1, 11), scene.at(1, 14)
    story = scene.start(scene.at(1, 10), scene.person())
    story.enter(begin, PARKED, scene.person())
    scene.finish(story, end, scene.person())
    story.waited(PARKED, *lying(begin, end))
    story.has(Defect.UNMAPPED_STATE)
    scene.record.unmapped_us += end - begin


def future_event(scene: Scene) -> None:
    """Done three days after the log was read: a clock is wrong."""
    story = scene.start(scene.at(1, 10), scene.person())
    story.enter(scene.at(2, 10), COMPLETION, scene.person())
    story.enter(scene.record.until_us + 3 * DAY_US + scene.dice.below(DAY_US), DONE, scene.person())
    story.has(Defect.FUTURE_EVENT)


def midnight(scene: Scene) -> None:
    """Dates without time: every moment is midnight (UTC); each stream has days of its own."""
    place = STREAMS.index(scene.stream)
    first = scene.at(1, 12) // DAY_US * DAY_US + place * DAY_US
    story = scene.record.story(scene.stream)
    for days, state in enumerate((NEW, IN_PROGRESS, COMPLETION, DONE)):
        story.enter(first + days * DAY_US, state, scene.person())
    story.has(Defect.MIDNIGHT)


def mass_close(scene: Scene) -> None:
    """Somebody tidies up: many items are closed within one minute."""
    closed = scene.at(5, 14) // MINUTE_US * MINUTE_US
    for number in range(CLOSED_TOGETHER):
        story = scene.start(scene.at(1, 10) + number * HOUR_US, scene.person(1 + number))
        story.enter(closed + SECOND_US * (1 + number), DONE, scene.person())
        story.has(Defect.MASS_CLOSE)


#: Lanes of one defect each; a mass close happens once.
DEFECT_SCENES: Final[dict[str, Callable[[Scene], None]]] = {
    "not-started": completed_not_started,
    "after-done": change_after_done,
    "backwards": backwards,
    "wrong-state": created_in_wrong_state,
    "open-child": open_child,
    "early-child": early_child,
    "closed-blocker": closed_blocker,
    "same-time": same_time_changes,
    "truncated": truncated_history,
    "unmapped": unmapped_state,
    "future": future_event,
    "midnight": midnight,
}
