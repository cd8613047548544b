"""A company in which every cause of waiting, every defect of data and every dependency was planted in a known amount.

Four streams, Claims, Purchasing, Software and IT service, play the same scenes over and over, each lane of them with
queues and people of its own; a fifth, Service desk, is stationary. What happened in each scene is told twice: as
events, and as truth, exactly, in microseconds. Same ``seed``, ``items`` and ``until`` give the same world everywhere.
Page: docs/explanation/known-truth.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pegel.eventlog.schema import DAY_US, to_us
from pegel.eventlog.workflow import Workflow
from pegel.worlds.chance import Dice
from pegel.worlds.lives import Life
from pegel.worlds.planted_causes import CAUSE_SCENES
from pegel.worlds.planted_defects import CLOSED_TOGETHER, DEFECT_SCENES, mass_close
from pegel.worlds.planted_dependencies import CHAIN, CIRCLE, DEPENDENCY_SCENES, chain, circle
from pegel.worlds.planted_rivals import RIVAL_SCENES
from pegel.worlds.planted_service import CHANCES, stationary_stream
from pegel.worlds.planted_source import PlantedLog, PlantedSource
from pegel.worlds.planted_stage import SLOT_DAYS, Record, Scene
from pegel.worlds.planted_states import IT_SERVICE, SERVICE_DESK, STREAMS, PlantedStream, workflow_for
from pegel.worlds.planted_truth import Defect, PlantedTruth, ThroughputLaw

_SCENES: Final[dict[str, Callable[[Scene], None]]] = {
    **CAUSE_SCENES,
    **RIVAL_SCENES,
    **DEPENDENCY_SCENES,
    **DEFECT_SCENES,
}
#: Items of one round of all scenes in all streams, about.
_ROUND: Final = 250
#: Share of the items that the stationary stream has.
_SERVICE_SHARE: Final = 0.2
#: Days between the last scenes and the world's end, in which open items grow old.
_AFTERMATH_DAYS: Final = 28
#: Keys of the dice.
_SERVICE, _LANES = 0, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedWorld:
    """A company with planted truth; made by :func:`planted`.

    Parameters
    ----------
    until: the moment to look from; only planted future events lie after it.
    streams: its value streams. ``lives``: what happened to each item, as the generator knows it.
    truth: what must be found, told by the generator and not by the metric code.
    """

    seed: int
    until: datetime
    streams: tuple[str, ...]
    lives: tuple[Life, ...]
    log: PlantedLog
    truth: PlantedTruth

    def source(self) -> PlantedSource:
        """Its event log, to be imported like that of any other source."""
        return PlantedSource(lives=self.lives, log=self.log)

    def workflow(self, stream: str) -> Workflow:
        """What the states of a stream truly mean, confirmed; KeyError if there is no such stream."""
        return workflow_for(stream)


def planted(*, seed: int = 1, items: int = 2000, until: datetime) -> PlantedWorld:
    """Plant a company up to ``until`` (aware; a full UTC day).

    Parameters
    ----------
    seed: which of many possible companies.
    items: about how many items; there are as many full rounds of scenes as fit, at least one.

    Raises
    ------
    ValueError: ``items`` is negative, or ``until`` has no zone or lies within a day.
    """
    if items < 0:
        raise ValueError("items must not be negative")
    until_us = to_us(until)
    if until_us % DAY_US:
        raise ValueError("until must be midnight, UTC")
    record = Record(until_us=until_us)
    wanted = items * (1 - _SERVICE_SHARE) - CLOSED_TOGETHER - len(CHAIN) - len(CIRCLE)
    rounds = max(1, round(wanted / _ROUND))
    last = until.astimezone(UTC).date() - timedelta(days=_AFTERMATH_DAYS)
    # Scenes begin on Mondays, so that a night is rarely a weekend and sometimes is.
    monday = last - timedelta(days=last.weekday())
    mondays = [monday - timedelta(days=SLOT_DAYS * (rounds - number)) for number in range(rounds)]
    _play(record, seed, mondays)
    _play_once(record, seed, monday)
    mean = sum(number * chance for number, chance in enumerate(CHANCES))
    days = max(7, round(items * _SERVICE_SHARE / mean))
    law = stationary_stream(record, days=days, seed_dice=Dice(seed, _SERVICE))
    streams = (*(stream.name for stream in STREAMS), SERVICE_DESK.name)
    for life in record.lives:
        life.changes.sort(key=lambda change: (change.at_us, change.sequence))
    log = PlantedLog(
        until_us=until_us,
        links=tuple(record.links),
        first_states=dict(record.first_states),
        undated=frozenset(record.undated),
        truncated=len(record.defects[Defect.HISTORY_BEGINS_LATE] | record.defects[Defect.HISTORY_WITH_GAP]),
    )
    return PlantedWorld(
        seed=seed, until=until, streams=streams, lives=tuple(record.lives), log=log, truth=_truth(record, law)
    )


def _play(record: Record, seed: int, mondays: Sequence[date]) -> None:
    """Play every scene in every stream, once a round; lanes begin on different days of the week."""
    for place, stream in enumerate(STREAMS):
        for number, (lane, play) in enumerate(_SCENES.items()):
            for turn, monday in enumerate(mondays):
                key = _LANES + (turn * len(_SCENES) + number) * len(STREAMS) + place
                play(_scene(record, stream, lane, turn, monday + timedelta(days=number % 5), Dice(seed, key)))


def _play_once(record: Record, seed: int, monday: date) -> None:
    """Play what happens once, at the end: its items stay open, but for those that are closed together."""
    dice = [Dice(seed, 1 + number) for number in range(3)]
    mass_close(_scene(record, IT_SERVICE, "mass-close", 0, monday - timedelta(days=7), dice[0]))
    # People by item: in a chain nobody is busy with another item of it.
    chain([_scene(record, one, f"chain-{number}", 0, monday, dice[1]) for number, one in enumerate(CHAIN)])
    circle([_scene(record, one, f"circle-{number}", 0, monday, dice[2]) for number, one in enumerate(CIRCLE)])


def _scene(record: Record, stream: PlantedStream, lane: str, number: int, first: date, dice: Dice) -> Scene:
    return Scene.begin(record, stream=stream, lane=lane, number=number, first=first, dice=dice)


def _truth(record: Record, law: ThroughputLaw) -> PlantedTruth:
    transitions = sum(len(life.entries) for life in record.lives)
    changes = sum(len(life.changes) for life in record.lives)
    return PlantedTruth(
        items=len(record.lives),
        transitions=transitions,
        field_changes=changes,
        links=len(record.links),
        source_rows=transitions + changes + len(record.links),
        waits=tuple(record.waits),
        defects={defect: frozenset(items) for defect, items in record.defects.items()},
        unmapped_us=record.unmapped_us,
        dependencies=tuple(record.dependencies),
        chain=record.chain,
        circle=record.circle,
        stream_circle=record.stream_circle,
        moves=tuple(record.moves),
        people={pair: len(people) for pair, people in record.people.items()},
        team_hand_offs=dict(record.team_hand_offs),
        service=law,
    )
