"""The product-limit estimate (Kaplan–Meier): the share still unfinished after a time, with unfinished work counted.

Definition
    S(t) = Π over the times tᵢ ≤ t with completions of (1 − dᵢ ÷ nᵢ); dᵢ completions at tᵢ, nᵢ items whose time is not
    below tᵢ. An item that is censored at tᵢ was still at risk then. Variance after Greenwood, interval on the scale
    log(−log S), so that it stays within 0 and 1.
Source
    Kaplan & Meier, *Nonparametric estimation from incomplete observations*, JASA 53 (1958) 457–481; Greenwood (1926);
    Kalbfleisch & Prentice, *The Statistical Analysis of Failure Time Data* (2nd ed. 2002), 1.4; percentile intervals:
    Brookmeyer & Crowley, Biometrics 38 (1982) 29–41.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

#: 97.5th percentile of the normal distribution: intervals are at 95%.
Z: Final = 1.959963984540054
#: Products of shares miss a bound such as 0.5 by rounding.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """Arrays over the distinct times, ascending: ``time``, ``at_risk``, ``finished``, ``censored``.

    ``unfinished`` = S(t) from that time on; ``error``: its standard error; ``lower``, ``upper``: 95% interval.
    """

    time: np.ndarray
    at_risk: np.ndarray
    finished: np.ndarray
    censored: np.ndarray
    unfinished: np.ndarray
    error: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def percentile(self, share: float) -> float | None:
        """Return the least time by which this share is finished; None where the data does not reach it.

        >>> import numpy as np
        >>> curve = product_limit(np.array([2, 4, 9]), np.array([1, 1, 0]), np.array([0, 0, 2]))
        >>> curve.percentile(0.5), curve.percentile(0.85)
        (4.0, None)
        """
        return self._first(self.unfinished, 1 - share)

    def interval(self, share: float) -> tuple[float | None, float | None]:
        """Return the 95% interval of a percentile; None where the data does not reach a bound."""
        return self._first(self.lower, 1 - share), self._first(self.upper, 1 - share)

    def unfinished_at(self, time: float) -> float:
        """Return S(t).

        >>> import numpy as np
        >>> product_limit(np.array([2, 4]), np.array([1, 1]), np.array([0, 0])).unfinished_at(3)
        0.5
        """
        index = int(np.searchsorted(self.time, time, side="right"))
        return float(self.unfinished[index - 1]) if index else 1.0

    def _first(self, curve: np.ndarray, bound: float) -> float | None:
        below = np.flatnonzero(curve <= bound + _ROUNDING)
        return float(self.time[below[0]]) if len(below) else None


def product_limit(time: np.ndarray, finished: np.ndarray, censored: np.ndarray) -> ProductLimit:
    """Return the estimate from counts per distinct time, ascending: completions and censored items.

    >>> import numpy as np
    >>> curve = product_limit(np.array([1, 3, 5]), np.array([1, 1, 0]), np.array([0, 1, 1]))
    >>> curve.at_risk.tolist(), [round(share, 3) for share in curve.unfinished.tolist()]  # 3/4, 3/4 · 2/3
    ([4, 3, 1], [0.75, 0.5, 0.5])
    """
    done, lost = finished.astype(np.int64), censored.astype(np.int64)
    at_risk = np.cumsum((done + lost)[::-1])[::-1]
    unfinished = np.cumprod(1 - done / np.maximum(at_risk, 1))
    left = at_risk - done
    # Where everybody at risk finishes, S is 0 and Greenwood's sum has no value; the error is 0 there by convention.
    terms = np.divide(done, at_risk * left.astype(np.float64), out=np.zeros(len(done)), where=left > 0)
    spread = np.cumsum(terms)
    inside = (unfinished > 0) & (unfinished < 1)
    error = unfinished * np.sqrt(spread)
    logs = np.log(np.where(inside, unfinished, 0.5))
    width = np.where(inside, Z * np.sqrt(spread) / np.abs(logs), 0.0)
    return ProductLimit(
        time=time.astype(np.float64),
        at_risk=at_risk,
        finished=done,
        censored=lost,
        unfinished=unfinished,
        error=np.where(unfinished > 0, error, 0.0),
        lower=np.where(inside, np.exp(logs * np.exp(np.minimum(width, 700.0))), unfinished),
        upper=np.where(inside, np.exp(logs * np.exp(-width)), unfinished),
    )
