"""What alerts are decided from: how much work is open, ageing and idle, by state. A part of computing a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl
from pydantic import TypeAdapter

from pegel.flow.flow_velocity import finished_in
from pegel.flow.work_item_age import DEFINITION as AGEING
from pegel.flow.work_item_age import age_at_leaving, open_items, summarise_work_item_age
from pegel.waits.stalled import DEFINITION as STALLED
from pegel.waits.stalled import stalled_items
from pegel.waits.stays import windows_of
from pegel_web.flow.computing.computed import Computed, Reading

#: More open items than any list has.
_ALL: Final = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """So many open items in a state to which nothing has happened for so many whole days."""

    state: str
    days: int
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """A stream as alerts see it.

    ``load``: open items by state, all of whose clocks run. ``late``: numbers (of the lake) of those that are older than
    85% of the finished items that left the same state. ``people``: see ``ReportContent``.
    """

    load: Mapping[str, int]
    late: tuple[int, ...]
    idle: tuple[Idle, ...]
    people: int | None


FACTS: Final[TypeAdapter[AlertFacts]] = TypeAdapter(AlertFacts)


def alert_facts(reading: Reading) -> Iterator[Computed]:
    """Yield the facts under the policy that suits the stream; alerts follow that one alone."""
    if not reading.preferred:
        return
    log, policy = reading.log, reading.policy
    collect = log.engine.collect
    finished = finished_in(reading.windows, from_us=0, until_us=log.as_of_us + 1)
    opened, leaving = collect(open_items(log, reading.windows)), collect(age_at_leaving(log, policy, finished))
    age = summarise_work_item_age(log, opened, leaving)
    idle = stalled_items(
        log, windows_of(log, policy, items=reading.windows), after_days=0, most_items=_ALL
    )  # from no day at all on: every open item, with how long nothing has happened to it
    days = idle.items.select("state", days=pl.col("idle_days").floor().cast(pl.Int64)).drop_nulls()
    facts = AlertFacts(
        load=dict(age.by_state.group_by("state").agg(pl.col("open").sum()).sort("state").iter_rows()),
        late=tuple(sorted(age.items.filter(pl.col("pace") == "beyond_p85")["item"])),
        idle=tuple(
            Idle(state=state, days=day, items=n)
            for state, day, n in days.group_by("state", "days").len().sort("state", "days").iter_rows()
        ),
        people=reading.people,
    )
    yield Computed(
        kind="alerts",
        policy=policy,
        period="",
        preferred=True,
        payload=FACTS.dump_python(facts, mode="json"),
        definitions=(AGEING, STALLED),
        as_of=reading.as_of,
    )
