"""How much the lake holds under each of some names, and what they would be together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from pegel.eventlog.schema import from_us
from pegel.lake.shared_ids import shared_ids
from pegel.lake.store import Lake, open_lake
from pegel_web.flow.computing.versions import imports_of
from pegel_web.flow.contracts.projects import ProjectFacts

#: Answers kept in the process: one tries to and fro.
_KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """``each``: of every name; ``together``: of all; ``shared``: ids that cannot be told apart among them."""

    each: tuple[ProjectFacts, ...]
    together: ProjectFacts
    shared: tuple[str, ...]


def weigh(lake: Lake, names: Sequence[str]) -> Weighed:
    """Return what the lake holds under some names; of a name that it does not know: nothing."""
    return _weighed(lake.root, tuple(imports_of(lake)), tuple(names))


@lru_cache(maxsize=_KEPT)
def _weighed(root: Path, imports: tuple[str, ...], names: tuple[str, ...]) -> Weighed:
    del imports  # only tells whether the lake has changed
    lake = open_lake(root)
    mine = lake.items().filter(pl.col("stream").is_in(list(names))).select("item_no", "stream")
    changed = lake.records("transitions").group_by("item_no").len("transitions")
    counted = (
        mine.join(changed, on="item_no", how="left")
        .group_by("stream")
        .agg(items=pl.len(), transitions=pl.col("transitions").sum())
        .collect()
    )
    rows = {row["stream"]: row for row in counted.iter_rows(named=True)}
    state = lake.prepared()
    each = []
    for name in names:
        row = rows.get(name, {"items": 0, "transitions": 0})
        each.append(_facts(name, row["items"], row["transitions"], state.span_us([name])))
    together = _facts(
        "", sum(one.items for one in each), sum(one.transitions for one in each), state.span_us(list(names))
    )
    return Weighed(each=tuple(each), together=together, shared=tuple(shared_ids(lake, names)))


def _facts(name: str, items: int, transitions: int, span: tuple[int, int] | None) -> ProjectFacts:
    return ProjectFacts(
        lake_name=name,
        items=items,
        transitions=transitions,
        first_at=None if span is None else from_us(span[0]),
        last_at=None if span is None else from_us(span[1]),
    )
