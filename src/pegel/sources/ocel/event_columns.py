"""Events of the items as columns of numbers, some 60 bytes each, until the last one is known: then they can be ordered.

The events of an object may stand anywhere in a file, and which state an item comes from is known only when they are in
order. So they are gathered first; names stand in a list and are numbers here.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
import polars as pl

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, Category, empty
from pegel.sources.activities import after


class EventColumns:
    """Gathers events, then gives the changes of state they make.

    >>> events = EventColumns()
    >>> events.add(3, "e1", at_us=10, activity="Pay", actor=None, items=[0], content="…")
    >>> events.add(4, "e2", at_us=10, activity="Ship", actor="Ann", items=[0, 1], content="…")
    >>> batch, = events.ordered().batches(["A", "B"], batch_rows=100)
    >>> batch.transitions.select("row", "item", "sequence", "from_state", "to_state").rows()
    [(3, 'A', 0, None, 'after Pay'), (4, 'A', 1, 'after Pay', 'after Ship'), (4, 'B', 0, None, 'after Ship')]
    """

    def __init__(self) -> None:
        self._rows = array("q")
        self._times = array("q")
        self._activities = array("q")
        self._actors = array("q")
        self._ids = array("q")
        self._contents = array("q")
        #: For each pair of an event and an item: the place of the event, the number of the item.
        self._pair_events = array("q")
        self._pair_items = array("q")
        self._names: dict[str, int] = {}
        self._people: dict[str | None, int] = {None: 0}

    def add(
        self,
        row: int,
        event: str | None,
        *,
        at_us: int,
        activity: str,
        actor: str | None,
        items: Sequence[int],
        content: Hashable,
    ) -> None:
        """Add one event with the numbers of its items; ``content``: what two events of the same id are compared by."""
        place = len(self._rows)
        self._rows.append(row)
        self._times.append(at_us)
        self._activities.append(self._names.setdefault(activity, len(self._names)))
        self._actors.append(self._people.setdefault(actor, len(self._people)))
        # An event without an id repeats no other.
        self._ids.append(hash(event) if event is not None else hash((row, place)))
        self._contents.append(hash(content))
        for item in items:
            self._pair_events.append(place)
            self._pair_items.append(item)

    def ordered(self) -> OrderedEvents:
        """Order what was gathered: by time, equal times by their place in the log."""
        events = pl.DataFrame(
            {
                "row": _series(self._rows),
                "at_us": _series(self._times),
                "activity": _series(self._activities),
                "actor": _series(self._actors),
                "id": _series(self._ids),
                "content": _series(self._contents),
            }
        )
        pairs = pl.DataFrame({"event": _series(self._pair_events), "item": _series(self._pair_items)})
        return OrderedEvents(events, pairs, tuple(self._names), tuple(self._people))


class OrderedEvents:
    """The changes of state of all items, in order.

    ``duplicate``: events that repeat one of the same id in all; ``repeated``: rows of other events with a known id.
    """

    def __init__(
        self,
        events: pl.DataFrame,
        pairs: pl.DataFrame,
        activities: Sequence[str],
        people: Sequence[str | None],
    ) -> None:
        self._states = pl.Series("to_state", [after(name) for name in activities], dtype=pl.String)
        self._people = pl.Series("actor", people, dtype=pl.String)
        events = events.with_row_index("event").with_columns(pl.col("event").cast(pl.Int64))
        events = events.sort("row").with_columns(
            first=pl.col("id").is_first_distinct(),
            same=pl.col("content") == pl.col("content").first().over("id"),
        )
        again = events.filter(~pl.col("first"))
        self.duplicate = again.filter("same").height
        self.repeated: list[int] = again.filter(~pl.col("same"))["row"].to_list()
        in_item = pl.col("item")
        self._moves = (
            pairs.join(events.filter("first").select("event", "row", "at_us", "activity", "actor"), on="event")
            .sort("item", "at_us", "row")
            .with_columns(
                before=pl.col("activity").shift(1).over(in_item),
                # The sequence counts events of equal time, so that a later export of the same log gives the same.
                sequence=pl.int_range(pl.len()).over("item", "at_us"),
            )
        )

    def first_times(self) -> dict[int, int]:
        """Time of the first event of each item that has one, by the number of the item."""
        firsts = self._moves.group_by("item").agg(pl.col("at_us").min())
        return dict(zip(firsts["item"].to_list(), firsts["at_us"].to_list(), strict=True))

    def hints(self) -> dict[str, Category]:
        """Category of every state that occurs: nobody knows whether work goes on after an activity."""
        found = self._moves["activity"].unique().sort().to_list()
        return dict.fromkeys((self._states[place] for place in found), "waiting")

    def batches(self, items: Sequence[str], *, batch_rows: int) -> Iterator[Batch]:
        """Yield the changes in order of time.

        All changes of one event, and all of one time, are in the same batch: the lake counts the rows of each batch,
        and tells equal events apart by counting them within it.
        """
        moves = self._moves.sort("at_us", "row", "item")
        names = pl.Series("item", items, dtype=pl.String)
        start = 0
        while start < moves.height:
            end = min(start + batch_rows, moves.height)
            last = moves["at_us"][end - 1]
            end = moves["at_us"].search_sorted(last, side="right")
            yield _batch(self._named(moves[start:end], names))
            start = end

    def _named(self, moves: pl.DataFrame, items: pl.Series) -> pl.DataFrame:
        columns = {
            "row": moves["row"],
            "item": items.gather(moves["item"]),
            "at_us": moves["at_us"],
            "sequence": moves["sequence"],
            "from_state": self._states.gather(moves["before"]),
            "to_state": self._states.gather(moves["activity"]),
            "actor": self._people.gather(moves["actor"]),
        }
        return pl.DataFrame([column.alias(name).cast(schema.TRANSITIONS[name]) for name, column in columns.items()])


def _batch(transitions: pl.DataFrame) -> Batch:
    return Batch(
        items=empty("items"),
        transitions=transitions,
        field_changes=empty("field_changes"),
        links=empty("links"),
        rejects=empty("rejects"),
    )


def _series(numbers: array[int]) -> pl.Series:
    return pl.Series(np.frombuffer(numbers, dtype=np.int64) if numbers else [], dtype=pl.Int64)
