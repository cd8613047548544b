"""Value streams added up for a unit or a product, and what shows that nothing is counted twice."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pegel_web.flow.contracts.declared import FilterLine, TypeCount
from pegel_web.flow.contracts.reports import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedItems:
    """So many counted items of a stream are parts of items of a type in a stream of the lake."""

    stream: str
    type: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingLevel:
    """At which level a stream counts: ``items`` in all, and those whose parent may be counted, too.

    ``types``: of all its items, also those that do not count, the most frequent first. ``left_out_by_type``: items that
    are in it today and do not count because of their type, ``left_out_by_filter``: of the others those that a filter
    leaves out; ``filters``: each with what it leaves.
    """

    items: int
    nested: tuple[NestedItems, ...]
    types: tuple[TypeCount, ...] = ()
    left_out_by_type: int = 0
    left_out_by_filter: int = 0
    filters: tuple[FilterLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpLine:
    """The streams of a unit or product together; ``id`` None: of streams without a product.

    ``streams``: how many; ``computed``: of how many there are figures; ``withheld``: of how many they are not shown.
    Those add up to ``finished_per_week``, ``open`` and ``late``; None: of none. Percentiles do not add up: ``fastest``
    and ``slowest`` are the lowest and the highest flow time within which 85% are done, in days; None: of none.
    ``items`` counted in all, ``nested`` of them parts of others that are counted here, too. ``left_out_by_type``,
    ``left_out_by_filter``: items that are in these streams today and do not count, as their declarations say.
    """

    id: UUID | None
    name: str
    streams: int
    computed: int
    withheld: int
    finished_per_week: float | None
    open: int | None
    late: int | None
    fastest: float | None
    slowest: float | None
    items: int
    nested: int
    left_out_by_type: int
    left_out_by_filter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """Every stream that the actor may see, once. ``together``: all of them; ``proof``: what is counted how often."""

    by: str
    period: str
    lines: tuple[RollUpLine, ...]
    together: RollUpLine
    proof: str
    ways: tuple[Choice, ...]
    periods: tuple[Choice, ...]
