"""Scenes in which two causes claim the same wait, to see which of them takes precedence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pegel.eventlog.schema import HOUR_US, SECOND_US
from pegel.worlds.planted_causes import part
from pegel.worlds.planted_stage import Scene
from pegel.worlds.planted_states import (
    COLLECTED_LOWERED,
    DISCUSSED_BUSY,
    DONE,
    HANDED_DISCUSSED,
    HANDED_LOWERED,
    SIGN_OFF,
)
from pegel.worlds.planted_time import MINUTE_US
from pegel.worlds.planted_truth import PlantedCause, lying


def flagged_sign_off(scene: Scene) -> None:
    """A flag is raised while an item waits for approval: blocked comes first."""
    begin, raised = scene.at(1, 10), scene.at(1, 14)
    down, end = scene.at(1 + scene.length, 10), scene.at(2 + scene.length, 15)
    story = scene.pass_through(
        SIGN_OFF,
        part(PlantedCause.APPROVAL, begin, raised),
        part(PlantedCause.BLOCKED, raised, down, by="supplier"),
        part(PlantedCause.APPROVAL, down, end),
    )
    story.change(raised, "flag", None, "Waiting for vendor", scene.person())
    story.change(down, "flag", "Waiting for vendor", None, scene.person())


def collected_lowered(scene: Scene) -> None:
    """Three items wait for each other, and two of them are put back: batching comes before prioritisation."""
    begins = [scene.at(1 + member, 10, 5 * member) for member in range(3)]
    complete = begins[-1]
    left = (complete + 3 * HOUR_US) // MINUTE_US * MINUTE_US + SECOND_US
    put_back = complete + HOUR_US
    early = scene.pass_through(
        COLLECTED_LOWERED,
        part(PlantedCause.BATCHING, begins[0], complete),
        part(PlantedCause.PRIORITISATION, complete, left),
    )
    early.change(begins[0] + HOUR_US, "priority", "High", "Low", scene.person())
    late = scene.pass_through(
        COLLECTED_LOWERED,
        part(PlantedCause.BATCHING, begins[1], complete),
        *lying(complete, put_back),
        part(PlantedCause.PRIORITISATION, put_back, left),
    )
    late.change(put_back, "priority", "High", "Low", scene.person())
    scene.pass_through(COLLECTED_LOWERED, *lying(complete, left))


def handed_discussed(scene: Scene) -> None:
    """Somebody asks about an item that is being handed over: the hand-off comes first."""
    begin, end = scene.at(1, 10), scene.at(1 + scene.length, 14)
    story = scene.pass_through(HANDED_DISCUSSED, part(PlantedCause.HAND_OFF, begin, end), taker=scene.person(2))
    for number in range(2):
        at_us = begin + (number + 1) * HOUR_US
        story.change(at_us, "comment_count", str(number), str(number + 1), scene.person(3))


def handed_lowered(scene: Scene) -> None:
    """An item that is being handed over is put back: from then on that is the reason."""
    begin, put_back, end = scene.at(1, 10), scene.at(1, 15), scene.at(1 + scene.length, 14)
    story = scene.pass_through(
        HANDED_LOWERED,
        part(PlantedCause.HAND_OFF, begin, put_back),
        part(PlantedCause.PRIORITISATION, put_back, end),
        taker=scene.person(2),
    )
    story.change(put_back, "priority", "Critical", "Normal", scene.person())


def discussed_busy(scene: Scene) -> None:
    """Two comments fall into the time in which the next person is busy: the time between them is a status query."""
    begin, other = scene.at(1, 10), scene.at(1, 11)
    first, free = scene.at(1, 13), scene.at(1 + scene.length, 11)
    last, end = scene.at(1 + scene.length, 12), scene.at(1 + scene.length, 14)
    story = scene.pass_through(
        DISCUSSED_BUSY,
        *lying(begin, other),
        part(PlantedCause.CONTENTION, other, first),
        part(PlantedCause.STATUS_QUERY, first, last),
        *lying(last, end),
    )
    story.change(first, "comment_count", "0", "1", scene.person(3))
    story.change(last, "comment_count", "1", "2", scene.person(3))
    between = scene.start(other, scene.person())
    between.enter(free, DONE, scene.person())


#: Lanes of two causes each.
RIVAL_SCENES: Final[dict[str, Callable[[Scene], None]]] = {
    "flagged-sign-off": flagged_sign_off,
    "collected-lowered": collected_lowered,
    "handed-discussed": handed_discussed,
    "handed-lowered": handed_lowered,
    "discussed-busy": discussed_busy,
}
