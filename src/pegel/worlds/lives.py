"""One item of the invented company, from its creation to the end of the observed time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pegel.eventlog.schema import DAY_US, DELETED_STATE
from pegel.eventlog.workflow import StateCategory
from pegel.worlds.chance import Dice
from pegel.worlds.office_hours import after_work_us
from pegel.worlds.plans import Plan, Step

_ARCHIVE_AFTER_US: Final = 30 * DAY_US
#: Rework ends some time: an item goes back at most so often.
_MOST_RETURNS: Final = 4
_STAFF: Final = 9
_PRIORITIES: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The item enters a state; ``category`` is what the state truly means for it."""

    at_us: int
    sequence: int
    state: str
    category: StateCategory
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Another field of the item changes."""

    at_us: int
    sequence: int
    field: str
    old: str | None
    new: str | None
    actor: str


@dataclass(slots=True, kw_only=True)
class Life:
    """What happened to one item, in order; ``stream`` and ``type`` are those of its creation."""

    item: str
    stream: str
    type: str
    entries: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    deleted_us: int | None = None

    def stream_at(self, at_us: int) -> str:
        """Value stream of the item at a time (changes at that very time count)."""
        return self._value_at("stream", self.stream, at_us)

    def type_at(self, at_us: int) -> str:
        """Work item type at a time (changes at that very time count)."""
        return self._value_at("type", self.type, at_us)

    def _value_at(self, name: str, value: str, at_us: int) -> str:
        for change in self.changes:
            if change.field == name and change.at_us <= at_us:
                value = change.new or value
        return value


def live(
    item: str,
    *,
    plan: Plan,
    plans: Mapping[str, Plan],
    created_us: int,
    until_us: int,
    dice: Dice,
) -> Life:
    """Let one item live from ``created_us``; what would happen at ``until_us`` or later is not in the result."""
    walk = _Walk(item, plan=plan, plans=plans, created_us=created_us, until_us=until_us, dice=dice)
    walk.run()
    life = walk.life
    life.entries = [entry for entry in life.entries if entry.at_us < until_us]
    life.changes = sorted(
        (change for change in life.changes if change.at_us < until_us),
        key=lambda change: (change.at_us, change.sequence),
    )
    if life.deleted_us is not None and life.deleted_us >= until_us:
        life.deleted_us = None
    return life


class _Walk:
    """The way of one item through its plan; every method moves the item's time ``_now`` forward or leaves it."""

    def __init__(
        self, item: str, *, plan: Plan, plans: Mapping[str, Plan], created_us: int, until_us: int, dice: Dice
    ) -> None:
        self._plan = plan
        self._plans = plans
        self._dice = dice
        self._until = until_us
        self._pace: dict[str, float] = {kind.name: kind.pace for one in plans.values() for kind in one.types}
        self._type = plan.types[dice.pick([kind.share for kind in plan.types])].name
        self.life = Life(item=item, stream=plan.stream, type=self._type)
        self._assignee: str | None = None
        self._priority = "medium"
        self._sequence = 0
        self._stays = 0
        self._returns = 0
        shares = {
            "cancelled": plan.cancelled,
            "deleted": plan.deleted,
            "direct": plan.direct,
            "moved": plan.moved,
        }
        fates = [*shares, None]
        self._fate = fates[dice.pick([*shares.values(), 1 - sum(shares.values())])]
        # The first stay is the queue of new work; a move needs somebody who has looked at the item.
        self._strike = {"direct": 1, "moved": 2 + dice.below(2)}.get(self._fate or "", 1 + dice.below(4))
        self._retype_after = 1 + dice.below(7) if dice.chance(plan.retyped) else 0
        self._now = self._clock(created_us)

    def run(self) -> None:
        """Live the whole life; ends with a final state, a deletion, or the end of the observed time."""
        start: int | None = 0
        while start is not None and self._now < self._until:
            if self._pass_steps(start):
                start = self._close()
            elif self._fate == "moved":
                self._fate = None
                self._move()
                start = 0
            elif self._fate == "cancelled":
                self._fate = None
                self._enter(self._plan.cancelled_state, StateCategory.CANCELLED)
                start = self._take_up_again(self._plan.reactivated)
            else:
                start = None
        if self._retype_after:  # somebody tidies up after the item was closed
            self._wait(16, sigma=0.5, office=True)
            self._retype(self._now)

    def _pass_steps(self, position: int) -> bool:
        """Pass the plan's steps from a position; False if the item's fate struck or its time is over."""
        steps = self._plan.steps
        start = position
        while position < len(steps):
            step = steps[position]
            if position != start and self._dice.chance(step.skip):
                position += 1
                continue
            entered = self._now
            self._enter(step.state, step.category_for(self._type))
            self._stay(step)
            self._happen_on_the_side(entered, step)
            self._stays += 1
            if self._now >= self._until:
                return False
            if self._fate and self._stays == self._strike:
                if self._fate == "deleted":
                    self._delete()
                return self._fate == "direct"
            if self._returns < _MOST_RETURNS and self._dice.chance(step.back):
                self._returns += 1
                position = start = self._position(step.back_to)
            else:
                position += 1
        return True

    def _stay(self, step: Step) -> None:
        if not self._dice.chance(step.instant):
            self._wait(step.median_hours * self._pace[self._type], sigma=step.sigma, office=step.office)

    def _happen_on_the_side(self, entered: int, step: Step) -> None:
        """Change other fields during a stay."""
        middle = self._clock(entered + (self._now - entered) // 2)
        if step.category is StateCategory.ACTIVE and (self._assignee is None or self._dice.chance(0.1)):
            actor = self._actor()
            self._change(entered, "assignee", self._assignee, actor, actor)
            self._assignee = actor
        if self._dice.chance(0.04):
            priority = _PRIORITIES[self._dice.below(len(_PRIORITIES))]
            if priority != self._priority:
                self._change(middle, "priority", self._priority, priority, self._actor())
                self._priority = priority
        if step.category is StateCategory.WAITING and self._dice.chance(0.03):
            self._change(middle, "flag", None, "blocked", self._actor())
            self._change(self._now, "flag", "blocked", None, self._actor())
        if self._retype_after and self._stays + 1 == self._retype_after:
            self._retype(middle)

    def _close(self) -> int | None:
        """Finish the item; the position at which work starts again if it is reopened."""
        self._enter(self._plan.done, StateCategory.DONE)
        again = self._take_up_again(self._plan.reopened)
        if again is None and self._plan.archived:
            self._now = self._clock(self._now + _ARCHIVE_AFTER_US)
            self._enter(self._plan.archived, StateCategory.DONE)
        return again

    def _take_up_again(self, share: float) -> int | None:
        if not self._dice.chance(share):
            return None
        self._wait(30, sigma=0.9, office=True)
        return self._position(self._plan.reopened_to)

    def _move(self) -> None:
        """Hand the item to another stream, where it starts from the beginning as that stream's own kind of work."""
        old, self._plan = self._plan, self._plans[self._plan.moved_to]
        defects = [kind.name for kind in self._plan.types if kind.kind == old.types[0].kind]
        actor = self._actor()
        self._change(self._now, "stream", old.stream, self._plan.stream, actor)
        self._change(self._now, "type", self._type, defects[0], actor)
        self._type = defects[0]
        self._retype_after = 0

    def _delete(self) -> None:
        self.life.deleted_us = self._now
        self._retype_after = 0
        if self._plan.deletion_is_state:
            self._enter(DELETED_STATE, StateCategory.DELETED)
        else:
            self._change(self._now, "deleted", None, "true", self._actor())

    def _retype(self, at_us: int) -> None:
        """Change the type to another one of the stream; never from or to one for which states mean something else."""
        self._retype_after = 0
        special = {name for step in self._plan.steps for name in step.sign_off_types}
        others = [kind.name for kind in self._plan.types if kind.name not in special | {self._type}]
        if self._type not in special:
            new = others[self._dice.below(len(others))]
            self._change(at_us, "type", self._type, new, self._actor())
            self._type = new

    def _enter(self, state: str, category: StateCategory) -> None:
        self._sequence += 1
        self.life.entries.append(
            Entry(at_us=self._now, sequence=self._sequence, state=state, category=category, actor=self._actor())
        )

    def _change(self, at_us: int, name: str, old: str | None, new: str | None, actor: str) -> None:
        self._sequence += 1
        self.life.changes.append(
            Change(at_us=at_us, sequence=self._sequence, field=name, old=old, new=new, actor=actor)
        )

    def _wait(self, median_hours: float, *, sigma: float, office: bool) -> None:
        length_us = self._dice.lognormal_us(median_hours, sigma)
        self._now = self._clock(after_work_us(self._now, length_us) if office else self._now + length_us)

    def _clock(self, at_us: int) -> int:
        """Time as the tool writes it down; never midnight (UTC), so that "at the end of the day" is beyond dispute."""
        written = at_us - at_us % self._plan.resolution_us
        return written if written % DAY_US else written + self._plan.resolution_us

    def _position(self, state: str) -> int:
        return [step.state for step in self._plan.steps].index(state)

    def _actor(self) -> str:
        return f"{self._plan.key.lower()}-{1 + self._dice.below(_STAFF):02d}"
