"""What a log says beside its states: read once, in the order of items and time, for all answers that ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw

from pegel.flow.log import FlowLog
from pegel.waits.evidence import Evidence, evidence_of
from pegel.waits.signals import FIELDS, HANDING, RANKING, lowered_pairs

_EMPTY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records beside the states of a log.

    ``evidence``: what there is to look at. ``changes``: per field of ``signals.FIELDS`` that has any: kept [item,
    at_us, sequence, before, after], the changes of an item together and in order; no value is an empty text.
    ``before``: what the change says, else what the change before it led to; ``sequence`` counts them: those of the same
    moment and sequence happened in the order in which they were recorded. ``comments``: kept [item, at_us] of
    comments without a transition of the item at the same moment.
    """

    evidence: Evidence
    changes: Mapping[str, nw.LazyFrame[Any]]
    comments: nw.LazyFrame[Any]

    def of(self, *fields: str) -> list[nw.LazyFrame[Any]]:
        """Return the changes of those fields that have any."""
        return [self.changes[field] for field in fields if field in self.changes]

    def hand_overs(self) -> nw.LazyFrame[Any]:
        """Return [item, at_us] of changes of assignee or team from one to another; a first assignment is none."""
        before, after = nw.col("before"), nw.col("after")
        changed = (before != _EMPTY) & (after != _EMPTY) & (before != after)
        return nw.concat([one.filter(changed).select("item", "at_us") for one in self.of(*HANDING)], how="vertical")

    def lowerings(self, log: FlowLog) -> nw.LazyFrame[Any]:
        """Return [item, at_us] at which priority or rank was lowered."""
        found = []
        for field in RANKING:
            for changed in self.of(field):
                pairs = log.engine.collect(changed.select("before", "after").unique())
                table = lowered_pairs(log, field, pairs)
                found.append(changed.join(table, on=["before", "after"], how="semi").select("item", "at_us"))
        return nw.concat(found, how="vertical")


def records_of(log: FlowLog) -> Records:
    """Read the records of a log that say something about waits and frictions."""
    found = evidence_of(log, calendar=False)
    keep = log.engine.keep
    changes: dict[str, nw.LazyFrame[Any]] = {}
    if found.fields & set(FIELDS):
        names = ("item", "at_us", "sequence", "field", "from_value", "to_value")
        coded = log.engine.coded(log.changes_of(*FIELDS).select(*names), "field", "from_value", "to_value")
        ordered = log.engine.ordered(coded, "item", "at_us", "sequence", count="sequence")
        changes = {field: keep(_with_before(log, ordered, field)) for field in FIELDS if field in found.fields}
    if "comment_count" in changes:
        comments = keep(_unmoved(log, changes["comment_count"].select("item", "at_us")))
    else:
        comments = log.engine.table({"item": [], "at_us": []}, {"item": nw.Int32(), "at_us": nw.Int64()})
    return Records(evidence=found, changes=changes, comments=comments)


def _with_before(log: FlowLog, ordered: nw.LazyFrame[Any], field: str) -> nw.LazyFrame[Any]:
    after = ordered.filter(nw.col("field") == field).with_columns(after=nw.col("to_value").fill_null(_EMPTY))
    previous = log.engine.following(after, {"earlier": ("after", -1)}, by="item", order_by=("at_us", "sequence"))
    return previous.select(
        "item",
        "at_us",
        "sequence",
        "after",
        before=nw.coalesce("from_value", "earlier").fill_null(_EMPTY),
    )


def _unmoved(log: FlowLog, written: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    # Comments are fewer than transitions: those are looked up in these, and not the other way round.
    moved = log.rows().select("item", at_us="entered_us").join(written, on=["item", "at_us"], how="semi")
    return written.join(moved, on=["item", "at_us"], how="anti")
