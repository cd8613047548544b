"""Scenes in which the records of an item are wrong, each in one way.

Nothing else of the company shows any of these defects: items enter no state twice, begin as new, and no two of their
moments are equal. What an item shows beside its own defect (reopened, it comes back to a state as well) is told too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pegel.eventlog.schema import DAY_US, HOUR_US, SECOND_US
from pegel.worlds.planted_dependencies import blocked_by_closed
from pegel.worlds.planted_stage import Scene
from pegel.worlds.planted_states import COMPLETION, DONE, IN_PROGRESS, LYING, NEW, PARKED, RETURNED, STREAMS, TASK
from pegel.worlds.planted_time import MINUTE_US
from pegel.worlds.planted_truth import Defect, lying

#: So many items of one stream are closed within one minute, once.
CLOSED_TOGETHER: Final = 30


def completed_not_started(scene: Scene) -> None:
    """Done without ever having been worked on."""
    story = scene.record.story(scene.stream)
    story.enter(scene.at(1, 10), NEW, scene.person())
    story.enter(scene.at(1 + scene.length, 10), DONE, scene.person())
    story.has(Defect.DONE_WITHOUT_START)


def change_after_done(scene: Scene) -> None:
    """Taken up again four hours after it was done; in those hours nothing says why it waits."""
    story = scene.start(scene.at(1, 9, 30), scene.person())
    done, again = scene.at(1, 11), scene.at(1, 15)
    story.enter(done, DONE, scene.person())
    story.enter(again, IN_PROGRESS, scene.person())
    story.enter(scene.at(1 + scene.length, 11), DONE, scene.person())
    story.waited(DONE, *lying(done, again))
    story.has(Defect.CHANGE_AFTER_DONE, Defect.BACKWARDS_STATES)


def done_before_start(scene: Scene) -> None:
    """Done at once, worked on afterwards, and done again."""
    story = scene.record.story(scene.stream)
    for day, state in enumerate((NEW, DONE, IN_PROGRESS, DONE), start=1):
        story.enter(scene.at(day, 10), state, scene.person())
    story.has(Defect.DONE_BEFORE_START, Defect.CHANGE_AFTER_DONE, Defect.BACKWARDS_STATES)


def back_to_new(scene: Scene) -> None:
    """Back to the queue of new work for three hours of a day, after work on it had begun."""
    begin, end = scene.at(1, 11), scene.at(1, 14)
    story = scene.start(scene.at(1, 10), scene.person())
    story.enter(begin, RETURNED, scene.person())
    scene.finish(story, end, scene.person())
    story.waited(RETURNED, *lying(begin, end))
    story.has(Defect.BACKWARDS_CATEGORIES)


def backwards(scene: Scene) -> None:
    """From completion back to the work before it."""
    story = scene.start(scene.at(1, 10), scene.person())
    for day, state in enumerate((COMPLETION, IN_PROGRESS, COMPLETION, DONE), start=2):
        story.enter(scene.at(day, 10), state, scene.person())
    story.has(Defect.BACKWARDS_STATES)


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
    parent.has(Defect.OPEN_CHILDREN)


def early_child(scene: Scene) -> None:
    """The child is done, and its parent was begun later; the parent of another child was never begun."""
    begun, idle = scene.start(scene.at(3, 10), scene.person()), scene.record.story(scene.stream)
    begun.enter(scene.at(5, 10), DONE, scene.person())
    idle.enter(scene.at(1, 9), NEW, scene.person(3))
    for person, parent in ((2, begun), (4, idle)):
        child = scene.start(scene.at(1, 10, person), scene.person(person), type=TASK)
        child.enter(scene.at(4, 10, person), DONE, scene.person(person))
        known = max(parent.life.entries[0].at_us, child.life.entries[0].at_us)
        scene.record.link(parent, "parent", child, known)
    begun.has(Defect.CHILD_STARTED_EARLIER)
    idle.has(Defect.CHILD_BEFORE_PARENT)


def closed_blocker(scene: Scene) -> None:
    """Rests until today because of an item that was closed before the link was made."""
    blocked_by_closed(scene).has(Defect.BLOCKED_BY_CLOSED)


def same_time_changes(scene: Scene) -> None:
    """Completion and done at the same moment."""
    story = scene.start(scene.at(1, 10), scene.person())
    at_us = scene.at(1 + scene.length, 10)
    story.enter(at_us, COMPLETION, scene.person())
    story.enter(at_us, DONE, scene.person())
    story.has(Defect.SAME_TIME)


def truncated_history(scene: Scene) -> None:
    """The beginning of one history is missing, and something in the middle of another."""
    middle, end = scene.at(3, 10), scene.at(4, 10)
    late = scene.record.story(scene.stream)
    late.enter(middle, COMPLETION, scene.person())
    late.came_from(IN_PROGRESS)
    scene.record.undated.add(late.item)
    late.has(Defect.HISTORY_BEGINS_LATE)
    holed = scene.start(scene.at(1, 10), scene.person(2))
    holed.enter(middle, COMPLETION, scene.person(2))
    holed.came_from(LYING)
    holed.has(Defect.HISTORY_WITH_GAP)
    for person, story in enumerate((late, holed), start=1):
        story.enter(end + person * HOUR_US, DONE, scene.person(person))


def unmapped_state(scene: Scene) -> None:
    """Three hours in a state that no workflow knows."""
    begin, end = scene.at(1, 11), scene.at(1, 14)
    story = scene.start(scene.at(1, 10), scene.person())
    story.enter(begin, PARKED, scene.person())
    scene.finish(story, end, scene.person())
    story.waited(PARKED, *lying(begin, end))
    story.has(Defect.UNMAPPED_STATES)
    scene.record.unmapped_us += end - begin


def future_event(scene: Scene) -> None:
    """Done three days after the log was read: a clock is wrong."""
    story = scene.start(scene.at(1, 10), scene.person())
    story.enter(scene.at(2, 10), COMPLETION, scene.person())
    story.enter(scene.record.until_us + 3 * DAY_US + scene.dice.below(DAY_US), DONE, scene.person())
    story.has(Defect.FUTURE_TIME)


def midnight(scene: Scene) -> None:
    """Dates without time: every moment is midnight (UTC); each stream has days of its own."""
    place = STREAMS.index(scene.stream)
    first = scene.at(1, 12) // DAY_US * DAY_US + place * DAY_US
    story = scene.record.story(scene.stream)
    for days, state in enumerate((NEW, IN_PROGRESS, COMPLETION, DONE)):
        story.enter(first + days * DAY_US, state, scene.person())
    story.has(Defect.DATES_WITHOUT_TIME)


def mass_close(scene: Scene) -> None:
    """Somebody tidies up: many items are closed within one minute."""
    closed = scene.at(5, 14) // MINUTE_US * MINUTE_US
    for number in range(CLOSED_TOGETHER):
        story = scene.start(scene.at(1, 10) + number * HOUR_US, scene.person(1 + number))
        story.enter(closed + SECOND_US * (1 + number), DONE, scene.person())
        story.has(Defect.MASS_CLOSING)


#: Lanes of one defect each; a mass close happens once.
DEFECT_SCENES: Final[dict[str, Callable[[Scene], None]]] = {
    "not-started": completed_not_started,
    "done-first": done_before_start,
    "after-done": change_after_done,
    "back-to-new": back_to_new,
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
