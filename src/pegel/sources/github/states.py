"""Which state an issue or a pull request was in, worked out from what happened to it: pure, no reading.

Issue: Open; then the status of its project, or, where it has none, the state that a label names ("status: in review");
"Closed (completed)", "Closed (not planned)" or "Closed (duplicate)"; Open again when it is reopened.

Pull request: Draft; Open; "In review" while a review is asked for; "Changes requested" while somebody's last review
asks for changes, else "Approved" while somebody's last review approves; Merged; Closed (without merging).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pegel.eventlog.batch import Category
from pegel.eventlog.schema import SECOND_US
from pegel.sources.github.parts import Facts, Happening
from pegel.sources.labels import state_of

OPEN: Final = "Open"
DRAFT: Final = "Draft"
IN_REVIEW: Final = "In review"
CHANGES_REQUESTED: Final = "Changes requested"
APPROVED: Final = "Approved"
MERGED: Final = "Merged"
CLOSED: Final = "Closed"
COMPLETED: Final = "Closed (completed)"
NOT_PLANNED: Final = "Closed (not planned)"
DUPLICATE: Final = "Closed (duplicate)"
#: Categories that GitHub itself gives by its rules.
HINTS: Final[Mapping[str, Category]] = {
    MERGED: "done",
    CLOSED: "cancelled",
    COMPLETED: "done",
    NOT_PLANNED: "cancelled",
    DUPLICATE: "cancelled",
}
_REASONS: Final = {"not_planned": NOT_PLANNED, "duplicate": DUPLICATE}
#: Closing and merging, and taking one label for another, are one step although their events may differ by a second.
_TOGETHER_US: Final = 2 * SECOND_US


@dataclass(frozen=True, slots=True)
class Step:
    """An item enters a state. ``happening``: by what; None: its creation, or a fact that no event tells."""

    at_us: int
    state: str
    before: str | None = None
    happening: Happening | None = None
    guessed: bool = False


def states_of(facts: Facts, happenings: Sequence[Happening], begins_us: int) -> Iterator[Step]:
    """Yield the steps of an item, beginning with its creation; ``happenings`` in the order of time.

    ``guessed`` marks the last step where the facts say that the item ended and no happening does.

    >>> closed = Happening("closed", 5, value="not_planned")
    >>> [step.state for step in states_of(Facts(is_pull=False), [closed], 0)]
    ['Open', 'Closed (not planned)']
    """
    steps = _pull_steps(facts, happenings) if facts.is_pull else _issue_steps(facts, happenings)
    state = first = _first_state(facts, happenings)
    ended = False
    yield Step(begins_us, first)
    for happening, to_state in steps:
        if to_state == state:
            continue
        before = happening.before if happening.kind == "status" and happening.before else state
        yield Step(happening.at_us, to_state, before, happening)
        state = to_state
    ended = facts.is_pull and state in (MERGED, CLOSED)
    if not facts.is_pull:
        last = [one.kind for one in happenings if one.kind in ("closed", "reopened")][-1:]
        ended = last == ["closed"]
    ends_us = facts.merged_us if facts.merged_us is not None else facts.closed_us
    if ends_us is not None and not ended:
        end = _closed_as(facts.state_reason)
        if facts.is_pull:
            end = MERGED if facts.merged_us is not None else CLOSED
        yield Step(max(ends_us, begins_us), end, state, guessed=True)


def _first_state(facts: Facts, happenings: Sequence[Happening]) -> str:
    if not facts.is_pull:
        return OPEN
    for one in happenings:
        if one.kind in ("ready_for_review", "convert_to_draft"):
            return DRAFT if one.kind == "ready_for_review" else OPEN
    return DRAFT if facts.draft else OPEN


def _closed_as(reason: str | None) -> str:
    return _REASONS.get((reason or "").lower(), COMPLETED)


def _issue_steps(facts: Facts, happenings: Sequence[Happening]) -> Iterator[tuple[Happening, str]]:
    has_status = any(one.kind == "status" for one in happenings)
    last_closing = max((at for at, one in enumerate(happenings) if one.kind == "closed"), default=-1)
    closed_as: str | None = None
    label: str | None = None
    for at, one in enumerate(happenings):
        if one.kind == "closed":
            reason = one.value or (facts.state_reason if at == last_closing else None)
            closed_as = _closed_as(reason)
            yield one, closed_as
        elif one.kind == "reopened":
            closed_as = None
            yield one, OPEN
        elif one.kind == "status":
            # Boards set "Done" when an issue is closed, whatever for: that does not finish what is not planned.
            if closed_as in (None, COMPLETED) and (one.value or closed_as is None):
                yield one, one.value or OPEN
        elif one.kind in ("labeled", "unlabeled") and not has_status:
            named = state_of(one.value or "")
            if named is None:
                continue
            if one.kind == "labeled":
                label = named
            elif label == named and not _labelled_soon(happenings[at + 1 :], one.at_us):
                label = None
            else:
                continue
            if closed_as is None:
                yield one, label or OPEN


def _labelled_soon(later: Sequence[Happening], at_us: int) -> bool:
    """Tell whether another state's label is put on at once: then the item was never without one."""
    for one in later:
        if one.at_us > at_us + _TOGETHER_US:
            return False
        if one.kind == "labeled" and state_of(one.value or ""):
            return True
    return False


@dataclass(slots=True)
class _Review:
    """Where a pull request stands between its author and its reviewers."""

    draft: bool
    wanted: set[str] = field(default_factory=set)
    verdicts: dict[str, str] = field(default_factory=dict)
    reviewers: dict[str, str] = field(default_factory=dict)

    def take(self, one: Happening, dismissed: Mapping[str, str]) -> None:
        if one.kind in ("ready_for_review", "convert_to_draft"):
            self.draft = one.kind == "convert_to_draft"
        elif one.kind == "review_requested":
            self.wanted.add(one.value or "")
            self.verdicts.pop(one.value or "", None)  # asked once more: what was said before is settled
        elif one.kind == "review_request_removed":
            self.wanted.discard(one.value or "")
        elif one.kind == "review_dismissed":
            self.verdicts.pop(self.reviewers.get(one.other or "", ""), None)
        elif one.kind == "reviewed":
            reviewer, verdict = one.actor or "", (one.value or "").lower()
            if verdict == "dismissed":  # what it is today; the dismissal says what it was
                verdict = dismissed.get(one.own_id, "")
            if verdict in ("approved", "changes_requested"):
                self.wanted.discard(reviewer)
                self.verdicts[reviewer] = verdict
                self.reviewers[one.own_id] = reviewer

    @property
    def state(self) -> str:
        if self.draft:
            return DRAFT
        if "changes_requested" in self.verdicts.values():
            return CHANGES_REQUESTED
        if self.verdicts:
            return APPROVED
        return IN_REVIEW if self.wanted else OPEN


def _pull_steps(facts: Facts, happenings: Sequence[Happening]) -> Iterator[tuple[Happening, str]]:
    dismissed = {
        one.other: one.value.lower() for one in happenings if one.kind == "review_dismissed" and one.value and one.other
    }
    review = _Review(draft=_first_state(facts, happenings) == DRAFT)
    merges = [one.at_us for one in happenings if one.kind == "merged"]
    if facts.merged_us is not None:
        merges.append(facts.merged_us)
    ended: str | None = None
    for one in happenings:
        review.take(one, dismissed)
        if one.kind == "merged":
            ended = MERGED
        elif one.kind == "closed":
            merged = any(abs(one.at_us - at_us) <= _TOGETHER_US for at_us in merges)
            ended = MERGED if merged or ended == MERGED else CLOSED
        elif one.kind == "reopened":
            ended = None
        yield one, ended or review.state
