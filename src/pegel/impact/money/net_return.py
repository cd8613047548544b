"""What is the effect worth in money, after all costs, and how sure is that? (Monte Carlo, net amount first)

Question
    How much money is left of the effect in a period, and what would have to be true for nothing to be left?
Definition
    net = gain × volume × realised share × value per unit − (licences + tokens + enablement + review and rework + dip)

    gain: the effect per item in units of value (hours, incidents, …), positive if better. Realised share: how much of
    what is freed is put to use; a loss counts in full. The dip: what was lost while people learned. All are drawn
    together; said are the 5, 50 and 95% points of the *net amount* and the chance that it is positive. The ratio
    net ÷ costs stands beside: it explodes where costs are near zero.
Kept apart
    ``cash_saved`` (the share of the value that really leaves the books) and ``capacity_freed`` (hours and their value;
    nobody's salary fell). ``net_cash`` counts only the first.
Refused
    Lines of code, commits, story points and the like as units of value: they measure activity.
Not configured
    A price or cost that is missing is not 0: then there is no net amount, and ``missing`` names what lacks.
Source
    Raiffa & Schlaifer 1961 (break-even as decision value); Eschenbach, *Spiderplots versus tornado diagrams*,
    Interfaces 22 (1992); costs as in DORA's model (``dora_return.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from pegel.impact.estimate import Caveat, Estimate
from pegel.impact.money.return_inputs import (
    COSTS,
    Cost,
    Effect,
    amount_of,
    cost_table,
    effect_of,
    hours_of,
    refuse_inputs,
    share_of,
)
from pegel.impact.money.uncertain import Beta, Known, Range, Uncertain, draw_together

ASSUMPTIONS: Final = ("effect_lasts_the_period", "effect_is_average_of_volume", "value_per_unit_constant")
TORNADO_COLUMNS: Final = ("assumption", "low", "high", "net_low", "net_high")
#: Costs below this share of the value make the ratio jump with every cent.
_NEAR_ZERO = 0.05


class Quantiles(NamedTuple):
    """5, 50 and 95% points."""

    low: float
    median: float
    high: float


class Capacity(NamedTuple):
    """Time that was freed and not turned into cash: hours (None: not configured) and what it is valued at."""

    hours: Quantiles | None
    value: Quantiles | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetReturn:
    """The return of a period in money.

    Attributes
    ----------
    status: ``value``, ``not_configured`` (``missing`` names prices and costs), ``no_data`` (the effect is unknown) or
        ``undefined`` (the effect is unbounded); ``reason`` is a code. Then ``net`` is None; what can be said is said.
    net, p_positive: 5, 50, 95% of value less costs, and the chance that it is positive. net_cash, p_positive_cash: the
        same with the cash part of the value only.
    value, cost; capacity_freed, cash_saved: parts of the value. break_even: the effect at which nothing is left, in
        units of the effect, all else in the middle. ratio: net ÷ costs; None without costs.
    tornado: [assumption, low, high, net_low, net_high], widest swing first: the net amount with one assumption at its
        5 and 95% point. costs: [cost, low, mid, high, provenance]; provenance
        ``given``, ``billed`` or ``not_configured``.
    """

    status: str
    reason: str | None
    missing: tuple[str, ...]
    currency: str
    period: str | None
    value_unit: str
    net: Quantiles | None = None
    p_positive: float | None = None
    net_cash: Quantiles | None = None
    p_positive_cash: float | None = None
    value: Quantiles | None = None
    cost: Quantiles | None = None
    capacity_freed: Capacity = field(default_factory=lambda: Capacity(None, None))
    cash_saved: Quantiles | None = None
    break_even: float | None = None
    ratio: Quantiles | None = None
    tornado: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TORNADO_COLUMNS)))
    costs: pd.DataFrame = field(default_factory=pd.DataFrame)
    draws: int = 0
    seed: int = 0
    caveats: tuple[Caveat, ...] = ()
    assumptions: tuple[str, ...] = ASSUMPTIONS

    def summary(self, language: str = "en") -> str:
        """Return the answer in a few sentences, German (``de``) or English (``en``)."""
        from pegel.words.net_return import net_return_in_words  # noqa: PLC0415 - words stand above

        return net_return_in_words(self, language)


def net_return(
    *,
    effect: Effect,
    better: Literal["lower", "higher"],
    volume: float | Range,
    realised_share: float | Range | Beta,
    value_unit: str,
    value_per_unit: float | Range | None,
    costs: Mapping[str, Cost],
    cash_share: float | Range | Beta = 0.0,
    hours_per_unit: float | None = None,
    currency: str = "EUR",
    period: str | None = None,
    correlations: Mapping[tuple[str, str], float] | None = None,
    draws: int = 20_000,
    seed: int = 0,
) -> NetReturn:
    """Return what the effect is worth in a period, less what it cost.

    Parameters
    ----------
    effect: per item, in units of value: an Estimate, low / most likely / high, samples, or a number.
    better: whether a lower or a higher outcome is the better one. volume: items in the period.
    value_unit: what is valued, such as ``hour`` or ``incident``; ``hours_per_unit`` says how much time one is (1 for
        hours). cash_share: which part of the value leaves the books; the rest is capacity.
    costs: one Cost for each of ``COSTS``; 0 must be said.
    correlations: of (name, name) among effect, volume, realised_share, value_per_unit, cash_share and the costs.

    Raises
    ------
    UserError: ``impact_value_unit_is_activity``, ``impact_unknown_choice``, ``impact_amount_negative``,
        ``impact_share_out_of_range``, ``impact_range_not_ordered``, ``impact_samples_not_finite``,
        ``impact_billed_cost_is_a_range``, ``impact_correlations_impossible``, ``impact_draws_too_few``.
    """
    refuse_inputs(better, value_unit, costs, draws)
    listed = cost_table(costs)
    lacking = listed.loc[listed["mid"].isna(), "cost"].tolist()
    missing = (*(["value_per_unit"] if value_per_unit is None else []), *lacking)
    gain, reason = effect_of(effect)
    answer = NetReturn(
        status="no_data" if reason == "effect_unknown" else "undefined",
        reason=reason,
        missing=missing,
        currency=currency,
        period=period,
        value_unit=value_unit,
        costs=listed,
        draws=draws,
        seed=seed,
        caveats=_of_estimate(effect),
    )
    parts: dict[str, Uncertain] = {
        "effect": gain or Known(0.0),
        "volume": amount_of(volume, "volume"),
        "realised_share": share_of(realised_share, "realised_share"),
        "cash_share": share_of(cash_share, "cash_share"),
    }
    priced = {"value_per_unit": value_per_unit, **{name: one.amount for name, one in costs.items()}}
    parts |= {name: amount_of(amount, name) for name, amount in priced.items() if amount is not None}
    sign = 1.0 if better == "higher" else -1.0
    if gain is None:
        return answer if missing else replace(answer, break_even=_break_even(_middle(parts), sign))
    drawn = draw_together(parts, correlations=correlations or {}, draws=draws, seed=seed)
    answer = _with_value(answer, drawn, sign, hours_of(value_unit, hours_per_unit))
    if missing:
        return replace(answer, status="not_configured", reason="prices_missing")
    return _with_net(answer, parts, drawn, sign)


def _of_estimate(effect: Effect) -> tuple[Caveat, ...]:
    if isinstance(effect, Estimate) and effect.caveats:
        return (Caveat("effect_has_caveats", {"n": len(effect.caveats)}),)
    return ()


def _with_value(answer: NetReturn, drawn: Mapping[str, np.ndarray], sign: float, hours: float | None) -> NetReturn:
    """Add what is freed and what it is worth, as far as it is priced."""
    units, value, _ = _parts(drawn, sign)
    cash = drawn["cash_share"]
    freed = None if hours is None else _quantiles(units * hours * (1 - cash))
    if value is None:
        return replace(answer, capacity_freed=Capacity(freed, None))
    return replace(
        answer,
        value=_quantiles(value),
        capacity_freed=Capacity(freed, _quantiles(value * (1 - cash))),
        cash_saved=_quantiles(value * cash),
    )


def _with_net(
    answer: NetReturn, parts: Mapping[str, Uncertain], drawn: Mapping[str, np.ndarray], sign: float
) -> NetReturn:
    _, value, cost = _parts(drawn, sign)
    assert value is not None  # noqa: S101 - nothing is missing
    net, cash = value - cost, value * drawn["cash_share"] - cost
    ratio, unstable = _ratio(net, value, cost)
    middle = _middle(parts)
    return replace(
        answer,
        status="value",
        reason=None,
        net=_quantiles(net),
        p_positive=float((net > 0).mean()),
        net_cash=_quantiles(cash),
        p_positive_cash=float((cash > 0).mean()),
        cost=_quantiles(cost),
        break_even=_break_even(middle, sign),
        ratio=ratio,
        tornado=_tornado(parts, middle, sign),
        caveats=(*answer.caveats, *unstable),
    )


class _Parts(NamedTuple):
    """Realised units of value, their value (None: no price) and all costs."""

    units: np.ndarray
    value: np.ndarray | None
    cost: np.ndarray


def _parts(drawn: Mapping[str, np.ndarray], sign: float) -> _Parts:
    gain = sign * drawn["effect"] * drawn["volume"]
    # What is lost is lost in full; only what is freed has to be put to use first.
    units = np.where(gain > 0, gain * drawn["realised_share"], gain)
    value = units * drawn["value_per_unit"] if "value_per_unit" in drawn else None
    cost = sum((drawn[name] for name in COSTS if name in drawn), start=np.zeros(len(units)))
    return _Parts(units, value, cost)


def _net(at: Mapping[str, np.ndarray], sign: float) -> float:
    found = _parts(at, sign)
    return float((found.units * at["value_per_unit"] - found.cost)[0])


def _quantiles(values: np.ndarray) -> Quantiles:
    return Quantiles(*np.quantile(values, [0.05, 0.5, 0.95]).tolist())


def _middle(parts: Mapping[str, Uncertain]) -> dict[str, np.ndarray]:
    return {name: part.quantile(np.array([0.5])) for name, part in parts.items()}


def _break_even(middle: Mapping[str, np.ndarray], sign: float) -> float | None:
    per_effect = _parts({**middle, "effect": np.array([sign])}, sign)
    worth = float((per_effect.units * middle["value_per_unit"])[0])
    effect = sign * float(per_effect.cost[0]) / worth if worth > 0 else np.inf
    return effect if np.isfinite(effect) else None


def _ratio(net: np.ndarray, value: np.ndarray, cost: np.ndarray) -> tuple[Quantiles | None, list[Caveat]]:
    least = float(np.quantile(cost, 0.05))
    if cost.min() <= 0:
        return None, [Caveat("no_ratio_without_costs")]
    if least < _NEAR_ZERO * abs(float(np.median(value))):
        return _quantiles(net / cost), [Caveat("ratio_unstable", {"cost": least})]
    return _quantiles(net / cost), []


def _tornado(parts: Mapping[str, Uncertain], middle: Mapping[str, np.ndarray], sign: float) -> pd.DataFrame:
    rows = []
    for name, part in parts.items():
        low, high = part.quantile(np.array([0.05, 0.95])).tolist()
        if low < high and name != "cash_share":  # cash and capacity are both in the net amount
            nets = [_net({**middle, name: np.array([value])}, sign) for value in (low, high)]
            rows.append((name, low, high, *nets))
    rows.sort(key=lambda row: (-abs(row[4] - row[3]), row[0]))
    return pd.DataFrame(rows, columns=list(TORNADO_COLUMNS))
