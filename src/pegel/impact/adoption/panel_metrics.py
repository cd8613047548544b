"""How rows of outcomes become one value per unit and period: sums, averages, medians, ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.adoption.periods import Grain
from pegel.impact.estimate import Caveat

How = Literal["sum", "mean", "median", "ratio"]
#: Columns of a joined panel besides those of the metrics.
KEY_COLUMNS: Final = ("unit", "time", "cohort", "adopted_date", "dose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """How the rows of a unit and period become one value.

    Parameters
    ----------
    name: column of the panel; ``n_<name>`` beside it says how many rows (or how much of ``per``) are behind a value.
    column: what is summed or averaged; None: the number of rows. per: what a ``ratio`` divides by, or the weights of a
        ``mean``. zero_is_data: whether a period without rows is a true zero; only sums can be.

    Raises
    ------
    UserError: ``impact_unknown_choice``, ``impact_metric_incomplete``, ``impact_zero_is_no_average``,
        ``impact_metric_name``.
    """

    name: str
    zero_is_data: bool
    column: str | None = None
    how: How = "sum"
    per: str | None = None

    def __post_init__(self) -> None:
        if self.how not in get_args(How):
            raise UserError("impact_unknown_choice", name="how", value=self.how)
        if self.name in KEY_COLUMNS or not self.name:
            raise UserError("impact_metric_name", name=self.name)
        if self.how != "sum" and (self.column is None or (self.how == "ratio" and self.per is None)):
            raise UserError("impact_metric_incomplete", name=self.name, how=self.how)
        if self.zero_is_data and self.how != "sum":
            raise UserError("impact_zero_is_no_average", name=self.name, how=self.how)


def measured(metric: Metric, inside: pd.DataFrame, grain: Grain, caveats: list[Caveat]) -> tuple[pd.Series, pd.Series]:
    """Return the values of a metric, and how much is behind each, by unit and period.

    ``inside``: [unit, time, value <column>, ...]. ``grain``: what one row stands for.

    Raises
    ------
    InputError: ``impact_average_of_averages``.
    """
    keys = [inside["unit"], inside["time"]]
    if metric.column is None:
        counts = inside.groupby(["unit", "time"]).size().astype(float)
        return counts, counts
    value = inside[f"value {metric.column}"]
    weight = pd.Series(1.0, index=inside.index) if metric.per is None else inside[f"value {metric.per}"]
    usable = value.notna() & weight.notna() & (weight >= 0)
    if (~usable).any():
        caveats.append(Caveat("values_missing", {"name": metric.name, "n": int((~usable).sum())}))
    if metric.how == "sum":
        # One unknown part makes the sum unknown.
        sums = value.groupby(keys).sum(min_count=1)
        broken = (~usable).groupby(keys).any()
        return sums.mask(broken), usable.astype(float).groupby(keys).sum()
    crowded = inside[usable].groupby(["unit", "time"]).size().gt(1).any()
    if crowded and grain != "day" and (metric.how == "median" or (metric.how == "mean" and metric.per is None)):
        raise InputError("impact_average_of_averages", name=metric.name)
    value, weight = value[usable], weight[usable]
    keys = [inside.loc[usable, "unit"], inside.loc[usable, "time"]]
    if metric.how == "median":
        return value.groupby(keys).median(), value.groupby(keys).size().astype(float)
    total = (value if metric.how == "ratio" else value * weight).groupby(keys).sum()
    behind = weight.groupby(keys).sum()
    return total / behind.where(behind > 0), behind
