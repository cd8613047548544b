"""The planted company's event log as a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pegel.eventlog.batch import Batch, BatchBuilder, Category, SourceInfo
from pegel.eventlog.workflow import StateCategory
from pegel.worlds.company_source import Link
from pegel.worlds.life_records import add_events
from pegel.worlds.lives import Life
from pegel.worlds.planted_states import CATEGORIES

_BATCH_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedLog:
    """What is in the log beyond the lives of items.

    ``first_states``: what a transition says it came from, by (item, sequence), where that is not the state before.
    ``undated``: items whose creation is unknown. ``truncated``: how many histories the tool says are cut.
    ``until_us``: end of the world.
    """

    until_us: int
    links: Sequence[Link]
    first_states: Mapping[tuple[str, int], str]
    undated: frozenset[str]
    truncated: int


class PlantedSource:
    """EventSource of the planted company.

    An item and its first state are one source row; every further transition, field change and link is a row of its own.
    """

    def __init__(self, *, lives: Sequence[Life], log: PlantedLog) -> None:
        self._lives = lives
        self._log = log
        self._read = 0

    def batches(self) -> Iterator[Batch]:
        """Yield the log item by item, links at the end; a batch has some 10,000 rows."""
        builder = BatchBuilder()
        parents = {link.other: link.item for link in self._log.links if link.kind == "parent"}
        row = 0
        for number, life in enumerate(self._lives):
            self._read = number
            row = self._add(builder, row + 1, life, parents.get(life.item))
            if len(builder) >= _BATCH_ROWS:
                yield builder.take()
        for link in self._log.links:
            row += 1
            builder.link(row, link.item, kind=link.kind, other=link.other, at_us=link.at_us)
        if self._log.truncated:
            builder.warnings["history_truncated"] += self._log.truncated
        self._read = len(self._lives)
        yield builder.take()

    def info(self) -> SourceInfo:
        """Say what kind of log it is, and what the tool itself says about its states."""
        hints = {
            state: cast("Category", category.value)
            for state, category in CATEGORIES.items()
            if category is not StateCategory.UNMAPPED
        }
        return SourceInfo(source="world.planted", log_kind="states", state_hints=hints)

    def progress(self) -> float:
        """Share of the items that were read."""
        return self._read / len(self._lives) if self._lives else 1.0

    def _add(self, builder: BatchBuilder, row: int, life: Life, parent: str | None) -> int:
        builder.item(
            row,
            life.item,
            stream=life.stream_at(self._log.until_us),
            type=life.type_at(self._log.until_us),
            parent=parent,
            created_us=None if life.item in self._log.undated else life.entries[0].at_us,
        )
        return add_events(builder, row, life, first_states=self._log.first_states)
