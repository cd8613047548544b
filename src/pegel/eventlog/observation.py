"""What a log shows about one state: the numbers from which a workflow mapping is suggested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pegel.eventlog.schema import DELETED_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class StateObservation:
    """How items behaved in one state, over the whole log.

    Each observation covers its own stays: a log may be observed per state, or per state and type, and the parts add up.

    Parameters
    ----------
    state: name of the state. ``type``: work item type of the items; None: all types, or items without one.
    entries: times the state was entered. ``items``: items that entered it at least once.
    total_us: time spent in it, in microseconds.
    first: times it was an item's first state. ``final``: times it is an item's last state, so that nothing follows.
    open_items: items that are in it now.
    mean_stay_us: mean length of the stays that have ended, in microseconds; None: none has ended.
    returns: entries by items that had been in the state before.
    mean_position: where in an item's life the state is entered, on average: 0 at its start, 1 at its end.
    next: state that follows → times it followed.
    """

    state: str
    type: str | None = None
    entries: int
    items: int
    total_us: int
    first: int = 0
    final: int = 0
    open_items: int = 0
    mean_stay_us: int | None = None
    returns: int = 0
    mean_position: float = 0.5
    next: Mapping[str, int] = field(default_factory=dict)

    @property
    def final_share(self) -> float:
        """Share of the entries after which nothing followed."""
        return self.final / self.entries if self.entries else 0.0

    @property
    def first_share(self) -> float:
        """Share of the entries with which an item began."""
        return self.first / self.entries if self.entries else 0.0


def by_state(observations: Iterable[StateObservation]) -> dict[str, StateObservation]:
    """Add the observations of each state up over all types.

    >>> bugs = StateObservation(state="Open", type="Bug", entries=1, items=1, total_us=5, mean_position=0.0)
    >>> rest = StateObservation(state="Open", entries=3, items=2, total_us=7, mean_position=1.0)
    >>> both = by_state([bugs, rest])["Open"]
    >>> both.type, both.entries, both.total_us, both.mean_position
    (None, 4, 12, 0.75)
    """
    parts: dict[str, list[StateObservation]] = {}
    for one in observations:
        parts.setdefault(one.state, []).append(one)
    return {state: _sum(state, found) for state, found in sorted(parts.items())}


def _sum(state: str, parts: list[StateObservation]) -> StateObservation:
    entries = sum(one.entries for one in parts)
    following: Counter[str] = Counter()
    for one in parts:
        following.update(one.next)
    following.pop(DELETED_STATE, None)  # a deleted item did not move on
    ended = [(one.entries - one.final, one.mean_stay_us) for one in parts if one.mean_stay_us is not None]
    stays = sum(count for count, _ in ended)
    return StateObservation(
        state=state,
        entries=entries,
        items=sum(one.items for one in parts),
        total_us=sum(one.total_us for one in parts),
        first=sum(one.first for one in parts),
        final=sum(one.final for one in parts),
        open_items=sum(one.open_items for one in parts),
        mean_stay_us=sum(count * stay for count, stay in ended) // stays if stays else None,
        returns=sum(one.returns for one in parts),
        mean_position=sum(one.mean_position * one.entries for one in parts) / entries if entries else 0.5,
        next=dict(following),
    )
