"""What came unplanned, was changed or was cancelled in each quarter, and the items behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from pegel.quarters import cancelled_work, changed_work, unplanned_work
from pegel.quarters.review import quarter_reviews
from pegel.quarters.work import LISTED, QuarterList
from pegel_web.flow.computing.computed import Computed, KeptTable, Reading

PART: Final = "quarters"
DEFINITIONS: Final = (unplanned_work.DEFINITION, changed_work.DEFINITION, cancelled_work.DEFINITION)


def quarters(reading: Reading) -> Iterator[Computed | KeptTable]:
    """Yield the reviews of the latest quarters, under the policy that suits the stream only."""
    if not reading.preferred:
        return
    reviews = quarter_reviews(reading.log, reading.windows)
    yield Computed(
        kind="quarters",
        policy=reading.policy,
        period="",
        preferred=True,
        payload={
            "people": reading.people,
            "unit": reading.log.unit,
            "quarters": [
                {
                    "name": one.quarter.name,
                    "running": one.running,
                    "lists": {name: _counted(found) for name, found in one.lists.items()},
                }
                for one in reviews
            ],
        },
        definitions=DEFINITIONS,
        as_of=reading.as_of,
    )
    names = reading.lake.items().select(number=pl.col("item_no"), name=pl.col("item"), type=pl.col("type")).collect()
    tables = [
        found.items.with_columns(quarter=pl.lit(one.quarter.name), list=pl.lit(name))
        for one in reviews
        for name, found in one.lists.items()
    ]
    empty = pl.DataFrame(schema={**LISTED, "quarter": pl.String(), "list": pl.String()})
    table = (
        pl.concat([empty, *tables])
        .join(names, left_on="item", right_on="number", how="left")
        .select("quarter", "list", "type", "at_us", "started", "days", "what", item="name")
    )
    yield KeptTable(part=PART, policy=reading.policy, table=table)


def _counted(found: QuarterList) -> dict[str, Any]:
    return {
        "definition": found.definition,
        "status": found.status.value,
        "reason": found.reason,
        "n": found.n,
        "of": found.of,
        "days": found.days,
        "not_started": found.not_started,
    }
