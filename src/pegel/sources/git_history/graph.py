"""Walks through the graph of commits: what a merge brought in, and which release a commit came with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final

from pegel.sources.git_history.commits import Commit

#: Commits looked at for all merges together; a real history needs a few hundred per merge.
_MOST_STEPS: Final = 50_000_000
_MAIN, _BRANCH = 1, 2


class Graph:
    """The commits of a file as a graph.

    ``missing_parents``: commits with a parent that the file does not hold (a log cut off). ``exhausted``: merges whose
    branch was not looked for, because the histories before them had cost too many steps.
    """

    def __init__(self, commits: Sequence[Commit]) -> None:
        self._commits = commits
        places = {commit.hash: place for place, commit in enumerate(commits)}
        self._parents = [tuple(places[one] for one in commit.parents if one in places) for commit in commits]
        self.missing_parents = sum(
            len(found) < len(commit.parents) for found, commit in zip(self._parents, commits, strict=True)
        )
        self._places = places
        self._generations = self._count_generations()
        self._steps = 0
        self.exhausted = 0

    def oldest_first(self) -> list[int]:
        """Places of the commits, each after all its ancestors."""
        return sorted(range(len(self._commits)), key=self._generations.__getitem__)

    def branch_of(self, merge: int) -> list[int]:
        """Places of the commits that a merge brought in: ancestors of its further parents, but not of its first one.

        As ``git log M^1..M^2``; commits are visited by falling generation, so that each is final when it is visited.
        """
        commit = self._commits[merge]
        first = self._places.get(commit.parents[0]) if commit.parents else None
        if first is None:
            return []
        if self._steps > _MOST_STEPS:
            self.exhausted += 1
            return []
        colours: dict[int, int] = {}
        waiting: list[tuple[int, int]] = []
        only_branch = 0  # of those waiting
        reached = [(first, _MAIN), *((place, _BRANCH) for place in self._parents[merge] if place != first)]
        found: list[int] = []
        while True:
            for place, colour in reached:
                before = colours.get(place, 0)
                now = before | colour
                if now == before:
                    continue
                colours[place] = now
                if not before:
                    heappush(waiting, (-self._generations[place], place))
                only_branch += (now == _BRANCH) - (before == _BRANCH)
            if only_branch <= 0 or not waiting:
                return found
            _, place = heappop(waiting)
            self._steps += 1
            colour = colours[place]
            if colour == _BRANCH:
                only_branch -= 1
                found.append(place)
            reached = [(parent, colour) for parent in self._parents[place]]

    def releases(self) -> dict[int, int]:
        """Place → time of the earliest release that holds the commit: the first tag that reaches it."""
        marked: dict[str, list[int]] = defaultdict(list)
        known: dict[int, int] = {}
        for place, commit in enumerate(self._commits):
            for tag in commit.tags:
                marked[tag].append(place)
            if commit.released_us is not None and not commit.tags:
                known[place] = commit.released_us
        ordered = sorted((max(self._release_us(place) for place in places), tag) for tag, places in marked.items())
        reached: dict[int, int] = {}
        for at_us, tag in ordered:
            todo = list(marked[tag])
            while todo:
                place = todo.pop()
                if place not in reached:
                    reached[place] = at_us
                    todo.extend(self._parents[place])
        return reached | known

    def _release_us(self, place: int) -> int:
        commit = self._commits[place]
        return commit.committed_us if commit.released_us is None else commit.released_us

    def _count_generations(self) -> list[int]:
        """Length of the longest way down to a root; a way that leads in a circle (a forged log) ends where it began."""
        generations = [0] * len(self._commits)
        entered = bytearray(len(self._commits))
        for start in range(len(self._commits)):
            todo = [start] if not entered[start] else []
            while todo:
                place = todo[-1]
                if not entered[place]:
                    entered[place] = 1
                    todo.extend(parent for parent in self._parents[place] if not entered[parent])
                    continue
                todo.pop()
                if not generations[place]:
                    generations[place] = 1 + max((generations[one] for one in self._parents[place]), default=0)
        return generations
