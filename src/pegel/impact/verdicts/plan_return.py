"""The return that a plan asks for: its ``return`` section, with the effect turned into units of the metric per item.

File form::

    return:
      period: year
      volume: [900, 1200, 1500]            # items in the period: least, most likely, largest; or one number
      realised_share: [0.3, 0.5, 0.8]
      value_unit: day
      value_per_unit: 120                  # money per unit of the metric and item
      cash_share: 0.1
      costs: {licences: {amount: 24000, provenance: billed}, tokens: 3000, enablement: 5000, review_rework: 0, dip: 0}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from pegel.errors import InputError
from pegel.impact.estimate import Estimate
from pegel.impact.money.net_return import NetReturn, net_return
from pegel.impact.money.return_inputs import Cost
from pegel.impact.money.uncertain import Range
from pegel.impact.verdicts.plan import MeasurementPlan

_KEYS: Final = (
    "period", "volume", "realised_share", "value_unit", "value_per_unit", "cash_share", "hours_per_unit", "currency",
    "costs",
)  # fmt: skip
_BOUNDS: Final = 3


def planned_return(plan: MeasurementPlan, primary: Estimate | None, baseline: float | None) -> NetReturn | None:
    """Return what the effect is worth; None where the plan asks for no return or there is no effect to value.

    Raises
    ------
    InputError: ``plan_invalid`` with the place; those of ``net_return``.
    """
    said = plan.net_return
    if said is None or primary is None:
        return None
    for key in said:
        if key not in _KEYS:
            raise InputError("plan_invalid", place=f"return.{str(key)[:100]}", detail=", ".join(_KEYS))
    for key in ("volume", "realised_share", "value_unit"):
        if said.get(key) is None:
            raise InputError("plan_invalid", place=f"return.{key}", detail="…")
    costs = said.get("costs") or {}
    if not isinstance(costs, dict):
        raise InputError("plan_invalid", place="return.costs", detail="licences: 24000")
    price = said.get("value_per_unit")
    return net_return(
        effect=_per_item(primary, plan.metric.scale, baseline),
        better=plan.metric.better,
        volume=_amount(said["volume"], "return.volume"),
        realised_share=_amount(said["realised_share"], "return.realised_share"),
        value_unit=str(said["value_unit"]),
        value_per_unit=None if price is None else _amount(price, "return.value_per_unit"),
        costs={str(name): _cost(body, f"return.costs.{name}") for name, body in costs.items()},
        cash_share=_amount(said.get("cash_share", 0.0), "return.cash_share"),
        hours_per_unit=None if said.get("hours_per_unit") is None else _number(said["hours_per_unit"], "return"),
        currency=str(said.get("currency", "EUR")),
        period=None if said.get("period") is None else str(said["period"]),
        seed=plan.seed,
    )


def _per_item(primary: Estimate, scale: str, baseline: float | None) -> Any:
    """Return the effect in units of the metric: relative ones are of the adopters' mean before they adopted."""
    if scale != "log":
        return primary
    if baseline is None or primary.effect is None or primary.interval is None or not primary.interval.bounded:
        return primary
    low, mid, high = (
        baseline * math.expm1(one) for one in (primary.interval.low, primary.effect, primary.interval.high)
    )
    return Range(low, min(max(mid, low), high), high, shape="pert")


def _amount(body: object, place: str) -> float | Range:
    if isinstance(body, list):
        if len(body) != _BOUNDS:
            raise InputError("plan_invalid", place=place, detail="[900, 1200, 1500]")
        low, mid, high = (_number(one, place) for one in body)
        return Range(low, mid, high)
    return _number(body, place)


def _cost(body: object, place: str) -> Cost:
    if body is None:
        return Cost(None)
    if isinstance(body, Mapping):
        amount = body.get("amount")
        provenance: Any = body.get("provenance", "given")
        return Cost(None if amount is None else _amount(amount, place), provenance)
    return Cost(_amount(body, place))


def _number(body: object, place: str) -> float:
    if isinstance(body, bool) or not isinstance(body, int | float) or not math.isfinite(body):
        raise InputError("plan_invalid", place=place, detail="1200, [900, 1200, 1500]")
    return float(body)
