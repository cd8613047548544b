"""What to pull next: the order in which waiting items are suggested.

Definition
    Value per time, as in "cost of delay divided by duration" (Reinertsen, *The Principles of Product Development Flow*,
    2009, ch. 2): what somebody said an item is worth, divided by the time that items of its type usually take. Of equal
    ones, and of those whose value nobody has said, the one that has waited longer comes first. What is blocked comes
    last, whatever it is worth: pulling it would only move the wait.
Scales
    Money a day and points cannot be divided into one another. Items with a cost of delay come before those with points,
    these before those of which nobody has said anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Scale = Literal["money", "points", "unsaid"]
SCALES: Final[tuple[Scale, ...]] = ("money", "points", "unsaid")
#: Work that usually takes no time at all is taken to need an hour, in days.
_LEAST_DAYS: Final = 1 / 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An item that could be pulled. ``age_days``: how long it has waited to be. ``typical_days``: None: not known.

    ``held``: whether something blocks it.
    """

    item: str
    age_days: float
    points: int | None = None
    cost_of_delay: float | None = None
    typical_days: float | None = None
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """An item with its place, counted from 1. ``score``: value per day, the value alone where no time is known."""

    waiting: Waiting
    position: int
    scale: Scale
    score: float | None


def pull_order(items: Iterable[Waiting]) -> tuple[Suggested, ...]:
    """Return items in the order in which they are suggested.

    >>> order = pull_order([
    ...     Waiting(item="A", age_days=9), Waiting(item="B", age_days=1, points=5, typical_days=10),
    ...     Waiting(item="C", age_days=1, points=2, typical_days=2),
    ...     Waiting(item="D", age_days=1, points=5, held=True)])
    >>> [(one.waiting.item, one.score) for one in order]
    [('C', 1.0), ('B', 0.5), ('A', None), ('D', 5.0)]
    """
    rated = [(one, *_rated(one)) for one in items]
    rated.sort(key=lambda row: (row[0].held, SCALES.index(row[1]), -(row[2] or 0.0), -row[0].age_days, row[0].item))
    return tuple(
        Suggested(waiting=one, position=number, scale=scale, score=score)
        for number, (one, scale, score) in enumerate(rated, start=1)
    )


def _rated(one: Waiting) -> tuple[Scale, float | None]:
    value = one.points if one.cost_of_delay is None else one.cost_of_delay
    if value is None:
        return "unsaid", None
    scale: Scale = "points" if one.cost_of_delay is None else "money"
    days = 1.0 if one.typical_days is None else max(one.typical_days, _LEAST_DAYS)
    return scale, value / days
