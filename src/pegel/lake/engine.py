"""The seam between metric code and the engine that runs it.

Metrics are written against narwhals, which compiles them to the own lazy expressions of an engine: Polars on one
machine; the same expressions run on Spark data frames. Only this file and the lake name an engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import narwhals as nw
import polars as pl
import polars.selectors as cs

from pegel.lake import lookups, stretches


class Engine(Protocol):
    """What metric code needs beyond expressions: small tables in the engine's form, and results."""

    def __hash__(self) -> int:
        """Engines are told apart by identity, so that tables made for one can be kept."""
        ...

    def table(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, nw.dtypes.DType]) -> nw.LazyFrame[Any]:
        """Return a small table as a lazy frame of this engine; it may hold its strings as dictionary codes."""
        ...

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a lazy frame and return its rows in memory, strings as strings."""
        ...

    def following(
        self, frame: nw.LazyFrame[Any], columns: Mapping[str, tuple[str, int]], *, by: str, order_by: Sequence[str]
    ) -> nw.LazyFrame[Any]:
        """Add columns of later rows: ``{new: (column, steps)}``; null where the next rows are of another ``by``.

        Negative ``steps``: of earlier rows.

        The rows of one ``by`` lie together and in the order ``order_by`` already, as the lake keeps intervals; an
        engine that knows no order of rows sorts by it.
        """
        ...

    def ordered(self, frame: nw.LazyFrame[Any], *keys: str, count: str | None = None) -> nw.LazyFrame[Any]:
        """Run a lazy frame and put its rows in order; rows of equal keys keep theirs. ``count``: column to count in."""
        ...

    def looked_up(self, frame: nw.LazyFrame[Any], table: nw.LazyFrame[Any], *, on: str) -> nw.LazyFrame[Any]:
        """Add the columns of a table with one row per code ``on``, null where it has none; rows keep their order.

        Codes are integers without large gaps: an item's number, a place.
        """
        ...

    def latest(
        self,
        moments: nw.LazyFrame[Any],
        marks: nw.LazyFrame[Any],
        *,
        by: Sequence[str],
        at: str,
        mark: str,
        values: Sequence[str] = (),
        initial: Sequence[str] = (),
        strictly: bool = False,
    ) -> nw.LazyFrame[Any]:
        """Add ``mark`` to ``moments``: the latest with the same ``by`` at or before time ``at``; null: there is none.

        ``strictly``: before that time only. ``values``: add these columns of the latest mark instead; among marks of
        the same time that with the highest ``sequence``, then the last. ``initial``: columns of the first mark that say
        what held before it. Moments keep their order.
        """
        ...

    def earliest(
        self, moments: nw.LazyFrame[Any], marks: nw.LazyFrame[Any], *, by: Sequence[str], at: str, mark: str
    ) -> nw.LazyFrame[Any]:
        """Add ``mark`` to ``moments``: the earliest with the same ``by`` at or after time ``at``; null: none."""
        ...

    def united(self, spans: nw.LazyFrame[Any], *, by: Sequence[str], start: str, end: str) -> nw.LazyFrame[Any]:
        """Return [*by, start, end]: spans with the same ``by`` that overlap or touch are one."""
        ...

    def sequences(self, frame: nw.LazyFrame[Any], *, by: str, value: str) -> nw.LazyFrame[Any]:
        """Return [by, value]: one row per ``by`` with its values as a list, in the order of the rows.

        The rows of one ``by`` lie together and in order already, as for ``following``.
        """
        ...

    def coded(self, frame: nw.LazyFrame[Any], *columns: str) -> nw.LazyFrame[Any]:
        """Return the frame with texts as dictionary codes, where the engine has them: they compare like integers."""
        ...

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Run a lazy frame once, so that several metrics can read the result."""
        ...


class Embedded:
    """The embedded engine: Polars, streaming, in this process."""

    def table(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, nw.dtypes.DType]) -> nw.LazyFrame[Any]:
        """Return a small table as a lazy frame; strings are dictionary codes, which group and join like integers."""
        made = pl.DataFrame(dict(columns), schema={name: _native(kind) for name, kind in schema.items()})
        strings = [name for name, kind in made.schema.items() if kind == pl.String]
        coded = [pl.col(name).cast(pl.Enum(made[name].drop_nulls().unique().sort())) for name in strings]
        return nw.from_native(made.with_columns(coded).lazy())

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a lazy frame with the streaming engine, which holds groups, not rows, in memory."""
        return _as_strings(_run(frame))

    def following(
        self, frame: nw.LazyFrame[Any], columns: Mapping[str, tuple[str, int]], *, by: str, order_by: Sequence[str]
    ) -> nw.LazyFrame[Any]:
        """Add columns of later rows by shifting; ``order_by`` is the order in which the rows lie already."""
        native: pl.LazyFrame = frame.to_native()
        later = [
            pl.when(pl.col(by) == pl.col(by).shift(-steps)).then(pl.col(name).shift(-steps)).alias(new)
            for new, (name, steps) in columns.items()
        ]
        return nw.from_native(native.with_columns(later))

    def ordered(self, frame: nw.LazyFrame[Any], *keys: str, count: str | None = None) -> nw.LazyFrame[Any]:
        """Run a lazy frame and sort its rows, unless they are in order."""
        rows = lookups.in_order(_run(frame), *keys)
        if count is not None:
            rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(count))
        return nw.from_native(rows.lazy())

    def looked_up(self, frame: nw.LazyFrame[Any], table: nw.LazyFrame[Any], *, on: str) -> nw.LazyFrame[Any]:
        """Add the columns of a table with one row per code by reading them from an array.

        >>> engine = Embedded()
        >>> rows, table = (nw.from_native(pl.LazyFrame(one)) for one in ({"place": [0, 1]}, {"place": [0], "n": [7]}))
        >>> engine.collect(engine.looked_up(rows, table, on="place"))["n"].to_list()
        [7, None]
        """
        return nw.from_native(lookups.looked_up(frame.to_native(), _run(table), on))

    def latest(
        self,
        moments: nw.LazyFrame[Any],
        marks: nw.LazyFrame[Any],
        *,
        by: Sequence[str],
        at: str,
        mark: str,
        values: Sequence[str] = (),
        initial: Sequence[str] = (),
        strictly: bool = False,
    ) -> nw.LazyFrame[Any]:
        """Add the latest mark by halving; moments and marks are run for it.

        >>> engine = Embedded()
        >>> moments = nw.from_native(pl.LazyFrame({"item": [1, 1, 2], "at_us": [5, 1, 9]}))
        >>> marks = nw.from_native(pl.LazyFrame({"item": [1, 1], "from_us": [2, 5]}))
        >>> engine.collect(engine.latest(moments, marks, by=("item",), at="at_us", mark="from_us")).rows()
        [(1, 5, 5), (1, 1, None), (2, 9, None)]
        """
        found = lookups.with_latest(
            _run(moments),
            _run(marks),
            by=by,
            at=at,
            mark=mark,
            values=values or (mark,),
            initial=initial,
            strictly=strictly,
        )
        return nw.from_native(found.lazy())

    def earliest(
        self, moments: nw.LazyFrame[Any], marks: nw.LazyFrame[Any], *, by: Sequence[str], at: str, mark: str
    ) -> nw.LazyFrame[Any]:
        """Add the earliest mark by halving; moments and marks are run for it.

        >>> engine = Embedded()
        >>> moments = nw.from_native(pl.LazyFrame({"item": [1, 1, 2], "at_us": [5, 1, 9]}))
        >>> marks = nw.from_native(pl.LazyFrame({"item": [1, 1], "next_us": [2, 5]}))
        >>> engine.collect(engine.earliest(moments, marks, by=("item",), at="at_us", mark="next_us")).rows()
        [(1, 5, 5), (1, 1, 2), (2, 9, None)]
        """
        return nw.from_native(lookups.with_earliest(_run(moments), _run(marks), by=by, at=at, mark=mark).lazy())

    def united(self, spans: nw.LazyFrame[Any], *, by: Sequence[str], start: str, end: str) -> nw.LazyFrame[Any]:
        """Unite spans in memory; see ``pegel.lake.stretches``."""
        return nw.from_native(stretches.united(_run(spans), by=by, start=start, end=end).lazy())

    def sequences(self, frame: nw.LazyFrame[Any], *, by: str, value: str) -> nw.LazyFrame[Any]:
        """Return the values of each group as a list; a group keeps the order of its rows.

        >>> engine = Embedded()
        >>> rows = nw.from_native(pl.LazyFrame({"item": [1, 1, 2], "state": [5, 3, 5]}))
        >>> sorted(engine.collect(engine.sequences(rows, by="item", value="state")).rows())
        [(1, [5, 3]), (2, [5])]
        """
        native: pl.LazyFrame = frame.to_native()
        return nw.from_native(native.group_by(by).agg(pl.col(value)))

    def coded(self, frame: nw.LazyFrame[Any], *columns: str) -> nw.LazyFrame[Any]:
        """Return the frame with texts as categories."""
        native: pl.LazyFrame = frame.to_native()
        return nw.from_native(native.with_columns(pl.col(columns).cast(pl.Categorical)))

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Run a lazy frame once and hand out its rows again."""
        return nw.from_native(_run(frame).lazy())


def _run(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="streaming")


def _as_strings(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns((cs.enum() | cs.categorical()).cast(pl.String))


def _native(kind: nw.dtypes.DType) -> pl.DataType:
    return nw.Schema({"one": kind}).to_polars()["one"]
