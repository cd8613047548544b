"""One item's life as the lake holds it, in elapsed and in working time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import DELETED_STATE
from pegel.eventlog.workflow import Workflow
from pegel.flow.item_life import ItemLife, item_life, log_of_item
from pegel.lake.one_item import ItemRecord, item_record, present_places
from pegel.lake.store import Lake
from pegel.lake.workflows import workflows
from pegel.workbench import find_calendar, find_policy
from pegel_web.flow.computing.obstacles import ENDED
from pegel_web.flow.contracts.declared import Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An item at the other end of a link: its stream of today, and whether it is over."""

    stream: str
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """``elapsed``, ``working``: the same life by both clocks, stay by stay; ``working`` None: no calendar is declared.

    ``working_day_us``: length of a day of the figures, 24 hours or a working day. ``linked``: by id.
    """

    record: ItemRecord
    elapsed: ItemLife
    working: ItemLife | None
    working_day_us: int
    linked: Mapping[str, Linked]

    @property
    def told(self) -> ItemLife:
        """Return the life in the time that the stream's figures are in."""
        return self.elapsed if self.working is None else self.working


def life_of(lake: Lake, names: Collection[str], item: str, declared: Declared, chosen: str) -> Life | None:
    """Read one item and nothing else; None: it never was in the stream.

    ``names``: what the stream is called in the lake.
    ``chosen``: the policy that the stream's figures are computed with, beside those built in.

    Raises
    ------
    NotFoundError: ``unknown_item``.
    """
    record = item_record(lake, item)
    state = lake.prepared()
    places = state.places.filter(pl.col("place").is_in(record.intervals["place"].unique().implode()))
    span = state.span_us(names)
    if span is None or (record.stream not in names and set(names).isdisjoint(places["stream"])):
        return None
    meanings = workflows(lake)
    policies = {**BUILT_IN, chosen: find_policy(chosen, lake)}
    calendar = None if declared.calendar is None else find_calendar(declared.calendar, lake)
    elapsed = log_of_item(record, state, meanings, as_of_us=span[1])
    working = None
    day_us = elapsed.day_us
    if calendar is not None:
        log = log_of_item(record, state, meanings, as_of_us=span[1], calendar=calendar)
        working, day_us = item_life(log, policies.values()), log.day_us
    return Life(
        record=record,
        elapsed=item_life(elapsed, policies.values()),
        working=working,
        working_day_us=day_us,
        linked=_linked(lake, record, meanings),
    )


def _linked(lake: Lake, record: ItemRecord, meanings: Mapping[str, Workflow]) -> Mapping[str, Linked]:
    others = record.links["other"].unique()
    if not len(others):
        return {}
    state = lake.prepared()
    now = present_places(lake, others).join(
        state.places.select("place", "type", "state", here="stream"), on="place", how="left"
    )
    found = {}
    for row in now.iter_rows(named=True):
        workflow = meanings.get(row["here"])
        rule = None if workflow is None else workflow.rule(row["state"], type=row["type"])
        category = "deleted" if row["state"] == DELETED_STATE else None if rule is None else rule.category.value
        found[row["item"]] = Linked(stream=row["stream"], ended=category in ENDED)
    return found
