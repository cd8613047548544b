"""What a return in money is computed from: checked prices, costs, shares and the effect."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from pegel.errors import UserError
from pegel.impact.estimate import Estimate
from pegel.impact.money.uncertain import Beta, Known, Range, Samples, TwoSided, Uncertain

Provenance = Literal["given", "billed"]
Effect = Estimate | Range | float | Sequence[float] | np.ndarray
COSTS: Final = ("licences", "tokens", "enablement", "review_rework", "dip")
#: These measure activity; they grow by writing more, whether or not anybody is better off.
ACTIVITY: Final = frozenset(
    """
    line lines loc sloc kloc code_line code_lines line_of_code lines_of_code codezeile codezeilen zeile zeilen
    accepted_line accepted_lines commit commits story_point story_points storypoint storypoints point points sp
    pull_request pull_requests pr prs merge_request merge_requests suggestion suggestions accepted_suggestion
    accepted_suggestions acceptance acceptances prompt prompts token tokens
    """.split()  # noqa: SIM905 - a page of quotation marks says less
)
_HOURS: Final = ("hour", "hours", "stunde", "stunden", "h")


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost of the period. ``billed``: taken from an invoice, so a number; ``given``: said by somebody, or a range."""

    amount: float | Range | None
    provenance: Provenance = "given"

    def __post_init__(self) -> None:
        if self.provenance not in ("given", "billed"):
            raise UserError("impact_unknown_choice", name="provenance", value=self.provenance)
        if self.provenance == "billed" and isinstance(self.amount, Range):
            raise UserError("impact_billed_cost_is_a_range")


def refuse_inputs(better: str, value_unit: str, costs: Mapping[str, Cost], draws: int) -> None:
    """Raise what ``net_return`` refuses before anything is drawn."""
    if _plain(value_unit) in ACTIVITY or "lines_of_code" in _plain(value_unit):
        raise UserError("impact_value_unit_is_activity", unit=value_unit)
    if better not in ("lower", "higher"):
        raise UserError("impact_unknown_choice", name="better", value=better)
    for name in costs:
        if name not in COSTS:
            raise UserError("impact_unknown_choice", name="costs", value=name)
    if draws < 1_000:
        raise UserError("impact_draws_too_few", draws=draws, least=1_000)


def hours_of(value_unit: str, hours_per_unit: float | None) -> float | None:
    """Return how many hours one unit of value is; None: not configured."""
    if hours_per_unit is not None:
        return float(amount_of(hours_per_unit, "hours_per_unit").quantile(np.array([0.5]))[0])
    return 1.0 if _plain(value_unit) in _HOURS else None


def _plain(unit: str) -> str:
    return re.sub(r"[^a-zäöüß]+", "_", unit.strip().lower()).strip("_")


def effect_of(effect: Effect) -> tuple[Uncertain | None, str | None]:
    """Return the distribution of the effect, or the reason why there is none."""
    if isinstance(effect, Estimate):
        if effect.effect is None or not np.isfinite(effect.effect):
            return None, "effect_unknown"
        if effect.interval is None or not effect.interval.bounded:
            return None, "effect_unbounded"
        return TwoSided(effect.effect, effect.interval.low, effect.interval.high, effect.level), None
    if isinstance(effect, Range):
        return effect, None
    values = np.atleast_1d(np.asarray(effect, dtype=float))
    samples = Samples(values)
    return (Known(float(values[0])), None) if len(values) == 1 else (samples, None)


def amount_of(value: float | Range, name: str) -> Uncertain:
    """Return an amount that is not negative."""
    least = value.low if isinstance(value, Range) else float(value)
    if not (np.isfinite(least) and least >= 0):
        raise UserError("impact_amount_negative", name=name, value=least)
    return value if isinstance(value, Range) else Known(least)


def share_of(value: float | Range | Beta, name: str) -> Uncertain:
    """Return a share between 0 and 1."""
    if isinstance(value, Beta):
        return value
    low, high = (value.low, value.high) if isinstance(value, Range) else (float(value), float(value))
    if not 0 <= low <= high <= 1:
        raise UserError("impact_share_out_of_range", name=name, value=low if low < 0 else high)
    return value if isinstance(value, Range) else Known(low)


def cost_table(costs: Mapping[str, Cost]) -> pd.DataFrame:
    """Return [cost, low, mid, high, provenance]; NaN where nothing is known."""
    rows = []
    for name in COSTS:
        cost = costs.get(name, Cost(None))
        if cost.amount is None:
            rows.append((name, np.nan, np.nan, np.nan, "not_configured"))
            continue
        spread = amount_of(cost.amount, name).quantile(np.array([0.05, 0.5, 0.95]))
        rows.append((name, *spread.tolist(), cost.provenance))
    return pd.DataFrame(rows, columns=["cost", "low", "mid", "high", "provenance"])
