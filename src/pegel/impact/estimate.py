"""What every estimator answers with: an effect, how sure it is, what it rests on and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

Inference = Literal["auto", "permutation", "cluster", "analytic"]
#: Below so many units standard errors that rest on many units are too small (Conley & Taber 2011; docs/methods).
FEW_UNITS = 40
#: And below so many adopters: with 8 among 60 units they reject a true "no effect" in 9 to 14% of cases.
FEW_ADOPTERS = 20
LEVEL = 0.95
DRAWS = 2_000


class Interval(NamedTuple):
    """Bounds of an interval in units of the outcome; infinite where the data does not bound it."""

    low: float
    high: float

    @property
    def bounded(self) -> bool:
        """Tell whether both bounds are finite."""
        return abs(self.low) != float("inf") and abs(self.high) != float("inf")

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Caveat:
    """Something a reader must know before believing the estimate: a code, worded in ``pegel.words``, and its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """An effect with all that belongs to it. Effects, bounds and ``se`` are in units of the outcome column.

    Attributes
    ----------
    method, estimand: code of the estimator, and of what it averages over (``simple``, ``dynamic``, ...).
    effect: None where the data cannot say; then ``caveats`` say why.
    se: standard error; None where none is honest, with its code in ``se_reason`` (``permutation_has_no_se``).
    interval, level: bounds at that level; None where nothing can be said, infinite where the data does not bound them.
    p_value: two-sided, of no effect at all.
    inference: how interval and p-value came about (``permutation``, ``cluster``, ``analytic`` or an estimator's own).
    n: observations used; ``units``, ``adopters``, ``periods``: how many of them they come from.
    by_horizon: [horizon, effect, se, low, high, band_low, band_high, adopters]: periods since adoption; ``low`` and
        ``high`` hold point by point, the band for all horizons at once. Empty where an estimator has no horizons.
    diagnostics: figures of the estimator by name. caveats: what to know before believing it.
    assumptions: codes of what must hold for the effect to be that of the adoption.
    """

    method: str
    estimand: str
    outcome: str
    effect: float | None
    se: float | None
    se_reason: str | None
    interval: Interval | None
    level: float
    p_value: float | None
    inference: str
    n: int
    units: int
    adopters: int
    periods: int
    by_horizon: pd.DataFrame
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()
    assumptions: tuple[str, ...] = ()

    def has_caveat(self, code: str) -> bool:
        """Tell whether a caveat of that code stands beside the estimate."""
        return any(caveat.code == code for caveat in self.caveats)

    def summary(self, language: str = "en") -> str:
        """Return the estimate in a few sentences, German (``de``) or English (``en``)."""
        from pegel.words.impact import estimate_in_words  # noqa: PLC0415 - words stand above; only this face speaks

        return estimate_in_words(self, language)

    def chart(self, language: str = "en") -> Any:
        """Return the event study as an Altair chart; needs the extra ``report``."""
        from pegel.charts.event_study import event_study_chart  # noqa: PLC0415 - charts stand above

        return event_study_chart(self, language)


HORIZON_COLUMNS = ("horizon", "effect", "se", "low", "high", "band_low", "band_high", "adopters")
