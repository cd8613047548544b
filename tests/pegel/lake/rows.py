"""A source made of a few rows, for tests of the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo


@dataclass
class RowSource:
    """Each row: (item, at_us, state). ``before_batch`` is called with the number of each batch before it is given."""

    rows: Sequence[tuple[str, int, str]]
    stream: str = "S"
    batch_rows: int = 1000
    actor: str | None = None
    changes: Sequence[tuple[str, int, str, str | None, str | None]] = ()
    before_batch: Callable[[int], None] = field(default=lambda number: None)

    def batches(self) -> Iterator[Batch]:
        for number, start in enumerate(range(0, max(1, len(self.rows)), self.batch_rows)):
            self.before_batch(number)
            builder = BatchBuilder()
            for row, (item, at_us, state) in enumerate(self.rows[start : start + self.batch_rows], start=start + 1):
                builder.item(row, item, stream=self.stream)
                builder.transition(row, item, at_us=at_us, sequence=row, to_state=state, actor=self.actor)
            if number == 0:
                for row, (item, at_us, name, before, after) in enumerate(self.changes, start=len(self.rows) + 1):
                    builder.field_change(
                        row, item, at_us=at_us, sequence=row, field=name, from_value=before, to_value=after
                    )
            yield builder.take()

    def info(self) -> SourceInfo:
        return SourceInfo(source="test", log_kind="states")

    def progress(self) -> float | None:
        return None
