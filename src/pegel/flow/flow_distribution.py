"""Flow distribution: what kinds of work get finished?

Definition
    Share of each kind of work (feature, defect, risk, debt) in the items finished within the period.
Unit
    Share, 0 to 1; the shares of all kinds and of the unmapped types add up to 1.
Clock
    An item counts with the type it had when it was finished (or today's, if the policy says so), in the period of its
    stop. Types that nobody has assigned to a kind are shown as ``unmapped``, by name.
Source
    Kersten, *Project to Product* (2018), ch. 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from pegel.flow.answer import Answer, Status

DEFINITION: Final = "flow_distribution/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDistribution(Answer):
    """``shares`` by kind, ``types`` by type name, ``n`` finished items. ``by_week``: [week_us, kind, finished]."""

    unit: str = "share"
    n: int = 0
    shares: dict[str, float]
    types: dict[str, int]
    unmapped_types: tuple[str, ...] = ()
    by_week: pl.DataFrame


def flow_distribution(velocity: pl.DataFrame) -> pl.DataFrame:
    """Return [stream, kind, type, week_us, finished] of a collected ``flow_velocity`` table: kinds are shares of it.

    >>> import polars as pl
    >>> velocity = pl.DataFrame({"stream": ["S"] * 2, "type": ["Bug", "Story"], "kind": ["defect", "feature"],
    ...                          "week_us": [0, 0], "finished": [2, 1]})
    >>> summary = summarise_flow_distribution(flow_distribution(velocity))
    >>> round(summary.shares["defect"], 3), summary.n
    (0.667, 3)
    """
    return velocity.select("stream", "kind", "type", "week_us", "finished")


def summarise_flow_distribution(table: pl.DataFrame) -> FlowDistribution:
    """Summarise a collected ``flow_distribution`` table."""
    finished = pl.col("finished").sum().cast(pl.Int64)
    named = table.with_columns(pl.col("kind").fill_null("unmapped"), pl.col("type").fill_null(""))
    by_week = named.group_by("week_us", "kind").agg(finished).sort("week_us", "kind")
    n = int(table["finished"].sum())
    types = {row[0]: row[1] for row in named.group_by("type").agg(finished).sort("type").iter_rows()}
    unmapped = tuple(sorted(named.filter(pl.col("kind") == "unmapped")["type"].unique().to_list()))
    if n == 0:
        return FlowDistribution(
            definition=DEFINITION,
            status=Status.NO_DATA,
            reason="nothing_finished",
            shares={},
            types={},
            by_week=by_week,
        )
    kinds = {row[0]: row[1] for row in named.group_by("kind").agg(finished).sort("kind").iter_rows()}
    configured = set(kinds) != {"unmapped"}
    return FlowDistribution(
        definition=DEFINITION,
        status=Status.VALUE if configured else Status.NOT_CONFIGURED,
        reason=None if configured else "no_kinds_mapped",
        n=n,
        shares={kind: count / n for kind, count in kinds.items()},
        types=types,
        unmapped_types=unmapped,
        by_week=by_week,
    )
