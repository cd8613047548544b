"""How strong must the evidence be at a look, if one looks several times? (bounds for |z|)

Question
    Which |z| may end a study at a look, so that all looks together raise a false alarm in at most 1 − level of cases?
Definition
    Looks happen at information fractions t (units seen ÷ units planned). A rule says how much of α may be used up by t:
    ``obrien_fleming`` 4 − 4 Φ(z(1 − α/4) / √t), hardly anything early; ``pocock`` α ln(1 + (e − 1) t), much the same at
    every look. The bound of a look uses up what the rule adds since the look before, given that no earlier look ended
    the study (two-sided, symmetric). ``confidence_sequence``: the bound of the normal mixture, for any number of looks
    at any time, lowest at t = 1.
Source
    Lan & DeMets, Biometrika 70 (1983), and ``sequential.py`` for the mixture; the recursion of Armitage, McPherson &
    Rowe, JRSS A 132 (1969). Reproduces published bounds (tests/pegel/impact/test_sequential.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from pegel.errors import UserError

Rule = Literal["obrien_fleming", "pocock", "confidence_sequence"]
RULES = ("obrien_fleming", "pocock", "confidence_sequence")
MOST_LOOKS = 366
#: Chances below this are not told from none; the look then cannot end the study.
_LEAST = 1e-14
_WIDEST = 8.5


def spent(information: float, *, rule: Rule, alpha: float) -> float:
    """Return how much of α a spending rule has used up at an information fraction.

    >>> round(spent(1.0, rule="pocock", alpha=0.05), 12), round(spent(0.5, rule="obrien_fleming", alpha=0.05), 6)
    (0.05, 0.003051)
    """
    t = min(information, 1.0)
    if rule == "pocock":
        return float(alpha * np.log1p((np.e - 1) * t))
    return float(4 * stats.norm.sf(stats.norm.isf(alpha / 4) / np.sqrt(t)))


def bounds(
    information: Sequence[float], *, rule: Rule = "obrien_fleming", level: float = 0.95, final: bool = False
) -> pd.DataFrame:
    """Return [look, information, spent, added, bound]: a look whose |z| exceeds its bound may end the study.

    ``final``: the last of them is the last there will be, and uses up what is left, be the information 1 or not.
    ``bound`` is infinite where a look adds too little; ``spent`` and ``added`` are NaN for a confidence sequence.

    Raises
    ------
    UserError: ``impact_unknown_choice``, ``impact_level_out_of_range``, ``impact_information_not_ascending``,
        ``impact_too_many_looks``.

    >>> bounds([0.2, 0.4, 0.6, 0.8, 1.0])["bound"].round(3).tolist()
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    times = np.asarray(information, dtype=float)
    refuse_rule(rule, level)
    if not len(times) or not np.isfinite(times).all() or (np.diff(times, prepend=0.0) <= 0).any():
        raise UserError("impact_information_not_ascending", values=[float(one) for one in times[:5]])
    if len(times) > MOST_LOOKS:
        raise UserError("impact_too_many_looks", n=len(times), most=MOST_LOOKS)
    look = np.arange(1, len(times) + 1)
    if rule == "confidence_sequence":
        found = mixture_bound(times, level=level)
        return pd.DataFrame({"look": look, "information": times, "spent": np.nan, "added": np.nan, "bound": found})
    used = np.array([spent(t, rule=rule, alpha=1 - level) for t in times])
    if final:
        used[-1] = 1 - level
    added = np.diff(used, prepend=0.0)
    return pd.DataFrame(
        {"look": look, "information": times, "spent": used, "added": added, "bound": _by_recursion(times, added)}
    )


def refuse_rule(rule: str, level: float) -> None:
    """Raise ``impact_unknown_choice`` or ``impact_level_out_of_range``."""
    if rule not in RULES:
        raise UserError("impact_unknown_choice", name="rule", value=rule)
    if not 0.5 <= level < 1:
        raise UserError("impact_level_out_of_range", level=level)


def mixture_bound(information: np.ndarray, *, level: float) -> np.ndarray:
    """Return the bound on |z| that holds at all times at once: √(2 (x + 1) / x · ln(√(x + 1) / α)), x = ρ² n.

    ρ is chosen so that the bound is lowest at information 1.

    >>> mixture_bound(np.array([0.5, 1.0, 2.0]), level=0.95).round(3).tolist()
    [3.079, 3.035, 3.064]
    """
    alpha = 1 - level
    x = narrowest(alpha) * np.asarray(information, dtype=float)
    result: np.ndarray = np.sqrt(2 * (x + 1) / x * np.log(np.sqrt(x + 1) / alpha))
    return result


def narrowest(alpha: float) -> float:
    """Return x = ρ² n at which the mixture's bound is lowest: −W₋₁(−α² / e) − 1 (Lambert's W)."""
    return float(-special.lambertw(-(alpha**2) / np.e, k=-1).real - 1)


@lru_cache(maxsize=16)
def _quadrature(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(count)


def _by_recursion(times: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return bounds on |z|: S is Brownian motion at the looks, and its density that of paths not yet ended."""
    found = np.empty(len(times))
    nodes, mass = np.zeros(1), np.ones(1)
    before = 0.0
    for k, (now, chance) in enumerate(zip(times, added, strict=True)):
        step = np.sqrt(now - before)

        def beyond(c: float, nodes: np.ndarray = nodes, mass: np.ndarray = mass, step: float = step) -> float:
            return float(mass @ (stats.norm.sf((c - nodes) / step) + stats.norm.cdf((-c - nodes) / step)))

        far = _WIDEST * np.sqrt(now)
        if chance < _LEAST or beyond(far) >= chance:
            found[k], edge = np.inf, far
        else:
            edge = optimize.brentq(lambda c, wanted=chance, tail=beyond: tail(c) - wanted, 0.0, far, xtol=1e-12)
            found[k] = edge / np.sqrt(now)
        if k + 1 < len(times):
            # The density is smooth on the scale of a step; so many points per step are exact to eight digits.
            count = int(np.clip(np.ceil(5 * edge / min(step, np.sqrt(times[k + 1] - now))), 64, 2_000))
            at, weight = _quadrature(count)
            fresh = edge * at
            density = np.exp(-(((fresh[:, None] - nodes[None, :]) / step) ** 2) / 2) @ mass
            density /= step * np.sqrt(2 * np.pi)
            nodes, mass, before = fresh, edge * weight * density, now
    return found
