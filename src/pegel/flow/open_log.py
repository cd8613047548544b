"""Ways to a FlowLog: from a lake, or from a few rows in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import narwhals as nw
import polars as pl

from pegel.errors import NotFoundError
from pegel.eventlog import schema
from pegel.eventlog.calendar import Calendar
from pegel.eventlog.calendar_time import WorkingTime
from pegel.eventlog.schema import OPEN_US
from pegel.eventlog.workflow import Workflow
from pegel.flow.log import CHANGES, LINKS, FlowLog, names_of
from pegel.flow.meanings import Meanings, Place
from pegel.lake import intervals, prepared
from pegel.lake.intervals import actor_code
from pegel.lake.prepared import Prepared


def log_of_prepared(
    state: Prepared,
    workflows: Mapping[str, Workflow],
    *,
    streams: Iterable[str] | None = None,
    types: Iterable[str] | None = None,
    items: pl.Series | None = None,
    joined: Mapping[str, str] | None = None,
    as_of_us: int | None = None,
    future_events: bool = False,
    calendar: Calendar | None = None,
    changes: pl.LazyFrame | None = None,
    links: pl.LazyFrame | None = None,
) -> FlowLog:
    """Return the log of prepared intervals.

    Parameters
    ----------
    state: what ``Lake.prepared`` returned. ``workflows``: mapping by stream.
    streams: only items that are, or were at some time, in these streams; None: all.
    types: only items that are of these types today ("": items without one); None: all. The last event of the streams
        stays what it is, whatever type it was of.
    items: only items of these numbers; None: all.
    joined: streams of the lake that are read as part of another: name in the lake → the name they are read by.
        ``streams`` are names that streams are read by.
    as_of_us: nothing after this moment is seen; None: the last event of these streams.
    future_events: the log contains events after its last import; they are not seen.
    calendar: durations are its working time; None: elapsed time.
    changes, links: what ``Lake.records`` returns for ``field_changes`` and ``links``; None: there are none.

    Raises
    ------
    NotFoundError: ``unknown_stream`` with the streams that exist.
    """
    chosen = None if streams is None else frozenset(streams)
    as_one = {} if joined is None else dict(joined)
    numbers = dict(state.places.select("stream", "stream_no").unique().iter_rows())
    frame, places = state.scan(), state.places
    if chosen is not None:
        for name in sorted(chosen):
            if numbers.keys().isdisjoint(names_of([name], as_one)):
                raise NotFoundError("unknown_stream", name=name, known=sorted(numbers))
        mine = [numbers[name] for name in sorted(names_of(chosen, as_one)) if name in numbers]
        # The rest of a large lake is not looked at: neither its rows nor what its thousands of places mean.
        visited = frame.filter("split").select("place").unique().collect(engine="streaming")["place"]
        places = places.filter(pl.col("stream_no").is_in(mine) | pl.col("place").is_in(visited.implode()))
        frame = frame.filter(pl.col("home").is_in(mine) | pl.col("split"))
        if changes is not None:
            # What another stream's tool records says nothing about what this one's could have recorded.
            changes = changes.join(frame.select(item_no="item").unique(), on="item_no", how="semi")
    if types is not None:
        frame = _of_types(frame, places, types)
    if items is not None:
        frame = frame.filter(pl.col("item").is_in(items.implode()))
    if changes is not None and (types is not None or items is not None):
        changes = changes.join(frame.select(item_no="item").unique(), on="item_no", how="semi")
    first, latest = state.span_us(None if chosen is None else names_of(chosen, as_one)) or state.span_us() or (0, 0)
    end = latest if as_of_us is None else as_of_us
    meanings, replaced = Meanings(places_in(places), workflows, as_one).in_one()
    if replaced:
        frame = frame.with_columns(pl.col("place").replace(replaced))
    return FlowLog(
        intervals=nw.from_native(frame),
        meanings=meanings,
        as_of_us=end,
        # Another stream may have seen later events: only the log of everything, seen from its end, needs no cut.
        cut=future_events or end < (state.latest_us or 0),
        streams=chosen,
        joined=as_one,
        working=None if calendar is None else clock(calendar, first, end),
        **_side_tables(changes, links),
    )


def _of_types(frame: pl.LazyFrame, places: pl.DataFrame, types: Iterable[str]) -> pl.LazyFrame:
    """Return the intervals of items that are of these types today, in the order in which they lie."""
    places_of = places.filter(pl.col("type").fill_null("").is_in(list(types)))["place"].implode()
    here, last = pl.col("place").is_in(places_of), pl.col("left_us") == OPEN_US
    # Most items are of one type all their life, so that each of their intervals shows it; the others are asked by name.
    changed = frame.filter(pl.col("split") & last & here).select("item").unique().collect(engine="streaming")["item"]
    return frame.filter(pl.when("split").then(pl.col("item").is_in(changed.implode())).otherwise(here))


def log_of_rows(
    rows: Iterable[tuple[str, ...]],
    workflow: Workflow,
    *,
    as_of: str | None = None,
    calendar: Calendar | None = None,
    types: Mapping[str, str] | None = None,
    stream: str | Mapping[str, str] = "Example",
    changes: Iterable[tuple[str, str, str, str | None, str | None]] = (),
    links: Iterable[tuple[str, str, str]] = (),
) -> FlowLog:
    """Return a log of a few transitions (item, ISO time, state[, who did it]), for examples and notebooks.

    Times without offset are UTC. Items are numbered in the order in which they appear, from 1. ``stream``: one for all
    items, or by item (``workflow`` is that of every stream). ``changes``: (item, time, field, from, to); ``links``:
    (item, kind, other).
    """
    listed = list(rows)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(row[0] for row in listed), start=1)}
    transitions = pl.DataFrame(
        [
            {
                "item_no": numbers[item],
                "at_us": _moment(at),
                "sequence": order,
                "import_no": 1,
                "from_state": None,
                "to_state": state,
                "actor": _pseudonym(actor[0]) if actor else None,
            }
            for order, (item, at, state, *actor) in enumerate(listed)
        ],
        schema={
            "item_no": pl.Int32(),
            "at_us": pl.Int64(),
            "sequence": pl.Int64(),
            "import_no": pl.Int32(),
            "from_state": pl.String(),
            "to_state": pl.String(),
            "actor": pl.String(),
        },
    )
    items = pl.DataFrame(
        {
            "item_no": list(numbers.values()),
            "stream": [stream if isinstance(stream, str) else stream[name] for name in numbers],
            "type": [(types or {}).get(name) for name in numbers],
            "created_us": [None] * len(numbers),
        },
        schema={"item_no": pl.Int32(), "stream": pl.String(), "type": pl.String(), "created_us": pl.Int64()},
    )
    changed = pl.DataFrame(
        [
            (numbers[item], _moment(at), order, 1, name, before, after)
            for order, (item, at, name, before, after) in enumerate(changes)
        ],
        schema=intervals.CHANGES,
        orient="row",
    )
    linked = pl.DataFrame(
        [(numbers[item], kind, numbers[other], None) for item, kind, other in links],
        schema={"item_no": pl.Int32(), "kind": pl.String(), "other_no": pl.Int32(), "at_us": pl.Int64()},
        orient="row",
    )
    return log_of_frames(
        items,
        transitions,
        changed,
        dict.fromkeys(items["stream"], workflow),
        as_of_us=None if as_of is None else _moment(as_of),
        calendar=calendar,
        links=linked,
    )


def log_of_frames(
    items: pl.DataFrame,
    transitions: pl.DataFrame,
    changes: pl.DataFrame,
    workflows: Mapping[str, Workflow],
    *,
    as_of_us: int | None = None,
    calendar: Calendar | None = None,
    links: pl.DataFrame | None = None,
) -> FlowLog:
    """Return a log of tables in memory (shapes: ``pegel.lake.intervals.build``)."""
    places, coded = prepared.encode(intervals.build(items, transitions, changes), pl.DataFrame(schema=prepared.PLACES))
    latest: Any = max(
        (moment for moment in (transitions["at_us"].max(), changes["at_us"].max()) if moment is not None), default=0
    )
    end = int(latest) if as_of_us is None else as_of_us
    return FlowLog(
        intervals=nw.from_native(coded.lazy()),
        meanings=Meanings(places_in(places), workflows),
        as_of_us=end,
        cut=end < int(latest),
        working=None if calendar is None else clock(calendar, coded["entered_us"].min(), end),
        **_side_tables(changes.lazy(), None if links is None else links.lazy()),
    )


def _side_tables(changes: pl.LazyFrame | None, links: pl.LazyFrame | None) -> dict[str, Any]:
    found = {}
    if changes is not None:
        names = changes.collect_schema().names()
        actor = actor_code(pl.col("actor")) if "actor" in names else pl.lit(None, pl.Int64)
        coded = changes.with_columns(item=pl.col("item_no"), actor=actor)
        found["changes"] = nw.from_native(coded.select(pl.col(name).cast(kind) for name, kind in CHANGES.items()))
    if links is not None:
        coded = links.select("kind", "at_us", item="item_no", other="other_no")
        found["links"] = nw.from_native(coded.select(pl.col(name).cast(kind) for name, kind in LINKS.items()))
    return found


def _pseudonym(name: str) -> str:
    """Stand in for the pseudonyms of a lake, without a key: examples have no people."""
    return f"p-{sha256(name.encode()).hexdigest()[:16]}"


def places_in(table: pl.DataFrame) -> tuple[Place, ...]:
    """Return the rows of a table of places (``pegel.lake.prepared.PLACES``)."""
    return tuple(map(Place._make, table.select("place", "stream", "type", "state").iter_rows()))


def clock(calendar: Calendar, earliest_us: Any, end_us: int) -> WorkingTime:
    """Return the working clock of a calendar for a log: from its first moment (None: it has no rows) to its last."""
    first = end_us if earliest_us is None else min(earliest_us, end_us)
    return WorkingTime(calendar, first, end_us)


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return schema.to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
