"""The first-year return as DORA's calculator computes it, for comparison with one's own figures.

Question
    What does the widely used model say, with its published numbers or with one's own?
Definition
    investment = (licence + further AI cost + training per user) × staff + infrastructure
               + staff × salary × dip × dip months ÷ 12
    value      = staff × salary × time saved                                                  (capacity, not cash)
               + (features then − now) × idea success rate × revenue impact × revenue
               + downtime now − downtime then,  downtime = deployments × failure rate × recovery hours × cost per hour
    benefit = value − investment; ROI = benefit ÷ investment; payback = investment ÷ value, in years.
Placeholders
    What is not said is taken from the published defaults (staff 500, salary 176,000 USD, dip 15% for 3 months, …), and
    ``placeholders`` names it: a figure that rests on them says nothing about anybody's organisation.
Source
    DORA, *ROI of AI-assisted Software Development* (2026.01), calculator at dora.dev/ai/roi/calculator: formulas and
    defaults as in ``svelte/roi-calculator/src/lib/calculations.js`` of github.com/dora-team/dora.dev, commit 4e7ea6f,
    and the results in its test, which tests/pegel/impact/test_dora_return.py reproduces.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from pegel.errors import UserError
from pegel.impact.estimate import Caveat, Estimate

_SHARES: Final = ("idea_success_rate", "failure_rate_now", "failure_rate_then", "dip")
_POSITIVE: Final = ("staff", "salary")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoraInputs:
    """Inputs of the model, with the published defaults. Amounts in one currency, rates as shares, times per year."""

    staff: float = 500
    salary: float = 176_000
    revenue: float = 100_000_000
    downtime_cost_per_hour: float = 100_000
    deployments_now: float = 50
    features_now: float = 50
    idea_success_rate: float = 0.33
    revenue_impact_per_feature: float = 0.005
    failure_rate_now: float = 0.05
    recovery_hours: float = 4
    time_saved: float = 0.125
    licence_per_user: float = 250
    further_ai_cost_per_user: float = 80
    infrastructure: float = 100_000
    training_per_user: float = 9_600
    deployments_then: float = 56
    features_then: float = 56
    failure_rate_then: float = 0.06
    dip: float = 0.15
    dip_months: float = 3

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            low = -1.0 if name == "time_saved" else 0.0
            high = 1.0 if name in _SHARES else np.inf
            if not (np.isfinite(value) and low <= value <= high) or (name in _POSITIVE and value == 0):
                raise UserError("impact_dora_input_out_of_range", name=name, value=value)


PUBLISHED: Final = DoraInputs()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoraReturn:
    """What the model says. ``roi`` is None without investment, ``payback_years`` without value.

    drivers: [driver, side, amount, cash]: every part with its sign, and whether it moves money. cash_benefit: the parts
    that do. placeholders: names of inputs that are the published default because nothing was said.
    """

    inputs: DoraInputs
    placeholders: tuple[str, ...]
    hard_costs: float
    dip_cost: float
    investment: float
    capacity: float
    feature_revenue: float
    downtime: float
    value: float
    benefit: float
    cash_benefit: float
    roi: float | None
    payback_years: float | None
    drivers: pd.DataFrame
    caveats: tuple[Caveat, ...]


def dora_return(**given: float) -> DoraReturn:
    """Return what DORA's model says; inputs by the names of ``DoraInputs``, the others are placeholders.

    Raises
    ------
    UserError: ``impact_unknown_choice``, ``impact_dora_input_out_of_range``.

    >>> found = dora_return()
    >>> round(found.investment), round(found.value), round(found.roi, 3), len(found.placeholders)
    (8365000, 11646000, 0.392, 20)
    """
    names = [one.name for one in fields(DoraInputs)]
    for name in given:
        if name not in names:
            raise UserError("impact_unknown_choice", name="inputs", value=name)
    i = DoraInputs(**given)
    hard = (i.licence_per_user + i.further_ai_cost_per_user + i.training_per_user) * i.staff + i.infrastructure
    dip = i.staff * i.salary * i.dip * i.dip_months / 12
    capacity = i.staff * i.salary * i.time_saved
    features = (i.features_then - i.features_now) * i.idea_success_rate * i.revenue_impact_per_feature * i.revenue
    now = i.deployments_now * i.failure_rate_now * i.recovery_hours * i.downtime_cost_per_hour
    then = i.deployments_then * i.failure_rate_then * i.recovery_hours * i.downtime_cost_per_hour
    investment, value = hard + dip, capacity + features + now - then
    placeholders = tuple(name for name in names if name not in given)
    rows = [
        ("hard_costs", "cost", hard, True),
        ("dip_cost", "cost", dip, False),
        ("capacity", "value", capacity, False),
        ("feature_revenue", "value", features, True),
        ("downtime", "value", now - then, True),
    ]
    caveats = []
    if value > 0 and capacity > 0:
        caveats.append(Caveat("capacity_is_not_cash", {"percent": min(round(100 * capacity / value), 100)}))
    if placeholders:
        caveats.append(Caveat("published_placeholders", {"n": len(placeholders), "names": list(placeholders)}))
    return DoraReturn(
        inputs=i,
        placeholders=placeholders,
        hard_costs=hard,
        dip_cost=dip,
        investment=investment,
        capacity=capacity,
        feature_revenue=features,
        downtime=now - then,
        value=value,
        benefit=value - investment,
        cash_benefit=features + now - then - hard,
        roi=(value - investment) / investment if investment else None,
        payback_years=investment / value if value > 0 else None,
        drivers=pd.DataFrame(rows, columns=["driver", "side", "amount", "cash"]),
        caveats=tuple(caveats),
    )


class Dip(NamedTuple):
    """The J-curve as measured: the share of output lost, and for how many months; 0 where nothing was lost."""

    share: float
    months: float


def dip_of(
    estimate: Estimate,
    *,
    baseline: float,
    better: Literal["lower", "higher"],
    months_per_period: float = 1.0,
    periods: int = 3,
) -> Dip | None:
    """Return the dip of the first periods after adoption, from an event study; None where it has none of them.

    ``baseline``: mean outcome before adoption. For an output (better is higher) the share lost is −effect ÷ baseline;
    for a time per item (better is lower) that grows by the share x, output falls by x ÷ (1 + x).

    Raises
    ------
    UserError: ``impact_unknown_choice``, ``impact_baseline_not_positive``.
    """
    if better not in ("lower", "higher"):
        raise UserError("impact_unknown_choice", name="better", value=better)
    if not (np.isfinite(baseline) and baseline > 0):
        raise UserError("impact_baseline_not_positive", value=baseline)
    table = estimate.by_horizon
    early = table[(table["horizon"] >= 0) & (table["horizon"] < periods) & table["effect"].notna()]
    if early.empty:
        return None
    change = float(early["effect"].mean()) / baseline
    lost = -change if better == "higher" else change / (1 + change)
    if lost <= 0:
        return Dip(0.0, 0.0)
    return Dip(min(lost, 1.0), len(early) * months_per_period)
