"""The seam between metric code and the engine that runs it.

Metrics are written against narwhals, which compiles them to the own lazy expressions of an engine: Polars on one
machine; the same expressions run on Spark data frames. Only this file and the lake name an engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import narwhals as nw
import polars as pl


class Engine(Protocol):
    """What metric code needs beyond expressions: small tables in the engine's form, and results."""

    def table(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, nw.dtypes.DType]) -> nw.LazyFrame[Any]:
        """Return a small table as a lazy frame of this engine."""
        ...

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a lazy frame and return its rows in memory."""
        ...

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Run a lazy frame once, so that several metrics can read the result."""
        ...


class Embedded:
    """The embedded engine: Polars, streaming, in this process."""

    def table(self, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, nw.dtypes.DType]) -> nw.LazyFrame[Any]:
        """Return a small table as a lazy frame."""
        return nw.from_dict(dict(columns), schema=dict(schema), backend="polars").lazy()

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Run a lazy frame with the streaming engine, which holds groups, not rows, in memory."""
        native: pl.LazyFrame = frame.to_native()
        return native.collect(engine="streaming")

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Run a lazy frame once and hand out its rows again."""
        return nw.from_native(self.collect(frame).lazy())
