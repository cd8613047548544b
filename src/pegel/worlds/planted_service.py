"""The stationary stream: every day the same dice say how many items are finished, so forecasts can be checked."""

from __future__ import annotations

from typing import Final

from pegel.eventlog.schema import DAY_US, HOUR_US, MICROSECOND
from pegel.worlds.chance import Dice
from pegel.worlds.planted_stage import Record
from pegel.worlds.planted_states import DONE, IN_PROGRESS, NEW, SERVICE_DESK
from pegel.worlds.planted_truth import ThroughputLaw

#: Probability of 0, 1, 2 … finished items a day: 1.5 on average.
CHANCES: Final = (0.25, 0.3, 0.25, 0.1, 0.1)
#: Days of work per item, equally likely.
WORK_DAYS: Final = (1, 2, 3, 5, 8)
#: Days after the world's end that are drawn too.
FUTURE_DAYS: Final = 60
_STAFF: Final = 12


def stationary_stream(record: Record, *, days: int, seed_dice: Dice) -> ThroughputLaw:
    """Write down the stream for so many days before the world's end; returns its law and what was drawn.

    The end must be a full UTC day. Items that will be finished after it are in the log as far as they had come.
    """
    drawn = [seed_dice.pick(CHANCES) for _ in range(days + FUTURE_DAYS)]
    for number, count in enumerate(drawn):
        midnight = record.until_us + (number - days) * DAY_US
        # Within a day the moments are sorted and apart, so that no minute looks like a mass edit.
        for turn in range(count):
            share = DAY_US // count
            done_us = midnight + turn * share + HOUR_US + seed_dice.below(share - 2 * HOUR_US) + MICROSECOND
            _live(record, done_us=done_us, dice=seed_dice)
    return ThroughputLaw(
        stream=SERVICE_DESK.name, chances=CHANCES, finished=tuple(drawn[:days]), future=tuple(drawn[days:])
    )


def _live(record: Record, *, done_us: int, dice: Dice) -> None:
    begin_us = done_us - WORK_DAYS[dice.below(len(WORK_DAYS))] * DAY_US - dice.below(HOUR_US)
    created_us = begin_us - HOUR_US - dice.below(DAY_US)
    person = f"sd-{1 + dice.below(_STAFF)}"
    if created_us >= record.until_us:
        return
    story = record.story(SERVICE_DESK)
    for at_us, state in ((created_us, NEW), (begin_us, IN_PROGRESS), (done_us, DONE)):
        if at_us < record.until_us:
            story.enter(at_us, state, person)
