"""Do two programs give the same five tables? Integers must be equal, quotients equal to twelve digits."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from polars.testing import assert_frame_equal

_KEYS = ("stream", "type", "kind", "week_us")
#: Means and interpolated percentiles are floating point; engines add up in different orders.
_RELATIVE = 1e-12


def difference(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> str | None:
    """Return how two programs' answers differ, or None."""
    if set(one) != set(other):
        return f"tables {sorted(one)} and {sorted(other)}"
    for name, table in one.items():
        try:
            assert_frame_equal(_plain(table), _plain(other[name]), rel_tol=_RELATIVE, abs_tol=0)
        except AssertionError as error:
            return f"{name}: {error}"
    return None


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    """One order of rows and columns, one width of integers."""
    keys = [name for name in _KEYS if name in table.columns]
    values = sorted(set(table.columns) - set(keys))
    return table.select(
        *(pl.col(name).cast(pl.Int64 if name == "week_us" else pl.String) for name in keys),
        *(pl.col(name).cast(pl.Float64 if table.schema[name].is_float() else pl.Int64) for name in values),
    ).sort(keys)
