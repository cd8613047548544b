"""Policies: named, versioned rules for when the clock of an item starts, stops, pauses and starts again.

Two policies can stand side by side; every figure names the one it was computed with. File form (YAML)::

    policy: first_active_to_last_done
    version: 1
    start: {categories: [active]}
    stop: {categories: [done], entry: last}
    pause: {categories: [ignored]}
    reopen: count_through
    skip: undefined
    cancel: leave
    move: at_the_time
    retype: at_the_time
    delete: leave
    time: window
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import yaml

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.setting_file import read_settings
from pegel.eventlog.workflow import StateCategory


class Reopen(StrEnum):
    """What happens with the time between a first "done" and a later one."""

    COUNT_THROUGH = "count_through"  # the item was never really done: all time counts
    PAUSE = "pause"  # the time it was done does not count


class Skip(StrEnum):
    """What an item is that reached its stop without ever starting."""

    UNDEFINED = "undefined"  # finished, counted in velocity, without a flow time
    FROM_CREATION = "from_creation"  # the clock starts with its first known moment


class Cancel(StrEnum):
    """How a cancelled item counts."""

    LEAVE = "leave"  # leaves the load on that day, is not finished, has no flow time
    FINISH = "finish"  # counts as finished


class Attribution(StrEnum):
    """To which stream (move) or type (retype) an item counts that changed it."""

    AT_THE_TIME = "at_the_time"  # load: that day's; finished: that of the moment of closing
    TODAY = "today"  # always the current one


class Delete(StrEnum):
    """How an item counts that was deleted in its tool."""

    LEAVE = "leave"  # leaves the load on that day; its history stays
    ERASE = "erase"  # is left out of every figure


class TimeKind(StrEnum):
    """What flow time measures."""

    WINDOW = "window"  # stop − start, less pauses
    SUM_OF_STATES = "sum_of_states"  # time spent in the counted states between creation and stop


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSet:
    """States chosen by category, or by name (a named state counts whatever its category)."""

    categories: frozenset[StateCategory] = frozenset()
    states: frozenset[str] = frozenset()

    def covers(self, state: str, category: StateCategory) -> bool:
        """Tell whether a state belongs to the set."""
        return category in self.categories or state in self.states


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """When the clock starts, stops, pauses; see the module's text.

    ``start``: the first entry into one of these states starts the clock. ``stop``: with ``stop_at_first`` the first
    entry after the start stops it for good; otherwise the entry into the last unbroken stay in these states (a later
    return to work takes the stop back). ``counted``: states whose time is added up when ``time`` is SUM_OF_STATES.
    """

    name: str
    version: int = 1
    start: StateSet
    stop: StateSet
    stop_at_first: bool = False
    pause: StateSet = StateSet(categories=frozenset({StateCategory.IGNORED}))
    counted: StateSet = StateSet()
    reopen: Reopen = Reopen.COUNT_THROUGH
    skip: Skip = Skip.UNDEFINED
    cancel: Cancel = Cancel.LEAVE
    move: Attribution = Attribution.AT_THE_TIME
    retype: Attribution = Attribution.AT_THE_TIME
    delete: Delete = Delete.LEAVE
    time: TimeKind = TimeKind.WINDOW


def _categories(*categories: StateCategory) -> StateSet:
    return StateSet(categories=frozenset(categories))


_STARTED = (StateCategory.ACTIVE, StateCategory.WAITING)
_DONE = _categories(StateCategory.DONE)

#: Built-in policies by name.
BUILT_IN: Final[dict[str, Policy]] = {
    "first_active_to_last_done": Policy(
        name="first_active_to_last_done", start=_categories(StateCategory.ACTIVE), stop=_DONE
    ),
    "commitment_to_done": Policy(name="commitment_to_done", start=_categories(*_STARTED), stop=_DONE),
    "process_time": Policy(
        name="process_time",
        start=_categories(*_STARTED),
        stop=_DONE,
        counted=_categories(StateCategory.ACTIVE),
        time=TimeKind.SUM_OF_STATES,
    ),
}


def built_in_policy(name: str) -> Policy:
    """Return a built-in policy by name."""
    try:
        return BUILT_IN[name]
    except KeyError:
        raise NotFoundError("unknown_policy", name=name, known=sorted(BUILT_IN)) from None


def load_policy(text: str) -> Policy:
    """Read a policy file.

    Raises
    ------
    InputError: ``policy_unreadable`` or ``policy_invalid`` with the place and the allowed words.

    >>> load_policy("start: {categories: [active]}\\nstop: {categories: [done], entry: first}").stop_at_first
    True
    """
    data = read_settings(text, unreadable="policy_unreadable")
    if not isinstance(data, dict) or "start" not in data or "stop" not in data:
        raise InputError("policy_invalid", place="", detail="policy, start, stop")
    words: dict[str, type[StrEnum]] = {
        "reopen": Reopen,
        "skip": Skip,
        "cancel": Cancel,
        "move": Attribution,
        "retype": Attribution,
        "delete": Delete,
        "time": TimeKind,
    }
    sets = ("start", "stop", "pause", "counted")
    for key in data:
        if key not in words and key not in sets and key not in ("policy", "version"):
            raise InputError("policy_invalid", place=str(key), detail=", ".join(["policy", "version", *sets, *words]))
    values: dict[str, Any] = {name: _state_set(data[name], name) for name in sets if name in data}
    for name, kind in words.items():
        if name in data:
            try:
                values[name] = kind(str(data[name]))
            except ValueError:
                raise InputError("policy_invalid", place=name, detail=", ".join(word.value for word in kind)) from None
    entry = data["stop"].get("entry", "last") if isinstance(data["stop"], dict) else "last"
    if entry not in ("first", "last"):
        raise InputError("policy_invalid", place="stop.entry", detail="first, last")
    version = data.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool):
        raise InputError("policy_invalid", place="version", detail="1, 2, 3 …")
    policy = Policy(name=str(data.get("policy", "policy")), version=version, stop_at_first=entry == "first", **values)
    if policy.time is TimeKind.SUM_OF_STATES and policy.counted == StateSet():
        raise InputError("policy_invalid", place="counted", detail="categories, states")
    return policy


def dump_policy(policy: Policy) -> str:
    """Write a policy file; ``load_policy`` of it gives the same policy back.

    >>> all(load_policy(dump_policy(policy)) == policy for policy in BUILT_IN.values())
    True
    """

    def written(states: StateSet) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if states.categories:
            body["categories"] = sorted(category.value for category in states.categories)
        if states.states:
            body["states"] = sorted(states.states)
        return body

    data: dict[str, Any] = {
        "policy": policy.name,
        "version": policy.version,
        "start": written(policy.start),
        "stop": {**written(policy.stop), "entry": "first" if policy.stop_at_first else "last"},
        "pause": written(policy.pause),
        **({"counted": written(policy.counted)} if policy.counted != StateSet() else {}),
        **{
            name: getattr(policy, name).value
            for name in ("reopen", "skip", "cancel", "move", "retype", "delete", "time")
        },
    }
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None)
    return text


def _state_set(raw: object, place: str) -> StateSet:
    if not isinstance(raw, dict) or not set(raw) <= {"categories", "states", "entry"}:
        raise InputError("policy_invalid", place=place, detail="categories, states")
    try:
        categories = frozenset(StateCategory(str(word)) for word in raw.get("categories") or [])
    except ValueError:
        words = ", ".join(category.value for category in StateCategory)
        raise InputError("policy_invalid", place=place, detail=words) from None
    return StateSet(categories=categories, states=frozenset(str(name) for name in raw.get("states") or []))
