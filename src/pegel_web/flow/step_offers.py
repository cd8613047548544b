"""What can be begun at a step of a stream that is provably too slow: rooms above offer it, the page shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.permissions import permission as declared


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOffer:
    """An offer: the words on it, the permission without which it is not made, and its address.

    ``href``: takes the unit of the stream, the stream, and the step.
    """

    words: str
    permission: str
    href: Callable[[UUID, UUID, str], str]


_DECLARED: Final[list[StepOffer]] = []


def declare_step_offer(offer: StepOffer) -> None:
    """Declare an offer, once, when the app is ready."""
    declared(offer.permission)
    if all(one.words != offer.words for one in _DECLARED):
        _DECLARED.append(offer)


def offers_for(actor: Actor) -> list[StepOffer]:
    """Return what can be offered to an actor."""
    return [one for one in _DECLARED if actor.has(one.permission)]
