"""Placebo roll-outs: adoption patterns laid on the organisation's own past, judged as real ones would be."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from pegel.errors import InputError, UserError
from pegel.impact.estimate import LEVEL
from pegel.impact.estimators import callaway_santanna
from pegel.impact.fit import CohortWeights, Fitter
from pegel.impact.panel import Panel
from pegel.impact.permutation import deal_dates, invert
from pegel.impact.planning.untreated_past import Past
from pegel.impact.time_axis import TimeAxis
from pegel.worlds.panels import ar1

ROLL_OUTS: Final = 400
_DEALS: Final = 499
_CELLS: Final = 4_000_000


class Trial(NamedTuple):
    """How placebo roll-outs are made and judged; see ``power``."""

    estimator: Fitter | None = None
    before: int = 1
    level: float = LEVEL
    power: float = 0.8
    draws: int = ROLL_OUTS
    seed: int = 0


class _Found(NamedTuple):
    """(2R,) from which size on an effect is found in each placebo roll-out, upwards and downwards; its estimates."""

    bounds: np.ndarray
    estimates: np.ndarray


class Tries:
    """Placebo roll-outs on one past. Plans are first treated periods counted from the window's beginning."""

    def __init__(self, past: Past, trial: Trial) -> None:
        self.past, self.trial = past, trial
        self._found: dict[tuple[bytes, int, int, bool], _Found] = {}

    def row(self, plan: np.ndarray, periods: int, extra: int, matters: float | None) -> dict[str, Any]:
        """Return the figures of one line of the curve, ``periods`` after the first adoption."""
        length = self.trial.before + periods
        adopters = int((plan < length).sum())
        bounds, basis = self._judged(plan, length, extra) if adopters else (np.array([np.nan]), "observed")
        mde = float(np.quantile(bounds, self.trial.power, method="higher"))
        return {
            "units_more": extra,
            "periods": periods,
            "units": len(plan) + extra,
            "adopters": adopters,
            "mde": mde,
            "share": mde / abs(self.past.baseline) if self.past.baseline else np.nan,
            "chance": float((bounds < matters).mean()) if matters and adopters else np.nan,
            "basis": basis,
        }

    def reason(self, plan: np.ndarray, periods: int) -> str:
        """Return why there is no finite MDE."""
        length = self.trial.before + periods
        if not (plan < length).any():
            return "nobody_adopts_yet"
        return "too_few_ways_to_deal" if self._weights(plan, length) else "no_controls_left"

    def false_alarms(self, plan: np.ndarray, periods: int) -> float:
        """Return the share of placebo roll-outs in which the test finds an effect where there is none."""
        bounds, _ = self._judged(plan, self.trial.before + periods, 0)
        return 2 * float((bounds < 0).mean())

    def _judged(self, plan: np.ndarray, length: int, extra: int) -> tuple[np.ndarray, str]:
        known = self.past.values.shape[1] // 2
        if not extra and length <= known:
            return self._bounds(plan, length, 0, True).bounds, "observed"
        bounds = self._bounds(plan, length, extra, False).bounds
        base = min(length, known)
        if base <= self.trial.before or not (plan < base).any():
            return bounds, "modelled"
        seen, made = (self._bounds(plan, base, 0, observed) for observed in (True, False))
        ratio = self._spread(seen) / (self._spread(made) or np.inf)
        return (bounds * ratio if ratio > 0 else bounds), "modelled"

    def _spread(self, found: _Found) -> float:
        """Return the MDE of placebo roll-outs, or their standard deviation where few units leave no finite one."""
        size = float(np.quantile(found.bounds, self.trial.power, method="higher"))
        return size if np.isfinite(size) else float(np.sqrt((found.estimates**2).mean()))

    def _bounds(self, plan: np.ndarray, length: int, extra: int, observed: bool) -> _Found:
        # Units are dealt at random anyway; sorted, equal plans give equal figures.
        starts = np.sort(np.concatenate([np.where(plan < length, plan, np.inf), np.full(extra, np.inf)]))
        key = (starts.tobytes(), length, extra, observed)
        if key not in self._found:
            self._found[key] = self._tried(starts, length, observed)
        return self._found[key]

    def _weights(self, starts: np.ndarray, length: int) -> CohortWeights | None:
        """Return the estimator's weights for a plan; None where it refuses the plan."""
        blank = Panel(
            values=np.zeros((len(starts), length)),
            cohort=np.where(starts < length, starts, np.inf),
            covariates=np.empty((len(starts), length, 0)),
            clusters=np.arange(len(starts)),
            units=tuple(range(len(starts))),
            axis=TimeAxis("count", 1, 1, length),
            outcome="",
        )
        try:
            found = (self.trial.estimator or callaway_santanna.fitter())(blank).weights
        except InputError:
            return None
        if found is None:
            raise UserError("impact_no_weights")
        return found

    def _tried(self, starts: np.ndarray, length: int, observed: bool) -> _Found:
        trial = self.trial
        found = self._weights(starts, length)
        if found is None:
            return _Found(np.full(2 * trial.draws, np.inf), np.full(trial.draws, np.nan))
        cohorts, weights = found.cohorts, found.weights[0]
        own = np.searchsorted(cohorts, starts)
        codes = own[deal_dates(starts, draws=_DEALS, seed=trial.seed).order]
        marked = (np.arange(length)[None, :] >= starts[:, None]).astype(float)
        slopes = _dealt((marked @ weights.T)[None], codes)[:, 0]
        step = max(1, _CELLS // marked.size)
        bounds, estimates = np.empty((2, trial.draws)), np.empty(trial.draws)
        for begin in range(0, trial.draws, step):
            random = np.random.default_rng([trial.seed, 2, begin])
            worlds = _worlds(self.past, len(starts), length, observed, min(step, trial.draws - begin), random)
            scores = worlds @ weights.T
            drawn = _dealt(scores, codes)
            for r, observed_effect in enumerate(_dealt(scores, own[None, :])[0], begin):
                low, high = invert(float(observed_effect), drawn[:, r - begin], slopes, level=trial.level)
                bounds[:, r], estimates[r] = (-low, high), observed_effect
        return _Found(bounds.ravel(), estimates)


def _dealt(scores: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return (P, R) sums over units of ``scores`` (R, n, C), each unit with the cohort of ``codes`` (P, n)."""
    total = np.zeros((len(codes), len(scores)))
    for c in range(scores.shape[2]):
        total += (codes == c).astype(float) @ scores[:, :, c].T
    return total


def _worlds(past: Past, units: int, length: int, observed: bool, count: int, random: np.random.Generator) -> np.ndarray:
    """Return (count, units, length) untreated outcomes: of the past, or of its noise with units beyond the known."""
    order = np.argsort(random.random((count, len(past.values))), axis=1)
    if observed:
        windows = np.lib.stride_tricks.sliding_window_view(past.values, length, axis=1)
        chosen: np.ndarray = windows[order, random.integers(0, windows.shape[1], (count, 1))]
        return chosen
    noise = past.noise
    lasting, passing, more = random.spawn(3)  # apart, so that a longer window begins like a shorter one
    extra = more.choice(noise.scales, (count, units - order.shape[1]))
    scales = np.concatenate([noise.scales[order], extra], axis=1)[:, :, None]
    made: np.ndarray = np.sqrt(noise.slow) * ar1(lasting, (count, units, length), persistence=noise.persistence)
    made += np.sqrt(noise.white) * ar1(passing, (count, units, length), persistence=0.0)
    made *= np.sqrt(scales)
    return made
