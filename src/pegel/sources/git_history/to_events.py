"""Maps a history of commits to event-log rows: pure, no reading.

Item: a pull or merge request that a commit names as merged, else a commit. A request was coded from the first authored
of its commits on and is merged when its merge commit (or squashed commit) was committed; its other commits are folded
into it. A commit that carries a request of its own never belongs to another one, so that a merge of a whole line of
development does not swallow the requests in it. Merges that name no request are no work.

A number behind the subject, "(#12)", is a squashed request if one commit has it, or copies of one commit (backports).
Where commits of different subjects share it, it is a reference to something else, and they are plain commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pegel.eventlog.batch import Batch, BatchBuilder, Category
from pegel.sources.git_history.commits import Commit
from pegel.sources.git_history.graph import Graph

CODING: Final = "Coding"
MERGED: Final = "Merged"
COMMITTED: Final = "Committed"
RELEASED: Final = "Released"
#: Letters of a hash in the name of an item.
_SHORT_REQUEST, _SHORT_COMMIT = 12, 16


@dataclass(slots=True)
class HistoryMapping:
    """Writes a whole history as batches and counts what it found."""

    stream: str
    batch_rows: int
    requests: int = 0
    commits: int = 0
    missing_parents: int = 0
    released: bool = False

    def hints(self) -> dict[str, Category]:
        """Category of each state: where releases are known, merged work waits for the next one."""
        over: Category = "waiting" if self.released else "done"
        hints: dict[str, Category] = {CODING: "active", MERGED: over, COMMITTED: over}
        return hints | {RELEASED: "done"} if self.released else hints

    def batches(self, commits: Sequence[Commit]) -> Iterator[Batch]:
        """Yield the batches of a history that is read to its end."""
        graph = Graph(commits)
        self.missing_parents = graph.missing_parents
        releases = graph.releases()
        self.released = bool(releases)
        builder = BatchBuilder()
        requests, references = _requests(commits)
        branches = _branches(commits, graph, requests)
        builder.warnings.update({"number_is_reference": references} if references else {})
        builder.warnings.update({"branch_too_long": graph.exhausted} if graph.exhausted else {})
        started = {min(places): name for name, places in requests.items()}
        taken = {place for places in (*requests.values(), *branches.values()) for place in places}
        for place, commit in enumerate(commits):
            if place in started:
                own = requests[started[place]]
                self._add_request(builder, commits, own, branches[started[place]], releases)
            elif commit.is_merge and place not in taken:
                builder.ignored["merge_without_request"] += 1
            elif place not in taken:
                self.commits += 1
                name = commit.hash[:_SHORT_COMMIT]
                self._add(builder, name, commit, commit, state=COMMITTED, released_us=releases.get(place))
            if len(builder) >= self.batch_rows:
                yield builder.take()
        yield builder.take()

    def _add_request(
        self,
        builder: BatchBuilder,
        commits: Sequence[Commit],
        own: Sequence[int],
        branch: Sequence[int],
        releases: dict[int, int],
    ) -> None:
        self.requests += 1
        merged_at = _merged_at(commits, own)
        merge = commits[merged_at]
        # When the merge itself was made says nothing about the coding, unless it is all there is of it (squashed).
        coded = [commits[place] for place in branch if not commits[place].is_merge]
        squashed = merge.request is not None and merge.request.naming != "listed"
        coded += [commits[place] for place in own if not (coded and squashed) and not commits[place].is_merge]
        first = min(coded, key=lambda commit: (commit.authored_us, commit.hash), default=None)
        name = f"{merge.request.name if merge.request else ''} {merge.hash[:_SHORT_REQUEST]}"
        self._add(builder, name, merge, first, state=MERGED, released_us=releases.get(merged_at))
        used = {merge.row} | ({first.row} if first else set())
        builder.merged += len({commits[place].row for place in (*own, *branch)} - used)
        if first is None:
            builder.warnings["branch_unknown"] += 1

    def _add(
        self,
        builder: BatchBuilder,
        item: str,
        last: Commit,
        first: Commit | None,
        *,
        state: str,
        released_us: int | None,
    ) -> None:
        """Add an item: coded from the first commit on, in its state with the last one, later released."""
        coding_us = min(first.authored_us, last.committed_us) if first else None
        if first and first.authored_us > last.committed_us:
            builder.warnings["authored_after_commit"] += 1
        kind = "pull_request" if state == MERGED else "commit"
        builder.item(
            last.row,
            item,
            stream=self.stream,
            type=kind,
            created_us=last.committed_us if coding_us is None else coding_us,
            title=last.title,
            attributes=last.attributes,
        )
        if first is not None and coding_us is not None:
            builder.transition(first.row, item, at_us=coding_us, sequence=0, to_state=CODING, actor=first.actor)
        before = CODING if first else None
        builder.transition(
            last.row, item, at_us=last.committed_us, sequence=1, from_state=before, to_state=state, actor=last.actor
        )
        if released_us is not None:
            at_us = max(released_us, last.committed_us)
            builder.transition(last.row, item, at_us=at_us, sequence=2, from_state=state, to_state=RELEASED)


def _requests(commits: Sequence[Commit]) -> tuple[dict[str, list[int]], int]:
    """Request → places of the commits that name it; and how many commits only refer to something by a number."""
    named = defaultdict[str, list[int]](list)
    subjects = defaultdict[str, set[bytes]](set)
    for place, commit in enumerate(commits):
        if commit.request is not None:
            named[commit.request.name].append(place)
            if _is_numbered(commit):
                subjects[commit.request.name].add(commit.subject)
    references = 0
    requests: dict[str, list[int]] = {}
    for name, places in named.items():
        merged = [place for place in places if not _is_numbered(commits[place])]
        kept = merged if len(subjects[name]) > 1 else places
        references += len(places) - len(kept)
        if kept:
            requests[name] = kept
    return requests, references


def _is_numbered(commit: Commit) -> bool:
    return commit.request is not None and commit.request.naming == "numbered" and not commit.is_merge


def _merged_at(commits: Sequence[Commit], own: Sequence[int]) -> int:
    """Place of the commit that brought a request in: the first that says so; of those only listed, the last."""
    said = [place for place in own if (request := commits[place].request) and request.naming != "listed"]
    merges = [place for place in own if commits[place].is_merge]
    order = [(commits[place].committed_us, commits[place].hash, place) for place in said or merges or own]
    return (min(order) if said or merges else max(order))[2]


def _branches(commits: Sequence[Commit], graph: Graph, requests: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Request → places of the commits of its branch; each commit belongs to the request that first brought it in."""
    name_of = {place: name for name, places in requests.items() for place in places}
    claimed: set[int] = set()
    branches: dict[str, list[int]] = {name: [] for name in requests}
    for place in graph.oldest_first():
        if place in name_of and commits[place].is_merge:
            found = [one for one in graph.branch_of(place) if one not in name_of and one not in claimed]
            claimed.update(found)
            branches[name_of[place]].extend(found)
    return branches
