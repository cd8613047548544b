"""What people have declared about a stream: how it is counted, and what it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.streams import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLimit:
    """At most ``limit`` items are meant to be in a state at a time."""

    state: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeShare:
    """The share of finished items that are meant to be of a kind of work (feature, defect, risk, debt), in [0, 1]."""

    kind: str
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFilter:
    """Only items whose field holds one of some values today, or (``include`` False) all but those.

    ``field``: as the log names it. The value "" stands for items of which nothing is known there.
    """

    field: str
    values: tuple[str, ...]
    include: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is declared about a stream; None and empty mean that nobody has said, which is never zero.

    ``types``: only items of these types ("": those without one), so that work is counted at one level; empty:
    all. ``filters``: of these types only items that pass all of them. ``policy``: when the clock starts and stops;
    None: the one that suits the log. ``calendar``: name of one, built in or kept in the lake, whose working time
    durations are; None: elapsed time. ``load_limit``: open items at most. ``state_limits``: the same by state.
    ``target_days``: work is meant to be done within so many days, ``target_share`` of it. ``shares``: the mix of work
    that is meant. ``cost_of_delay``: per item and day, ``labour_rate``: per hour, both in ``currency`` (ISO 4217).
    ``minutes_per_status_query``: what being asked costs.
    """

    types: tuple[str, ...] = ()
    filters: tuple[FieldFilter, ...] = ()
    policy: str | None = None
    calendar: str | None = None
    load_limit: int | None = None
    state_limits: tuple[StateLimit, ...] = ()
    target_days: float | None = None
    target_share: float | None = None
    shares: tuple[TypeShare, ...] = ()
    currency: str | None = None
    cost_of_delay: float | None = None
    labour_rate: float | None = None
    minutes_per_status_query: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """A type of items that a stream has, and how many items are of it; the type is empty for items without one."""

    type: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """A value of a field, and how many items hold it today; empty: nothing is known."""

    value: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValues:
    """A field by which items can be chosen, with its values, the most frequent first."""

    field: str
    name: str
    values: tuple[ValueCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterLine:
    """One filter: so many items of the types that count pass it (``left``), so many do not (``left_out``)."""

    field: str
    name: str
    values: tuple[str, ...]
    include: bool
    left: int
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterEffect:
    """How many items types and filters leave: of ``items`` that are in the stream today, ``of_types`` are of the types
    that count, and ``counted`` of those pass every filter.
    """

    items: int
    of_types: int
    lines: tuple[FilterLine, ...]
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredStream:
    """What is declared about a stream, and what can be.

    ``revision``: grows with every change; ``changed_at`` None: nobody has declared anything. ``types``: those of the
    stream's items, the most frequent first. ``states``: in which work can lie. ``policies``, ``calendars``: that can be
    chosen, with the code "" for the one that suits the log, and for elapsed time. ``fields``: by which filters can go,
    for people who may change the stream. ``effect``: of types and filters as declared; None: there are no data.
    """

    stream: Stream
    declared: Declared
    revision: int
    changed_at: datetime | None
    types: tuple[TypeCount, ...]
    fields: tuple[FieldValues, ...]
    effect: FilterEffect | None
    states: tuple[Choice, ...]
    policies: tuple[Choice, ...]
    calendars: tuple[Choice, ...]
    may_change: bool
