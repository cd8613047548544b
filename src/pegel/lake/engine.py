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

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Run a lazy frame once and hand out its rows again."""
        return nw.from_native(_run(frame).lazy())


def _run(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="streaming")


def _as_strings(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(cs.enum().cast(pl.String))


def _native(kind: nw.dtypes.DType) -> pl.DataType:
    return nw.Schema({"one": kind}).to_polars()["one"]
