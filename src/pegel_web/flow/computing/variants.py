"""The ways of the work, computed with a stream for every period."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl
from pydantic import TypeAdapter

from pegel.flow.variants import Variants, variant_key, variants, ways
from pegel.words.variants import MOST
from pegel_web.flow.computing.computed import Computed, Reading
from pegel_web.flow.computing.periods import PERIODS, bounds_us
from pegel_web.flow.contracts.variants import VariantContent, Way, WaysShown, WayState, WayStep

VARIANTS: Final[TypeAdapter[VariantContent]] = TypeAdapter(VariantContent)
#: Parts of the items, in percent, whose ways can be shown.
SHOWS: Final = (80, 95, 100)
#: Ways that are told one by one, the most frequent, and ways that are recognised again.
MOST_WAYS: Final = 200
MOST_KEYS: Final = 2_000


def variant_results(reading: Reading) -> Iterator[Computed]:
    """Yield the variants of each period."""
    for period in PERIODS:
        from_us, until_us = bounds_us(reading.log, period)
        found = variants(reading.log, reading.policy, reading.windows, from_us=from_us, until_us=until_us)
        content = variant_content(found, period, reading.policy.name, reading.people)
        yield Computed(
            kind="variants",
            policy=reading.policy,
            period=period,
            preferred=reading.preferred,
            payload={"content": VARIANTS.dump_python(content, mode="json")},
            definitions=(found.definition,),
            as_of=reading.as_of,
        )


def variant_content(found: Variants, period: str, policy: str, people: int | None) -> VariantContent:
    """Return the library's answer as it is kept."""
    returned = int(found.variants.filter(pl.col("returns") > 0)["items"].sum())
    return VariantContent(
        period=period,
        policy=policy,
        status=found.status.value,
        reason=found.reason,
        unit=found.unit,
        n=found.n,
        distinct=found.variants.height,
        returned=returned / found.n if found.n else 0.0,
        most=ways(found, MOST).variants,
        ways=tuple(
            Way(**{**row, "states": tuple(row["states"])}, key=variant_key(row["states"], cut=row["cut"]))
            for row in found.variants.head(MOST_WAYS).iter_rows(named=True)
        ),
        keys=tuple(
            variant_key(states, cut=cut)
            for states, cut in found.variants.head(MOST_KEYS).select("states", "cut").iter_rows()
        ),
        all_keys=found.variants.height <= MOST_KEYS,
        states=tuple(WayState(**row) for row in found.states.iter_rows(named=True)),
        shown=tuple(_shown(found, percent) for percent in SHOWS),
        no_waits=found.no_waits,
        people=people,
    )


def _shown(found: Variants, percent: int) -> WaysShown:
    drawn = ways(found, percent / 100)
    steps = tuple(WayStep(**row) for row in drawn.steps.iter_rows(named=True))
    return WaysShown(percent=percent, variants=drawn.variants, steps=steps)
