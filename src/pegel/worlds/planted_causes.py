"""Scenes in which one cause makes items wait, each in a state of its own.

In every scene the moments are told by the calendar of the company: day 0 is the first working day, and what nobody can
explain lies within one day's open hours, except where off-hours themselves are planted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pegel.eventlog.schema import HOUR_US, SECOND_US
from pegel.worlds.planted_stage import Scene, Story
from pegel.worlds.planted_states import (
    BUSY,
    CANCELLED,
    COLLECTED,
    DISCUSSED,
    DONE,
    FLAGGED,
    HANDED,
    LOWERED,
    LYING,
    OF_FRICTION,
    OFF_HOURS,
    OVERTAKEN,
    WITHDRAWN,
)
from pegel.worlds.planted_time import MINUTE_US
from pegel.worlds.planted_truth import Part, PlantedCause, lying

#: What flags say, and which reason that is.
FLAGS: Final = (
    ("Waiting for supplier", "supplier"),
    ("Freigabe fehlt", "approval"),
    ("Kunde meldet sich nicht", "customer"),
    ("Test system down", "environment"),
    ("Rückfrage offen", "information"),
    ("Impediment", "other"),
)
#: Changes that put an item further back: field, from, to.
_LOWERINGS: Final = (
    ("priority", "High", "Low"),
    ("priority", "2 - High", "4 - Low"),
    ("rank", "0|i0000a:", "0|i000zz:"),
    ("rank", "3", "17"),
)
#: Changes that do not.
_RAISINGS: Final = (("priority", "Low", "High"), ("rank", "17", "3"))
_TEAMS: Final = ("North", "South", "West")


def part(cause: PlantedCause, from_us: int, until_us: int, *, by: str | None = None) -> Part:
    """Return a part of a wait."""
    return Part(cause=cause, from_us=from_us, until_us=until_us, blocked_by=by)


def flagged(scene: Scene) -> None:
    """An item waits; two hours later somebody raises a flag, lowers it after some days, and takes the item up."""
    text, reason = FLAGS[scene.number % len(FLAGS)]
    begin, raised = scene.at(1, 10), scene.at(1, 12)
    lowered, end = scene.at(1 + scene.length, 11), scene.at(1 + scene.length, 13)
    blocked = part(PlantedCause.BLOCKED, raised, lowered, by=reason)
    story = scene.pass_through(FLAGGED, *lying(begin, raised), blocked, *lying(lowered, end))
    story.change(raised, "flag", None, text, scene.person())
    story.change(lowered, "flag", text, None, scene.person())


def of_friction(scene: Scene) -> None:
    """Four items, one in a state of each friction."""
    for person, (friction, state) in enumerate(OF_FRICTION.items(), start=1):
        begin, end = scene.at(1, 10, 7 * person), scene.at(1 + scene.length, 15, 7 * person)
        scene.pass_through(state, part(PlantedCause(friction.value), begin, end), actor=scene.person(person))


def collected(scene: Scene) -> None:
    """Somebody lays three to five items aside, day by day, and then takes them up together.

    In every second scene at one moment, otherwise seconds apart; in between that person is busy with the first ones.
    """
    members = 3 + scene.dice.below(3)
    apart = 7 * SECOND_US * (scene.number % 2)
    begins = [scene.at(1 + member, 10, 5 * member) for member in range(members)]
    complete = begins[-1]
    left = (complete + 3 * HOUR_US) // MINUTE_US * MINUTE_US + SECOND_US
    for member, begin in enumerate(begins):
        end = left + member * apart
        busy = [part(PlantedCause.CONTENTION, left, end)] if end > left else []
        batching = [part(PlantedCause.BATCHING, begin, complete)] if begin < complete else []
        scene.pass_through(COLLECTED, *batching, *lying(complete, left), *busy)


def overtaken(scene: Scene) -> None:
    """An item that came later is taken up first, by somebody else."""
    begin, other = scene.at(1, 10), scene.at(1, 12)
    passed, end = scene.at(1, 14), scene.at(1 + scene.length, 11)
    scene.pass_through(OVERTAKEN, *lying(begin, passed), part(PlantedCause.PRIORITISATION, passed, end))
    scene.pass_through(OVERTAKEN, *lying(other, passed), actor=scene.person(2))


def lowered(scene: Scene) -> None:
    """An item's priority or rank is lowered while it waits; before that it was raised, which says nothing."""
    begin, put_back, end = scene.at(1, 10), scene.at(1, 13), scene.at(1 + scene.length, 12)
    story = scene.pass_through(LOWERED, *lying(begin, put_back), part(PlantedCause.PRIORITISATION, put_back, end))
    story.change(put_back - HOUR_US, *_RAISINGS[scene.number % len(_RAISINGS)], scene.person())
    story.change(put_back, *_LOWERINGS[scene.number % len(_LOWERINGS)], scene.person())


def handed(scene: Scene) -> None:
    """Three items are handed over: the next person is another, the assignee changes, the team changes."""
    for way in range(3):
        begin, end = scene.at(1, 10, 9 * way), scene.at(1 + scene.length, 14, 9 * way)
        actor = scene.person(1 + way)
        taker = scene.person(7) if way == 0 else actor
        story = scene.pass_through(HANDED, part(PlantedCause.HAND_OFF, begin, end), actor=actor, taker=taker)
        middle = begin + 3 * HOUR_US
        if way == 1:
            # To be assigned for the first time is no hand-off.
            story.change(begin - HOUR_US // 4, "assignee", None, actor, actor)
            story.change(middle, "assignee", actor, scene.person(8), actor)
        if way == 2:
            _change_team(scene, story, middle, actor)


def _change_team(scene: Scene, story: Story, at_us: int, actor: str) -> None:
    old, new = _TEAMS[scene.number % len(_TEAMS)], _TEAMS[(scene.number + 1) % len(_TEAMS)]
    old, new = (f"{scene.stream.name} {name}" for name in (old, new))
    story.change(at_us, "team", old, new, actor)
    scene.record.team_hand_offs[old, new] += 1


def discussed(scene: Scene) -> None:
    """Three comments are written while an item waits."""
    begin, first = scene.at(1, 10), scene.at(1, 12)
    last, end = scene.at(1 + scene.length, 11), scene.at(1 + scene.length, 13)
    story = scene.pass_through(
        DISCUSSED, *lying(begin, first), part(PlantedCause.STATUS_QUERY, first, last), *lying(last, end)
    )
    for number, at_us in enumerate((first, first + HOUR_US, last)):
        story.change(at_us, "comment_count", str(number), str(number + 1), scene.person(9))


def busy(scene: Scene) -> None:
    """The person who takes the item up again works on another one in between, some days and nights long."""
    begin, other = scene.at(1, 10), scene.at(1, 11)
    free, end = scene.at(1 + scene.length, 12), scene.at(1 + scene.length, 14)
    scene.pass_through(BUSY, *lying(begin, other), part(PlantedCause.CONTENTION, other, free), *lying(free, end))
    between = scene.start(other, scene.person())
    between.enter(free, DONE, scene.person())


def over_night(scene: Scene) -> None:
    """An item waits from one afternoon to a later morning: over nights, weekends and holidays."""
    scene.pass_through(OFF_HOURS, *lying(scene.at(1, 15), scene.at(1 + scene.length, 10)))


def unexplained(scene: Scene) -> None:
    """An item lies about for five hours of a working day, and nothing says why."""
    scene.pass_through(LYING, *lying(scene.at(1, 10), scene.at(1, 15)))


def withdrawn(scene: Scene) -> None:
    """A later item leaves the queue first, but because it is cancelled: nobody is overtaken."""
    scene.pass_through(WITHDRAWN, *lying(scene.at(1, 10), scene.at(1, 15)))
    other = scene.start(scene.at(1, 11), scene.person(2))
    other.enter(scene.at(1, 12), WITHDRAWN, scene.person(2))
    other.enter(scene.at(1, 13), CANCELLED, scene.person(2))


#: Lanes of one cause each.
CAUSE_SCENES: Final[dict[str, Callable[[Scene], None]]] = {
    "flagged": flagged,
    "friction": of_friction,
    "collected": collected,
    "overtaken": overtaken,
    "lowered": lowered,
    "handed": handed,
    "discussed": discussed,
    "busy": busy,
    "over-night": over_night,
    "unexplained": unexplained,
    "withdrawn": withdrawn,
}
