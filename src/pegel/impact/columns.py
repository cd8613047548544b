"""Columns of a data frame as the estimators of single items and units read them: numbers, yes or no, two groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError


def frame_with(data: Any, names: Sequence[str | None]) -> Any:
    """Return the data as a narwhals frame that has these columns and at least one row.

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_no_rows``.
    """
    frame = nw.from_native(data, eager_only=True)
    absent = [name for name in names if name is not None and name not in frame.columns]
    if absent:
        raise InputError("impact_column_missing", names=absent, found=list(frame.columns))
    if not len(frame):
        raise InputError("impact_no_rows")
    return frame


def numbers_of(column: Any, name: str) -> np.ndarray:
    """Return a column as floats, NaN where missing.

    Raises
    ------
    InputError: ``impact_not_numbers``, ``impact_infinite_values``.
    """
    if not column.dtype.is_numeric() and column.dtype != nw.Boolean:
        raise InputError("impact_not_numbers", name=name)
    numbers = np.asarray(column.cast(nw.Float64).to_numpy(), dtype=float)
    if np.isinf(numbers).any():
        raise InputError("impact_infinite_values", name=name, n=int(np.isinf(numbers).sum()))
    return numbers


def yes_or_no(column: Any, name: str) -> np.ndarray:
    """Return 1.0 for yes, 0.0 for no, NaN for missing.

    Raises
    ------
    InputError: ``impact_yes_or_no_unreadable``.
    """
    numeric = column.dtype.is_numeric() or column.dtype == nw.Boolean
    values = column.to_list()
    if not numeric and not all(is_missing(value) or isinstance(value, bool | np.bool_) for value in values):
        raise InputError("impact_yes_or_no_unreadable", name=name)
    numbers = np.array([np.nan if is_missing(value) else float(value) for value in values])
    if not np.isin(numbers[~np.isnan(numbers)], (0.0, 1.0)).all():
        raise InputError("impact_yes_or_no_unreadable", name=name)
    return numbers


def is_missing(value: Any) -> bool:
    """Tell whether a value is None, NaN, NaT or an empty text."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (np.ndim(value) == 0 and bool(pd.isna(value)))


def two_groups(values: list[Any], name: str, treated: Any) -> tuple[np.ndarray, tuple[str, str]]:
    """Return which rows are treated, and the names of (control, treated).

    Raises
    ------
    InputError: ``impact_groups_not_two``. UserError: ``impact_treated_group_unclear``.
    """
    distinct = _ordered(values)
    shown = [str(value) for value in distinct]
    if len(distinct) != 2:
        raise InputError("impact_groups_not_two", name=name, values=shown)
    if treated is None:
        numeric = all(isinstance(value, bool | int | float | np.number | np.bool_) for value in distinct)
        if not numeric or {float(value) for value in distinct} != {0.0, 1.0}:
            raise UserError("impact_treated_group_unclear", name=name, values=shown)
        treated = next(value for value in distinct if float(value) == 1.0)
    if treated not in distinct:
        raise UserError("impact_treated_group_unclear", name=name, values=shown)
    other = next(value for value in distinct if value != treated)
    return np.array([value == treated for value in values]), (str(other), str(treated))


def codes_of(values: list[Any]) -> np.ndarray:
    """Return codes in the order of the values' names, so that the order of rows does not matter."""
    order = {value: i for i, value in enumerate(_ordered(values))}
    return np.array([order[value] for value in values], dtype=np.int64)


def _ordered(values: list[Any]) -> list[Any]:
    return sorted(set(values), key=lambda value: (str(type(value)), str(value)))
