"""What the course of the items says about states: where they begin, and where they come to an end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from pegel.eventlog.observation import StateObservation

#: Entries from which behaviour may contradict a name.
ENOUGH: Final = 3
_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The observed states of one log (or of one item type in it)."""

    states: Mapping[str, StateObservation]

    @property
    def items(self) -> int:
        """Number of items: each has exactly one first state."""
        return sum(one.first for one in self.states.values())

    @property
    def finals(self) -> int:
        """Number of items that have a last state here."""
        return sum(one.final for one in self.states.values())

    def endings(self, candidates: Collection[str]) -> dict[str, float]:
        """Chance that an item which enters a candidate stays among the candidates for good.

        A candidate that most items leave for other states is no end and is taken out, until the rest agrees:
        "Resolved" is an end when its items go on to "Closed" and stay there. Candidates that were entered fewer than
        three times are kept, with chance 1, because nothing speaks against them.

        >>> closed = StateObservation(state="Closed", entries=9, items=9, total_us=0, final=9)
        >>> solved = StateObservation(state="Resolved", entries=10, items=9, total_us=0, next={"Closed": 9, "Open": 1})
        >>> Behaviour({"Closed": closed, "Resolved": solved}).endings({"Closed", "Resolved"})
        {'Closed': 1.0, 'Resolved': 0.9}
        """
        ends = sorted(candidates)
        while True:
            chances = self._chances(ends)
            kept = [state for state in ends if chances[state] >= 0.5]
            if kept == ends:
                return chances
            ends = kept

    def is_clear_end(self, state: str) -> bool:
        """Nearly all items that enter the state, late in their lives and from elsewhere, never leave it."""
        one = self.states[state]
        return one.final >= ENOUGH and one.final_share >= 0.8 and self._is_arrived_at(one) and one.mean_position >= 0.5

    def likely_ends(self, candidates: Collection[str]) -> dict[str, float]:
        """Find the ends of a log in which no name tells one, with the certainty of each (0 to 0.6).

        First states where at least 70 % of the entries were the item's last, or half of them if a quarter of all items
        rests there; failing that, the one late state where most items rest.
        """
        found: dict[str, float] = {}
        late: list[tuple[int, str]] = []
        for state in sorted(candidates):
            one = self.states[state]
            if one.final < ENOUGH or not self._is_arrived_at(one) or one.mean_position < 0.5:
                continue
            resting = one.final / self.finals
            if one.final_share >= 0.7 or (one.final_share >= 0.5 and resting >= 0.25):
                found[state] = self.certainty(state)
            elif one.final_share >= 0.3 and resting >= 0.2 and one.mean_position >= 0.75:
                late.append((one.final, state))
        if not found and late:
            found[max(late)[1]] = 0.3
        return found

    def certainty(self, state: str) -> float:
        """How sure behaviour alone can be of an end: at most 0.6, less after few items."""
        one = self.states[state]
        return 0.6 * one.final_share * one.final / (one.final + 1)

    def resting(self, state: str) -> float:
        """Share of all items that have their last state here."""
        return self.states[state].final / self.finals if self.finals else 0.0

    def _chances(self, ends: list[str]) -> dict[str, float]:
        few = {state for state in ends if self.states[state].entries < ENOUGH}
        chances = {state: float(state in few) for state in ends}
        for _ in range(_ROUNDS):
            moved = 0.0
            for state in ends:
                if state in few:
                    continue
                one = self.states[state]
                leaving = sum(one.next.values())
                stays = one.final + sum(count * chances.get(to, 0.0) for to, count in one.next.items())
                chance = stays / (one.final + leaving) if one.final + leaving else 1.0
                moved = max(moved, abs(chance - chances[state]))
                chances[state] = chance
            if moved < 1e-9:
                break
        return chances

    @staticmethod
    def _is_arrived_at(one: StateObservation) -> bool:
        return 2 * one.first <= one.entries
