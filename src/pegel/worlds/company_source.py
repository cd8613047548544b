"""The invented company's event log as a source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pegel.eventlog.batch import Batch, BatchBuilder, Category, SourceInfo
from pegel.worlds.life_records import add_events
from pegel.worlds.lives import Life
from pegel.worlds.plans import PLANS

_BATCH_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``item`` KIND ``other``, known since the creation of the later one."""

    item: str
    kind: str
    other: str
    at_us: int


class CompanySource:
    """EventSource of an invented company.

    An item and its first state are one source row; every further transition, field change and link is a row of its own.
    """

    def __init__(self, *, lives: Sequence[Life], links: Sequence[Link], until_us: int) -> None:
        self._lives = lives
        self._links = links
        self._until_us = until_us
        self._read = 0

    def batches(self) -> Iterator[Batch]:
        """Yield the log item by item, links at the end; a batch has some 10,000 rows."""
        builder = BatchBuilder()
        parents = {link.other: link.item for link in self._links if link.kind == "parent"}
        row = 0
        for number, life in enumerate(self._lives):
            self._read = number
            row = self._add(builder, row + 1, life, parents.get(life.item))
            if len(builder) >= _BATCH_ROWS:
                yield builder.take()
        for link in self._links:
            row += 1
            builder.link(row, link.item, kind=link.kind, other=link.other, at_us=link.at_us)
        self._read = len(self._lives)
        yield builder.take()

    def info(self) -> SourceInfo:
        """Say what kind of log it is, and what the tool itself says about its states."""
        return SourceInfo(source="world.company", log_kind="states", state_hints=_state_hints())

    def progress(self) -> float:
        """Share of the items that were read."""
        return self._read / len(self._lives) if self._lives else 1.0

    def _add(self, builder: BatchBuilder, row: int, life: Life, parent: str | None) -> int:
        stream = life.stream_at(self._until_us)
        departments = {plan.stream: plan.department for plan in PLANS}
        builder.item(
            row,
            life.item,
            stream=stream,
            type=life.type_at(self._until_us),
            parent=parent,
            created_us=life.entries[0].at_us,
            attributes=json.dumps({"department": departments[stream]}, ensure_ascii=False),
        )
        return add_events(builder, row, life)


def _state_hints() -> dict[str, Category]:
    """Category by state, as a tool's own status categories would say it."""
    hints = {step.state: cast("Category", step.category.value) for plan in PLANS for step in plan.steps}
    for plan in PLANS:
        hints[plan.done] = "done"
        if plan.archived:
            hints[plan.archived] = "done"
        hints[plan.cancelled_state] = "cancelled"
    return hints
