"""What a search answers."""

from __future__ import annotations

from dataclasses import dataclass

from pegel_web.search.registry import Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Hits of one kind."""

    kind: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a text found; ``too_short``: too little was asked to look."""

    text: str
    groups: tuple[Group, ...]
    too_short: bool = False

    @property
    def count(self) -> int:
        """Return how many there are."""
        return sum(len(group.hits) for group in self.groups)
