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

        The rows of one ``by`` lie together and in the order ``order_by`` already, as the lake keeps intervals; an
        engine that knows no order of rows sorts by it.
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
