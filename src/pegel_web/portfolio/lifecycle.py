"""The life of a use case as a machine: which step leads where, and what it needs. Pure: no database, no clock.

Idea → Assessed → Prioritised → Pilot → Production → Scaled → Retired; side exits Rejected, Duplicate, Parked, Killed,
Merged. Forward through a gate needs an approval; every step back, aside and in again is a step on record, too. No way
back in leads past a gate: what was parked, killed or retired returns to a state before the first gate that it left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

Direction = Literal["forward", "back", "aside", "return"]


class CaseState(StrEnum):
    """Where a use case stands in its life."""

    IDEA = "idea"
    ASSESSED = "assessed"
    PRIORITISED = "prioritised"
    PILOT = "pilot"
    PRODUCTION = "production"
    SCALED = "scaled"
    RETIRED = "retired"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    KILLED = "killed"
    MERGED = "merged"


#: The main way, in order.
MAIN: Final = (
    CaseState.IDEA,
    CaseState.ASSESSED,
    CaseState.PRIORITISED,
    CaseState.PILOT,
    CaseState.PRODUCTION,
    CaseState.SCALED,
    CaseState.RETIRED,
)
#: Entering one of these needs a decision at its gate.
GATED: Final = (CaseState.PRIORITISED, CaseState.PILOT, CaseState.PRODUCTION, CaseState.SCALED)
#: In these a use case is at work on real people's work.
LIVE: Final = frozenset({CaseState.PRODUCTION, CaseState.SCALED})
#: Nothing more is expected of these.
ENDED: Final = frozenset(
    {CaseState.RETIRED, CaseState.REJECTED, CaseState.DUPLICATE, CaseState.KILLED, CaseState.MERGED}
)
#: Open: somebody still has to do something with it.
OPEN: Final = frozenset(CaseState) - ENDED


@dataclass(frozen=True, slots=True)
class CaseMove:
    """A step that the machine permits.

    ``gate``: the gate whose approval it needs. ``reason``: it needs one in words. ``other``: it names another use case
    (the one it doubles or was merged into). ``until``: it may name a day on which it is to be looked at again.
    """

    source: CaseState
    target: CaseState
    direction: Direction
    gate: CaseState | None = None
    reason: bool = False
    other: bool = False
    until: bool = False


def _moves() -> Iterator[CaseMove]:
    s = CaseState
    for source, target in itertools.pairwise(MAIN):
        yield CaseMove(source, target, "forward", gate=target if target in GATED else None, reason=target is s.RETIRED)
    yield CaseMove(s.PRODUCTION, s.RETIRED, "forward", reason=True)
    for source, target in (
        (s.ASSESSED, s.IDEA),
        (s.PRIORITISED, s.ASSESSED),
        (s.PILOT, s.PRIORITISED),
        (s.PRODUCTION, s.PILOT),
        (s.RETIRED, s.ASSESSED),
    ):
        yield CaseMove(source, target, "back", reason=True)
    # Less than scaled is still in use: what production needs has to hold, as on the way there.
    yield CaseMove(s.SCALED, s.PRODUCTION, "back", gate=s.PRODUCTION, reason=True)
    for source in (s.IDEA, s.ASSESSED, s.PRIORITISED):
        yield CaseMove(source, s.REJECTED, "aside", reason=True)
        yield CaseMove(source, s.DUPLICATE, "aside", other=True)
        yield CaseMove(source, s.MERGED, "aside", other=True)
        yield CaseMove(source, s.PARKED, "aside", reason=True, until=True)
    yield CaseMove(s.PILOT, s.PARKED, "aside", reason=True, until=True)
    for source in (s.PILOT, s.PRODUCTION, s.SCALED):
        yield CaseMove(source, s.KILLED, "aside", reason=True)
    for source in (s.REJECTED, s.DUPLICATE, s.MERGED, s.PARKED):
        yield CaseMove(source, s.IDEA, "return", reason=True)
    for source in (s.PARKED, s.KILLED):
        yield CaseMove(source, s.ASSESSED, "return", reason=True)


MOVES: Final = tuple(_moves())
_BY_STEP: Final = MappingProxyType({(one.source, one.target): one for one in MOVES})


def move(source: CaseState, target: CaseState) -> CaseMove | None:
    """Return the step from one state to another; None: there is none.

    >>> move(CaseState.PILOT, CaseState.PRODUCTION).gate
    <CaseState.PRODUCTION: 'production'>
    >>> move(CaseState.IDEA, CaseState.PRODUCTION) is None
    True
    """
    return _BY_STEP.get((source, target))


def moves_from(source: CaseState) -> tuple[CaseMove, ...]:
    """Return the steps from a state, forward first, then back, aside, in again."""
    order: tuple[Direction, ...] = ("forward", "back", "aside", "return")
    found = [one for one in MOVES if one.source is source]
    return tuple(sorted(found, key=lambda one: (order.index(one.direction), list(CaseState).index(one.target))))
